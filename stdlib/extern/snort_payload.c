/* Options that look into bytes: contents with their modifiers, expressions,
 * numbers, and the buffers of HTTP. */
#include "snort_read.h"

#include <ctype.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct nfs_opt *new_opt(struct nfs_reader *r, enum nfs_kind kind)
{
    struct nfs_rule *rule = r->rule;
    struct nfs_opt *more, *o;

    if (rule->n_opts == NFS_OPTS_MAX) {
        nfs_wrong(r, "a rule looks for at most %d things", NFS_OPTS_MAX);
        return NULL;
    }
    if (rule->n_opts == r->opts_room) {
        r->opts_room += 8;
        more = realloc(rule->opts, r->opts_room * sizeof(*more));
        if (!more) {
            nfs_wrong(r, "no memory");
            return NULL;
        }
        rule->opts = more;
    }
    o = &rule->opts[rule->n_opts++];
    memset(o, 0, sizeof(*o));
    o->kind = kind;
    o->buffer = r->sticky;
    return o;
}

/* ---- contents ---- */

static int hex(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Behind a |, up to the next one. */
static const char *hex_bytes(const char *p, uint8_t *to, unsigned *n)
{
    while (*p && *p != '|') {
        if (*p == ' ') {
            p++;
            continue;
        }
        if (hex(p[0]) < 0 || hex(p[1]) < 0 || *n == NFS_PATTERN_MAX)
            return NULL;
        to[(*n)++] = (uint8_t)(hex(p[0]) << 4 | hex(p[1]));
        p += 2;
    }
    return *p ? p + 1 : NULL;
}

bool nfs_hex_text(struct nfs_reader *r, const char *text, uint8_t *to,
                  unsigned *len)
{
    *len = 0;
    while (text && *text) {
        if (*text == '|') {
            text = hex_bytes(text + 1, to, len);
            continue;
        }
        if (*text == '\\' && text[1])
            text++;
        if (*len == NFS_PATTERN_MAX)
            return nfs_wrong(r, "a content has at most %d bytes",
                             NFS_PATTERN_MAX);
        to[(*len)++] = (uint8_t)*text++;
    }
    if (!text)
        return nfs_wrong(r, "content: between | and | stand pairs of hex "
                            "digits");
    return *len > 0 || nfs_wrong(r, "a content is empty");
}

/* The text in quotes, with a ! before it or not; *rest is what is behind. */
static char *quoted(struct nfs_reader *r, const char *name, char *value,
                    bool * not, char **rest)
{
    char *p;

    *not = value && *value == '!';
    if (*not)
        value = nfs_trim(value + 1);
    if (!value || *value != '"') {
        nfs_wrong(r, "%s: expected a text in quotes", name);
        return NULL;
    }
    for (p = value + 1; *p && *p != '"'; p++)
        if (*p == '\\' && p[1])
            p++;
    if (!*p) {
        nfs_wrong(r, "%s: expected a quote at the end", name);
        return NULL;
    }
    *p = '\0';
    *rest = nfs_trim(p + 1);
    return value + 1;
}

/* content:"x", nocase, offset 3 */
static bool inline_modifiers(struct nfs_reader *r, char *rest)
{
    while (rest && *rest) {
        char *word = nfs_word(&rest, ','), *value;
        nfs_option_fn *fn;

        if (!*word)
            continue;
        value = strpbrk(word, " \t");
        if (value)
            *value++ = '\0';
        fn = nfs_payload_option(word);
        if (!fn)
            return nfs_wrong(r, "content: '%s' is no modifier", word);
        if (!fn(r, word, value ? nfs_trim(value) : NULL))
            return false;
    }
    return true;
}

static bool read_content(struct nfs_reader *r, const char *name, char *value)
{
    uint8_t bytes[NFS_PATTERN_MAX];
    struct nfs_opt *o;
    unsigned len;
    char *rest, *text;
    bool not;

    text = quoted(r, name, value, &not, &rest);
    if (!text || !nfs_hex_text(r, text, bytes, &len))
        return false;
    o = new_opt(r, NFS_CONTENT);
    if (!o)
        return false;
    if (strcmp(name, "uricontent") == 0)
        o->buffer = NFS_URI;
    o->not = not;
    o->len = len;
    o->bytes = malloc(len);
    if (!o->bytes)
        return nfs_wrong(r, "no memory");
    memcpy(o->bytes, bytes, len);
    r->last = (int)r->rule->n_opts - 1;
    return inline_modifiers(r, rest);
}

static struct nfs_opt *last(struct nfs_reader *r, const char *name)
{
    if (r->last >= 0)
        return &r->rule->opts[r->last];
    nfs_wrong(r, "%s: there is no content before it", name);
    return NULL;
}

static bool signed_number(struct nfs_reader *r, const char *name, char *text,
                          int32_t *to)
{
    bool negative = text && *text == '-';
    uint64_t n;

    if (!text || !*text)
        return nfs_wrong(r, "%s: expected a number", name);
    if (isalpha((unsigned char)*text))
        return nfs_lacks(r,
                         "%s: the variable '%s' (byte_extract) is not "
                         "supported",
                         name, text);
    if (!nfs_number(r, name, text + negative, 65535, &n))
        return false;
    *to = negative ? -(int32_t)n : (int32_t)n;
    return true;
}

static bool read_place(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_opt *o = last(r, name);
    int32_t n;

    if (!o || !signed_number(r, name, value, &n))
        return false;
    if (strcmp(name, "distance") == 0) {
        o->distance = n;
        o->relative = true;
        return true;
    }
    if (n < 0)
        return nfs_wrong(r, "%s: a number below 0", name);
    if (strcmp(name, "offset") == 0) {
        o->offset = n;
        o->has_offset = true;
    } else if (strcmp(name, "depth") == 0) {
        o->depth = n;
        o->has_depth = true;
    } else {
        o->within = n;
        o->has_within = o->relative = true;
    }
    return true;
}

static bool read_modifier(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_opt *o = last(r, name);

    if (!o)
        return false;
    if (strcmp(name, "fast_pattern") == 0)
        o->fast = true;
    else if (value && *value)
        return nfs_wrong(r, "%s: expected no value", name);
    else if (strcmp(name, "nocase") == 0)
        o->nocase = true;
    else if (strcmp(name, "startswith") == 0)
        o->starts = true;
    else
        o->ends = true;
    return true;
}

/* ---- buffers ---- */

static const struct {
    const char *old, *name;
} buffers[NFS_BUFFERS] = {
    [NFS_RAW] = {"pkt_data", "pkt_data"},
    [NFS_URI] = {"http_uri", "http.uri"},
    [NFS_RAW_URI] = {"http_raw_uri", "http.uri.raw"},
    [NFS_METHOD] = {"http_method", "http.method"},
    [NFS_HEADER] = {"http_header", "http.header"},
    [NFS_COOKIE] = {"http_cookie", "http.cookie"},
    [NFS_HOST] = {"http_host", "http.host"},
    [NFS_AGENT] = {"http_user_agent", "http.user_agent"},
    [NFS_STAT_CODE] = {"http_stat_code", "http.stat_code"},
    [NFS_STAT_MSG] = {"http_stat_msg", "http.stat_msg"},
    [NFS_BODY] = {"http_client_body", "http.request_body"},
    [NFS_REPLY_BODY] = {"file_data", "http.response_body"},
};

static bool is_sticky(const char *name)
{
    return strchr(name, '.') || strcmp(name, "pkt_data") == 0 ||
           strcmp(name, "file_data") == 0;
}

/* A modifier of the content before it, as in Snort 2; before the first one, and
 * with a dot, it is where all that follows looks. */
static bool read_buffer(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_opt *o;
    unsigned i;

    for (i = 0; strcmp(name, buffers[i].old) != 0 &&
                strcmp(name, buffers[i].name) != 0;)
        i++;
    if (value && *value)
        return nfs_wrong(r, "%s: expected no value", name);
    if (is_sticky(name) || r->last < 0 || r->sticky != NFS_RAW) {
        r->sticky = (enum nfs_buffer)i;
        return true;
    }
    o = last(r, name);
    if (o->buffer != NFS_RAW)
        return nfs_wrong(r, "%s: its content is in '%s' already", name,
                         buffers[o->buffer].old);
    o->buffer = (enum nfs_buffer)i;
    return true;
}

/* ---- expressions ---- */

static const struct {
    char letter;
    enum nfs_buffer buffer;
} pcre_buffers[] = {
    {'U', NFS_URI},       {'I', NFS_RAW_URI},   {'P', NFS_BODY},
    {'H', NFS_HEADER},    {'M', NFS_METHOD},    {'C', NFS_COOKIE},
    {'S', NFS_STAT_CODE}, {'Y', NFS_STAT_MSG},  {'W', NFS_HOST},
    {'V', NFS_AGENT},     {'Q', NFS_REPLY_BODY}};

static bool pcre_flag(struct nfs_reader *r, struct nfs_opt *o, char letter,
                      bool *anchored, bool *blanks)
{
    for (unsigned i = 0; i < sizeof(pcre_buffers) / sizeof(*pcre_buffers); i++)
        if (letter == pcre_buffers[i].letter) {
            o->buffer = pcre_buffers[i].buffer;
            return true;
        }
    switch (letter) {
    case 'i':
        o->flags |= HS_FLAG_CASELESS;
        return true;
    case 's':
        o->flags |= HS_FLAG_DOTALL;
        return true;
    case 'm':
        o->flags |= HS_FLAG_MULTILINE;
        return true;
    case 'x':
        *blanks = true;
        return true;
    case 'A':
        *anchored = true;
        return true;
    case 'R':
        o->relative = true;
        return true;
    case 'G': /* all ends are tried */
    case 'B':
    case 'O':
        return true;
    }
    return nfs_lacks(r,
                     "pcre: the flag '%c' is not supported; there are "
                     "ismxAGRBO and UIPHMCSYWVQ",
                     letter);
}

/* Whether Vectorscan takes it. */
static bool pcre_try(struct nfs_reader *r, const struct nfs_opt *o)
{
    hs_compile_error_t *wrong = NULL;
    hs_expr_info_t *info = NULL;

    if (hs_expression_info((const char *)o->bytes, o->flags, &info, &wrong) ==
        HS_SUCCESS) {
        free(info);
        return true;
    }
    nfs_lacks(r, "pcre: Vectorscan does not take this expression: %s",
              wrong ? wrong->message : "no memory");
    hs_free_compile_error(wrong);
    return false;
}

static bool read_pcre(struct nfs_reader *r, const char *name, char *value)
{
    bool not, anchored = false, blanks = false;
    char *rest, *text = quoted(r, name, value, &not, &rest), *end, *made;
    struct nfs_opt *o;

    if (!text)
        return false;
    end = strrchr(text, '/');
    if (*text != '/' || end == text || *rest)
        return nfs_wrong(r, "pcre: expected \"/EXPRESSION/FLAGS\"");
    o = new_opt(r, NFS_PCRE);
    if (!o)
        return false;
    o->not = not;
    o->flags = HS_FLAG_ALLOWEMPTY;
    for (const char *p = end + 1; *p; p++)
        if (!pcre_flag(r, o, *p, &anchored, &blanks))
            return false;
    *end = '\0';
    if (asprintf(&made, anchored ? "%s\\A(?:%s)" : "%s%s", blanks ? "(?x)" : "",
                 text + 1) < 0)
        return nfs_wrong(r, "no memory");
    o->bytes = (uint8_t *)made;
    o->len = (unsigned)strlen(made);
    r->last = -1;
    return pcre_try(r, o);
}

/* ---- numbers ---- */

static bool read_op(struct nfs_reader *r, struct nfs_opt *o, char *text)
{
    static const char *const ops[] = {
        [NFS_EQ] = "=",  [NFS_LT] = "<",  [NFS_GT] = ">", [NFS_LE] = "<=",
        [NFS_GE] = ">=", [NFS_AND] = "&", [NFS_OR] = "^",
    };

    o->not = *text == '!';
    text = nfs_trim(text + o->not);
    if (o->not&&!*text)
        return true; /* "!" alone: not equal */
    for (unsigned i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (strcmp(text, ops[i]) == 0) {
            o->op = (enum nfs_op)i;
            return true;
        }
    return nfs_wrong(r, "byte_test: '%s' is none of = < > <= >= & ^", text);
}

static bool number_word(struct nfs_reader *r, struct nfs_opt *o, char *word)
{
    static const char *const lacking[] = {"dce", "bitmask", "from_end"};
    uint64_t n;

    if (strcmp(word, "relative") == 0)
        o->relative = true;
    else if (strcmp(word, "little") == 0)
        o->little = true;
    else if (strcmp(word, "string") == 0)
        o->base = o->base ? o->base : 10;
    else if (strcmp(word, "hex") == 0)
        o->base = 16;
    else if (strcmp(word, "dec") == 0)
        o->base = 10;
    else if (strcmp(word, "oct") == 0)
        o->base = 8;
    else if (strcmp(word, "align") == 0)
        o->align = true;
    else if (strcmp(word, "from_beginning") == 0)
        o->from_begin = true;
    else if (strncmp(word, "multiplier ", 11) == 0) {
        if (!nfs_number(r, "multiplier", nfs_trim(word + 11), 65535, &n))
            return false;
        o->multiplier = (uint32_t)n;
    } else if (strncmp(word, "post_offset ", 12) == 0)
        return signed_number(r, "post_offset", nfs_trim(word + 12), &o->post);
    else if (strcmp(word, "big") != 0) {
        for (unsigned i = 0; i < 3; i++)
            if (strncmp(word, lacking[i], strlen(lacking[i])) == 0)
                return nfs_lacks(r,
                                 "byte_test and byte_jump: '%s' is not "
                                 "supported",
                                 lacking[i]);
        return nfs_wrong(r, "byte_test and byte_jump: what is '%s'?", word);
    }
    return true;
}

static bool read_byte(struct nfs_reader *r, const char *name, char *value)
{
    bool test = strcmp(name, "byte_test") == 0;
    struct nfs_opt *o = new_opt(r, test ? NFS_BYTE_TEST : NFS_BYTE_JUMP);
    char *word[4] = {NULL};
    uint64_t n;

    if (!o)
        return false;
    r->last = -1;
    o->multiplier = 1;
    for (unsigned i = test ? 0 : 2; i < 4; i++) {
        if (i == 2 && !test)
            word[0] = nfs_word(&value, ',');
        else
            word[i] = nfs_word(&value, ',');
        if (!value && i < 3)
            return nfs_wrong(r, "%s: expected %s", name,
                             test ? "bytes, operator, value, offset"
                                  : "bytes, offset");
    }
    if (!word[3] || !*word[3])
        return nfs_wrong(r, "%s: expected an offset", name);
    if (!nfs_number(r, name, word[0], 20, &n))
        return false;
    o->count = (uint8_t)n;
    if (test) {
        if (isalpha((unsigned char)*word[2]))
            return nfs_lacks(r,
                             "byte_test: the variable '%s' (byte_extract) "
                             "is not supported",
                             word[2]);
        if (!read_op(r, o, word[1]) ||
            !nfs_number(r, name, word[2], UINT64_MAX, &o->value))
            return false;
    }
    if (!signed_number(r, name, word[3], &o->offset))
        return false;
    while (value)
        if (!number_word(r, o, nfs_word(&value, ',')))
            return false;
    if (o->count == 0 || (!o->base && o->count > 8))
        return nfs_wrong(r, "%s: a number has 1 to 8 bytes, or 20 digits",
                         name);
    return true;
}

static bool read_is_data_at(struct nfs_reader *r, const char *name, char *value)
{
    struct nfs_opt *o = new_opt(r, NFS_IS_DATA_AT);
    char *word = value ? nfs_word(&value, ',') : NULL;

    if (!o)
        return false;
    r->last = -1;
    if (!word || !*word)
        return nfs_wrong(r, "%s: expected a number", name);
    o->not = *word == '!';
    if (!signed_number(r, name, nfs_trim(word + o->not), &o->offset))
        return false;
    while (value) {
        word = nfs_word(&value, ',');
        if (strcmp(word, "relative") == 0)
            o->relative = true;
        else if (strcmp(word, "rawbytes") != 0)
            return nfs_wrong(r, "%s: what is '%s'?", name, word);
    }
    return true;
}

nfs_option_fn *nfs_payload_option(const char *name)
{
    static const struct {
        const char *name;
        nfs_option_fn *fn;
    } all[] = {
        {"uricontent", read_content},  {"content", read_content},
        {"nocase", read_modifier},     {"fast_pattern", read_modifier},
        {"startswith", read_modifier}, {"endswith", read_modifier},
        {"offset", read_place},        {"depth", read_place},
        {"distance", read_place},      {"within", read_place},
        {"pcre", read_pcre},           {"byte_test", read_byte},
        {"byte_jump", read_byte},      {"isdataat", read_is_data_at},
    };

    for (unsigned i = 0; i < NFS_BUFFERS; i++)
        if (strcmp(name, buffers[i].old) == 0 ||
            strcmp(name, buffers[i].name) == 0)
            return read_buffer;
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(name, all[i].name) == 0)
            return all[i].fn;
    return NULL;
}
