/* SHA-256, of libcrypto. */
#ifndef TOOL_DIGEST_H
#define TOOL_DIGEST_H

#include <openssl/sha.h>
#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_HEX = 64 }; /* characters, without the end of the string */

struct digest {
    SHA256_CTX state;
};

void digest_init(struct digest *d);
/* Each part with its length before it: "ab", "c" is not "a", "bc". */
void digest_add(struct digest *d, const void *data, size_t n);
void digest_text(struct digest *d, const char *text);
/* The file's content, or false. */
bool digest_file(struct digest *d, const char *path);
/* Which file it is, and whether it was written since: its real path, place,
 * size and time. For what is too large to be read each time. */
bool digest_identity(struct digest *d, const char *path);
/* The end: `hex` has room for DIGEST_HEX + 1 characters. */
void digest_end(struct digest *d, char *hex);

/* The plain digest of some bytes. */
void digest_of(const void *data, size_t n, char *hex);

#endif
