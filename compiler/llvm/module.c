/* Modules: files, links between them, and who is called from outside. */
#include "llvm/llvm.h"

#include <errno.h>
#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Linker.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool llvm_complain(const char *fmt, ...)
{
    va_list ap;

    fputs("nflc-llvm: ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return false;
}

bool llvm_went_well(LLVMErrorRef error)
{
    char *why;

    if (!error)
        return true;
    why = LLVMGetErrorMessage(error);
    llvm_complain("%s", why);
    LLVMDisposeErrorMessage(why);
    return false;
}

/* LLVM's own handler would end the process. */
static void handle(LLVMDiagnosticInfoRef info, void *unused)
{
    char *text = LLVMGetDiagInfoDescription(info);

    (void)unused;
    if (LLVMGetDiagInfoSeverity(info) <= LLVMDSWarning)
        llvm_complain("%s", text);
    LLVMDisposeMessage(text);
}

void llvm_init(void)
{
    LLVMContextSetDiagnosticHandler(LLVMGetGlobalContext(), handle, NULL);
}

LLVMModuleRef llvm_read(const char *path)
{
    LLVMMemoryBufferRef text;
    LLVMModuleRef m;
    char *why;

    if (LLVMCreateMemoryBufferWithContentsOfFile(path, &text, &why)) {
        llvm_complain("cannot read %s: %s", path, why);
        LLVMDisposeMessage(why);
        return NULL;
    }
    if (LLVMParseBitcode2(text, &m)) {
        llvm_complain("cannot use %s", path);
        m = NULL;
    }
    LLVMDisposeMemoryBuffer(text);
    return m;
}

bool llvm_write(LLVMModuleRef m, const char *path)
{
    char *why = NULL;

    if (LLVMVerifyModule(m, LLVMReturnStatusAction, &why))
        llvm_complain("%s would be no valid module: %s", path, why);
    else if (LLVMWriteBitcodeToFile(m, path))
        llvm_complain("cannot write %s", path);
    else
        path = NULL;
    LLVMDisposeMessage(why);
    return path == NULL;
}

bool llvm_join(LLVMModuleRef m, LLVMModuleRef more)
{
    return !LLVMLinkModules2(m, more) || llvm_complain("modules do not join");
}

LLVMValueRef llvm_first_function(LLVMModuleRef m)
{
    LLVMValueRef f = LLVMGetFirstFunction(m);

    while (f && LLVMIsDeclaration(f))
        f = LLVMGetNextFunction(f);
    if (!f)
        llvm_complain("there is no function in the program");
    return f;
}

/* ---- what stays visible ---- */

struct names {
    char **v;
    size_t n;
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_names(struct names *names, const char *path)
{
    FILE *from = fopen(path, "r");
    size_t room = 0, length = 0;
    char *line = NULL;
    ssize_t n;

    if (!from)
        return llvm_complain("cannot read %s: %s", path, strerror(errno));
    while ((n = getline(&line, &length, from)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (names->n == room) {
            room = 2 * room + 64;
            names->v = realloc(names->v, room * sizeof(*names->v));
        }
        if (!names->v || !(names->v[names->n++] = strdup(line)))
            return llvm_complain("out of memory");
    }
    free(line);
    fclose(from);
    qsort(names->v, names->n, sizeof(*names->v), compare);
    return true;
}

static void hide(LLVMValueRef global, const struct names *keep)
{
    size_t n;
    const char *name = LLVMGetValueName2(global, &n);

    if (LLVMIsDeclaration(global) ||
        LLVMGetLinkage(global) != LLVMExternalLinkage ||
        bsearch(&name, keep->v, keep->n, sizeof(*keep->v), compare))
        return;
    LLVMSetVisibility(global, LLVMDefaultVisibility);
    LLVMSetLinkage(global, LLVMInternalLinkage);
}

bool llvm_internalise(LLVMModuleRef m, const char *keep)
{
    struct names names = {0};
    LLVMValueRef v;

    if (!read_names(&names, keep))
        return false;
    for (v = LLVMGetFirstFunction(m); v; v = LLVMGetNextFunction(v))
        hide(v, &names);
    for (v = LLVMGetFirstGlobal(m); v; v = LLVMGetNextGlobal(v))
        hide(v, &names);
    for (size_t i = 0; i < names.n; i++)
        free(names.v[i]);
    free(names.v);
    return true;
}
