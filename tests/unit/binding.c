/* Binding times of expressions and statements of small programs. */
#include "base/arena.h"
#include "base/diag.h"
#include "front/pass.h"
#include "ir/walk.h"
#include "plan/binding.h"
#include "sema/effect.h"
#include "sema/pass.h"
#include "tool/paths.h"
#include "unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct program {
    struct unit unit;
    char path[32];
};

/* A chain of NFs A, B .. from the text of each, from left to right. */
static void compile(struct program *p, const char *nfs, const char *way)
{
    FILE *f;
    int fd;

    memset(p, 0, sizeof(*p));
    strcpy(p->path, "/tmp/nfl-binding-XXXXXX.nfl");
    fd = mkstemps(p->path, 4);
    assert_true(fd >= 0);
    f = fdopen(fd, "w");
    assert_non_null(f);
    fprintf(f,
            "use std.net\n%s\nchain c (left l <-> right r) with flows(64, idle "
            "= 1min, full = idle) = %s\n",
            nfs, way);
    fclose(f);
    p->unit.arena = arena_new();
    p->unit.diags = diags_new(p->unit.arena);
    p->unit.path = p->path;
    p->unit.include = (const char *const[]){NULL};
    p->unit.stdlib = paths_get()->stdlib;
    pass_load(&p->unit);
    pass_types(&p->unit);
    if (diags_errors(p->unit.diags))
        diags_print(p->unit.diags, stderr, true);
    assert_int_equal(diags_errors(p->unit.diags), 0);
    pass_effects(&p->unit);
    pass_ir(&p->unit);
    pass_binding(&p->unit);
}

static void done(struct program *p)
{
    unlink(p->path);
    arena_free(p->unit.arena);
}

struct find {
    struct ir_visit visit;
    enum ir_op op;
    unsigned skip;
    const struct ir_stmt *found;
};

static void look(struct ir_visit *v, const struct ir_stmt *s)
{
    struct find *f = (struct find *)v;

    if (s->op == f->op && !f->found && f->skip-- == 0)
        f->found = s;
}

/* The statement number n of that kind, in the order of the source. */
static const struct ir_stmt *stmt(const struct program *p, enum ir_op op,
                                  unsigned n)
{
    struct find f = {{NULL, look}, op, n, NULL};
    const struct ir_nf *nf;
    const struct ir_handler *h;

    LIST_EACH (nf, &p->unit.ir->chains.first->nfs)
        LIST_EACH (h, &nf->handlers)
            ir_walk_handler(&f.visit, h);
    assert_non_null(f.found);
    return f.found;
}

static const struct bound *bound(const struct program *p, enum ir_op op,
                                 unsigned n, unsigned side)
{
    return binding_of(p->unit.bindings, stmt(p, op, n), side);
}

/* The time of an expression of type u64, and of one of type bool. */
static enum time time_of(const char *expr, const char *cond)
{
    struct program p;
    char text[1024];
    enum time t;

    snprintf(text, sizeof(text),
             "nf A(par: u64 = 5) {\n flow once, never, late: u64\n split "
             "all: u64\n on FLOW/NEW { once = 7 }\n on PKT/TCP (p, f) {\n "
             "late += 1\n all += late\n if %s { p.tcp.window = u16(%s) }\n"
             "}\n}\n",
             cond, expr);
    compile(&p, text, "A");
    t = bound(&p, IR_store_field, 0, 0)->binding.time;
    done(&p);
    return t;
}

static void expressions(void **state)
{
    (void)state;
    assert_int_equal(time_of("17", "true"), TIME_CONFIG);
    assert_int_equal(time_of("par + 1", "true"), TIME_CONFIG);
    assert_int_equal(time_of("never", "true"), TIME_CONFIG);
    assert_int_equal(time_of("once * par", "true"), TIME_FLOW);
    assert_int_equal(time_of("f.dport ^ f.sport", "true"), TIME_FLOW);
    assert_int_equal(time_of("p.tcp.dport", "true"), TIME_FLOW);
    assert_int_equal(time_of("p.hash", "true"), TIME_FLOW);
    assert_int_equal(time_of("late", "true"), TIME_PACKET);
    assert_int_equal(time_of("all", "true"), TIME_PACKET);
    assert_int_equal(time_of("p.len", "true"), TIME_PACKET);
    assert_int_equal(time_of("p.tcp.seq", "true"), TIME_PACKET);
    assert_int_equal(time_of("once + p.tcp.seq", "true"), TIME_PACKET);
}

static void conditions(void **state)
{
    (void)state;
    assert_int_equal(time_of("17", "par > 4"), TIME_CONFIG);
    assert_int_equal(time_of("17", "f.dport == 1"), TIME_FLOW);
    assert_int_equal(time_of("once", "p has ip"), TIME_FLOW);
    assert_int_equal(time_of("17", "late > 4"), TIME_PACKET);
    assert_int_equal(time_of("17", "p.ip.ttl == 4"), TIME_PACKET);
    /* what the shape decides, whatever else is asked */
    assert_int_equal(time_of("17", "p has ip"), TIME_CONFIG);
    assert_int_equal(time_of("17", "p.in_flow"), TIME_CONFIG);
    assert_int_equal(time_of("17", "p has udp || f.dport == 1"), TIME_FLOW);
    assert_int_equal(time_of("17", "p has udp && late > 4"), TIME_NEVER);
    assert_int_equal(time_of("17", "p.ip.frag != 0 && late > 4"), TIME_NEVER);
    assert_int_equal(time_of("17", "p.malformed"), TIME_NEVER);
}

/* What a field holds depends on who wrote it before, on the way of the side. */
static void fields(void **state)
{
    struct program p;

    (void)state;
    compile(&p,
            "nf A { on PKT (p) if p has ip { p.ip.id = 5 } }\n"
            "nf B { on PKT (p) if p has ip { p.ip.ttl = u8(p.ip.id) } }\n"
            "nf C { on PKT (p) if p has ip { p.ip.dscp = u6(p.ip.ttl) } }\n"
            "nf D { on PKT (p, f) if f.dport == 1 && p has ip\n"
            " { p.ip.dscp = 1 } }\n"
            "nf E { split n: u32; on PKT (p) if p has ip\n"
            " { n += p.ip.dscp } }\n",
            "A -> B -> C -> D -> E");
    assert_int_equal(bound(&p, IR_store_field, 0, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_store_field, 1, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_store_field, 1, 1)->class, BOUND_RESIDUAL);
    assert_int_equal(bound(&p, IR_store_field, 2, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_store_field, 2, 1)->class, BOUND_RESIDUAL);
    assert_int_equal(bound(&p, IR_store_field, 3, 0)->binding.time, TIME_FLOW);
    /* E asks for what C and D wrote, on the way from the left only. */
    assert_non_null(bound(&p, IR_store_field, 3, 0)->clash);
    assert_string_equal(bound(&p, IR_store_field, 3, 0)->clash->text,
                        "reads ip.dscp");
    assert_non_null(bound(&p, IR_store_field, 2, 0)->clash);
    /* From the right B comes before A, and asks what arrived. */
    assert_null(bound(&p, IR_store_field, 0, 0)->clash);
    assert_null(bound(&p, IR_store_field, 0, 1)->clash);
    done(&p);
}

static void guarded(void **state)
{
    struct program p;
    const struct bound *b;

    (void)state;
    compile(&p,
            "nf A { flow n: u32; on PKT (p) { n += 1; if n > 5 { drop }\n"
            " if p.len > 5 { return }; if p has ip { p.ip.id = 1 } } }\n",
            "A");
    b = bound(&p, IR_drop, 0, 0);
    assert_int_equal(b->class, BOUND_GUARDED);
    assert_int_equal(b->flips.n, 1);
    assert_ptr_equal(b->flips.first->stmt, stmt(&p, IR_store_flow, 0));
    assert_false(b->asks_packet);
    /* behind a return that the packet decides on */
    b = bound(&p, IR_store_field, 0, 0);
    assert_int_equal(b->class, BOUND_RESIDUAL);
    assert_string_equal(b->binding.why->text, "reads the packet's len");
    done(&p);
}

/* Where packets translate their flow, others see no tuple that stays. */
static void translated(void **state)
{
    struct program p;
    const char *move =
        "nf A { on PKT (p, f) if p.len > 9 { f.rewrite(dst = (10.0.0.1, 1))\n"
        " or return; if f.dst == 10.0.0.2 { drop } } }\n"
        "nf B { on PKT (p, f) if f.dst == 10.0.0.2 { drop } }\n"
        "nf C { on PKT (p, f) if p.hash == 1 { drop } }\n";

    (void)state;
    compile(&p, move, "A -> B");
    assert_int_equal(bound(&p, IR_drop, 1, 0)->class, BOUND_RESIDUAL);
    assert_string_equal(bound(&p, IR_drop, 1, 0)->binding.why->text,
                        "asks the flow's tuple");
    done(&p);
    compile(&p, move, "B -> C");
    assert_int_equal(bound(&p, IR_drop, 0, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_drop, 1, 0)->class, BOUND_ACTION);
    done(&p);
}

/* A drop does not make what stands behind it a matter of the packet. */
static void behind_drop(void **state)
{
    struct program p;

    (void)state;
    compile(&p,
            "nf A { on PKT (p) { if p.len > 5 { drop }\n"
            " if p has ip { p.ip.id = 1 } } }\n"
            "nf B { on PKT from left (p) if p has ip { p.ip.ttl = 1 } }\n",
            "A -> B");
    assert_int_equal(bound(&p, IR_drop, 0, 0)->class, BOUND_RESIDUAL);
    assert_int_equal(bound(&p, IR_store_field, 0, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_store_field, 1, 0)->class, BOUND_ACTION);
    assert_int_equal(bound(&p, IR_store_field, 1, 1)->shapes, 0);
    done(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions), cmocka_unit_test(conditions),
        cmocka_unit_test(fields),      cmocka_unit_test(guarded),
        cmocka_unit_test(behind_drop), cmocka_unit_test(translated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
