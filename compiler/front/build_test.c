/* Nodes of the syntax tree: tests. */
#include "front/build.h"

#include "base/arena.h"
#include "base/diag.h"
#include <string.h>

struct ast_item *item_new(struct parse *p, struct word verb, struct loc at,
                          struct ast_expr *value, struct loc loc)
{
    struct ast_item *i = ARENA_NEW(p->scan.arena, struct ast_item);

    i->verb = verb.text;
    i->verb_loc = at;
    i->loc = loc;
    i->value = value;
    return i;
}

struct ast_item *item_at(struct parse *p, struct word verb, struct loc at,
                         struct word port, struct loc port_at,
                         struct ast_expr *packet, struct loc loc)
{
    struct ast_item *i = item_new(p, verb, at, packet, loc);

    i->port = port.text;
    i->port_loc = port_at;
    return i;
}

struct ast_item *item_set(struct parse *p, struct word verb, struct loc at,
                          struct ast_expr *target, struct ast_expr *value,
                          struct loc loc)
{
    struct ast_item *i = item_new(p, verb, at, target, loc);
    struct diag *m;

    i->to = value;
    if (strcmp(verb.text, "set") == 0)
        return i;
    m = diag_error(p->scan.diags, loc, "'%s' takes no '='", verb.text);
    if (strcmp(verb.text, "expect") == 0)
        diag_hint(m, "to compare, write ==");
    return NULL;
}

struct ast_item *item_drop(struct parse *p, struct word verb, struct loc at,
                           struct word reason, struct loc loc)
{
    struct ast_item *i = item_new(p, verb, at, NULL, loc);

    i->drop = true;
    i->reason = reason.text;
    if (strcmp(verb.text, "expect") == 0)
        return i;
    diag_hint(diag_error(p->scan.diags, loc, "a test does not drop packets"),
              "expect drop \"reason\" asks whether the program did");
    return NULL;
}

struct ast_item *item_for(struct parse *p, struct word verb, struct word name,
                          struct ast_expr *cases, ast_items items,
                          struct loc loc)
{
    struct ast_item *i = item_new(p, verb, loc, cases, loc);

    i->verb = "for";
    i->name = name.text;
    LIST_MOVE(i->items, items);
    return i;
}

void run_begin(struct parse *p, struct loc at)
{
    decl_new(p, AD_CHAIN, (struct word){"run", NULL}, at,
             (struct word){NULL, NULL})
        ->test = p->test;
}

struct ast_item *run_end(struct parse *p, struct word verb, struct loc loc)
{
    struct ast_item *i = item_new(p, verb, loc, NULL, loc);

    i->chain = p->decl;
    i->chain->loc = loc;
    p->decl = p->test;
    return i;
}
