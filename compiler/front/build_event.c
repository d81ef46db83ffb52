/* Nodes of events: handlers, and what they do with events. */
#include "base/diag.h"
#include "front/build.h"
#include <string.h>

void words_put(struct parse *p, ast_names *to, struct word a, struct loc at,
               const struct word *b, struct loc b_at)
{
    LIST_PUT(to, name_new(p, a, at));
    if (b)
        LIST_PUT(to, name_new(p, *b, b_at));
}

struct ast_handler *handler_on(struct parse *p, struct word on,
                               ast_paths events, ast_names where,
                               struct loc loc)
{
    struct ast_handler *h = handler_new(p, on, loc);
    const struct ast_name *word = where.first;

    LIST_MOVE(h->events, events);
    if (word && strcmp(word->text, "as") == 0) {
        h->name = word->next->text;
        h->name_loc = word->next->loc;
        word = word->next->next;
    }
    h->asleep = word && strcmp(word->text, "asleep") == 0;
    if (h->asleep)
        word = word->next;
    if (!word)
        return h;
    h->at = strcmp(word->text, "at") == 0;
    h->from = word->next->text;
    h->from_loc = word->next->loc;
    return h;
}

struct ast_handler *handler_timer(struct parse *p, struct word on,
                                  struct ast_expr *period, ast_names binders,
                                  struct loc loc)
{
    struct ast_handler *h = handler_new(p, on, loc);

    h->period = period;
    h->binders = binders;
    return h;
}

struct ast_handler *handler_when(struct parse *p, struct word when,
                                 struct ast_expr *cond, struct loc loc)
{
    struct ast_handler *h = handler_new(p, when, loc);

    h->cond = cond;
    return h;
}

struct ast_stmt *stmt_event(struct parse *p, struct word verb,
                            struct ast_path *path, ast_args args,
                            struct loc loc)
{
    struct ast_stmt *s = stmt_new(p, AS_EVENT, loc);

    s->name = verb.text;
    s->path = path;
    LIST_MOVE(s->args, args);
    if (args.n && strcmp(verb.text, "emit") != 0)
        diag_error(p->scan.diags, args.first->value->loc,
                   "'%s' only names an event", verb.text);
    return s;
}
