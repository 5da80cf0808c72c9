/* SPDX-License-Identifier: MIT */
/* The process of a manager that was started here (start/start.c), from then on: its end. */
#include "client/process.h"

#include "base/error.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long the process has for each step of its end: to end when asked, then at SIGTERM. */
#define END_TIME (1 * SEC)

/* The longest sleep, and the longest that may be asked for without being for ever: 100 years. */
#define LOOK_TIME (3600 * SEC)
#define LONGEST_WAIT_S 3e9

/* Wait for the end of the process. Returns whether it has ended. */
static bool process_wait(struct sm_manager *manager, nsec time)
{
    struct pollfd fd = {.fd = manager->server_fd, .events = POLLIN};
    nsec deadline = channel_deadline(time);
    nsec left = time;

    if (!manager->server)
        return true;
    while (left > 0) {
        if (poll(&fd, 1, (int)((MIN(left, LOOK_TIME) + MSEC - 1) / MSEC)) > 0)
            break;
        left = channel_time_left(deadline);
    }
    if (waitpid(manager->server, NULL, WNOHANG) == 0)
        return false;
    manager->server = 0;
    return true;
}

void process_end(struct sm_manager *manager)
{
    struct channel_wait wait = {.deadline = channel_deadline(END_TIME)};
    struct outgoing shutdown = server_function("shutdown", no_args());

    if (!manager->server)
        return;
    manager_request_once(manager, &shutdown, &wait, NULL);
    if (process_wait(manager, END_TIME))
        return;
    kill(manager->server, SIGTERM);
    if (process_wait(manager, END_TIME))
        return;
    kill(manager->server, SIGKILL);
    waitpid(manager->server, NULL, 0);
    manager->server = 0;
}

void process_forget(struct sm_manager *manager)
{
    if (manager->server_fd >= 0)
        close(manager->server_fd);
}

int sm_manager_wait(struct sm_manager *manager, double timeout_s)
{
    nsec time;

    if (!manager)
        return error_set(SM_EARG, "no manager");
    if (manager->creator != this_process() || manager->server_fd < 0)
        return error_set(SM_EARG, "%s: not a manager that this process started", manager->text);
    if (timeout_s < 0 || timeout_s > LONGEST_WAIT_S)
        time = FOREVER;
    else
        time = (nsec)(timeout_s * 1e9);
    return process_wait(manager, time) ? SM_OK : SM_NOT_YET;
}
