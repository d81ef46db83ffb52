/* Options of rules: what is between the parentheses, what describes a rule, and
 * conditions on headers. What is looked for in bytes is in snort_payload.c. */
#include "snort_read.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text ---- */

static bool keep(struct nfs_reader *r, char **to, const char *value)
{
    free(*to);
    *to = strdup(value);
    return *to || nfs_wrong(r, "no memory");
}

/* Without quotes, and what \ stands before as it is. */
static bool unquote(struct nfs_reader *r, const char *name, char *value)
{
    size_t n = strlen(value);
    char *to = value;

    if (n < 2 || value[0] != '"' || value[n - 1] != '"')
        return nfs_wrong(r, "%s: expected a text in quotes", name);
    for (size_t i = 1; i < n - 1; i++) {
        if (value[i] == '\\' && i + 2 < n)
            i++;
        *to++ = value[i];
    }
    *to = '\0';
    return true;
}

static bool read_msg(struct nfs_reader *r, const char *name, char *value)
{
    return unquote(r, name, value) && keep(r, &r->rule->msg, value);
}

static bool append(struct nfs_reader *r, char **to, const char *value)
{
    char *text;
    int n;

    if (!*to)
        return keep(r, to, value);
    n = asprintf(&text, "%s; %s", *to, value);
    if (n < 0)
        return nfs_wrong(r, "no memory");
    free(*to);
    *to = text;
    return true;
}

static bool read_reference(struct nfs_reader *r, const char *name, char *value)
{
    (void)name;
    return append(r, &r->rule->refs, value);
}

static bool read_metadata(struct nfs_reader *r, const char *name, char *value)
{
    (void)name;
    return append(r, &r->rule->metadata, value);
}

static bool read_id(struct nfs_reader *r, const char *name, char *value)
{
    uint32_t *to = name[0] == 's'   ? &r->rule->sid
                   : name[0] == 'g' ? &r->rule->gid
                                    : &r->rule->rev;
    uint64_t n;

    if (!nfs_number(r, name, value, UINT32_MAX, &n))
        return false;
    *to = (uint32_t)n;
    return true;
}

static bool read_class(struct nfs_reader *r, const char *name, char *value)
{
    (void)name;
    r->rule->class = nfs_class_find(r->rs, value);
    if (r->rule->class == 0)
        return nfs_wrong(r,
                         "there is no class '%s'; a line `config "
                         "classification: %s,text,3` makes one",
                         value, value);
    return true;
}

static bool read_priority(struct nfs_reader *r, const char *name, char *value)
{
    uint64_t n;

    if (!nfs_number(r, name, value, 255, &n))
        return false;
    r->rule->priority = (uint32_t)n;
    r->rule->has_priority = true;
    return true;
}

/* ---- flows ---- */

static bool read_flow_word(struct nfs_reader *r, const char *word)
{
    struct nfs_rule *rule = r->rule;

    if (strcmp(word, "to_server") == 0 || strcmp(word, "from_client") == 0)
        rule->to_server = true;
    else if (strcmp(word, "to_client") == 0 || strcmp(word, "from_server") == 0)
        rule->to_client = true;
    else if (strcmp(word, "established") == 0)
        rule->established = true;
    else if (strcmp(word, "not_established") == 0)
        rule->not_established = true;
    else if (strcmp(word, "only_stream") == 0)
        rule->only_stream = true;
    else if (strcmp(word, "no_stream") == 0)
        rule->no_stream = true;
    else if (strcmp(word, "stateless") != 0)
        return nfs_lacks(r,
                         "flow: '%s' is not supported; there are to_server, "
                         "to_client, established, not_established, stateless, "
                         "only_stream and no_stream",
                         word);
    return true;
}

static bool read_flow(struct nfs_reader *r, const char *name, char *value)
{
    const struct nfs_rule *rule = r->rule;

    while (value)
        if (!read_flow_word(r, nfs_word(&value, ',')))
            return false;
    if ((rule->to_server && rule->to_client) ||
        (rule->established && rule->not_established) ||
        (rule->only_stream && rule->no_stream))
        return nfs_wrong(r, "%s: two of its words exclude each other", name);
    return true;
}

static bool bit_of(struct nfs_reader *r, const char *name, uint16_t *bit)
{
    struct nfs_rules *rs = r->rs;
    unsigned i;

    if (!name || !*name)
        return nfs_wrong(r, "flowbits: expected a name");
    if (strpbrk(name, "|&"))
        return nfs_lacks(r,
                         "flowbits: '%s' is several names; write one option "
                         "for each, all of which must hold",
                         name);
    for (i = 0; i < rs->n_bits; i++)
        if (strcmp(rs->bits[i], name) == 0)
            break;
    if (i == NFS_BITS_MAX)
        return nfs_wrong(r, "flowbits: there are at most %d names",
                         NFS_BITS_MAX);
    if (i == rs->n_bits) {
        rs->bits[i] = strdup(name);
        if (!rs->bits[i])
            return nfs_wrong(r, "no memory");
        rs->n_bits++;
    }
    *bit = (uint16_t)i;
    return true;
}

static bool read_flowbits(struct nfs_reader *r, const char *name, char *value)
{
    static const char *const ops[] = {
        [NFS_BIT_SET] = "set",         [NFS_BIT_CLEAR] = "unset",
        [NFS_BIT_TOGGLE] = "toggle",   [NFS_BIT_IS] = "isset",
        [NFS_BIT_IS_NOT] = "isnotset",
    };
    struct nfs_rule *rule = r->rule;
    char *word = nfs_word(&value, ',');
    struct nfs_bit *bit;
    unsigned i;

    if (strcmp(word, "noalert") == 0) {
        rule->noalert = true;
        return true;
    }
    for (i = 0; i < 5 && strcmp(word, ops[i]) != 0;)
        i++;
    if (i == 5)
        return nfs_lacks(r,
                         "%s: '%s' is not supported; there are set, unset, "
                         "toggle, isset, isnotset and noalert",
                         name, word);
    if (rule->n_bits == NFS_ROLES_MAX)
        return nfs_wrong(r, "a rule has at most %d flowbits", NFS_ROLES_MAX);
    bit = &rule->bits[rule->n_bits++];
    bit->op = (enum nfs_bit_op)i;
    *(bit->op >= NFS_BIT_IS ? &rule->reads_bits : &rule->sets_bits) = true;
    return bit_of(r, value ? nfs_trim(value) : NULL, &bit->bit);
}

/* ---- rates ---- */

static bool read_track(struct nfs_reader *r, const char *word,
                       struct nfs_rate *to)
{
    if (strcmp(word, "by_src") == 0)
        to->track = NFS_BY_SRC;
    else if (strcmp(word, "by_dst") == 0)
        to->track = NFS_BY_DST;
    else if (strcmp(word, "by_both") == 0)
        to->track = NFS_BY_PAIR;
    else
        return nfs_lacks(r,
                         "track %s is not supported; there are by_src, by_dst "
                         "and by_both",
                         word);
    return true;
}

static bool read_type(struct nfs_reader *r, const char *word,
                      struct nfs_rate *to)
{
    if (strcmp(word, "limit") == 0)
        to->type = NFS_LIMIT;
    else if (strcmp(word, "threshold") == 0)
        to->type = NFS_THRESHOLD;
    else if (strcmp(word, "both") == 0)
        to->type = NFS_BOTH;
    else
        return nfs_wrong(r, "type is one of limit, threshold and both, not %s",
                         word);
    return true;
}

static bool read_part(struct nfs_reader *r, char *word, struct nfs_rate *to,
                      unsigned *seen)
{
    static const char *const names[] = {"track", "type", "count", "seconds"};
    size_t n = strcspn(word, " \t");
    char *value = word + n;
    uint64_t number = 0;
    unsigned i;

    for (i = 0; i < 4; i++)
        if (n == strlen(names[i]) && strncmp(word, names[i], n) == 0)
            break;
    value += strspn(value, " \t");
    if (i == 4 || !*value || *seen & 1u << i)
        return nfs_wrong(r,
                         "expected track, type, count and seconds, once "
                         "each, with a value: '%s'",
                         word);
    *seen |= 1u << i;
    if (i == 0)
        return read_track(r, value, to);
    if (i == 1)
        return read_type(r, value, to);
    if (!nfs_number(r, names[i], value, i == 3 ? 86400 * 7 : 1000000000,
                    &number))
        return false;
    if (number == 0)
        return nfs_wrong(r, "%s is one or more", names[i]);
    *(i == 2 ? &to->count : &to->seconds) = (uint32_t)number;
    return true;
}

static bool read_rate(struct nfs_reader *r, const char *name, char *value)
{
    bool filter = strcmp(name, "detection_filter") == 0;
    struct nfs_rate *to = filter ? &r->rule->filter : &r->rule->rate;
    unsigned seen = 0;

    if (to->type != NFS_NO_RATE)
        return nfs_wrong(r, "%s stands twice", name);
    while (value)
        if (!read_part(r, nfs_word(&value, ','), to, &seen))
            return false;
    if (filter && !(seen & 2)) {
        seen |= 2;
        to->type = NFS_THRESHOLD;
    } else if (filter) {
        return nfs_wrong(r, "%s has no type", name);
    }
    if (seen != 15)
        return nfs_wrong(r, "%s: expected track, %scount and seconds", name,
                         filter ? "" : "type, ");
    return true;
}

/* ---- the list ---- */

static bool nothing(struct nfs_reader *r, const char *name, char *value)
{
    (void)r, (void)name, (void)value;
    return true;
}

static const struct option {
    const char *name;
    nfs_option_fn *fn;
    bool value;
} options[] = {
    {"msg", read_msg, true},
    {"sid", read_id, true},
    {"rev", read_id, true},
    {"gid", read_id, true},
    {"classtype", read_class, true},
    {"priority", read_priority, true},
    {"reference", read_reference, true},
    {"metadata", read_metadata, true},
    {"flow", read_flow, true},
    {"flowbits", read_flowbits, true},
    {"threshold", read_rate, true},
    {"detection_filter", read_rate, true},
    {"rawbytes", nothing, false},
};

static bool read_option(struct nfs_reader *r, char *text)
{
    char *value = NULL, *colon = strchr(text, ':');
    nfs_option_fn *fn;

    if (colon) {
        *colon = '\0';
        value = nfs_trim(colon + 1);
    }
    text = nfs_trim(text);
    for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (strcmp(text, options[i].name) == 0) {
            if (options[i].value != (value && *value))
                return nfs_wrong(r, "%s: expected %s value", text,
                                 options[i].value ? "a" : "no");
            return options[i].fn(r, text, value);
        }
    fn = nfs_payload_option(text);
    if (!fn)
        fn = nfs_header_option(text);
    if (fn)
        return fn(r, text, value);
    return nfs_lacks(r,
                     "the option '%s' is not supported; remove it or the rule, "
                     "or set skip = true",
                     text);
}

/* Options end in a semicolon that is neither quoted nor behind a \. */
static char *end_of_option(char *p)
{
    bool quoted = false;

    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (*p == ';' && !quoted)
            return p;
    }
    return NULL;
}

bool nfs_options_read(struct nfs_reader *r, char *text)
{
    char *end;

    r->sticky = NFS_RAW;
    r->last = -1;
    r->opts_room = 0;
    for (text = nfs_trim(text); *text; text = nfs_trim(end + 1)) {
        end = end_of_option(text);
        if (!end)
            return nfs_wrong(r,
                             "an option ends in ';', and texts in quotes: "
                             "'%.40s'",
                             text);
        *end = '\0';
        if (*nfs_trim(text) && !read_option(r, text))
            return false;
    }
    return true;
}
