/* The tests of one file. */
#ifndef TOOL_TEST_FILE_H
#define TOOL_TEST_FILE_H

#include "tool/test.h"

#include <jansson.h>

/* Runs them; says what is wrong on standard output and error. Returns an object
 * with the members file, error (a string; if there are no tests) and tests, an
 * array of objects with name, line, status and message. */
json_t *test_file(const struct settings *s, test_passes *passes,
                  const char *path);

#endif
