# A unit test is one cmocka program of the name of its source:
#   UNIT_TESTS += %D%/arena
# It is linked with nflc's objects and libnflcore.a. When it needs more:
#   tests_unit_arena_LDADD = libnflflow.a $(UNIT_LIBS)
#   tests_unit_arena_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS =
UNIT_LIBS = libnflc.a libnflpaths.a libnflcore.a \
	$(CMOCKA_LIBS) $(PCAP_LIBS) $(JANSSON_LIBS)
LDADD = $(UNIT_LIBS)

UNIT_TESTS += %D%/paths
UNIT_TESTS += %D%/settings %D%/toolchain

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
