# nflc-llvm, the only program that is linked with LLVM, and what it makes of
# the runtime. libnflflow.bc is what libnflflow.a is, but for FLOW_APART, as
# bitcode for no CPU, so it is made anew whenever a source or a header was.
EXTRA_DIST += %D%/main.c %D%/llvm.h %D%/module.c %D%/cpu.c %D%/compile.c \
	%D%/effects.c

if HAVE_LLVM
pkglibexec_PROGRAMS += nflc-llvm
nflc_llvm_SOURCES = %D%/main.c %D%/llvm.h %D%/module.c %D%/cpu.c \
	%D%/compile.c %D%/effects.c
nflc_llvm_CPPFLAGS = $(AM_CPPFLAGS) $(LLVM_CPPFLAGS)
nflc_llvm_LDADD = $(LLVM_LIBS)

bitcode_DATA += libnflflow.bc libnfl.keep
CLEANFILES += libnflflow.bc libnfl.keep
endif

# Unoptimised: the optimiser sees it once, with the program.
BITCODE = $(NFL_CC) -std=gnu11 -O3 -gdwarf-4 $(NFL_MARCH) \
	-Xclang -disable-llvm-passes -emit-llvm -c

libnflflow.bc: libnflflow.a nflc-llvm$(EXEEXT) $(srcdir)/runtime/flow/local.mk
	$(AM_V_GEN)rm -rf $@.d && $(MKDIR_P) $@.d && \
	echo 'void base(void); void base(void) {}' | \
		$(BITCODE) -x c - -o $@.d/base && \
	all= && for f in $(libnflflow_a_SOURCES); do \
		case $$f in *.c) ;; *) continue ;; esac; \
		case " $(FLOW_APART) " in \
		*" `basename $$f .c` "*) continue ;; esac; \
		to=$@.d/`echo $$f | tr / -` && all="$$all $$to" && \
		$(BITCODE) $(DEFS) $(libnflflow_a_CPPFLAGS) $(CPPFLAGS) \
			-o $$to $(srcdir)/$$f || exit 1; \
	done && ./nflc-llvm join $@ $@.d/base $$all && rm -rf $@.d

# Whatever those refer to that stay machine code.
libnfl.keep: libnfldpdk.a libnflheap.a libnflcore.a libnflflow.bc
	$(AM_V_GEN)$(NM) -P libnfldpdk.a libnflheap.a libnflcore.a \
		$(FLOW_APART:%=runtime/flow/libnflflow_a-%.$(OBJEXT)) >$@.tmp && \
	$(SED) -n 's/ U.*//p' $@.tmp | sort -u >$@ && rm $@.tmp
