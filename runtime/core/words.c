/* Words as a shell splits them, for --eal; and numbers. */
#include "core/fail.h"
#include "core/optargs.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* Copies one word without its quotes. Returns where it ended, NULL if a quote
 * was left open. */
static const char *take_word(const char *p, char *to)
{
    char quote = '\0';

    for (; *p && (quote || !is_blank(*p)); p++) {
        if (quote ? *p == quote : *p == '\'' || *p == '"')
            quote = quote ? '\0' : *p;
        else if (*p == '\\' && quote != '\'' && p[1])
            *to++ = *++p;
        else
            *to++ = *p;
    }
    *to = '\0';
    return quote ? NULL : p;
}

static bool add(char ***list, unsigned *n, const char *word)
{
    char **more = realloc(*list, (*n + 1) * sizeof(*more));

    if (!more)
        return false;
    *list = more;
    more[*n] = strdup(word);
    return more[(*n)++] != NULL;
}

bool nfl_words_split(const char *text, char ***list, unsigned *n, char *err,
                     size_t errlen)
{
    char *word = malloc(strlen(text) + 1);
    const char *p = text;
    bool ok = word != NULL;

    if (!ok)
        nfl_fail(err, errlen, "no memory");
    while (ok) {
        while (is_blank(*p))
            p++;
        if (!*p)
            break;
        p = take_word(p, word);
        if (!p)
            ok = nfl_fail(err, errlen, "a quote is not closed in: %s", text);
        else if (!add(list, n, word))
            ok = nfl_fail(err, errlen, "no memory");
    }
    free(word);
    return ok;
}

bool nfl_number_parse(const char *text, uint64_t min, uint64_t max, uint64_t *v)
{
    unsigned long long n;
    char *end;

    if (!isdigit((unsigned char)*text)) /* strtoull takes blanks and signs */
        return false;
    errno = 0;
    n = strtoull(text, &end, 0);
    if (errno || *end || n < min || n > max)
        return false;
    *v = n;
    return true;
}
