libnflc_a_SOURCES += \
	%D%/dump.c \
	%D%/layout.c \
	%D%/layout.h \
	%D%/pass_plan.c \
	%D%/plan.h
