#include "tool/cache.h"

#include "tool/digest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char magic[] = "nflc 1\n"; /* then key, \n, digest, \n, content */

enum {
    HEAD = sizeof(magic) - 1 + 2 * (DIGEST_HEX + 1),
    LIMIT_MIB = 256,
    PART_SECONDS = 3600, /* a part that is older was left by a crash */
};

/* ---- bytes ---- */

bool blob_read(struct blob *b, struct arena *a, int fd)
{
    struct stat st;
    size_t at = 0;
    ssize_t n;

    if (fstat(fd, &st) < 0)
        return false;
    b->n = (size_t)st.st_size;
    b->data = arena_alloc(a, b->n + 1);
    while (at < b->n) {
        n = pread(fd, (char *)b->data + at, b->n - at, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

bool blob_write(const struct blob *b, int fd)
{
    size_t at = 0;
    ssize_t n;

    while (at < b->n) {
        n = write(fd, (const char *)b->data + at, b->n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

bool blob_save(const struct blob *b, const char *path, int how, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, mode);
    bool good = fd >= 0 && blob_write(b, fd);

    if (fd >= 0)
        good = close(fd) == 0 && good;
    if (!good)
        fprintf(stderr, "nflc: cannot write %s: %s\n", path, strerror(errno));
    return good;
}

/* ---- the folder ---- */

static struct cache *none(const char *path, const char *why, bool tell)
{
    if (tell)
        fprintf(stderr, "nflc: building without the cache: %s %s\n", path, why);
    return NULL;
}

static bool owned(const struct stat *st)
{
    return st->st_uid == geteuid();
}

/* Made only below a folder of this user: root, with the HOME of somebody else,
 * must leave nothing there. */
static bool make_folder(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *above = arena_strn(a, path, (size_t)(slash - path));
    struct stat st;

    if (stat(path, &st) == 0)
        return true;
    if (slash == path || (stat(above, &st) < 0 && !make_folder(a, above)))
        return false;
    if (stat(above, &st) < 0 || !owned(&st)) {
        errno = EACCES;
        return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static const char *find_folder(struct arena *a)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (cache && cache[0] == '/')
        return arena_fmt(a, "%s/nflc", cache);
    if (home && home[0] == '/')
        return arena_fmt(a, "%s/.cache/nflc", home);
    return NULL;
}

struct cache *cache_open(struct arena *a, bool verbose)
{
    const char *path = find_folder(a);
    struct cache *c = ARENA_NEW(a, struct cache);
    struct stat st;

    if (!path)
        return NULL;
    *c = (struct cache){.arena = a,
                        .path = path,
                        .limit = (uint64_t)LIMIT_MIB << 20,
                        .verbose = verbose};
    if (!make_folder(a, path))
        return none(path, strerror(errno), verbose);
    c->folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (c->folder < 0)
        return none(path, "is not a folder that can be read", true);
    if (fstat(c->folder, &st) == 0 && owned(&st) && (st.st_mode & 077) == 0)
        return c;
    close(c->folder);
    return none(path,
                owned(&st) ? "is open to others; chmod 700 mends it"
                           : "belongs to another user",
                true);
}

void cache_close(struct cache *c)
{
    if (c)
        close(c->folder);
}

/* ---- entries ---- */

static bool is_entry(const char *name)
{
    return strlen(name) == DIGEST_HEX &&
           name[strspn(name, "0123456789abcdef")] == '\0';
}

static bool is_part(const char *name)
{
    return strncmp(name, "part.", 5) == 0;
}

static void head(char *to, const char *key, const struct blob *content)
{
    char digest[DIGEST_HEX + 1];

    digest_of(content->data, content->n, digest);
    snprintf(to, HEAD + 1, "%s%s\n%s\n", magic, key, digest);
}

/* Is it the entry of this key, as it was written? */
static bool is_whole(const char *key, const struct blob *all,
                     struct blob *content)
{
    char want[HEAD + 1];

    if (all->n < HEAD)
        return false;
    content->data = (char *)all->data + HEAD;
    content->n = all->n - HEAD;
    head(want, key, content);
    return memcmp(all->data, want, HEAD) == 0;
}

bool cache_get(struct cache *c, const char *key, struct blob *out)
{
    struct blob all;
    struct stat st;
    bool good;
    int fd;

    if (!c)
        return false;
    fd = openat(c->folder, key, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && owned(&st) &&
           (uint64_t)st.st_size <= c->limit && blob_read(&all, c->arena, fd) &&
           is_whole(key, &all, out);
    if (good)
        futimens(fd, NULL); /* used now */
    close(fd);
    if (!good) {
        unlinkat(c->folder, key, 0);
        if (c->verbose)
            fprintf(stderr, "nflc: %s/%s was damaged, and is made again\n",
                    c->path, key);
    }
    return good;
}

struct file {
    char name[DIGEST_HEX + 1];
    struct timespec used;
    uint64_t size;
};

static int by_use(const void *left, const void *right)
{
    const struct file *a = left, *b = right;

    if (a->used.tv_sec != b->used.tv_sec)
        return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    if (a->used.tv_nsec != b->used.tv_nsec)
        return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* All entries; old parts are removed on the way. */
static struct file *list(struct cache *c, size_t *n)
{
    int fd = openat(c->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct file *files = NULL, *more;
    struct dirent *e;
    size_t room = 0;
    struct stat st;

    *n = 0;
    while (dir && (e = readdir(dir))) {
        if (fstatat(c->folder, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        if (is_part(e->d_name) && st.st_mtime < time(NULL) - PART_SECONDS)
            unlinkat(c->folder, e->d_name, 0);
        if (!is_entry(e->d_name))
            continue;
        if (*n == room) {
            more = realloc(files, (room = 2 * room + 64) * sizeof(*files));
            if (!more)
                break;
            files = more;
        }
        memcpy(files[*n].name, e->d_name, DIGEST_HEX + 1);
        files[*n].used = st.st_mtim;
        files[(*n)++].size = (uint64_t)st.st_size;
    }
    if (dir)
        closedir(dir);
    else if (fd >= 0)
        close(fd);
    return files;
}

static void trim(struct cache *c)
{
    uint64_t total = 0;
    size_t n;
    struct file *files = list(c, &n);

    for (size_t i = 0; i < n; i++)
        total += files[i].size;
    if (total > c->limit)
        qsort(files, n, sizeof(*files), by_use);
    for (size_t i = 0; i < n && total > c->limit; i++) {
        unlinkat(c->folder, files[i].name, 0);
        total -= files[i].size;
    }
    free(files);
}

/* A file of a name that no other process uses; -1 if there can be none. */
static int make_part(struct cache *c, char *name, size_t size)
{
    struct timespec now;
    int fd = -1;

    for (int i = 0; i < 100 && fd < 0; i++) {
        clock_gettime(CLOCK_REALTIME, &now);
        snprintf(name, size, "part.%ld.%ld", (long)getpid(), now.tv_nsec);
        fd = openat(c->folder, name,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

void cache_put(struct cache *c, const char *key, const struct blob *in)
{
    char text[HEAD + 1], part[64];
    struct blob first = {text, HEAD};
    bool good;
    int fd;

    if (!c || in->n + HEAD > c->limit)
        return;
    fd = make_part(c, part, sizeof(part));
    head(text, key, in);
    good = fd >= 0 && blob_write(&first, fd) && blob_write(in, fd);
    if (fd >= 0)
        good = close(fd) == 0 && good;
    good = good && renameat(c->folder, part, c->folder, key) == 0;
    if (!good && c->verbose)
        fprintf(stderr, "nflc: cannot write to %s: %s\n", c->path,
                strerror(errno));
    if (!good && fd >= 0)
        unlinkat(c->folder, part, 0);
    trim(c);
}
