/* What bytes a source may hold: UTF-8 without control characters, and without
 * the marks that make an editor show text in another order than it has. */
#include "front/scan.h"

#include "base/diag.h"

/* The code point at p and its length; 0 if it is not UTF-8. */
static unsigned decode(const unsigned char *p, size_t room, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4, i;

    *point = p[0];
    if (n == 1)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4 || room < n)
        return 0;
    *point = p[0] & (0x7fu >> n);
    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *point = *point << 6 | (p[i] & 0x3f);
    }
    if (*point < least[n] || *point > 0x10ffff ||
        (*point >= 0xd800 && *point <= 0xdfff))
        return 0;
    return n;
}

static bool is_control(uint32_t c, const unsigned char *next)
{
    if (c == '\r')
        return *next != '\n';
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0);
}

static bool is_bidi(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

bool utf8_check(struct diags *d, const struct source *src)
{
    const unsigned char *text = (const unsigned char *)src->text;
    size_t off = 0;
    uint32_t c;
    unsigned n;

    for (; off < src->size; off += n) {
        struct loc at = {src, (uint32_t)off, 1};

        n = decode(text + off, src->size - off, &c);
        if (n == 0)
            diag_error(d, at, "the file is not UTF-8: byte 0x%02x", text[off]);
        else if (is_control(c, text + off + 1))
            diag_error(d, at, "the file holds a control character, 0x%02x",
                       (unsigned)c);
        else if (is_bidi(c))
            diag_error(d, at, "the file holds U+%04X, which reorders text",
                       (unsigned)c);
        else
            continue;
        return false;
    }
    return true;
}
