/* signatures(rules, ...): the glue between programs and rules. The rules are
 * compiled once for all shards that have the same. */
#include "snort_log.h"
#include "snort_run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOWS_MAX = 1 << 22, WINDOW_MIN = 256, WINDOW_MAX = 1 << 20 };

/* Rules with what they were made of. */
struct shared {
    uint8_t *text;
    uint32_t len;
    char *vars;
    bool skip;
    struct nfs_engine *engine;
    unsigned users;
    struct shared *next;
};

struct nfx_signatures {
    struct shared *shared;
    struct nfs_shard *shard;
    struct nfs_log *log; /* NULL: none */
    /* of the packet that was judged last */
    struct nfs_flow *flow; /* NULL: none */
    bool server;
    struct nfs_packet last;
    uint8_t addr[2][16];
};

struct nfx_signatures_scratch {
    struct nfs_scratch *s;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared *all;

/* ---- making ---- */

static void shared_free(struct shared *s)
{
    if (s->engine)
        nfs_engine_free(s->engine);
    free(s->text);
    free(s->vars);
    free(s);
}

static bool shared_compile(struct shared *s, char *err, uint32_t err_size)
{
    struct nfs_rules *rs = nfs_rules_read((const char *)s->text, s->len,
                                          s->vars, s->skip, err, err_size);

    if (!rs)
        return false;
    s->engine = nfs_engine_new(rs, err, err_size);
    if (!s->engine)
        nfs_rules_free(rs);
    return s->engine != NULL;
}

static struct shared *shared_new(const uint8_t *rules, uint32_t len,
                                 const char *vars, bool skip, char *err,
                                 uint32_t err_size)
{
    struct shared *s = calloc(1, sizeof(*s));

    snprintf(err, err_size, "no memory");
    if (!s)
        return NULL;
    s->text = malloc(len + 1u);
    s->vars = strdup(vars);
    s->len = len;
    s->skip = skip;
    if (s->text)
        memcpy(s->text, rules, len);
    if (!s->text || !s->vars || !shared_compile(s, err, err_size)) {
        shared_free(s);
        return NULL;
    }
    s->next = all;
    all = s;
    return s;
}

static struct shared *shared_get(const uint8_t *rules, uint32_t len,
                                 const char *vars, bool skip, char *err,
                                 uint32_t err_size)
{
    struct shared *s;

    for (s = all; s; s = s->next)
        if (s->len == len && s->skip == skip && strcmp(s->vars, vars) == 0 &&
            memcmp(s->text, rules, len) == 0)
            break;
    if (!s)
        s = shared_new(rules, len, vars, skip, err, err_size);
    if (s)
        s->users++;
    return s;
}

static void shared_put(struct shared *s)
{
    struct shared **at = &all;

    if (--s->users > 0)
        return;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    shared_free(s);
}

static bool good_sizes(uint32_t flows, uint32_t window, char *err,
                       uint32_t err_size)
{
    if (flows >= 1 && flows <= FLOWS_MAX && window >= WINDOW_MIN &&
        window <= WINDOW_MAX)
        return true;
    snprintf(err, err_size, "flows is 1 to %d, window %d to %d bytes",
             FLOWS_MAX, WINDOW_MIN, WINDOW_MAX);
    return false;
}

struct nfx_signatures *nfx_signatures_new(const uint8_t *rules,
                                          uint32_t rules_len, const char *vars,
                                          bool skip, uint32_t flows,
                                          uint32_t window, const char *log,
                                          char *err, uint32_t err_size)
{
    struct nfx_signatures *s = calloc(1, sizeof(*s));
    bool good = false;

    snprintf(err, err_size, "no memory");
    if (!s || !good_sizes(flows, window, err, err_size)) {
        free(s);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    s->shared = shared_get(rules, rules_len, vars, skip, err, err_size);
    pthread_mutex_unlock(&lock);
    if (s->shared) {
        s->shard = nfs_shard_new(s->shared->engine, flows, window);
        if (!s->shard)
            snprintf(err, err_size, "no memory for %u flows", flows);
    }
    if (s->shard && *log)
        s->log = nfs_log_open(log, err, err_size);
    good = s->shard && (!*log || s->log);
    if (good)
        return s;
    nfx_signatures_free(s);
    return NULL;
}

void nfx_signatures_free(struct nfx_signatures *state)
{
    if (state->log)
        nfs_log_close(state->log);
    if (state->shard)
        nfs_shard_free(state->shard);
    if (state->shared) {
        pthread_mutex_lock(&lock);
        shared_put(state->shared);
        pthread_mutex_unlock(&lock);
    }
    free(state);
}

/* With the same rules nothing begins anew. */
void nfx_signatures_inherit(struct nfx_signatures *state,
                            struct nfx_signatures *before)
{
    struct nfs_shard *made = state->shard, *was = before->shard;

    before->flow = NULL;
    if (made->e != was->e || made->n_flows != was->n_flows ||
        made->window != was->window) {
        nfs_shard_inherit(made, was);
        return;
    }
    state->shard = was;
    before->shard = made;
}

struct nfx_signatures_scratch *nfx_signatures_scratch_new(
    const struct nfx_signatures *state)
{
    struct nfx_signatures_scratch *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    s->s = nfs_scratch_new(state->shared->engine);
    if (s->s)
        return s;
    free(s);
    return NULL;
}

void nfx_signatures_scratch_free(struct nfx_signatures_scratch *scratch)
{
    nfs_scratch_free(scratch->s);
    free(scratch);
}

/* ---- alerts ---- */

static void tell(const struct nfx_signatures *state, const struct nfs_case *c,
                 const struct nfs_alert *a)
{
    const struct nfs_rules *rs = c->shard->e->rs;
    const struct nfs_rule *r = &rs->rules[a->rule];
    struct nfs_event e = {.time = c->p->time,
                          .addr_len = (uint8_t)c->p->addr_len,
                          .proto = c->p->proto,
                          .sport = c->p->sport,
                          .dport = c->p->dport,
                          .gid = r->gid,
                          .sid = r->sid,
                          .rev = r->rev,
                          .priority = r->priority,
                          .blocked =
                              r->action == NFS_DROP || r->action == NFS_REJECT};

    memcpy(e.src, c->p->src, c->p->addr_len);
    memcpy(e.dst, c->p->dst, c->p->addr_len);
    snprintf(e.msg, sizeof(e.msg), "%s", r->msg ? r->msg : "");
    snprintf(e.class, sizeof(e.class), "%s", rs->classes[r->class].text);
    if (!nfs_log_put(state->log, &e))
        c->shard->n_lost++;
}

static uint32_t finish(const struct nfx_signatures *state,
                       const struct nfs_case *c)
{
    for (unsigned i = 0; state->log && i < c->shard->n_alerts; i++)
        tell(state, c, &c->shard->alerts[i]);
    return c->shard->n_alerts;
}

void nfx_signatures_alert(const struct nfx_signatures *state, uint32_t number,
                          uint32_t *result_0, uint32_t *result_1,
                          uint32_t *result_2, uint32_t *result_3,
                          uint32_t *result_4)
{
    static const struct nfs_rule none;
    const struct nfs_shard *s = state->shard;
    const struct nfs_rule *r =
        number < s->n_alerts ? &s->e->rs->rules[s->alerts[number].rule] : &none;

    *result_0 = r->sid;
    *result_1 = r->rev;
    *result_2 = r->gid;
    *result_3 = r->class;
    *result_4 = r->priority;
}

uint8_t nfx_signatures_verdict(const struct nfx_signatures *state)
{
    return (uint8_t)state->shard->verdict;
}

void nfx_signatures_lost(const struct nfx_signatures *state, uint64_t *result_0,
                         uint64_t *result_1, uint64_t *result_2)
{
    *result_0 = state->shard->n_evicted;
    *result_1 = state->shard->n_lost;
    *result_2 = state->shard->n_missed;
}

/* ---- judging ---- */

static bool from_server(const struct nfs_packet *p, const uint8_t *src,
                        const uint8_t *dst, uint16_t sport, uint16_t dport)
{
    bool same = memcmp(p->src, src, p->addr_len) == 0 &&
                memcmp(p->dst, dst, p->addr_len) == 0;

    if (p->proto != 6 && p->proto != 17)
        return !same;
    return !(same && p->sport == sport && p->dport == dport);
}

/* What chunks of a stream are judged with: the tuple, turned for the server. */
static void remember(struct nfx_signatures *state, const struct nfs_case *c)
{
    struct nfs_packet *p = &state->last;

    state->flow = c->flow;
    state->server = c->server;
    *p = *c->p;
    memcpy(state->addr[0], c->p->src, c->p->addr_len);
    memcpy(state->addr[1], c->p->dst, c->p->addr_len);
    p->src = state->addr[0];
    p->dst = state->addr[1];
    p->payload = NULL;
    p->payload_len = 0;
}

uint32_t nfx_signatures_packet(struct nfx_signatures *state,
                               struct nfx_signatures_scratch *scratch,
                               const uint8_t *ip, uint32_t ip_len,
                               const uint8_t *src_0, uint32_t src_0_len,
                               uint16_t src_1, const uint8_t *dst_0,
                               uint32_t dst_0_len, uint16_t dst_1,
                               uint8_t proto, uint64_t time)
{
    struct nfs_packet p = {.time = time};
    struct nfs_case c = {.shard = state->shard, .scratch = scratch->s, .p = &p};
    uint8_t key[NFS_TUPLE];

    nfs_begin(c.shard);
    state->flow = NULL;
    if (!nfs_packet_read(ip, ip_len, &p))
        return 0;
    if (c.shard->e->flows && src_0_len == p.addr_len &&
        dst_0_len == p.addr_len) {
        nfs_tuple(key, src_0, dst_0, src_0_len, src_1, dst_1, proto);
        c.flow = nfs_flow_get(c.shard, key, true);
        c.server = from_server(&p, src_0, dst_0, src_1, dst_1);
    }
    nfs_judge_packet(&c);
    remember(state, &c);
    return finish(state, &c);
}

uint32_t nfx_signatures_alone(struct nfx_signatures *state,
                              struct nfx_signatures_scratch *scratch,
                              const uint8_t *ip, uint32_t ip_len, uint64_t time)
{
    struct nfs_packet p = {.time = time};
    struct nfs_case c = {.shard = state->shard, .scratch = scratch->s, .p = &p};

    nfs_begin(c.shard);
    state->flow = NULL;
    if (nfs_packet_read(ip, ip_len, &p))
        nfs_judge_packet(&c);
    return finish(state, &c);
}

uint32_t nfx_signatures_data(struct nfx_signatures *state,
                             struct nfx_signatures_scratch *scratch,
                             const uint8_t *bytes, uint32_t bytes_len,
                             uint64_t offset, bool end)
{
    struct nfs_case c = {.shard = state->shard,
                         .scratch = scratch->s,
                         .flow = state->flow,
                         .server = state->server,
                         .p = &state->last};

    nfs_begin(c.shard);
    if (!c.flow)
        return 0;
    nfs_judge_chunk(&c, offset, bytes, bytes_len);
    if (end)
        nfs_judge_end(&c);
    return finish(state, &c);
}

void nfx_signatures_forget(struct nfx_signatures *state, const uint8_t *src_0,
                           uint32_t src_0_len, uint16_t src_1,
                           const uint8_t *dst_0, uint32_t dst_0_len,
                           uint16_t dst_1, uint8_t proto)
{
    uint8_t key[NFS_TUPLE];

    if (src_0_len != dst_0_len)
        return;
    nfs_tuple(key, src_0, dst_0, src_0_len, src_1, dst_1, proto);
    nfs_flow_forget(state->shard, key);
    state->flow = NULL;
}
