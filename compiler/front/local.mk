# libnflc_a_SOURCES += %D%/x.c %D%/x.h
#
# For a grammar:
#   libnflc_a_SOURCES += %D%/parse.y %D%/lex.l
#   BUILT_SOURCES += %D%/parse.h
# The generated header is "front/parse.h", in the build tree.
