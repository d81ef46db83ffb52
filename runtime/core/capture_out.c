/* Writing captures: pcap through libpcap, pcapng by a few blocks of our own. */
#include "core/fail.h"
#include "core/outfile.h"
#include "core/pcapng.h"
#include <errno.h>
#include <nfl/capture.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { SNAPLEN = 262144 };

struct nfl_capture_out {
    struct nfl_outfile *file;
    pcap_t *pcap; /* NULL: pcapng */
    pcap_dumper_t *dumper;
};

static bool is_pcapng(const char *path)
{
    static const char ext[] = ".pcapng";
    size_t n = strlen(path), e = sizeof(ext) - 1;

    return n >= e && strcasecmp(path + n - e, ext) == 0;
}

/* libpcap closes the stream it writes to, so it gets one of its own; nothing
 * is written to ours. */
static bool start_pcap(struct nfl_capture_out *c)
{
    int fd = dup(fileno(c->file->f));
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

    c->pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, SNAPLEN,
                                                   PCAP_TSTAMP_PRECISION_NANO);
    if (f && c->pcap)
        c->dumper = pcap_dump_fopen(c->pcap, f);
    if (c->dumper)
        return true;
    if (f)
        fclose(f);
    else if (fd >= 0)
        close(fd);
    return false;
}

static void out_free(struct nfl_capture_out *c)
{
    if (c->dumper)
        pcap_dump_close(c->dumper);
    if (c->pcap)
        pcap_close(c->pcap);
    free(c);
}

struct nfl_capture_out *nfl_capture_create(const char *path, char *err,
                                           size_t errlen)
{
    struct nfl_capture_out *c = calloc(1, sizeof(*c));
    char ignored[8];

    if (!c) {
        nfl_fail(err, errlen, "%s: no memory", path);
        return NULL;
    }
    c->file = nfl_outfile_open(path, err, errlen);
    if (!c->file) {
        free(c);
        return NULL;
    }
    if (is_pcapng(path)) {
        nfl_pcapng_head(c->file->f);
    } else if (!start_pcap(c)) {
        nfl_fail(err, errlen, "cannot write %s: %s", path, strerror(errno));
        nfl_outfile_close(c->file, false, ignored, sizeof(ignored));
        out_free(c);
        return NULL;
    }
    return c;
}

/* Keeps the first error: a later one says less. */
static bool check(struct nfl_capture_out *c, FILE *f)
{
    if (!c->file->error && ferror(f))
        c->file->error = errno ? errno : EIO;
    return !c->file->error;
}

/* The format has 32 bits for seconds. */
static bool write_pcap(struct nfl_capture_out *c, uint64_t time,
                       const uint8_t *data, uint32_t len)
{
    uint64_t s = time / 1000000000;
    struct pcap_pkthdr h = {.caplen = len, .len = len};

    h.ts.tv_sec = s > UINT32_MAX ? UINT32_MAX : (time_t)s;
    h.ts.tv_usec = (suseconds_t)(time % 1000000000);
    pcap_dump((u_char *)c->dumper, &h, data);
    return check(c, pcap_dump_file(c->dumper));
}

bool nfl_capture_write(struct nfl_capture_out *c, uint64_t time,
                       const uint8_t *data, uint32_t len)
{
    if (c->file->error)
        return false;
    errno = 0;
    if (c->dumper)
        return write_pcap(c, time, data, len);
    nfl_pcapng_frame(c->file->f, time, data, len);
    return check(c, c->file->f);
}

bool nfl_capture_finish(struct nfl_capture_out *c, bool keep, char *err,
                        size_t errlen)
{
    bool ok;

    errno = 0;
    if (c->dumper && keep && pcap_dump_flush(c->dumper) != 0 && !c->file->error)
        c->file->error = errno ? errno : EIO;
    ok = nfl_outfile_close(c->file, keep, err, errlen);
    out_free(c);
    return ok;
}
