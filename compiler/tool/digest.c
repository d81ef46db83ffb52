/* The plain functions, and not EVP: they take no memory, and EVP of OpenSSL 3.0
 * reads a lock at NULL when there is none. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tool/digest.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void to_hex(const unsigned char *md, char *hex)
{
    for (unsigned i = 0; i < SHA256_DIGEST_LENGTH; i++)
        snprintf(hex + 2 * i, 3, "%02x", md[i]);
}

void digest_init(struct digest *d)
{
    SHA256_Init(&d->state);
}

void digest_add(struct digest *d, const void *data, size_t n)
{
    uint64_t length = n;

    SHA256_Update(&d->state, &length, sizeof(length));
    SHA256_Update(&d->state, data, n);
}

void digest_text(struct digest *d, const char *text)
{
    digest_add(d, text, strlen(text));
}

bool digest_file(struct digest *d, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *data = MAP_FAILED;
    struct stat st;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && st.st_size > 0)
        data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (data == MAP_FAILED)
        return false;
    digest_add(d, data, (size_t)st.st_size);
    munmap(data, (size_t)st.st_size);
    return true;
}

bool digest_identity(struct digest *d, const char *path)
{
    char real[PATH_MAX];
    struct stat st;

    if (!realpath(path, real) || stat(real, &st) < 0)
        return false;
    digest_text(d, real);
    digest_add(d, &st.st_dev, sizeof(st.st_dev));
    digest_add(d, &st.st_ino, sizeof(st.st_ino));
    digest_add(d, &st.st_size, sizeof(st.st_size));
    digest_add(d, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
    digest_add(d, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
    return true;
}

void digest_end(struct digest *d, char *hex)
{
    unsigned char md[SHA256_DIGEST_LENGTH];

    SHA256_Final(md, &d->state);
    to_hex(md, hex);
}

void digest_of(const void *data, size_t n, char *hex)
{
    struct digest d;

    digest_init(&d);
    SHA256_Update(&d.state, data, n);
    digest_end(&d, hex);
}
