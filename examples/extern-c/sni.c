/* servers(list): the name in a TLS ClientHello, RFC 6066, section 3. The hello
 * must lie in one packet, as it mostly does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nfx_servers {
    uint64_t refused;
    uint32_t len;
    char list[]; /* the file, a line end before and behind each name */
};

struct nfx_servers *nfx_servers_new(const uint8_t *list, uint32_t list_len,
                                    char *err, uint32_t err_size)
{
    struct nfx_servers *s = calloc(1, sizeof(*s) + list_len + 2);

    if (!s) {
        snprintf(err, err_size, "no memory for %u bytes of servers", list_len);
        return NULL;
    }
    s->list[0] = '\n';
    memcpy(s->list + 1, list, list_len);
    s->list[list_len + 1] = '\n';
    s->len = list_len + 2;
    return s;
}

void nfx_servers_free(struct nfx_servers *state)
{
    free(state);
}

struct bytes {
    const uint8_t *at;
    uint32_t len;
};

static bool skip(struct bytes *b, uint32_t n)
{
    if (n > b->len)
        return false;
    b->at += n;
    b->len -= n;
    return true;
}

/* A length of `bytes` bytes, and what has it: what is left begins behind. */
static bool part(struct bytes *b, unsigned bytes, struct bytes *to)
{
    uint32_t n = 0;

    if (bytes > b->len)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | b->at[i];
    skip(b, bytes);
    to->at = b->at;
    to->len = n;
    return skip(b, n);
}

/* The first host name of the extension server_name. */
static bool host_name(struct bytes extension, struct bytes *name)
{
    struct bytes names;

    return part(&extension, 2, &names) && names.len > 0 && names.at[0] == 0 &&
           skip(&names, 1) && part(&names, 2, name);
}

static bool server_name(struct bytes hello, struct bytes *name)
{
    struct bytes ignored, extensions, one;

    if (!skip(&hello, 34) || !part(&hello, 1, &ignored) || /* session id */
        !part(&hello, 2, &ignored) ||                      /* cipher suites */
        !part(&hello, 1, &ignored) ||                      /* compression */
        !part(&hello, 2, &extensions))
        return false;
    while (extensions.len >= 4) {
        uint32_t type = (uint32_t)extensions.at[0] << 8 | extensions.at[1];

        skip(&extensions, 2);
        if (!part(&extensions, 2, &one))
            return false;
        if (type == 0)
            return host_name(one, name);
    }
    return false;
}

bool nfx_servers_has(const struct nfx_servers *state, const uint8_t *payload,
                     uint32_t payload_len, bool *result)
{
    struct bytes packet = {payload, payload_len}, record, hello, name;
    char line[258];

    if (payload_len < 6 || payload[0] != 22 || payload[5] != 1)
        return false;
    skip(&packet, 3);
    if (!part(&packet, 2, &record) || !skip(&record, 1) ||
        !part(&record, 3, &hello) || !server_name(hello, &name) ||
        name.len > 255)
        return false;
    line[0] = '\n';
    memcpy(line + 1, name.at, name.len);
    line[name.len + 1] = '\n';
    *result = memmem(state->list, state->len, line, name.len + 2) != NULL;
    return true;
}

uint64_t nfx_servers_refused(struct nfx_servers *state)
{
    return ++state->refused;
}
