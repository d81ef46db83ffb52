#include "ctl/reload.h"
#include "ctl/health.h"
#include "ctl/say.h"
#include "ctl/stop.h"
#include "flow/reload.h"
#include <pthread.h>
#include <string.h>

/* The main thread may be the one that carries packets: another one reads. */
static struct {
    enum { IDLE, READS, HANDED_OUT } state;
    pthread_t thread;
    atomic_bool done;
    struct nfl_worker *first;
    struct nfl_reload *made; /* while it is READS */
    bool health;             /* checks asked for it, not SIGHUP */
    char err[1024];
    char said[900]; /* what to print when all have it */
} job;

static void *read_all(void *arg)
{
    (void)arg;
    job.made = job.health
                   ? nfl_reload_again(job.first, job.err, sizeof(job.err))
                   : nfl_reload_new(job.first, job.err, sizeof(job.err));
    if (job.made)
        nfl_health_known(job.first);
    if (job.made && !job.health)
        nfl_health_lists(job.first, job.made);
    atomic_store_explicit(&job.done, true, memory_order_release);
    return NULL;
}

static void refused(const char *why)
{
    nfl_error("%s: %s; all stays as it was", job.health ? "health" : "SIGHUP",
              why);
}

static void begin(const struct nfl_io *io)
{
    if (!job.health && io->options->changes) {
        refused("parameters follow --changes");
        return;
    }
    job.first = io->workers.at[0];
    job.done = false;
    if (pthread_create(&job.thread, NULL, read_all, NULL) != 0)
        refused("there can be no thread to read the configuration");
    else
        job.state = READS;
}

static void hand_out(void)
{
    const struct nfl_reload *r = job.made;

    pthread_join(job.thread, NULL);
    job.state = IDLE;
    if (!r) {
        refused(job.err);
        return;
    }
    if (job.health)
        snprintf(job.said, sizeof(job.said), "health: %s",
                 *r->told ? r->told + 2 : "no flow is concerned");
    else
        snprintf(job.said, sizeof(job.said),
                 "SIGHUP: read again: %s%s changed, %u object%s made anew%s",
                 *r->what ? "" : "no parameter", r->what, r->objects,
                 r->objects == 1 ? "" : "s", r->told);
    job.state = HANDED_OUT;
    nfl_reload_publish(job.first, job.made);
    job.made = NULL;
}

void nfl_reload_step(struct nfl_io *io)
{
    if (job.state == READS && atomic_load(&job.done))
        hand_out();
    if (job.state == HANDED_OUT && nfl_reload_settled(job.first)) {
        nfl_note("%s", job.said);
        job.state = IDLE;
    }
    if (job.state == IDLE && nfl_reload_signal) {
        nfl_reload_signal = 0;
        job.health = false;
        begin(io);
    }
    if (job.state == IDLE && nfl_health_pending() && nfl_health_take(io)) {
        job.health = true;
        begin(io);
    }
}

void nfl_reload_end(struct nfl_io *io)
{
    if (job.state != READS)
        return;
    pthread_join(job.thread, NULL);
    nfl_reload_discard(io->workers.at[0], job.made);
    job.state = IDLE;
}
