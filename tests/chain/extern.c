#include <stdlib.h>
#include <string.h>

uint16_t nfx_entropy(const uint8_t *payload, uint32_t payload_len)
{
    uint32_t n[256] = {0}, most = 0;

    for (uint32_t i = 0; i < payload_len; i++)
        if (++n[payload[i]] > most)
            most = n[payload[i]];
    return payload_len ? (uint16_t)(2048 - most * 2048ull / payload_len) : 0;
}

bool nfx_swap(uint8_t *payload, uint32_t payload_len, uint8_t by,
              const uint8_t *who, uint32_t who_len, uint32_t *result_0,
              bool *result_1)
{
    if (payload_len < 5)
        return false;
    payload[payload_len - 1] ^= by;
    payload[0] += who[0];
    *result_0 = payload[1];
    *result_1 = who_len == 4;
    return true;
}

struct nfx_words {
    uint32_t most, seen, n;
    char text[100];
};

struct nfx_words *nfx_words_new(const uint8_t *list, uint32_t list_len,
                                uint32_t most, char *err, uint32_t err_size)
{
    struct nfx_words *w = calloc(1, sizeof(*w));
    (void)err, (void)err_size;
    w->most = most;
    w->n = list_len < 100 ? list_len : 100;
    memcpy(w->text, list, w->n);
    return w;
}
void nfx_words_free(struct nfx_words *w)
{
    free(w);
}
bool nfx_words_has(const struct nfx_words *w, const uint8_t *p, uint32_t n,
                   uint16_t at)
{
    return at < n && w->n && memchr(w->text, p[at], w->n) != NULL;
}
uint32_t nfx_words_seen(struct nfx_words *w, const uint8_t *p, uint32_t n)
{
    (void)p;
    if (n > 10)
        w->seen++;
    return w->seen % (w->most + 1);
}

uint8_t nfx_mark(uint8_t *payload, uint32_t payload_len, uint16_t at_first,
                 uint16_t at_last, const uint8_t *six, uint64_t for_)
{
    for (uint32_t i = 0; i + 1 < payload_len; i += 2)
        payload[i] = six[i % 16] ^ payload[i + 1];
    return (uint8_t)(at_first + at_last + for_);
}

void nfx_odd(uint8_t n)
{
    (void)n;
}

struct nfx_sorter {
    uint8_t first, last;
    char text[8];
};

struct nfx_sorter_scratch {
    uint32_t count[256];
};

struct nfx_sorter *nfx_sorter_new(uint8_t from__0, uint8_t from__1,
                                  const char *text, char *err,
                                  uint32_t err_size)
{
    struct nfx_sorter *s = calloc(1, sizeof(*s));

    (void)err, (void)err_size;
    s->first = from__0;
    s->last = from__1;
    strncpy(s->text, text, sizeof(s->text) - 1);
    return s;
}

void nfx_sorter_free(struct nfx_sorter *state)
{
    free(state);
}

struct nfx_sorter_scratch *nfx_sorter_scratch_new(
    const struct nfx_sorter *state)
{
    (void)state;
    return calloc(1, sizeof(struct nfx_sorter_scratch));
}

void nfx_sorter_scratch_free(struct nfx_sorter_scratch *scratch)
{
    free(scratch);
}

bool nfx_sorter_median(const struct nfx_sorter *state,
                       struct nfx_sorter_scratch *scratch,
                       const uint8_t *payload, uint32_t payload_len,
                       uint8_t *result)
{
    uint32_t n = 0;

    memset(scratch->count, 0, sizeof(scratch->count));
    for (uint32_t i = state->first; i < payload_len; i++)
        scratch->count[payload[i]]++;
    for (unsigned b = 0; b < 256; b++) {
        n += scratch->count[b];
        if (n > payload_len / 2) {
            *result = (uint8_t)(b + state->last + strlen(state->text));
            return true;
        }
    }
    return false;
}
