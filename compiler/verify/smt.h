/* Terms and questions about them, for Z3. Only this folder sees its headers.
 * Terms live as long as their context. Booleans are Z3's own; numbers are
 * bit-vectors of their width. */
#ifndef NFL_VERIFY_SMT_H
#define NFL_VERIFY_SMT_H

#include "base/num.h"
#include <stdbool.h>
#include <z3.h>

typedef Z3_ast term;
typedef Z3_sort sort;

struct smt {
    Z3_context c;
    Z3_solver solver;
    sort story; /* what happened so far, in order: nothing else is known of it
                   than that two are equal if all in them is */
    term yes, no;
    unsigned seconds; /* that a question may take */
    unsigned asked;
};

enum answer { ALWAYS, NOT_ALWAYS, UNKNOWN };

void smt_init(struct smt *z, unsigned seconds);
void smt_fini(struct smt *z);

sort smt_bits(struct smt *z, unsigned bits);
sort smt_bool(struct smt *z);
term smt_num(struct smt *z, num_t v, unsigned bits);
/* Anything; of one name there is one. */
term smt_any(struct smt *z, const char *name, sort s);
/* The value of a function of which nothing is known. */
term smt_apply(struct smt *z, const char *name, sort range, unsigned n,
               const term *args);

/* Booleans; constants are folded. */
term smt_not(struct smt *z, term a);
term smt_and(struct smt *z, term a, term b);
term smt_or(struct smt *z, term a, term b);
term smt_same(struct smt *z, term a, term b);
term smt_differ(struct smt *z, term a, term b);
/* Of any sort. */
term smt_if(struct smt *z, term cond, term a, term b);

unsigned smt_width(struct smt *z, term a);
/* a, widened by zeros or cut. */
term smt_fit(struct smt *z, term a, unsigned bits);
/* `bits` bits of a, of which `low` are to the right. */
term smt_slice(struct smt *z, term a, unsigned low, unsigned bits);

/* Does `claim` hold wherever all of `known` does? NOT_ALWAYS: *where is where
 * it does not, till the next question. */
enum answer smt_ask(struct smt *z, term known, term claim, Z3_model *where);
num_t smt_value(struct smt *z, Z3_model where, term a);
bool smt_holds(struct smt *z, Z3_model where, term a);

#endif
