/* Proofs of the fast path find out a plan that is wrong. */
#include "base/arena.h"
#include "base/diag.h"
#include "emit/ctext.h"
#include "front/pass.h"
#include "ir/walk.h"
#include "plan/binding.h"
#include "plan/deps.h"
#include "plan/plan.h"
#include "sema/effect.h"
#include "sema/pass.h"
#include "tool/paths.h"
#include "unit.h"
#include "verify/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAIN "chain c (a <-> b) with flows(1k, idle = 1min, full = idle) = "
#define NAT                                                                    \
    "use std.net\nuse std.symmetric_nat\nuse std.monitor\n" CHAIN              \
    "SymmetricNat(outside = 203.0.113.7) as Nat -> Monitor\n"

/* Reads what translations change, which the plan sees, and goes step by step.
 */
#define READER                                                                 \
    "use std.net\nuse std.symmetric_nat\n"                                     \
    "nf Reader { flow n: u32\n on PKT (p, f) if p has tcp && "                 \
    "p.tcp.sport == p.tcp.window { n += 1 } }\n" CHAIN                         \
    "Reader -> SymmetricNat(outside = 203.0.113.7) as Nat\n"

/* Translates its flow while packets pass. */
#define LATER                                                                  \
    "use std.net\nnf Later { flow n: u8\n on PKT (p, f) if f.src in "          \
    "0.0.0.0/0 { n += 1\n if n == 2 { f.rewrite(src = (203.0.113.7, 80)) or "  \
    "drop \"no\" } } }\n" CHAIN "Later\n"

/* Asks a table, of UDP only; has a rule. */
#define ASKER                                                                  \
    "use std.net\nnf Asker { shared t: table[u3](8, timeout = never, full = "  \
    "oldest)\n flow n: u8\n on PKT/UDP (p, f) if u3(f.sport) in t { n += 1 }"  \
    "\n when n > 3 { drop flow \"many\" } }\n"                                 \
    "chain c (a <-> b) with flows(9, idle = 1s, full = idle, shards = 1) = "   \
    "Asker\n"

/* Asks, behind a translation, what is known with the flow. */
#define KEEPER                                                                 \
    "use std.net\nuse std.symmetric_nat\n"                                     \
    "nf Keeper(low: u16 = 9) { flow n, tag: u32\n"                             \
    "on FLOW/NEW (f) { tag = f.dport }\n"                                      \
    "on PKT (p, f) if f.sport < low || tag > 7 && f.dport == 80 { n += "       \
    "f.sport * 3 + p.len } }\n" CHAIN                                          \
    "SymmetricNat(outside = 203.0.113.7) as Nat -> Keeper\n"

/* Goes one of two ways, by what the flow's first packet tells, and another one
 * from its third packet on; the way back is the same. */
#define SORTER                                                                 \
    "use std.net\nuse std.symmetric_nat\n"                                     \
    "nf Sorter { exits web, rest\n flow n: u8\n"                               \
    "on FLOW/NEW (f) if f.dport == 80 { goto web }\n"                          \
    "on PKT { n += 1\n if n == 3 { goto flow rest } } }\n"                     \
    "nf Count { flow n: u32\n on PKT { n += 1 } }\n"                           \
    "nf Limit { on PKT (p) if p.len > 99 { drop \"long\" } }\n" CHAIN          \
    "SymmetricNat(outside = 203.0.113.7) as Nat -> Sorter { web -> Count\n"    \
    "rest -> Limit -> Count\n else -> next } -> Count as last\n"

/* The same with a way out, and a translation on one way only. */
#define LEAVER                                                                 \
    "use std.net\nuse std.symmetric_nat\n"                                     \
    "nf Sorter { exits web, rest\n"                                            \
    "on FLOW/NEW (f) { if f.dport == 80 { goto web }\n goto rest } }\n"        \
    "nf Count { flow n: u32\n on PKT { n += 1 } }\n" CHAIN                     \
    "Sorter { web -> Count -> out\n"                                           \
    "rest -> SymmetricNat(outside = 203.0.113.7) as Nat\n else -> next }"      \
    " -> Count as last\n"

/* Reads, behind new headers, what was in the packet that arrived. */
#define TAGGED                                                                 \
    "use std.net\nnf Tag { on PKT (p) { p.encap(vlan, id = 5) } }\n"           \
    "nf Reader { flow n: u32\n on PKT (p, f) if p has ip && p.ip.src == "      \
    "p.ip.dst { n += 1\n p.ip.ttl -= 1 } }\n" CHAIN "Tag -> Reader\n"

/* Adds headers and removes them again, with one in between. */
#define BETWEEN(handler)                                                       \
    "use std.net\nuse std.hdr.gre\n"                                           \
    "nf Tag { on PKT from inside (p) { p.encap(vlan, id = 5) } }\n"            \
    "nf Untag { on PKT from inside (p) { p.decap(vlan) or drop \"no tag\" } }" \
    "\nnf Gre { on PKT from inside (p) { p.encap(ip(src = 10.9.9.9, dst = "    \
    "10.9.9.8) / gre) } }\nnf Ungre { on PKT from inside (p) { p.decap(gre) }" \
    " }\nnf Between { split n: u64\n on PKT (p) " handler " }\n" CHAIN

#define TAGS  "Tag -> Between -> Untag\n"
#define GRES  "Gre -> Between -> Ungre\n"
#define COUNT "{ n += 1 }"

enum {
    AS_PLANNED = -1,
    ROW_IS_OLD = -2,
    KEPT_BEHIND = -3,
    ALL_CANCEL = -4, /* whatever is added and removed */
    NO_ROOM = -5,    /* headers cancel in frames that cannot grow */
    NO_CUT = -6,     /* what removing cuts off is not */
    NOT_THERE = -7,  /* nobody sees the headers that cancel */
};

struct result {
    enum verified verified;
    off_t pcap; /* bytes */
    char text[20000];
};

static void plan(struct unit *u)
{
    static void (*const passes[])(struct unit *) = {
#define PASS(name, field, dump, what) pass_##name,
#include "pass.def"
#undef PASS
    };

    for (unsigned i = 0; !u->plan; i++) {
        passes[i](u);
        assert_int_equal(diags_errors(u->diags), 0);
    }
}

/* The session keeps the condition of the last NF. */
static void keep_condition(struct arena *a, struct plan *p)
{
    struct plan_chain *c = p->chains.first;
    const struct plan_nf *n = c->nfs.last;
    const struct ir_handler *h = n->run[RAISE_PACKET].first->ir;
    struct row_slot *slot = ARENA_NEW(a, struct row_slot);

    slot->expr = h->when;
    slot->handler = h;
    slot->nf = n;
    LIST_ADD(&c->row[0].slots, slot);
    p->rows[0].slot[h->when->number] = slot;
}

struct cancel {
    struct ir_visit visit;
    struct row_map *map;
    bool is; /* all of them are not done; else nothing is cut off */
};

static void see_edit(struct ir_visit *v, const struct ir_stmt *s)
{
    struct cancel *c = (struct cancel *)v;

    if (s->op != IR_encap && s->op != IR_decap)
        return;
    if (c->is)
        c->map->skips[s->number] = true;
    else
        c->map->cuts[s->number] = NULL;
}

static void see_has(struct ir_visit *v, const struct ir_expr *e)
{
    ((struct cancel *)v)->map->there[e->number] = false;
}

/* Of what comes from the inside. */
static void cancel(struct plan *p, int mode)
{
    struct cancel c = {.map = &p->rows[0], .is = mode == ALL_CANCEL};
    struct plan_chain *chain = p->chains.first;
    const struct plan_nf *n;
    const struct ir_handler *h;

    if (mode == NOT_THERE)
        c.visit.expr = see_has;
    else if (mode != NO_ROOM)
        c.visit.stmt = see_edit;
    LIST_EACH (n, &chain->nfs)
        LIST_EACH (h, &n->ir->handlers)
            ir_walk_handler(&c.visit, h);
    chain->row[0].room = mode == NO_ROOM ? 0 : 60;
    if (mode == ALL_CANCEL)
        chain->fast[0] = (struct plan_fast){.mode = FAST_MERGED};
}

/* mode: of the plan, if it is not what the compiler decided. */
static void check(const char *program, int mode, enum wrong wrong,
                  struct result *r)
{
    struct arena *a = arena_new();
    char path[] = "/tmp/nfl-verify-XXXXXX.nfl";
    char pcap[] = "/tmp/nfl-verify-XXXXXX.pcap";
    int fd = mkstemps(path, 4), to_pcap = mkstemps(pcap, 5);
    struct unit u = {.arena = a,
                     .diags = diags_new(a),
                     .path = path,
                     .include = (const char *const[]){NULL},
                     .stdlib = paths_get()->stdlib,
                     .consolidate = true};
    const struct verify v = {.seconds = 60, .wrong = wrong, .pcap = pcap};
    FILE *to = fmemopen(r->text, sizeof(r->text), "w");
    unsigned side;

    memset(r->text, 0, sizeof(r->text));
    assert_true(fd >= 0);
    assert_int_equal(write(fd, program, strlen(program)), strlen(program));
    close(fd);
    plan(&u);
    for (side = 0; side < 2; side++) {
        struct plan_fast *f = &u.plan->chains.first->fast[side];

        if (mode >= 0)
            f->mode = (enum fast_mode)mode;
        f->rewrites &= mode != ROW_IS_OLD;
    }
    if (mode == KEPT_BEHIND)
        keep_condition(a, u.plan);
    if (mode <= ALL_CANCEL)
        cancel(u.plan, mode);
    r->verified = verify(&u, &v, to);
    fclose(to);
    r->pcap = lseek(to_pcap, 0, SEEK_END);
    close(to_pcap);
    unlink(pcap);
    unlink(path);
    arena_free(a);
    if (getenv("NFL_SHOW"))
        puts(r->text);
}

static void right_plans_are_proved(void **state)
{
    struct result r;

    (void)state;
    check(NAT, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from inside: proved (merged"));
    check(ASKER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    check(READER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from inside: proved (step by step"));
}

/* A reader behind whom it was translated before, and one in front. */
static void a_merge_past_a_reader_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(READER, FAST_MERGED, WRONG_EARLY, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "Reader.n: by the language"));
    check(READER, FAST_MERGED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "c from inside: proved"));
    assert_non_null(strstr(r.text, "c from outside: refuted"));
}

static void a_hop_that_is_left_out_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(NAT, AS_PLANNED, WRONG_HOP, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "Nat translates to "));
    assert_true(r.pcap > 24 + 16 + 14);
}

static void a_wrong_checksum_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(NAT, AS_PLANNED, WRONG_SUM, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "checksum tcp.sum: by the language"));
}

/* What the session keeps of checksums is of the translation before. */
static void an_old_row_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(LATER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    check(LATER, ROW_IS_OLD, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "checksum tcp.sum: by the language"));
    assert_non_null(strstr(r.text, "state:     Later.n = 1"));
}

static void a_wrong_value_of_a_flow_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(KEEPER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from inside: proved (merged"));
    check(KEEPER, AS_PLANNED, WRONG_ROW, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "Keeper.n: by the language"));
}

static void an_exit_followed_wrongly_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(SORTER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from inside: proved (merged"));
    check(LEAVER, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from outside: proved (step by step"));
    check(SORTER, AS_PLANNED, WRONG_EXIT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "by the language"));
    assert_true(r.pcap > 24 + 16 + 14);
    check(LEAVER, AS_PLANNED, WRONG_EXIT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, " runs: by the language"));
}

static void a_value_kept_behind_an_edit_is_refuted(void **state)
{
    struct result r;

    (void)state;
    check(TAGGED, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(
        strstr(r.text, "edits and sums make of headers is granted"));
    check(TAGGED, KEPT_BEHIND, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "Reader.n: by the language"));
    assert_true(r.pcap > 24 + 16 + 14);
}

static void refuted(const char *program, int mode, const char *by)
{
    struct result r;

    check(program, mode, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, by));
    assert_true(r.pcap > 24 + 16 + 14);
}

static void headers_that_cancel_are_proved(void **state)
{
    struct result r;

    (void)state;
    check(BETWEEN(COUNT) TAGS, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_non_null(strstr(r.text, "c from inside: proved (merged"));
    assert_null(strstr(r.text, "granted"));
    check(BETWEEN("if p has gre { n += 1 }") GRES, AS_PLANNED, WRONG_NOT, &r);
    assert_int_equal(r.verified, VERIFIED);
    assert_null(strstr(r.text, "granted"));
}

static void a_cancel_that_somebody_can_tell_is_refuted(void **state)
{
    (void)state;
    refuted(BETWEEN("{ if p.vlan.id == 5 { n += 1 } }") TAGS, ALL_CANCEL,
            "Between.n: by the language 1");
    refuted(BETWEEN("{ if p.eth.type == 0x8100 { n += 1 } }") TAGS, ALL_CANCEL,
            "Between.n: by the language 1");
    refuted(BETWEEN("{ n += p.len }") TAGS, ALL_CANCEL,
            "Between.n: by the language");
    refuted(BETWEEN("if p has ip { if p.ip.src == 10.9.9.9 { n += 1 } }") GRES,
            ALL_CANCEL, "Between.n: by the language");
    refuted(BETWEEN("if p has gre { n += 1 }") GRES, NOT_THERE,
            "Between.n: by the language 1");
}

/* Nor is all as it was behind one that adds and another one that removes. */
static void a_cancel_that_is_no_pair_is_refuted(void **state)
{
    (void)state;
    refuted(BETWEEN(COUNT) "Tag -> Between\n", ALL_CANCEL,
            "other headers than arrived: by the language yes");
    refuted(BETWEEN(COUNT) "Tag -> Gre -> Untag -> Ungre\n", ALL_CANCEL,
            "by the language");
    refuted(BETWEEN(COUNT) "Between -> Untag\n", ALL_CANCEL, "by the language");
    refuted(BETWEEN(COUNT) TAGS, NO_ROOM,
            "the packet passes: by the language no, by the plan yes");
    refuted(BETWEEN(COUNT) GRES, NO_CUT, "the length of the frame: by the ");
}

static void a_hop_behind_branches_is_not_left_out(void **state)
{
    struct result r;

    (void)state;
    check(SORTER, AS_PLANNED, WRONG_HOP, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
    assert_non_null(strstr(r.text, "Nat translates to "));
    check(SORTER, AS_PLANNED, WRONG_SUM, &r);
    assert_int_equal(r.verified, VERIFY_REFUTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_plans_are_proved),
        cmocka_unit_test(a_merge_past_a_reader_is_refuted),
        cmocka_unit_test(a_hop_that_is_left_out_is_refuted),
        cmocka_unit_test(a_wrong_checksum_is_refuted),
        cmocka_unit_test(an_old_row_is_refuted),
        cmocka_unit_test(a_wrong_value_of_a_flow_is_refuted),
        cmocka_unit_test(an_exit_followed_wrongly_is_refuted),
        cmocka_unit_test(a_value_kept_behind_an_edit_is_refuted),
        cmocka_unit_test(headers_that_cancel_are_proved),
        cmocka_unit_test(a_cancel_that_somebody_can_tell_is_refuted),
        cmocka_unit_test(a_cancel_that_is_no_pair_is_refuted),
        cmocka_unit_test(a_hop_behind_branches_is_not_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
