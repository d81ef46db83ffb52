#include "base/codes.h"

#include <ctype.h>
#include <string.h>

struct error_message {
    const char *format;
    unsigned code;
};

struct error_entry {
    char kind; /* E: error, W: warning */
    unsigned code;
    const char *text; /* its messages, one a line, and what they mean */
};

#include "base/codes.inc"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

unsigned code_of(const char *format)
{
    for (size_t i = 0; i < COUNT(error_messages); i++)
        if (strcmp(error_messages[i].format, format) == 0)
            return error_messages[i].code;
    return 0;
}

unsigned code_number(const char *text)
{
    unsigned n = 0;

    if (*text && strchr("EeWw", *text))
        text++;
    if (strlen(text) > 4)
        return 0;
    for (; isdigit((unsigned char)*text); text++)
        n = 10 * n + (unsigned)(*text - '0');
    return *text ? 0 : n;
}

int code_explain(unsigned code, FILE *to)
{
    for (size_t i = 0; i < COUNT(error_entries); i++) {
        if (error_entries[i].code != code)
            continue;
        fprintf(to, "%c%04u\n%s", error_entries[i].kind, code,
                error_entries[i].text);
        return 1;
    }
    return 0;
}

void code_list(FILE *to)
{
    for (size_t i = 0; i < COUNT(error_entries); i++) {
        const struct error_entry *e = &error_entries[i];
        const char *text = strchr(e->text, ':') + 2; /* behind "error" */

        fprintf(to, "%c%04u  %.*s\n", e->kind, e->code,
                (int)strcspn(text, "\n"), text);
    }
}
