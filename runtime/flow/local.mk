libnflflow_a_SOURCES += %D%/hash.c %D%/memory.c %D%/memory.h %D%/monitor.c %D%/monitor.h \
	%D%/bucket.c %D%/bucket.h %D%/table.c %D%/table.h %D%/links.c %D%/age.c \
	%D%/shard.c %D%/session.c %D%/stop.c \
	%D%/rewrite.c %D%/engine.c %D%/workers.c %D%/order.c %D%/queue.c \
	%D%/away.c %D%/away.h %D%/early.c %D%/early.h \
	%D%/timer.c %D%/timer.h \
	%D%/fragment.c %D%/fragment.h %D%/tracker.c %D%/join.c \
	%D%/cut.c %D%/cut.h %D%/inlet.c %D%/inlet.h \
	%D%/tab.c %D%/tab_text.c \
	%D%/config.c %D%/config.h %D%/reload.c %D%/reload.h \
	%D%/summary.c %D%/summary.h

# What runs at the start, at the end and when a configuration is read: machine
# code in every binary, where the rest is optimised with the program.
FLOW_APART = config reload stop summary tab_text
