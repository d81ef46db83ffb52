/* Optimises a module as the whole program that it is, and writes machine
 * code. */
#include "llvm/llvm.h"

#include <llvm-c/Error.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <string.h>

/* The value of a string attribute, "" if there is none. */
static const char *value(LLVMValueRef f, const char *name)
{
    unsigned n = (unsigned)strlen(name);
    LLVMAttributeRef a =
        LLVMGetStringAttributeAtIndex(f, LLVMAttributeFunctionIndex, name, n);

    return a ? LLVMGetStringAttributeValue(a, &n) : "";
}

/* Position-independent, as clang compiles on Debian. */
static LLVMTargetMachineRef machine(LLVMModuleRef m, LLVMValueRef like,
                                    unsigned level)
{
    static const LLVMCodeGenOptLevel levels[] = {
        LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
        LLVMCodeGenLevelAggressive};
    const char *triple = LLVMGetTarget(m);
    LLVMTargetMachineRef tm;
    LLVMTargetRef target;
    char *why = NULL;

    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    LLVMInitializeNativeAsmParser();
    if (LLVMGetTargetFromTriple(triple, &target, &why)) {
        llvm_complain("%s: %s", triple, why);
        LLVMDisposeMessage(why);
        return NULL;
    }
    tm = LLVMCreateTargetMachine(target, triple, value(like, "target-cpu"),
                                 value(like, "target-features"), levels[level],
                                 LLVMRelocPIC, LLVMCodeModelDefault);
    if (!tm)
        llvm_complain("no code for %s", triple);
    return tm;
}

/* Dead functions first: they are most of the runtime. */
static bool optimise(LLVMModuleRef m, LLVMTargetMachineRef tm, unsigned level)
{
    static const char *const passes[] = {
        "globaldce,default<O0>", "globaldce,default<O1>",
        "globaldce,default<O2>", "globaldce,default<O3>"};
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error;

    LLVMPassBuilderOptionsSetLoopInterleaving(options, 1);
    LLVMPassBuilderOptionsSetLoopVectorization(options, 1);
    LLVMPassBuilderOptionsSetSLPVectorization(options, 1);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, 1);
    error = LLVMRunPasses(m, passes[level], tm, options);
    LLVMDisposePassBuilderOptions(options);
    return llvm_went_well(error);
}

bool llvm_compile(LLVMModuleRef m, LLVMValueRef like, const char *object,
                  unsigned level)
{
    LLVMTargetMachineRef tm = machine(m, like, level);
    char *why = NULL;
    bool good;

    if (!tm)
        return false;
    good = optimise(m, tm, level);
    if (good && LLVMTargetMachineEmitToFile(tm, m, (char *)object,
                                            LLVMObjectFile, &why)) {
        good = llvm_complain("cannot write %s: %s", object, why);
        LLVMDisposeMessage(why);
    }
    LLVMDisposeTargetMachine(tm);
    return good;
}
