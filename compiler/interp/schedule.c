#include "interp/schedule.h"
#include "base/arena.h"
#include "base/mem.h"
#include "interp/course.h"
#include "interp/exec.h"
#include "interp/monitor.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct runner { /* an NF in a group */
    unsigned position;
    bool copy;
    struct runner *next;
};

struct group {
    LIST(struct runner) parts; /* as they are listed */
    bool copies;
    struct group *next;
};

struct schedule {
    bool turns;
    uint64_t luck;
    LIST(struct group) groups;
};

/* What an NF of a group does with a packet, as far as it is. */
struct visit {
    struct moment m;
    struct packet packet;
    struct nfl_tuple tuple;
    bool copy;
    enum { BEGINS, NEW, PACKET, LEAVES, OVER } next;
    const struct handler *handler; /* due, of NEW and PACKET */
};

/* ---- reading ---- */

static bool group_parse(struct arena *a, struct schedule *s, char *text,
                        unsigned n)
{
    struct group *g = ARENA_NEW(a, struct group);
    char *word;

    while ((word = strsep(&text, ","))) {
        struct runner *p = ARENA_NEW(a, struct runner);
        char *end;

        p->position = (unsigned)strtoul(word, &end, 10);
        p->copy = *end == 'c';
        g->copies |= p->copy;
        if (end == word || end[p->copy] || p->position >= n)
            return false;
        LIST_ADD(&g->parts, p);
    }
    LIST_ADD(&s->groups, g);
    return true;
}

static struct passage *passage_named(struct world *w, const char *name)
{
    for (unsigned i = 0; i < w->n_passages; i++)
        if (strcmp(w->passages[i].chain->name, name) == 0)
            return &w->passages[i];
    return NULL;
}

static bool line_parse(struct world *w, char *line)
{
    struct schedule *s = ARENA_NEW(w->arena, struct schedule);
    char *word[4];
    struct passage *c;

    line[strcspn(line, "\n")] = '\0';
    for (unsigned i = 0; i < 4; i++)
        if (!(word[i] = strsep(&line, " ")))
            return false;
    c = passage_named(w, word[0]);
    if (!c)
        return false;
    s->turns = strcmp(word[2], "turns") == 0;
    s->luck = strtoull(word[3], NULL, 10);
    while (line)
        if (!group_parse(w->arena, s, strsep(&line, " "), c->n))
            return false;
    c->schedule[strcmp(word[1], "right") == 0] = s;
    return true;
}

bool schedule_read(struct world *w, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    bool good = f != NULL;

    if (!f)
        snprintf(w->err, sizeof(w->err), "%s: %s", path, strerror(errno));
    while (good && getline(&line, &room, f) > 0) {
        good = line_parse(w, arena_str(w->arena, line));
        if (!good)
            snprintf(w->err, sizeof(w->err), "%s: what is this? %s", path,
                     line);
    }
    free(line);
    if (f)
        fclose(f);
    return good;
}

/* ---- an NF, step by step ---- */

static void visit_begin(struct visit *v)
{
    struct moment *m = &v->m;
    struct session *s = m->session;
    unsigned k = m->station->at->index;

    m->reason = s ? s->dropped[k] : NULL;
    v->next = m->reason ? OVER : PACKET;
    if (m->reason || !s)
        return;
    if (m->back)
        session_undo(s, k, m->packet);
    if (!s->seen[k])
        v->next = NEW;
    s->seen[k] = true;
}

/* One handler; the next of the same raiser is due then, or what follows. */
static void visit_handler(struct visit *v, enum raiser raiser)
{
    const struct handler *h = v->handler;

    if (!h) {
        v->next++;
        v->handler = v->m.station->at->nf->handlers.first;
        return;
    }
    if (h == v->m.station->at->nf->handlers.first && raiser == RAISE_PACKET) {
        course_visit(&v->m);
        if (v->m.session)
            v->m.reason = v->m.session->dropped[v->m.station->at->index];
    }
    if (h == v->m.station->at->nf->handlers.first)
        exec_look(&v->m);
    if (h->raiser == raiser && !v->m.reason)
        exec_handler(&v->m, h);
    v->handler = h->next;
    if (v->m.reason)
        v->next = OVER;
}

static void visit_step(struct visit *v)
{
    if (v->next == BEGINS) {
        visit_begin(v);
    } else if (v->next == NEW) {
        visit_handler(v, RAISE_NEW);
    } else if (v->next == PACKET) {
        visit_handler(v, RAISE_PACKET);
    } else if (v->next == LEAVES) {
        monitor_repeats(&v->m);
        if (v->m.session && !v->m.back)
            session_translate(v->m.session, v->m.station->at->index,
                              v->m.packet);
        v->next = OVER;
    }
}

/* ---- a group ---- */

/* A copy of what is known of a packet; it has the same bytes. */
static void packet_takes(struct packet *to, const struct packet *from)
{
    *to = *from;
    for (int r = 0; r < ROLE_N; r++)
        if (from->role[r].layer)
            to->role[r].layer = &to->layer[from->role[r].layer - from->layer];
}

static void visit_new(struct visit *v, const struct moment *m,
                      const struct runner *p, bool keeps)
{
    *v = (struct visit){.m = *m, .copy = p->copy};
    v->m.station = &m->chain->stations[p->position];
    v->m.packet = &v->packet;
    v->handler = v->m.station->at->nf->handlers.first;
    packet_takes(&v->packet, m->packet);
    for (unsigned i = 0; i < v->packet.n_layers; i++)
        v->packet.layer[i].tag = i + 1;
    v->packet.written = mem_zeroed(v->packet.len + v->packet.room + 1, 1);
    if (p->copy) {
        v->packet.bytes = mem_zeroed(v->packet.len + v->packet.room + 1, 1);
        memcpy(v->packet.bytes, m->packet->bytes, v->packet.len);
    }
    if (keeps && m->session) {
        v->tuple = session_tuple(m->session, p->position);
        v->m.tuple = &v->tuple;
    }
}

static unsigned roll(struct schedule *s, unsigned n)
{
    s->luck = s->luck * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(s->luck >> 33) % n;
}

static void run_turns(struct schedule *s, struct visit *v, unsigned n)
{
    for (unsigned left = n; left;) {
        struct visit *one = &v[roll(s, n)];

        if (one->next == OVER)
            continue;
        visit_step(one);
        left -= one->next == OVER;
    }
}

/* What was set of the bytes from `at` on of one packet, as far as it was not
 * set from `to_at` on of another, goes there. */
static void merge_bytes(struct packet *to, size_t to_at,
                        const struct packet *from, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t mask = from->written[at + i] & (uint8_t)~to->written[to_at + i];
        uint8_t *b = &to->bytes[to_at + i];

        *b = (uint8_t)((*b & ~mask) | (from->bytes[at + i] & mask));
        to->written[to_at + i] |= mask;
    }
}

/* What an earlier NF wrote goes into what a later one, or the one that added or
 * removed headers, made of the packet. */
static void merge(struct packet *to, const struct packet *from)
{
    for (unsigned i = 0; i < to->n_layers; i++) {
        const struct layer *l = &to->layer[i], *was;

        if (!l->tag)
            continue;
        was = &from->layer[l->tag - 1];
        merge_bytes(to, l->off, from, was->off, l->size);
    }
    if (packet_payload_end(to) - packet_payload_begin(to) ==
        packet_payload_end(from) - packet_payload_begin(from))
        merge_bytes(to, packet_payload_begin(to), from,
                    packet_payload_begin(from),
                    packet_payload_end(to) - packet_payload_begin(to));
}

static bool resized(const struct packet *p)
{
    for (unsigned i = 0; i < p->n_layers; i++)
        if (p->layer[i].tag != i + 1)
            return true;
    return false;
}

/* The last NF's packet, or that of the one that changed its headers (of a group
 * there is but one), with what the others wrote, becomes the packet. */
static void merge_all(struct packet *p, struct visit *const *sorted, unsigned n)
{
    struct packet *base = &sorted[n - 1]->packet;
    uint8_t *bytes = p->bytes, *written = p->written;

    for (unsigned i = 0; i < n; i++)
        if (resized(&sorted[i]->packet) ||
            sorted[i]->packet.n_layers != p->n_layers)
            base = &sorted[i]->packet;
    for (unsigned i = n; i-- > 0;)
        if (&sorted[i]->packet != base)
            merge(base, &sorted[i]->packet);
    if (base->bytes != p->bytes)
        memcpy(p->bytes, base->bytes, base->len);
    packet_takes(p, base);
    p->bytes = bytes;
    p->written = written;
}

static int left_first(const void *x, const void *y)
{
    const struct visit *a = *(struct visit *const *)x,
                       *b = *(struct visit *const *)y;
    unsigned i = a->m.station->at->index, k = b->m.station->at->index;

    return i < k ? -1 : i > k;
}

static int right_first(const void *x, const void *y)
{
    return left_first(y, x);
}

/* Puts together what the group did, in the order of the chain. */
static bool join(const struct moment *m, struct visit **sorted, unsigned n)
{
    bool passes = true;

    qsort(sorted, n, sizeof(struct visit *),
          m->side == 0 ? left_first : right_first);
    merge_all(m->packet, sorted, n);
    for (unsigned i = 0; i < n; i++) {
        const struct moment *at = &sorted[i]->m;

        if (passes && at->reason)
            moment_dropped(at);
        passes &= !at->reason;
    }
    return passes;
}

static bool run_group(const struct moment *m, struct schedule *s,
                      const struct group *g)
{
    struct visit *v = mem_zeroed(g->parts.n + 1, sizeof(*v));
    struct visit **sorted = mem_zeroed(g->parts.n + 1, sizeof(struct visit *));
    const struct runner *p;
    unsigned n = 0;
    bool passes;

    LIST_EACH (p, &g->parts) {
        sorted[n] = &v[n];
        visit_new(&v[n++], m, p, g->copies);
    }
    if (s->turns)
        run_turns(s, v, n);
    for (unsigned i = 0; i < n; i++)
        while (v[i].next != OVER)
            visit_step(&v[i]);
    passes = join(m, sorted, n);
    for (unsigned i = 0; i < n; i++) {
        free(v[i].packet.written);
        if (v[i].copy)
            free(v[i].packet.bytes);
    }
    free(sorted);
    free(v);
    return passes;
}

bool schedule_run(const struct moment *m, struct schedule *s)
{
    const struct group *g;

    LIST_EACH (g, &s->groups)
        if (!run_group(m, s, g))
            return false;
    return true;
}
