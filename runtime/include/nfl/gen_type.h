/* The C of the prelude's types: packet and flow. Only gen.h includes this. */
#ifndef NFL_GEN_TYPE_H
#define NFL_GEN_TYPE_H

NFLG_FN uint32_t nfs_packet_len(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    (void)c;
    return h->pkt->len;
}

NFLG_FN uint64_t nfs_packet_time(const struct nfl_ctx *c,
                                 const struct nflg_head *h)
{
    (void)c;
    return h->pkt->time;
}

NFLG_FN bool nfs_packet_in_flow(const struct nfl_ctx *c,
                                const struct nflg_head *h)
{
    (void)c;
#ifdef NFLG_EDITS
    if (h->edited)
        return h->edit.in_flow;
#endif
    return nflg_has_flow(h);
}

NFLG_FN bool nfs_packet_generated(const struct nfl_ctx *c,
                                  const struct nflg_head *h)
{
    (void)c;
    return h->pkt->origin == NFL_GENERATED;
}

NFLG_FN bool nfs_packet_turned(const struct nfl_ctx *c,
                               const struct nflg_head *h)
{
    (void)c;
    return h->pkt->origin == NFL_TURNED;
}

NFLG_FN uint16_t nfs_packet_fragment_size(const struct nfl_ctx *c,
                                          const struct nflg_head *h)
{
    (void)c;
    return h->pkt->cut;
}

NFLG_FN void nfs_packet_fragment(const struct nfl_ctx *c,
                                 const struct nflg_head *h, uint16_t size)
{
    struct nfl_pkt *p = h->pkt;

    (void)c;
    if (!p->cut || size < p->cut)
        p->cut = size;
}

NFLG_FN uint32_t nfs_packet_hash(const struct nfl_ctx *c,
                                 const struct nflg_head *h)
{
    if (!nfs_packet_in_flow(c, h))
        return 0;
    return (uint32_t)nfl_tuple_hash(c->chain->seed, &h->tuple);
}

NFLG_FN bool nfs_packet_malformed(const struct nfl_ctx *c,
                                  const struct nflg_head *h)
{
    (void)c;
    return h->malformed;
}

NFLG_FN bool nfs_packet_bad_checksum(const struct nfl_ctx *c,
                                     const struct nflg_head *h)
{
    (void)c;
    return nflg_bad_checksum(h, &g_sums);
}

NFLG_FN struct nfl_ipaddr nfs_flow_src(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    return nflg_addr(t.v6, t.src);
}

NFLG_FN struct nfl_ipaddr nfs_flow_dst(const struct nfl_ctx *c,
                                       const struct nfl_session *f)
{
    struct nfl_tuple t = nfl_session_tuple(c->chain, f, c->nf);

    return nflg_addr(t.v6, t.dst);
}

NFLG_FN uint32_t nfs_flow_sport(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    return nfl_session_tuple(c->chain, f, c->nf).sport;
}

NFLG_FN uint32_t nfs_flow_dport(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    return nfl_session_tuple(c->chain, f, c->nf).dport;
}

NFLG_FN uint32_t nfs_flow_proto(const struct nfl_ctx *c,
                                const struct nfl_session *f)
{
    (void)c;
    return f->proto;
}

NFLG_FN bool nfs_flow_evicted(const struct nfl_ctx *c,
                              const struct nfl_session *f)
{
    (void)f;
    return c->chain->evicting;
}

NFLG_FN bool nfs_flow_rewrite(const struct nfl_ctx *c, struct nfl_session *f,
                              bool src, struct nfl_ipaddr src_addr,
                              uint64_t src_port, bool dst,
                              struct nfl_ipaddr dst_addr, uint64_t dst_port)
{
    struct nfl_tuple to = nfl_session_t0(c->chain->desc, f);
    uint8_t set = 0;

    /* The tuple says one family; an address of the other is refused here. */
    if ((src && src_addr.v6 != to.v6) || (dst && dst_addr.v6 != to.v6))
        return false;
    if (src) {
        set |= NFL_SET_SRC;
        if (src_port || f->ports & NFL_SET_SPORT)
            set |= NFL_SET_SPORT;
        to.src = src_addr.a;
        to.sport = (uint16_t)src_port;
    }
    if (dst) {
        set |= NFL_SET_DST;
        if (dst_port || f->ports & NFL_SET_DPORT)
            set |= NFL_SET_DPORT;
        to.dst = dst_addr.a;
        to.dport = (uint16_t)dst_port;
    }
    return nfl_session_rewrite(c->worker, c->chain, f, c->nf, set, &to);
}

#endif
