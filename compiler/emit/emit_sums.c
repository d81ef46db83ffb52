/* Tables of checksums and of what pseudo headers hold. */
#include "emit/emit.h"

/* Of a field that may be absent. */
static const char *where(struct emit *e, const struct field *f)
{
    if (!f->cond)
        return "";
    return arena_fmt(e->arena, ", .find = gf_%s_%s", f->header->name, f->name);
}

static unsigned sums(struct emit *e)
{
    const struct header *h;
    const struct checksum *k;
    unsigned n = 0;

    LIST_EACH (h, &e->plan->ir->tree->headers)
        LIST_EACH (k, &h->checksums) {
            if (!n++)
                cw(e->w, "static const struct nflg_sum g_sum[] = {");
            cw(e->w,
               "    {.kind = %s, .off = %u, .rest = %d, .pseudo = %d, "
               ".optional = %d%s},",
               name_header(e, h), k->field->bit_off / 8, k->rest, k->pseudo,
               k->optional, where(e, k->field));
        }
    if (n)
        cw(e->w, "};");
    return n;
}

static unsigned spans(struct emit *e)
{
    const struct header *h;
    const struct fieldref *r;
    unsigned n = 0;

    LIST_EACH (h, &e->plan->ir->tree->headers)
        LIST_EACH (r, &h->pseudo) {
            if (!n++)
                cw(e->w, "static const struct nflg_span g_span[] = {");
            cw(e->w, "    {.kind = %s, .off = %u, .bytes = %u},",
               name_header(e, h), r->field->bit_off / 8, r->field->bits / 8);
        }
    if (n)
        cw(e->w, "};");
    return n;
}

void emit_sums(struct emit *e)
{
    unsigned n, k;

    cw_blank(e->w);
    n = sums(e);
    k = spans(e);
    cw(e->w, "static const struct nflg_sums g_sums = {%s, %u, %s, %u};",
       n ? "g_sum" : "NULL", n, k ? "g_span" : "NULL", k);
}
