/* The test back end: a run of a compiled program without EAL. Ports are
 * captures, each packet is a heap block of exactly its size, so that sanitizers
 * see every access beyond it. */
#include "heap/run.h"
#include "core/fit.h"
#include "flow/cut.h"
#include "flow/inlet.h"
#include "flow/summary.h"
#include "sched/replay.h"
#include <errno.h>
#include <nfl/capture.h>
#include <nfl/made.h>
#include <nfl/options.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ERR_BYTES = 512 };

struct run {
    const struct nfl_module *module;
    struct nfl_options options;
    struct nfl_workers workers; /* n is 0 before they are there */
    FILE *trace;
    struct nfl_merge *in;
    struct nfl_inlet *inlet;      /* or NULL */
    struct nfl_capture_out **out; /* by port; NULL: not written */
    struct nfl_report report;
    bool any;       /* a packet was read */
    bool lost;      /* the run is broken off */
    bool bad_input; /* a capture was corrupt; the others went on */
    char err[ERR_BYTES];
};

static bool complain(const struct run *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool complain(const struct run *r, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "%s: ", r->module->name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return false;
}

/* ---- set-up ---- */

static bool open_port(struct run *r, unsigned i)
{
    const struct nfl_port_spec *p = &r->options.ports[i];
    struct nfl_capture_in *in;

    r->report.ports[i].name = p->name;
    r->report.ports[i].out = p->out;
    if (p->in && *p->in) {
        in = nfl_capture_open(p->in, r->err, sizeof(r->err));
        if (!in)
            return complain(r, "%s", r->err);
        if (!nfl_merge_add(r->in, in, i))
            return complain(r, "no memory");
    }
    if (!p->out)
        return true;
    r->out[i] = nfl_capture_create(p->out, r->err, sizeof(r->err));
    return r->out[i] || complain(r, "%s", r->err);
}

/* Behind the frame a block ends, so that sanitizers see who goes further. One
 * of no bytes has room for one: an empty frame lies behind it. */
static uint8_t *new_block(uint32_t len, uint32_t room)
{
    return malloc(room + len + (room + len == 0));
}

static bool grow_block(struct nfl_pkt *p, uint32_t len)
{
    uint8_t *block = new_block(len, p->headroom);

    if (!block)
        return false;
    memcpy(block + p->headroom, p->data, p->len < len ? p->len : len);
    free(p->buffer);
    p->buffer = block;
    p->data = block + p->headroom;
    return true;
}

static const struct nfl_inlet_buffers inlet_buffers = {free, grow_block};

static bool set_up(struct run *r)
{
    unsigned n = r->options.n_ports, i;
    char *err = r->err;

    if (!nfl_options_check(&r->options, err, sizeof(r->err)) ||
        !nfl_workers_init(&r->workers, r->options.cores, r->module, &r->options,
                          nfl_options_seed(&r->options), err, sizeof(r->err)))
        return complain(r, "%s", err);
    if (r->options.trace) {
        r->trace = nfl_trace_open(r->options.trace, err, sizeof(r->err));
        if (!r->trace)
            return complain(r, "%s", err);
    }
    if (!nfl_inlet_new(&r->inlet, r->module, nfl_options_seed(&r->options),
                       r->workers.drops, &inlet_buffers))
        return complain(r, "no memory");
    if (r->workers.n == 1)
        r->workers.at[0]->trace = r->trace;
    r->in = nfl_merge_new();
    r->out = calloc(n + 1, sizeof(struct nfl_capture_out *));
    r->report.ports = calloc(n + 1, sizeof(*r->report.ports));
    if (!r->in || !r->out || !r->report.ports)
        return complain(r, "no memory");
    r->report.n_ports = n;
    for (i = 0; i < n; i++)
        if (!open_port(r, i))
            return false;
    return true;
}

/* ---- packets ---- */

static bool send_frame(struct run *r, const struct nfl_pkt *p,
                       const uint8_t *data, uint32_t len)
{
    struct nfl_report_port *row = &r->report.ports[p->out];
    struct nfl_capture_out **out = &r->out[p->out];

    row->tx_packets++;
    row->tx_bytes += len;
    if (!*out || nfl_capture_write(*out, p->time, data, len))
        return true;
    nfl_capture_finish(*out, true, r->err, sizeof(r->err)); /* says why */
    *out = NULL;
    return complain(r, "%s", r->err);
}

static bool send_packet(struct run *r, const struct nfl_pkt *p)
{
    static uint8_t frame[NFL_FRAME_MAX];
    struct nfl_cut c;
    uint32_t len;
    bool ok = true;

    if (!nfl_cut_begin(&c, p))
        return send_frame(r, p, p->data, p->len);
    r->workers.cut--;
    while (ok && (len = nfl_cut_next(&c, frame))) {
        r->workers.cut++;
        ok = send_frame(r, p, frame, len);
    }
    return ok;
}

static bool fill(struct run *r, struct nfl_pkt *p, const struct nfl_frame *f,
                 unsigned port)
{
    uint32_t room = r->module->room;
    uint8_t *block;

    room = f->len + room > NFL_FRAME_MAX ? NFL_FRAME_MAX - f->len : room;
    block = new_block(f->len, room);
    if (!block)
        return complain(r, "no memory");
    if (f->len)
        memcpy(block + room, f->data, f->len);
    *p = (struct nfl_pkt){
        .data = block + room + (room + f->len == 0),
        .len = f->len,
        .headroom = (uint16_t)room,
        .port = (uint16_t)port,
        .time = f->time,
        .buffer = block,
    };
    return true;
}

static void count_rx(struct run *r, const struct nfl_frame *f, unsigned port)
{
    struct nfl_report_port *row = &r->report.ports[port];

    row->rx_packets++;
    row->rx_bytes += f->len;
    if (!r->any)
        r->report.first = f->time;
    r->any = true;
    if (f->time > r->report.last)
        r->report.last = f->time;
}

/* The next frame that is no longer than its port takes. False at the end, and,
 * after a line, if r->lost is set. */
static bool read_frame(struct run *r, struct nfl_pkt *p)
{
    struct nfl_frame f;
    unsigned port;
    int got;

    while ((got = nfl_merge_next(r->in, &f, &port, r->err, sizeof(r->err)))) {
        if (got < 0) {
            complain(r, "%s", r->err);
            r->bad_input = true;
            continue;
        }
        count_rx(r, &f, port);
        if (f.len <= nfl_port_frame_max(&r->options.ports[port])) {
            r->lost = r->lost || !fill(r, p, &f, port);
            return !r->lost;
        }
        r->workers.drops[NFL_DROP_oversize]++;
    }
    return false;
}

/* The next packet that enters a chain. */
static bool read_packet(struct run *r, struct nfl_pkt *p)
{
    if (!r->inlet)
        return read_frame(r, p);
    while (!nfl_inlet_get(r->inlet, p)) {
        if (!read_frame(r, p)) {
            nfl_inlet_end(r->inlet);
            return false;
        }
        nfl_inlet_put(r->inlet, p);
    }
    return true;
}

/* A packet that came back. */
static void put_packet(struct run *r, struct nfl_pkt *p)
{
    if (p->out != NFL_OUT_DROP && !r->lost)
        r->lost = !send_packet(r, p);
    free(p->buffer);
}

/* ---- one worker ---- */

static void run_alone(struct run *r)
{
    struct nfl_pkt *burst[NFL_BURST];
    struct nfl_pkt pkt[NFL_BURST];
    struct nfl_worker *w = r->workers.at[0];
    const struct nfl_pkt *p;
    unsigned i, n, at;

    do {
        for (n = 0; n < NFL_BURST && read_packet(r, &pkt[n]); n++)
            burst[n] = &pkt[n];
        nfl_worker_burst(w, r->module, burst, n);
        for (i = at = 0; i < n; i++) {
            put_packet(r, &pkt[i]);
            while ((p = nfl_made_next(w, &pkt[i], &at)) && !r->lost)
                r->lost = !send_packet(r, p);
        }
    } while (n > 0 && !r->lost);
}

/* ---- several, each a thread ---- */

struct thread {
    pthread_t id;
    struct nfl_replay *replay;
    unsigned index;
};

static void *work(void *arg)
{
    struct thread *t = arg;

    nfl_replay_work(t->replay, t->index);
    return NULL;
}

/* Returns how many could be started. */
static unsigned start_threads(struct thread *threads, unsigned n,
                              struct nfl_replay *replay)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        threads[i].replay = replay;
        threads[i].index = i;
        if (pthread_create(&threads[i].id, NULL, work, &threads[i]) != 0)
            break;
    }
    return i;
}

static bool give(struct run *r, struct nfl_replay *replay, struct nfl_batch *b)
{
    b->n = 0;
    while (b->n < NFL_BATCH && !r->lost && read_packet(r, &b->slots[b->n].pkt))
        b->n++;
    if (b->n == 0)
        return false;
    nfl_replay_give(replay);
    return true;
}

static bool fetch(struct run *r, struct nfl_replay *replay)
{
    struct nfl_batch *b = nfl_replay_wait(replay);
    const struct nfl_pkt *p;
    unsigned i;

    for (i = 0; b && i < b->n; i++) {
        put_packet(r, &b->slots[i].pkt);
        for (p = NULL; (p = nfl_replay_made(&b->slots[i], p));)
            r->lost = r->lost || !send_packet(r, p);
    }
    if (b)
        nfl_replay_taken(replay);
    return b != NULL;
}

static void run_divided(struct run *r)
{
    struct nfl_replay *replay =
        nfl_replay_new(&r->workers, r->module, r->trace);
    struct thread threads[NFL_WORKERS_MAX];
    struct nfl_batch *b;
    unsigned n = replay ? start_threads(threads, r->workers.n, replay) : 0;
    bool more = n == r->workers.n;

    if (!more)
        r->lost = !complain(r, "no memory for %u threads", r->workers.n);
    while (n == r->workers.n) {
        while (more && (b = nfl_replay_empty(replay)) != NULL)
            more = give(r, replay, b);
        if (!fetch(r, replay))
            break;
    }
    if (replay && !nfl_replay_end(replay))
        r->lost = !complain(r, "no memory for the trace");
    while (n > 0)
        pthread_join(threads[--n].id, NULL);
    nfl_replay_free(replay);
}

static bool all_packets(struct run *r)
{
    if (r->workers.n == 1)
        run_alone(r);
    else
        run_divided(r);
    if (!r->lost && !nfl_workers_stop(&r->workers, r->trace))
        return complain(r, "no memory for the flows that are live at the end");
    return !r->lost;
}

/* ---- the end ---- */

static void print_notes(struct run *r)
{
    unsigned at = 0;

    while (!r->options.quiet &&
           nfl_merge_note(r->in, &at, r->err, sizeof(r->err)))
        complain(r, "%s", r->err);
}

static bool close_outputs(struct run *r, bool keep)
{
    bool good = true;
    unsigned i;

    for (i = 0; r->out && i < r->options.n_ports; i++)
        if (r->out[i] &&
            !nfl_capture_finish(r->out[i], keep, r->err, sizeof(r->err)) &&
            keep)
            good = complain(r, "%s", r->err);
    if (r->trace && !nfl_trace_close(r->trace, r->options.trace, keep, r->err,
                                     sizeof(r->err)))
        good = complain(r, "%s", r->err);
    return good;
}

static bool write_state(struct run *r)
{
    struct nfl_state *s;

    if (!r->options.state)
        return true;
    s = nfl_state_new();
    if (!s)
        return complain(r, "no memory");
    nfl_summary_state(&r->workers, r->module, s);
    return nfl_state_write(s, r->options.state, r->err, sizeof(r->err)) ||
           complain(r, "%s", r->err);
}

static bool print_report(struct run *r)
{
    bool printed = true;

    r->report.top = r->options.top;
    if (!nfl_summary_report(&r->workers, r->module, &r->report))
        return complain(r, "no memory");
    if (r->options.json)
        printed = nfl_report_json(&r->report, stdout);
    else if (!r->options.quiet)
        printed = nfl_report_text(&r->report, stdout);
    if (!printed)
        return complain(r, "no memory for the statistics");
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(r, "cannot print the statistics: %s",
                        strerror(errno ? errno : EIO));
    return nfl_report_balanced(&r->report, r->err, sizeof(r->err)) ||
           complain(r, "%s", r->err);
}

static bool run(struct run *r)
{
    bool good = set_up(r) && all_packets(r);

    if (r->in)
        print_notes(r);
    good = close_outputs(r, good) && good;
    good = good && write_state(r) && print_report(r);
    nfl_summary_fini(&r->report);
    free(r->report.ports);
    free(r->out);
    if (r->in)
        nfl_merge_free(r->in);
    nfl_inlet_free(r->inlet);
    nfl_workers_fini(&r->workers);
    return good && !r->bad_input;
}

int nfl_heap_run(const struct nfl_module *module, int argc, char **argv)
{
    struct run r = {.module = module};
    int status;

    if (!nfl_module_fits(r.module, r.err, sizeof(r.err))) {
        complain(&r, "%s", r.err);
        return 1;
    }
    status = nfl_options_parse(&r.options, argc, argv, r.module->name,
                               r.module->ports, r.module->n_ports, false);
    if (status < 0)
        status = run(&r) ? 0 : 1;
    nfl_options_fini(&r.options);
    return status;
}
