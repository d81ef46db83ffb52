libnflc_a_SOURCES += \
	%D%/ctext.h \
	%D%/cw.c \
	%D%/cw.h \
	%D%/emit.h \
	%D%/emit_access.c \
	%D%/emit_call.c \
	%D%/emit_config.c \
	%D%/emit_cell.c \
	%D%/emit_chain.c \
	%D%/emit_desc.c \
	%D%/emit_edit.c \
	%D%/emit_event.c \
	%D%/emit_expr.c \
	%D%/emit_extern.c \
	%D%/emit_fast.c \
	%D%/emit_handler.c \
	%D%/emit_in.c %D%/emit_inline.c %D%/emit_made.c \
	%D%/emit_ingress.c \
	%D%/emit_keep.c \
	%D%/emit_object.c \
	%D%/emit_option.c \
	%D%/emit_parse.c \
	%D%/emit_read.c \
	%D%/emit_rows.c \
	%D%/emit_shape.c \
	%D%/emit_state.c \
	%D%/emit_stmt.c \
	%D%/emit_sums.c \
	%D%/emit_table.c \
	%D%/emit_tcp.c \
	%D%/emit_way.c \
	%D%/emit_way.c \
	%D%/names.c \
	%D%/pass_emit.c
