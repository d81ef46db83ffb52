/* Captures: files of frames with timestamps. Reads pcap and pcapng of any
 * precision through libpcap; writes pcap with nanoseconds, or pcapng where the
 * name ends in .pcapng. Only Ethernet. Not for the packet path. */
#ifndef NFL_CAPTURE_H
#define NFL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nfl_frame {
    uint64_t time;       /* nanoseconds since 1970 */
    const uint8_t *data; /* valid until the next read of the same capture */
    uint32_t len;        /* bytes in data */
    uint32_t wire;       /* bytes it had on the wire; more than len if cut */
};

struct nfl_capture_in;

/* NULL on failure; err then holds one sentence that names the file and, where
 * there is one, the mend. */
struct nfl_capture_in *nfl_capture_open(const char *path, char *err,
                                        size_t errlen);
/* 1: *f is the next frame; 0: the end; -1: the file is corrupt or cut off
 * from here on, err says where (the frames before stay good). */
int nfl_capture_next(struct nfl_capture_in *c, struct nfl_frame *f, char *err,
                     size_t errlen);
/* True, and one sentence for people, if frames read so far had been cut short
 * by the recorder. */
bool nfl_capture_note(const struct nfl_capture_in *c, char *text, size_t len);
void nfl_capture_close(struct nfl_capture_in *c);

/* Several captures read as one, in the order of the law: by timestamp, then
 * port, then position in the file. Inside one file the order of the file is
 * kept even where its timestamps step back. */
struct nfl_merge;
struct nfl_merge *nfl_merge_new(void);
/* Adds an open capture (owned by the merge from here on) for a port. */
bool nfl_merge_add(struct nfl_merge *m, struct nfl_capture_in *c,
                   unsigned port);
/* As nfl_capture_next; *port is where the frame arrives. A corrupt file ends
 * there, is reported once (-1, with its port), and the others go on with the
 * next call. */
int nfl_merge_next(struct nfl_merge *m, struct nfl_frame *f, unsigned *port,
                   char *err, size_t errlen);
/* The next note of a capture of the merge; *at starts at 0. False: no more. */
bool nfl_merge_note(const struct nfl_merge *m, unsigned *at, char *text,
                    size_t len);
void nfl_merge_free(struct nfl_merge *m);

/* Writing goes to a temporary file beside PATH that takes its name when it is
 * closed well: nothing is ever left half-written. */
struct nfl_capture_out;
struct nfl_capture_out *nfl_capture_create(const char *path, char *err,
                                           size_t errlen);
bool nfl_capture_write(struct nfl_capture_out *c, uint64_t time,
                       const uint8_t *data, uint32_t len);
/* False (and err) if anything could not be written; the file is then gone.
 * With keep false the file is given up. */
bool nfl_capture_finish(struct nfl_capture_out *c, bool keep, char *err,
                        size_t errlen);

#endif
