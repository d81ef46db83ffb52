/* nflc explain CODE: what an error means. */
#include "tool/explain.h"

#include "base/codes.h"
#include <stdio.h>
#include <string.h>

int explain_codes(int argc, char **argv)
{
    if (argc < 2)
        return -1;
    if (strcmp(argv[1], "--codes") == 0) {
        code_list(stdout);
        return 0;
    }
    if (!code_number(argv[1]))
        return -1;
    for (int i = 1; i < argc; i++) {
        if (i > 1)
            putchar('\n');
        if (code_explain(code_number(argv[i]), stdout))
            continue;
        fprintf(stderr,
                "nflc: there is no error '%s'; nflc explain --codes lists "
                "them\n",
                argv[i]);
        return 2;
    }
    return 0;
}
