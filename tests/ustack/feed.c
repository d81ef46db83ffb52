/* Reads lines, and prints one for each `p` and each `k`:
 *
 *   n OVERLAP AHEAD KEEP PIECES IGNORE TRUST   a new connection, of a new shard
 *   p FROM WATCH HEX                           an IP packet of it
 *     SIGNS OFFSET GAP FRESH WAS NOW PIECES    signs in hex, bytes in hex or -
 *   s                                          nobody asks about a packet
 *   k SLOT AT                                  keeps: 1 or 0
 *   r SLOT                                     releases
 *   b SLOT                                     OFFSET FRESH BYTES
 */
#include "commands.h"
#include "wire.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *shard, *connection;

static void fresh_start(const struct engine *e, const char *line)
{
    struct rules r = {0};
    unsigned ignore = 0, trust = 0;

    if (sscanf(line, "n %u %u %u %" SCNu64 " %u %u", &r.overlap, &r.ahead,
               &r.keep, &r.pieces, &ignore, &trust) != 6)
        abort();
    r.ignore = ignore;
    r.trust_sums = trust;
    if (connection)
        e->end(connection);
    if (shard)
        e->shard_free(shard);
    shard = e->shard(&r);
    connection = e->open(shard);
}

static void print_bytes(const uint8_t *p, uint32_t n)
{
    putchar(' ');
    for (uint32_t i = 0; i < n; i++)
        printf("%02x", p[i]);
    if (!n)
        putchar('-');
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static void packet(const struct engine *e, const char *line)
{
    static uint8_t ip[IP_MAX];
    unsigned from, watch;
    uint8_t *copy; /* exactly as long, so that sanitizers see */
    uint32_t n = 0;
    struct said said;
    struct wire w;
    int at;

    if (sscanf(line, "p %u %u %n", &from, &watch, &at) != 2)
        abort();
    for (; n < IP_MAX && digit(line[at]) >= 0; at += 2)
        ip[n++] = (uint8_t)(digit(line[at]) << 4 | digit(line[at + 1]));
    copy = malloc(n);
    memcpy(copy, ip, n);
    if (!wire_of(copy, n, &w)) {
        puts("no TCP");
        free(copy);
        return;
    }
    e->segment(connection, &w, from, watch, &said);
    if (!said.watched)
        said.fresh_len = said.conflict_len = 0;
    printf("%" PRIx64 " %" PRIu64 " %u", said.signs, said.fresh_offset,
           said.gap);
    print_bytes(said.fresh, said.fresh_len);
    print_bytes(said.was, said.conflict_len);
    print_bytes(said.now, said.conflict_len);
    printf(" %" PRIu64 "\n", e->pieces(shard));
    free(copy);
}

static void print_kept(const struct engine *e, unsigned slot)
{
    struct kept b = e->bytes(connection, slot);

    printf("%" PRIu64 " %u", b.offset, b.fresh);
    print_bytes(b.p, b.len);
    putchar('\n');
}

int feed(const struct engine *e)
{
    static char line[2 * IP_MAX + 64];
    unsigned slot = 0, at = 0;

    while (fgets(line, sizeof(line), stdin)) {
        sscanf(line + 1, "%u %u", &slot, &at);
        if (line[0] == 'n')
            fresh_start(e, line);
        else if (line[0] == 'p')
            packet(e, line);
        else if (line[0] == 's')
            e->sleep(connection);
        else if (line[0] == 'k')
            printf("%d\n", e->keep(connection, slot, at));
        else if (line[0] == 'r')
            e->release(connection, slot);
        else if (line[0] == 'b')
            print_kept(e, slot);
        fflush(stdout);
    }
    if (connection)
        e->end(connection);
    if (shard)
        e->shard_free(shard);
    return 0;
}
