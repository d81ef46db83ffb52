/* What a binary depends on: its name in the cache. */
#ifndef TOOL_KEY_H
#define TOOL_KEY_H

#include "tool/toolchain.h"

/* Content of the C, of nflc's headers and libraries; every word of the commands
 * that build it; the compiler, the linker and DPDK by the files that they are.
 * False if one of them cannot be read. `key` has room for DIGEST_HEX + 1. */
bool key_find(const struct toolchain *t, const char *name, const char *text,
              size_t n, char *key);

/* The same for C of a program that nflc itself loads, but for that C: nflc, its
 * headers and the linker. Not the working folder: who debugs finds the same
 * text. */
bool key_object(struct arena *a, char *key);

#endif
