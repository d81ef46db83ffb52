/* Answers to packets: ends are swapped, so that checksums stay as they are;
 * what else changes is put right in them (RFC 1624). */
#include "answer.h"

#include <nfl/capture.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4096, ERR = 256, TCP = 6, UDP = 17, ICMP = 1, ICMP6 = 58 };
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };

struct frame {
    uint64_t time;
    uint8_t *data;
    uint32_t len;
};

struct frames {
    struct frame at[MOST];
    unsigned n;
};

/* splitmix64 */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static unsigned word(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static void put(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* Sets a word that the checksum at SUM covers. */
static void set(uint8_t *p, unsigned v, uint8_t *sum)
{
    unsigned s = (~word(sum) & 0xffff) + (~word(p) & 0xffff) + v;

    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    put(sum, ~s & 0xffff);
    put(p, v);
}

static void swap(uint8_t *a, uint8_t *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        uint8_t was = a[i];

        a[i] = b[i];
        b[i] = was;
    }
}

static void answer_tcp(uint8_t *p, uint64_t luck)
{
    unsigned flags = p[13], back = ACK;

    if (flags & SYN)
        back = SYN | ACK;
    else if (flags & FIN)
        back = luck % 2 ? FIN | ACK : ACK;
    if (luck % 23 == 0)
        back = RST | ACK;
    swap(p + 4, p + 8, 4);
    set(p + 12, (unsigned)p[12] << 8 | back, p + 16);
}

static void answer_icmp(uint8_t *p)
{
    static const uint8_t kinds[][2] = {{8, 0}, {0, 8}, {128, 129}, {129, 128}};

    for (unsigned i = 0; i < 4; i++)
        if (p[0] == kinds[i][0]) {
            set(p, (unsigned)kinds[i][1] << 8 | p[1], p + 2);
            return;
        }
}

static bool answer_l4(uint8_t *p, uint32_t left, unsigned proto, uint64_t luck)
{
    if (left < 8)
        return false;
    if (proto == TCP || proto == UDP)
        swap(p, p + 2, 2);
    if (proto == TCP && left >= 20)
        answer_tcp(p, luck);
    if (proto == ICMP || proto == ICMP6)
        answer_icmp(p);
    return true;
}

/* Turns a frame into its answer; false if it has none. */
static bool turn(uint8_t *p, uint32_t len, uint64_t luck)
{
    uint32_t at = 12, head;

    while (at + 6 <= len && (word(p + at) == 0x8100 || word(p + at) == 0x88a8))
        at += 4;
    if (at + 2 + 20 > len)
        return false;
    swap(p, p + 6, 6);
    if (word(p + at) == 0x800) {
        at += 2;
        head = (uint32_t)(p[at] & 15) * 4;
        if (head < 20 || at + head > len || word(p + at + 6) & 0x3fff)
            return false;
        swap(p + at + 12, p + at + 16, 4);
        return answer_l4(p + at + head, len - at - head, p[at + 9], luck);
    }
    if (word(p + at) != 0x86dd || at + 2 + 40 > len)
        return false;
    at += 2;
    swap(p + at + 8, p + at + 24, 16);
    return answer_l4(p + at + 40, len - at - 40, p[at + 6], luck);
}

static bool read_all(const char *path, struct frames *f)
{
    char err[ERR];
    struct nfl_capture_in *in = nfl_capture_open(path, err, sizeof(err));
    struct nfl_frame x;

    f->n = 0;
    if (!in)
        return false;
    while (f->n < MOST && nfl_capture_next(in, &x, err, sizeof(err)) == 1) {
        struct frame *to = &f->at[f->n++];

        to->time = x.time;
        to->len = x.len;
        to->data = malloc(x.len + 1);
        if (!to->data)
            abort();
        if (x.len)
            memcpy(to->data, x.data, x.len);
    }
    nfl_capture_close(in);
    return true;
}

/* Leaves those that are answers. */
static void turn_all(struct frames *f, uint64_t seed)
{
    static const uint32_t later[] = {0, 0, 1000, 40000, 900000, 3000000};
    unsigned n = 0;

    for (unsigned i = 0; i < f->n; i++) {
        struct frame x = f->at[i];
        uint64_t luck = draw(&seed);

        if (luck % 8 && turn(x.data, x.len, luck >> 8)) {
            x.time += later[(luck >> 4) % 6];
            f->at[n++] = x;
        } else {
            free(x.data);
        }
    }
    f->n = n;
}

static bool write_all(const char *path, struct frames *own, struct frames *more)
{
    char err[ERR];
    struct nfl_capture_out *out = nfl_capture_create(path, err, sizeof(err));
    unsigned i = 0, j = 0;
    bool good = out != NULL;

    while (good && (i < own->n || j < more->n)) {
        const struct frame *x;

        if (i == own->n || (j < more->n && more->at[j].time <= own->at[i].time))
            x = &more->at[j++];
        else
            x = &own->at[i++];
        good = nfl_capture_write(out, x->time, x->data, x->len);
        free(x->data);
    }
    return out && nfl_capture_finish(out, good, err, sizeof(err)) && good;
}

bool answer(const char *own, const char *asked, const char *to, uint64_t seed)
{
    static struct frames a, b;

    if (!read_all(own, &a) || !read_all(asked, &b))
        return false;
    turn_all(&b, seed);
    return write_all(to, &a, &b);
}
