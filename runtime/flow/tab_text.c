/* Tables of NFs as text: the entries of the final state. */
#include "flow/summary.h"
#include <nfl/session.h>
#include <nfl/table.h>
#include <nfl/trace.h>
#include <string.h>

enum { NUM_TEXT = 64, ENTRY_TEXT = 8192 };

uint64_t nfl_tab_entries(const struct nfl_tab *t, uint64_t now)
{
    const struct nfl_tab_shard *s;
    const struct nfl_entry *e;
    uint64_t n = 0;
    uint32_t i, k;

    for (i = 0; i < t->n_shards; i++) {
        s = &t->shards[i];
        for (k = s->first; k; k = e->after) {
            e = nfl_tab_entry(t, s, k);
            n += e->expires > now;
        }
    }
    return n;
}

/* `bits` bits of the words, from bit `at` on: within a word, or two whole
 * ones. */
static nfl_u128 key_bits(const uint64_t *words, unsigned at, unsigned bits)
{
    nfl_u128 v = words[at / 64] >> at % 64;

    if (bits > 64)
        v |= (nfl_u128)words[at / 64 + 1] << 64;
    return bits < 128 ? v & (((nfl_u128)1 << bits) - 1) : v;
}

static nfl_u128 load(const uint8_t *p, unsigned bytes)
{
    nfl_u128 v = 0;

    memcpy(&v, p, bytes > sizeof(v) ? sizeof(v) : bytes);
    return v;
}

static void part_text(FILE *to, const struct nfl_part_desc *d, nfl_u128 v,
                      bool v6)
{
    enum nfl_fmt fmt = d->fmt;
    const struct nfl_name *n;
    char buf[NUM_TEXT];

    if (fmt == NFL_FMT_IPADDR)
        fmt = v6 ? NFL_FMT_IPV6 : NFL_FMT_IPV4;
    fputs(d->before, to);
    for (n = d->names; n && n->name; n++)
        if (n->value == v)
            break;
    fputs(n && n->name ? n->name : nfl_num_text(v, fmt, buf, sizeof(buf)), to);
    fputs(d->after, to);
}

static void key_text(FILE *to, const struct nfl_part_desc *parts, unsigned n,
                     const uint64_t *key)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        const struct nfl_part_desc *p = &parts[i];

        part_text(to, p, key_bits(key, p->at, p->bits),
                  p->fmt == NFL_FMT_IPADDR && key_bits(key, p->v6, 1));
    }
}

static void value_text(FILE *to, const struct nfl_tab_desc *d,
                       const uint8_t *entry)
{
    unsigned i;

    for (i = 0; i < d->n_value; i++) {
        const struct nfl_part_desc *p = &d->value[i];
        const uint8_t *at = entry + p->at;

        part_text(to, p, load(at, p->bits / 8),
                  p->fmt == NFL_FMT_IPADDR && at[sizeof(nfl_u128)]);
    }
}

char *nfl_key_text(const struct nfl_part_desc *parts, unsigned n,
                   const uint64_t *key, char *buf, size_t len)
{
    FILE *f = fmemopen(buf, len, "w");

    buf[0] = '\0';
    if (!f)
        return buf;
    key_text(f, parts, n, key);
    fclose(f);
    buf[len - 1] = '\0';
    return buf;
}

char *nfl_tab_text(const struct nfl_tab *t, const struct nfl_entry *e,
                   char *buf, size_t len)
{
    FILE *f = fmemopen(buf, len, "w");

    buf[0] = '\0';
    if (!f)
        return buf;
    key_text(f, t->desc->key, t->desc->n_key, nfl_tab_key(e));
    if (t->desc->n_value)
        fputs(" -> ", f);
    value_text(f, t->desc, (const uint8_t *)e);
    fclose(f);
    buf[len - 1] = '\0';
    return buf;
}

static void entry_line(const struct nfl_tab *t, const struct nfl_entry *e,
                       const char *prefix, uint32_t shard, struct nfl_state *st)
{
    char text[ENTRY_TEXT];

    nfl_tab_text(t, e, text, sizeof(text));
    if (t->desc->ticks)
        nfl_state_add(st, "table %s shard %u entry %s expires %llu", prefix,
                      shard, text, (unsigned long long)e->expires);
    else
        nfl_state_add(st, "table %s shard %u entry %s", prefix, shard, text);
}

static void shard_lines(const struct nfl_tab *t, uint32_t shard, uint64_t now,
                        const char *prefix, struct nfl_state *st)
{
    const struct nfl_tab_shard *s = &t->shards[shard];
    const struct nfl_entry *e;
    uint32_t k, n = 0;

    for (k = s->first; k; k = e->after) {
        e = nfl_tab_entry(t, s, k);
        if (e->expires <= now)
            continue;
        entry_line(t, e, prefix, shard, st);
        n++;
    }
    if (n)
        nfl_state_add(st, "table %s shard %u entries %u", prefix, shard, n);
}

void nfl_summary_tables(const struct nfl_chain *c, uint64_t now,
                        struct nfl_state *st)
{
    char prefix[512];
    uint32_t i, s;

    for (i = 0; i < c->desc->n_tables; i++) {
        const struct nfl_tab_desc *d = &c->desc->tables[i];

        snprintf(prefix, sizeof(prefix), "%s %s %s", c->desc->name,
                 c->desc->nfs[d->nf].name, d->name);
        for (s = 0; s < c->desc->shards; s++)
            shard_lines(c->tabs[i], s, now, prefix, st);
    }
}
