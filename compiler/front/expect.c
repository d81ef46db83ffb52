#include "front/expect.h"

#include <string.h>

bool expects(const struct expect *x, const char *name)
{
    unsigned i;

    for (i = 0; i < x->n; i++)
        if (strcmp(x->names[i], name) == 0)
            return true;
    return false;
}
