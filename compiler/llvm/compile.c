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
static LLVMTargetMachineRef machine(LLVMModuleRef m, LLVMValueRef like)
{
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
                                 value(like, "target-features"),
                                 LLVMCodeGenLevelAggressive, LLVMRelocPIC,
                                 LLVMCodeModelDefault);
    if (!tm)
        llvm_complain("no code for %s", triple);
    return tm;
}

/* Dead functions first: they are most of the runtime. */
static bool optimise(LLVMModuleRef m, LLVMTargetMachineRef tm)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error;

    LLVMPassBuilderOptionsSetLoopInterleaving(options, 1);
    LLVMPassBuilderOptionsSetLoopVectorization(options, 1);
    LLVMPassBuilderOptionsSetSLPVectorization(options, 1);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, 1);
    error = LLVMRunPasses(m, "globaldce,default<O3>", tm, options);
    LLVMDisposePassBuilderOptions(options);
    return llvm_went_well(error);
}

bool llvm_compile(LLVMModuleRef m, LLVMValueRef like, const char *object)
{
    LLVMTargetMachineRef tm = machine(m, like);
    char *why = NULL;
    bool good;

    if (!tm)
        return false;
    good = optimise(m, tm);
    if (good && LLVMTargetMachineEmitToFile(tm, m, (char *)object,
                                            LLVMObjectFile, &why)) {
        good = llvm_complain("cannot write %s: %s", object, why);
        LLVMDisposeMessage(why);
    }
    LLVMDisposeTargetMachine(tm);
    return good;
}
