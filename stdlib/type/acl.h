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
/* What the first rule that matches says, else the default: 1 is deny. `out`:
 * the initiator is on the left side. */
uint8_t nfs_acl_index_lookup(const struct nfs_acl_index *x,
                             const struct nfl_tuple *t, bool out);
void nfs_acl_index_free(struct nfs_acl_index *x);

#endif
