/* A run: ports, the loop over their packets, and what is written at the end.
 * Exit status: 0 if all went well, 1 if not, 2 after a usage error. */
#include "interp/interp.h"
#include "base/arena.h"
#include "base/mem.h"
#include "interp/config.h"
#include "interp/course.h"
#include "interp/exec.h"
#include "interp/datagram.h"
#include "interp/early.h"
#include "interp/fragment.h"
#include "interp/ingress.h"
#include "interp/made.h"
#include "interp/packet.h"
#include "interp/order.h"
#include "interp/schedule.h"
#include "interp/session.h"
#include "interp/summary.h"
#include "interp/table.h"
#include "interp/wait.h"
#include "interp/world.h"
#include "unit.h"
#include <nfl/capture.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ERR_BYTES = 512 };

struct run {
    struct world world;
    struct nfl_options options;
    const char *program;
    const char *schedule; /* file, or NULL */
    struct nfl_merge *in;
    struct nfl_capture_out **out; /* by port; NULL: not written */
    struct nfl_report report;
    uint8_t *bytes; /* of the frame at hand */
    size_t room;
    bool bad_input;
    char err[ERR_BYTES];
};

static bool complain(struct run *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(struct run *r, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s: ", r->program);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return false;
}

/* The file's name without folder and .nfl: the program's name. */
static const char *program_name(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);

    if (n > 4 && strcmp(base + n - 4, ".nfl") == 0)
        n -= 4;
    return arena_strn(a, base, n);
}

/* ---- set-up ---- */

static bool open_ports(struct run *r)
{
    r->in = nfl_merge_new();
    r->out = arena_alloc(r->world.arena, (r->options.n_ports + 1) *
                                             sizeof(struct nfl_capture_out *));
    if (!r->in)
        return complain(r, "no memory");
    for (unsigned i = 0; i < r->options.n_ports; i++) {
        const struct nfl_port_spec *p = &r->options.ports[i];
        struct nfl_capture_in *in;

        if (p->in && *p->in) {
            in = nfl_capture_open(p->in, r->err, sizeof(r->err));
            if (!in)
                return complain(r, "%s", r->err);
            if (!nfl_merge_add(r->in, in, i))
                return complain(r, "no memory");
        }
        if (!p->out)
            continue;
        r->out[i] = nfl_capture_create(p->out, r->err, sizeof(r->err));
        if (!r->out[i])
            return complain(r, "%s", r->err);
    }
    return true;
}

static bool open_trace(struct run *r)
{
    if (!r->options.trace)
        return true;
    r->world.trace = nfl_trace_open(r->options.trace, r->err, sizeof(r->err));
    return r->world.trace || complain(r, "%s", r->err);
}

static bool set_up(struct run *r)
{
    struct world *w = &r->world;
    const struct port *port;
    unsigned i = 0;

    w->options = &r->options;
    w->seed = nfl_options_seed(&r->options);
    w->srcdir = w->tree->main->dir;
    if (!nfl_options_check(&r->options, r->err, sizeof(r->err)))
        return complain(r, "%s", r->err);
    if (!world_init(w))
        return complain(r, "%s", w->err);
    r->report.program = r->program;
    r->report.brief = w->unit->text != NULL;
    r->report.top = r->options.top    ? r->options.top
                    : r->report.brief ? NFL_REPORT_TOP
                                      : 0;
    r->report.n_ports = w->tree->ports.n;
    r->report.ports = arena_alloc(w->arena, (w->tree->ports.n + 1) *
                                                sizeof(*r->report.ports));
    LIST_EACH (port, &w->tree->ports) {
        r->report.ports[i].name = port->name;
        r->report.ports[i].out = r->options.ports[i].out;
        i++;
    }
    if (r->options.order && !order_read(w, r->options.order))
        return complain(r, "%s", w->err);
    if (r->schedule && !schedule_read(w, r->schedule))
        return complain(r, "%s", w->err);
    return open_ports(r) && open_trace(r);
}

/* ---- packets ---- */

static const struct port *port_at(const struct tree *t, unsigned index)
{
    const struct port *p = t->ports.first;

    while (p->index != index)
        p = p->next;
    return p;
}

static bool send_packet(struct run *r, const uint8_t *bytes, size_t len,
                        uint64_t time, const struct port *to)
{
    struct nfl_report_port *row = &r->report.ports[to->index];
    struct nfl_capture_out **out = &r->out[to->index];

    row->tx_packets++;
    row->tx_bytes += len;
    if (!*out || nfl_capture_write(*out, time, bytes, (uint32_t)len))
        return true;
    nfl_capture_finish(*out, true, r->err, sizeof(r->err)); /* says why */
    *out = NULL;
    return complain(r, "%s", r->err);
}

struct leaving { /* a packet at its port */
    struct run *run;
    uint64_t time;
    const struct port *to;
    unsigned n; /* frames of it that were sent */
};

static bool send_frame(void *self, const uint8_t *bytes, size_t len)
{
    struct leaving *l = self;

    l->n++;
    return send_packet(l->run, bytes, len, l->time, l->to);
}

/* It may leave in fragments. */
static bool send_whole(struct run *r, const struct packet *p, uint64_t time,
                       const struct port *to)
{
    struct leaving l = {r, time, to, 0};
    bool good = datagram_leaves(p, send_frame, &l);

    r->report.cut += l.n - 1;
    return good;
}

/* What the packet at hand made, and what waited and goes on, behind it. */
static bool send_made(struct run *r, uint64_t time)
{
    struct made_packet *d = r->world.leaving.first, *next;
    bool good = true;

    LIST_CLEAR(&r->world.leaving);
    for (; d; d = next) {
        const struct packet p = {.bytes = d->bytes,
                                 .len = d->len,
                                 .cut = d->cut,
                                 .cut_id = d->cut_id,
                                 .joined = d->joined};

        next = d->next;
        good = good && send_whole(r, &p, time, d->to);
        made_free(d);
    }
    return good;
}

static uint8_t *copy_of(struct run *r, const struct arrival *f)
{
    if (f->len + PACKET_ROOM > r->room) {
        free(r->bytes);
        r->room = f->len + PACKET_ROOM;
        r->bytes = mem_zeroed(r->room, 1);
    }
    if (f->len)
        memcpy(r->bytes, f->bytes, f->len);
    return r->bytes;
}

static bool one_packet(struct run *r, const struct arrival *a)
{
    struct world *w = &r->world;
    struct packet p = {.arrived = a->bytes,
                       .len = a->len,
                       .later = a->later,
                       .first_tuple = a->first,
                       .cut = a->cut,
                       .cut_id = a->cut_id,
                       .joined = a->cut != 0};
    uint64_t tick = a->time / 1000000;
    const struct port *to;
    struct passage *c;
    unsigned side;

    w->packets++;
    w->time = a->time;
    if (tick > w->now)
        w->now = tick;
    tables_expire(w);
    time_passes(w);
    config_apply(w);
    p.bytes = copy_of(r, a);
    packet_parse(&p, w->tree);
    c = ingress(w, &p, a->port, &side);
    if (!c)
        return true;
    if (passage_run(w, c, &p, side)) {
        to = c->chain->port[1 - side];
        w->drops[OWN_DROP_end] += to == NULL;
        if (to && !send_whole(r, &p, a->time, to))
            return false;
    }
    return send_made(r, a->time);
}

/* What enters with a frame: nothing, it, or others behind it. */
static bool one_frame(struct run *r, const struct nfl_frame *f, unsigned index)
{
    struct world *w = &r->world;
    struct nfl_report_port *row = &r->report.ports[index];
    struct arrival *a, *next;
    bool good = true;

    row->rx_packets++;
    row->rx_bytes += f->len;
    if (f->len > nfl_port_frame_max(&r->options.ports[index])) {
        w->drops[OWN_DROP_oversize]++;
        return true;
    }
    a = mem_zeroed(1, sizeof(*a));
    a->bytes = mem_zeroed(f->len + 1, 1);
    if (f->len)
        memcpy(a->bytes, f->data, f->len);
    a->len = f->len;
    a->time = f->time;
    a->port = port_at(w->tree, index);
    fragments_take(w, a);
    a = w->entering.first;
    LIST_CLEAR(&w->entering);
    for (; a; a = next) {
        next = a->next;
        good = good && one_packet(r, a);
        arrival_free(a);
    }
    return good;
}

static bool all_packets(struct run *r)
{
    bool first = true;

    for (;;) {
        struct nfl_frame f;
        unsigned port = 0;
        int got = nfl_merge_next(r->in, &f, &port, r->err, sizeof(r->err));

        if (got == 0)
            return true;
        if (got < 0) {
            complain(r, "%s", r->err);
            r->bad_input = true;
            continue;
        }
        if (first)
            r->report.first = f.time;
        first = false;
        if (f.time > r->report.last)
            r->report.last = f.time;
        if (!one_frame(r, &f, port))
            return false;
    }
}

/* ---- the end ---- */

static bool close_outputs(struct run *r, bool keep)
{
    bool good = keep;

    for (unsigned i = 0; r->out && i < r->options.n_ports; i++) {
        if (r->out[i] &&
            !nfl_capture_finish(r->out[i], keep, r->err, sizeof(r->err)) &&
            keep)
            good = complain(r, "%s", r->err);
    }
    return good;
}

static bool close_trace(struct run *r, bool keep)
{
    if (!r->world.trace || nfl_trace_close(r->world.trace, r->options.trace,
                                           keep, r->err, sizeof(r->err)))
        return true;
    return complain(r, "%s", r->err);
}

static void print_notes(struct run *r)
{
    unsigned at = 0;

    while (!r->options.quiet && r->in &&
           nfl_merge_note(r->in, &at, r->err, sizeof(r->err)))
        complain(r, "%s", r->err);
}

static bool write_state(struct run *r)
{
    struct nfl_state *s;

    if (!r->options.state)
        return true;
    s = nfl_state_new();
    if (!s)
        return complain(r, "no memory");
    summary_state(&r->world, s);
    if (!nfl_state_write(s, r->options.state, r->err, sizeof(r->err)))
        return complain(r, "%s", r->err);
    return true;
}

static bool report(struct run *r)
{
    bool printed = true;

    summary_report(&r->world, &r->report);
    if (r->options.json)
        printed = nfl_report_json(&r->report, stdout);
    else if (!r->options.quiet)
        printed = nfl_report_text(&r->report, stdout);
    for (unsigned i = 0; i < r->report.n_tables; i++)
        nfl_report_entries_free(&r->report.tables[i]);
    if (!printed)
        return complain(r, "no memory for the statistics");
    if (!nfl_report_balanced(&r->report, r->err, sizeof(r->err)))
        return complain(r, "%s", r->err);
    return true;
}

/* There is no memory in the middle of a run. */
static void give_up(void *run)
{
    close_outputs(run, false);
    close_trace(run, false);
}

static int run(struct run *r)
{
    bool done, good;

    mem_cleanup(give_up, r);
    done = set_up(r) && all_packets(r);
    fragments_end(&r->world);
    waiting_end(&r->world);
    early_end(&r->world);
    if (done)
        sessions_stop(&r->world);
    if (done && r->world.order && !order_holds(&r->world))
        done = complain(r, "%s", r->world.err);
    mem_cleanup(NULL, NULL);
    print_notes(r);
    good = close_outputs(r, done);
    good = close_trace(r, done) && good;
    good = good && write_state(r) && report(r);
    nfl_merge_free(r->in);
    world_fini(&r->world);
    free(r->bytes);
    return good && !r->bad_input ? 0 : 1;
}

/* Takes --schedule=FILE out of the arguments: only tests know it. */
static const char *take_schedule(int *argc, char **argv)
{
    static const char name[] = "--schedule=";
    const char *file = NULL;
    int n = 0;

    for (int i = 0; i < *argc; i++) {
        if (strncmp(argv[i], name, strlen(name)) == 0)
            file = argv[i] + strlen(name);
        else
            argv[n++] = argv[i];
    }
    *argc = n;
    argv[n] = NULL;
    return file;
}

int interp_run(struct unit *u, int argc, char **argv)
{
    struct run r = {
        .world = {.unit = u, .tree = u->tree},
        .program =
            u->text ? "main" : program_name(u->arena, u->tree->main->path),
    };
    const struct port *port;
    const char **names;
    unsigned n = 0;
    int status;

    r.world.arena = u->arena;
    r.schedule = take_schedule(&argc, argv);
    names = arena_alloc(u->arena, (u->tree->ports.n + 1) * sizeof(*names));
    LIST_EACH (port, &u->tree->ports) {
        names[n++] = port->name;
    }
    status =
        nfl_options_parse(&r.options, argc, argv, r.program, names, n, false);
    if (status < 0) {
        r.world.scratch = arena_new();
        status = run(&r);
        arena_free(r.world.scratch);
    }
    nfl_options_fini(&r.options);
    return status;
}
