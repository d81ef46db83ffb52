/* EVE: each shard has a ring, and each file a thread that empties the rings of
 * its shards. While captures are replayed it keeps what it finds, so that in
 * the end all is written in one order, however many cores there were. */
#include "snort_log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nfl/extern.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RING = 1024, PAUSE = 1000000, PACE = 50000 };

/* Events of a shard that is gone or not, in a file without a name. */
struct spool {
    FILE *file;
    unsigned number;
    struct nfs_event first;
    bool any;
    uint64_t key;
    struct spool *next;
};

struct place {
    char *path;
    FILE *file;
    bool offline, stop;
    unsigned users, number;
    struct nfs_log *logs;
    struct spool *spools;
    uint64_t failed;
    pthread_t thread;
    struct place *next;
};

struct nfs_log {
    struct place *place;
    struct spool *spool;
    struct nfs_log *next;
    struct nfs_event *ring;
    _Alignas(64) _Atomic uint32_t in;
    _Alignas(64) _Atomic uint32_t out;
};

/* Whoever looks at a place has this. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct place *places;

/* ---- lines ---- */

static void put_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 32 || c > 126)
            fprintf(to, "\\u%04x", c);
        else
            fprintf(to, c == '"' || c == '\\' ? "\\%c" : "%c", c);
    }
}

static void put_time(FILE *to, uint64_t ns)
{
    time_t seconds = (time_t)(ns / 1000000000);
    struct tm tm;
    char text[32];

    gmtime_r(&seconds, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    fprintf(to, "{\"timestamp\": \"%s.%06u+0000\"", text,
            (unsigned)(ns % 1000000000 / 1000));
}

static void put_proto(FILE *to, uint8_t proto)
{
    const char *name = proto == 6    ? "TCP"
                       : proto == 17 ? "UDP"
                       : proto == 1  ? "ICMP"
                       : proto == 58 ? "IPv6-ICMP"
                                     : NULL;

    if (name)
        fprintf(to, ", \"proto\": \"%s\"", name);
    else
        fprintf(to, ", \"proto\": \"%03u\"", proto);
}

static void write_event(struct place *p, const struct nfs_event *e)
{
    int family = e->addr_len == 16 ? AF_INET6 : AF_INET;
    char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
    FILE *to = p->file;

    inet_ntop(family, e->src, src, sizeof(src));
    inet_ntop(family, e->dst, dst, sizeof(dst));
    put_time(to, e->time);
    fprintf(to,
            ", \"event_type\": \"alert\", \"src_ip\": \"%s\", \"src_port\": "
            "%u, \"dest_ip\": \"%s\", \"dest_port\": %u",
            src, e->sport, dst, e->dport);
    put_proto(to, e->proto);
    fprintf(to,
            ", \"alert\": {\"action\": \"%s\", \"gid\": %u, "
            "\"signature_id\": %u, \"rev\": %u, \"signature\": \"",
            e->blocked ? "blocked" : "allowed", e->gid, e->sid, e->rev);
    put_text(to, e->msg);
    fputs("\", \"category\": \"", to);
    put_text(to, e->class);
    if (fprintf(to, "\", \"severity\": %u}}\n", e->priority) < 0)
        p->failed++;
}

/* ---- rings ---- */

static void keep(struct place *p, struct spool *s, const struct nfs_event *e)
{
    if (!s->file)
        s->file = tmpfile();
    if (!s->file || fwrite(e, sizeof(*e), 1, s->file) != 1)
        p->failed++;
}

static bool take(struct nfs_log *l)
{
    uint32_t out = atomic_load_explicit(&l->out, memory_order_relaxed);
    uint32_t in = atomic_load_explicit(&l->in, memory_order_acquire), n;

    for (n = 0; out != in; n++, out++) {
        const struct nfs_event *e = &l->ring[out % RING];

        if (l->place->offline)
            keep(l->place, l->spool, e);
        else
            write_event(l->place, e);
        atomic_store_explicit(&l->out, out + 1, memory_order_release);
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
    struct place *p = of;
    bool stop = false, some;

    while (!stop) {
        some = false;
        pthread_mutex_lock(&lock);
        for (struct nfs_log *l = p->logs; l; l = l->next)
            some |= take(l);
        if (some && !p->offline && fflush(p->file) != 0)
            p->failed++;
        stop = p->stop;
        pthread_mutex_unlock(&lock);
        if (!some)
            pause_for(PAUSE);
    }
    return NULL;
}

bool nfs_log_put(struct nfs_log *l, const struct nfs_event *event)
{
    uint32_t in = atomic_load_explicit(&l->in, memory_order_relaxed);

    while (in - atomic_load_explicit(&l->out, memory_order_acquire) == RING) {
        if (!l->place->offline)
            return false;
        pause_for(PACE);
    }
    l->ring[in % RING] = *event;
    atomic_store_explicit(&l->in, in + 1, memory_order_release);
    return true;
}

/* ---- in the end ---- */

/* An event of a shard comes not before an earlier one of it. */
static void next_of(struct spool *s)
{
    s->any = s->file && fread(&s->first, sizeof(s->first), 1, s->file) == 1;
    if (s->any && s->first.time > s->key)
        s->key = s->first.time;
}

static struct spool *first_spool(struct place *p)
{
    struct spool *first = NULL;

    for (struct spool *s = p->spools; s; s = s->next)
        if (s->any && (!first || s->key < first->key ||
                       (s->key == first->key && s->number < first->number)))
            first = s;
    return first;
}

static void write_all(struct place *p)
{
    struct spool *s;

    for (s = p->spools; s; s = s->next) {
        if (s->file)
            rewind(s->file);
        next_of(s);
    }
    while ((s = first_spool(p)) != NULL) {
        write_event(p, &s->first);
        next_of(s);
    }
}

static void place_free(struct place *p)
{
    struct spool *s, *next;

    for (s = p->spools; s; s = next) {
        next = s->next;
        if (s->file)
            fclose(s->file);
        free(s);
    }
    if (p->file && fclose(p->file) != 0)
        p->failed++;
    if (p->failed)
        fprintf(stderr, "alerts, %s: %llu could not be written\n", p->path,
                (unsigned long long)p->failed);
    free(p->path);
    free(p);
}

static void place_end(struct place *p)
{
    pthread_join(p->thread, NULL);
    if (p->offline)
        write_all(p);
    place_free(p);
}

/* ---- files come and go ---- */

static struct place *place_new(const char *path, char *err, size_t err_size)
{
    struct place *p = calloc(1, sizeof(*p));

    snprintf(err, err_size, "no memory");
    if (!p)
        return NULL;
    p->path = strdup(path);
    p->offline = nfl_offline();
    p->file = p->path ? fopen(path, "we") : NULL;
    if (p->path && !p->file)
        snprintf(err, err_size, "cannot write %s: %s", path, strerror(errno));
    if (!p->file || pthread_create(&p->thread, NULL, run, p) != 0) {
        place_free(p);
        return NULL;
    }
    p->next = places;
    places = p;
    return p;
}

static struct place *place_get(const char *path, char *err, size_t err_size)
{
    for (struct place *p = places; p; p = p->next)
        if (strcmp(p->path, path) == 0)
            return p;
    return place_new(path, err, err_size);
}

static void join(struct nfs_log *l, struct place *p)
{
    l->place = p;
    l->spool->number = p->number++;
    l->spool->next = p->spools;
    p->spools = l->spool;
    l->next = p->logs;
    p->logs = l;
    p->users++;
}

static void leave(struct nfs_log *l)
{
    struct nfs_log **at = &l->place->logs;
    struct place **of = &places;

    take(l);
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    if (--l->place->users > 0)
        return;
    l->place->stop = true;
    while (*of != l->place)
        of = &(*of)->next;
    *of = l->place->next;
}

struct nfs_log *nfs_log_open(const char *path, char *err, size_t err_size)
{
    struct nfs_log *l = aligned_alloc(64, sizeof(*l));
    struct place *p = NULL;

    snprintf(err, err_size, "no memory");
    if (!l)
        return NULL;
    memset(l, 0, sizeof(*l));
    l->ring = calloc(RING, sizeof(*l->ring));
    l->spool = calloc(1, sizeof(*l->spool));
    if (l->ring && l->spool) {
        pthread_mutex_lock(&lock);
        p = place_get(path, err, err_size);
        if (p)
            join(l, p);
        pthread_mutex_unlock(&lock);
    }
    if (p)
        return l;
    free(l->spool);
    free(l->ring);
    free(l);
    return NULL;
}

void nfs_log_close(struct nfs_log *l)
{
    struct place *p = l->place;
    bool last;

    pthread_mutex_lock(&lock);
    leave(l);
    last = p->users == 0;
    pthread_mutex_unlock(&lock);
    if (last)
        place_end(p);
    free(l->ring);
    free(l);
}
