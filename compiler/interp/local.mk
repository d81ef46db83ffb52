# The reference interpreter: the oracle of every test of a chain.
libnflc_a_SOURCES += %D%/advise.c %D%/checksum.c %D%/config.c %D%/config.h \
	%D%/course.c %D%/course.h %D%/early.c %D%/early.h \
	%D%/edit.c %D%/eval.c %D%/eval.h %D%/exec.c \
	%D%/exec.h %D%/hash.c %D%/hash.h %D%/ingress.c %D%/ingress.h %D%/interp.c %D%/interp.h \
	%D%/datagram.c %D%/datagram.h %D%/fragment.c %D%/fragment.h \
	%D%/lifetime.c %D%/made.c %D%/made.h %D%/monitor.c %D%/monitor.h \
	%D%/obj_acl.c %D%/obj_bytes.c %D%/obj_extern.c %D%/obj_flow.c \
	%D%/obj_maglev.c %D%/obj_meter.c %D%/obj_pool.c %D%/obj_queue.c \
	%D%/obj_rows.c %D%/obj_sketch.c %D%/obj_stream.c \
	%D%/obj_topk.c \
	%D%/object.c \
	%D%/order.c \
	%D%/order.h %D%/object.h %D%/packet.h %D%/parse.c %D%/schedule.c %D%/schedule.h \
	%D%/session.c \
	%D%/session.h %D%/shard.c %D%/summary.c %D%/summary.h \
	%D%/table.c %D%/table.h \
	%D%/tcp.c %D%/tcp.h %D%/tcp_change.c %D%/tcp_data.c %D%/tcp_early.c \
	%D%/tcp_head.c %D%/tcp_head.h \
	%D%/tcp_side.h %D%/tcp_stream.c %D%/tcp_stream.h %D%/tcp_unacked.c \
	%D%/timer.c \
	%D%/translate.c %D%/value.h %D%/wait.h %D%/way.c %D%/way.h %D%/world.c \
	%D%/world.h
