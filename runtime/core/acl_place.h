/* Where a flow comes from or goes to, in rule files: lists of networks and of
 * ports, and sets of them that have names. */
#ifndef NFL_CORE_ACL_PLACE_H
#define NFL_CORE_ACL_PLACE_H

#include "core/lines.h"

struct acl_net {
    nfl_u128 addr;      /* host order, without bits beyond the prefix */
    unsigned len, bits; /* bits: of the family, or 0 for `any` */
};

struct acl_range {
    uint16_t lo, hi; /* both included */
};

struct acl_nets {
    struct acl_net *of;
    unsigned n, room;
};

struct acl_ports {
    struct acl_range *of;
    unsigned n, room;
};

/* What stands behind `from` or `to`. */
struct acl_places {
    struct acl_nets nets;
    struct acl_ports ports;
};

struct acl_set;
struct acl_sets {
    struct acl_set *first;
};

/* False: no memory. It is any address, any port. */
bool acl_place_new(struct acl_places *p);
void acl_place_any(struct acl_places *p);
void acl_place_free(struct acl_places *p);

/* Reads `NET[,NET...] [port PORTS[,PORTS...]]`, where @NAME is a set;
 * `where` is from or to. */
bool acl_place_read(struct nfl_lines *in, const struct acl_sets *sets,
                    const char *where, struct acl_places *p, bool *has_port);

/* Reads what follows the word `set`: a name and its members. */
bool acl_set_read(struct nfl_lines *in, struct acl_sets *sets);
void acl_sets_free(struct acl_sets *sets);

#endif
