/* The C compiler: what nflc runs it with. */
#ifndef TOOL_TOOLCHAIN_H
#define TOOL_TOOLCHAIN_H

#include "tool/cpu.h"
#include "tool/settings.h"

struct cache;

struct toolchain {
    struct arena *arena;
    const char *cc;
    struct cpu cpu;
    struct words libs; /* what a binary is linked with */
    const char *llvm;  /* nflc-llvm, if program and runtime become one */
    bool excused;      /* a limit of the machine stopped it, as was said */
    const char *ran;   /* the program that ran last */
    bool sanitize, verbose;
    int optimise; /* 0 to OPTIMISE_MOST */
};

/* Finds the compiler, the CPU and the libraries, before anything else is done.
 * Returns -1 to go on, else the exit status after a message. */
int toolchain_find(struct toolchain *t, struct arena *a,
                   const struct settings *s, struct cache *cache);

/* The commands of a build; STEP_OPTIMISE is empty without LTO. */
enum { STEP_COMPILE, STEP_OPTIMISE, STEP_LINK, STEP_N };
void toolchain_steps(const struct toolchain *t, const char *folder,
                     const char *name, struct words steps[STEP_N]);

/* Compile FOLDER/NAME.c to FOLDER/NAME.o, and link that to FOLDER/NAME.bin.
 * False after a message. */
bool toolchain_compile(struct toolchain *t, const char *folder,
                       const char *name);
bool toolchain_link(struct toolchain *t, const char *folder, const char *name);

/* Runs a command of the compiler, shown if asked for; true if it succeeded. */
bool toolchain_run(struct toolchain *t, const struct words *argv,
                   const char *what);

#endif
