/* The results of tests for others' tools. */
#ifndef TOOL_TEST_JUNIT_H
#define TOOL_TEST_JUNIT_H

#include <jansson.h>
#include <stdbool.h>

/* Writes the array of test_file's objects as JUnit's XML. False after a
 * message. */
bool junit_write(const json_t *results, const char *path);

#endif
