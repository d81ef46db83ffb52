/* A refutation, for people: a packet that arrives, its flow and the state that
 * it finds; what becomes of it, and what should. */
#include "base/arena.h"
#include "base/text.h"
#include "verify/prove.h"

struct show {
    const struct scene *s;
    const struct proof *p;
    FILE *to;
};

/* ---- values ---- */

static const char *number_text(struct arena *a, const struct type *t, num_t v)
{
    char buf[NUM_TEXT];

    if (t && t->form == LIT_IPV4)
        return arena_str(a, ipv4_text(buf, v));
    if (t && t->form == LIT_IPV6)
        return arena_str(a, ipv6_text(buf, v));
    if (t && t->form == LIT_MAC)
        return arena_str(a, mac_text(buf, v));
    return arena_str(a, num_text(buf, v));
}

/* A value of any kind; type NULL: a plain one. */
static const char *text(const struct show *w, term x, const struct type *t)
{
    struct smt *z = w->s->z;
    sort of = Z3_get_sort(z->c, x);
    const struct type *plain = t && t->kind == TY_UINT ? t : NULL;
    bool v6;

    if (of == smt_bool(z))
        return smt_holds(z, w->p->where, x) ? "yes" : "no";
    if (of == z->story)
        return "others, or in another order";
    if (smt_width(z, x) != ADDRESS_BITS)
        return number_text(w->s->arena, plain, smt_value(z, w->p->where, x));
    v6 = smt_value(z, w->p->where, smt_slice(z, x, 128, 1)) != 0;
    return number_text(
        w->s->arena, t && t->kind == TY_UNION ? t->alt[v6] : NULL,
        smt_value(z, w->p->where, smt_slice(z, x, 0, v6 ? 128 : 32)));
}

static bool is_zero(const struct show *w, term x)
{
    struct smt *z = w->s->z;

    if (Z3_get_sort(z->c, x) == smt_bool(z))
        return !smt_holds(z, w->p->where, x);
    return smt_value(z, w->p->where, x) == 0;
}

/* ---- what arrives ---- */

/* In the notation of tests; fields that are not mentioned are zero. */
static void packet(const struct show *w)
{
    const struct field *f;
    unsigned n = 0;

    fputs("  packet:    ", w->to);
    for (unsigned i = 0; i < w->s->shape->n; i++) {
        bool any = false;

        fprintf(w->to, "%s%s", i ? " / " : "", w->s->shape->header[i]->name);
        LIST_EACH (f, &w->s->shape->header[i]->fields) {
            term x = w->s->arrived[n++];

            if (is_zero(w, x))
                continue;
            fprintf(w->to, "%s%s = %s", any ? ", " : "(", f->name,
                    text(w, x, f->type));
            any = true;
        }
        fputs(any ? ")" : "", w->to);
    }
    fputs("\n", w->to);
}

static void role(const struct show *w, const char *between, term x, enum role r)
{
    fprintf(w->to, "%s%s = %s", between, role_name[r],
            text(w, x, w->s->shape->role[r]->type));
}

static void flow(const struct show *w)
{
    const struct scene *s = w->s;
    const struct plan_nf *n;

    fprintf(w->to, "  flow:      ");
    for (unsigned r = 0; r < ROLE_N; r++)
        role(w, r ? ", " : "", s->tuple[r], (enum role)r);
    fputs("\n", w->to);
    LIST_EACH (n, &s->chain->nfs) {
        unsigned i = s->place[n->position];
        const char *between = " to ";

        if (n->hop < 0)
            continue;
        fprintf(w->to, "  %s translates", n->ir->source->name);
        for (unsigned r = 0; r < ROLE_N; r++)
            if (s->hops.set[i][r] &&
                smt_holds(s->z, w->p->where, s->hops.set[i][r])) {
                role(w, between, s->hops.to[i][r], (enum role)r);
                between = ", ";
            }
        fputs(*between == ',' ? "\n" : " nothing\n", w->to);
    }
}

static void exit_of(const struct show *w, const struct plan_nf *n)
{
    const struct scene *s = w->s;
    num_t number = smt_value(s->z, w->p->where, s->exit[n->position]);
    const struct exit *x;

    LIST_EACH (x, &n->ir->source->nf->exits)
        if (x->number == number)
            fprintf(w->to, "  state:     %s chose %s\n", n->ir->source->name,
                    x->name);
}

/* What is not zero. */
static void state(const struct show *w)
{
    const struct scene *s = w->s;
    const struct config_at *c;
    const struct plan_nf *n;

    for (unsigned v = 0; v < s->n_vars; v++)
        if (!is_zero(w, s->vars[v].before))
            fprintf(w->to, "  state:     %s.%s = %s\n",
                    s->vars[v].nf->ir->source->name, s->vars[v].var->name,
                    text(w, s->vars[v].before, s->vars[v].var->type));
    LIST_EACH (n, &s->chain->nfs)
        if (s->dropped[n->position] && !is_zero(w, s->dropped[n->position]))
            fprintf(w->to, "  state:     %s dropped the flow before\n",
                    n->ir->source->name);
    if (s->chain->row[s->side].cancels.n)
        fprintf(w->to, "  frame:     %s bytes, can grow by %s\n",
                text(w, s->frame, NULL), text(w, s->room, NULL));
    LIST_EACH (n, &s->chain->nfs)
        if (!is_zero(w, s->exit[n->position]))
            exit_of(w, n);
    for (c = s->configs; c; c = c->next)
        fprintf(w->to, "  parameter: %s.%s = %s%s\n",
                c->config->nf->source->name, c->config->name,
                text(w, c->value, c->config->type), c->part ? " (last)" : "");
}

/* ---- what becomes of it ---- */

static void difference(const struct show *w, const struct difference *d)
{
    const struct type *t = d->field ? d->field->type : NULL;

    fprintf(w->to, "  %s: by the language %s, by the plan %s\n", d->what,
            text(w, d->law, t), text(w, d->plan, t));
}

void show_refutation(const struct scene *s, const struct proof *p, FILE *to)
{
    const struct show w = {s, p, to};
    const struct difference *d;

    packet(&w);
    flow(&w);
    state(&w);
    LIST_EACH (d, &p->all)
        if (smt_holds(s->z, p->where, d->differs))
            difference(&w, d);
}

/* ---- as a capture ---- */

/* Ethernet, one frame at time 0. False if it could not be written. */
bool show_pcap(const struct scene *s, const struct proof *p, const char *path)
{
    static const uint32_t head[] = {0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1};
    uint32_t record[] = {0, 0, scene_length(s), scene_length(s)};
    term bytes = scene_bytes(s, s->arrived);
    FILE *f = fopen(path, "wb");

    if (!f)
        return false;
    fwrite(head, sizeof(head), 1, f);
    fwrite(record, sizeof(record), 1, f);
    for (unsigned i = record[2]; i-- > 0;)
        fputc((int)smt_value(s->z, p->where, smt_slice(s->z, bytes, i * 8, 8)),
              f);
    return fclose(f) == 0;
}
