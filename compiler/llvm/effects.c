/* What a C function does to what its pointers point to. From each load, store
 * and call the way back is followed to the argument that the pointer came
 * from; what is reached from memory of an argument counts as the argument's.
 * Two arguments are taken to be apart, as those of an extern are. */
#include "llvm/llvm.h"

#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a pointer may come from: bit i is pointer argument i, in order. */
typedef uint32_t roots;

enum {
    ARGS = 24,
    LOCAL = 1 << 24,   /* a variable of the function, or a copy */
    FIXED = 1 << 25,   /* constants */
    GLOBAL = 1 << 26,  /* a variable outside */
    UNKNOWN = 1 << 27, /* it cannot be followed */
    DEPTH = 24,        /* of calls */
    VALUES = 512,      /* on the way back of one pointer */
};

struct finding { /* the first one counts */
    bool there;
    char text[400];
};

struct watch {
    roots reads, writes;
    roots may_read, may_write; /* of the arguments */
    struct finding wrong, unknown;
};

/* A function that is being called. */
struct frame {
    LLVMValueRef f;
    roots *args; /* by parameter */
    const struct frame *up;
    unsigned depth;
};

/* ---- findings ---- */

static LLVMValueRef function_of(LLVMValueRef i)
{
    return LLVMGetBasicBlockParent(LLVMGetInstructionParent(i));
}

static const char *name_of(LLVMValueRef v)
{
    size_t n;

    return LLVMGetValueName2(v, &n);
}

static void found(struct finding *to, LLVMValueRef at, const char *what,
                  const char *name)
{
    unsigned n = 0, line = LLVMGetDebugLocLine(at);
    const char *file = LLVMGetDebugLocFilename(at, &n);

    if (to->there)
        return;
    if (line == 0) {
        at = function_of(at);
        line = LLVMGetDebugLocLine(at);
        file = LLVMGetDebugLocFilename(at, &n);
    }
    to->there = true;
    snprintf(to->text, sizeof(to->text), "%.*s:%u: %s%s", file ? (int)n : 1,
             file ? file : "?", line, what, name);
}

/* ---- where pointers come from ---- */

struct trail { /* what was visited, since phis go in circles */
    LLVMValueRef seen[VALUES];
    unsigned n;
};

static roots from(const struct frame *fr, LLVMValueRef v, struct trail *t);

static roots from_all(const struct frame *fr, LLVMValueRef v, unsigned first,
                      unsigned end, struct trail *t)
{
    roots r = 0;

    for (unsigned i = first; i < end; i++)
        r |= from(fr, LLVMGetOperand(v, i), t);
    return r;
}

static bool is_defined(LLVMValueRef callee)
{
    return LLVMIsAFunction(callee) && !LLVMIsDeclaration(callee);
}

static bool in_progress(const struct frame *fr, LLVMValueRef f)
{
    for (; fr; fr = fr->up)
        if (fr->f == f)
            return true;
    return false;
}

/* The callee's frame; false if it is too deep or calls itself. Its arguments
 * may come from the call itself, in a loop: `way` is what led to it. */
static bool enter(struct frame *to, const struct frame *fr, LLVMValueRef call,
                  LLVMValueRef callee, const struct trail *way)
{
    unsigned n = LLVMCountParams(callee);

    if (fr->depth == DEPTH || in_progress(fr, callee))
        return false;
    *to =
        (struct frame){callee, calloc(n + 1, sizeof(roots)), fr, fr->depth + 1};
    for (unsigned i = 0; to->args && i < n; i++) {
        struct trail t = *way;

        to->args[i] = from(fr, LLVMGetOperand(call, i), &t);
    }
    return to->args != NULL;
}

/* A pointer that a call returns. */
static roots from_call(const struct frame *fr, LLVMValueRef call,
                       const struct trail *way)
{
    LLVMValueRef callee = LLVMGetCalledValue(call), term;
    LLVMBasicBlockRef b;
    struct frame to;
    roots r = 0;

    if (!is_defined(callee) || !enter(&to, fr, call, callee, way))
        return UNKNOWN;
    for (b = LLVMGetFirstBasicBlock(callee); b; b = LLVMGetNextBasicBlock(b)) {
        struct trail t = {.n = 0};

        term = LLVMGetBasicBlockTerminator(b);
        if (LLVMGetInstructionOpcode(term) == LLVMRet)
            r |= from_all(&to, term, 0, (unsigned)LLVMGetNumOperands(term), &t);
    }
    free(to.args);
    return r;
}

/* A pointer that lies in memory is that memory's. */
static roots from_memory(roots r)
{
    return r & LOCAL ? (r & ~(roots)LOCAL) | UNKNOWN : r;
}

static roots from_operation(const struct frame *fr, LLVMValueRef v,
                            LLVMOpcode op, struct trail *t)
{
    switch (op) {
    case LLVMGetElementPtr:
    case LLVMBitCast:
    case LLVMAddrSpaceCast:
    case LLVMFreeze:
        return from(fr, LLVMGetOperand(v, 0), t);
    case LLVMSelect:
        return from_all(fr, v, 1, 3, t);
    case LLVMPHI:
        return from_all(fr, v, 0, (unsigned)LLVMGetNumOperands(v), t);
    case LLVMLoad:
        return from_memory(from(fr, LLVMGetOperand(v, 0), t));
    case LLVMAlloca:
        return LOCAL;
    case LLVMCall:
        return from_call(fr, v, t);
    default:
        return UNKNOWN;
    }
}

static roots from_argument(const struct frame *fr, LLVMValueRef v)
{
    for (unsigned i = 0; i < LLVMCountParams(fr->f); i++)
        if (LLVMGetParam(fr->f, i) == v)
            return fr->args[i];
    return UNKNOWN;
}

static roots from(const struct frame *fr, LLVMValueRef v, struct trail *t)
{
    for (unsigned i = 0; i < t->n; i++)
        if (t->seen[i] == v)
            return 0;
    if (t->n == VALUES)
        return UNKNOWN;
    t->seen[t->n++] = v;
    if (LLVMIsAArgument(v))
        return from_argument(fr, v);
    if (LLVMIsAGlobalVariable(v))
        return LLVMIsGlobalConstant(v) ? FIXED : GLOBAL;
    if (LLVMIsAFunction(v) || LLVMIsNull(v) || LLVMIsUndef(v))
        return FIXED;
    if (LLVMIsAConstantExpr(v))
        return from_operation(fr, v, LLVMGetConstOpcode(v), t);
    if (LLVMIsAInstruction(v))
        return from_operation(fr, v, LLVMGetInstructionOpcode(v), t);
    return LLVMGetTypeKind(LLVMTypeOf(v)) == LLVMPointerTypeKind ? UNKNOWN : 0;
}

/* ---- what happens ---- */

static void argument_text(char *to, size_t size, roots r)
{
    unsigned i = 0;

    while (!(r >> i & 1))
        i++;
    snprintf(to, size, "%u", i + 1);
}

static void access(struct watch *w, const struct frame *fr, LLVMValueRef at,
                   LLVMValueRef pointer, bool write)
{
    const roots all = (1u << ARGS) - 1;
    struct trail t = {.n = 0};
    roots r = from(fr, pointer, &t), over;
    char text[16];

    *(write ? &w->writes : &w->reads) |= r;
    over = r & all & ~(write ? w->may_write : w->may_read);
    if (over) {
        argument_text(text, sizeof(text), over);
        found(&w->wrong, at, write ? "writes to argument " : "reads argument ",
              text);
    }
    if (r & GLOBAL)
        found(&w->wrong, at,
              write ? "writes a variable outside" : "reads a variable outside",
              "");
    if (write && r & UNKNOWN)
        found(&w->unknown, at,
              "writes through a pointer that cannot be followed", "");
}

/* Functions of C that do with memory what is known. */
static bool known_call(struct watch *w, const struct frame *fr,
                       LLVMValueRef call, const char *name)
{
    static const struct {
        const char *name;
        int reads[2], writes; /* arguments; -1: none */
    } known[] = {
        {"llvm.memcpy.", {1, -1}, 0},  {"llvm.memmove.", {1, -1}, 0},
        {"llvm.memset.", {-1, -1}, 0}, {"memcpy", {1, -1}, 0},
        {"memmove", {1, -1}, 0},       {"memset", {-1, -1}, 0},
        {"memcmp", {0, 1}, -1},        {"bcmp", {0, 1}, -1},
        {"strcmp", {0, 1}, -1},        {"strlen", {0, -1}, -1},
        {"memchr", {0, -1}, -1},       {"memrchr", {0, -1}, -1},
        {"memmem", {0, 2}, -1},        {"strncmp", {0, 1}, -1},
        {"strchr", {0, -1}, -1},       {"strnlen", {0, -1}, -1},
    };

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t n = strlen(known[i].name);

        if (strncmp(name, known[i].name, n) != 0 ||
            (name[n] && known[i].name[n - 1] != '.'))
            continue;
        for (unsigned k = 0; k < 2; k++)
            if (known[i].reads[k] >= 0)
                access(w, fr, call,
                       LLVMGetOperand(call, (unsigned)known[i].reads[k]),
                       false);
        if (known[i].writes >= 0)
            access(w, fr, call, LLVMGetOperand(call, 0), true);
        return true;
    }
    return false;
}

/* LLVM's own that touch no memory: nothing points there, or it is a remark. */
static bool is_harmless(LLVMValueRef callee, const char *name)
{
    static const char *const remarks[] = {"llvm.dbg.", "llvm.lifetime.",
                                          "llvm.prefetch", "llvm.assume",
                                          "llvm.invariant."};

    if (strncmp(name, "llvm.", 5) != 0)
        return false;
    for (unsigned i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++)
        if (strncmp(name, remarks[i], strlen(remarks[i])) == 0)
            return true;
    for (unsigned i = 0; i < LLVMCountParams(callee); i++)
        if (LLVMGetTypeKind(LLVMTypeOf(LLVMGetParam(callee, i))) ==
            LLVMPointerTypeKind)
            return false;
    return true;
}

static void body(struct watch *w, const struct frame *fr);

static void call(struct watch *w, const struct frame *fr, LLVMValueRef i)
{
    LLVMValueRef callee = LLVMGetCalledValue(i);
    struct frame to;

    if (LLVMIsAInlineAsm(callee)) {
        found(&w->unknown, i, "runs machine instructions", "");
    } else if (!LLVMIsAFunction(callee)) {
        found(&w->unknown, i, "calls through a pointer", "");
    } else if (!LLVMIsDeclaration(callee)) {
        if (!enter(&to, fr, i, callee, &(struct trail){.n = 0})) {
            found(&w->unknown, i,
                  "calls too deep, or itself: ", name_of(callee));
            return;
        }
        body(w, &to);
        free(to.args);
    } else if (!is_harmless(callee, name_of(callee)) &&
               !known_call(w, fr, i, name_of(callee))) {
        found(&w->unknown, i, "calls code without bitcode: ", name_of(callee));
    }
}

static void instruction(struct watch *w, const struct frame *fr, LLVMValueRef i)
{
    switch (LLVMGetInstructionOpcode(i)) {
    case LLVMLoad:
        access(w, fr, i, LLVMGetOperand(i, 0), false);
        break;
    case LLVMStore:
        access(w, fr, i, LLVMGetOperand(i, 1), true);
        break;
    case LLVMAtomicRMW:
    case LLVMAtomicCmpXchg:
        access(w, fr, i, LLVMGetOperand(i, 0), false);
        access(w, fr, i, LLVMGetOperand(i, 0), true);
        break;
    case LLVMCall:
        call(w, fr, i);
        break;
    case LLVMInvoke:
    case LLVMCallBr:
    case LLVMVAArg:
        found(&w->unknown, i, "does what is not understood", "");
        break;
    default:
        break;
    }
}

static void body(struct watch *w, const struct frame *fr)
{
    LLVMBasicBlockRef b;
    LLVMValueRef i;

    for (b = LLVMGetFirstBasicBlock(fr->f); b; b = LLVMGetNextBasicBlock(b))
        for (i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
            instruction(w, fr, i);
}

/* ---- a function and what is claimed of it ---- */

/* Is it a pointer of the C function? A struct by value is a copy. */
static bool is_pointer(LLVMValueRef f, unsigned i)
{
    static const char *const copies[] = {"byval", "sret"};

    if (LLVMGetTypeKind(LLVMTypeOf(LLVMGetParam(f, i))) != LLVMPointerTypeKind)
        return false;
    for (unsigned k = 0; k < 2; k++)
        if (LLVMGetEnumAttributeAtIndex(
                f, i + 1,
                LLVMGetEnumAttributeKindForName(copies[k], strlen(copies[k]))))
            return false;
    return true;
}

static void claim_args(struct watch *w, const struct frame *fr,
                       const char *claim)
{
    size_t n = strlen(claim);
    unsigned k = 0;

    for (unsigned i = 0; i < LLVMCountParams(fr->f); i++) {
        bool pointer = is_pointer(fr->f, i) && k < ARGS;
        char letter = pointer && k < n ? claim[k] : '-';

        fr->args[i] = pointer ? (roots)1 << k : LOCAL;
        if (pointer && letter != '-')
            w->may_read |= (roots)1 << k;
        if (pointer && letter == 'w')
            w->may_write |= (roots)1 << k;
        k += pointer;
    }
}

static void print(const struct watch *w, const struct frame *fr)
{
    const struct finding *why = w->wrong.there ? &w->wrong : &w->unknown;
    unsigned k = 0;

    printf("%s %s ", name_of(fr->f),
           w->wrong.there     ? "refuted"
           : w->unknown.there ? "trusted"
                              : "verified");
    for (unsigned i = 0; i < LLVMCountParams(fr->f); i++) {
        if (!is_pointer(fr->f, i))
            continue;
        putchar(w->writes >> k & 1 ? 'w' : w->reads >> k & 1 ? 'r' : '-');
        k++;
    }
    printf("%s%s%s\n", k ? "" : ".", why->there ? " " : "", why->text);
}

static bool one(LLVMModuleRef m, const char *name, const char *claim)
{
    struct frame fr = {.f = LLVMGetNamedFunction(m, name)};
    struct watch w = {0};

    if (!fr.f || LLVMIsDeclaration(fr.f)) {
        printf("%s trusted . there is no bitcode of it\n", name);
        return true;
    }
    fr.args = calloc(LLVMCountParams(fr.f) + 1, sizeof(roots));
    if (!fr.args)
        return llvm_complain("out of memory");
    claim_args(&w, &fr, claim);
    body(&w, &fr);
    print(&w, &fr);
    free(fr.args);
    return true;
}

/* Variables become values, so that pointers can be followed. */
static bool prepare(LLVMModuleRef m)
{
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(m, "function(sroa)", NULL, options);

    LLVMDisposePassBuilderOptions(options);
    return llvm_went_well(error);
}

bool llvm_effects(LLVMModuleRef m, char *const *claims)
{
    if (!prepare(m))
        return false;
    for (; claims[0]; claims += 2)
        if (!claims[1] || !one(m, claims[0], claims[1]))
            return claims[1] || llvm_complain("a function without a claim");
    return true;
}
