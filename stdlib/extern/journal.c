/* See journal.h. */
#include "journal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <nfl/extern.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAUSE = 1000000, /* nanoseconds between looks at empty rings */
    PACE = 50000,    /* between messages, while all is written */
    RING_MAX = 1 << 20,
};

/* ---- a place ---- */

struct journal_place {
    struct journal j;
    bool stop;
    unsigned users, number; /* rings; those so far */
    struct journal_ring *rings;
    struct spool *spools;
    uint64_t failed; /* records that could not be written */
    char why[200];
    pthread_t thread;
    struct journal_place *next;
};

/* Records of one ring that is gone or not, in a file without a name. */
struct spool {
    FILE *file; /* NULL: none so far */
    unsigned number;
    uint8_t *first; /* while they are put in order; NULL: none */
    uint64_t key;
    struct spool *next;
};

struct journal_ring {
    struct journal_place *place; /* NULL: nowhere */
    uint8_t *records;
    uint32_t n;    /* a power of two */
    uint32_t size; /* of one */
    _Alignas(64) _Atomic uint32_t in;
    _Alignas(64) _Atomic uint32_t out;
    struct spool *spool;
    struct journal_ring *next; /* of the place */
};

/* Whoever looks at a place, or at whom it serves, has this. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct journal_place *places;

void journal_lose(struct journal *j, uint64_t n, const char *why)
{
    struct journal_place *p = j->place;

    p->failed += n;
    if (!p->why[0])
        snprintf(p->why, sizeof(p->why), "%s", why);
}

static void lose(struct journal_place *p, uint64_t n, const char *why)
{
    journal_lose(&p->j, n, why);
}

/* ---- JSON ---- */

bool journal_open_json(struct journal *j, const void *arg, char *err,
                       uint32_t err_size)
{
    (void)arg;
    if (strncmp(j->to, "json:", 5) != 0 || !j->to[5]) {
        snprintf(err, err_size,
                 "\"%s\" names no place for lines of JSON; write "
                 "\"json:%s\"",
                 j->to, j->to);
        return false;
    }
    j->file = fopen(j->to + 5, "we");
    if (!j->file)
        snprintf(err, err_size, "cannot write %s: %s", j->to + 5,
                 strerror(errno));
    return j->file != NULL;
}

struct journal_flow journal_flow_of(uint64_t time, const uint8_t *src,
                                    uint32_t src_len, uint16_t sport,
                                    const uint8_t *dst, uint32_t dst_len,
                                    uint16_t dport)
{
    struct journal_flow f = {
        .time = time, .sport = sport, .dport = dport, .v6 = src_len == 16};

    memcpy(f.src, src, src_len);
    memcpy(f.dst, dst, dst_len);
    return f;
}

uint64_t journal_flow_time(const void *record)
{
    return ((const struct journal_flow *)record)->time;
}

void journal_flow_begin(struct journal *j, const struct journal_flow *f)
{
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    int family = f->v6 ? AF_INET6 : AF_INET;

    inet_ntop(family, f->src, src, sizeof(src));
    inet_ntop(family, f->dst, dst, sizeof(dst));
    fprintf(j->file,
            "{\"time_ns\": %llu, \"src\": \"%s\", \"sport\": %u, "
            "\"dst\": \"%s\", \"dport\": %u",
            (unsigned long long)f->time, src, f->sport, dst, f->dport);
}

void journal_text(struct journal *j, const uint8_t *text, uint32_t len)
{
    putc('"', j->file);
    for (uint32_t i = 0; i < len; i++)
        if (text[i] == '"' || text[i] == '\\')
            fprintf(j->file, "\\%c", text[i]);
        else if (text[i] < ' ' || text[i] >= 0x7f)
            fprintf(j->file, "\\u%04x", text[i]);
        else
            putc(text[i], j->file);
    putc('"', j->file);
}

/* ---- writing ---- */

static void flush(struct journal_place *p)
{
    if (p->j.kind->flush)
        p->j.kind->flush(&p->j);
    if (p->j.file && fflush(p->j.file) != 0)
        lose(p, 0, strerror(errno));
}

static void keep(struct journal_place *p, struct spool *s, const void *record)
{
    if (!s->file)
        s->file = tmpfile();
    if (!s->file || fwrite(record, p->j.kind->size, 1, s->file) != 1)
        lose(p, 1, "no room for temporary files");
}

static void *record_at(const struct journal_ring *r, uint32_t i)
{
    return r->records + (size_t)(i & (r->n - 1)) * r->size;
}

/* All that is in the ring. */
static bool take(struct journal_ring *r)
{
    uint32_t out = atomic_load_explicit(&r->out, memory_order_relaxed);
    uint32_t in = atomic_load_explicit(&r->in, memory_order_acquire), n;

    for (n = 0; out != in; n++, out++) {
        if (r->place->j.offline)
            keep(r->place, r->spool, record_at(r, out));
        else
            r->place->j.kind->write(&r->place->j, record_at(r, out));
        atomic_store_explicit(&r->out, out + 1, memory_order_release);
    }
    return n > 0;
}

static void pause_for(long ns)
{
    const struct timespec t = {0, ns};

    nanosleep(&t, NULL);
}

static void *run(void *of)
{
    struct journal_place *p = of;
    time_t flushed = 0;
    bool stop = false, some;

    while (!stop) {
        some = false;
        pthread_mutex_lock(&lock);
        for (struct journal_ring *r = p->rings; r; r = r->next)
            some |= take(r);
        if (!p->j.offline && time(NULL) != flushed) {
            flushed = time(NULL);
            flush(p);
        }
        stop = p->stop;
        pthread_mutex_unlock(&lock);
        if (!some)
            pause_for(PAUSE);
    }
    return NULL;
}

/* ---- putting in order ---- */

/* A record of a shard comes not before an earlier one of it. */
static void next_of(const struct journal_kind *kind, struct spool *s)
{
    uint64_t time;

    if (!s->first)
        s->first = malloc(kind->size);
    if (!s->file || !s->first || fread(s->first, kind->size, 1, s->file) != 1) {
        free(s->first);
        s->first = NULL;
        return;
    }
    time = kind->time(s->first);
    if (time > s->key)
        s->key = time;
}

static struct spool *first_spool(const struct journal_place *p)
{
    struct spool *s, *first = NULL;

    for (s = p->spools; s; s = s->next)
        if (s->first && (!first || s->key < first->key ||
                         (s->key == first->key && s->number < first->number)))
            first = s;
    return first;
}

static void write_all(struct journal_place *p)
{
    struct spool *s;
    uint64_t n = 0;

    for (s = p->spools; s; s = s->next) {
        if (s->file)
            rewind(s->file);
        next_of(p->j.kind, s);
    }
    while ((s = first_spool(p)) != NULL) {
        p->j.kind->write(&p->j, s->first);
        next_of(p->j.kind, s);
        if (p->j.pace && ++n % 8 == 0)
            pause_for(PACE);
    }
}

static void place_free(struct journal_place *p)
{
    struct spool *s, *next;

    for (s = p->spools; s; s = next) {
        next = s->next;
        if (s->file)
            fclose(s->file);
        free(s->first);
        free(s);
    }
    if (p->j.kind->close)
        p->j.kind->close(&p->j);
    if (p->j.file && fclose(p->j.file) != 0)
        lose(p, 0, strerror(errno));
    if (p->why[0])
        fprintf(stderr, "%s %s: %s; %llu records are not there\n",
                p->j.kind->name, p->j.to, p->why,
                (unsigned long long)p->failed);
    free(p->j.to);
    free(p);
}

/* ---- places come and go ---- */

/* Signals are as for whoever makes it: the runtime has blocked those that stop
 * a program, and needs others to take rights away from all threads. */
static bool start(struct journal_place *p)
{
    return pthread_create(&p->thread, NULL, run, p) == 0;
}

static struct journal_place *place_new(const struct journal_kind *kind,
                                       const char *to, const void *arg,
                                       char *err, uint32_t err_size)
{
    struct journal_place *p = calloc(1, sizeof(*p));

    snprintf(err, err_size, "no memory");
    if (p)
        p->j = (struct journal){.kind = kind,
                                .to = strdup(to),
                                .offline = nfl_offline(),
                                .place = p};
    if (!p || !p->j.to) {
        free(p);
        return NULL;
    }
    if (!kind->open(&p->j, arg, err, err_size) || !start(p)) {
        place_free(p);
        return NULL;
    }
    p->next = places;
    places = p;
    return p;
}

static struct journal_place *place_get(const struct journal_kind *kind,
                                       const char *to, const void *arg,
                                       char *err, uint32_t err_size)
{
    for (struct journal_place *p = places; p; p = p->next)
        if (strcmp(p->j.to, to) == 0) {
            if (p->j.kind == kind)
                return p;
            snprintf(err, err_size, "%s is where a %s writes", to,
                     p->j.kind->name);
            return NULL;
        }
    return place_new(kind, to, arg, err, err_size);
}

/* The last one has left, and nobody else knows of it. */
static void place_end(struct journal_place *p)
{
    pthread_join(p->thread, NULL);
    if (p->j.offline)
        write_all(p);
    flush(p);
    place_free(p);
}

static void join(struct journal_ring *r, struct journal_place *p)
{
    r->place = p;
    r->spool->number = p->number++;
    r->spool->next = p->spools;
    p->spools = r->spool;
    r->next = p->rings;
    p->rings = r;
    p->users++;
}

static void leave(struct journal_ring *r)
{
    struct journal_ring **at = &r->place->rings;
    struct journal_place **of = &places;

    take(r);
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    if (--r->place->users > 0)
        return;
    r->place->stop = true;
    while (*of != r->place)
        of = &(*of)->next;
    *of = r->place->next;
}

/* ---- a shard's ---- */

struct journal_ring *journal_new(const struct journal_kind *kind,
                                 const char *to, const void *arg, uint32_t ring,
                                 char *err, uint32_t err_size)
{
    struct journal_ring *r = aligned_alloc(64, sizeof(*r));
    struct journal_place *p = NULL;

    snprintf(err, err_size, "no memory");
    if (!r)
        return NULL;
    memset(r, 0, sizeof(*r));
    if (!*to)
        return r;
    for (r->n = 1; r->n < ring && r->n < RING_MAX;)
        r->n *= 2;
    r->size = kind->size;
    r->records = calloc(r->n, r->size);
    r->spool = calloc(1, sizeof(*r->spool));
    if (r->records && r->spool) {
        pthread_mutex_lock(&lock);
        p = place_get(kind, to, arg, err, err_size);
        if (p)
            join(r, p);
        pthread_mutex_unlock(&lock);
    }
    if (p)
        return r;
    free(r->spool);
    free(r->records);
    free(r);
    return NULL;
}

void journal_free(struct journal_ring *r)
{
    struct journal_place *p = r->place;
    bool last = false;

    if (p) {
        pthread_mutex_lock(&lock);
        leave(r);
        last = p->users == 0;
        pthread_mutex_unlock(&lock);
    }
    if (last)
        place_end(p);
    free(r->records);
    free(r);
}

bool journal_is(const struct journal_ring *r)
{
    return r->place != NULL;
}

void *journal_room(struct journal_ring *r)
{
    uint32_t in = atomic_load_explicit(&r->in, memory_order_relaxed);

    while (in - atomic_load_explicit(&r->out, memory_order_acquire) == r->n) {
        if (!r->place->j.offline)
            return NULL;
        pause_for(PACE);
    }
    return record_at(r, in);
}

void journal_put(struct journal_ring *r)
{
    uint32_t in = atomic_load_explicit(&r->in, memory_order_relaxed);

    atomic_store_explicit(&r->in, in + 1, memory_order_release);
}
