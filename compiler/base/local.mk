# libnflc_a_SOURCES += %D%/x.c %D%/x.h
