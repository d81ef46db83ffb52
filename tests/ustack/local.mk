# A program that feeds any TCP monitor; the scripts beside it drive it.
check_PROGRAMS += %D%/tcp
tests_ustack_tcp_SOURCES = %D%/tcp.c %D%/commands.h %D%/dice.h %D%/engine.h \
	%D%/engine_naive.c %D%/engine_fast.c %D%/feed.c %D%/lockstep.c \
	%D%/chaos.c %D%/chaos.h %D%/differ.c %D%/streams.c %D%/streams.h \
	%D%/variants.c %D%/wire.c %D%/wire.h
tests_ustack_tcp_CPPFLAGS = $(AM_CPPFLAGS) $(RUNTIME_CPPFLAGS) $(PCAP_CFLAGS)
tests_ustack_tcp_LDADD = libnflflow.a $(UNIT_LIBS)

# The monitor beside readers on other threads.
check_PROGRAMS += %D%/readers
tests_ustack_readers_SOURCES = %D%/readers.c %D%/chaos.c %D%/chaos.h \
	%D%/engine.h %D%/engine_naive.c %D%/engine_fast.c %D%/wire.c %D%/wire.h
tests_ustack_readers_CPPFLAGS = $(tests_ustack_tcp_CPPFLAGS)
tests_ustack_readers_LDADD = libnflflow.a $(UNIT_LIBS)

# What the monitor alone costs.
check_PROGRAMS += %D%/cost
tests_ustack_cost_SOURCES = %D%/cost.c
tests_ustack_cost_CPPFLAGS = $(RUNTIME_CPPFLAGS)
tests_ustack_cost_LDADD = libnflflow.a libnflcore.a
