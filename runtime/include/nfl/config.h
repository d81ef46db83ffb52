/* Parameters of NFs as they may be set from outside: when a program starts, and
 * while it runs. */
#ifndef NFL_CONFIG_H
#define NFL_CONFIG_H

#include <nfl/num.h>
#include <stddef.h>
#include <stdint.h>

enum nfl_param_kind {
    NFL_PARAM_NUMBER,
    NFL_PARAM_BOOL,
    NFL_PARAM_ENUM,
    NFL_PARAM_IPV4,
    NFL_PARAM_IPV6,
    NFL_PARAM_MAC,
    NFL_PARAM_IPADDR,
    NFL_PARAM_DURATION, /* ns */
    NFL_PARAM_STRING,
    NFL_PARAM_FILE
};

struct nfl_word_desc { /* of an enum; the last has no name */
    const char *name;
    uint64_t value;
};

/* One value. It lies in the chain's block at `offset`: numbers of up to 32 bits
 * as uint32_t, up to 64 as uint64_t, wider ones as nfl_u128; bool; struct
 * nfl_ipaddr; const char *. */
struct nfl_param_desc {
    const char *chain, *nf, *name;
    const char *type; /* as the source calls it */
    enum nfl_param_kind kind;
    unsigned bits;
    bool range; /* LO..HI: two such numbers */
    const struct nfl_word_desc *words;
    const char *fixed; /* why it cannot change while the program runs */
    bool compiled;     /* nor be set at all */
    int object;        /* that is made from it, or -1 */
    uint32_t offset, offset_hi;
};

/* CHAIN.NF.PARAM = VALUE, understood. */
struct nfl_setting {
    const struct nfl_param_desc *param;
    unsigned chain; /* index */
    nfl_u128 u, hi;
    uint8_t v6;
    char *str;     /* STRING, FILE; owned */
    uint64_t time; /* of a change: ns since 1970, or since the first packet */
    bool relative;
    unsigned line; /* of its file */
};

struct nfl_settings {
    struct nfl_setting *list; /* of a file of changes: by time */
    unsigned n, room;
};

/* What there is to set. */
struct nfl_param_table {
    const struct nfl_param_desc *const *params; /* by chain */
    const unsigned *n_params;
    unsigned n_chains;
};

struct nfl_options;

/* Adds what --config and --set of the options say; the later one wins. False,
 * and one sentence: nothing of it holds then. */
bool nfl_settings_read(struct nfl_settings *s, const struct nfl_options *o,
                       const struct nfl_param_table *t, char *err,
                       size_t errlen);
/* Adds the lines of the file of changes, `TIME CHAIN.NF.PARAM = VALUE`. */
bool nfl_changes_read(struct nfl_settings *s, const struct nfl_options *o,
                      const struct nfl_param_table *t, char *err,
                      size_t errlen);
void nfl_settings_free(struct nfl_settings *s);

#endif
