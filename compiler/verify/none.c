/* Built without Z3. */
#include "verify/verify.h"

enum verified verify(const struct unit *u, const struct verify *v, FILE *to)
{
    (void)u;
    (void)v;
    (void)to;
    fputs("nflc: this nflc was built without Z3, so it proves nothing; on "
          "Debian: apt-get install libz3-dev, then configure and build it "
          "again\n",
          stderr);
    return VERIFY_ABSENT;
}
