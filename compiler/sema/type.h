/* Types of the typed tree. Scalars, enums and unions are declared in the
 * standard library; the compiler knows only their shapes. Types are compared
 * by pointer: there is one object for each declared type, each uN, and so on.
 */
#ifndef NFL_SEMA_TYPE_H
#define NFL_SEMA_TYPE_H

#include "base/list.h"
#include "base/num.h"
#include "base/source.h"
#include "front/ast.h"
#include <stdbool.h>

enum type_kind {
    TY_ERROR, /* something was wrong already: fits everywhere, silently */
    TY_BOOL,
    TY_UINT,  /* uN and declared scalars: bits, form */
    TY_ENUM,  /* bits, values; any number of its width is a value */
    TY_UNION, /* ipaddr: alt[0] or alt[1], both TY_UINT */
    TY_RANGE, /* elem */
    TY_TUPLE, /* parts; of a struct they have names */
    TY_STRING,
    TY_FILE,
    TY_DURATION, /* nanoseconds, 64 bits */
    TY_OBJECT,   /* an extern type */
    TY_TABLE,    /* state: the variable's table has key and value */
    TY_VOID,
};

struct enumval {
    const char *name;
    num_t value;
    struct loc loc;
    struct enumval *next;
};

struct part {         /* of a tuple */
    const char *name; /* member of a struct, else NULL */
    struct type *type;
    struct part *next;
};

struct type {
    enum type_kind kind;
    const char *name;  /* as the author writes it: "u16", "port" */
    unsigned bits;     /* TY_UINT, TY_ENUM: 1 to 128 */
    enum ast_lit form; /* TY_UINT: how its literals look */
    LIST(struct enumval) values;
    struct type *alt[2];
    struct type *elem;
    LIST(struct part) parts;
    struct members *members; /* of a struct: how one is made */
    struct object *object;
    struct loc loc;
    struct type *next;
};

/* A constant of any type. Strings and files: str. Ranges: u to hi. Unions:
 * which alternative. Tuples: parts in order. */
struct value {
    num_t u, hi;
    unsigned alt;
    const char *str;
    struct value *parts; /* array */
};

#endif
