/* The connection: which segments count, and what they do to it, in the order of
 * LANGUAGE.md, "The TCP monitor". */
#include "ustack/options.h"
#include "ustack/stream.h"

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, ACK = 0x10, URG = 0x20 };
enum { HEADER = 20, UNKNOWN_SCALE = 14, FAR = 1 << 30 };
enum { MIDSTREAM_IGNORE = 1 };

enum seen { syn_came, syn_acked, fin_sent, fin_came, fin_acked, SEEN };

static void move(struct nfl_tcp_side *x, enum seen seen)
{
    static const uint8_t to[16][SEEN] = {
#define MOVE(from, seen, then) [NFL_TCP_##from][seen] = NFL_TCP_##then,
#include "ustack/tcp_state.def"
#undef MOVE
    };

    if (to[x->state][seen])
        x->state = to[x->state][seen] & 15;
}

static void sign(struct us_run *run, uint64_t signs)
{
    run->v->signs |= signs;
}

static bool has(const struct us_run *run, unsigned flags)
{
    return (run->h.flags & flags) == flags;
}

static bool knows(const struct nfl_tcp_side *x, unsigned bits)
{
    return (x->known & bits) == bits;
}

static void know(struct nfl_tcp_side *x, unsigned bits)
{
    x->known = (uint8_t)(x->known | bits);
}

static void announce(struct nfl_tcp_side *x, uint32_t window)
{
    x->window = window;
    if (window > x->widest)
        x->widest = window;
}

/* The window that y may use ends there, or further on. */
static void open_window(struct nfl_tcp_side *y, uint32_t edge)
{
    if (!knows(y, US_EDGE) || us_less(y->edge, edge))
        y->edge = edge;
    know(y, US_EDGE);
}

/* ---- what the segment is ---- */

static void read_header(struct us_run *run)
{
    const uint8_t *tcp = run->seg->tcp;
    uint32_t header = run->seg->tcp_len - run->seg->payload;
    bool stamped;

    run->h = (struct us_header){
        .seq = nfl_tcp_get32(tcp + 4),
        .ack = nfl_tcp_get32(tcp + 8),
        .flags = tcp[13],
        .window = (uint16_t)(tcp[14] << 8 | tcp[15]),
    };
    run->s = run->h.seq;
    run->e = run->s + run->seg->payload;
    run->data = tcp + header;
    if (nfl_tcp_plain(run->seg, &stamped)) {
        run->h.stamped = stamped;
        run->h.stamp = stamped ? nfl_tcp_get32(tcp + 24) : 0;
    } else if (!us_options(&run->h, tcp + HEADER, header - HEADER)) {
        sign(run, NFL_TCP_SIGN(bad_options));
    }
}

/* Hosts take what has RST besides other flags as a RST. */
static bool flags_fit(struct us_run *run)
{
    if (has(run, RST)) {
        if (run->h.flags & (SYN | FIN))
            sign(run, NFL_TCP_SIGN(bad_flags));
        run->h.flags &= (uint8_t)~(SYN | FIN);
        return true;
    }
    if (!has(run, SYN | FIN) && run->h.flags & (SYN | ACK))
        return true;
    sign(run, NFL_TCP_SIGN(bad_flags));
    return false;
}

/* Steps 1 and 2. */
static bool sound(struct us_run *run)
{
    const struct nfl_segment *seg = run->seg;

    if (seg->cut || seg->tcp_len < HEADER ||
        seg->payload > seg->tcp_len - HEADER ||
        seg->tcp_len >= NFL_TCP_LARGEST) {
        sign(run, NFL_TCP_SIGN(cut_short));
        return false;
    }
    if (!run->r->trust_sums && !seg->sum_good && !nfl_tcp_sum_good(seg)) {
        sign(run, NFL_TCP_SIGN(bad_checksum));
        return false;
    }
    read_header(run);
    if (has(run, URG))
        sign(run, NFL_TCP_SIGN(urgent));
    return flags_fit(run);
}

/* ---- beginnings ---- */

/* All of the side is as new; its stream, too, or it goes on. */
static void renew(struct us_run *run, struct nfl_tcp_side *x, bool goes_on)
{
    uint64_t offset = goes_on ? x->offset : 0;

    us_forget(run->t, run->pool, x);
    *x = (struct nfl_tcp_side){.offset = offset,
                               .window = US_NO_WINDOW,
                               .known = x->known & US_LOST,
                               .way = x->way & NFL_TCP_WATCH};
}

static void begin(struct nfl_tcp_side *x, uint32_t front)
{
    know(x, US_SYNCED);
    x->isn = front - 1;
    x->front = x->acked = x->next = front;
}

/* Data in a SYN waits at the frontier till it is known to count. */
static void syn_data(struct us_run *run)
{
    if (run->s == run->e)
        return;
    sign(run, NFL_TCP_SIGN(fast_open));
    run->s++;
    run->e++;
    run->x->next = run->e;
    us_early(run);
}

static void open_side(struct us_run *run, enum nfl_tcp_state state)
{
    struct nfl_tcp_side *x = run->x;
    const struct us_header *h = &run->h;

    begin(x, h->seq + 1);
    x->listened = has(run, ACK);
    x->state = state & 15;
    x->scale = h->scaled ? h->scale & 15 : US_NO_SCALE;
    if (h->stamped)
        know(x, US_STAMP);
    x->ts_recent = h->stamp;
    x->way |= NFL_TCP_SYN | (h->with_sign ? NFL_TCP_SIGNED : 0) |
              (h->sacks ? NFL_TCP_SACKS : 0);
    announce(x, h->window);
    syn_data(run);
}

static void first_syn(struct us_run *run)
{
    bool stale = run->x->state == NFL_TCP_STALE;

    if (run->seg->reuses || (run->x->state != NFL_TCP_NEW && !stale))
        sign(run, NFL_TCP_SIGN(reused));
    renew(run, run->x, stale);
    renew(run, run->y, stale);
    run->v->fresh_offset = run->x->offset;
    open_side(run, NFL_TCP_SYN_SENT);
    run->y->state = NFL_TCP_SYN_RCVD;
    sign(run, NFL_TCP_SIGN(syn));
}

static void ignore(struct us_run *run)
{
    run->x->state = run->y->state = NFL_TCP_IGNORED;
}

/* It was open already. False: that is all. */
static bool pick_up(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x, *y = run->y;

    if (x->state != NFL_TCP_STALE) {
        sign(run, NFL_TCP_SIGN(midstream));
        if (run->r->midstream == MIDSTREAM_IGNORE) {
            ignore(run);
            return false;
        }
    }
    renew(run, x, true);
    renew(run, y, true);
    x->scale = y->scale = UNKNOWN_SCALE;
    x->way |= NFL_TCP_STAMPS | NFL_TCP_SACKS;
    y->way |= NFL_TCP_STAMPS | NFL_TCP_SACKS;
    begin(y, run->h.ack);
    begin(x, run->h.seq + (has(run, SYN) ? 1 : 0));
    y->state = NFL_TCP_ESTABLISHED;
    x->state = has(run, SYN) ? NFL_TCP_SYN_RCVD : NFL_TCP_ESTABLISHED;
    if (has(run, SYN))
        know(x, US_ANSWERED);
    return !has(run, SYN);
}

/* ---- RST and SYN ---- */

/* Does it acknowledge the other side's SYN, or data of that? */
static bool acks_syn(const struct us_run *run)
{
    return us_less(run->y->isn, run->h.ack) &&
           !us_less(run->y->next, run->h.ack);
}

/* RFC 5961, 3.2, as Linux has it: also behind what was acknowledged by SACK. */
static bool rst_fits(const struct us_run *run)
{
    const struct nfl_tcp_side *x = run->x;
    uint32_t seq = run->h.seq;

    if (!knows(x, US_SYNCED))
        return has(run, ACK) && acks_syn(run);
    if (seq == x->front || seq == x->acked ||
        (x->way & NFL_TCP_FIN && seq == x->fin))
        return true;
    return x->way & run->y->way & NFL_TCP_SACKS && x->n_islands &&
           seq == (us_stores(run->t, x) ? us_stored_end(run->pool, x)
                                        : us_range_end(run->pool, x));
}

static void take_rst(struct us_run *run)
{
    unsigned i;

    if (!rst_fits(run)) {
        sign(run, NFL_TCP_SIGN(bad_reset));
        return;
    }
    sign(run, NFL_TCP_SIGN(reset));
    for (i = 0; i < 2; i++) {
        us_forget(run->t, run->pool, &run->t->side[i]);
        run->t->side[i].state = NFL_TCP_CLOSED;
    }
}

/* Both SYNs were seen: what both had counts. RFC 7323, 2.2 and 3.2. */
static void agree(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x, *y = run->y;

    if (x->scale == US_NO_SCALE || y->scale == US_NO_SCALE)
        x->scale = y->scale = 0;
    if (knows(x, US_STAMP) && knows(y, US_STAMP)) {
        x->way |= NFL_TCP_STAMPS;
        y->way |= NFL_TCP_STAMPS;
    } else {
        x->ts_recent = y->ts_recent = 0;
    }
    open_window(x, x->isn + 1 + y->window);
    open_window(y, y->isn + 1 + x->window);
}

static void take_syn(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;

    if (!knows(x, US_SYNCED)) {
        open_side(run, NFL_TCP_SYN_RCVD);
        move(run->y, syn_came);
        agree(run);
    } else if (run->h.seq == x->isn) {
        sign(run, NFL_TCP_SIGN(retransmission));
    } else if (!knows(run->y, US_SYNCED)) {
        renew(run, x, true);
        open_side(run, NFL_TCP_SYN_SENT);
    } else {
        sign(run, NFL_TCP_SIGN(bad_syn));
    }
}

/* Is it one that counts? */
static bool syn_ack_fits(struct us_run *run)
{
    const struct nfl_tcp_side *x = run->x;
    bool synced = knows(x, US_SYNCED);

    if (!knows(run->y, US_SYNCED))
        sign(run, NFL_TCP_SIGN(before_syn));
    else if (synced && run->h.seq != x->isn)
        sign(run, NFL_TCP_SIGN(bad_syn));
    else if (!acks_syn(run))
        sign(run, NFL_TCP_SIGN(bad_ack));
    else if (knows(x, US_ANSWERED) || (synced && x->state != NFL_TCP_SYN_RCVD))
        sign(run, NFL_TCP_SIGN(retransmission));
    else
        return true;
    return false;
}

static void take_syn_ack(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x, *y = run->y;

    if (!syn_ack_fits(run))
        return;
    if (!knows(x, US_SYNCED)) {
        open_side(run, NFL_TCP_SYN_RCVD);
        agree(run);
    }
    know(x, US_ANSWERED);
    y->acked = us_max(y->acked, run->h.ack);
    if (y->state == NFL_TCP_SYN_SENT) {
        us_cut(run, y, run->h.ack);
        y->next = run->h.ack;
    }
    move(y, syn_acked);
    if (x->state == NFL_TCP_ESTABLISHED)
        sign(run, NFL_TCP_SIGN(established));
    open_window(y, run->h.ack + run->h.window);
}

/* ---- which other segments count ---- */

static bool stamp_counts(const struct us_run *run)
{
    return run->h.stamped && run->x->way & NFL_TCP_STAMPS;
}

static bool old_stamp(const struct us_run *run)
{
    return stamp_counts(run) && run->x->ts_recent &&
           (int32_t)(run->x->ts_recent - run->h.stamp) > 1;
}

/* Hosts look at nothing of what ends before what they acknowledged. */
static bool is_old(struct us_run *run)
{
    const struct nfl_tcp_side *x = run->x;
    uint32_t end = run->e + (has(run, FIN) ? 1 : 0);

    if (!us_less(end, x->acked) || us_less(x->front, end) ||
        x->front - run->s > FAR)
        return false;
    if (end != run->s)
        sign(run, NFL_TCP_SIGN(retransmission));
    else if (run->s + 1 == x->front)
        sign(run, NFL_TCP_SIGN(keep_alive));
    return true;
}

/* Within the window? A probe of a full one loses its payload. */
static bool in_window(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;
    uint32_t seq = run->h.seq;

    if ((us_less(seq, x->front) ? x->front - seq : seq - x->front) > FAR)
        return false;
    if (!knows(x, US_EDGE))
        return true;
    if (run->s == run->e)
        return !us_less(x->edge, seq);
    if (us_less(seq, x->edge))
        return true;
    if (seq != x->edge || seq != x->front || run->e - run->s > 1 ||
        has(run, FIN))
        return false;
    sign(run, NFL_TCP_SIGN(window_probe));
    x->next = us_max(x->next, run->e);
    run->e = run->s;
    return true;
}

/* How many bytes of y were acknowledged; Linux counts the SYN of who opens. */
static int64_t acked_bytes(const struct nfl_tcp_side *y)
{
    return (int64_t)y->offset + (int32_t)(y->acked - y->front) + !y->listened;
}

/* Neither of what was not sent, nor older than a window: RFC 5961, 5.2. */
static bool ack_fits(const struct us_run *run)
{
    const struct nfl_tcp_side *y = run->y;
    uint32_t ago = y->acked - run->h.ack;

    if (us_less(y->next, run->h.ack))
        return false;
    if (!us_less(run->h.ack, y->acked))
        return true;
    return ago <= run->x->widest && ago <= acked_bytes(y);
}

/* ---- what they do ---- */

static void take_window(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x, *y = run->y;
    uint32_t window = (uint32_t)run->h.window << x->scale, ack = run->h.ack;

    if (!window)
        sign(run, NFL_TCP_SIGN(zero_window));
    if (run->s == run->e && !has(run, FIN) && ack == y->acked &&
        y->state != NFL_TCP_SYN_RCVD && x->window != US_NO_WINDOW) {
        if (window != x->window)
            sign(run, NFL_TCP_SIGN(window_update));
        else if (us_less(ack, y->next))
            sign(run, NFL_TCP_SIGN(duplicate_ack));
    }
    announce(x, window);
    y->acked = us_max(y->acked, ack);
    open_window(y, ack + window);
}

static void take_stamp(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x;

    if (!stamp_counts(run) || us_less(x->acked, run->h.seq) ||
        (x->ts_recent && (int32_t)(x->ts_recent - run->h.stamp) > 0))
        return;
    x->ts_recent = run->h.stamp;
}

/* The sender's FIN has come to the receiver. */
static void deliver_fin(struct nfl_tcp_side *receiver)
{
    if (!knows(receiver, US_CAME))
        move(receiver, fin_came);
    know(receiver, US_CAME);
}

void us_fin_counts(struct us_run *run, struct nfl_tcp_side *x)
{
    const struct nfl_tcp_side *y = x == run->x ? run->y : run->x;

    if (x->way & NFL_TCP_FIN)
        return;
    x->way |= NFL_TCP_FIN;
    move(x, fin_sent);
    if (!(y->way & NFL_TCP_FIN))
        sign(run, NFL_TCP_SIGN(half_closed));
}

static bool fin_is_acked(const struct nfl_tcp_side *x)
{
    return x->state == NFL_TCP_FIN_WAIT_2 || x->state == NFL_TCP_TIME_WAIT ||
           x->state == NFL_TCP_CLOSED;
}

static void take_ack(struct us_run *run)
{
    struct nfl_tcp_side *x = run->x, *y = run->y;

    if (y->state == NFL_TCP_SYN_RCVD && us_less(y->isn, run->h.ack)) {
        move(y, syn_acked);
        if (x->state >= NFL_TCP_ESTABLISHED)
            sign(run, NFL_TCP_SIGN(established));
    }
    if (!knows(y, US_FIN) || fin_is_acked(y) || !us_less(y->fin, run->h.ack))
        return;
    us_fin_counts(run, y);
    move(y, fin_acked);
    deliver_fin(x);
    if (fin_is_acked(x))
        sign(run, NFL_TCP_SIGN(terminate));
}

/* A FIN is remembered first; it counts when the stream reaches it, or the peer
 * acknowledges it. */
static void take_fin(struct us_run *run, uint32_t f)
{
    struct nfl_tcp_side *x = run->x;
    uint32_t *from;

    if (x->way & NFL_TCP_FIN) {
        if (f != x->fin)
            sign(run, NFL_TCP_SIGN(bad_fin));
        else if (!us_less(run->came, f))
            sign(run, NFL_TCP_SIGN(retransmission));
        return;
    }
    if (us_less(f, x->front) || us_forbids(run, f) ||
        (knows(x, US_FIN) && us_less(x->fin, f))) {
        sign(run, NFL_TCP_SIGN(bad_fin));
        return;
    }
    from = &run->t->fin_from[x - run->t->side];
    if (knows(x, US_FIN) && x->fin == f &&
        !(us_stores(run->t, x) &&
          us_wins(run->r, us_max(run->h.seq, run->came), f + 1, *from, f + 1)))
        return;
    know(x, US_FIN);
    x->fin = f;
    *from = run->place;
    x->next = us_max(x->next, f + 1);
}

static void take_data(struct us_run *run)
{
    uint32_t f = run->e;

    us_syn_moves(run);
    run->came = run->x->front;
    run->place = us_joined(run, us_max(run->s, run->came));
    us_payload(run);
    if (has(run, FIN))
        take_fin(run, f);
    us_move_on(run);
    if (run->v->signs & NFL_TCP_SIGN(end))
        deliver_fin(run->y);
}

static void take_other(struct us_run *run)
{
    if (!knows(run->x, US_SYNCED) || !knows(run->y, US_SYNCED)) {
        sign(run, NFL_TCP_SIGN(before_syn));
    } else if (old_stamp(run)) {
        sign(run, NFL_TCP_SIGN(bad_timestamp));
    } else if (is_old(run)) {
        return;
    } else if (!in_window(run)) {
        sign(run, NFL_TCP_SIGN(bad_sequence));
    } else if (!ack_fits(run)) {
        sign(run, NFL_TCP_SIGN(bad_ack));
    } else {
        take_window(run);
        take_stamp(run);
        take_ack(run);
        take_data(run);
    }
}

/* ---- all of it ---- */

/* Steps 3 and 4. True: the segment is to be looked at. */
static bool goes_on(struct us_run *run)
{
    unsigned x = run->x->state, y = run->y->state;
    bool closed = x == NFL_TCP_CLOSED && y == NFL_TCP_CLOSED;
    bool wait = x == NFL_TCP_TIME_WAIT || y == NFL_TCP_TIME_WAIT;
    bool syn = has(run, SYN) && !has(run, ACK);

    if (x == NFL_TCP_NEW || x == NFL_TCP_STALE || (syn && (closed || wait))) {
        if (has(run, RST))
            return false;
        if (!syn)
            return pick_up(run);
        first_syn(run);
        return false;
    }
    if (closed) {
        sign(run, NFL_TCP_SIGN(after_close));
        return false;
    }
    if (!has(run, SYN) && run->x->way & NFL_TCP_SYN &&
        run->h.with_sign != ((run->x->way & NFL_TCP_SIGNED) != 0)) {
        sign(run, NFL_TCP_SIGN(bad_signature));
        return false;
    }
    return true;
}

static void take(struct us_run *run)
{
    if (run->x->state == NFL_TCP_IGNORED || !sound(run) || !goes_on(run))
        return;
    if (has(run, RST))
        take_rst(run);
    else if (has(run, SYN | ACK))
        take_syn_ack(run);
    else if (has(run, SYN))
        take_syn(run);
    else
        take_other(run);
}

/* What is stored for those who ask for other things now, goes. */
static void watch_sides(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                        unsigned watch)
{
    unsigned other = (t->side[0].way & NFL_TCP_WATCH) ^ watch, i;

    if (!other)
        return;
    for (i = 0; i < 2; i++)
        if (other >> i & 1)
            us_forget(t, pool, &t->side[i]);
    for (i = 0; i < 2; i++)
        t->side[i].way = (uint8_t)((t->side[i].way & ~NFL_TCP_WATCH) | watch);
}

/* Is the common path open for what x sends? */
static bool is_common(const struct nfl_tcp_side *x,
                      const struct nfl_tcp_side *y)
{
    return x->state == NFL_TCP_ESTABLISHED && y->state == NFL_TCP_ESTABLISHED &&
           !x->n_islands && knows(x, US_EDGE) && knows(y, US_EDGE) &&
           !(x->known & US_KEEPS) && !(x->way & NFL_TCP_SIGNED) &&
           !((x->known | y->known) & US_FIN) && x->window != US_NO_WINDOW;
}

static void set_ways(struct nfl_tcp *t)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        struct nfl_tcp_side *x = &t->side[i];

        if (is_common(x, &t->side[!i]))
            x->way |= NFL_TCP_OPEN;
        else
            x->way &= (uint8_t)~NFL_TCP_OPEN;
    }
}

void nfl_tcp_segment(struct nfl_tcp *t, struct nfl_tcp_pool *pool,
                     const struct nfl_tcp_rules *r,
                     const struct nfl_segment *seg, unsigned from,
                     unsigned watch, struct nfl_tcp_view *v, uint8_t *scratch)
{
    struct us_run run = {.t = t,
                         .x = &t->side[from],
                         .y = &t->side[!from],
                         .pool = pool,
                         .r = r,
                         .seg = seg,
                         .v = v,
                         .scratch = scratch};

    *v = (struct nfl_tcp_view){
        .from = from, .watched = watch >> from & 1, .scratch = scratch};
    watch_sides(t, pool, watch);
    v->fresh_offset = run.x->offset;
    take(&run);
    set_ways(t);
}

void nfl_tcp_sleep(struct nfl_tcp *t, struct nfl_tcp_pool *pool)
{
    unsigned i;

    for (i = 0; i < 2; i++) {
        us_forget(t, pool, &t->side[i]);
        if (t->side[i].state != NFL_TCP_IGNORED)
            t->side[i].state = NFL_TCP_STALE;
        t->side[i].way &= (uint8_t)~NFL_TCP_OPEN;
    }
}

void nfl_tcp_end(struct nfl_tcp *t, struct nfl_tcp_pool *pool)
{
    unsigned i;

    for (i = 0; i < 2; i++)
        us_forget(t, pool, &t->side[i]);
}
