libnflheap_a_SOURCES += %D%/main.c
