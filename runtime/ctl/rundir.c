#include "ctl/rundir.h"
#include "core/host.h"
#include "ctl/eal_args.h"
#include "ctl/rights.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <rte_eal.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char socket_name[] = "dpdk_telemetry.v2";

static struct {
    bool wanted;   /* the EAL may make one */
    char top[512]; /* the folder for all runs */
    bool made_top; /* it was not there before */
} dir;

/* As the EAL finds it. */
static void find_top(void)
{
    const char *home = getenv("RUNTIME_DIRECTORY");

    if (!home)
        home = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");
    snprintf(dir.top, sizeof(dir.top), "%s/dpdk", home ? home : "/tmp");
    dir.made_top = access(dir.top, F_OK) != 0;
}

static void remove_run(const char *path)
{
    char file[PATH_MAX];

    snprintf(file, sizeof(file), "%s/%s", path, socket_name);
    unlink(file);
    rmdir(path);
}

/* What is left of runs that were killed, or that had no right any more to
 * remove it. */
static void sweep(void)
{
    DIR *d = opendir(dir.top);
    struct dirent *e;
    char path[PATH_MAX / 2];
    long pid;

    while (d && (e = readdir(d)) != NULL) {
        if (sscanf(e->d_name, "nfl-%ld", &pid) != 1 || pid <= 0 ||
            kill((pid_t)pid, 0) == 0 || errno != ESRCH)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir.top, e->d_name);
        remove_run(path);
    }
    if (d)
        closedir(d);
}

/* Without a folder the EAL goes on, if it is not to share its configuration. */
void nfl_rundir_choose(const struct nfl_options *o)
{
    find_top();
    sweep();
    dir.wanted = nfl_eal_has_telemetry(o) ||
                 nfl_eal_value(o, "--file-prefix") ||
                 nfl_eal_value(o, "--proc-type");
    if (!dir.wanted)
        setenv("RUNTIME_DIRECTORY", NFL_RUNDIR_NONE, 1);
}

static void give(const char *path, mode_t mode)
{
    if (chmod(path, mode) == 0)
        (void)!lchown(path, nfl_rights_uid(), nfl_rights_gid());
}

void nfl_rundir_settle(bool started)
{
    char path[PATH_MAX];

    if (!dir.wanted || !started) {
        nfl_rundir_remove();
        return;
    }
    snprintf(path, sizeof(path), "%s/%s", rte_eal_get_runtime_dir(),
             socket_name);
    give(path, 0660);
    give(rte_eal_get_runtime_dir(), 0750);
}

void nfl_rundir_remove(void)
{
    const char *run = rte_eal_get_runtime_dir();

    if (!dir.wanted || !run || !*run)
        return;
    remove_run(run);
    if (dir.made_top)
        rmdir(dir.top);
}
