/* Sets of headers: what is known to be in a packet. */
#include "sema/sema.h"

void hset_add(struct hset *h, const struct header *x)
{
    h->w[x->index / 64] |= (uint64_t)1 << (x->index % 64);
}

bool hset_has(const struct hset *h, const struct header *x)
{
    return h->w[x->index / 64] >> (x->index % 64) & 1;
}

void hset_or(struct hset *h, const struct hset *x)
{
    for (unsigned i = 0; i < MAX_HEADERS / 64; i++)
        h->w[i] |= x->w[i];
}

void hset_and(struct hset *h, const struct hset *x)
{
    for (unsigned i = 0; i < MAX_HEADERS / 64; i++)
        h->w[i] &= x->w[i];
}

void hset_remove(struct hset *h, const struct hset *x)
{
    for (unsigned i = 0; i < MAX_HEADERS / 64; i++)
        h->w[i] &= ~x->w[i];
}

/* The one header that can stand before x; NULL if there are several. */
static struct header *only_parent(struct sema *s, const struct header *x)
{
    struct header *found = NULL, *h;
    struct after *a;

    if (x->first)
        return NULL; /* perhaps none */
    LIST_EACH (h, &s->tree->headers) {
        LIST_EACH (a, &x->after) {
            if (h->select_as != a->parent || h == found)
                continue;
            if (found)
                return NULL;
            found = h;
        }
    }
    return found;
}

static bool grow(struct hset *h, const struct header *x)
{
    if (!x || hset_has(h, x))
        return false;
    hset_add(h, x);
    return true;
}

void hset_close(struct sema *s, struct hset *h)
{
    struct header *x, *up;
    bool grown = true;

    while (grown) {
        grown = false;
        LIST_EACH (x, &s->tree->headers) {
            if (!hset_has(h, x))
                continue;
            up = only_parent(s, x);
            grown |= grow(h, up);
            grown |= grow(h, x->of);
            grown |= grow(h, x->real);
        }
    }
    LIST_EACH (x, &s->tree->headers) {
        struct hset none = {0};

        if (x->first && memcmp(h, &none, sizeof(none)) != 0)
            hset_add(h, x);
    }
}
