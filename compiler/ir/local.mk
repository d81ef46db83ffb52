libnflc_a_SOURCES += \
	%D%/bits.c \
	%D%/bits.h \
	%D%/dump.c \
	%D%/gen.h \
	%D%/gen_build.c \
	%D%/gen_call.c %D%/gen_config.c \
	%D%/gen_event.c \
	%D%/gen_expr.c \
	%D%/gen_header.c \
	%D%/gen_object.c \
	%D%/gen_stmt.c %D%/gen_table.c \
	%D%/gen_type.c \
	%D%/ir.h \
	%D%/ir_op.def \
	%D%/pass_ir.c \
	%D%/verify.c \
	%D%/walk.c \
	%D%/walk.h
