#include "tool/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3; before, all are executable */
#endif

/* A file without a name, which ends with the process. */
static int memory_file(const char *name)
{
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    char tag[200]; /* the kernel takes 249 bytes */
    int fd;

    snprintf(tag, sizeof(tag), "%s", name);
    fd = memfd_create(tag, flags | MFD_EXEC);
    return fd < 0 && errno == EINVAL ? memfd_create(tag, flags) : fd;
}

/* Nobody changes a running program, not even through /proc. */
static bool fill(int fd, const struct blob *bin)
{
    return blob_write(bin, fd) &&
           fcntl(fd, F_ADD_SEALS,
                 F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0;
}

int run_program(const char *name, const struct blob *bin, char **rest)
{
    int fd = memory_file(name);

    fflush(NULL);
    rest[0] = (char *)(uintptr_t)name;
    if (fd >= 0 && fill(fd, bin))
        fexecve(fd, rest, environ);
    fprintf(stderr,
            "nflc: cannot run %s from memory: %s\n"
            "hint: 'nflc build' makes a binary of it\n",
            name, strerror(errno));
    if (fd >= 0)
        close(fd);
    return 1;
}
