# libnfldpdk_a_SOURCES += %D%/x.c %D%/x.h
libnfldpdk_a_SOURCES += \
	%D%/cores.c %D%/cores.h \
	%D%/early.c %D%/early.h \
	%D%/eal.c %D%/eal.h \
	%D%/eal_args.c %D%/eal_args.h \
	%D%/health.c %D%/health.h \
	%D%/health_helper.c %D%/health_msg.h \
	%D%/live_stats.c %D%/live_stats.h \
	%D%/machine.c %D%/machine.h \
	%D%/main.c \
	%D%/notify.c %D%/notify.h \
	%D%/reload.c %D%/reload.h \
	%D%/rights.c %D%/rights.h \
	%D%/rundir.c %D%/rundir.h \
	%D%/say.c %D%/say.h \
	%D%/stop.c %D%/stop.h \
	%D%/threads.c %D%/threads.h
