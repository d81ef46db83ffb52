/* The interpreter's headers and checksums, with the declarations of the
 * standard library. */
#include "base/arena.h"
#include "base/diag.h"
#include "front/pass.h"
#include "interp/packet.h"
#include "sema/pass.h"
#include "tool/paths.h"
#include "unit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP = 6, UDP = 17, ICMP = 1 };

static struct unit unit;
static uint8_t frame[512], arrived[512];
static struct packet packet;

/* ---- making frames ---- */

static size_t put(size_t at, const char *hex)
{
    for (; hex[0] && hex[1]; hex += hex[0] == ' ' ? 1 : 2) {
        char two[3] = {hex[0], hex[1], 0};

        if (hex[0] != ' ')
            frame[at++] = (uint8_t)strtoul(two, NULL, 16);
    }
    return at;
}

static size_t put_eth(unsigned tags, const char *type)
{
    size_t at = put(0, "020000000002 020000000001");

    while (tags-- > 0)
        at = put(at, "8100 2001");
    return put(at, type);
}

/* 10.0.0.1 > 198.51.100.2 with `options` words, then `rest` bytes. */
static size_t put_ip(size_t at, unsigned proto, unsigned options, size_t rest)
{
    size_t size = 20 + 4 * options;

    put(at, "45000000 12340000 40060000 0a000001 c6336402");
    frame[at] = (uint8_t)(0x45 + options);
    frame[at + 2] = (uint8_t)((size + rest) >> 8);
    frame[at + 3] = (uint8_t)(size + rest);
    frame[at + 9] = (uint8_t)proto;
    return at + size;
}

/* Parses n bytes from a block of just that size: sanitizers look on. */
static void parse(size_t n)
{
    free(packet.bytes);
    memset(&packet, 0, sizeof(packet));
    packet.bytes = malloc(n ? n : 1);
    assert_non_null(packet.bytes);
    memcpy(packet.bytes, frame, n);
    memcpy(arrived, frame, n);
    packet.arrived = arrived;
    packet.len = n;
    packet_parse(&packet, unit.tree);
}

static const struct header *header(const char *name)
{
    const struct header *h;

    LIST_EACH (h, &unit.tree->headers) {
        if (strcmp(h->name, name) == 0)
            return h;
    }
    fail();
    return NULL;
}

static bool has(const char *name)
{
    return packet_layer(&packet, header(name)) != NULL;
}

static void set(const char *name, const char *field, num_t value)
{
    const struct layer *l = packet_layer(&packet, header(name));
    const struct field *f;

    assert_non_null(l);
    LIST_EACH (f, &l->header->fields) {
        if (strcmp(f->name, field) == 0) {
            layer_set(&packet, l, f, value);
            return;
        }
    }
    fail();
}

/* ---- headers ---- */

static void bits(void **state)
{
    uint8_t b[4] = {0xff, 0x00, 0xff, 0x00};

    (void)state;
    assert_int_equal(bits_get(b, 4, 8), 0xf0);
    assert_int_equal(bits_get(b, 7, 3), 4);
    bits_set(b, 6, 13, 0x0ace);
    assert_int_equal(bits_get(b, 6, 13), 0x0ace);
    assert_int_equal(bits_get(b, 0, 6), 0x3f);
    assert_int_equal(bits_get(b, 19, 13), 0x1f00);
}

/* An IPv4 packet cut at each byte: what is there, and whether it has a flow. */
static void truncated(void **state)
{
    size_t l4 = put_ip(put_eth(0, "0800"), TCP, 0, 24);
    size_t end = put(l4, "1388 0035 00000001 00000002 6002 0400 0000 0000"
                         "02040102");

    (void)state;
    for (size_t n = 0; n <= end; n++) {
        parse(n);
        assert_int_equal(packet.malformed, n < end);
        assert_int_equal(packet.has_flow, n == end);
        assert_int_equal(packet.n_layers, (n >= 14) + 2 * (n == end));
    }
    assert_int_equal(packet.tuple.src, 0x0a000001);
    assert_int_equal(packet.tuple.dst, 0xc6336402);
    assert_int_equal(packet.tuple.sport, 5000);
    assert_int_equal(packet.tuple.dport, 53);
    assert_int_equal(packet.tuple.proto, TCP);
}

/* A header may end before its parent does, and not behind it. */
static void lengths(void **state)
{
    size_t l3 = put_eth(0, "0800"), l4 = put_ip(l3, UDP, 2, 8);
    size_t end = put(l4, "1388 0035 0008 0000 ffffffff");

    (void)state;
    parse(end);
    assert_true(has("udp") && !packet.malformed);
    assert_int_equal(packet.layer[1].end, end - 4);
    frame[l3 + 3]--; /* one byte too short for UDP */
    parse(end);
    assert_true(has("ip") && !has("udp") && packet.malformed);
    assert_false(packet.has_flow);
    frame[l3 + 3] = (uint8_t)(28 - 1); /* shorter than its own header */
    parse(end);
    assert_false(has("ip"));
    frame[l3 + 3] = (uint8_t)(end - l3 + 1); /* longer than the frame */
    parse(end);
    assert_false(has("ip"));
    frame[l3 + 3] = (uint8_t)(end - l3);
    frame[l3] = 0x44; /* ihl < 5 */
    parse(end);
    assert_false(has("ip"));
}

static void fragments(void **state)
{
    size_t l3 = put_eth(1, "0800"), l4 = put_ip(l3, UDP, 0, 8);
    size_t end = put(l4, "1388 0035 0100 0000");

    (void)state;
    frame[l3 + 6] = 0x20; /* more of it follows */
    parse(end);
    assert_true(has("udp") && packet.has_flow);
    frame[l3 + 7] = 1;
    parse(end);
    assert_true(has("ip") && !has("udp"));
    assert_false(packet.has_flow || packet.malformed);
}

static void stacks(void **state)
{
    size_t end;

    (void)state;
    for (unsigned tags = 0; tags < 20; tags++) {
        end = put(put_eth(tags, "88cc"), "0000");
        parse(end);
        assert_int_equal(packet.malformed, tags > 15);
        assert_int_equal(packet.n_layers, tags > 15 ? 16 : tags + 1);
    }
    end = put_eth(2, "0800");
    frame[14] = 0xaa; /* the outermost tag has the name */
    parse(end);
    assert_int_equal(packet_layer(&packet, header("vlan"))->off, 14);
    assert_true(packet.malformed);
}

/* Extension headers: the last says what the protocol is; 256 bytes are the
 * limit of all headers. */
static void extensions(void **state)
{
    size_t l3 = put_eth(0, "86dd"), at;

    (void)state;
    at = put(l3, "60000000 0018 3c 40 20010db8000100000000000000000001"
                 "20010db8000200000000000000000002");
    at = put(at, "2c00 0000 00000000  1100 0001 00000007");
    at = put(at, "1388 0035 0008 0000");
    parse(at);
    assert_true(has("udp") && packet.has_flow && packet.tuple.v6);
    assert_int_equal(packet.tuple.proto, UDP);
    assert_true(packet.role[ROLE_PROTO].layer == &packet.layer[3]);
    frame[l3 + 40 + 8 + 3] = 8; /* a later fragment */
    parse(at);
    assert_false(has("udp") || packet.has_flow || packet.malformed);
    frame[l3 + 5] = 200 + 16;
    frame[l3 + 41] = 24; /* 54 + 200 bytes, and 8 more do not fit */
    parse(l3 + 40 + 216);
    assert_true(has("ip6_dst") && !has("ip6_frag") && packet.malformed);
}

static void echoes(void **state)
{
    size_t l4 = put_ip(put_eth(0, "0800"), ICMP, 0, 8);
    size_t end = put(l4, "0800 0000 1234 0001");

    (void)state;
    parse(end);
    assert_true(packet.has_flow && packet.role[ROLE_SPORT].layer);
    assert_int_equal(packet.tuple.sport, 0x1234);
    assert_null(packet.role[ROLE_DPORT].layer);
    frame[l4] = 0;
    parse(end);
    assert_int_equal(packet.tuple.dport, 0x1234);
    assert_null(packet.role[ROLE_SPORT].layer);
    frame[l4] = 3;
    parse(end);
    assert_true(packet.has_flow);
    assert_int_equal(packet.tuple.sport | packet.tuple.dport, 0);
}

/* ---- checksums ---- */

/* RFC 1071, over the bytes and a number to begin with. */
static unsigned ones_sum(const uint8_t *b, size_t n, uint64_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)b[i] << (i % 2 ? 0 : 8);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (unsigned)(~sum & 0xffff);
}

static void put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

/* The right checksum of the L4 header at l4, of which it covers n bytes. */
static unsigned full_sum(const uint8_t *b, size_t l3, size_t l4, size_t n,
                         size_t at)
{
    uint8_t copy[512];
    uint64_t pseudo = b[l3 + 9] + n;

    for (size_t i = 12; i < 20; i += 2)
        pseudo += (unsigned)b[l3 + i] << 8 | b[l3 + i + 1];
    memcpy(copy, b + l4, n);
    put16(copy + at, 0);
    return ones_sum(copy, n, pseudo);
}

/* What was right stays right, whatever changes; of an odd number of bytes. */
static void right_stays_right(void **state)
{
    size_t l3 = put_eth(1, "0800"), l4 = put_ip(l3, TCP, 1, 23), end;
    uint8_t *b;

    (void)state;
    end = put(l4, "1388 0035 00000001 00000002 5002 0400 0000 0000 616263");
    srandom(1);
    for (int i = 0; i < 20000; i++) {
        put16(frame + l4 + 2, (unsigned)random() & 0xffff);
        put16(frame + l3 + 4, (unsigned)random() & 0xffff);
        put16(frame + l3 + 10, 0);
        put16(frame + l3 + 10, ones_sum(frame + l3, 24, 0));
        put16(frame + l4 + 16, full_sum(frame, l3, l4, 23, 16));
        parse(end);
        b = packet.bytes;
        role_set(&packet, ROLE_SRC, (num_t)random());
        role_set(&packet, ROLE_SPORT, (num_t)random() & 0xffff);
        if (i % 3 == 0)
            set("ip", "ttl", (num_t)i & 0xff);
        if (i % 5 == 0)
            set("tcp", "window", (num_t)random() & 0xffff);
        packet_checksums(&packet);
        assert_int_equal(ones_sum(b + l3, 24, 0), 0);
        assert_int_equal(full_sum(b, l3, l4, 23, 16),
                         b[l4 + 16] << 8 | b[l4 + 17]);
    }
}

/* What is not touched is not recomputed; zero is no checksum of UDP, and none
 * ever comes out. */
static void special_sums(void **state)
{
    size_t l3 = put_eth(0, "0800"), l4 = put_ip(l3, UDP, 0, 8), end;
    uint8_t *b;

    (void)state;
    end = put(l4, "1388 0035 0008 0000");
    put16(frame + l3 + 10, 0xdead);
    parse(end);
    set("udp", "sport", 77);
    packet_checksums(&packet);
    assert_int_equal(packet.bytes[l4 + 6] | packet.bytes[l4 + 7], 0);
    assert_int_equal(packet.bytes[l3 + 10], 0xde);

    put16(frame + l4 + 6, 0x1388); /* 1388 + 0 with ~1388: ~0 */
    parse(end);
    b = packet.bytes;
    set("udp", "sport", 0x1388 + 0x1388);
    packet_checksums(&packet);
    assert_int_equal(b[l4 + 6] << 8 | b[l4 + 7], 0xffff);

    set("udp", "sport", 0x1388); /* as it came: the sum, too */
    put16(b + l4 + 6, 0x1388);
    packet_checksums(&packet);
    assert_memory_equal(b, arrived, end);
}

/* ---- set-up ---- */

static int load(void **state)
{
    static const char *const include[] = {NULL};
    char path[] = "/tmp/nfl-interp-XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    (void)state;
    if (!f)
        return -1;
    fputs("use std.net\nnf Wire {\n}\nchain c (a <-> b) = Wire\n", f);
    fclose(f);
    unit.arena = arena_new();
    unit.diags = diags_new(unit.arena);
    unit.path = path;
    unit.include = include;
    unit.stdlib = paths_get()->stdlib;
    pass_load(&unit);
    if (!diags_errors(unit.diags))
        pass_types(&unit);
    unlink(path);
    diags_print(unit.diags, stderr, false);
    return unit.tree ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    free(packet.bytes);
    arena_free(unit.arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits),         cmocka_unit_test(truncated),
        cmocka_unit_test(lengths),      cmocka_unit_test(fragments),
        cmocka_unit_test(stacks),       cmocka_unit_test(extensions),
        cmocka_unit_test(echoes),       cmocka_unit_test(right_stays_right),
        cmocka_unit_test(special_sums),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
