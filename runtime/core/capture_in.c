/* Captures are read through libpcap, which scales every timestamp to
 * nanoseconds and copes with either byte order. */
#include "core/fail.h"
#include <errno.h>
#include <limits.h>
#include <nfl/capture.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct nfl_capture_in {
    pcap_t *pcap;
    char *path;
    uint64_t frames; /* read so far */
    uint64_t cut;    /* of them, shorter than on the wire */
    bool over;       /* the end, or corrupt from here on */
};

/* ---- opening ---- */

/* What people try to read that is no capture. */
static const char *what_it_is(const unsigned char *b, size_t n)
{
    if (n == 0)
        return "the file is empty";
    if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b)
        return "the file is compressed; gunzip it first";
    if (n >= 4 && memcmp(b, "\x28\xb5\x2f\xfd", 4) == 0)
        return "the file is compressed; unzstd it first";
    if (n >= 6 && memcmp(b,
                         "\xfd"
                         "7zXZ",
                         6) == 0)
        return "the file is compressed; unxz it first";
    return NULL;
}

static bool is_capture(const unsigned char *b, size_t n)
{
    static const unsigned char magic[][4] = {
        {0xa1, 0xb2, 0xc3, 0xd4}, {0xd4, 0xc3, 0xb2, 0xa1}, /* us */
        {0xa1, 0xb2, 0x3c, 0x4d}, {0x4d, 0x3c, 0xb2, 0xa1}, /* ns */
        {0xa1, 0xb2, 0xcd, 0x34}, {0x34, 0xcd, 0xb2, 0xa1}, /* Kuznetzov's */
        {0x0a, 0x0d, 0x0d, 0x0a},                           /* pcapng */
    };
    size_t i;

    for (i = 0; n >= 4 && i < sizeof(magic) / sizeof(*magic); i++)
        if (memcmp(b, magic[i], 4) == 0)
            return true;
    return false;
}

static FILE *open_file(const char *path, char *err, size_t errlen)
{
    FILE *f = fopen(path, "rbe");
    unsigned char b[8];
    struct stat st;
    const char *what;
    size_t n;

    if (!f || fstat(fileno(f), &st) != 0) {
        nfl_fail(
            err, errlen, "cannot read capture %s: %s%s", path, strerror(errno),
            strcmp(path, "-") == 0 ? "; standard input is /dev/stdin" : "");
        goto bad;
    }
    if (S_ISDIR(st.st_mode)) {
        nfl_fail(err, errlen, "cannot read capture %s: it is a folder", path);
        goto bad;
    }
    if (!S_ISREG(st.st_mode))
        return f; /* cannot be looked at twice */
    n = fread(b, 1, sizeof(b), f);
    what = what_it_is(b, n);
    if (!is_capture(b, n)) {
        nfl_fail(err, errlen, "cannot read capture %s: %s", path,
                 what ? what : "it is neither pcap nor pcapng");
        goto bad;
    }
    rewind(f);
    return f;
bad:
    if (f)
        fclose(f);
    return NULL;
}

static bool check_link(struct nfl_capture_in *c, char *err, size_t errlen)
{
    int link = pcap_datalink(c->pcap);
    const char *name = pcap_datalink_val_to_description_or_dlt(link);

    if (link == DLT_EN10MB)
        return true;
    return nfl_fail(err, errlen,
                    "cannot use capture %s: its link type is %s, and only "
                    "Ethernet is understood; record it on one Ethernet "
                    "interface, not on 'any'",
                    c->path, name);
}

struct nfl_capture_in *nfl_capture_open(const char *path, char *err,
                                        size_t errlen)
{
    struct nfl_capture_in *c = calloc(1, sizeof(*c));
    char why[PCAP_ERRBUF_SIZE];
    FILE *f;

    if (!c || !(c->path = strdup(path))) {
        nfl_fail(err, errlen, "%s: no memory", path);
        free(c);
        return NULL;
    }
    f = open_file(path, err, errlen);
    if (f) {
        c->pcap = pcap_fopen_offline_with_tstamp_precision(
            f, PCAP_TSTAMP_PRECISION_NANO, why);
        if (!c->pcap) {
            fclose(f);
            nfl_fail(err, errlen, "cannot read capture %s: %s", path, why);
        }
    }
    if (!c->pcap || !check_link(c, err, errlen)) {
        nfl_capture_close(c);
        return NULL;
    }
    return c;
}

/* ---- reading ---- */

/* libpcap takes the 32 bits of pcap for signed, which ends in 2038. The sum
 * must not wrap, whatever a file says. */
static uint64_t nanoseconds(const struct timeval *t)
{
    uint64_t s = t->tv_sec < 0 ? (uint32_t)t->tv_sec : (uint64_t)t->tv_sec;
    uint64_t ns = t->tv_usec < 0 ? 0 : (uint64_t)t->tv_usec;

    if (s >= UINT64_MAX / 1000000000 - 10)
        return UINT64_MAX;
    return s * 1000000000 + ns;
}

int nfl_capture_next(struct nfl_capture_in *c, struct nfl_frame *f, char *err,
                     size_t errlen)
{
    struct pcap_pkthdr *h;
    int r;

    if (c->over)
        return 0;
    r = pcap_next_ex(c->pcap, &h, &f->data);
    if (r != 1) {
        c->over = true;
        if (r == PCAP_ERROR_BREAK)
            return 0;
        nfl_fail(err, errlen,
                 "capture %s is corrupt or cut off at packet %llu: %s", c->path,
                 (unsigned long long)c->frames + 1, pcap_geterr(c->pcap));
        return -1;
    }
    c->frames++;
    f->time = nanoseconds(&h->ts);
    f->len = h->caplen;
    f->wire = h->len < h->caplen ? h->caplen : h->len;
    if (f->wire > f->len)
        c->cut++;
    return 1;
}

bool nfl_capture_note(const struct nfl_capture_in *c, char *text, size_t len)
{
    if (c->cut == 0)
        return false;
    snprintf(text, len,
             "capture %s: %llu of %llu packets were cut short when they were "
             "recorded; they are taken as they are (record with -s 0)",
             c->path, (unsigned long long)c->cut,
             (unsigned long long)c->frames);
    return true;
}

void nfl_capture_close(struct nfl_capture_in *c)
{
    if (!c)
        return;
    if (c->pcap)
        pcap_close(c->pcap);
    free(c->path);
    free(c);
}
