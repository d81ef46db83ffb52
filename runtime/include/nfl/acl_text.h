/* Rule files of the stdlib's `acl`: text to rules. What a rule means is the
 * matter of who looks up; this only reads. */
#ifndef NFL_ACL_TEXT_H
#define NFL_ACL_TEXT_H

#include <nfl/num.h>
#include <stddef.h>

/* One rule for one family. A line that names no address holds for both
 * families and yields two rules, one with lists and sets many. */
struct nfl_acl_rule {
    uint8_t deny;   /* 1: deny */
    uint8_t reject; /* 1: with an answer; deny is 1, too */
    uint8_t v6;
    uint8_t any_dir, out; /* direction of the flow's first packet: out of
                             the chain's left side, or into it */
    uint8_t any_proto, proto;
    nfl_u128 src, dst;           /* network address, host order */
    uint8_t src_len, dst_len;    /* prefix length */
    uint16_t sport_lo, sport_hi; /* 0..65535: any */
    uint16_t dport_lo, dport_hi;
    /* Of the first packet: TCP flags << 8, or ICMP type << 8 | code. A rule
     * with a mask asks for it, and matches nobody who does not know it. */
    uint16_t first, first_mask;
    unsigned line;
};

struct nfl_acl_rules {
    struct nfl_acl_rule *rules; /* in order: the first that matches decides */
    unsigned n;
    uint8_t default_deny, default_reject;
};

/* Rules of at most so many pairs of addresses, ports and families. */
enum { NFL_ACL_RULES_MAX = 262144 };

/* NULL on failure; err is "FILE:LINE: what is wrong; what would be right".
 * At most 65,536 lines. An acl knows no reject, flags, types and codes. */
struct nfl_acl_rules *nfl_acl_read(const char *path, char *err, size_t errlen);
struct nfl_acl_rules *nfl_policy_read(const char *path, char *err,
                                      size_t errlen);
void nfl_acl_free(struct nfl_acl_rules *r);

/* Calls told for each line that never decides, in order: for each of its rules
 * there is one of an earlier line that matches whatever it does; `by` is the
 * line of the first such one. Of very long files only the begin is looked at.
 */
typedef void nfl_acl_told(void *arg, unsigned line, unsigned by);
void nfl_acl_shadowed(const struct nfl_acl_rules *r, nfl_acl_told *told,
                      void *arg);

#endif
