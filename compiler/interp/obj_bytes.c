/* The extern type `bytes` of the prelude, a byte at a time: the payload of the
 * packet at hand, from u to hi in its frame, or bytes of a stream, those of
 * `object`. */
#include "interp/object.h"
#include "interp/packet.h"
#include "interp/world.h"
#include <string.h>

size_t packet_payload_begin(const struct packet *p)
{
    const struct layer *last = p->n_layers ? &p->layer[p->n_layers - 1] : NULL;

    return last ? last->off + last->size : 0;
}

size_t packet_payload_end(const struct packet *p)
{
    return p->n_layers ? p->layer[p->n_layers - 1].end : p->len;
}

const uint8_t *bytes_at(const struct packet *p, const struct ival *b)
{
    const uint8_t *stream = b->object;

    return (stream ? stream : p->bytes) + (size_t)b->u;
}

static size_t length(const struct call *c)
{
    return (size_t)(c->of->hi - c->of->u);
}

static uint8_t byte(const struct call *c, size_t at)
{
    return bytes_at(c->moment->packet, c->of)[at];
}

/* The text stands at `at`. */
static bool stands(const struct call *c, const char *text, size_t at)
{
    for (; *text; text++, at++) {
        if (at >= length(c) || byte(c, at) != (uint8_t)*text)
            return false;
    }
    return at <= length(c);
}

bool packet_payload(const struct call *c, struct ival *result)
{
    result->u = packet_payload_begin(c->moment->packet);
    result->hi = packet_payload_end(c->moment->packet);
    return true;
}

bool bytes_len(const struct call *c, struct ival *result)
{
    result->u = length(c);
    return true;
}

bool bytes_starts(const struct call *c, struct ival *result)
{
    result->u = stands(c, c->args[0]->str, (size_t)c->args[1]->u);
    return true;
}

bool bytes_ends(const struct call *c, struct ival *result)
{
    size_t n = strlen(c->args[0]->str);

    result->u = n <= length(c) && stands(c, c->args[0]->str, length(c) - n);
    return true;
}

bool bytes_find(const struct call *c, struct ival *result)
{
    for (size_t at = (size_t)c->args[1]->u; at <= length(c); at++) {
        if (stands(c, c->args[0]->str, at)) {
            result->u = at;
            return true;
        }
    }
    return false;
}

bool bytes_contains(const struct call *c, struct ival *result)
{
    result->u = bytes_find(c, result);
    return true;
}

static bool number(const struct call *c, struct ival *result, unsigned n)
{
    size_t at = (size_t)c->args[0]->u;

    for (unsigned i = 0; i < n; i++) {
        if (at + i >= length(c))
            return false;
        result->u = result->u << 8 | byte(c, at + i);
    }
    return true;
}

bool bytes_u8(const struct call *c, struct ival *result)
{
    return number(c, result, 1);
}

bool bytes_u16(const struct call *c, struct ival *result)
{
    return number(c, result, 2);
}

bool bytes_u32(const struct call *c, struct ival *result)
{
    return number(c, result, 4);
}
