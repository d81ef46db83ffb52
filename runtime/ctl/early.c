#include "ctl/early.h"
#include "core/fit.h"
#include <string.h>
#include <unistd.h>

static void put(const char *text)
{
    (void)!write(STDERR_FILENO, text, strlen(text));
}

/* stdio may not be ready yet. */
void nfl_early_check(void)
{
    char missing[64];

    if (nfl_cpu_is_enough(missing, sizeof(missing)))
        return;
    put(nfl_module.name);
    put(": this CPU lacks ");
    put(missing);
    put(", which DPDK and the runtime of nflc need; a virtual machine may "
        "hide it (QEMU: -cpu host)\n");
    _exit(1);
}
