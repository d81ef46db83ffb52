/* Lines and words of text files, and what is wrong with them. */
#include "core/lines.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_KEYWORD = 12 };

/* ---- errors ---- */

bool nfl_lines_fail(struct nfl_lines *l, const char *fmt, ...)
{
    va_list ap;
    int n;

    if (l->line)
        n = snprintf(l->err, l->errlen, "%s:%u: ", l->path, l->line);
    else
        n = snprintf(l->err, l->errlen, "%s: ", l->path);
    if (n < 0 || (size_t)n >= l->errlen)
        return false;
    va_start(ap, fmt);
    vsnprintf(l->err + n, l->errlen - (size_t)n, fmt, ap);
    va_end(ap);
    return false;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    a = a < b ? a : b;
    return a < c ? a : c;
}

/* Letters to insert, drop, replace or swap with their neighbour to get from one
 * word to the other. */
static unsigned distance(const char *a, const char *b)
{
    unsigned d[MAX_KEYWORD + 1][MAX_KEYWORD + 1];
    size_t la = strlen(a), lb = strlen(b), i, j;

    if (la > MAX_KEYWORD || lb > MAX_KEYWORD)
        return MAX_KEYWORD;
    for (i = 0; i <= la; i++)
        d[i][0] = (unsigned)i;
    for (j = 0; j <= lb; j++)
        d[0][j] = (unsigned)j;
    for (i = 1; i <= la; i++) {
        for (j = 1; j <= lb; j++) {
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
                           d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = min3(d[i][j], d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[la][lb];
}

/* The word that was probably meant, or NULL. */
static const char *nearest(const char *word, const char *const *words)
{
    unsigned best = strlen(word) < 4 ? 2 : 3, d;
    const char *found = NULL;

    for (; *words; words++) {
        d = distance(word, *words);
        if (d < best) {
            best = d;
            found = *words;
        }
    }
    return found;
}

bool nfl_lines_fail_word(struct nfl_lines *l, const char *what,
                         const char *word, const char *const *words,
                         const char *all)
{
    const char *meant = nearest(word, words);

    if (meant)
        return nfl_lines_fail(l, "%s '%.*s'; did you mean %s?", what,
                              NFL_WORD_SHOWN, word, meant);
    return nfl_lines_fail(l, "%s '%.*s'; use %s", what, NFL_WORD_SHOWN, word,
                          all);
}

/* ---- words ---- */

char *nfl_lines_word(struct nfl_lines *l)
{
    char *word;

    l->at += strspn(l->at, " \t");
    if (!*l->at)
        return NULL;
    word = l->at;
    l->at += strcspn(l->at, " \t");
    if (*l->at)
        *l->at++ = '\0';
    return word;
}

bool nfl_lines_take(struct nfl_lines *l, const char *word)
{
    size_t len = strlen(word);

    l->at += strspn(l->at, " \t");
    if (strncmp(l->at, word, len) != 0 || !strchr(" \t", l->at[len]))
        return false;
    l->at += len;
    return true;
}

bool nfl_text_number(const char *word, unsigned max, unsigned *v)
{
    uint64_t n = 0;

    if (!*word)
        return false;
    for (; *word; word++) {
        if (!isdigit((unsigned char)*word))
            return false;
        n = n * 10 + (uint64_t)(*word - '0');
        if (n > max)
            return false;
    }
    *v = (unsigned)n;
    return true;
}

bool nfl_text_addr(const char *text, nfl_u128 *addr, unsigned *bits)
{
    uint8_t bytes[16];
    unsigned i;

    if (inet_pton(AF_INET, text, bytes) == 1)
        *bits = 32;
    else if (inet_pton(AF_INET6, text, bytes) == 1)
        *bits = 128;
    else
        return false;
    *addr = 0;
    for (i = 0; i < *bits / 8; i++)
        *addr = *addr << 8 | bytes[i];
    return true;
}

/* ---- lines ---- */

/* Controls, also those that end lines elsewhere, count as space. */
int nfl_lines_next(struct nfl_lines *l)
{
    int ch, n = 0;

    l->line++;
    while ((ch = getc_unlocked(l->file)) != EOF && ch != '\n') {
        if (ch == 0 || n == NFL_LINE_MAX) {
            if (ch)
                nfl_lines_fail(l, "the line is longer than %d bytes",
                               NFL_LINE_MAX);
            else
                nfl_lines_fail(l, "a zero byte: this is not a text file");
            return -1;
        }
        l->text[n++] = iscntrl(ch) ? ' ' : (char)ch;
    }
    l->text[n] = '\0';
    l->text[strcspn(l->text, "#")] = '\0';
    l->at = l->text;
    if (ferror(l->file)) {
        nfl_lines_fail(l, "cannot be read");
        return -1;
    }
    if (ch == EOF && n == 0)
        return 0;
    if (l->line <= NFL_LINES_MAX)
        return 1;
    nfl_lines_fail(l, "more than %d lines", NFL_LINES_MAX);
    return -1;
}

bool nfl_lines_open(struct nfl_lines *l, const char *path, const char *what,
                    char *err, size_t errlen)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    l->path = path;
    l->line = 0;
    l->err = err;
    l->errlen = errlen;
    if (fd < 0)
        return nfl_lines_fail(l, "%s", strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        l->file = fdopen(fd, "r");
        if (l->file)
            return true;
        nfl_lines_fail(l, "no memory");
    } else if (S_ISDIR(st.st_mode)) {
        nfl_lines_fail(l, "is a directory, not %s", what);
    } else {
        nfl_lines_fail(l, "is not a regular file");
    }
    close(fd);
    return false;
}

void nfl_lines_close(struct nfl_lines *l)
{
    fclose(l->file);
}
