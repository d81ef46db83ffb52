# `make check` builds the unit tests and runs everything through tests/run;
# RUNFLAGS passes it options.

EXTRA_DIST += %D%/run %D%/check %D%/times
RUNFLAGS =
RUN = NFL_SRC=$(abs_top_srcdir) NFL_BUILD=$(abs_top_builddir) \
	$(top_srcdir)/%D%/run

.PHONY: bench check-build lint format fuzz soak mutants

clean-local:
	rm -rf variant tests/cache

check-local:
	$(AM_V_at)$(RUN) $(RUNFLAGS)

# All that the tests need, without running them.
check-build: all
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS)

lint:
	$(AM_V_at)$(RUN) --filter 'lint/*'

format:
	$(AM_V_at)NFL_SRC=$(abs_top_srcdir) $(top_srcdir)/%D%/lint/format --fix
	$(AM_V_at)NFL_SRC=$(abs_top_srcdir) NFL_BUILD=$(abs_top_builddir) \
		$(top_srcdir)/%D%/lint/nfl --fix

# A million programs through the compiler; takes an hour. FUZZ_N=N for others.
FUZZ_N = 1000000
fuzz: all
	$(AM_V_at)NFL_SRC=$(abs_top_srcdir) NFL_BUILD=$(abs_top_builddir) \
		$(top_srcdir)/%D%/fuzz/front --libfuzzer --programs=$(FUZZ_N)

# 100,000 random programs and sequences of packets, for hours; goes on where it
# was interrupted. SOAK_N=N for others, SOAK_SEED=N for other ones.
SOAK_N = 100000
SOAK_SEED = 1
FUZZ_ENV = NFL_SRC=$(abs_top_srcdir) NFL_BUILD=$(abs_top_builddir) \
	NFLC=$(abs_top_builddir)/nflc
soak: all
	$(AM_V_at)$(FUZZ_ENV) $(top_srcdir)/%D%/fuzz/chains --soak \
		--cases=$(SOAK_N) --seed=$(SOAK_SEED)

# Do the random programs notice mistakes? MUTANTS=PATTERN for some of them.
MUTANTS = *
mutants: all
	$(AM_V_at)$(FUZZ_ENV) $(top_srcdir)/%D%/fuzz/mutants '$(MUTANTS)'

# Figures, into bench.json: ONLY=PATTERN for some rows, BENCHFLAGS for options.
ONLY =
BENCHFLAGS =
bench: all tests/ustack/cost$(EXEEXT)
	$(AM_V_at)NFL_SRC=$(abs_top_srcdir) $(top_srcdir)/%D%/bench/run \
		--build $(abs_top_builddir) $(if $(ONLY),--only '$(ONLY)') \
		$(BENCHFLAGS)

# Of these folders everything is a test, or an input of one.
dist-hook:
	for d in golden chain ustack live fuzz lint build tool bench; do \
		test ! -d $(srcdir)/tests/$$d || \
			cp -fpR $(srcdir)/tests/$$d $(distdir)/tests/ || exit 1; \
	done
	cp -fpR $(srcdir)/examples $(distdir)/
	chmod -R u+w $(distdir)
	find $(distdir) -name __pycache__ -prune -exec rm -r {} +

include %D%/unit/local.mk
include %D%/ustack/local.mk
