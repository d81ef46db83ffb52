/* paths_get() of a program in the build tree names the source tree. */
#include "tool/paths.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

static void finds_folders(void **state)
{
    const struct nfl_paths *p = paths_get();

    (void)state;
    assert_int_equal(access(p->stdlib, R_OK | X_OK), 0);
    assert_int_equal(access(p->lib, R_OK | X_OK), 0);
    assert_int_equal(access(p->libexec, R_OK | X_OK), 0);
    assert_int_equal(access(p->include, R_OK | X_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_folders)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
