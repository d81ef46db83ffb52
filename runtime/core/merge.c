/* Several captures as one. There are a handful, so the next frame is found by
 * looking at the head of each. */
#include <nfl/capture.h>
#include <stdlib.h>

struct input {
    struct nfl_capture_in *capture;
    unsigned port;
    bool loaded; /* head is a frame that was not taken yet */
    struct nfl_frame head;
};

struct nfl_merge {
    struct input *in; /* by port, then in the order they were added */
    unsigned n;
};

struct nfl_merge *nfl_merge_new(void)
{
    return calloc(1, sizeof(struct nfl_merge));
}

bool nfl_merge_add(struct nfl_merge *m, struct nfl_capture_in *c, unsigned port)
{
    struct input *in = realloc(m->in, (m->n + 1) * sizeof(*in));
    unsigned i;

    if (!in) {
        nfl_capture_close(c);
        return false;
    }
    m->in = in;
    for (i = m->n++; i > 0 && in[i - 1].port > port; i--)
        in[i] = in[i - 1];
    in[i] = (struct input){.capture = c, .port = port};
    return true;
}

/* A head stays valid until its own capture is read again, so it is taken by
 * reading that capture at the next call, not at once. */
static int load_heads(struct nfl_merge *m, unsigned *port, char *err,
                      size_t errlen)
{
    unsigned i;
    int r;

    for (i = 0; i < m->n; i++) {
        struct input *in = &m->in[i];

        if (in->loaded)
            continue;
        r = nfl_capture_next(in->capture, &in->head, err, errlen);
        *port = in->port;
        if (r < 0)
            return r;
        in->loaded = r == 1;
    }
    return 1;
}

int nfl_merge_next(struct nfl_merge *m, struct nfl_frame *f, unsigned *port,
                   char *err, size_t errlen)
{
    struct input *first = NULL;
    unsigned i;

    if (load_heads(m, port, err, errlen) < 0)
        return -1;
    for (i = 0; i < m->n; i++)
        if (m->in[i].loaded &&
            (!first || m->in[i].head.time < first->head.time))
            first = &m->in[i];
    if (!first)
        return 0;
    *f = first->head;
    *port = first->port;
    first->loaded = false;
    return 1;
}

bool nfl_merge_note(const struct nfl_merge *m, unsigned *at, char *text,
                    size_t len)
{
    while (*at < m->n)
        if (nfl_capture_note(m->in[(*at)++].capture, text, len))
            return true;
    return false;
}

void nfl_merge_free(struct nfl_merge *m)
{
    unsigned i;

    if (!m)
        return;
    for (i = 0; i < m->n; i++)
        nfl_capture_close(m->in[i].capture);
    free(m->in);
    free(m);
}
