/* Text of rules: lines, variables, and what stands before the options. */
#include "snort_read.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_ = 65536, ERRORS_MAX = 10 };

/* ---- mistakes ---- */

bool nfs_wrong(struct nfs_reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->why, sizeof(r->why), format, args);
    va_end(args);
    r->lacks = false;
    return false;
}

bool nfs_lacks(struct nfs_reader *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->why, sizeof(r->why), format, args);
    va_end(args);
    r->lacks = true;
    return false;
}

static void tell(struct nfs_reader *r)
{
    int n;

    if (r->lacks && r->skip) {
        fprintf(stderr, "signatures, line %u is skipped: %s\n", r->line,
                r->why);
        r->rs->n_skipped++;
        return;
    }
    if (r->n_err++ >= ERRORS_MAX || r->err_at + 1 >= r->err_size)
        return;
    n = snprintf(r->err + r->err_at, r->err_size - r->err_at, "%sline %u: %s",
                 r->n_err > 1 ? "\n" : "", r->line, r->why);
    r->err_at += (size_t)(n > 0 ? n : 0);
}

/* ---- words ---- */

char *nfs_trim(char *text)
{
    size_t n;

    while (isspace((unsigned char)*text))
        text++;
    n = strlen(text);
    while (n > 0 && isspace((unsigned char)text[n - 1]))
        text[--n] = '\0';
    return text;
}

char *nfs_word(char **at, char stop)
{
    char *word = *at, *end = word ? strchr(word, stop) : NULL;

    *at = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return word ? nfs_trim(word) : NULL;
}

bool nfs_number(struct nfs_reader *r, const char *name, const char *text,
                uint64_t most, uint64_t *to)
{
    char *end = NULL;

    if (isdigit((unsigned char)text[0]))
        *to = strtoull(text, &end, 0);
    if (!end || *end || *to > most)
        return nfs_wrong(r, "%s: expected a number up to %llu, found '%s'",
                         name, (unsigned long long)most, text);
    return true;
}

/* ---- the header of a rule ---- */

static bool read_action(struct nfs_reader *r, const char *word)
{
    static const char *const names[] = {
        [NFS_PASS] = "pass",   [NFS_DROP] = "drop", [NFS_REJECT] = "reject",
        [NFS_ALERT] = "alert", [NFS_LOG] = "log",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(word, names[i]) == 0) {
            r->rule->action = (enum nfs_action)i;
            return true;
        }
    if (strcmp(word, "activate") == 0 || strcmp(word, "dynamic") == 0 ||
        strcmp(word, "sdrop") == 0 || strncmp(word, "reject", 6) == 0)
        return nfs_lacks(r,
                         "the action '%s' is not supported; there are alert, "
                         "log, pass, drop and reject",
                         word);
    return nfs_wrong(r,
                     "'%s' is no action: a rule begins with alert, log, pass, "
                     "drop or reject",
                     word);
}

static bool read_proto(struct nfs_reader *r, const char *word)
{
    static const struct {
        const char *name;
        uint8_t number;
    } all[] = {{"ip", 0}, {"icmp", 1}, {"tcp", 6}, {"udp", 17}, {"http", 6}};

    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(word, all[i].name) == 0) {
            r->rule->proto = all[i].number;
            r->rule->http = strcmp(word, "http") == 0;
            return true;
        }
    return nfs_lacks(r,
                     "the protocol '%s' is not supported; there are tcp, udp, "
                     "icmp, ip and http",
                     word);
}

/* The next word; brackets may hold blanks. */
static char *word_of(char **at)
{
    char *begin = *at + strspn(*at, " \t"), *p = begin;
    int depth = 0;

    for (; *p && (depth > 0 || !isspace((unsigned char)*p)); p++)
        depth += (*p == '[') - (*p == ']');
    *at = *p ? p + 1 : p;
    *p = '\0';
    return begin;
}

static bool read_head(struct nfs_reader *r, char *text)
{
    struct nfs_rule *rule = r->rule;
    char *word[7];

    for (unsigned i = 0; i < 7; i++)
        word[i] = word_of(&text);
    if (!read_action(r, word[0]))
        return false;
    if (!*word[6] || *nfs_trim(text))
        return nfs_wrong(r, "before the options stand an action, a protocol, "
                            "addresses, ports, -> or <>, addresses, ports");
    rule->both = strcmp(word[4], "<>") == 0;
    if (!rule->both && strcmp(word[4], "->") != 0)
        return nfs_wrong(r, "expected -> or <>, found '%s'%s", word[4],
                         strcmp(word[4], "<-") == 0 ? ": turn the rule around"
                                                    : "");
    return read_proto(r, word[1]) &&
           nfs_set_read(r, word[2], false, &rule->src) &&
           nfs_set_read(r, word[3], true, &rule->sport) &&
           nfs_set_read(r, word[5], false, &rule->dst) &&
           nfs_set_read(r, word[6], true, &rule->dport);
}

/* ---- rules ---- */

static void rule_fini(struct nfs_rule *rule)
{
    nfs_set_fini(&rule->src);
    nfs_set_fini(&rule->sport);
    nfs_set_fini(&rule->dst);
    nfs_set_fini(&rule->dport);
    for (unsigned i = 0; i < rule->n_opts; i++)
        free(rule->opts[i].bytes);
    free(rule->opts);
    free(rule->msg);
    free(rule->refs);
    free(rule->metadata);
}

static bool room_for_rule(struct nfs_reader *r)
{
    struct nfs_rules *rs = r->rs;
    unsigned room = r->room ? r->room * 2 : 64;
    struct nfs_rule *more;

    if (rs->n == NFS_RULES_MAX)
        return nfs_wrong(r, "there are at most %d rules", NFS_RULES_MAX);
    if (rs->n == r->room) {
        more = realloc(rs->rules, room * sizeof(*more));
        if (!more)
            return nfs_wrong(r, "no memory");
        rs->rules = more;
        r->room = room;
    }
    r->rule = &rs->rules[rs->n];
    memset(r->rule, 0, sizeof(*r->rule));
    r->rule->line = r->line;
    r->rule->gid = r->rule->rev = 1;
    r->rule->fast = -1;
    return true;
}

static bool read_rule(struct nfs_reader *r, char *text)
{
    char *open = strchr(text, '('), *end;

    if (!room_for_rule(r))
        return false;
    end = text + strlen(text) - 1;
    if (!open || *end != ')') {
        r->lacks = false;
        *(open ? open : end + 1) = '\0';
        return read_action(r, word_of(&text)) &&
               nfs_wrong(r, "the options stand in parentheses at the end of "
                            "the line");
    }
    *open = *end = '\0';
    if (read_head(r, text) && nfs_options_read(r, open + 1) &&
        nfs_rule_check(r, r->rule)) {
        r->rs->n++;
        return true;
    }
    rule_fini(r->rule);
    return false;
}

/* ---- lines ---- */

static bool read_var(struct nfs_reader *r, char *text)
{
    char *name = word_of(&text), *value = nfs_trim(text);

    if (!*name || !*value)
        return nfs_wrong(r, "expected a name and what it stands for");
    return nfs_var_set(r, name, value, false);
}

/* config classification: name,text,priority */
static bool read_config(struct nfs_reader *r, char *text)
{
    char *what = nfs_word(&text, ':'), *name, *sentence;
    uint64_t priority;

    if (strcmp(what, "classification") != 0)
        return nfs_lacks(r, "'config %s' is not supported; remove the line",
                         what);
    name = nfs_word(&text, ',');
    sentence = nfs_word(&text, ',');
    if (!sentence || !text)
        return nfs_wrong(r, "expected config classification: "
                            "name,text,priority");
    return nfs_number(r, "priority", nfs_trim(text), 255, &priority) &&
           nfs_class_add(r->rs, name, sentence, (uint32_t)priority);
}

static bool begins(char **line, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(*line, word, n) != 0 || !isspace((unsigned char)(*line)[n]))
        return false;
    *line += n + 1;
    return true;
}

static void read_line(struct nfs_reader *r, char *line)
{
    bool good;

    line = nfs_trim(line);
    if (!*line || *line == '#')
        return;
    if (begins(&line, "var") || begins(&line, "ipvar") ||
        begins(&line, "portvar"))
        good = read_var(r, line);
    else if (begins(&line, "config"))
        good = read_config(r, line);
    else if (strncmp(line, "include", 7) == 0 ||
             strncmp(line, "preprocessor", 12) == 0 ||
             strncmp(line, "output", 6) == 0)
        good = nfs_lacks(r,
                         "'%.*s' is not supported; put all rules into this "
                         "file",
                         (int)strcspn(line, " \t"), line);
    else
        good = read_rule(r, line);
    if (!good)
        tell(r);
}

/* A line that ends in a backslash goes on in the next one. */
static void read_lines(struct nfs_reader *r, const char *text, uint32_t len)
{
    char *line = malloc(LINE_MAX_);
    unsigned number = 0, n = 0;
    uint32_t size;

    for (uint32_t at = 0; line && at < len; at += size + 1) {
        const char *end = memchr(text + at, '\n', len - at);

        size = end ? (uint32_t)(end - (text + at)) : len - at;
        number++;
        if (n == 0)
            r->line = number;
        if (n + size >= LINE_MAX_ - 1) {
            nfs_wrong(r, "a line has at most %d bytes", LINE_MAX_ - 2);
            tell(r);
            n = 0;
            continue;
        }
        memcpy(line + n, text + at, size);
        n += size;
        while (n > 0 && line[n - 1] == '\r')
            n--;
        line[n] = '\0';
        if (n > 0 && line[n - 1] == '\\' && end) {
            n--;
            continue;
        }
        n = 0;
        read_line(r, line);
    }
    free(line);
}

static bool read_vars(struct nfs_reader *r, const char *vars)
{
    char *text = strdup(vars), *at = text, *one, *name;
    bool good = text != NULL;

    while (good && at) {
        one = nfs_word(&at, ';');
        if (!*one)
            continue;
        name = nfs_word(&one, '=');
        if (!one || !*nfs_trim(one)) {
            snprintf(r->err, r->err_size,
                     "vars is \"NAME=VALUE; NAME=VALUE\", and not "
                     "'%s'",
                     name);
            good = false;
        } else {
            good = nfs_var_set(r, *name == '$' ? name + 1 : name, nfs_trim(one),
                               true);
        }
    }
    free(text);
    return good;
}

static int by_sid(const void *a, const void *b)
{
    const struct nfs_rule *x = *(struct nfs_rule *const *)a,
                          *y = *(struct nfs_rule *const *)b;

    if (x->gid != y->gid)
        return x->gid < y->gid ? -1 : 1;
    if (x->sid != y->sid)
        return x->sid < y->sid ? -1 : 1;
    return x->line < y->line ? -1 : 1;
}

static void check_sids(struct nfs_reader *r)
{
    struct nfs_rule **all = calloc(r->rs->n + 1, sizeof(struct nfs_rule *));

    for (unsigned i = 0; all && i < r->rs->n; i++)
        all[i] = &r->rs->rules[i];
    if (all)
        qsort(all, r->rs->n, sizeof(struct nfs_rule *), by_sid);
    for (unsigned i = 1; all && i < r->rs->n; i++)
        if (all[i]->gid == all[i - 1]->gid && all[i]->sid == all[i - 1]->sid) {
            r->line = all[i]->line;
            nfs_wrong(r, "sid %u is that of the rule of line %u", all[i]->sid,
                      all[i - 1]->line);
            tell(r);
        }
    free(all);
}

struct nfs_rules *nfs_rules_read(const char *text, uint32_t len,
                                 const char *vars, bool skip, char *err,
                                 size_t err_size)
{
    struct nfs_reader r = {.skip = skip, .err = err, .err_size = err_size};
    bool good = false;

    snprintf(err, err_size, "no memory");
    r.rs = calloc(1, sizeof(*r.rs));
    if (!r.rs)
        return NULL;
    nfs_vars_default(&r);
    if (nfs_classes_default(r.rs) && read_vars(&r, vars)) {
        read_lines(&r, text, len);
        check_sids(&r);
        good = r.n_err == 0 && r.rs->n > 0;
        if (r.n_err == 0 && r.rs->n == 0)
            snprintf(err, err_size, "there are no rules%s",
                     r.rs->n_skipped ? " but those skipped" : "");
    }
    if (r.n_err > ERRORS_MAX && r.err_at + 1 < err_size)
        snprintf(err + r.err_at, err_size - r.err_at, "\nand %u more mistakes",
                 r.n_err - ERRORS_MAX);
    nfs_vars_fini(&r);
    if (good) {
        nfs_rules_sort(r.rs);
        return r.rs;
    }
    nfs_rules_free(r.rs);
    return NULL;
}

void nfs_rules_free(struct nfs_rules *rs)
{
    for (unsigned i = 0; i < rs->n; i++)
        rule_fini(&rs->rules[i]);
    free(rs->rules);
    for (unsigned i = 0; i < rs->n_classes; i++) {
        free(rs->classes[i].name);
        free(rs->classes[i].text);
    }
    free(rs->classes);
    for (unsigned i = 0; i < rs->n_bits; i++)
        free(rs->bits[i]);
    free(rs);
}
