/* The rings of a packet socket: TPACKET_V2, one slot a frame. */
#include "ctl/say.h"
#include "io/iface.h"
#include "io/port.h"
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

enum {
    RX_BYTES = 4 << 20,
    TX_BYTES = 1 << 20,
    LEAST = 64, /* slots */
    MACS = 12,  /* bytes in front of a VLAN tag */
    TAG = 4,
    FLUSH_MS = 100
};

/* ---- setting up ---- */

/* In front of a frame lie the kernel's header and an address, aligned. One
 * byte more than the longest frame, so that a longer one can be told. */
static unsigned slot_size(uint32_t frame_max)
{
    const unsigned page = 4096;
    unsigned want = TPACKET_ALIGN(TPACKET2_HDRLEN + 16) + frame_max + 1;

    if (want <= page / 2)
        return page / 2;
    return (want + page - 1) / page * page;
}

static struct tpacket_req request(unsigned slot, unsigned bytes)
{
    const unsigned page = 4096;
    unsigned frames = bytes / slot < LEAST ? LEAST : bytes / slot;
    unsigned in_block = slot < page ? page / slot : 1;

    frames -= frames % in_block;
    return (struct tpacket_req){
        .tp_block_size = slot * in_block,
        .tp_block_nr = frames / in_block,
        .tp_frame_size = slot,
        .tp_frame_nr = frames,
    };
}

static bool set(const struct nfl_iface *i, int option, const void *v,
                size_t len)
{
    return setsockopt(i->fd, SOL_PACKET, option, v, (socklen_t)len) == 0;
}

static bool map_rings(struct nfl_iface *i, const struct tpacket_req *rx,
                      const struct tpacket_req *tx)
{
    size_t rx_len = (size_t)rx->tp_block_size * rx->tp_block_nr;

    i->map_len = rx_len + (size_t)tx->tp_block_size * tx->tp_block_nr;
    i->map =
        mmap(NULL, i->map_len, PROT_READ | PROT_WRITE, MAP_SHARED, i->fd, 0);
    if (i->map == MAP_FAILED) {
        i->map = NULL;
        return false;
    }
    i->rx = (struct nfl_ring){i->map, rx->tp_frame_size, rx->tp_frame_nr, 0};
    i->tx = (struct nfl_ring){(uint8_t *)i->map + rx_len, tx->tp_frame_size,
                              tx->tp_frame_nr, 0};
    return true;
}

static bool make_rings(struct nfl_iface *i, uint32_t frame_max)
{
    unsigned slot = slot_size(frame_max);
    struct tpacket_req rx = request(slot, RX_BYTES);
    struct tpacket_req tx = request(slot, TX_BYTES);
    const int version = TPACKET_V2, on = 1;

    /* PACKET_LOSS: a frame that the kernel refuses does not stop those behind
     * it. Options come before rings. */
    return set(i, PACKET_VERSION, &version, sizeof(version)) &&
           set(i, PACKET_LOSS, &on, sizeof(on)) &&
           set(i, PACKET_RX_RING, &rx, sizeof(rx)) &&
           set(i, PACKET_TX_RING, &tx, sizeof(tx)) && map_rings(i, &rx, &tx);
}

bool nfl_iface_start(struct nfl_port *p)
{
    struct nfl_iface *i = &p->iface;
    struct sockaddr_ll a = {.sll_family = AF_PACKET,
                            .sll_protocol = htons(ETH_P_ALL)};
    const int on = 1;

    a.sll_ifindex = (int)if_nametoindex(p->spec->arg);
    /* Past the queues of the kernel, and without what the machine itself
     * sends: where the kernel is too old for that, it goes as well. */
    set(i, PACKET_QDISC_BYPASS, &on, sizeof(on));
    set(i, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
    if (make_rings(i, p->frame_max) &&
        bind(i->fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
        return true;
    nfl_error("port %s: cannot receive from interface %s: %s", p->spec->name,
              p->spec->arg, strerror(errno));
    return false;
}

/* ---- slots ---- */

static struct tpacket2_hdr *slot(const struct nfl_ring *r)
{
    return (struct tpacket2_hdr *)(r->base + (size_t)r->at * r->frame);
}

static void step(struct nfl_ring *r)
{
    r->at = r->at + 1 == r->frames ? 0 : r->at + 1;
}

/* The kernel writes the status last, and reads it first. */
static uint32_t status(const struct tpacket2_hdr *h)
{
    return __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);
}

static void set_status(struct tpacket2_hdr *h, uint32_t v)
{
    __atomic_store_n(&h->tp_status, v, __ATOMIC_RELEASE);
}

/* ---- receiving ---- */

static bool is_own(const struct tpacket2_hdr *h)
{
    const struct sockaddr_ll *a =
        (const void *)((const uint8_t *)h + TPACKET_ALIGN(sizeof(*h)));

    return a->sll_pkttype == PACKET_OUTGOING;
}

/* The kernel takes the outer VLAN tag out of the frame. */
static unsigned put_tag(uint8_t *to, const struct tpacket2_hdr *h)
{
    unsigned type = h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid
                                                             : ETH_P_8021Q;

    to[0] = (uint8_t)(type >> 8);
    to[1] = (uint8_t)type;
    to[2] = (uint8_t)(h->tp_vlan_tci >> 8);
    to[3] = (uint8_t)h->tp_vlan_tci;
    return TAG;
}

/* Longer than the buffer: pkt_len tells, and it will not enter a chain. */
static void fill(struct rte_mbuf *m, const struct tpacket2_hdr *h)
{
    const uint8_t *from = (const uint8_t *)h + h->tp_mac;
    uint8_t *to = rte_pktmbuf_mtod(m, uint8_t *);
    uint32_t room = rte_pktmbuf_tailroom(m), n = h->tp_snaplen, head = 0;

    m->pkt_len = h->tp_len;
    if (h->tp_status & TP_STATUS_VLAN_VALID) {
        m->pkt_len += TAG;
        if (n >= MACS && room >= MACS + TAG) {
            memcpy(to, from, MACS);
            head = MACS + put_tag(to + MACS, h);
            from += MACS;
            n -= MACS;
        }
    }
    n = n > room - head ? room - head : n;
    memcpy(to + head, from, n);
    m->data_len = (uint16_t)(head + n);
    if (h->tp_status & TP_STATUS_CSUMNOTREADY)
        m->ol_flags |= RTE_MBUF_F_RX_L4_CKSUM_NONE;
}

static void kick(struct nfl_iface *i)
{
    i->unsent = send(i->fd, NULL, 0, MSG_DONTWAIT) < 0;
}

uint16_t nfl_iface_rx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                      uint16_t n)
{
    struct nfl_iface *i = &p->iface;
    uint16_t got = 0;

    (void)queue;
    if (i->unsent)
        kick(i);
    while (got < n) {
        struct tpacket2_hdr *h = slot(&i->rx);

        if (!(status(h) & TP_STATUS_USER))
            break;
        if (!is_own(h)) {
            m[got] = rte_pktmbuf_alloc(p->pool);
            if (!m[got])
                break;
            fill(m[got++], h);
        }
        set_status(h, TP_STATUS_KERNEL);
        step(&i->rx);
    }
    return got;
}

/* ---- sending ---- */

uint32_t nfl_iface_tx_max(const struct nfl_port *p, const uint8_t *frame,
                          uint32_t len)
{
    return nfl_netif_frame_max(p->iface.mtu, frame, len);
}

uint16_t nfl_iface_tx(struct nfl_port *p, uint16_t queue, struct rte_mbuf **m,
                      uint16_t n)
{
    struct nfl_iface *i = &p->iface;
    uint16_t sent;

    (void)queue;
    for (sent = 0; sent < n; sent++) {
        struct tpacket2_hdr *h = slot(&i->tx);

        if (status(h) != TP_STATUS_AVAILABLE)
            break;
        memcpy((uint8_t *)h + TPACKET2_HDRLEN - sizeof(struct sockaddr_ll),
               rte_pktmbuf_mtod(m[sent], void *), m[sent]->data_len);
        h->tp_len = h->tp_snaplen = m[sent]->data_len;
        set_status(h, TP_STATUS_SEND_REQUEST);
        step(&i->tx);
    }
    rte_pktmbuf_free_bulk(m, sent);
    kick(i);
    return sent;
}

void nfl_iface_flush(struct nfl_port *p)
{
    struct nfl_iface *i = &p->iface;
    const struct timespec ms = {.tv_nsec = 1000000};
    unsigned k;

    for (k = 0; i->unsent && p->up && k < FLUSH_MS; k++) {
        nanosleep(&ms, NULL);
        kick(i);
    }
}
