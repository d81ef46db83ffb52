#include "ctl/say.h"
#include <stdarg.h>
#include <stdio.h>

static const char *program = "nfl";
static bool quiet;

void nfl_say_init(const char *name)
{
    program = name;
}

void nfl_say_quiet(bool on)
{
    quiet = on;
}

/* In one write, so that lines of several processes do not mix. */
static void say(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static void say(const char *fmt, va_list ap)
{
    char text[1024];
    int n = snprintf(text, sizeof(text), "%s: ", program);

    if (n < 0 || (size_t)n >= sizeof(text))
        n = 0;
    vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
    fprintf(stderr, "%s\n", text);
}

void nfl_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}

void nfl_note(const char *fmt, ...)
{
    va_list ap;

    if (quiet)
        return;
    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
}
