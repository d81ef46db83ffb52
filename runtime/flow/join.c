/* Datagrams put together of their fragments: RFC 791 section 3.2, RFC 8200
 * section 4.5. */
#include "flow/fragment.h"
#include "flow/cut.h"
#include <string.h>

enum { FRAGMENT_BYTES = 8 };

static void store16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

uint32_t nfl_fragment_open(struct nfl_pkt *p, uint32_t data,
                           const struct nfl_fragment_sink *to)
{
    struct nfl_fragment f;
    uint8_t old[60], *ip; /* an IPv4 header has no more */
    uint32_t head;

    if (!nfl_fragment_find(p->data, p->len, &f) ||
        f.data + data > NFL_FRAGMENT_FRAME || !to->grow(p, f.data + data))
        return 0;
    ip = p->data + f.ip;
    head = f.data - f.ip;
    p->len = f.data + data;
    if (!f.v6) {
        memcpy(old, ip, head);
        store16(ip + 2, head + data);
        ip[6] &= 0xc0; /* neither MF nor an offset */
        ip[7] = 0;
        nfl_cut_sum(ip, old, head);
        return f.data;
    }
    p->data[f.next] = f.proto;
    memmove(p->data + f.data - FRAGMENT_BYTES, p->data + f.data, f.len);
    p->len -= FRAGMENT_BYTES;
    store16(ip + 4, head - FRAGMENT_BYTES - 40 + data);
    return f.data - FRAGMENT_BYTES;
}

void nfl_fragment_join(uint8_t *data, const struct nfl_pkt *p)
{
    struct nfl_fragment f;

    if (nfl_fragment_find(p->data, p->len, &f))
        memcpy(data + f.at, p->data + f.data, f.len);
}
