# libnflc_a_SOURCES += %D%/x.c %D%/x.h

# Only paths.c knows where this build lies and where it will be installed.
noinst_LIBRARIES += libnflpaths.a
libnflpaths_a_SOURCES = %D%/paths.c %D%/paths.h
libnflpaths_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNFL_SRCDIR='"$(abs_top_srcdir)"' \
	-DNFL_BUILDDIR='"$(abs_top_builddir)"' \
	-DNFL_BINDIR='"$(bindir)"' \
	-DNFL_PKGDATADIR='"$(pkgdatadir)"' \
	-DNFL_PKGLIBDIR='"$(pkglibdir)"' \
	-DNFL_PKGINCLUDEDIR='"$(includedir)"'
