/* The index of an acl's rules. Two back ends define these functions: DPDK's
 * library (acl_dpdk.c), and a scan (acl_scan.c) where there is no EAL. */
#ifndef NFS_ACL_H
#define NFS_ACL_H

#include <nfl/acl_text.h>

struct nfs_acl_index;

/* NULL and err on failure. The rules stay the caller's, and must live as long
 * as the index. */
struct nfs_acl_index *nfs_acl_index_new(const struct nfl_acl_rules *rules,
                                        char *err, size_t errlen);
/* What is asked of a flow. `out`: the initiator is on the left side. */
struct nfs_acl_question {
    const struct nfl_tuple *tuple;
    bool out;
    bool known; /* `first` is (acl_text.h) */
    uint16_t first;
};

/* The first rule that matches; NULL: none, so the default decides. */
const struct nfl_acl_rule *nfs_acl_index_find(const struct nfs_acl_index *x,
                                              const struct nfs_acl_question *q);
void nfs_acl_index_free(struct nfs_acl_index *x);

#endif
