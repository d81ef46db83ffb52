/* Where alerts are written: lines of JSON, in the form that is called EVE. A
 * thread writes; putting one copies it into a ring. */
#ifndef SNORT_LOG_H_
#define SNORT_LOG_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nfs_event {
    uint64_t time; /* nanoseconds since 1970 */
    uint8_t src[16], dst[16], addr_len, proto;
    uint16_t sport, dport;
    uint32_t gid, sid, rev, priority;
    bool blocked;
    char msg[160], class[48];
};

struct nfs_log;

/* A shard's way to the file `path`. NULL after setting `err`. */
struct nfs_log *nfs_log_open(const char *path, char *err, size_t err_size);
/* The last one of a file that is closed writes what is left, while captures are
 * replayed all of it: by time, then by shard. */
void nfs_log_close(struct nfs_log *l);
/* False: there was no room, which only happens in a live run. */
bool nfs_log_put(struct nfs_log *l, const struct nfs_event *event);

#endif
