/* For which CPU a function is compiled: three attributes. */
#include "llvm/llvm.h"

#include <string.h>

/* The first decides whether a function is for the same CPU as another. */
static const char *const attributes[] = {
    "target-features",
    "target-cpu",
    "tune-cpu",
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

static LLVMAttributeRef get(LLVMValueRef function, unsigned i)
{
    const char *name = attributes[i];

    return LLVMGetStringAttributeAtIndex(function, LLVMAttributeFunctionIndex,
                                         name, (unsigned)strlen(name));
}

/* Attributes live in the context, one object for each value. */
void llvm_forget_cpu(LLVMModuleRef m, LLVMValueRef base)
{
    LLVMAttributeRef features = get(base, 0);
    LLVMValueRef f;

    for (f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f)) {
        if (get(f, 0) != features)
            continue;
        for (unsigned i = 0; i < ATTRIBUTES; i++)
            LLVMRemoveStringAttributeAtIndex(f, LLVMAttributeFunctionIndex,
                                             attributes[i],
                                             (unsigned)strlen(attributes[i]));
    }
}

void llvm_take_cpu(LLVMModuleRef m, LLVMValueRef like)
{
    LLVMAttributeRef a;
    LLVMValueRef f;

    for (f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f)) {
        if (LLVMIsDeclaration(f) || get(f, 0) || get(f, 1))
            continue;
        for (unsigned i = 0; i < ATTRIBUTES; i++)
            if ((a = get(like, i)))
                LLVMAddAttributeAtIndex(f, LLVMAttributeFunctionIndex, a);
    }
}
