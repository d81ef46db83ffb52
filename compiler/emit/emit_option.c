/* Options: a function for each, which says how long it is if it is there, and
 * the table by which they are found. */
#include "emit/emit.h"

/* gt_NAME: of an option that is one; gu_NAME: by which one goes on, past some
 * that are shorter than its fields, too. */
static void option(struct emit *e, const struct ir_header *h, bool on)
{
    const struct header *s = h->source;
    const char *size = h->size ? emit_value(e, h->size)
                               : arena_fmt(e->arena, "%uu", s->fixed_bytes);

    cw_blank(e->w);
    if (on)
        cw(e->w,
           "/* The bytes from an option to the next; 0: there is none. */");
    else
        cw(e->w, "/* The bytes of an option that is a %s; 0: it is none. */",
           s->name);
    cw(e->w, "static unsigned %s_%s(const uint8_t *p, unsigned left)",
       on ? "gu" : "gt", s->name);
    cw_open(e->w, "%s", "");
    if (h->valid) {
        cw_at(e->w, h->valid->loc);
        cw(e->w, "if (left < %u || %s)", s->fixed_bytes,
           emit_negation(e, h->valid).text);
    } else {
        cw(e->w, "if (left < %u)", s->fixed_bytes);
    }
    cw(e->w, "    return 0;");
    if (h->size)
        cw_at(e->w, h->size->loc);
    cw(e->w, "return nflg_fits(%u, %s, left);", on ? 1 : s->fixed_bytes, size);
    cw_home(e->w);
    cw_close(e->w, "");
}

unsigned emit_options(struct emit *e)
{
    const struct tree *t = e->plan->ir->tree;
    const struct ir_header *h;
    const struct header *s;
    unsigned n = 0;

    LIST_EACH (h, &e->plan->ir->headers)
        if (header_is_option(h->source)) {
            option(e, h, false);
            if (!h->valid)
                option(e, h, true);
            n++;
        }
    if (!n)
        return 0;
    cw_blank(e->w);
    cw(e->w, "static const struct nflg_option g_option[] = {");
    LIST_EACH (s, &t->headers)
        if (header_is_option(s))
            cw(e->w, "    {%s, %s, %u, gt_%s, gu_%s},", name_header(e, s),
               name_header(e, s->of), s->of->fixed_bytes, s->name,
               option_any(t, s->of)->name);
    cw(e->w, "};");
    cw(e->w, "static const struct nflg_options g_options = {g_option, %u};", n);
    return n;
}
