# Without DPDK; the test back end has it, too.
libnflflow_a_SOURCES += %D%/replay.c %D%/replay.h
