/* Who tells whom what: emitted events of a chain. */
#include "sema/effect.h"
#include "tool/explain.h"
#include "unit.h"

static bool takes(const struct position *p, const struct event *e)
{
    const struct handler *h;

    LIST_EACH (h, &p->nf->handlers)
        if (handler_takes(h, e))
            return true;
    return false;
}

static void explain_emit(const struct chain *c, const struct position *by,
                         const struct effevent *e, FILE *to)
{
    const struct position *p;
    bool anyone = false;

    fprintf(to, "  %s emits %s to", by->name, e->event->path);
    LIST_EACH (p, &c->nfs) {
        if (!takes(p, e->event))
            continue;
        fprintf(to, "%s %s", anyone ? "," : "", p == by ? "itself" : p->name);
        anyone = true;
    }
    fprintf(to, "%s, line %u\n", anyone ? "" : " nobody",
            loc_linecol(e->loc).line);
}

void explain_events(const struct unit *u, const struct chain *c, FILE *to)
{
    const struct position *p;
    const struct handler *h;
    const struct effevent *e;

    LIST_EACH (p, &c->nfs)
        LIST_EACH (h, &p->nf->handlers)
            LIST_EACH (e, &effect_of(u->effects, h)->emits)
                explain_emit(c, p, e, to);
}
