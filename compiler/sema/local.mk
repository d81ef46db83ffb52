libnflc_a_SOURCES += \
	%D%/access.c \
	%D%/call.c \
	%D%/chain.c \
	%D%/cond.c \
	%D%/dump.c \
	%D%/effect.h \
	%D%/event.c \
	%D%/expr.c \
	%D%/extern.c \
	%D%/fold.c \
	%D%/header.c \
	%D%/hset.c \
	%D%/inset.c \
	%D%/literal.c \
	%D%/lookup.c \
	%D%/module.c \
	%D%/nf.c \
	%D%/param.c \
	%D%/pass.h \
	%D%/pass_effects.c \
	%D%/pass_types.c \
	%D%/sema.h \
	%D%/stmt.c \
	%D%/tree.h \
	%D%/type.h \
	%D%/typeref.c
