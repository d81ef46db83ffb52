/* Settings from the command line and from files. */
#include "core/config_text.h"
#include "core/fail.h"
#include "core/lines.h"
#include <ctype.h>
#include <nfl/options.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 100000 };

static struct nfl_setting *add(struct nfl_settings *s)
{
    struct nfl_setting *list;
    unsigned room = s->room ? 2 * s->room : 16;

    if (s->n == s->room) {
        if (s->n >= SETTINGS_MAX)
            return NULL;
        list = realloc(s->list, room * sizeof(*list));
        if (!list)
            return NULL;
        s->list = list;
        s->room = room;
    }
    memset(&s->list[s->n], 0, sizeof(*s->list));
    return &s->list[s->n++];
}

static bool add_text(struct nfl_settings *s, const struct nfl_param_table *t,
                     const char *text, char *err, size_t errlen)
{
    struct nfl_setting *to = add(s);

    return to ? nfl_setting_parse(to, t, text, err, errlen)
              : nfl_fail(err, errlen, "no memory for so many settings");
}

/* ---- times ---- */

/* [+]SECONDS[.FRACTION]; returns what follows, or NULL. */
static const char *time_of(const char *s, struct nfl_setting *to)
{
    uint64_t unit = 1000000000;
    const char *first;

    to->relative = *s == '+';
    s += to->relative;
    first = s;
    for (; isdigit((unsigned char)*s); s++) {
        if (to->time > UINT64_MAX / 20)
            return NULL;
        to->time = to->time * 10 + (uint64_t)(*s - '0') * 1000000000;
    }
    if (s == first)
        return NULL;
    if (*s == '.')
        for (s++; isdigit((unsigned char)*s); s++)
            to->time += (uint64_t)(*s - '0') * (unit /= 10);
    return isspace((unsigned char)*s) ? s : NULL;
}

static bool change(struct nfl_settings *s, const struct nfl_param_table *t,
                   const char *text, char *err, size_t errlen)
{
    struct nfl_setting *to = add(s);
    const char *at = text + strspn(text, " \t");

    if (!to)
        return nfl_fail(err, errlen, "no memory for so many changes");
    at = time_of(at, to);
    if (!at)
        return nfl_fail(err, errlen,
                        "a change begins with its time: seconds since 1970, "
                        "or +SECONDS since the first packet");
    if (!nfl_setting_parse(to, t, at, err, errlen))
        return false;
    if (to->param->fixed)
        return nfl_fail(err, errlen,
                        "%s.%s.%s cannot change while the program runs: %s; "
                        "set it with --set",
                        to->param->chain, to->param->nf, to->param->name,
                        to->param->fixed);
    if (s->n > 1 && (to->relative != to[-1].relative || to->time < to[-1].time))
        return nfl_fail(err, errlen,
                        to->relative != to[-1].relative
                            ? "all times are since 1970, or all since the "
                              "first packet"
                            : "the times of changes must not step back");
    return true;
}

/* ---- files ---- */

typedef bool line_fn(struct nfl_settings *s, const struct nfl_param_table *t,
                     const char *text, char *err, size_t errlen);

static bool read_file(struct nfl_settings *s, const struct nfl_param_table *t,
                      const char *path, const char *what, line_fn *one,
                      char *err, size_t errlen)
{
    struct nfl_lines l;
    char why[1024];
    int more;

    if (!nfl_lines_open(&l, path, what, err, errlen))
        return false;
    while ((more = nfl_lines_next(&l)) > 0) {
        if (!l.at[strspn(l.at, " \t\r\n")])
            continue;
        if (!one(s, t, l.at, why, sizeof(why))) {
            nfl_lines_fail(&l, "%s", why);
            more = -1;
            break;
        }
        s->list[s->n - 1].line = l.line;
    }
    nfl_lines_close(&l);
    return more == 0;
}

bool nfl_settings_read(struct nfl_settings *s, const struct nfl_options *o,
                       const struct nfl_param_table *t, char *err,
                       size_t errlen)
{
    char why[1024];
    unsigned i;

    if (o->config && !read_file(s, t, o->config, "a file of settings", add_text,
                                err, errlen))
        return false;
    for (i = 0; i < o->n_set; i++)
        if (!add_text(s, t, o->set[i], why, sizeof(why)))
            return nfl_fail(err, errlen, "--set %s: %s", o->set[i], why);
    return true;
}

bool nfl_changes_read(struct nfl_settings *s, const struct nfl_options *o,
                      const struct nfl_param_table *t, char *err, size_t errlen)
{
    return !o->changes || read_file(s, t, o->changes, "a file of changes",
                                    change, err, errlen);
}

void nfl_settings_free(struct nfl_settings *s)
{
    unsigned i;

    for (i = 0; i < s->n; i++)
        free(s->list[i].str);
    free(s->list);
    memset(s, 0, sizeof(*s));
}
