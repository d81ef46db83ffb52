/* Atomic operations one by one, with a line for each. */
#include <nfl/order.h>
#include <errno.h>
#include <nfl/ctx.h>
#include <nfl/trace.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nfl_order {
    pthread_mutex_t lock;
    FILE *to;
};

struct nfl_order *nfl_order_open(const char *path, char *err, size_t errlen)
{
    struct nfl_order *o = calloc(1, sizeof(*o));

    if (o)
        o->to = fopen(path, "w");
    if (!o || !o->to) {
        snprintf(err, errlen, "%s: %s", path, strerror(errno));
        free(o);
        return NULL;
    }
    pthread_mutex_init(&o->lock, NULL);
    return o;
}

bool nfl_order_close(struct nfl_order *o)
{
    bool good;

    if (!o)
        return true;
    good = !ferror(o->to);
    good = fclose(o->to) == 0 && good;
    pthread_mutex_destroy(&o->lock);
    free(o);
    return good;
}

static const char *const op_name[] = {
    [NFL_OP_GET] = "get", [NFL_OP_ADD] = "add", [NFL_OP_SUB] = "sub",
    [NFL_OP_OR] = "or",   [NFL_OP_AND] = "and", [NFL_OP_MAX] = "max",
    [NFL_OP_MIN] = "min",
};

static uint64_t apply(enum nfl_op op, uint64_t was, uint64_t v)
{
    switch (op) {
    case NFL_OP_GET:
        return was;
    case NFL_OP_ADD:
        return was + v;
    case NFL_OP_SUB:
        return was - v;
    case NFL_OP_OR:
        return was | v;
    case NFL_OP_AND:
        return was & v;
    case NFL_OP_MAX:
        return was < v ? v : was;
    case NFL_OP_MIN:
        return was > v ? v : was;
    }
    return was;
}

static const struct nfl_var_desc *var_at(const struct nfl_chain *c,
                                         const uint8_t *at)
{
    const struct nfl_var_desc *v = c->desc->atomic_vars;

    while (c->atomic + v->offset != at)
        v++;
    return v;
}

uint64_t nfl_order_do(const struct nfl_ctx *c, void *at, unsigned bytes,
                      enum nfl_op op, uint64_t v)
{
    const struct nfl_var_desc *var = var_at(c->chain, at);
    struct nfl_order *o = c->worker->order;
    uint64_t mask = UINT64_MAX >> (64 - 8 * bytes), was = 0, now;
    struct nfl_tuple t0;
    char flow[128] = "-";

    v &= mask;
    if (c->timer)
        snprintf(flow, sizeof(flow), "timer %u", c->shard);
    if (c->session) {
        snprintf(flow, sizeof(flow), "%u ", c->session->side);
        t0 = nfl_session_t0(c->chain->desc, c->session);
        nfl_tuple_text(&t0, flow + 2, sizeof(flow) - 2);
    }
    pthread_mutex_lock(&o->lock);
    memcpy(&was, at, bytes); /* little endian, as all that DPDK is built for */
    now = apply(op, was, v);
    memcpy(at, &now, bytes);
    fprintf(o->to, "%llu %s %s %s %s %llu %s\n",
            (unsigned long long)c->worker->packets, c->chain->desc->name,
            c->chain->desc->nfs[var->nf].name, var->name, op_name[op],
            (unsigned long long)(op == NFL_OP_GET ? was : v), flow);
    pthread_mutex_unlock(&o->lock);
    return was;
}
