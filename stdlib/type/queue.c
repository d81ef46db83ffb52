/* queue[K](size, each, timeout): packets that wait, by keys. */
#include <nfl/queue.h>
#include <nfl/module.h>
#include <nfl/report.h>
#include <nfl/table.h>
#include <nfl/trace.h>
#include <stdlib.h>

enum { NS_A_TICK = 1000000 };

void *nfs_queue_new(struct nfl_chain *c, struct nfl_setup *setup,
                    const struct nfl_key_desc *key, uint64_t size,
                    uint64_t each, uint64_t timeout);
void nfs_queue_free(void *object);
bool nfs_queue_hold(struct nfl_ctx *c, void *object, const char *name,
                    const struct nfl_pkt *p, const struct nfl_tuple *t,
                    const uint64_t *key, unsigned words);
void nfs_queue_release(struct nfl_ctx *c, void *object, const char *name,
                       const uint64_t *key, unsigned words);
uint64_t nfs_queue_count(struct nfl_ctx *c, void *object, const char *name,
                         const uint64_t *key, unsigned words);
void nfs_queue_state(const void *object, struct nfl_state *s,
                     const char *prefix);
void nfs_queue_report(const void *object, struct nfl_report *r,
                      const struct nfl_report_object *who);

static void *fail(struct nfl_setup *setup, const char *why)
{
    snprintf(setup->err, sizeof(setup->err), "%s", why);
    return NULL;
}

void *nfs_queue_new(struct nfl_chain *c, struct nfl_setup *setup,
                    const struct nfl_key_desc *key, uint64_t size,
                    uint64_t each, uint64_t timeout)
{
    struct nfl_queue *q;

    if (size < 1 || size > NFL_QUEUE_SIZE_MAX)
        return fail(setup, "the size of a queue is from 1 to 4096");
    if (each < 1 || each > NFL_QUEUE_EACH_MAX)
        return fail(setup, "of each key a queue has from 1 to 16 packets");
    if (timeout == 0 || timeout % NS_A_TICK != 0)
        return fail(setup, "the timeout of a queue is whole milliseconds");
    q = malloc(sizeof(*q));
    if (q && nfl_queue_init(q, c, (uint32_t)size, (uint32_t)each,
                            timeout / NS_A_TICK, key->n_words))
        return q;
    free(q);
    return fail(setup, "no memory for a queue");
}

void nfs_queue_free(void *object)
{
    if (!object)
        return;
    nfl_queue_fini(object);
    free(object);
}

bool nfs_queue_hold(struct nfl_ctx *c, void *object, const char *name,
                    const struct nfl_pkt *p, const struct nfl_tuple *t,
                    const uint64_t *key, unsigned words)
{
    (void)name, (void)words;
    return nfl_queue_hold(object, c, p, t, key);
}

void nfs_queue_release(struct nfl_ctx *c, void *object, const char *name,
                       const uint64_t *key, unsigned words)
{
    (void)name, (void)words;
    nfl_queue_release(object, c, key);
}

uint64_t nfs_queue_count(struct nfl_ctx *c, void *object, const char *name,
                         const uint64_t *key, unsigned words)
{
    (void)c, (void)name, (void)words;
    return nfl_queue_count(object, key);
}

/* When the final state is written nobody waits any more. */
void nfs_queue_state(const void *object, struct nfl_state *s,
                     const char *prefix)
{
    (void)object, (void)s, (void)prefix;
}

void nfs_queue_report(const void *object, struct nfl_report *r,
                      const struct nfl_report_object *who)
{
    const struct nfl_queue *q = object;

    r->tables[r->n_tables++] = (struct nfl_report_table){
        .chain = who->chain,
        .nf = who->nf,
        .name = who->name,
        .size = q->size,
        .added = q->held,
        .evicted = q->crowded,
        .refused = q->refused,
    };
}
