/* Tells the service manager that started the program, if one did (systemd's
 * Type=notify, see sd_notify(3)). */
#ifndef NFL_CTL_NOTIFY_H
#define NFL_CTL_NOTIFY_H

/* Connects; NOTIFY_SOCKET is gone from the environment then. */
void nfl_notify_open(void);
/* Lines of sd_notify(3), as "READY=1". Nothing happens where nobody listens. */
void nfl_notify(const char *lines);

#endif
