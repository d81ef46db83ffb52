# Proofs with Z3; without it, a function that says so.
libnflc_a_SOURCES += %D%/verify.h
EXTRA_DIST += %D%/none.c %D%/course.c %D%/edits.c %D%/expr.c %D%/prove.c \
	%D%/prove.h %D%/row.c %D%/scene.c %D%/scene.h %D%/show.c %D%/smt.c %D%/smt.h \
	%D%/stacks.c %D%/stacks.h %D%/stacks_edit.c %D%/stmt.c %D%/sums.c %D%/verify.c %D%/ways.c

if HAVE_Z3
libnflc_a_SOURCES += %D%/course.c %D%/edits.c %D%/expr.c %D%/prove.c \
	%D%/prove.h %D%/row.c %D%/scene.c %D%/scene.h %D%/show.c %D%/smt.c %D%/smt.h \
	%D%/stacks.c %D%/stacks.h %D%/stacks_edit.c %D%/stmt.c %D%/sums.c %D%/verify.c %D%/ways.c
else
libnflc_a_SOURCES += %D%/none.c
endif
