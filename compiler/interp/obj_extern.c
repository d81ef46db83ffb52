/* Extern types and functions of C of the program, called through glue that
 * nflc compiled with it (nfl/extern.h). */
#include "base/arena.h"
#include "base/mem.h"
#include "interp/eval.h"
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"
#include "sema/cproto.h"
#include "unit.h"
#include <dlfcn.h>
#include <nfl/extern.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 }; /* values of one call */

struct made {
    const struct object *type;
    nfl_glue_free *free, *scratch_free; /* scratch_free: NULL if it has none */
    unsigned n;                         /* of states: one, or one each shard */
    void **state;
    void *scratch;
};

/* nfxg_TYPE_WHAT */
static void *glue(const struct world *w, const char *type, const char *what)
{
    void *f = dlsym(w->unit->externs, arena_fmt(w->scratch, "nfxg_%s%s%s", type,
                                                *what ? "_" : "", what));

    if (!f)
        abort(); /* nflc wrote it */
    return f;
}

/* ---- values ---- */

static void network_order(struct nfl_value *to, num_t u, unsigned n)
{
    to->len = n;
    while (n-- > 0) {
        to->bytes[n] = (uint8_t)u;
        u >>= 8;
    }
}

/* Adds the values that C gets for x, as sema/cproto.h has them. */
static void flatten(struct nfl_value *to, unsigned *n, const struct type *t,
                    const struct ival *x)
{
    const struct part *p;
    unsigned i = 0;

    if (t->kind == TY_TUPLE) {
        LIST_EACH (p, &t->parts) {
            flatten(to, n, p->type, &x->parts[i++]);
        }
        return;
    }
    if (*n + 2 > MOST)
        abort(); /* more than anybody writes */
    to[*n].u = (uint64_t)x->u;
    if (t->kind == TY_UNION)
        network_order(&to[*n], x->u, x->alt ? 16 : 4);
    else if (t->kind == TY_UINT && t->bits > 64)
        network_order(&to[*n], x->u, 16);
    to[*n].at = (uint8_t *)(uintptr_t)x->str;
    ++*n;
    if (t->kind == TY_RANGE)
        to[(*n)++].u = (uint64_t)x->hi;
}

/* x is from where to where in the frame. */
static void bytes(struct nfl_value *to, const struct packet *p,
                  const struct ival *x)
{
    to->at = (uint8_t *)(uintptr_t)bytes_at(p, x);
    to->len = (uint32_t)(x->hi - x->u);
}

/* For whoever asks what was written: all of it may have been. */
static void payload_written(struct packet *p)
{
    if (p->written)
        memset(p->written + packet_payload_begin(p), 0xff,
               packet_payload_end(p) - packet_payload_begin(p));
}

static unsigned arguments(const struct call *c, struct nfl_value *to)
{
    const struct param *p;
    unsigned n = 0;

    LIST_EACH (p, &c->member->params) {
        if (p->type->kind == TY_OBJECT)
            bytes(&to[n++], c->moment->packet, c->args[p->index]);
        else
            flatten(to, &n, p->type, c->args[p->index]);
    }
    return n;
}

static void result_of(const struct call *c, const struct nfl_value *v,
                      struct ival *result)
{
    const struct type *t = c->member->type;
    const struct part *p;
    unsigned i = 0;

    if (t->kind != TY_TUPLE) {
        result->u = type_cut(t, v->u);
        return;
    }
    result_parts(c, result, t->parts.n);
    LIST_EACH (p, &t->parts) {
        result->parts[i].u = type_cut(p->type, v[i].u);
        i++;
    }
}

/* ---- calls ---- */

bool extern_call(const struct call *c, struct ival *result)
{
    const struct world *w = c->moment->world;
    const struct object *o = c->member->object;
    const struct made *m = c->self;
    struct nfl_value args[MOST] = {0}, results[MOST] = {0};
    nfl_glue_fn *f =
        (nfl_glue_fn *)glue(w, o->name, o->plain ? "" : c->member->name);
    void *state = NULL;

    arguments(c, args);
    if (m)
        state = m->state[m->n == 1 ? 0 : c->moment->shard];
    if (c->member->edits)
        payload_written(c->moment->packet);
    if (!f(state, m ? m->scratch : NULL, args, results))
        return false;
    result_of(c, results, result);
    return true;
}

/* ---- objects ---- */

static bool read_file(struct world *w, const char *name, struct nfl_value *to)
{
    struct nfl_bytes content;
    char *path =
        nfl_options_file(w->options, w->srcdir, name, w->err, sizeof(w->err));
    bool good = path && nfl_extern_read(path, &content, w->err, sizeof(w->err));

    free(path);
    if (!good)
        return false;
    to->at = content.at;
    to->len = content.len;
    return true;
}

static bool make_states(struct world *w, struct made *m,
                        const struct nfl_value *args)
{
    nfl_glue_new *new = (nfl_glue_new *)glue(w, m->type->name, "new");

    for (unsigned i = 0; i < m->n; i++) {
        m->state[i] = new (args, w->err, sizeof(w->err));
        if (!m->state[i])
            return false;
    }
    if (m->scratch_free) {
        m->scratch = ((nfl_glue_scratch_new *)glue(w, m->type->name,
                                                   "scratch_new"))(m->state[0]);
        return m->scratch != NULL;
    }
    return true;
}

/* The content of files is the constructor's only while it runs. */
static bool read_and_make(struct world *w, struct made *m,
                          const struct ival *const *args)
{
    struct nfl_value values[MOST] = {0};
    const struct param *p;
    unsigned n = 0, files[MOST], n_files = 0;
    bool good = true;

    LIST_EACH (p, &m->type->params) {
        if (p->type->kind == TY_FILE) {
            good = good && read_file(w, args[p->index]->str, &values[n]);
            files[n_files++] = n++;
        } else {
            flatten(values, &n, p->type, args[p->index]);
        }
    }
    good = good && make_states(w, m, values);
    while (n_files-- > 0)
        free(values[files[n_files]].at);
    return good;
}

static const char *first_file(const struct object *o,
                              const struct ival *const *args)
{
    const struct param *p;

    LIST_EACH (p, &o->params)
        if (p->type->kind == TY_FILE && args[p->index])
            return args[p->index]->str;
    return NULL;
}

void *extern_make(struct world *w, const struct object *o, unsigned shards,
                  const struct ival *const *args)
{
    struct made *m = mem_zeroed(1, sizeof(*m));

    w->err[0] = '\0';
    m->type = o;
    m->n = object_keeps(o) ? shards : 1;
    m->state = mem_zeroed(m->n, sizeof(*m->state));
    m->free = (nfl_glue_free *)glue(w, o->name, "free");
    if (cproto_has_scratch(o))
        m->scratch_free = (nfl_glue_free *)glue(w, o->name, "scratch_free");
    if (read_and_make(w, m, args))
        return m;
    nfl_extern_reason(w->options, w->srcdir, o->name, first_file(o, args),
                      w->err, sizeof(w->err));
    extern_free(m);
    return NULL;
}

void extern_inherit(struct world *w, void *self, void *before)
{
    struct made *m = self, *from = before;
    void (*inherit)(void *, void *);

    if (!m->type->inherit)
        return;
    inherit = (void (*)(void *, void *))glue(w, m->type->name, "inherit");
    for (unsigned i = 0; i < m->n; i++)
        inherit(m->state[i], from->state[i]);
}

void extern_free(void *self)
{
    struct made *m = self;

    if (m->scratch)
        m->scratch_free(m->scratch);
    for (unsigned i = m->n; i > 0; i--) {
        if (m->state[i - 1])
            m->free(m->state[i - 1]);
    }
    free(m->state);
    free(m);
}
