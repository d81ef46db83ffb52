#include "plan/rule.h"

enum scope { SCOPE_SAME, SCOPE_PACKET, SCOPE_ANY };

struct rule {
    bool there;
    enum scope scope;
    enum need need;
};

static const struct rule rules[ACT_N][ACT_N] = {
#define RULE(first, second, scope, need)                                       \
    [ACT_##first][ACT_##second] = {true, SCOPE_##scope, NEED_##need},
#include "plan/rule.def"
#undef RULE
};

const char *const answer_name[] = {"parallel", "copy", "ordered"};

static bool in_packet(const struct act *a)
{
    return a->of == OF_FIELD || a->of == OF_PAYLOAD || a->of == OF_FRAME;
}

static bool can_be_copied(const struct act *a)
{
    return in_packet(a) || a->of == OF_TUPLE;
}

static enum need need_of(const struct act *a, const struct act *b)
{
    const struct rule *r = &rules[a->kind][b->kind];

    if (!r->there ||
        (r->scope == SCOPE_SAME && (a->of != b->of || a->id != b->id)) ||
        (r->scope == SCOPE_PACKET && (!in_packet(a) || !in_packet(b))))
        return NEED_NOTHING;
    return r->need == NEED_COPY && !can_be_copied(a) ? NEED_ORDER : r->need;
}

bool acts_touch(const acts *a, enum act_of of)
{
    const struct act *i;

    LIST_EACH (i, a)
        if (i->of == of)
            return true;
    return false;
}

void rule_pair(const acts *first, const acts *second, struct dep *to)
{
    const struct act *a, *b;

    *to = (struct dep){0};
    LIST_EACH (a, first)
        LIST_EACH (b, second) {
            struct conflict *c = &to->why[need_of(a, b)];

            if (!c->first)
                *c = (struct conflict){a, b};
        }
    if (to->why[NEED_COPY].first)
        to->answer = ANSWER_COPY;
    if (to->why[NEED_ORDER].first)
        to->answer = ANSWER_ORDERED;
    to->buffered = to->answer;
    if (to->why[NEED_VERDICT].first)
        to->answer = ANSWER_ORDERED;
    to->whole = acts_touch(first, OF_PAYLOAD) && acts_touch(second, OF_PAYLOAD);
}
