/* One compilation. Each pass fills one field and edits none of the others. */
#ifndef NFL_UNIT_H
#define NFL_UNIT_H

#include <stdbool.h>

struct arena;
struct diags;
struct ast;
struct tree;
struct effects;
struct deps;
struct ir;
struct bindings;
struct plan;
struct ctext;

struct unit {
    struct arena *arena;
    struct diags *diags;
    const char *path;           /* of the main file */
    const char *text;           /* of -e, a program of one line; or NULL */
    const char *const *ports;   /* of its chain, one or two, NULL-terminated */
    const char *const *include; /* folders of -I, NULL-terminated */
    const char *stdlib;         /* folder of the standard library */
    bool tests;                 /* those of the main file count, too */
    bool consolidate;           /* NFs of a chain share what they find out */

    struct ast *ast;           /* load: all files parsed */
    struct tree *tree;         /* types: names resolved, typed */
    struct effects *effects;   /* effects: what each handler does */
    struct deps *deps;         /* deps: which NFs may run at the same time */
    struct ir *ir;             /* ir: handlers per chain position */
    struct bindings *bindings; /* binding: what is known once for each flow */
    struct plan *plan;         /* plan: what runs where, in which order */
    struct ctext *ctext;       /* emit: the C module */

    void *externs; /* interp: C of the program, loaded; NULL if it has none */
};

#endif
