# libnfldpdk_a_SOURCES += %D%/x.c %D%/x.h
libnfldpdk_a_SOURCES += \
	%D%/eal.c %D%/eal.h \
	%D%/eal_args.c %D%/eal_args.h \
	%D%/live_stats.c %D%/live_stats.h \
	%D%/main.c \
	%D%/say.c %D%/say.h \
	%D%/stop.c %D%/stop.h
