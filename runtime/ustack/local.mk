libnflflow_a_SOURCES += %D%/lifetime.c %D%/lifetime.h %D%/stub.c
