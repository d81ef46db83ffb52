/* A packet of a shape on its way past the NFs of a chain, as terms: all that
 * may be so in the moment when it arrives, and what becomes of it. Only for
 * this folder. */
#ifndef NFL_VERIFY_SCENE_H
#define NFL_VERIFY_SCENE_H

#include "plan/plan.h"
#include "verify/smt.h"
#include "verify/verify.h"

enum { SCENE_NFS = 64, ADDRESS_BITS = 129 };

/* What the i-th NF on the initiator's way translates, if it does. */
struct hops {
    term set[SCENE_NFS][ROLE_N]; /* NULL: it never does */
    term to[SCENE_NFS][ROLE_N];
};

/* What is the same whichever way the packet goes. */
struct scene {
    struct arena *arena;
    struct smt *z;
    const struct plan *plan;
    const struct plan_chain *chain;
    const struct plan_shape *shape;
    enum wrong wrong; /* of the plan, to see whether it is found out */
    unsigned side;    /* where it arrives */
    bool back;        /* the responder sent it */
    unsigned n_nfs;
    const struct plan_nf *way[SCENE_NFS]; /* in the order of its visits */
    unsigned place[SCENE_NFS]; /* by position: the initiator's packets visit it
                                  as the i-th */
    term tuple[ROLE_N];        /* of the flow, as its initiator sends */
    struct hops hops;          /* as they are when the packet arrives */
    term *arrived;             /* fields: of all headers, in order */
    unsigned n_fields, first_field[SHAPE_HEADERS];
    term frame, room; /* bytes that it has, and by which it can grow */
    term known;       /* what is so of all such packets, flows and hops */
    struct var_at {   /* scalar state, and what it is before */
        const struct plan_nf *nf;
        const struct var *var;
        term before;
    } *vars;
    unsigned n_vars;
    struct config_at { /* parameters that were asked */
        const struct ir_config *config;
        num_t part;
        term value;
        struct config_at *next;
    } *configs;
    term *dropped;     /* by position: the flow was, here; NULL: it never is */
    term *drop_reason; /* why, then */
    term *seen;        /* by position: had the flow's first packet */
    term *exit;        /* by position: chosen for the flow, or 0 .. */
    term *settled;     /* .. for good */
};

/* A store to a header field, in one of the words that it is in. */
struct stored {
    unsigned at; /* byte of the frame */
    term was, is;
    struct stored *next;
};

struct stack; /* of headers: stacks.c */

struct claim { /* that two things are the same, on one of the ways */
    const char *what;
    term where, was, is;
    struct claim *next;
};

struct added { /* headers, somewhere on the way */
    const struct tstack *stack;
    struct added *next;
};

/* What has become of the packet and of state, so far. */
struct run {
    const struct scene *scene;
    struct smt *z;
    const struct plan_nf *nf; /* that it visits */
    bool in_rule;             /* so no packet is at hand */
    term passes;              /* no NF dropped it */
    term goes_on;             /* nor has the handler at hand ended */
    term reason;              /* why it was dropped, if it was */
    term story;               /* calls, tables, events */
    term payload;             /* C wrote to it */
    term content; /* of the payload: the story in which it was written */
    term edited;  /* headers were added or removed: `field` says nothing .. */
    term body;    /* .. the packet is this */
    LIST(struct added) added;
    struct stack *stacks; /* that it may have; none: as it arrived */
    unsigned n_stacks;
    term frame;  /* bytes that it has, without what stacks add */
    bool beyond; /* something happens that proofs do not know */
    LIST(struct claim) claims;
    struct hops hops;
    term awake;  /* what the NF is subscribed to */
    term asked;  /* a function without effects, and its arguments */
    term entry;  /* of a table, where IR_entry asks */
    term *field; /* as scene.arrived */
    term *var;   /* as scene.vars */
    term *dropped, *drop_reason; /* as those of the scene */
    term *seen;
    bool plans;            /* what it does is the plan's, else the language's */
    term *exits, *settled; /* as those of the scene */
    term exit;             /* chosen for the packet at the NF at hand, or 0 */
    term ends;             /* its session does behind it */
    LIST(struct stored) stores;
    term *ran;                 /* by handler */
    term *local;               /* of the handler at hand */
    const struct row_map *row; /* what is skipped; NULL: nothing */
    term *kept;                /* by slot, of the fast path; NULL: nothing is */
    bool keeps;                /* a row is made, and no packet at hand */
    term renewed;              /* the flow was translated anew */
};

enum { REASON_BITS = 16 };

/* ---- scene.c ---- */

void scene_init(struct scene *s, struct arena *a, struct smt *z,
                const struct plan *plan, const struct plan_chain *c,
                const struct plan_shape *shape, unsigned side, bool back);
sort scene_sort(struct smt *z, struct ir_type t);
/* Which header of the shape h means, or -1. */
int scene_header(const struct scene *s, const struct header *h);
/* The field's place among those of the shape, or -1. */
int scene_field(const struct scene *s, const struct field *f);
/* The headers' bytes, the first one leftmost, given their fields. */
term scene_bytes(const struct scene *s, const term *field);
unsigned scene_length(const struct scene *s);
/* What a role is called at the other end. */
enum role scene_turned(enum role r);
/* A part of the tuple in front of the i-th NF; behind the last: as it leaves.
 */
term scene_tuple(const struct scene *s, const struct hops *h, unsigned i,
                 unsigned role);
void run_init(struct run *r, const struct scene *s);

/* ---- expr.c ---- */

term expr_term(struct run *r, const struct ir_expr *e);
/* A condition of a header's declaration, or its length, as it arrives. */
term here_term(const struct scene *s, const struct ir_expr *e);
/* Adds what a function in C may make of the argument. */
struct terms {
    term of[160];
    unsigned n;
};
void expr_args(struct run *r, const struct ir_expr *e, struct terms *to);
/* Is it a function of packet, flow or payload that changes nothing? */
bool expr_is_pure(const struct run *r, const struct member *m);

/* ---- stmt.c ---- */

/* Of the place: both courses run the same statements. */
const char *stmt_name(struct run *r, const struct ir_stmt *s, const char *what,
                      unsigned i);

/* What the handler does; nothing if `skip` holds once it has been counted. */
void run_handler(struct run *r, const struct ir_handler *h, term skip);

/* Runs what the block does when a row is made, into the terms by slot. */
void run_keeping(struct run *r, const struct row_map *m,
                 const struct ir_block *b, term *kept);

/* ---- row.c: what sessions keep ---- */

/* The value of each slot, as it would be made in the state of the run. */
term *row_terms(const struct run *r);
/* What the expression is read from; NULL: it is evaluated. */
term row_kept(const struct run *r, const struct ir_expr *e);
/* The place of the NF at hand on the initiator's way, for its tuple. */
unsigned row_place(const struct run *r);
/* Of a field of the tuple, when a row is made. */
term row_field(const struct run *r, const struct ir_expr *e);
/* Notes the slots in the expression. */
void row_note(struct run *r, const struct row_map *m, const struct ir_expr *e,
              term *kept);

/* ---- edits.c: packets behind edits ---- */

/* What is asked of the packet, if it is `before` where nobody has edited it. */
term edits_read(const struct run *r, const struct field *f, unsigned bits,
                term before);
term edits_has(const struct run *r, const struct header *h, term before);
term edits_look(const struct run *r, term before);
/* The bytes of all headers. */
term edits_bytes(const struct run *r);
/* What becomes of one that was edited. */
void edits_store(struct run *r, const struct field *f, term value, term when);
void edits_translate(struct run *r, unsigned role, term value, term when);
void edits_sum(struct run *r, term when);
/* The edit s, called `name`. Returns where it fails. */
term edits_do(struct run *r, const struct ir_stmt *s, const char *name,
              term when);

/* ---- stacks.c: what the plan does not add and remove ---- */

void stacks_scene(struct scene *s);
/* What is asked of the packet, if it is `before` where nothing was added. */
term stacks_read(const struct run *r, const struct field *f, unsigned bits,
                 term before);
term stacks_has(const struct run *r, const struct header *h, term before);
term stacks_length(const struct run *r);
/* Where it has others than arrived. */
term stacks_grown(const struct run *r);
/* False if all headers are those that arrived, so nothing was done. */
bool stacks_store(struct run *r, const struct field *f, term to, term when);
/* Adds or removes. Returns where that fails. */
term stacks_do(struct run *r, const struct ir_stmt *s, term when);
void stacks_cut(struct run *r, const struct row_cut *cuts, term when);
/* Behind all NFs: `field` and `frame` become what leaves. */
void stacks_end(struct run *r);

/* ---- ways.c: chains with branches ---- */

void ways_scene(struct scene *s);
/* Exits: before a visit; chosen in a handler; whether handlers of the NF at
 * hand may choose when they are told of an event. */
void ways_enter(struct run *r);
void ways_choose(struct run *r, unsigned number, bool flow, term when);
bool ways_told(const struct plan_nf *n);
void ways_tell(struct run *r, term exit);
void ways_law(struct run *r);
void ways_plan(struct run *r);

/* ---- course.c ---- */

void course_step(struct run *r, const struct plan_nf *n);

/* The whole way, but for checksums: as the language says, as the plan does. */
void course_law(struct run *r);
void course_plan(struct run *r);
/* Does the plan translate once, behind all handlers? */
bool course_is_merged(const struct scene *s);
/* The tuple, as the packet's fields, when it arrives, and when it leaves. */
void course_tuple(const struct scene *s, const struct hops *h, bool leaves,
                  term of[ROLE_N]);

/* ---- sums.c ---- */

/* The words that checksum k of the shape covers: as they arrive, as they leave.
 */
struct words {
    unsigned at[64]; /* byte of the frame */
    term was[64], is[64];
    bool key[64]; /* it is part of the flow's tuple */
    unsigned n;
};
struct words sums_words(const struct run *r, unsigned k);
/* The same of the tuple as it arrives and leaves: known with the flow, or made
 * anew by the plan if handlers may translate it. */
struct words sums_row(const struct run *r, unsigned k);
/* RFC 1624, equation 3, of the checksum as it arrived. `optional`: zero is
 * none. */
term sums_result(const struct run *r, unsigned k, term total);
/* Adds the carries until none is left. */
term sums_fold(struct smt *z, term n);
/* ~m + m' of a word that changed; else 0. */
term sums_change(struct smt *z, term m, term n);
/* A store is going to be, or has been, made to the field. */
void sums_store(struct run *r, const struct field *f, const term *before);
/* Of all words. */
term sums_total(struct smt *z, const struct words *w);
/* Checksums as on leaving, where `when` holds. */
void sums_put(struct run *r, term when);

#endif
