#include "ctl/machine.h"
#include "ctl/say.h"
#include <nfl/host.h>
#include <string.h>

static void print(const struct nfl_host_finding *f)
{
    bool port = strncmp(f->check, "port ", 5) == 0;

    nfl_error("%s%s%s%s%s", port ? f->check : "", port ? ": " : "", f->text,
              *f->mend ? "; mend it with: " : "", f->mend);
}

bool nfl_machine_fits(const struct nfl_options *o)
{
    struct nfl_host h;
    bool bad;
    unsigned i;

    nfl_host_look(&h, o, false);
    bad = nfl_host_bad(&h) != NULL;
    for (i = 0; i < h.n; i++)
        if (h.v[i].state == NFL_HOST_BAD)
            print(&h.v[i]);
    nfl_host_fini(&h);
    return !bad;
}
