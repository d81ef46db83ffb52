#include "ctl/notify.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int notify_fd = -1;

/* A name that begins with @ is in the abstract name space. */
void nfl_notify_open(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = name ? strlen(name) : 0;
    socklen_t len;

    if (n < 2 || n > sizeof(to.sun_path) || (*name != '/' && *name != '@'))
        return;
    memcpy(to.sun_path, name, n);
    if (*name == '@')
        to.sun_path[0] = '\0';
    len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify_fd >= 0 &&
        connect(notify_fd, (struct sockaddr *)&to, len) != 0) {
        close(notify_fd);
        notify_fd = -1;
    }
    unsetenv("NOTIFY_SOCKET");
}

void nfl_notify(const char *lines)
{
    if (notify_fd >= 0)
        (void)!send(notify_fd, lines, strlen(lines),
                    MSG_NOSIGNAL | MSG_DONTWAIT);
}
