/* Rules at packets and streams: the same alerts however a stream is cut, flows,
 * rates, what passes, and bounds. */
#include "snort_bed.h"

#define ANY "alert tcp any any -> any any "

static void packets(void **state)
{
    struct bed *b = bed_new(
        "alert udp any any -> any 53 (content:\"|03|www\"; offset:1; depth:6; "
        "sid:1;)\n"
        "alert icmp any any -> any any (itype:8; dsize:>3; sid:2;)\n"
        "alert udp any any -> any any (content:!\"ok\"; dsize:<4; sid:3;)\n"
        "alert tcp any any -> any any (flags:SF; sid:4;)\n"
        "alert udp any any -> any any (content:\"end\"; endswith; sid:5;)\n"
        "drop udp any any -> any 99 (ttl:64; sid:6;)\n",
        4, 1024);
    struct nfs_packet p;

    (void)state;
    bed_packet(b, false, 17, 53, 0, "xx\003www");
    assert_sids(b, "1");
    bed_packet(b, false, 17, 53, 0, "\003www");
    bed_packet(b, false, 17, 53, 0, "xxxxx\003www");
    assert_sids(b, "");
    bed_packet(b, false, 17, 9, 0, "no");
    bed_packet(b, false, 17, 9, 0, "ok");
    assert_sids(b, "3");
    bed_packet(b, false, 6, 9, 3, "");
    bed_packet(b, false, 6, 9, 2, "");
    assert_sids(b, "4");
    bed_packet(b, false, 17, 9, 0, "at the end");
    bed_packet(b, false, 17, 9, 0, "ends");
    assert_sids(b, "5");
    p = bed_ends(b, false, 1, 0);
    p.itype = 8;
    p.payload = (const uint8_t *)"12345";
    p.payload_len = 5;
    bed_packet_of(b, false, &p);
    assert_sids(b, "2");
    assert_int_equal(b->verdict, 0);
    bed_packet(b, false, 17, 99, 0, "long");
    assert_sids(b, "6");
    assert_int_equal(b->verdict, NFS_DROPS);
    bed_free(b);
}

/* All cuts into chunks of the same size. */
static void same_in_all_cuts(const char *rules, const char *text,
                             const char *sids)
{
    for (uint32_t size = 1; size <= strlen(text); size++) {
        struct bed *b = bed_new(rules, 4, 1024);

        bed_sends(b, false, text, size);
        assert_sids(b, sids);
        bed_free(b);
    }
}

static void streams(void **state)
{
    (void)state;
    same_in_all_cuts(ANY "(content:\"attack\"; sid:1;)", "an attack, attack!",
                     "1 1");
    same_in_all_cuts(ANY "(content:\"union\"; nocase; content:\"select\"; "
                         "nocase; distance:1; within:20; sid:1;)",
                     "id=1 UnIoN  all SELECT x; union", "1");
    same_in_all_cuts(ANY "(content:\"GET\"; offset:2; depth:5; sid:1;)",
                     "x GET GET", "1");
    same_in_all_cuts(ANY "(content:\"GET\"; offset:2; depth:5; sid:1;)",
                     "GET, and GET", "");
    same_in_all_cuts(ANY "(pcre:\"/pass(word|phrase)\\s*=/i\"; sid:1;)",
                     "a=b&PassWord = x", "1");
    same_in_all_cuts(ANY "(content:\"USER\"; pcre:\"/^\\s+root/R\"; sid:1;)",
                     "USER me, USER   root", "1");
    same_in_all_cuts(ANY "(content:\"AB\"; byte_test:2,>,256,1,relative; "
                         "sid:1;)",
                     "AB\001\001\001 AB", "1");
    same_in_all_cuts(ANY "(content:\"AUTH\"; isdataat:10,relative; sid:1;)",
                     "AUTH 12345678901", "1");
    same_in_all_cuts(ANY "(content:\"L\"; byte_jump:1,0,relative,string,dec; "
                         "content:\"X\"; within:1; sid:1;)",
                     "L3aaaX", "1");
}

/* Where contents after the found one fail, the search goes back. */
static void backtracking(void **state)
{
    struct bed *b = bed_new(
        ANY
        "(content:\"ab\"; content:\"cd\"; distance:0; within:2; sid:1;)\n" ANY
        "(content:\"zz\"; pcre:\"/x+/R\"; content:\"y\"; within:1; "
        "sid:2;)",
        4, 1024);

    (void)state;
    bed_sends(b, false, "ab ab abcd", 0);
    assert_sids(b, "1");
    bed_sends(b, false, " zz xxxxxy", 0);
    assert_sids(b, "2");
    bed_free(b);
}

static void windows(void **state)
{
    struct bed *b =
        bed_new(ANY "(content:\"begin\"; content:\"end\"; sid:1;)", 4, 256);
    char fill[101];

    (void)state;
    memset(fill, '.', 100);
    fill[100] = '\0';
    bed_sends(b, false, "begin", 0);
    bed_sends(b, false, fill, 0);
    bed_sends(b, false, "end", 0);
    assert_sids(b, "1");
    bed_sends(b, false, "begin", 0);
    for (unsigned i = 0; i < 5; i++)
        bed_sends(b, false, fill, 7);
    bed_sends(b, false, "end", 0);
    assert_sids(b, "");
    bed_free(b);
}

static void directions(void **state)
{
    struct bed *b = bed_new(
        ANY "(flow:to_server; content:\"abc\"; sid:1;)\n" ANY
            "(flow:to_client; content:\"abc\"; sid:2;)\n" ANY
            "(flow:established; content:\"abc\"; sid:3;)\n"
            "alert tcp 10.0.0.2 80 -> any any (content:\"abc\"; sid:4;)\n"
            "alert tcp 10.0.0.2 80 <> any any (content:\"abc\"; sid:5;)\n",
        4, 1024);

    (void)state;
    bed_packet(b, false, 6, 80, 0x02, "");
    bed_sends(b, false, "abc", 0);
    assert_sids(b, "1 5");
    bed_packet(b, true, 6, 80, 0x12, "");
    bed_packet(b, false, 6, 80, 0x10, "");
    bed_sends(b, true, "ab", 0);
    bed_sends(b, true, "c", 0);
    assert_sids(b, "2 3 4 5");
    bed_free(b);
}

static void flowbits(void **state)
{
    struct bed *b = bed_new(
        ANY
        "(content:\"login\"; flowbits:set,in; flowbits:noalert; sid:1;)\n" ANY
        "(content:\"rm\"; flowbits:isset,in; sid:2;)\n" ANY
        "(content:\"rm\"; flowbits:isnotset,in; sid:3;)\n" ANY
        "(content:\"quit\"; flowbits:unset,in; flowbits:noalert; "
        "sid:4;)\n",
        4, 1024);

    (void)state;
    bed_sends(b, false, "rm ", 0);
    assert_sids(b, "3");
    bed_sends(b, false, "login; rm", 0);
    assert_sids(b, "2");
    bed_sends(b, false, "quit ", 0);
    bed_sends(b, false, "rm", 0);
    assert_sids(b, "3");
    bed_free(b);
}

static void rates(void **state)
{
    struct bed *b = bed_new(
        "alert udp any any -> any 1 (threshold:type limit, track by_src, "
        "count 2, seconds 10; sid:1;)\n"
        "alert udp any any -> any 2 (threshold:type threshold, track by_dst, "
        "count 3, seconds 10; sid:2;)\n"
        "alert udp any any -> any 3 (threshold:type both, track by_both, "
        "count 2, seconds 10; sid:3;)\n"
        "drop udp any any -> any 4 (detection_filter:track by_src, count 2, "
        "seconds 10; sid:4;)\n",
        4, 1024);
    static const char *const sids[] = {"1 1", "2 2", "3", "4 4 4 4"};

    (void)state;
    for (uint16_t port = 1; port <= 4; port++) {
        for (unsigned i = 0; i < 6; i++)
            bed_packet(b, false, 17, port, 0, "");
        assert_sids(b, sids[port - 1]);
    }
    b->time += 10000000000;
    bed_packet(b, false, 17, 1, 0, "");
    assert_sids(b, "1");
    b->verdict = 0;
    bed_packet(b, false, 17, 4, 0, "");
    assert_int_equal(b->verdict, 0);
    bed_free(b);
}

static void passing(void **state)
{
    struct bed *b =
        bed_new("pass udp any any -> any 53 (content:\"ok\"; sid:1;)\n"
                "alert udp any any -> any 53 (content:\"bad\"; sid:2;)\n"
                "pass tcp any any -> any any (content:\"trusted\"; sid:3;)\n"
                "drop tcp any any -> any any (content:\"bad\"; sid:4;)\n"
                "pass tcp any any -> any 22 (sid:5;)\n",
                4, 1024);

    (void)state;
    bed_packet(b, false, 17, 53, 0, "ok, bad");
    assert_sids(b, "");
    bed_packet(b, false, 17, 53, 0, "bad");
    assert_sids(b, "2");
    bed_sends(b, false, "bad trus", 0);
    assert_sids(b, "4");
    assert_int_equal(b->verdict, NFS_DROPS | NFS_OF_FLOW);
    bed_sends(b, false, "ted, bad", 0);
    assert_sids(b, "");
    bed_packet(b, false, 6, 22, 0x02, "");
    bed_bytes(b, false, 22, "bad", 3);
    assert_sids(b, "");
    bed_free(b);
}

/* The oldest flow makes room, and a new one begins anew. */
static void bounds(void **state)
{
    struct bed *b = bed_new(ANY "(content:\"abcd\"; sid:1;)", 2, 1024);
    uint8_t key[NFS_TUPLE];

    (void)state;
    bed_bytes(b, false, 1, "ab", 2);
    bed_bytes(b, false, 2, "ab", 2);
    bed_bytes(b, false, 3, "ab", 2);
    assert_int_equal(b->shard->n_evicted, 1);
    bed_bytes(b, false, 1, "cd", 2);
    assert_sids(b, "");
    bed_bytes(b, false, 3, "cd", 2);
    assert_sids(b, "1");
    nfs_tuple(key, bed_client, bed_server, 4, 5000, 3, 6);
    nfs_flow_forget(b->shard, key);
    bed_bytes(b, false, 3, "cdab", 4);
    assert_sids(b, "");
    bed_free(b);
}

/* Nothing is found across bytes that are missing; positions count them. */
static void gaps(void **state)
{
    struct bed *b = bed_new(ANY "(content:\"abcd\"; sid:1;)\n" ANY
                                "(content:\"ab\"; offset:100; depth:10; "
                                "sid:2;)",
                            2, 1024);

    (void)state;
    bed_sends(b, false, "xxab", 0);
    bed_chunk(b, false, 104, "cd");
    assert_sids(b, "");
    bed_sends(b, false, "abc", 0);
    assert_sids(b, "2");
    bed_sends(b, false, "d", 0);
    assert_sids(b, "1");
    bed_free(b);
}

/* More rules that wait for more than there is room for, and more alerts. */
static void many(void **state)
{
    static char text[16384];
    struct bed *b;

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        snprintf(
            text + strlen(text), sizeof(text) - strlen(text),
            ANY
            "(content:\"a%02u\"; fast_pattern; content:\"never\"; sid:%u;)\n"
            "alert udp any any -> any any (sid:%u;)\n",
            i, 100 + i, 200 + i);
    b = bed_new(text, 4, 1024);
    for (unsigned i = 0; i < 40; i++) {
        char chunk[8];

        snprintf(chunk, sizeof(chunk), "a%02u", i);
        bed_sends(b, false, chunk, 0);
    }
    assert_int_equal(b->shard->n_missed, 40 - NFS_PENDING);
    bed_packet(b, false, 17, 9, 0, "");
    assert_int_equal(b->shard->n_alerts, NFS_ALERTS);
    assert_int_equal(b->shard->n_lost, 40 - NFS_ALERTS);
    bed_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),    cmocka_unit_test(streams),
        cmocka_unit_test(windows),    cmocka_unit_test(backtracking),
        cmocka_unit_test(directions), cmocka_unit_test(flowbits),
        cmocka_unit_test(rates),      cmocka_unit_test(passing),
        cmocka_unit_test(bounds),     cmocka_unit_test(many),
        cmocka_unit_test(gaps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
