# Four archives, which nflc links into the binaries it builds:
#   libnflcore.a  helpers that nflc's interpreter shares; no DPDK
#   libnflflow.a  sessions, microstacks, the stdlib's C; no DPDK
#   libnfldpdk.a  ports, workers, control: all that includes DPDK's headers
#   libnflheap.a  the test back end: no EAL, each packet a heap block
# and libnfl.so, which is the first three of them in one, for those who compile
# what `nflc -S` prints by themselves: cc x.c $(pkg-config --cflags --libs nfl).
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
include %D%/sched/local.mk
include %D%/io/local.mk
include %D%/ctl/local.mk
include %D%/service/local.mk
include %D%/heap/local.mk

# Its number changes with NFL_MODULE_ABI when nflc gets one that others rely on.
# A program brings nfl_module, so that is undefined here.
shareddir = $(libdir)
pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = %D%/nfl.pc
EXTRA_DIST += %D%/nfl.pc.in
if !SANITIZE
shared_PROGRAMS = libnfl.so.0
libnfl_so_0_SOURCES = $(libnflcore_a_SOURCES) $(libnflflow_a_SOURCES) \
	$(libnfldpdk_a_SOURCES)
libnfl_so_0_CPPFLAGS = $(RUNTIME_CPPFLAGS) $(PCAP_CFLAGS) $(JANSSON_CFLAGS)
libnfl_so_0_CFLAGS = -std=gnu11 $(NFL_WARN) $(DPDK_CFLAGS) $(NFL_MARCH) -fPIC
libnfl_so_0_LDFLAGS = -shared -Wl,-soname,libnfl.so.0
libnfl_so_0_LDADD = $(DPDK_LIBS) $(PCAP_LIBS) $(JANSSON_LIBS)

install-exec-hook:
	cd "$(DESTDIR)$(libdir)" && rm -f libnfl.so && $(LN_S) libnfl.so.0 libnfl.so

uninstall-hook:
	rm -f "$(DESTDIR)$(libdir)/libnfl.so"
endif
