/* Values of the final state, of which each layout prints the lines that
 * nfl/trace.h describes, against what a test says of them. */
#include "base/text.h"
#include "interp/packet.h"
#include "sema/tree.h"
#include "tool/test_check.h"
#include "unit.h"

#include <arpa/inet.h>
#include <nfl/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TUPLE_TEXT = 128 };

struct found {
    num_t u;
    unsigned alt;
    bool there;
    const char *text;
};

uint64_t drops_for(const struct outcome *o, const char *reason)
{
    const struct drop_row *d;
    uint64_t n = 0;

    LIST_EACH (d, &o->drops)
        if (!reason || strcmp(d->reason, reason) == 0)
            n += d->packets;
    return n;
}

/* ---- text to numbers ---- */

static num_t read_ipv6(const char *text)
{
    struct in6_addr a;
    num_t v = 0;

    if (inet_pton(AF_INET6, text, &a) == 1)
        for (unsigned i = 0; i < 16; i++)
            v = v << 8 | a.s6_addr[i];
    return v;
}

static num_t read_ipv4(const char *text)
{
    struct in_addr a;

    return inet_pton(AF_INET, text, &a) == 1 ? ntohl(a.s_addr) : 0;
}

static num_t read_mac(const char *text)
{
    num_t v = 0;

    for (unsigned i = 0; i < 6 && strlen(text) >= 2; i++) {
        v = v << 8 | strtoul(text, NULL, 16);
        text += text[2] ? 3 : 2;
    }
    return v;
}

static num_t read_number(const struct type *t, const char *text)
{
    const struct enumval *e;
    num_t v = 0;

    if (t->kind == TY_BOOL)
        return strcmp(text, "true") == 0;
    if (t->kind == TY_UINT && t->form == LIT_IPV4)
        return read_ipv4(text);
    if (t->kind == TY_UINT && t->form == LIT_IPV6)
        return read_ipv6(text);
    if (t->kind == TY_UINT && t->form == LIT_MAC)
        return read_mac(text);
    LIST_EACH (e, &t->values)
        if (strcmp(e->name, text) == 0)
            return e->value;
    for (; *text >= '0' && *text <= '9'; text++)
        v = v * 10 + (num_t)(*text - '0');
    return v;
}

static struct found read_value(const struct type *t, const char *text)
{
    struct found f = {.there = true, .text = text};

    if (t->kind == TY_UNION) {
        f.alt = strchr(text, ':') != NULL;
        t = t->alt[f.alt];
    }
    f.u = read_number(t, text);
    return f;
}

/* ---- values to text ---- */

const char *number_text(struct arena *a, const struct type *t, num_t u)
{
    char buf[NUM_TEXT];

    if (t->kind == TY_BOOL)
        return u ? "true" : "false";
    if (t->kind == TY_UINT && t->form == LIT_IPV4)
        return arena_str(a, ipv4_text(buf, u));
    if (t->kind == TY_UINT && t->form == LIT_IPV6)
        return arena_str(a, ipv6_text(buf, u));
    if (t->kind == TY_UINT && t->form == LIT_MAC)
        return arena_str(a, mac_text(buf, u));
    return arena_str(a, num_text(buf, u));
}

static const char *write_value(struct arena *a, const struct type *t,
                               const struct value *v)
{
    const struct enumval *e;
    const struct part *p;
    const char *text = "";
    unsigned i = 0;

    if (t->kind == TY_UNION)
        return number_text(a, t->alt[v->alt], v->u);
    if (t->kind == TY_ENUM)
        LIST_EACH (e, &t->values)
            if (e->value == v->u)
                return e->name;
    if (t->kind != TY_TUPLE)
        return number_text(a, t, v->u);
    LIST_EACH (p, &t->parts) {
        text = arena_fmt(a, "%s%s%s", text, i ? ", " : "",
                         write_value(a, p->type, &v->parts[i]));
        i++;
    }
    return arena_fmt(a, "(%s)", text);
}

/* ---- lines of the state ---- */

/* What follows `prefix` in the line, or NULL. */
static const char *behind(const char *line, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(line, prefix, n) == 0 ? line + n : NULL;
}

static const char *first_behind(const struct lines *l, const char *prefix)
{
    const char *rest = NULL;

    for (unsigned i = 0; i < l->n && !rest; i++)
        rest = behind(l->v[i], prefix);
    return rest;
}

/* The tuple T0 of the flow to which a frame belongs, or NULL: what arrives is
 * T0, or the turned Tn; what else is live does not matter. */
static const char *flow_of(struct check *k, const struct outcome *o,
                           const struct frame *f)
{
    struct arena *a = k->u->arena;
    struct packet p = {.bytes = f->bytes, .arrived = f->bytes, .len = f->len};
    struct nfl_tuple t, back;
    char there[TUPLE_TEXT], turned[TUPLE_TEXT];

    packet_parse(&p, k->u->tree);
    if (!p.has_flow)
        return NULL;
    t = back = p.tuple;
    back.src = t.dst;
    back.dst = t.src;
    back.sport = t.dport;
    back.dport = t.sport;
    nfl_tuple_text(&t, there, sizeof(there));
    nfl_tuple_text(&back, turned, sizeof(turned));
    for (unsigned i = 0; i < o->state.n; i++) {
        const char *rest = behind(
            o->state.v[i], arena_fmt(a, "flow %s ", k->test->chain->name));
        const char *to = rest ? strstr(rest, " leaves ") : NULL;
        const char *t0 = to ? arena_strn(a, rest, (size_t)(to - rest)) : NULL;

        if (t0 && (strcmp(t0, there) == 0 || strcmp(t0, turned) == 0 ||
                   behind(to + 8, arena_fmt(a, "%s ", turned))))
            return t0;
    }
    return NULL;
}

static struct found flow_value(struct check *k, const struct outcome *o,
                               const struct tvalue *v)
{
    const struct frame *last = k->script.in.last;
    const char *t0 = last ? flow_of(k, o, last) : NULL, *text;
    struct found none = {.text = "no flow"};

    if (!t0)
        return none;
    text =
        first_behind(&o->state, arena_fmt(k->u->arena, "flow %s %s var %s %s ",
                                          k->test->chain->name, t0, v->at->name,
                                          v->var->name));
    return text ? read_value(v->type, text) : none;
}

/* Over all shards: numbers are added up, of others it is the greatest. */
static struct found divided_value(struct check *k, const struct outcome *o,
                                  const struct tvalue *v)
{
    struct arena *a = k->u->arena;
    const char *name = arena_fmt(a, " %s %s ", v->at->name, v->var->name);
    const char *head = arena_fmt(a, "%s %s ", storage_name[v->var->storage],
                                 k->test->chain->name);
    bool sum = type_is_counted(v->var->type) && v->var->update != UP_MAX;
    struct found all = {.there = true, .text = "0"}, one;
    const char *rest;

    for (unsigned i = 0; i < o->state.n; i++) {
        rest = behind(o->state.v[i], head);
        if (rest && v->var->storage != ST_ATOMIC)
            rest = strchr(rest, ' ');
        rest =
            rest ? behind(rest, v->var->storage == ST_ATOMIC ? name + 1 : name)
                 : NULL;
        if (!rest)
            continue;
        one = read_value(v->type, rest);
        if (sum && all.u)
            one.u += all.u;
        if (sum || one.u >= all.u)
            all = one;
    }
    if (sum)
        all.text = number_text(a, v->type, all.u);
    return all;
}

/* ---- tables ---- */

/* Member number n of "(1, (2, 3), 4)", cut out. */
static const char *cut_member(struct arena *a, const char *text, int n)
{
    int depth = 0;
    const char *from = text + 1, *at;

    for (at = text; *at; at++) {
        depth += *at == '(';
        depth -= *at == ')';
        if ((depth == 1 && *at == ',') || depth == 0) {
            if (n-- == 0)
                return arena_strn(a, from, (size_t)(at - from));
            from = at + 2;
        }
    }
    return text;
}

/* What is said behind " -> ", or of one of its members. */
static struct found value_behind(struct arena *a, const struct tvalue *v,
                                 const char *rest)
{
    const char *end = strstr(rest += strlen(" -> "), " expires ");

    rest = arena_strn(a, rest, end ? (size_t)(end - rest) : strlen(rest));
    if (v->member >= 0)
        rest = cut_member(a, rest, v->member);
    return read_value(v->type, rest);
}

/* Of a split table numbers are added up. */
static struct found entry_value(struct check *k, const struct outcome *o,
                                const struct tvalue *v)
{
    struct arena *a = k->u->arena;
    const char *head =
        arena_fmt(a, "table %s %s %s shard ", k->test->chain->name, v->at->name,
                  v->var->name);
    const char *key =
        arena_fmt(a, " entry %s", write_value(a, v->key_type, &v->key));
    bool sum = v->var->storage == ST_SPLIT && type_is_counted(v->type);
    struct found all = {.text = "no entry"}, one;

    for (unsigned i = 0; i < o->state.n; i++) {
        const char *rest = behind(o->state.v[i], head);

        rest = rest ? strchr(rest, ' ') : NULL;
        rest = rest ? behind(rest, key) : NULL;
        if (!rest || (*rest && *rest != ' '))
            continue;
        if (v->kind == TV_HAS)
            return (struct found){.there = true, .u = 1, .text = "true"};
        one = value_behind(a, v, rest);
        if (!sum)
            return one;
        one.u += all.u;
        all = one;
    }
    if (v->kind == TV_HAS)
        return (struct found){.there = true, .text = "false"};
    if (sum && all.there)
        all.text = number_text(a, v->type, all.u);
    return all;
}

static struct found entries(struct check *k, const struct outcome *o,
                            const struct tvalue *v)
{
    struct arena *a = k->u->arena;
    const char *head =
        arena_fmt(a, "table %s %s %s shard ", k->test->chain->name, v->at->name,
                  v->var->name);
    struct found f = {.there = true};

    for (unsigned i = 0; i < o->state.n; i++) {
        const char *rest = behind(o->state.v[i], head);

        rest = rest ? strchr(rest, ' ') : NULL;
        rest = rest ? behind(rest, " entries ") : NULL;
        f.u += rest ? strtoull(rest, NULL, 10) : 0;
    }
    f.text = number_text(a, v->type, f.u);
    return f;
}

/* ---- comparing ---- */

static struct found counted(struct check *k, num_t n)
{
    char buf[NUM_TEXT];

    return (struct found){.there = true,
                          .u = n,
                          .text = arena_str(k->u->arena, num_text(buf, n))};
}

static struct found live_flows(struct check *k, const struct outcome *o)
{
    const struct flow_row *f;

    LIST_EACH (f, &o->flows)
        if (strcmp(f->chain, k->test->chain->name) == 0)
            return counted(k, f->live);
    return counted(k, 0);
}

static struct found value_of(struct check *k, const struct outcome *o,
                             const struct tvalue *v)
{
    switch (v->kind) {
    case TV_VAR:
        return v->var->storage == ST_FLOW ? flow_value(k, o, v)
                                          : divided_value(k, o, v);
    case TV_ENTRY:
    case TV_HAS:
        return entry_value(k, o, v);
    case TV_ENTRIES:
        return entries(k, o, v);
    case TV_DROPS:
        return counted(k, drops_for(o, v->reason));
    case TV_SENT:
        return counted(k, o->out[v->port->index].n);
    case TV_FLOWS:
        break;
    }
    return live_flows(k, o);
}

static bool holds(const struct tvalue *v, const struct found *f)
{
    bool same_family = v->type->kind != TY_UNION || f->alt == v->want.alt;
    num_t a = f->u, b = v->want.u;

    if (!f->there)
        return false;
    switch (v->op) {
    case OP_NE:
        return !same_family || a != b;
    case OP_LT:
        return a < b;
    case OP_LE:
        return a <= b;
    case OP_GT:
        return a > b;
    case OP_GE:
        return a >= b;
    default:
        return same_family && a == b;
    }
}

void check_value(struct check *k, const struct tvalue *v, struct loc at)
{
    struct arena *a = k->u->arena;
    struct outcome *o = check_at(k, k->script.in.n, at);
    struct mismatch m = {.field = "value"};
    mismatches one = {&m, &m, 1};
    struct found f;
    bool same;

    if (!o)
        return;
    f = value_of(k, o, v);
    m.expected = write_value(a, v->type, &v->want);
    m.got = f.text;
    same =
        v->type->kind == TY_TUPLE
            ? f.there && (strcmp(f.text, m.expected) == 0) == (v->op == OP_EQ)
            : holds(v, &f);
    if (same)
        return;
    if (v->op != OP_EQ)
        m.expected = arena_fmt(a, "%s %s", ast_op_text(v->op), m.expected);
    check_say(k, at, "the value is not the one expected");
    check_table(k, &one);
}
