# libnflcore_a_SOURCES += %D%/x.c %D%/x.h (no DPDK)
libnflcore_a_SOURCES += %D%/acl_text.c
