#include "ctl/eal.h"
#include "ctl/eal_args.h"
#include "ctl/say.h"
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

const char *nfl_eal_complaint(void)
{
    char *line, *end;

    if (!log_of.stream)
        return NULL;
    fflush(log_of.stream);
    if (!log_of.text || !*log_of.text)
        return NULL;
    line = without_origin(log_of.text);
    end = strchr(line, '\n');
    if (end)
        *end = '\0';
    return line;
}

void nfl_eal_settled(void)
{
    log_release();
}

/* The EAL leaves the folder of its run behind. Nothing is in it: we never let
 * it share its configuration. */
static void remove_folder(void)
{
    const char *dir = rte_eal_get_runtime_dir();

    if (dir && *dir)
        rmdir(dir);
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
    if (o->n_eal == 0)
        log_catch();
    r = rte_eal_init((int)a.n, a.v);
    if (r < 0) {
        why = nfl_eal_complaint();
        nfl_error("DPDK does not start: %s%s",
                  why ? why : rte_strerror(rte_errno),
                  o->n_eal ? " (arguments of --eal are DPDK's)" : "");
        log_release();
    }
    remove_folder();
    nfl_eal_args_free(&a);
    return r >= 0;
}

void nfl_eal_stop(void)
{
    log_release();
    rte_eal_cleanup();
    remove_folder();
}
