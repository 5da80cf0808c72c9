/* SPDX-License-Identifier: MIT */
/*
 * A manager started here: a forked child that runs a server. It tells its address through a pipe,
 * or why there is none. It ends when it is asked to, and when its creator does: the server watches
 * the creator's process itself, so that no inherited descriptor can keep it alive.
 */
#include "base/error.h"
#include "client/process.h"
#include "syncmanager/server.h"
#include "system/pidfd.h"
#include "system/random.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child says through the pipe. */
struct report {
    int status;     /* SM_OK or SM_E... */
    char text[512]; /* the address, or the message */
};

struct start {
    const char *address;
    char directory[64]; /* made for the socket; "" if none */
    const struct sm_manager_options *options;
    struct sm_server_options server;
    pid_t creator;
    uint8_t random[32]; /* the key, where there is no other: each process wipes its copy */
};

static struct sm_server *child_server; /* of the child, for its signal handler */

static void on_terminate(int signal)
{
    (void)signal;
    sm_server_stop(child_server);
}

static void send_report(int fd, int status, const char *text)
{
    struct report report = {.status = status};

    snprintf(report.text, sizeof(report.text), "%s", text);
    (void)!write(fd, &report, sizeof(report));
    close(fd);
}

static int prepare_server(struct start *start, struct sm_server **ret)
{
    int r = sm_server_new(&start->server, ret);

    explicit_bzero(start->random, sizeof(start->random));
    if (r == SM_OK && start->options->setup)
        r = start->options->setup(*ret, start->options->context);
    if (r >= 0)
        r = sm_server_listen(*ret, start->address);
    return r;
}

/* Like the standard library's, the manager leaves Ctrl-C to its creator. */
static void child_run(struct start *start, int fd)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN}, terminate = {.sa_handler = on_terminate};
    struct sm_server *server = NULL;
    sigset_t none;
    int r;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL); /* the starting thread may have blocked SIGTERM */

    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    r = prepare_server(start, &server);
    if (r < 0) {
        send_report(fd, r, sm_last_error()->message);
    } else {
        child_server = server;
        sigaction(SIGTERM, &terminate, NULL);
        send_report(fd, SM_OK, sm_server_address(server, 0));
        sm_server_run(server);
        sigaction(SIGTERM, &ignore, NULL); /* the server is about to be freed */
    }
    sm_server_free(server);
    if (start->directory[0])
        rmdir(start->directory);
    _exit(0);
}

static int read_report(int fd, struct report *ret)
{
    ssize_t n;

    do
        n = read(fd, ret, sizeof(*ret));
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)sizeof(*ret))
        return ret->status == SM_OK ? SM_OK : error_set(ret->status, "%s", ret->text);
    return error_set(SM_ESYSTEM, "the manager's process ended before it listened");
}

static int system_error(const char *what)
{
    return error_set(SM_ESYSTEM, "%s: %s", what, error_text(errno));
}

static int fork_server(struct start *start, pid_t *ret_pid, struct report *ret)
{
    int fds[2], r;
    pid_t pid = -1;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return system_error("pipe");
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        child_run(start, fds[1]);
    }
    close(fds[1]);
    r = pid < 0 ? system_error("fork") : read_report(fds[0], ret);
    close(fds[0]);
    if (r < 0 && pid > 0)
        waitpid(pid, NULL, 0);
    *ret_pid = pid;
    return r;
}

/* A new folder that only we may enter, with room for the socket. */
static int make_address(struct start *start, char *room, size_t size)
{
    snprintf(start->directory, sizeof(start->directory), "/tmp/syncmanager-XXXXXX");
    if (!mkdtemp(start->directory)) {
        start->directory[0] = '\0';
        return system_error("/tmp");
    }
    snprintf(room, size, "unix:%s/socket", start->directory);
    start->address = room;
    return SM_OK;
}

static void prepare_start(struct start *start, const struct sm_manager_options *options)
{
    start->options = options;
    start->creator = getpid();
    if (options->server)
        start->server = *options->server;
    start->server.authkey = options->authkey;
    start->server.authkey_len = options->authkey_len;
    start->server.follow_pid = start->creator;
}

static int start_process(struct start *start, const struct sm_manager_options *options,
                         struct sm_manager **ret)
{
    struct sm_manager *manager;
    struct report report;
    char room[96];
    pid_t pid = -1;
    int r;

    prepare_start(start, options);
    if (!start->address) {
        r = make_address(start, room, sizeof(room));
        if (r < 0)
            return r;
    }
    r = fork_server(start, &pid, &report);
    if (r < 0) {
        if (start->directory[0])
            rmdir(start->directory);
        return r;
    }
    r = manager_new(report.text, options, &manager);
    if (r < 0) {
        kill(pid, SIGTERM);
        waitpid(pid, NULL, 0);
        return r;
    }
    manager->server = pid;
    manager->server_fd = pidfd_of(pid);
    if (manager->server_fd < 0) {
        errno = -manager->server_fd;
        r = system_error("pidfd_open");
        sm_manager_free(manager);
        return r;
    }
    *ret = manager;
    return SM_OK;
}

int sm_manager_start(const char *address, const struct sm_manager_options *options,
                     struct sm_manager **ret)
{
    const char *set = getenv("SYNCMANAGER_AUTHKEY");
    struct sm_manager_options filled = {0};
    struct start start = {.address = address};
    int r;

    if (options)
        filled = *options;
    if (!filled.authkey && set) {
        filled.authkey = set;
        filled.authkey_len = strlen(set);
    } else if (!filled.authkey) {
        if (!random_bytes(start.random, sizeof(start.random)))
            return system_error("no random numbers");
        filled.authkey = start.random;
        filled.authkey_len = sizeof(start.random);
    }
    r = start_process(&start, &filled, ret);
    explicit_bzero(start.random, sizeof(start.random));
    return r;
}
