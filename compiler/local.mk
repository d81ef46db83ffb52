# nflc is main.c and libnflc.a, so that unit tests can link with the rest.
# Sources: libnflc_a_SOURCES += %D%/x.c %D%/x.h in the folder's local.mk.

dist_doc_DATA += %D%/LANGUAGE.md
bin_PROGRAMS += nflc
nflc_SOURCES = %D%/main.c %D%/pass.def %D%/unit.h
nflc_LDADD = libnflc.a libnflpaths.a libnflcore.a $(PCAP_LIBS) $(JANSSON_LIBS) \
	$(CRYPTO_LIBS) $(Z3_LIBS) -lm
dist_man_MANS = %D%/nflc.1

noinst_LIBRARIES += libnflc.a
libnflc_a_SOURCES = %D%/unit.h

include %D%/base/local.mk
include %D%/front/local.mk
include %D%/sema/local.mk
include %D%/ir/local.mk
include %D%/plan/local.mk
include %D%/emit/local.mk
include %D%/verify/local.mk
include %D%/llvm/local.mk
include %D%/interp/local.mk
include %D%/tool/local.mk
