libnflc_a_SOURCES += \
	%D%/act.c \
	%D%/act.h \
	%D%/deps.h \
	%D%/deps_dump.c \
	%D%/dump.c \
	%D%/event.c \
	%D%/event.h \
	%D%/fast.c \
	%D%/fast.h \
	%D%/layout.c \
	%D%/layout.h \
	%D%/pass_deps.c \
	%D%/pass_plan.c \
	%D%/plan.h \
	%D%/rule.c \
	%D%/rule.def \
	%D%/rule.h \
	%D%/share.c \
	%D%/share.h \
	%D%/shape.c \
	%D%/shape.h
