/* Events that a test expects, in the trace: lines of handlers, "PACKET TICK
 * CHAIN NF PKT/TCP, PKT/UDP:LINE FLOW", and of what was emitted, "PACKET TICK
 * CHAIN NF emit EVENT(NAME = VALUE, ...):LINE FLOW". */
#include "sema/tree.h"
#include "tool/test_check.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* Is the name of n letters that of the event, or of one below it? */
static bool is_event(const char *name, size_t n, const char *path)
{
    size_t len = strlen(path);

    return n >= len && strncmp(name, path, len) == 0 &&
           (n == len || name[len] == '/');
}

static bool handles(const char *events, const char *path)
{
    size_t len;

    for (;;) {
        len = strcspn(events, ",:");
        if (is_event(events, len, path))
            return true;
        if (events[len] != ',')
            return false;
        events += len + 1;
        events += *events == ' ';
    }
}

/* The VALUE of NAME in "EVENT(NAME = VALUE, ...):LINE", cut out, or NULL. */
static const char *carried_by(struct arena *a, const char *emitted,
                              const char *name)
{
    const char *at = strchr(emitted, '('), *end;

    while (at && *at != ')') {
        at += *at == '(' ? 1 : 2;
        if (strncmp(at, name, strlen(name)) == 0 &&
            strncmp(at + strlen(name), " = ", 3) == 0) {
            at += strlen(name) + 3;
            end = at + strcspn(at, ",)");
            return arena_strn(a, at, (size_t)(end - at));
        }
        at += strcspn(at, ",)");
        if (!*at)
            return NULL;
    }
    return NULL;
}

static const char *value_text(struct arena *a, const struct tcarried *c)
{
    const struct type *t =
        c->type->kind == TY_UNION ? c->type->alt[c->value.alt] : c->type;

    return number_text(a, t, c->value.u);
}

/* Adds what the event carries that was to be another. */
static void compare(struct check *k, const char *emitted, const struct tstep *s,
                    mismatches *out)
{
    struct arena *a = k->u->arena;
    const struct tcarried *c;
    struct mismatch *m;
    const char *got;

    LIST_EACH (c, &s->carried) {
        got = carried_by(a, emitted, c->name);
        if (got && strcmp(got, value_text(a, c)) == 0)
            continue;
        m = ARENA_NEW(a, struct mismatch);
        m->field = c->name;
        m->expected = value_text(a, c);
        m->got = got ? got : "nothing";
        LIST_ADD(out, m);
    }
}

/* What a line of the group is about, behind the name of the NF; else NULL. */
static const char *about(const struct check *k, const char *line)
{
    const char *at = line;

    if (strtoul(line, NULL, 10) <= k->group)
        return NULL;
    for (unsigned word = 0; at && word < 4; word++)
        at = strchr(at + 1, ' ');
    return at ? at + 1 : NULL;
}

/* What nobody emits is only seen where it is handled. */
static bool could_be(const struct check *k, const char *path)
{
    const struct position *p;
    const struct handler *h;
    const struct event *e;

    LIST_EACH (e, &k->u->tree->events)
        if (e->raiser == RAISE_EMIT && is_event(e->path, strlen(e->path), path))
            return true;
    LIST_EACH (p, &k->test->chain->nfs)
        LIST_EACH (h, &p->nf->handlers)
            if (h->events && handles(h->events, path))
                return true;
    return false;
}

void check_event(struct check *k, const struct tstep *s)
{
    struct outcome *o = check_at(k, k->script.in.n, s->loc);
    mismatches wrong = {0};

    for (unsigned i = 0; o && i < o->trace.n; i++) {
        const char *what = about(k, o->trace.v[i]);
        const char *emitted =
            what && strncmp(what, "emit ", 5) == 0 ? what + 5 : NULL;

        if (!emitted && what && !s->carried.n && handles(what, s->text))
            return;
        if (!emitted || !is_event(emitted, strcspn(emitted, "(:"), s->text))
            continue;
        memset(&wrong, 0, sizeof(wrong));
        compare(k, emitted, s, &wrong);
        if (!wrong.first)
            return;
    }
    if (!o)
        return;
    check_say(k, s->loc,
              wrong.first            ? "the event %s carries something else"
              : could_be(k, s->text) ? "there was no event %s"
                                     : "there was no event %s: no NF here "
                                       "has a handler of it",
              s->text);
    if (wrong.first)
        check_table(k, &wrong);
    else
        check_fate(k, o, s->loc);
}
