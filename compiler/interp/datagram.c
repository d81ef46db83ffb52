#include "interp/datagram.h"
#include "base/mem.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <stdlib.h>
#include <string.h>

enum { FRAME = 11264, VLANS = 4, EXTENSIONS = 8 };

static num_t get(const uint8_t *bytes, size_t at, unsigned n)
{
    return bits_get(bytes, at * 8, n * 8);
}

static void put(uint8_t *bytes, size_t at, unsigned n, num_t value)
{
    bits_set(bytes, at * 8, n * 8, value);
}

/* ---- what is a fragment ---- */

/* Where the IP header of a frame stands; 0: nowhere. */
static size_t ip_of(const uint8_t *bytes, size_t len)
{
    size_t at = 12;
    num_t type;

    for (unsigned i = 0; i <= VLANS; i++, at += 4) {
        if (len < at + 2)
            return 0;
        type = get(bytes, at, 2);
        if (type == 0x0800)
            return len >= at + 22 && bytes[at + 2] >> 4 == 4 ? at + 2 : 0;
        if (type == 0x86dd)
            return len >= at + 42 && bytes[at + 2] >> 4 == 6 ? at + 2 : 0;
        if (type != 0x8100 && type != 0x88a8)
            return 0;
    }
    return 0;
}

static bool is4(const struct arrival *a, size_t ip, struct fragment *f)
{
    size_t left = a->len - ip, head, total;

    head = (size_t)(get(a->bytes, ip, 1) & 15) * 4;
    total = (size_t)get(a->bytes, ip + 2, 2);
    if (head < 20 || total < head || total > left)
        return false;
    f->v6 = false;
    f->id = get(a->bytes, ip + 4, 2);
    f->more = get(a->bytes, ip + 6, 2) >> 13 & 1;
    f->at = (get(a->bytes, ip + 6, 2) & 0x1fff) * 8;
    f->proto = get(a->bytes, ip + 9, 1);
    f->src = get(a->bytes, ip + 12, 4);
    f->dst = get(a->bytes, ip + 16, 4);
    f->len = total - head;
    f->ip = ip;
    f->data = ip + head;
    f->next = 0;
    return f->more || f->at;
}

static bool is6(const struct arrival *a, size_t ip, struct fragment *f)
{
    size_t end, at = ip + 40;
    num_t next;

    f->ip = ip;
    f->next = ip + 6;
    end = at + (size_t)get(a->bytes, ip + 4, 2);
    if (end > a->len)
        return false;
    next = get(a->bytes, ip + 6, 1);
    for (unsigned i = 0; i < EXTENSIONS; i++) {
        if (at + 8 > end)
            return false;
        if (next == 44) {
            f->v6 = true;
            f->proto = get(a->bytes, at, 1);
            f->at = get(a->bytes, at + 2, 2) / 8 * 8;
            f->more = get(a->bytes, at + 3, 1) & 1;
            f->id = get(a->bytes, at + 4, 4);
            f->src = get(a->bytes, ip + 8, 16);
            f->dst = get(a->bytes, ip + 24, 16);
            f->len = end - at - 8;
            f->data = at + 8;
            return f->more || f->at;
        }
        if (next != 0 && next != 43 && next != 60)
            return false;
        next = get(a->bytes, at, 1);
        f->next = at;
        at += (size_t)(get(a->bytes, at + 1, 1) + 1) * 8;
    }
    return false;
}

bool fragment_of(const struct arrival *a, struct fragment *f)
{
    size_t ip = ip_of(a->bytes, a->len);

    return ip && (a->bytes[ip] >> 4 == 4 ? is4(a, ip, f) : is6(a, ip, f));
}

/* ---- checksums ---- */

/* The checksum of an IPv4 header that was another one. */
static void sum_again(uint8_t *now, const uint8_t *old, size_t head)
{
    num_t sum = get(old, 10, 2) ^ 0xffff;

    if (memcmp(now, old, head) == 0)
        return;
    for (size_t i = 0; i < head; i += 2)
        if (i != 10 && get(now, i, 2) != get(old, i, 2))
            sum += (get(old, i, 2) ^ 0xffff) + get(now, i, 2);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    put(now, 10, 2, sum ^ 0xffff);
}

/* ---- in ---- */

/* The header of the first one, for all of the data; where they begin. */
static size_t head_of(const struct arrival *from, const struct fragment *f,
                      num_t total, uint8_t *to)
{
    size_t head = f->data - f->ip;

    if (f->v6) {
        memcpy(to, from->bytes, f->data - 8);
        put(to, f->next, 1, f->proto);
        put(to, f->ip + 4, 2, head - 8 - 40 + total);
        return f->data - 8;
    }
    memcpy(to, from->bytes, f->data);
    put(to, f->ip + 2, 2, head + total);
    put(to, f->ip + 6, 2, get(to, f->ip + 6, 2) & 0xc000);
    sum_again(to + f->ip, from->bytes + f->ip, head);
    return f->data;
}

struct arrival *datagram_of(const struct arrival *list, num_t total)
{
    struct arrival *whole = mem_zeroed(1, sizeof(*whole));
    const struct arrival *a;
    struct fragment f;
    size_t begin = 0;

    for (a = list; a; a = a->next)
        if (fragment_of(a, &f) && f.at == 0) {
            if (f.data + total > FRAME) {
                free(whole);
                return NULL;
            }
            whole->bytes = mem_zeroed(f.data + (size_t)total, 1);
            begin = head_of(a, &f, total, whole->bytes);
            whole->len = begin + (size_t)total;
            whole->port = a->port;
            whole->cut_id = f.id;
        }
    for (a = list; a; a = a->next) {
        fragment_of(a, &f);
        memcpy(whole->bytes + begin + f.at, a->bytes + f.data, (size_t)f.len);
        if (f.data - f.ip + f.len > whole->cut)
            whole->cut = f.data - f.ip + (size_t)f.len;
    }
    return whole;
}

/* ---- out ---- */

/* What each fragment has of the IPv6 header and those behind it; where in them
 * the type of what follows stands. 0: it is a fragment. */
static size_t head6(const uint8_t *ip, size_t end, size_t *next)
{
    size_t at = 40, type_at = 6, head = 40;

    *next = 6;
    for (unsigned i = 0; i < EXTENSIONS; i++) {
        num_t type = ip[type_at];

        if (type == 44)
            return 0;
        if (type != 0 && type != 43 && type != 60)
            break;
        if (at + 8 > end || at + 8 + 8 * (size_t)ip[at + 1] > end)
            break;
        type_at = at;
        at += 8 + 8 * (size_t)ip[at + 1];
        if (type != 60) {
            *next = type_at;
            head = at;
        }
    }
    return head;
}

static void keep_options(uint8_t *ip, size_t head)
{
    size_t at = 20;

    while (at < head && ip[at] != 0) {
        size_t size = ip[at] == 1 || at + 1 == head ? 1 : ip[at + 1];

        if (size == 0 || at + size > head)
            return;
        if (ip[at] < 0x80)
            memset(ip + at, 1, size);
        at += size;
    }
}

struct cut {
    const uint8_t *bytes;
    size_t ip, head, end; /* end: behind its data */
    size_t next;          /* of IPv6 */
    bool v6;
    num_t id;
};

/* False: it is none that leaves in fragments. */
static bool cut_of(struct cut *c, const uint8_t *bytes, size_t len)
{
    const uint8_t *ip;

    c->bytes = bytes;
    c->ip = ip_of(bytes, len);
    if (!c->ip)
        return false;
    ip = bytes + c->ip;
    c->v6 = ip[0] >> 4 == 6;
    c->end = c->ip + (size_t)(c->v6 ? 40 + get(ip, 4, 2) : get(ip, 2, 2));
    if (c->end > len)
        return false;
    c->head =
        c->v6 ? head6(ip, c->end - c->ip, &c->next) : (size_t)(ip[0] & 15) * 4;
    return c->head >= 20 && c->ip + c->head <= c->end;
}

/* The frame with n bytes from `at` of the data; its length. */
static size_t piece(const struct cut *c, size_t at, size_t n, bool more,
                    uint8_t *to)
{
    size_t head = c->ip + c->head;
    uint8_t *ip = to + c->ip;
    num_t word;

    memcpy(to, c->bytes, head);
    memcpy(to + head + (c->v6 ? 8 : 0), c->bytes + head + at, n);
    if (c->v6) {
        put(to, head, 1, ip[c->next]);
        put(to, head + 1, 1, 0);
        put(to, head + 2, 2, at | more);
        put(to, head + 4, 4, c->id);
        ip[c->next] = 44;
        put(ip, 4, 2, c->head - 40 + 8 + n);
        return head + 8 + n;
    }
    word = get(ip, 6, 2);
    put(ip, 2, 2, c->head + n);
    put(ip, 6, 2,
        (word & 0xc000) | (more ? 0x2000 : 0) | ((word & 0x1fff) + at / 8));
    if ((word & 0x1fff) + at > 0)
        keep_options(ip, c->head);
    sum_again(ip, c->bytes + c->ip, c->head);
    return head + n;
}

bool datagram_leaves(const struct packet *p,
                     bool (*send)(void *self, const uint8_t *bytes, size_t len),
                     void *self)
{
    struct cut c = {.id = p->cut_id};
    size_t own, each, at, all, size;
    uint8_t *frame;
    bool more, good = true;

    if (!p->cut || !cut_of(&c, p->bytes, p->len) || (c.v6 && !p->joined) ||
        c.end - c.ip <= p->cut)
        return send(self, p->bytes, p->len);
    own = c.head + (c.v6 ? 8 : 0);
    if (p->cut < own + 8)
        return send(self, p->bytes, p->len);
    each = (p->cut - own) / 8 * 8;
    all = c.end - c.ip - c.head;
    frame = mem_zeroed(c.ip + own + each, 1);
    for (at = 0; good && at < all; at += each) {
        more = at + each < all;
        size = piece(&c, at, more ? each : all - at,
                     more || (!c.v6 && (p->bytes[c.ip + 6] & 0x20)), frame);
        good = send(self, frame, size);
    }
    free(frame);
    return good;
}
