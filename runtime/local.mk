# Four archives, which nflc links into the binaries it builds:
#   libnflcore.a  helpers that nflc's interpreter shares; no DPDK
#   libnflflow.a  sessions, microstacks, the stdlib's C; no DPDK
#   libnfldpdk.a  ports, workers, control: all that includes DPDK's headers
#   libnflheap.a  the test back end: no EAL, each packet a heap block
# Sources: libnflcore_a_SOURCES += %D%/x.c %D%/x.h in the folder's local.mk.

pkglib_LIBRARIES += libnflcore.a libnflflow.a libnfldpdk.a libnflheap.a

libnflcore_a_SOURCES =
libnflcore_a_CPPFLAGS = $(RUNTIME_CPPFLAGS) $(PCAP_CFLAGS) $(JANSSON_CFLAGS)
libnflcore_a_CFLAGS = $(AM_CFLAGS) $(NFL_MARCH)

libnflflow_a_SOURCES =
libnflflow_a_CPPFLAGS = $(RUNTIME_CPPFLAGS)
libnflflow_a_CFLAGS = $(AM_CFLAGS) $(NFL_MARCH)

libnfldpdk_a_SOURCES =
libnfldpdk_a_CPPFLAGS = $(RUNTIME_CPPFLAGS)
libnfldpdk_a_CFLAGS = -std=gnu11 $(NFL_WARN) $(DPDK_CFLAGS) $(NFL_MARCH)

libnflheap_a_SOURCES =
libnflheap_a_CPPFLAGS = $(RUNTIME_CPPFLAGS)
libnflheap_a_CFLAGS = $(AM_CFLAGS) $(NFL_MARCH)

include %D%/include/local.mk
include %D%/core/local.mk
include %D%/flow/local.mk
include %D%/ustack/local.mk
include %D%/io/local.mk
include %D%/ctl/local.mk
include %D%/heap/local.mk
