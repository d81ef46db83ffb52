# Installed to $(includedir)/nfl; seen by generated code, externs and users.

pkginclude_HEADERS += \
	%D%/nfl/acl_text.h \
	%D%/nfl/backend_text.h \
	%D%/nfl/bucket.h \
	%D%/nfl/entry.h \
	%D%/nfl/find.h \
	%D%/nfl/capture.h \
	%D%/nfl/config.h \
	%D%/nfl/ctx.h \
	%D%/nfl/drop.def \
	%D%/nfl/early.h \
	%D%/nfl/extern.h \
	%D%/nfl/flow_bytes.h \
	%D%/nfl/gen.h \
	%D%/nfl/gen_bits.h \
	%D%/nfl/gen_bytes.h \
	%D%/nfl/gen_chain.h \
	%D%/nfl/gen_cpu.h \
	%D%/nfl/gen_edit.h \
	%D%/nfl/gen_event.h \
	%D%/nfl/gen_extern.h \
	%D%/nfl/gen_fast.h \
	%D%/nfl/gen_head.h \
	%D%/nfl/gen_inline.h \
	%D%/nfl/gen_sum.h \
	%D%/nfl/gen_table.h \
	%D%/nfl/gen_tcp.h \
	%D%/nfl/gen_type.h \
	%D%/nfl/gen_make.h \
	%D%/nfl/gen_wait.h \
	%D%/nfl/host.h \
	%D%/nfl/made.h \
	%D%/nfl/module.h \
	%D%/nfl/num.h \
	%D%/nfl/options.h \
	%D%/nfl/order.h \
	%D%/nfl/pkt.h \
	%D%/nfl/queue.h \
	%D%/nfl/report.h %D%/nfl/rows.h %D%/nfl/rows_text.h \
	%D%/nfl/session.h \
	%D%/nfl/table.h \
	%D%/nfl/tcp.h %D%/nfl/tcp_fast.h %D%/nfl/tcp_inline.h %D%/nfl/tcp_unacked.h \
	%D%/nfl/tcp_snap.h %D%/nfl/tcp_sign.def \
	%D%/nfl/trace.h
