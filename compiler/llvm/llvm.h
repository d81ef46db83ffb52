/* The program and the runtime as one LLVM module. Only this folder sees LLVM's
 * headers, and only nflc-llvm, a program of its own, is linked with LLVM: nflc
 * itself never loads it, and what goes wrong in LLVM ends nflc-llvm alone.
 *
 * Bitcode of the runtime names no CPU: its functions carry no target-cpu and
 * no target-features, until they are linked with a program. */
#ifndef LLVM_LLVM_H
#define LLVM_LLVM_H

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

/* Before all others: errors that LLVM finds become messages. */
void llvm_init(void);

/* All functions below print a message and return NULL or false when they
 * fail. */
bool llvm_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* True if there is no error; else says which, and takes it. */
bool llvm_went_well(LLVMErrorRef error);

LLVMModuleRef llvm_read(const char *path);
bool llvm_write(LLVMModuleRef m, const char *path);
/* Moves all of `more` into `m`; `more` is gone. */
bool llvm_join(LLVMModuleRef m, LLVMModuleRef more);

/* The first function that is defined, or NULL. */
LLVMValueRef llvm_first_function(LLVMModuleRef m);

/* Takes the CPU from every function that is for the same one as `base`. One
 * that asks for more (attribute target) keeps what it says: it is right on
 * each CPU on which it may run at all. */
void llvm_forget_cpu(LLVMModuleRef m, LLVMValueRef base);
/* Gives every function without a CPU that of `like`, so that they may be
 * inlined into one another, in both directions. */
void llvm_take_cpu(LLVMModuleRef m, LLVMValueRef like);

/* All that is defined becomes internal, but for the names listed in the file,
 * one in each line: what the objects refer to that are not bitcode. */
bool llvm_internalise(LLVMModuleRef m, const char *keep);

/* As one program, for the CPU of `like`, to an object file. */
bool llvm_compile(LLVMModuleRef m, LLVMValueRef like, const char *object,
                  unsigned level);

/* Whether functions keep to what is claimed of them, NAME and CLAIM in turns,
 * up to a NULL. A claim has a letter for each pointer argument, in order: '-'
 * it is not followed, 'r' what it points to is read at most, 'w' read and
 * written. Prints a line for each function: NAME ANSWER LETTERS [TEXT]. The
 * answer is verified; refuted, and TEXT says what it does and where; or
 * trusted: TEXT says which code cannot be looked into. LETTERS are what it
 * does, in so far as that was seen ("." if it has no pointer argument).
 *
 * TEXT counts arguments that are pointers from 1. Nothing may be written but
 * what is reached from an argument, and variables outside may not even be read.
 */
bool llvm_effects(LLVMModuleRef m, char *const *claims);

#endif
