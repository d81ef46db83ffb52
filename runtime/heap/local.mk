libnflheap_a_SOURCES += %D%/main.c %D%/run.c %D%/run.h
