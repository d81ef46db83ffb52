libnflc_a_SOURCES += %D%/settings.c %D%/settings.h %D%/command.def \
	%D%/option.def %D%/help.c %D%/help.h %D%/words.c %D%/words.h \
	%D%/process.c %D%/process.h %D%/scratch.c %D%/scratch.h \
	%D%/output.c %D%/output.h %D%/cpu.c %D%/cpu.h \
	%D%/toolchain.c %D%/toolchain.h %D%/sanitize.c %D%/sanitize.h \
	%D%/digest.c %D%/digest.h %D%/cache.c %D%/cache.h \
	%D%/probe.c %D%/probe.h %D%/key.c %D%/key.h \
	%D%/ckey.c %D%/ckey.h \
	%D%/ccode.c %D%/ccode.h %D%/cglue.c %D%/cload.c %D%/cverify.c %D%/cverify.h \
	%D%/diag_json.c %D%/diag_json.h %D%/binary.c %D%/binary.h %D%/build.c %D%/build.h \
	%D%/doctor.c %D%/doctor.h %D%/run.c %D%/run.h \
	%D%/externs.c %D%/externs.h %D%/explain.c %D%/explain.h \
	%D%/explain_code.c %D%/explain_events.c \
	%D%/explain_binding.c %D%/explain_fast.c %D%/explain_fast.h \
	%D%/explain_objects.c %D%/explain_pairs.c \
	%D%/explain_tables.c %D%/explain_tcp.c %D%/explain_way.c \
	%D%/proofs.c %D%/proofs.h \
	%D%/fmt.c %D%/fmt.h %D%/graph.c %D%/graph.h \
	%D%/graph_branch.c %D%/graph_draw.h %D%/graph_json.c %D%/graph_svg.c

libnflc_a_SOURCES += %D%/test.c %D%/test.h %D%/test_check.c %D%/test_check.h \
	%D%/test_event.c %D%/test_file.c %D%/test_file.h %D%/test_frame.c %D%/test_frame.h \
	%D%/test_junit.c %D%/test_junit.h %D%/test_match.c \
	%D%/test_run.c %D%/test_run.h %D%/test_value.c

# Only paths.c knows where this build lies and where it will be installed.
noinst_LIBRARIES += libnflpaths.a
libnflpaths_a_SOURCES = %D%/paths.c %D%/paths.h
libnflpaths_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNFL_SRCDIR='"$(abs_top_srcdir)"' \
	-DNFL_BUILDDIR='"$(abs_top_builddir)"' \
	-DNFL_BINDIR='"$(bindir)"' \
	-DNFL_PKGDATADIR='"$(pkgdatadir)"' \
	-DNFL_PKGLIBDIR='"$(pkglibdir)"' \
	-DNFL_PKGLIBEXECDIR='"$(pkglibexecdir)"' \
	-DNFL_PKGINCLUDEDIR='"$(includedir)"'
