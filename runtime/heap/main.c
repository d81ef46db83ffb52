/* A program of the test back end. */
#include "heap/run.h"

/* Under ASan, too, a table that is too large is an error of the program's user
 * and not an abort. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

int main(int argc, char **argv)
{
    return nfl_heap_run(&nfl_module, argc, argv);
}
