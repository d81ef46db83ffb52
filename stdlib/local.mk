# Everything below stdlib/ is installed to $(pkgdatadir)/stdlib, folders kept:
#   nobase_dist_pkgdata_DATA += %D%/hdr/tcp.nfl %D%/nf/x.c
# and C without DPDK is compiled into the runtime as well:
#   libnflflow_a_SOURCES += %D%/nf/x.c
