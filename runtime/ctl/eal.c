#include "ctl/eal.h"
#include "ctl/eal_args.h"
#include "ctl/rundir.h"
#include "ctl/say.h"
#include <fcntl.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What DPDK would print while it starts: it is shown only if that fails, and
 * then the first line of it, which is the cause. */
static struct {
    FILE *stream;
    char *text;
    size_t len;
} log_of;

static void log_catch(void)
{
    log_of.stream = open_memstream(&log_of.text, &log_of.len);
    if (log_of.stream)
        rte_openlog_stream(log_of.stream);
}

static void log_release(void)
{
    if (!log_of.stream)
        return;
    rte_openlog_stream(NULL);
    fclose(log_of.stream);
    free(log_of.text);
    memset(&log_of, 0, sizeof(log_of));
}

/* "EAL: cannot ..." and "rte_pmd_...(): cannot ..." without what comes first.
 */
static char *without_origin(char *line)
{
    char *p = strstr(line, "(): ");

    if (p)
        return p + 4;
    p = strstr(line, ": ");
    return p && strcspn(line, " ") == (size_t)(p - line) + 1 ? p + 2 : line;
}

/* That no folder could be made for the run is as we want it. */
static char *first_line(char *text)
{
    char *folder;

    while ((folder = strstr(text, NFL_RUNDIR_NONE)) != NULL &&
           folder < text + strcspn(text, "\n"))
        text += strcspn(text, "\n") + 1;
    return text;
}

const char *nfl_eal_complaint(void)
{
    char *line, *end;

    if (!log_of.stream)
        return NULL;
    fflush(log_of.stream);
    if (!log_of.text || !*log_of.text)
        return NULL;
    line = first_line(log_of.text);
    if (!*line)
        return NULL;
    line = without_origin(line);
    end = line + strcspn(line, "\n");
    *end = '\0';
    if (end > line && end[-1] == '.')
        end[-1] = '\0';
    return line;
}

void nfl_eal_settled(void)
{
    log_release();
}

/* Some of what it says goes to stdout and stderr whatever the log is. */
static int init_silently(struct nfl_eal_args *a)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    int r;

    log_catch();
    fflush(stdout);
    if (null >= 0 && out >= 0 && err >= 0) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    r = rte_eal_init((int)a->n, a->v);
    fflush(stdout);
    if (out >= 0)
        dup2(out, STDOUT_FILENO);
    if (err >= 0)
        dup2(err, STDERR_FILENO);
    close(null);
    close(out);
    close(err);
    return r;
}

bool nfl_eal_start(const char *program, const struct nfl_options *o)
{
    struct nfl_eal_args a;
    const char *why;
    int r;

    if (!nfl_eal_args_make(&a, program, o)) {
        nfl_error("no memory");
        return false;
    }
    nfl_note("%s", a.said);
    nfl_rundir_choose(o);
    r = nfl_eal_talks(o) ? rte_eal_init((int)a.n, a.v) : init_silently(&a);
    why = r < 0 ? nfl_eal_complaint() : NULL;
    if (r < 0 && a.huge && nfl_hugepages_free() < NFL_EAL_HUGE) {
        nfl_error("other programs took the hugepages while this one started; "
                  "start it again, or do without: --eal --no-huge");
    } else if (r < 0) {
        nfl_error("DPDK does not start: %s%s",
                  why ? why : rte_strerror(rte_errno),
                  o->n_eal ? " (arguments of --eal are DPDK's)" : "");
    }
    if (r < 0)
        log_release();
    nfl_rundir_settle(r >= 0);
    nfl_eal_args_free(&a);
    return r >= 0;
}

void nfl_eal_stop(void)
{
    log_release();
    rte_eal_cleanup();
    nfl_rundir_remove();
}
