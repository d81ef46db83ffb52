/* Timers of NFs: on timer PERIOD { ... } */
#include "sema/sema.h"

static const num_t ns_per_tick = 1000000;

static bool is_whole(num_t ns)
{
    return ns % ns_per_tick == 0 && ns / ns_per_tick >= 1 &&
           ns / ns_per_tick <= UINT32_MAX;
}

void timer_period(struct scope *sc, struct handler *h,
                  const struct ast_handler *a)
{
    struct texpr *e = expr_value(sc, a->period, sc->sema->duration);

    h->period = e;
    if (e->type->kind == TY_ERROR)
        h->period = expr_number(sc, e->loc, sc->sema->duration, ns_per_tick);
    else if (e->kind != TE_CONST && e->kind != TE_PARAM)
        diag_error(sc->sema->diags, a->period->loc,
                   "the period of a timer is a duration or a parameter");
    else if (e->kind == TE_CONST && !is_whole(e->value.u))
        diag_error(sc->sema->diags, a->period->loc,
                   "the period of a timer is a number of whole milliseconds "
                   "from 1ms to 49d");
}

void timers_check(struct sema *s, const struct position *p)
{
    const struct handler *h;

    LIST_EACH (h, &p->nf->handlers)
        if (h->raiser == RAISE_TIMER && h->period->kind == TE_PARAM &&
            !is_whole(position_value(p, h->period)))
            diag_also(diag_error(s->diags, p->loc,
                                 "'%s' is the period of a timer: a number of "
                                 "whole milliseconds from 1ms to 49d",
                                 h->period->param->name),
                      h->loc, "of this one");
}
