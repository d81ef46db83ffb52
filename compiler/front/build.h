/* What the actions of the grammar call: each makes a node of the tree. */
#ifndef NFL_FRONT_BUILD_H
#define NFL_FRONT_BUILD_H

#include "front/ast.h"
#include "front/scan.h"
#include <string.h>

typedef LIST(struct ast_arg) ast_args;
typedef LIST(struct ast_expr) ast_exprs;
typedef LIST(struct ast_type) ast_types;
typedef LIST(struct ast_stmt) ast_stmts;
typedef LIST(struct ast_arm) ast_arms;
typedef LIST(struct ast_path) ast_paths;
typedef LIST(struct ast_role) ast_roles;
typedef LIST(struct ast_decl) ast_decls;
typedef LIST(struct ast_item) ast_items;

/* The lists of the tree are structs without a name; this moves one. */
#define LIST_MOVE(to, from)                                                    \
    ((to).first = (from).first, (to).last = (from).last, (to).n = (from).n)

/* Appends the items of a list to another. */
#define LIST_JOIN(to, from)                                                    \
    do {                                                                       \
        if (!(from).first)                                                     \
            break;                                                             \
        if ((to).last)                                                         \
            (to).last->next = (from).first;                                    \
        else                                                                   \
            (to).first = (from).first;                                         \
        (to).last = (from).last;                                               \
        (to).n += (from).n;                                                    \
    } while (0)

/* LIST_ADD of an item that may be evaluated only once. */
#define LIST_PUT(list, item)                                                   \
    do {                                                                       \
        __auto_type list_item = (item);                                        \
        LIST_ADD(list, list_item);                                             \
    } while (0)

/* Makes it the list of one item. */
#define LIST_ONE(list, item)                                                   \
    do {                                                                       \
        memset((list), 0, sizeof(*(list)));                                    \
        LIST_PUT(list, item);                                                  \
    } while (0)

/* What a symbol of the grammar stands for; <word>, <expr>, .. there. */
union parse_value {
    struct word word;
    struct ast_expr *expr;
    struct ast_type *type;
    struct ast_stmt *stmt;
    struct ast_arm *arm;
    struct ast_block *block;
    struct ast_alt alt;
    struct ast_name *name;
    struct ast_arg *arg;
    struct ast_param *param;
    struct ast_enumval *enumval;
    struct ast_path *path;
    struct ast_after *after;
    struct ast_role *role;
    struct ast_side side;
    struct ast_use_nf *use_nf;
    struct ast_branch *branch;
    ast_args args;
    ast_exprs exprs;
    ast_types types;
    ast_stmts stmts;
    ast_arms arms;
    ast_names names;
    ast_params params;
    ast_enumvals enumvals;
    ast_paths paths;
    ast_roles roles;
    struct ast_item *item;
    ast_items items;
    ast_uses uses;
    ast_branches branches;
    bool yes;
    enum ast_op op;
};

struct parse {
    struct scan scan;
    ast_decls decls;
    struct ast_decl *decl; /* the one at hand */
    struct ast_decl *test; /* the test at hand */
    bool deep;             /* said that an expression is too deep */
    unsigned resynced;     /* token at which the last error ended */
    unsigned lead;         /* -e: tokens that were made before the text's */
    bool one_line, ended;  /* -e; and its '}' was made */
};

/* Parses one file; its declarations, also `use`, in the order written. */
ast_decls parse_source(struct arena *a, struct diags *d,
                       const struct source *src);

/* Parses the text of -e: handlers and state of an NF that is not written
 * itself. Adds the NF, what it counts without a declaration, and a chain of it
 * over the ports, one or two, NULL-terminated (oneline.c). */
ast_decls parse_oneline(struct arena *a, struct diags *d,
                        const struct source *src, const char *const *ports);

/* A syntax error at the current token. `expected` are the names, as in the
 * grammar, of what could stand there (syntax.c). */
void syntax_error(struct parse *p, const char *const *expected, unsigned n);

/* ---- expressions ---- */

struct ast_expr *expr_make(struct parse *p, enum ast_ekind kind,
                           struct loc loc);
struct ast_expr *expr_name(struct parse *p, struct word w, struct loc loc);
struct ast_expr *expr_string(struct parse *p, struct word w, struct loc loc);
/* AE_DOT or AE_HAS */
struct ast_expr *expr_member(struct parse *p, enum ast_ekind kind,
                             struct ast_expr *a, struct word w, struct loc at);
struct ast_expr *expr_call(struct parse *p, struct ast_expr *a, ast_args args,
                           struct loc end);
/* a[b], or a[(b, c)] where there are several */
struct ast_expr *expr_index(struct parse *p, struct ast_expr *a,
                            ast_exprs items, struct loc loc);
struct ast_expr *expr_unary(struct parse *p, enum ast_op op, struct ast_expr *a,
                            struct loc at);
struct ast_expr *expr_infix(struct parse *p, enum ast_op op, struct ast_expr *a,
                            struct ast_expr *b, struct loc at);
/* AE_IN or AE_RANGE */
struct ast_expr *expr_pair(struct parse *p, enum ast_ekind kind,
                           struct ast_expr *a, struct ast_expr *b,
                           struct loc at);
/* AE_SET or AE_TUPLE */
struct ast_expr *expr_list(struct parse *p, enum ast_ekind kind,
                           ast_exprs items, struct loc loc);
struct ast_arg *arg_new(struct parse *p, struct word name, struct loc loc,
                        struct ast_expr *value);

/* ---- types ---- */

struct ast_type *type_new(struct parse *p, enum ast_tkind kind, struct word w,
                          struct loc loc);
/* b may be NULL */
ast_types type_list(struct ast_type *a, struct ast_type *b);
/* name[parts](args): range[T], table[K -> V](size = ...) */
struct ast_type *type_of(struct parse *p, struct word w, struct loc at,
                         ast_types parts, ast_args args, struct loc loc);

/* ---- statements ---- */

struct ast_stmt *stmt_new(struct parse *p, enum ast_skind kind, struct loc loc);
struct ast_stmt *stmt_let(struct parse *p, struct word w, struct loc at,
                          struct ast_expr *value, struct ast_alt alt,
                          struct loc loc);
/* let (a, b) = value */
struct ast_stmt *stmt_let_parts(struct parse *p, ast_names names, struct loc at,
                                struct ast_expr *value, struct ast_alt alt,
                                struct loc loc);
/* op < 0: plain `=`. Only what is stored in a table takes an alternative. */
struct ast_stmt *stmt_assign(struct parse *p, struct ast_expr *target, int op,
                             struct ast_expr *value, struct ast_alt alt,
                             struct loc loc);
struct ast_stmt *stmt_if(struct parse *p, struct ast_expr *cond,
                         struct ast_block *body, struct ast_block *other,
                         struct loc loc);
struct ast_stmt *stmt_match(struct parse *p, struct ast_expr *value,
                            ast_arms arms, struct ast_block *other,
                            struct loc loc);
struct ast_arm *arm_new(struct parse *p, ast_exprs patterns,
                        struct ast_block *body, struct loc loc);
struct ast_stmt *stmt_for(struct parse *p, struct word w, struct loc at,
                          struct ast_expr *range, struct ast_block *body,
                          struct loc loc);
struct ast_stmt *stmt_drop(struct parse *p, bool flow, struct word reason,
                           struct loc loc);
struct ast_stmt *stmt_expr(struct parse *p, struct ast_expr *value,
                           struct ast_alt alt, struct loc loc);
/* emit path(args), subscribe path, unsubscribe path: `verb` (build_event.c) */
struct ast_stmt *stmt_event(struct parse *p, struct word verb,
                            struct ast_path *path, ast_args args,
                            struct loc loc);
struct ast_block *block_new(struct parse *p, ast_stmts stmts, struct loc loc);
/* A block that is one statement. */
struct ast_block *block_one(struct parse *p, struct ast_stmt *stmt);
struct ast_alt alt_value(struct ast_expr *value, struct loc loc);
struct ast_alt alt_block(enum ast_altkind kind, struct ast_block *block,
                         struct loc loc);

/* ---- declarations; build_decl.c ---- */

/* Words of a head of a handler: a, and b behind it unless it is NULL. */
void words_put(struct parse *p, ast_names *to, struct word a, struct loc at,
               const struct word *b, struct loc b_at);
/* Adds a declaration; it becomes p->decl. `first` is its first word. */
struct ast_decl *decl_new(struct parse *p, enum ast_dkind kind, struct word w,
                          struct loc loc, struct word first);
struct ast_name *name_new(struct parse *p, struct word w, struct loc loc);
struct ast_path *path_new(struct parse *p, struct word w, struct loc loc);
/* Appends a part: PKT / TCP */
void path_add(struct parse *p, struct ast_path *path, struct word w,
              struct loc loc);
struct ast_param *param_new(struct parse *p, struct word w, struct loc loc,
                            struct ast_type *type, struct ast_expr *def);
struct ast_enumval *enumval_new(struct parse *p, struct word w, struct loc loc,
                                struct ast_expr *value);
struct ast_after *after_new(struct parse *p, struct word w, struct loc loc,
                            ast_exprs values);
struct ast_role *role_new(struct parse *p, struct word role,
                          struct loc role_loc, struct word field,
                          struct loc field_loc);
/* Adds a line to the header at hand. */
struct ast_hline *hline_new(struct parse *p, enum ast_hkind kind,
                            struct loc loc);
struct ast_hline *hline_named(struct parse *p, enum ast_hkind kind,
                              struct word w, struct loc at, struct loc loc);
/* Add to the extern type or NF at hand. */
/* A function of C by itself: the declaration and its one member. */
struct ast_member *extern_fn(struct parse *p, struct word keyword,
                             struct word name, struct loc loc,
                             struct ast_type *result);
struct ast_member *member_new(struct parse *p, struct word w, struct loc loc,
                              struct ast_type *type);
void vars_new(struct parse *p, struct word storage, ast_names names,
              struct ast_type *type);
struct ast_handler *handler_new(struct parse *p, struct word on,
                                struct loc loc);
/* where: the words between the events and the binders, and the label. */
struct ast_handler *handler_on(struct parse *p, struct word on,
                               ast_paths events, ast_names where,
                               struct loc loc);
struct ast_handler *handler_timer(struct parse *p, struct word on,
                                  struct ast_expr *period, ast_names binders,
                                  struct loc loc);
struct ast_handler *handler_when(struct parse *p, struct word when,
                                 struct ast_expr *cond, struct loc loc);

/* ---- build_chain.c ---- */

struct ast_use_nf *use_nf_new(struct parse *p, struct word w, struct loc loc,
                              ast_args args, struct word as,
                              ast_branches branches);
struct ast_use_nf *use_drop_new(struct parse *p, struct word reason,
                                struct loc loc);
struct ast_decl *chain_new(struct parse *p, struct word chain, struct word w,
                           struct loc at, struct ast_side left);
void chain_right(struct ast_decl *d, bool two_way, struct ast_side right);
/* No exits: else. */
struct ast_branch *branch_new(struct parse *p, ast_names exits, ast_uses nfs,
                              struct loc loc);
/* `exits a, b` */
void exits_new(struct parse *p, ast_names names);
struct ast_stmt *stmt_goto(struct parse *p, bool flow, struct word w,
                           struct loc at, struct loc loc);
/* `with flows(args)` */
/* The condition, or NULL, and where it stands; the NFs. */
void chain_ends(struct parse *p, struct ast_expr *cond, struct loc at,
                ast_uses nfs);
void chain_with(struct parse *p, struct word w, struct loc at, ast_args args);

/* ---- tests; build_test.c ---- */

/* VERB EXPR */
struct ast_item *item_new(struct parse *p, struct word verb, struct loc at,
                          struct ast_expr *value, struct loc loc);
/* VERB PORT PACKET */
struct ast_item *item_at(struct parse *p, struct word verb, struct loc at,
                         struct word port, struct loc port_at,
                         struct ast_expr *packet, struct loc loc);
struct ast_item *item_set(struct parse *p, struct word verb, struct loc at,
                          struct ast_expr *target, struct ast_expr *value,
                          struct loc loc);
struct ast_item *item_drop(struct parse *p, struct word verb, struct loc at,
                           struct word reason, struct loc loc);
struct ast_item *item_for(struct parse *p, struct word verb, struct word name,
                          struct ast_expr *cases, ast_items items,
                          struct loc loc);
/* Between them p->decl is the chain that `run` makes of what follows it. */
void run_begin(struct parse *p, struct loc at);
struct ast_item *run_end(struct parse *p, struct word verb, struct loc loc);

#endif
