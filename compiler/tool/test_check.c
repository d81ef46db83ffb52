/* The steps of a test, in the interpreter; and whether another layout does the
 * same. State and drops are those of the end of a run, so a test that asks in
 * between is run up to there. */
#include "tool/test_check.h"

#include "base/snippet.h"
#include "sema/tree.h"
#include "unit.h"

#include <nfl/options.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_NS = 1000, TICK_NS = 1000000, SAID_MAX = 8 };

static const struct layout interp = {"interp", NULL, 1};

/* ---- words ---- */

void check_say(struct check *k, struct loc at, const char *fmt, ...)
{
    struct linecol lc = at.src ? loc_linecol(at) : (struct linecol){0, 0};
    va_list ap;

    k->failures++;
    if (k->failures > SAID_MAX)
        return;
    if (at.src)
        fprintf(k->say, "%s:%u:%u: ", at.src->path, lc.line, lc.col);
    va_start(ap, fmt);
    vfprintf(k->say, fmt, ap);
    va_end(ap);
    fputc('\n', k->say);
    if (at.src)
        snippet_print(k->say, at);
}

static int widest(const mismatches *m, bool field)
{
    const struct mismatch *i;
    size_t n, most = 8;

    LIST_EACH (i, m) {
        n = strlen(field ? i->field : i->expected);
        most = n > most ? n : most;
    }
    return (int)(most < 40 ? most : 40);
}

void check_table(struct check *k, const mismatches *m)
{
    const struct mismatch *i;
    int a = widest(m, true), b = widest(m, false);

    if (k->failures > SAID_MAX)
        return;
    fprintf(k->say, "    %-*s  %-*s  %s\n", a, "", b, "expected", "got");
    LIST_EACH (i, m)
        fprintf(k->say, "    %-*s  %-*s  %s\n", a, i->field, b, i->expected,
                i->got);
}

static void note(struct check *k, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct check *k, const char *fmt, ...)
{
    va_list ap;

    if (k->failures > SAID_MAX)
        return;
    fputs("    ", k->say);
    va_start(ap, fmt);
    vfprintf(k->say, fmt, ap);
    va_end(ap);
    fputc('\n', k->say);
}

/* ---- runs ---- */

struct outcome *check_at(struct check *k, unsigned n, struct loc at)
{
    struct arena *a = k->u->arena;
    struct outcome **more;

    if (n >= k->room) {
        more = arena_alloc(a, (2 * n + 16) * sizeof(struct outcome *));
        if (k->room)
            memcpy(more, k->at, k->room * sizeof(struct outcome *));
        k->room = 2 * n + 16;
        k->at = more;
    }
    if (!k->at[n]) {
        k->at[n] = test_run(k->u, &interp, &k->script, n, k->folder,
                            arena_fmt(a, "interp-%u", n), NULL);
        if (k->at[n]->failed)
            check_say(k, at, "the test cannot be run: %s", k->at[n]->failed);
    }
    return k->at[n]->failed ? NULL : k->at[n];
}

static struct outcome *here(struct check *k, struct loc at)
{
    return check_at(k, k->script.in.n, at);
}

/* ---- the group at hand ---- */

static uint64_t group_time(const struct check *k)
{
    const struct frame *f = k->script.in.first;

    for (unsigned i = 0; f && i < k->group; i++)
        f = f->next;
    return f ? f->time : UINT64_MAX;
}

/* The next packet of the group that left a port, and that nobody expected. */
static struct frame *next_out(const struct check *k, const struct outcome *o,
                              const struct port *p)
{
    struct frame *f;

    LIST_EACH (f, &o->out[p->index])
        if (!f->taken && f->time >= group_time(k))
            return f;
    return NULL;
}

/* Of any port, or of one. */
static struct frame *any_out(const struct check *k, const struct outcome *o,
                             const struct port *only, const struct port **from)
{
    const struct chain *c = k->test->chain;
    struct frame *f;

    for (unsigned i = 0; i < 2; i++) {
        if (!c->port[i] || (only && only != c->port[i]))
            continue;
        f = next_out(k, o, c->port[i]);
        *from = c->port[i];
        if (f)
            return f;
    }
    return NULL;
}

/* As the test calls it: those of a chain that it made have a number, too. */
static const char *port_text(const struct check *k, const struct port *p)
{
    const char *tail = strncmp(p->chain->name, "test__", 6) == 0
                           ? strstr(p->name, "__")
                           : NULL;

    return tail ? arena_strn(k->u->arena, p->name, (size_t)(tail - p->name))
                : p->name;
}

/* Where packets are expected at all, each one is. */
static void close_group(struct check *k)
{
    struct outcome *o = k->strict ? here(k, k->expected) : NULL;
    const struct port *from;
    struct frame *f = o ? any_out(k, o, NULL, &from) : NULL;

    if (f) {
        check_say(k, k->expected,
                  "one more packet left %s, which no line expects",
                  port_text(k, from));
        note(k, "%s", frame_text(k->u->arena, k->u->tree, f));
    }
    k->expecting = k->strict = false;
    k->group = k->script.in.n;
}

static void expecting(struct check *k, const struct tstep *s, bool packets)
{
    k->expecting = true;
    k->strict |= packets;
    if (packets)
        k->expected = s->loc;
}

/* ---- sending ---- */

static void add_frame(struct check *k, struct frame *f, const struct port *p)
{
    f->time = k->time;
    f->port = p->index;
    k->time += STEP_NS;
    LIST_ADD(&k->script.in, f);
}

/* All frames of a capture, at the distances at which they were recorded. */
static void send_file(struct check *k, const struct tstep *s)
{
    const struct nfl_options none = {.n_ports = 0};
    char err[512], *path = nfl_options_file(&none, k->u->tree->main->dir,
                                            s->packet->file, err, sizeof(err));
    const char *why = err;
    frames *list =
        path ? test_capture(k->u->arena, path, s->port->index, &why) : NULL;
    struct frame *f, *next;
    uint64_t first, begin = k->time;

    free(path);
    if (!list) {
        check_say(k, s->loc, "%s", why);
        return;
    }
    first = list->n ? list->first->time : 0;
    for (f = list->first; f; f = next) {
        next = f->next;
        if (f->time > first && begin + (f->time - first) > k->time)
            k->time = begin + (f->time - first);
        add_frame(k, f, s->port);
    }
}

static void send(struct check *k, const struct tstep *s)
{
    struct frame *f;

    if (k->expecting)
        close_group(k);
    if (s->packet->file) {
        send_file(k, s);
        return;
    }
    f = ARENA_NEW(k->u->arena, struct frame);
    frame_build(k->u->arena, k->u->tree, s->packet, f);
    add_frame(k, f, s->port);
}

/* The answer arrives where what it answers left. */
static void reply(struct check *k, const struct tstep *s)
{
    struct outcome *o = here(k, s->loc);
    struct frame *f = ARENA_NEW(k->u->arena, struct frame);
    const struct frame *last = o ? o->out[s->port->index].last : NULL;

    if (!o)
        return;
    if (!last) {
        check_say(k, s->loc, "nothing left %s that could be replied to",
                  port_text(k, s->port));
        return;
    }
    if (k->expecting)
        close_group(k);
    if (frame_reply(k->u->arena, k->u->tree, last, s->packet, f))
        add_frame(k, f, s->port);
    else
        check_say(k, s->loc, "what left %s has no such headers: %s",
                  port_text(k, s->port),
                  frame_text(k->u->arena, k->u->tree, last));
}

/* A change happens at a tick, before the packets of it. */
static void set(struct check *k, const struct tstep *s)
{
    struct setting *t = ARENA_NEW(k->u->arena, struct setting);

    t->text = s->text;
    if (k->script.in.n) {
        k->time = (k->time + TICK_NS - 1) / TICK_NS * TICK_NS;
        t->time = k->time;
    }
    LIST_ADD(&k->script.settings, t);
}

/* The same NF, for the same reason. */
static uint64_t dropped_by(const struct outcome *o, const struct drop_row *of)
{
    const struct drop_row *d;
    uint64_t n = 0;

    LIST_EACH (d, &o->drops)
        if (strcmp(d->reason, of->reason) == 0 &&
            strcmp(d->nf ? d->nf : "", of->nf ? of->nf : "") == 0)
            n += d->packets;
    return n;
}

/* ---- expecting ---- */

void check_fate(struct check *k, struct outcome *o, struct loc at)
{
    struct outcome *before = check_at(k, k->group, at);
    const struct port *from;
    struct frame *f = any_out(k, o, NULL, &from);
    const struct drop_row *d;

    if (f)
        note(k, "%s left %s", frame_text(k->u->arena, k->u->tree, f),
             port_text(k, from));
    LIST_EACH (d, &o->drops)
        if (before && d->packets > dropped_by(before, d))
            note(k, "%s dropped a packet: %s", d->nf ? d->nf : "the runtime",
                 d->reason);
}

static void expect_packet(struct check *k, const struct tstep *s)
{
    struct outcome *o = here(k, s->loc);
    struct frame *f = o ? next_out(k, o, s->port) : NULL;
    mismatches wrong = {0};

    expecting(k, s, true);
    if (!o)
        return;
    if (!f) {
        check_say(k, s->loc, "no packet left %s", port_text(k, s->port));
        check_fate(k, o, s->loc);
        return;
    }
    f->taken = true;
    frame_match(k->u->arena, k->u->tree, f, s->packet, &wrong);
    if (!wrong.first)
        return;
    check_say(k, s->loc, "the packet that left %s is not the one expected",
              port_text(k, s->port));
    check_table(k, &wrong);
}

static void expect_nothing(struct check *k, const struct tstep *s)
{
    struct outcome *o = here(k, s->loc);
    const struct port *from;
    struct frame *f = o ? any_out(k, o, s->port, &from) : NULL;

    expecting(k, s, true);
    if (!f)
        return;
    check_say(k, s->loc, "a packet left %s", port_text(k, from));
    note(k, "%s", frame_text(k->u->arena, k->u->tree, f));
    f->taken = true;
}

static void expect_drop(struct check *k, const struct tstep *s)
{
    struct outcome *o = here(k, s->loc);
    struct outcome *before = o ? check_at(k, k->group, s->loc) : NULL;
    struct drop_row *d;

    expecting(k, s, false);
    if (!before)
        return;
    LIST_EACH (d, &o->drops) {
        if (s->text && strcmp(s->text, d->reason) != 0)
            continue;
        if (d->packets <= d->taken + dropped_by(before, d))
            continue;
        d->taken++;
        return;
    }
    check_say(k, s->loc, "no packet was dropped%s%s", s->text ? ": " : "",
              s->text ? s->text : "");
    check_fate(k, o, s->loc);
}

static void step(struct check *k, const struct tstep *s)
{
    switch (s->kind) {
    case STEP_SEND:
        send(k, s);
        break;
    case STEP_REPLY:
        reply(k, s);
        break;
    case STEP_EXPECT:
        expect_packet(k, s);
        break;
    case STEP_NOTHING:
        expect_nothing(k, s);
        break;
    case STEP_DROP:
        expect_drop(k, s);
        break;
    case STEP_EVENT:
        expecting(k, s, false);
        check_event(k, s);
        break;
    case STEP_VALUE:
        expecting(k, s, false);
        check_value(k, s->value, s->loc);
        break;
    case STEP_AFTER:
        k->time += (uint64_t)s->time;
        break;
    case STEP_SET:
        set(k, s);
        break;
    }
}

void check_interp(struct check *k)
{
    const struct tstep *s;

    k->time = (uint64_t)1000 * 1000000000;
    LIST_EACH (s, &k->test->steps) {
        step(k, s);
        if (k->at && k->script.in.n < k->room && k->at[k->script.in.n] &&
            k->at[k->script.in.n]->failed)
            return;
    }
    close_group(k);
    here(k, k->test->loc);
}

/* ---- other layouts ---- */

static void compare_port(struct check *k, const struct layout *l,
                         const struct port *p, const frames *x, const frames *y)
{
    const struct frame *a = x->first, *b = y->first;
    mismatches wrong = {0};
    unsigned n = 1;

    for (; a && b; a = a->next, b = b->next, n++) {
        frame_compare(k->u->arena, k->u->tree, a, b, &wrong);
        if (!wrong.first)
            continue;
        check_say(k, k->test->loc,
                  "%s: packet %u that left %s is not that of the interpreter",
                  l->name, n, port_text(k, p));
        check_table(k, &wrong);
        return;
    }
    if (a || b)
        check_say(k, k->test->loc,
                  "%s: %u packets left %s, in the interpreter %u", l->name,
                  y->n, port_text(k, p), x->n);
}

/* The report names the captures, which are others. */
static bool is_path(const char *line)
{
    return strstr(line, "\"out\":") != NULL;
}

static void compare_lines(struct check *k, const struct layout *l,
                          const char *what, const struct lines *x,
                          const struct lines *y)
{
    unsigned i = 0;

    while (i < x->n && i < y->n &&
           (strcmp(x->v[i], y->v[i]) == 0 ||
            (is_path(x->v[i]) && is_path(y->v[i]))))
        i++;
    if (i == x->n && i == y->n)
        return;
    check_say(k, k->test->loc, "%s: the %s is not that of the interpreter",
              l->name, what);
    note(k, "expected  %s", i < x->n ? x->v[i] : "the end");
    note(k, "got       %s", i < y->n ? y->v[i] : "the end");
}

/* Several cores may read atomic state in another order: then the interpreter
 * does the same in that order, or says why there cannot be such a one. */
static const char *order_of(const struct check *k, const struct layout *l)
{
    const struct position *p;
    const struct var *v;

    if (l->cores > 1)
        LIST_EACH (p, &k->test->chain->nfs)
            LIST_EACH (v, &p->nf->vars)
                if (v->storage == ST_ATOMIC)
                    return arena_fmt(k->u->arena, "%s/%s.order", k->folder,
                                     l->name);
    return NULL;
}

static struct outcome *run_all(struct check *k, const struct layout *l,
                               const char *tag, const char *order)
{
    struct outcome *o =
        test_run(k->u, l, &k->script, k->script.in.n, k->folder, tag, order);

    if (!o->failed)
        return o;
    check_say(k, k->test->loc, "%s: the test cannot be run: %s", tag,
              o->failed);
    return NULL;
}

void check_layout(struct check *k, const struct layout *l)
{
    const char *order = order_of(k, l);
    struct outcome *x = here(k, k->test->loc), *y;
    const struct port *p;

    y = x ? run_all(k, l, l->name, order) : NULL;
    if (y && order)
        x = run_all(k, &interp, arena_fmt(k->u->arena, "interp-as-%s", l->name),
                    order);
    if (!x || !y)
        return;
    LIST_EACH (p, &k->u->tree->ports)
        compare_port(k, l, p, &x->out[p->index], &y->out[p->index]);
    compare_lines(k, l, "trace", &x->trace, &y->trace);
    compare_lines(k, l, "final state", &x->state, &y->state);
    compare_lines(k, l, "report", &x->report, &y->report);
}
