#include "ctl/stop.h"
#include <pthread.h>
#include <stddef.h>
#include <string.h>

volatile sig_atomic_t nfl_stop_signal;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int number)
{
    nfl_stop_signal = number;
}

static void change_mask(int how)
{
    sigset_t set;
    size_t i;

    sigemptyset(&set);
    for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaddset(&set, signals[i]);
    pthread_sigmask(how, &set, NULL);
}

void nfl_stop_block(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    change_mask(SIG_BLOCK);
}

/* A signal that is ignored, as under nohup or in the background of a script,
 * stays so. */
void nfl_stop_install(void)
{
    struct sigaction now, new;
    size_t i;

    memset(&new, 0, sizeof(new));
    new.sa_handler = on_signal;
    new.sa_flags = (int)SA_RESETHAND;
    for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        if (sigaction(signals[i], NULL, &now) == 0 &&
            (signals[i] == SIGTERM || now.sa_handler != SIG_IGN))
            sigaction(signals[i], &new, NULL);
    change_mask(SIG_UNBLOCK);
}
