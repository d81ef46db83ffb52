/* pass emit: the plan as one C module.
 * needs: plan, ir, tree   provides: ctext   invalidates: nothing
 * The module is warning-free C that people can read; the same plan always
 * gives the same text. */
#include "emit/ctext.h"
#include "emit/emit.h"
#include "unit.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* "examples/edge.nfl" is the program edge. */
static const char *program_name(struct arena *a, const char *path)
{
    const char *base = strrchr(path, '/'), *dot;

    base = base ? base + 1 : path;
    dot = strrchr(base, '.');
    return arena_strn(a, base,
                      dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

static void chain(struct emit *e, const struct plan_chain *c)
{
    e->chain = c;
    emit_state(e);
    emit_entries(e);
    emit_tcp(e);
    emit_events(e);
    emit_handlers(e);
    emit_deliveries(e);
    emit_filter(e);
    emit_visits(e);
    emit_timers(e);
    emit_objects(e);
    emit_descs(e);
}

void pass_emit(struct unit *u)
{
    struct emit e = {
        .arena = u->arena, .plan = u->plan, .consolidate = u->consolidate};
    const struct source *main = u->tree->main;
    const struct plan_chain *c;
    struct ctext *t = ARENA_NEW(u->arena, struct ctext);

    e.program = u->text ? "main" : program_name(u->arena, main->path);
    e.w = cw_new(u->arena, arena_fmt(u->arena, "%s.c", e.program));
    names_init(&e);
    cw(e.w, "/* Program %s, compiled by nflc. */",
       cw_comment(u->arena, e.program));
    emit_headers(&e);
    emit_sums(&e);
    emit_shapes(&e);
    emit_kinds(&e);
    emit_prototypes(&e);
    emit_reasons(&e);
    emit_ingress_prototypes(&e);
    LIST_EACH (c, &u->plan->chains)
        chain(&e, c);
    emit_ingress(&e);
    emit_module(&e);
    t->text = cw_end(e.w, &t->len);
    u->ctext = t;
}

void ctext_dump(const struct ctext *t, FILE *to)
{
    fwrite(t->text, 1, t->len, to);
}
