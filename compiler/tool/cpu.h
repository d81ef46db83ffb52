/* The CPU that the C compiler compiles for, always by its name. */
#ifndef TOOL_CPU_H
#define TOOL_CPU_H

#include "tool/words.h"

struct cpu {
    const char *name;    /* as the C compiler calls it: "znver4" */
    struct words flags;  /* -march=znver4 -mno-pku ... */
    int clang;           /* version of the compiler if it is clang, else 0 */
    const char *version; /* all that it says of its version */
};

/* Asks the compiler. `wanted` is a name or "native": this machine's CPU with
 * the instruction sets that it really has (virtual machines hide some). Returns
 * -1 to go on, else the exit status after a message: 2 if the compiler knows
 * no such CPU. */
int cpu_find(struct cpu *c, struct arena *a, const char *cc,
             const char *wanted);

#endif
