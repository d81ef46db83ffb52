# `make check` builds the unit tests and runs everything through tests/run;
# RUNFLAGS passes it options.

EXTRA_DIST += %D%/run
RUNFLAGS =

check-local:
	$(AM_V_at)NFL_SRC=$(abs_top_srcdir) NFL_BUILD=$(abs_top_builddir) \
		$(srcdir)/%D%/run $(RUNFLAGS)

include %D%/unit/local.mk
