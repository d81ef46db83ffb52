/* What the author may have meant by a wrong name of a packet. */
#include "sema/sema.h"
#include <ctype.h>

enum { PLACES = 3 };

/* Adds "p.tcp.dport" to "p.ip.src or p.ip6.src", as far as that helps. */
static void add_place(struct sema *s, const char **places, unsigned *n,
                      const char *place)
{
    if (++*n > PLACES)
        return;
    *places = *places ? arena_fmt(s->arena, "%s or %s", *places, place) : place;
}

/* Where headers have a field or a flag of this name. NULL: nowhere, or in so
 * many headers that it says nothing. */
static const char *places_of(struct sema *s, const char *packet,
                             const char *word)
{
    const char *places = NULL;
    const struct header *h;
    const struct field *f;
    const struct enumval *v;
    unsigned n = 0;

    LIST_EACH (h, &s->tree->headers) {
        LIST_EACH (f, &h->fields) {
            if (strcmp(f->name, word) == 0)
                add_place(
                    s, &places, &n,
                    arena_fmt(s->arena, "%s.%s.%s", packet, h->name, word));
            LIST_EACH (v, &f->flags)
                if (strcmp(v->name, word) == 0)
                    add_place(s, &places, &n,
                              arena_fmt(s->arena, "%s.%s.%s.%s", packet,
                                        h->name, f->name, word));
        }
    }
    return n <= PLACES ? places : NULL;
}

/* ipv4 is ip and length is len: the longest name that begins the word. */
static const char *beginning(struct sema *s, const char *word)
{
    const char *best = NULL;
    const struct header *h;
    const struct member *m;

    LIST_EACH (h, &s->tree->headers)
        if (strncmp(word, h->name, strlen(h->name)) == 0 &&
            (!best || strlen(h->name) > strlen(best)))
            best = h->name;
    LIST_EACH (m, &s->tree->packet->object->members)
        if (strncmp(word, m->name, strlen(m->name)) == 0 &&
            (!best || strlen(m->name) > strlen(best)))
            best = m->name;
    return best;
}

/* The same for what is called `word` in other tools. */
static const char *elsewhere(struct sema *s, const char *packet,
                             const char *word)
{
    const char *at = NULL, *name, *places = NULL;

    while (!places && (name = alias_next(s, word, &at)))
        places = places_of(s, packet, name);
    return places;
}

static bool has_field(const struct header *h, const char *name)
{
    const struct field *f;

    LIST_EACH (f, &h->fields)
        if (strcmp(f->name, name) == 0)
            return true;
    return false;
}

/* The fields of a header that `word` may mean in other tools; NULL: none. */
static const char *alias_in(struct sema *s, const struct header *h,
                            const char *word)
{
    const char *at = NULL, *name, *all = NULL;

    while ((name = alias_next(s, word, &at)))
        if (has_field(h, name))
            all = all ? arena_fmt(s->arena, "%s or %s", all, name) : name;
    return all;
}

void advise_packet(struct sema *s, struct diag *d, const char *packet,
                   const char *word)
{
    const char *places = places_of(s, packet, word), *near[256];
    const struct header *h;
    const struct member *m;
    unsigned n = 0;

    if (places) {
        diag_hint(d, "name its header: %s", places);
        return;
    }
    if (strncmp(word, "is_", 3) == 0 && header_named(s, word + 3)) {
        diag_hint(d, "write %s has %s", packet, word + 3);
        return;
    }
    if (advise_clock(d, word))
        return;
    for (h = s->tree->headers.first; h && n < 192; h = h->next)
        near[n++] = h->name;
    for (m = s->tree->packet->object->members.first; m && n < 256; m = m->next)
        near[n++] = m->name;
    if (hint_near(d, word, near, n))
        return;
    if (beginning(s, word)) {
        diag_hint(d, "did you mean '%s'?", beginning(s, word));
        return;
    }
    places = elsewhere(s, packet, word);
    if (places)
        diag_hint(d, "name its header: %s", places);
}

void advise_field(struct sema *s, struct diag *d, const struct header *h,
                  const char *word)
{
    const char *all = NULL, *alias = alias_in(s, h, word);
    const struct field *f;
    const struct enumval *v;

    LIST_EACH (f, &h->fields) {
        LIST_EACH (v, &f->flags) {
            if (strcmp(v->name, word) == 0) {
                diag_hint(d, "it is a flag: %s.%s.%s", h->name, f->name, word);
                return;
            }
        }
        all = all ? arena_fmt(s->arena, "%s, %s", all, f->name) : f->name;
    }
    if (alias)
        diag_hint(d, "it is called %s here", alias);
    else if (!HINT_NEAR(d, s, word, &h->fields))
        diag_note(d, "it has %s", all ? all : "none");
}

/* PKT/IP, where only the header is declared: its name, or NULL. */
static const char *header_in(struct sema *s, const char *path)
{
    const char *last = strrchr(path, '/');
    char *name = arena_str(s->arena, last ? last + 1 : path), *c;
    const struct header *h;

    for (c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    h = header_named(s, name);
    return h ? h->name : NULL;
}

/* The event whose path ends so: PKT/UDP for UDP. */
static const char *event_ending(struct sema *s, const char *word)
{
    const struct event *e;
    const char *last;

    LIST_EACH (e, &s->tree->events) {
        last = strrchr(e->path, '/');
        if (last && strcasecmp(last + 1, word) == 0)
            return e->path;
    }
    return NULL;
}

/* The event above PATH, if packets raise it. */
static const char *packets_above(struct sema *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    const struct event *e =
        slash
            ? event_named(s, arena_strn(s->arena, path, (size_t)(slash - path)))
            : NULL;

    return e && e->raiser == RAISE_PACKET ? e->path : NULL;
}

/* What it is called here, if the library says so. */
static const char *event_elsewhere(struct sema *s, const char *word)
{
    const char *at = NULL, *path;

    while ((path = alias_next(s, word, &at)))
        if (event_named(s, path))
            return path;
    return NULL;
}

void advise_event(struct sema *s, struct diag *d, const char *path)
{
    const char *header = header_in(s, path), *whole = event_ending(s, path);
    const char *above = packets_above(s, path), *near[128];
    const struct event *e;
    unsigned n = 0;

    LIST_EACH (e, &s->tree->events)
        if (n < 128)
            near[n++] = e->path;
    if (n == 0)
        diag_hint(d, "the events of packets and flows come with: use std.net");
    else if (whole)
        diag_hint(d, "did you mean '%s'?", whole);
    else if (header && above)
        diag_hint(d, "write: on %s (p) if p has %s", above, header);
    else if (event_elsewhere(s, path))
        diag_hint(d, "did you mean '%s'?", event_elsewhere(s, path));
    else if (!hint_near(d, path, near, n))
        diag_hint(d,
                  "an event of your own is declared beside the NFs: event "
                  "%s",
                  path);
}
