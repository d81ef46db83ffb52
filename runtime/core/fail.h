/* One sentence into the caller's buffer. */
#ifndef NFL_CORE_FAIL_H
#define NFL_CORE_FAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Always false. */
bool nfl_fail(char *err, size_t errlen, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
