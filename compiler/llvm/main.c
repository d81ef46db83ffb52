/* nflc-llvm: what nflc, and make, let LLVM do. Not meant for people.
 *
 *   nflc-llvm join OUT.bc BASE.bc IN.bc...   make: one module of the runtime's
 *       files, for no CPU; BASE is a function compiled with the same flags
 *   nflc-llvm effects IN.bc [NAME CLAIM]...   nflc explain: does C keep to what
 *       is claimed of it?
 *   nflc-llvm build OUT.o KEEP PROGRAM.bc RUNTIME.bc LEVEL   nflc build: LEVEL
 * is that of -O, 0 to 3
 */
#include "llvm/llvm.h"

#include <string.h>

static int join(const char *out, char *const *in)
{
    LLVMModuleRef base = llvm_read(in[0]), m, more;
    LLVMValueRef like = base ? llvm_first_function(base) : NULL;

    m = LLVMModuleCreateWithName("runtime");
    if (!like)
        return 1;
    while (*++in) {
        if (!(more = llvm_read(*in)))
            return 1;
        llvm_forget_cpu(more, like);
        if (!llvm_join(m, more))
            return 1;
    }
    return llvm_write(m, out) ? 0 : 1;
}

static int build(const char *object, const char *keep, const char *program,
                 const char *runtime, const char *level)
{
    LLVMModuleRef m = llvm_read(program), more = llvm_read(runtime);
    LLVMValueRef like = m ? llvm_first_function(m) : NULL;

    if (!like || !more)
        return 1;
    llvm_take_cpu(more, like);
    if (!llvm_join(m, more) || !llvm_internalise(m, keep))
        return 1;
    return llvm_compile(m, like, object, (unsigned)(*level - '0')) ? 0 : 1;
}

static int effects(const char *in, char *const *claims)
{
    LLVMModuleRef m = llvm_read(in);

    return m && llvm_effects(m, claims) ? 0 : 1;
}

/* Modules live as long as the process. */
int main(int argc, char **argv)
{
    llvm_init();
    if (argc >= 5 && strcmp(argv[1], "join") == 0)
        return join(argv[2], argv + 3);
    if (argc == 7 && strcmp(argv[1], "build") == 0 && *argv[6] >= '0' &&
        *argv[6] <= '3')
        return build(argv[2], argv[3], argv[4], argv[5], argv[6]);
    if (argc >= 3 && strcmp(argv[1], "effects") == 0)
        return effects(argv[2], argv + 3);
    llvm_complain("nflc runs this program; it is not meant to be run by hand");
    return 2;
}
