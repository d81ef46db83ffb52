#include "tool/paths.h"

#include <stdio.h>

int main(void)
{
    printf("nflc: nothing here yet; stdlib in %s\n", paths_get()->stdlib);
    return 2;
}
