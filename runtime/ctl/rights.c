#include "ctl/rights.h"
#include "ctl/say.h"
#include "ctl/threads.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAP(name) (1ull << CAP_##name)

enum { GROUPS = 256 };

static struct {
    bool dropped;
    bool change; /* to another user, who still is to come */
    uid_t uid;
    gid_t gid;
    gid_t groups[GROUPS], before[GROUPS];
    int n_groups, n_before;
    uint64_t keep;
} rights;

/* ---- capabilities: glibc has no functions for them ---- */

static bool get_caps(uint64_t *permitted)
{
    struct __user_cap_header_struct h = {.version =
                                             _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[2];

    if (syscall(SYS_capget, &h, d) != 0)
        return false;
    *permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
    return true;
}

/* Permitted and effective; none is inherited. */
static bool set_caps(uint64_t caps)
{
    struct __user_cap_header_struct h = {.version =
                                             _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[2];

    memset(d, 0, sizeof(d));
    d[0].permitted = d[0].effective = (uint32_t)caps;
    d[1].permitted = d[1].effective = (uint32_t)(caps >> 32);
    return syscall(SYS_capset, &h, d) == 0;
}

/* In each thread. What it never had it cannot keep. */
static bool keep_only(void)
{
    uint64_t has;

    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    return get_caps(&has) && set_caps(has & rights.keep);
}

/* In each thread: a change of the user clears them otherwise. */
static bool outlive_user(void)
{
    return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
}

/* What is still needed when all ports are open. Without another user, root
 * goes on writing where root may. */
static uint64_t needed(const struct nfl_options *o)
{
    bool writes = o->trace || o->state || o->offline;
    uint64_t files =
        writes && !rights.change ? CAP(DAC_OVERRIDE) | CAP(FOWNER) : 0;
    unsigned i;

    /* The program of XDP has to be taken off its interface in the end. */
    for (i = 0; i < o->n_ports; i++)
        if (o->ports[i].kind == NFL_PORT_XDP)
            return files | CAP(NET_ADMIN);
    return files;
}

/* ---- the user ---- */

static bool find_user(const char *name)
{
    struct passwd *p;

    errno = 0;
    p = getpwnam(name);
    if (!p) {
        nfl_error("--user: there is no user '%s'; make one with: "
                  "useradd --system %s",
                  name, name);
        return false;
    }
    rights.uid = p->pw_uid;
    rights.gid = p->pw_gid;
    rights.n_groups = GROUPS;
    if (getgrouplist(name, p->pw_gid, rights.groups, &rights.n_groups) < 0)
        rights.n_groups = GROUPS;
    if (rights.uid == getuid() && rights.uid == geteuid())
        return true;
    if (geteuid() != 0) {
        nfl_error("--user %s: only root can run it as another user", name);
        return false;
    }
    rights.n_before = getgroups(GROUPS, rights.before);
    rights.change = true;
    return true;
}

bool nfl_rights_begin(const struct nfl_options *o)
{
    int cap;

    rights.uid = geteuid();
    rights.gid = getegid();
    if (o->user && !find_user(o->user))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        nfl_error("cannot give up new privileges: %s", strerror(errno));
        return false;
    }
    for (cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
        ;
    return true;
}

static bool cannot(const char *what)
{
    nfl_error("cannot %s: %s", what, strerror(errno));
    return false;
}

/* The saved user stays root. */
bool nfl_rights_lend(void)
{
    if (!rights.change)
        return true;
    return (setgroups((size_t)rights.n_groups, rights.groups) == 0 &&
            setresgid(rights.gid, rights.gid, (gid_t)-1) == 0 &&
            setresuid(rights.uid, rights.uid, 0) == 0) ||
           cannot("become the user");
}

bool nfl_rights_return(void)
{
    if (!rights.change)
        return true;
    return (setresuid(0, 0, 0) == 0 && setresgid(0, 0, 0) == 0 &&
            setgroups((size_t)rights.n_before, rights.before) == 0) ||
           cannot("return from the user");
}

/* ---- for good ---- */

static void tell(const struct nfl_options *o)
{
    if (rights.change)
        nfl_note("runs as user %s from now on", o->user);
    else if (rights.uid == 0 && !o->offline)
        nfl_note("runs as root; --user NAME gives that up once the ports are "
                 "open");
}

/* glibc changes the user in all threads. */
static bool become_user(void)
{
    return nfl_in_every_thread(outlive_user) &&
           setgroups((size_t)rights.n_groups, rights.groups) == 0 &&
           setresgid(rights.gid, rights.gid, rights.gid) == 0 &&
           setresuid(rights.uid, rights.uid, rights.uid) == 0;
}

bool nfl_rights_drop(const struct nfl_options *o)
{
    if (rights.dropped)
        return true;
    rights.keep = needed(o);
    if (rights.change && !become_user())
        return cannot("become the user");
    if (!nfl_in_every_thread(keep_only))
        return cannot("give up capabilities");
    tell(o);
    rights.change = false;
    rights.dropped = true;
    return true;
}

const char *nfl_rights_shed(void)
{
    const struct passwd *p;

    if (!rights.change && geteuid() == 0) {
        p = getpwnam("nobody");
        if (!p)
            return "there is no user 'nobody' to be; name one by --user";
        rights.uid = p->pw_uid;
        rights.gid = p->pw_gid;
        rights.n_groups = 0;
        rights.change = true;
    }
    if (rights.change &&
        (setgroups((size_t)rights.n_groups, rights.groups) != 0 ||
         setresgid(rights.gid, rights.gid, rights.gid) != 0 ||
         setresuid(rights.uid, rights.uid, rights.uid) != 0))
        return "it cannot become an unprivileged user";
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return set_caps(0) ? NULL : "it cannot give up capabilities";
}

unsigned nfl_rights_uid(void)
{
    return rights.uid;
}

unsigned nfl_rights_gid(void)
{
    return rights.gid;
}
