libnflflow_a_SOURCES += %D%/lifetime.c %D%/lifetime.h \
	%D%/tcp.c %D%/tcp_state.def %D%/options.c %D%/options.h \
	%D%/stream.c %D%/stream.h %D%/stored.c %D%/range.c \
	%D%/piece.c %D%/piece.h %D%/ring.c %D%/ring.h %D%/keep.c \
	%D%/unacked.c %D%/inline.c %D%/tail.c
