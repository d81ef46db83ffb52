/* Hugepages, and the folder by which runs of DPDK find each other. */
#include "core/host.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Megabytes: what a run takes if nothing is said; what `all` recommends. */
enum { ENOUGH = 64, ADVICE = 1024 };

/* ---- what is there ---- */

struct pages {
    unsigned long size_kb; /* of the largest with some, else the smallest */
    unsigned long total, free;
    unsigned long free_mb; /* of all sizes */
    bool any_size;
};

static void add_size(struct pages *p, unsigned long kb)
{
    char path[PATH_MAX];
    unsigned long total, free;

    nfl_host_path(path, "/sys/kernel/mm/hugepages/hugepages-%lukB/nr_hugepages",
                  kb);
    total = nfl_host_number(path);
    nfl_host_path(
        path, "/sys/kernel/mm/hugepages/hugepages-%lukB/free_hugepages", kb);
    free = nfl_host_number(path);
    if (!p->any_size || (total && (!p->total || kb > p->size_kb)) ||
        (!total && !p->total && kb < p->size_kb))
        p->size_kb = kb;
    p->any_size = true;
    p->total += total;
    p->free += free;
    p->free_mb += free * (kb / 1024);
}

static void find_pages(struct pages *p)
{
    char path[PATH_MAX];
    struct dirent *e;
    unsigned long kb;
    DIR *d;

    memset(p, 0, sizeof(*p));
    nfl_host_path(path, "/sys/kernel/mm/hugepages");
    d = opendir(path);
    while (d && (e = readdir(d)) != NULL)
        if (sscanf(e->d_name, "hugepages-%lukB", &kb) == 1 && kb >= 1024)
            add_size(p, kb);
    if (d)
        closedir(d);
}

/* The first mount of hugetlbfs, or the one that is asked for. */
static bool mounted(const char *want, char where[PATH_MAX])
{
    char path[PATH_MAX];
    struct mntent *m;
    bool found = false;
    FILE *f;

    nfl_host_path(path, "/proc/mounts");
    f = setmntent(path, "re");
    while (f && !found && (m = getmntent(f)) != NULL) {
        found = strcmp(m->mnt_type, "hugetlbfs") == 0 &&
                (!want || strcmp(want, m->mnt_dir) == 0);
        if (found)
            snprintf(where, PATH_MAX, "%s", m->mnt_dir);
    }
    if (f)
        endmntent(f);
    return found;
}

/* ---- what is asked for ---- */

/* Who sets DPDK's memory up by hand and does not say --no-huge. Else the
 * program takes hugepages if there are some, and does without if not. */
static bool wants_pages(const struct nfl_options *o)
{
    static const char *const options[] = {
        "--in-memory",         "--huge-dir",    "--huge-unlink",
        "--huge-worker-stack", "--legacy-mem",  "--single-file-segments",
        "--socket-mem",        "--socket-limit"};
    size_t i;

    if (nfl_eal_value(o, "--no-huge"))
        return false;
    for (i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (nfl_eal_value(o, options[i]))
            return true;
    return false;
}

/* Megabytes: -m, or the sum of --socket-mem=1,2. */
static unsigned long wanted_mb(const struct nfl_options *o)
{
    const char *m = nfl_eal_value(o, "-m"), *each;
    unsigned long mb = m ? strtoul(m, NULL, 10) : 0;

    each = nfl_eal_value(o, "--socket-mem");
    for (; each && *each; each += *each == ',') {
        mb += strtoul(each, NULL, 10);
        each += strcspn(each, ",");
    }
    return mb ? mb : ENOUGH;
}

/* ---- hugepages ---- */

static void reserve(char *mend, size_t len, const struct pages *p,
                    unsigned long mb)
{
    unsigned long kb = p->size_kb ? p->size_kb : 2048;
    unsigned long pages = p->total + (mb * 1024 + kb - 1) / kb;

    if (kb == 2048)
        snprintf(mend, len, "sysctl -w vm.nr_hugepages=%lu", pages);
    else
        snprintf(mend, len,
                 "echo %lu >/sys/kernel/mm/hugepages/hugepages-%lukB/"
                 "nr_hugepages",
                 pages, kb);
}

static void too_few(struct nfl_host *h, const struct pages *p, unsigned long mb,
                    enum nfl_host_state state, const char *then)
{
    char mend[256];

    reserve(mend, sizeof(mend), p, mb - p->free_mb);
    if (p->total == 0)
        nfl_host_add(h, "hugepages", state, mend, "there are no hugepages%s",
                     then);
    else if (p->free == 0)
        nfl_host_add(h, "hugepages", state, mend,
                     "all %lu hugepages are taken by other programs%s",
                     p->total, then);
    else
        nfl_host_add(h, "hugepages", state, mend,
                     "of %lu hugepages %lu are free, with %lu MB; %lu MB are "
                     "wanted%s",
                     p->total, p->free, p->free_mb, mb, then);
}

/* In memory alone, pages need no mount. */
static void look_at_mount(struct nfl_host *h, const struct nfl_options *o)
{
    const char *want = nfl_eal_value(o, "--huge-dir");
    char where[PATH_MAX], mend[256];

    if (nfl_eal_value(o, "--in-memory"))
        return;
    snprintf(mend, sizeof(mend), "mount -m -t hugetlbfs none %s",
             want ? want : "/dev/hugepages");
    if (!mounted(want, where))
        nfl_host_add(h, "hugetlbfs", NFL_HOST_BAD, mend,
                     "no hugetlbfs is mounted%s%s, and --eal does not say "
                     "--in-memory",
                     want ? " at " : "", want ? want : "");
    else if (access(where, R_OK | W_OK | X_OK) != 0)
        nfl_host_add(h, "hugetlbfs", NFL_HOST_BAD, NULL,
                     "cannot use hugepages in %s: %s; run it as root, or give "
                     "the folder to the user",
                     where, strerror(errno));
    else
        nfl_host_add(h, "hugetlbfs", NFL_HOST_GOOD, NULL,
                     "hugetlbfs is mounted at %s", where);
}

void nfl_host_hugepages(struct nfl_host *h, const struct nfl_options *o,
                        bool all)
{
    bool wanted = wants_pages(o);
    unsigned long mb = wanted ? wanted_mb(o) : ENOUGH;
    struct pages p;

    if (!wanted && !all)
        return;
    find_pages(&p);
    if (p.free_mb >= mb)
        nfl_host_add(h, "hugepages", NFL_HOST_GOOD, NULL,
                     "%lu MB in hugepages are free", p.free_mb);
    else if (wanted)
        too_few(h, &p, mb, NFL_HOST_BAD,
                ", and --eal asks for some; without memory options they are "
                "not needed");
    else
        too_few(h, &p, ADVICE > p.free_mb ? ADVICE : mb, NFL_HOST_NOTE,
                "; live ports work without, but slower");
    if (wanted)
        look_at_mount(h, o);
}

/* ---- a second instance ---- */

/* As the EAL finds it. */
static void config_of(const char *prefix, char path[PATH_MAX])
{
    const char *home = getenv("RUNTIME_DIRECTORY");

    if (!home)
        home = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
    snprintf(path, PATH_MAX, "%s/dpdk/%s/config", home ? home : "/tmp", prefix);
}

/* Who is the first in a run is locked as long as it lives. Returns its process
 * id, -1 if that is hidden, 0 if there is none. */
static pid_t first_of(const char *path)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    pid_t pid = 0;

    if (fd < 0)
        return 0;
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        pid = lock.l_pid > 0 ? lock.l_pid : -1;
    close(fd);
    return pid;
}

void nfl_host_prefix(struct nfl_host *h, const struct nfl_options *o)
{
    const char *prefix = nfl_eal_value(o, "--file-prefix");
    const char *type = nfl_eal_value(o, "--proc-type");
    char path[PATH_MAX], who[32] = "";
    pid_t pid;

    if (!prefix || (type && strcmp(type, "primary") != 0) ||
        nfl_eal_value(o, "--in-memory") || nfl_eal_value(o, "--no-shconf"))
        return;
    config_of(prefix, path);
    pid = first_of(path);
    if (pid > 0)
        snprintf(who, sizeof(who), " (process %ld)", (long)pid);
    if (pid != 0)
        nfl_host_add(h, "prefix", NFL_HOST_BAD, NULL,
                     "another program%s runs with the file prefix '%s' "
                     "already; give this one another: --eal "
                     "--file-prefix=%s-2",
                     who, prefix, prefix);
    else
        nfl_host_add(h, "prefix", NFL_HOST_GOOD, NULL,
                     "no other program has the file prefix '%s'", prefix);
}
