# A unit test is one cmocka program of the name of its source:
#   UNIT_TESTS += %D%/arena
# It is linked with nflc's objects and libnflcore.a. When it needs more:
#   tests_unit_arena_LDADD = libnflflow.a $(UNIT_LIBS)
#   tests_unit_arena_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS =
UNIT_LIBS = libnflc.a libnflpaths.a libnflc.a libnflcore.a \
	$(CMOCKA_LIBS) $(PCAP_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(Z3_LIBS)
LDADD = $(UNIT_LIBS)

UNIT_TESTS += %D%/paths %D%/front
if HAVE_Z3
UNIT_TESTS += %D%/verify
else
EXTRA_DIST += %D%/verify.c
endif
UNIT_TESTS += %D%/settings %D%/toolchain %D%/cache

UNIT_TESTS += %D%/bucket
tests_unit_bucket_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_bucket_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/datagram
tests_unit_datagram_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_datagram_CPPFLAGS = $(RUNTIME_CPPFLAGS)
UNIT_TESTS += %D%/fragment
tests_unit_fragment_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_fragment_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/find
tests_unit_find_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_find_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/siphash %D%/session %D%/lifetime %D%/pool
tests_unit_siphash_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_siphash_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_session_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_session_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_lifetime_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_lifetime_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_pool_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_pool_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/meter %D%/sketch
tests_unit_sketch_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_sketch_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_meter_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_meter_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/queue
tests_unit_queue_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_queue_CPPFLAGS = $(RUNTIME_CPPFLAGS)
UNIT_TESTS += %D%/tab
tests_unit_tab_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_tab_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/rows
tests_unit_rows_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_rows_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/acl_text %D%/acl_index %D%/backend_text %D%/maglev
tests_unit_maglev_LDADD = libnflflow.a $(UNIT_LIBS)
tests_unit_acl_index_LDADD = libnfldpdk.a $(UNIT_LIBS) $(DPDK_LIBS)
tests_unit_acl_index_CPPFLAGS = $(RUNTIME_CPPFLAGS) $(DPDK_CFLAGS)

UNIT_TESTS += %D%/hellos %D%/requests
tests_unit_hellos_CPPFLAGS = -I$(srcdir)/stdlib/extern
tests_unit_requests_CPPFLAGS = -I$(srcdir)/stdlib/extern

if HAVE_HS
UNIT_TESTS += %D%/snort_text %D%/snort_match %D%/snort_http
check_LIBRARIES = libnflsnort.a
libnflsnort_a_SOURCES = stdlib/extern/snort.h \
	stdlib/extern/snort_buffers.c stdlib/extern/snort_check.c \
	stdlib/extern/snort_compile.c stdlib/extern/snort_flow.c \
	stdlib/extern/snort_header.c stdlib/extern/snort_http.c \
	stdlib/extern/snort_inflate.c \
	stdlib/extern/snort_inherit.c \
	stdlib/extern/snort_judge.c stdlib/extern/snort_match.c \
	stdlib/extern/snort_option.c stdlib/extern/snort_packet.c \
	stdlib/extern/snort_payload.c stdlib/extern/snort_rate.c \
	stdlib/extern/snort_read.h stdlib/extern/snort_rule.c \
	stdlib/extern/snort_run.h stdlib/extern/snort_set.c
libnflsnort_a_CPPFLAGS = $(AM_CPPFLAGS) $(HS_CFLAGS)
SNORT_LIBS = libnflsnort.a $(HS_LIBS) $(CMOCKA_LIBS)
tests_unit_snort_text_LDADD = $(SNORT_LIBS)
tests_unit_snort_match_LDADD = $(SNORT_LIBS)
tests_unit_snort_http_LDADD = $(SNORT_LIBS)
tests_unit_snort_text_CPPFLAGS = -I$(srcdir)/stdlib/extern $(HS_CFLAGS)
tests_unit_snort_match_CPPFLAGS = -I$(srcdir)/stdlib/extern $(HS_CFLAGS)
tests_unit_snort_http_CPPFLAGS = -I$(srcdir)/stdlib/extern $(HS_CFLAGS)
endif
EXTRA_DIST += %D%/snort_text.c %D%/snort_match.c %D%/snort_http.c \
	%D%/snort_bed.h

UNIT_TESTS += %D%/rule %D%/binding

UNIT_TESTS += %D%/interp_hash %D%/interp_packet

UNIT_TESTS += %D%/cw %D%/gen_bits %D%/gen_head
tests_unit_gen_bits_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_gen_head_CPPFLAGS = $(RUNTIME_CPPFLAGS)

UNIT_TESTS += %D%/capture %D%/options %D%/measure %D%/report %D%/host
tests_unit_host_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_report_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_unit_measure_CPPFLAGS = $(RUNTIME_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_capture_CPPFLAGS = $(RUNTIME_CPPFLAGS) $(PCAP_CFLAGS)
tests_unit_options_CPPFLAGS = $(RUNTIME_CPPFLAGS)

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
endif
