# libnfldpdk_a_SOURCES += %D%/x.c %D%/x.h
libnfldpdk_a_SOURCES += \
	%D%/bench.c %D%/bench.h \
	%D%/bench_lane.c %D%/bench_lane.h \
	%D%/devargs.c %D%/devargs.h \
	%D%/device.c %D%/device.h \
	%D%/iface.c %D%/iface.h \
	%D%/lane.c %D%/lane.h \
	%D%/live.c \
	%D%/live_open.c \
	%D%/netif.c %D%/netif.h \
	%D%/offline.c %D%/offline.h \
	%D%/pool.c %D%/pool.h \
	%D%/port.c %D%/port.h \
	%D%/ring.c \
	%D%/tap.c \
	%D%/xdp.c
