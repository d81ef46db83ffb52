/* nflc test: runs the tests of files and folders. */
#ifndef TOOL_TEST_H
#define TOOL_TEST_H

#include "tool/settings.h"

struct unit;

/* The layouts in which a test runs; bit i of settings.layouts. */
enum test_layout {
    LAYOUT_INTERP,
    LAYOUT_HEAP,
    LAYOUT_HEAP2, /* on two cores */
    LAYOUT_DPDK,
    LAYOUT_DPDK2,
    LAYOUT_N
};
extern const char *const layout_names[LAYOUT_N];

/* Runs the passes up to settings.last; false after messages on stderr. */
typedef bool test_passes(struct unit *u, const struct settings *s);

/* Returns the exit status: 0 if all tests passed, 1 if not, 2 if there is
 * nothing to test. */
int test_command(const struct settings *s, test_passes *passes);

#endif
