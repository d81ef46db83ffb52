#include "tool/diag_json.h"

#include <string.h>

static json_t *part_json(const struct diag_part *p)
{
    json_t *o = json_pack("{s:s}", "text", p->text);
    struct linecol lc = loc_linecol(p->at);

    if (*p->code)
        json_object_set_new(o, "code", json_string(p->code));
    if (p->at.src) {
        json_object_set_new(o, "file", json_string(p->at.src->path));
        json_object_set_new(o, "line", json_integer(lc.line));
        json_object_set_new(o, "column", json_integer(lc.col));
        json_object_set_new(o, "length", json_integer(p->at.len));
    }
    return o;
}

static void add(void *arg, const struct diag_part *p)
{
    json_t *all = arg, *last = NULL;

    if (json_array_size(all))
        last = json_array_get(all, json_array_size(all) - 1);
    if (last && strcmp(p->what, "note") == 0) {
        json_array_append_new(json_object_get(last, "notes"), part_json(p));
    } else if (last && strcmp(p->what, "hint") == 0) {
        json_array_append_new(json_object_get(last, "hints"),
                              json_string(p->text));
    } else {
        last = part_json(p);
        json_object_set_new(last, "severity", json_string(p->what));
        json_object_set_new(last, "notes", json_array());
        json_object_set_new(last, "hints", json_array());
        json_array_append_new(all, last);
    }
}

json_t *diag_json(const struct diags *d, bool remarks)
{
    json_t *all = json_array();

    diags_each(d, remarks, add, all);
    return all;
}
