# The unit of systemd for a compiled program, and an example of its options.
# systemd looks for units below /usr/local, too.

systemdunitdir = $(prefix)/lib/systemd/system
systemdunit_DATA = %D%/nflc@.service
pkgsysconfdir = $(sysconfdir)/nfl
dist_pkgsysconf_DATA = %D%/example.conf

EXTRA_DIST += %D%/nflc@.service.in
CLEANFILES += %D%/nflc@.service

%D%/nflc@.service: %D%/nflc@.service.in Makefile
	$(AM_V_at)$(MKDIR_P) %D%
	$(AM_V_GEN)$(SED) -e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/%D%/nflc@.service.in >$@
