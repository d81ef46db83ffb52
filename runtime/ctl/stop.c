#include "ctl/stop.h"
#include <pthread.h>
#include <stddef.h>
#include <string.h>

volatile sig_atomic_t nfl_stop_signal;
volatile sig_atomic_t nfl_reload_signal;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(int number)
{
    nfl_stop_signal = number;
}

static void on_hangup(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (info->si_code == SI_KERNEL)
        nfl_stop_signal = number;
    else
        nfl_reload_signal = 1;
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
static void install(int number, bool live)
{
    struct sigaction now, new;

    memset(&new, 0, sizeof(new));
    new.sa_handler = on_signal;
    new.sa_flags = (int)SA_RESETHAND;
    if (live && number == SIGHUP) {
        new.sa_sigaction = on_hangup;
        new.sa_flags = SA_SIGINFO | SA_RESTART;
    }
    if (sigaction(number, NULL, &now) == 0 &&
        (number == SIGTERM || now.sa_handler != SIG_IGN))
        sigaction(number, &new, NULL);
}

void nfl_stop_install(bool live)
{
    size_t i;

    for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        install(signals[i], live);
    change_mask(SIG_UNBLOCK);
}
