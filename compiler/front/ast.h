/* The syntax tree: what the author wrote, in the order written, nothing
 * resolved. Built by the parser, never changed after it. Names are plain
 * strings (not interned) owned by the unit's arena. */
#ifndef NFL_FRONT_AST_H
#define NFL_FRONT_AST_H

#include "base/list.h"
#include "base/num.h"
#include "base/source.h"
#include <stdbool.h>

struct ast_name {
    const char *text;
    struct loc loc;
    struct ast_name *next;
};
typedef LIST(struct ast_name) ast_names;

/* Expressions and blocks are nested no deeper than this: a pass may recurse. */
enum { AST_DEPTH = 256 };

/* ---- expressions ---- */

enum ast_lit {
    LIT_INT,      /* 5, 0x800, 64k, 1M */
    LIT_IPV4,     /* 10.0.0.1 */
    LIT_IPV6,     /* 2001:db8::1 */
    LIT_MAC,      /* 02:00:00:00:00:01 */
    LIT_DURATION, /* 5min; num is in nanoseconds */
    LIT_STRING,   /* "q"; text */
};

enum ast_ekind {
    AE_LIT,    /* lit, num or text */
    AE_PREFIX, /* 10.0.0.0/8, 2001:db8::/32: lit is the form, num, plen */
    AE_NAME,   /* text */
    AE_DOT,    /* a . text */
    AE_HAS,    /* a has text */
    AE_CALL,   /* a(args) */
    AE_INDEX,  /* a[b] */
    AE_UNARY,  /* op a */
    AE_BINARY, /* a op b */
    AE_IN,     /* a in b: b is a set, range, prefix or any expression */
    AE_RANGE,  /* a .. b */
    AE_SET,    /* { args }, args without names */
    AE_TUPLE,  /* ( args ), two or more, without names */
};

/* clang-format off */
enum ast_op {
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
    OP_AND, OP_OR, OP_XOR, OP_SHL, OP_SHR, /* of bits */
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
    OP_LAND, OP_LOR, /* && || */
    OP_NOT,          /* ! */
    OP_NEG,          /* ~ (complement); NFL has no negative numbers */
};
/* clang-format on */

/* As written in the source, e.g. "&&". */
const char *ast_op_text(enum ast_op op);

struct ast_expr {
    enum ast_ekind kind;
    struct loc loc;
    enum ast_op op;
    struct loc op_loc;
    enum ast_lit lit;
    num_t num;
    unsigned plen;
    const char *text;
    struct loc text_loc; /* of the name after . or has */
    bool implied;        /* AE_HAS: of -e, not written */
    struct ast_expr *a, *b;
    LIST(struct ast_arg) args;
    unsigned depth; /* of the tree below: 1 for a name */
    struct ast_expr *next;
};

/* True if e is x[y], or a member of one. */
bool expr_indexes(const struct ast_expr *e);

struct ast_arg {
    const char *name; /* NULL: positional */
    struct loc name_loc;
    struct ast_expr *value;
    struct ast_arg *next;
};

/* ---- types, as written: `u16`, `range[port]`, `(ipaddr, port)`, `endpoint?`
 */

enum ast_tkind { AT_NAME, AT_RANGE, AT_TUPLE, AT_OBJECT, AT_TABLE };

struct ast_type {
    enum ast_tkind kind;
    struct loc loc;
    const char *name; /* AT_NAME, AT_OBJECT */
    LIST(struct ast_type)
    parts;                     /* AT_RANGE: one; AT_TUPLE: two or more;
                                  AT_TABLE: the key, perhaps the value;
                                  AT_OBJECT: the key, or none */
    LIST(struct ast_arg) args; /* AT_OBJECT: pool(outside, range); AT_TABLE */
    bool optional;             /* written with ? */
    bool implied;              /* -e: what its first use says */
    struct ast_type *next;
};

/* ---- statements ---- */

enum ast_skind {
    AS_LET,    /* let name = expr [or alt]; let (a, b) = .. */
    AS_ASSIGN, /* target = value [or alt]; op >= 0: target op= value */
    AS_IF,     /* if cond { body } else { other } */
    AS_DROP,   /* drop [flow | new] ["reason"] */
    AS_RETURN,
    AS_GOTO,  /* goto [flow] name */
    AS_EXPR,  /* a call, [or alt] */
    AS_MATCH, /* match value { patterns -> block .. else -> other } */
    AS_FOR,   /* for name in value { body }: value is a range */
    AS_EVENT, /* emit path(args), subscribe path, unsubscribe path: name */
};

enum ast_altkind { ALT_NONE, ALT_DROP, ALT_RETURN, ALT_VALUE, ALT_BLOCK };

struct ast_block {
    LIST(struct ast_stmt) stmts;
    struct loc loc; /* of the braces */
    unsigned depth; /* 1 + the deepest block in it */
};

/* What follows `or`. ALT_DROP and ALT_RETURN are blocks of one statement. */
struct ast_alt {
    enum ast_altkind kind;
    struct loc loc;
    struct ast_expr *value;
    struct ast_block *block;
};

struct ast_arm { /* of a match */
    struct loc loc;
    LIST(struct ast_expr) patterns; /* as in a set */
    struct ast_block *body;
    struct ast_arm *next;
};

struct ast_stmt {
    enum ast_skind kind;
    struct loc loc;
    const char *name; /* AS_LET, AS_FOR, AS_GOTO */
    struct loc name_loc;
    ast_names names; /* AS_LET: of let (a, b) = ...; name is "(a, b)" */
    struct ast_expr *target;
    struct ast_expr *value; /* also the condition of AS_IF */
    int op;                 /* AS_ASSIGN: enum ast_op, or -1 for plain = */
    struct ast_alt alt;
    struct ast_block *body, *other; /* else if: a block of one AS_IF */
    LIST(struct ast_arm) arms;      /* AS_MATCH */
    bool flow;                      /* AS_DROP, AS_GOTO */
    bool opened;                    /* AS_DROP: drop new */
    const char *reason;             /* AS_DROP: NULL if none given */
    struct ast_path *path;          /* AS_EVENT */
    LIST(struct ast_arg) args;      /* AS_EVENT */
    struct ast_stmt *next;
};

/* ---- declarations ---- */

enum ast_dkind {
    AD_USE,
    AD_TYPE, /* type ipv4 = u32 like 0.0.0.0 | type t = a | b */
    AD_ENUM,
    AD_HEADER,
    AD_EVENT,
    AD_EXTERN, /* extern type pool(...) [from "a.c"] { .. } | extern fn .. */
    AD_NF,
    AD_CHAIN,
    AD_FN,     /* fn name(params) -> type = cond; fn name(params) { body } */
    AD_STRUCT, /* struct name { params } */
    AD_TEST,   /* test "name" { items } */
};

struct ast_param { /* also an event's parameter and a method's */
    const char *name;
    struct loc loc;
    struct ast_type *type;
    struct ast_expr *def; /* default; NULL if none */
    struct ast_param *next;
};
typedef LIST(struct ast_param) ast_params;

struct ast_enumval { /* also a named mask of a header's field */
    const char *name;
    struct loc loc;
    struct ast_expr *value;
    struct ast_enumval *next;
};
typedef LIST(struct ast_enumval) ast_enumvals;

struct ast_path {     /* PKT/TCP/SYN */
    const char *text; /* joined by '/' */
    struct loc loc;
    struct ast_path *next;
};

/* header NAME after P[(v, ..)], .. [{ lines }]; without lines: more places of a
 * header that is declared elsewhere */
struct ast_after {
    const char *name;
    struct loc loc;
    LIST(struct ast_expr) values;
    struct ast_after *next;
};

enum ast_hkind {
    AH_FIELD,    /* name: type { flags } [= EXPR] [if EXPR] */
    AH_MARK,     /* tunnel */
    AH_SIZE,     /* size EXPR: bytes of this header */
    AH_END,      /* end EXPR [optional]: bytes of header and payload */
    AH_VALID,    /* valid EXPR */
    AH_NEXT,     /* next NAME [as HEADER] [if EXPR] */
    AH_FLOW,     /* flow role = NAME, .. [if EXPR] */
    AH_NOFLOW,   /* flow none if EXPR */
    AH_CHECKSUM, /* checksum NAME over WORD, .. [optional] */
    AH_PSEUDO,   /* pseudo NAME, .. */
};

struct ast_hline {
    enum ast_hkind kind;
    struct loc loc;
    const char *name; /* field, selector, checksum field */
    struct loc name_loc;
    const char *doc;
    struct ast_type *type;
    ast_enumvals flags;
    struct ast_expr *def;  /* AH_FIELD: default; NULL if none */
    struct ast_expr *expr; /* size, end, valid; or the condition after if */
    const char *as;        /* AH_NEXT */
    struct loc as_loc;
    LIST(struct ast_role) roles; /* AH_FLOW */
    ast_names names;             /* AH_CHECKSUM: what it covers; AH_PSEUDO */
    bool optional; /* AH_CHECKSUM: zero means none; AH_END: may not fit */
    struct ast_hline *next;
};

struct ast_role {
    const char *role, *field;
    struct loc role_loc, field_loc;
    struct ast_role *next;
};

/* A member of an extern type: a property (fn false) or a function. */
struct ast_member {
    const char *name, *doc;
    struct loc loc;
    bool fn;
    ast_params params;
    struct ast_type *type; /* of the property or the result; NULL: none */
    ast_names marks;       /* fails, leases, rewrites, ... */
    struct ast_member *next;
};

/* State of an NF: flow packets, bytes: u64 | shared free: pool(..) | split .. |
 * atomic .. */
struct ast_var {
    const char *storage; /* the word */
    const char *name, *doc;
    struct loc loc;
    struct ast_type *type;
    unsigned bucket; /* -e: of a histogram, from 1; 0: none */
    struct ast_var *next;
};

/* on E, E [as NAME] [asleep] [from X | at X] [(a, b)] [if COND] { body }
 * on timer PERIOD [(a)] { body }
 * when COND { body } */
struct ast_handler {
    struct loc loc; /* from `on` to the end of the head */
    const char *doc;
    LIST(struct ast_path) events; /* none of a timer or a rule */
    const char *from;             /* NULL if not filtered */
    struct loc from_loc;
    bool at;          /* `at`, not `from` */
    const char *name; /* by which it is switched; NULL: by its events */
    struct loc name_loc;
    bool asleep;
    struct ast_expr *period; /* of a timer */
    ast_names binders;
    struct ast_expr *cond; /* of a rule: when it holds */
    struct ast_block *body;
    struct ast_handler *next;
};

struct ast_side {      /* inside lan */
    const char *label; /* NULL if only the port was given */
    const char *port;
    struct loc label_loc, port_loc;
};

/* One element of a chain: an NF, another chain, `out`, `next`, or `drop`. In
 * intents also a rule: Order(A, before, B). */
struct ast_use_nf {
    const char *name;
    struct loc loc;
    LIST(struct ast_arg) args;
    const char *as;                   /* Monitor as m; NULL if not given */
    LIST(struct ast_branch) branches; /* NF { exit -> ...; else -> ... } */
    bool drop;
    const char *reason; /* of `drop`; NULL if not given */
    struct ast_use_nf *next;
};
typedef LIST(struct ast_use_nf) ast_uses;

struct ast_branch { /* http, dns -> Waf -> Cache */
    struct loc loc;
    ast_names exits; /* none: else */
    LIST(struct ast_use_nf) nfs;
    struct ast_branch *next;
};
typedef LIST(struct ast_branch) ast_branches;

/* A line of a test: VERB [PORT] PACKET | VERB EXPR | set EXPR = TO |
 * expect drop REASON | run NFS | for NAME in EXPR { items } */
struct ast_item {
    const char *verb; /* "send", ..., "run", "for" */
    struct loc loc, verb_loc;
    const char *port; /* the word before a packet, or NULL */
    struct loc port_loc;
    struct ast_expr *value, *to;
    bool drop;
    const char *reason;     /* drop: NULL if none given */
    const char *name;       /* for */
    struct ast_decl *chain; /* run: what it runs (AD_CHAIN) */
    LIST(struct ast_item) items;
    struct ast_item *next;
};

struct ast_decl {
    enum ast_dkind kind;
    struct loc loc; /* of the name */
    const char *name, *doc;
    const struct source *src;
    ast_names path;             /* AD_USE: std . net */
    struct ast_type *type;      /* AD_TYPE target; AD_ENUM base */
    struct ast_expr *like;      /* AD_TYPE: a literal, or NULL */
    LIST(struct ast_type) alts; /* AD_TYPE a | b: all alternatives */
    ast_enumvals values;        /* AD_ENUM */
    bool first;                 /* AD_HEADER: what every frame begins with */
    bool more;                  /* AD_HEADER: only more places */
    LIST(struct ast_after) after;
    LIST(struct ast_hline) lines;
    ast_params params;      /* AD_EVENT, AD_EXTERN, AD_NF, AD_FN, AD_STRUCT */
    struct ast_expr *cond;  /* AD_EVENT, AD_CHAIN: if COND; AD_FN: its value */
    struct loc cond_loc;    /* AD_CHAIN: from `if` on */
    struct ast_block *body; /* AD_FN: of an action; else NULL */
    const char *raised;     /* AD_EVENT: raised by NAME */
    struct loc raised_loc;
    LIST(struct ast_member) members;
    ast_names c_file; /* AD_EXTERN: from "a.c" link "x": a.c, link, x, ..; of
                         a further file a comma stands for link */
    bool plain;       /* AD_EXTERN: extern fn; its one member is the function */
    LIST(struct ast_var) vars;
    ast_names exits; /* AD_NF */
    LIST(struct ast_handler) handlers;
    struct ast_side side[2]; /* AD_CHAIN; the right one may have no port */
    bool two_way;            /* <-> */
    bool implied;            /* AD_NF, AD_CHAIN: of -e, not written */
    bool unused_flows;       /* AD_CHAIN: `with flows` may be for nothing */
    bool has_flows;          /* with flows(args) */
    struct loc flows_loc;
    LIST(struct ast_arg) flows;
    LIST(struct ast_use_nf) nfs; /* AD_CHAIN; AD_NF that is a chain */
    bool intents;                /* AD_CHAIN: nfs in no order, and rules */
    LIST(struct ast_item) items; /* AD_TEST */
    struct ast_decl *test;       /* AD_CHAIN: of a `run` of this test */
    struct ast_decl *next;
};

struct ast { /* of all files that were loaded, each before its users */
    LIST(struct ast_decl) decls;
    struct source *sources;
    struct source *main; /* the file that was named on the command line */
};

#endif
