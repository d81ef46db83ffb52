#include "streams.h"
#include "commands.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct direction {
    EVP_MD_CTX *hash;
    uint64_t len;
};

static void hear(struct direction *d, const struct said *said)
{
    if (!said->watched || !said->fresh_len)
        return;
    EVP_DigestUpdate(d->hash, said->fresh, said->fresh_len);
    d->len += said->fresh_len;
}

void streams_of(const struct engine *e, const struct capture *c,
                struct stream *stream)
{
    const struct rules rules = {.ahead = 65536, .keep = 16384, .pieces = 65536};
    void *shard = e->shard(&rules);
    void **open = calloc(c->n_flows + 1, sizeof(*open));
    struct direction *d = calloc(2 * c->n_flows + 1, sizeof(*d));
    struct said said;
    struct wire w;

    for (unsigned i = 0; i < 2 * c->n_flows; i++) {
        d[i].hash = EVP_MD_CTX_new();
        EVP_DigestInit_ex(d[i].hash, EVP_sha256(), NULL);
    }
    for (size_t i = 0; i < c->n; i++) {
        const struct packet *p = &c->packet[i];

        if (!open[p->flow])
            open[p->flow] = e->open(shard);
        if (!wire_of(p->ip, p->len, &w))
            abort();
        e->segment(open[p->flow], &w, p->from, 3, &said);
        hear(&d[2 * p->flow + p->from], &said);
    }
    for (unsigned i = 0; i < 2 * c->n_flows; i++) {
        EVP_DigestFinal_ex(d[i].hash, stream[i].sum, NULL);
        EVP_MD_CTX_free(d[i].hash);
        stream[i].len = d[i].len;
        if (i % 2 && open[i / 2])
            e->end(open[i / 2]);
    }
    if (e->pieces(shard) != rules.pieces) {
        fputs("pieces are lost\n", stderr);
        exit(1);
    }
    e->shard_free(shard);
    free(open);
    free(d);
}

static void print(const char *file, const struct flow *f, unsigned from,
                  const struct stream *s)
{
    char name[128];

    flow_name(f, from, name);
    printf("%s %s %llu ", file, name, (unsigned long long)s->len);
    for (unsigned i = 0; i < SHA256; i++)
        printf("%02x", s->sum[i]);
    putchar('\n');
}

int streams(const struct engine *e, char **files)
{
    for (; *files; files++) {
        struct capture c = {0};
        struct stream *s;

        capture_read(&c, *files);
        s = calloc(2 * c.n_flows + 1, sizeof(*s));
        streams_of(e, &c, s);
        for (unsigned i = 0; i < 2 * c.n_flows; i++)
            if (s[i].len)
                print(*files, &c.flow[i / 2], i % 2, &s[i]);
        free(s);
        capture_free(&c);
    }
    return 0;
}
