libnflc_a_SOURCES += \
	%D%/ast.h \
	%D%/build.c %D%/build_chain.c %D%/build_decl.c %D%/build_event.c \
	%D%/build_test.c %D%/build.h \
	%D%/dump.c %D%/dump_chain.c %D%/dump.h \
	%D%/expect.c %D%/expect.h \
	%D%/format.c %D%/format.h \
	%D%/format_break.c \
	%D%/format_read.c \
	%D%/format_space.c \
	%D%/habit.c %D%/habit_line.c \
	%D%/lex.l \
	%D%/literal.c \
	%D%/load.c \
	%D%/oneline.c \
	%D%/parse.y \
	%D%/parser.c \
	%D%/pass.h \
	%D%/recover.h \
	%D%/scan.c %D%/scan.h \
	%D%/syntax.c \
	%D%/test.c %D%/test.h \
	%D%/utf8.c

# The header is "front/parse.h", in the build tree.
BUILT_SOURCES += %D%/parse.h
