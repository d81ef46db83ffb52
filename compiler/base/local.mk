libnflc_a_SOURCES += \
	%D%/arena.c %D%/arena.h \
	%D%/diag.c %D%/diag.h \
	%D%/list.h \
	%D%/mem.c %D%/mem.h \
	%D%/num.h \
	%D%/snippet.c %D%/snippet.h \
	%D%/source.c %D%/source.h \
	%D%/text.c %D%/text.h
