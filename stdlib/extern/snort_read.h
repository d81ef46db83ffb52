/* What the parts of the reader of rules share. Functions that return bool
 * return false after nfs_wrong() or nfs_lacks(). */
#ifndef SNORT_READ_H_
#define SNORT_READ_H_

#include "snort.h"

struct nfs_var {
    char *name, *value;
    bool given; /* by a parameter: the file does not change it */
    struct nfs_var *next;
};

struct nfs_reader {
    struct nfs_rules *rs;
    struct nfs_var *vars;
    struct nfs_rule *rule; /* the one at hand */
    unsigned room, opts_room;
    enum nfs_buffer sticky;
    int last; /* the content that modifiers are about; -1: none */
    unsigned line, n_err;
    bool skip, lacks;
    char why[300]; /* the mistake of the line at hand */
    char *err;
    size_t err_size, err_at;
};

/* The mistake of the line at hand. Always false. */
bool nfs_wrong(struct nfs_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same of what is right, and not supported. */
bool nfs_lacks(struct nfs_reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- variables and sets ---- */

bool nfs_var_set(struct nfs_reader *r, const char *name, const char *value,
                 bool given);
void nfs_vars_default(struct nfs_reader *r);
void nfs_vars_fini(struct nfs_reader *r);
/* `text` is of addresses, or of ports. */
bool nfs_set_read(struct nfs_reader *r, const char *text, bool ports,
                  struct nfs_set *to);

/* ---- options ---- */

/* The text between the parentheses; it is changed. */
bool nfs_options_read(struct nfs_reader *r, char *text);
/* NULL: no such option of what is looked for, or its modifiers. */
typedef bool nfs_option_fn(struct nfs_reader *r, const char *name, char *value);
nfs_option_fn *nfs_payload_option(const char *name);
nfs_option_fn *nfs_header_option(const char *name);
/* A number of C, up to `most`. */
bool nfs_number(struct nfs_reader *r, const char *name, const char *text,
                uint64_t most, uint64_t *to);
/* Without blanks at both ends; `text` is changed. */
char *nfs_trim(char *text);
/* The text in front of the next one of `stop`, which ends it; *at goes behind,
 * or becomes NULL. */
char *nfs_word(char **at, char stop);
/* Bytes of "a|0d 0a|b". False: wrong. */
bool nfs_hex_text(struct nfs_reader *r, const char *text, uint8_t *to,
                  unsigned *len);
/* What a rule is by its options, when all are known. */
bool nfs_rule_check(struct nfs_reader *r, struct nfs_rule *rule);
/* Puts rules into the order in which they are judged. */
void nfs_rules_sort(struct nfs_rules *rs);
/* The number of a class of this name; 0: there is none. */
unsigned nfs_class_find(const struct nfs_rules *rs, const char *name);
bool nfs_class_add(struct nfs_rules *rs, const char *name, const char *text,
                   uint32_t priority);
bool nfs_classes_default(struct nfs_rules *rs);

#endif
