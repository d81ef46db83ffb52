/* Which tests of the files that were read count. */
#ifndef NFL_FRONT_TEST_H
#define NFL_FRONT_TEST_H

struct unit;

/* Leaves in unit.ast the tests of the main file, if unit.tests, and the chains
 * that these run; takes out all others. */
void tests_settle(struct unit *u);

#endif
