/* What was found, for people and for programs. */
#include <jansson.h>
#include <nfl/host.h>
#include <stdlib.h>
#include <string.h>

static const char *const state_names[] = {
    [NFL_HOST_GOOD] = "ok",
    [NFL_HOST_NOTE] = "note",
    [NFL_HOST_BAD] = "bad",
};

void nfl_host_text(const struct nfl_host *h, FILE *to)
{
    int width = 0, n;
    unsigned i;

    for (i = 0; i < h->n; i++) {
        n = (int)strlen(h->v[i].check);
        width = n > width ? n : width;
    }
    for (i = 0; i < h->n; i++) {
        const struct nfl_host_finding *f = &h->v[i];

        fprintf(to, "%-4s  %-*s  %s\n", state_names[f->state], width, f->check,
                f->text);
        if (*f->mend)
            fprintf(to, "%*smend it with: %s\n", width + 8, "", f->mend);
    }
}

static json_t *json_finding(const struct nfl_host_finding *f)
{
    return json_pack("{s:s, s:s, s:s, s:o}", "check", f->check, "state",
                     state_names[f->state], "text", f->text, "mend",
                     *f->mend ? json_string(f->mend) : json_null());
}

bool nfl_host_json(const struct nfl_host *h, FILE *to)
{
    json_t *all = json_array(), *o = NULL;
    char *text = NULL;
    bool lost = h->full;
    unsigned i;

    for (i = 0; i < h->n; i++)
        lost |= json_array_append_new(all, json_finding(&h->v[i])) != 0;
    if (!lost)
        o = json_pack("{s:b, s:O}", "ok", !nfl_host_bad(h), "checks", all);
    if (o)
        text = json_dumps(o, JSON_INDENT(2));
    if (text)
        fprintf(to, "%s\n", text);
    free(text);
    json_decref(o);
    json_decref(all);
    return text != NULL;
}
