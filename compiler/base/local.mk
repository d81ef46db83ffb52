libnflc_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/codes.c %D%/codes.h \
	%D%/diag.c %D%/diag.h \
	%D%/list.h \
	%D%/mem.c %D%/mem.h \
	%D%/num.h \
	%D%/snippet.c %D%/snippet.h \
	%D%/source.c %D%/source.h \
	%D%/text.c %D%/text.h

# What codes.txt says, as tables in C.
EXTRA_DIST += %D%/codes.awk %D%/codes.txt
BUILT_SOURCES += %D%/codes.inc
CLEANFILES += %D%/codes.inc
%D%/codes.inc: %D%/codes.awk %D%/codes.txt
	$(AM_V_GEN)$(MKDIR_P) %D% && $(AWK) -f $(srcdir)/%D%/codes.awk \
		$(srcdir)/%D%/codes.txt >$@.tmp && mv $@.tmp $@
%D%/codes.$(OBJEXT): %D%/codes.inc
