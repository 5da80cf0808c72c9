/* SPDX-License-Identifier: MIT */
/*
 * How the process of a manager ends. SIGTERM has the server end as soon as nobody needs it. When
 * the server has ended, Python code has its turn: threads are joined, finalizers and atexit
 * handlers run, children are waited for. Any of these may take for ever: a pool's finalizer does
 * when its workers were killed. So the signal ends the process at once from then on, and after a
 * while it is ended without one. That is done by a thread which never takes the GIL.
 */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/*
 * The server that SIGTERM asks to resign. A program's signal may go to all its processes, and the
 * others are still at work then. A child that Python forks here has the handler, and no such
 * server.
 */
static struct {
    struct sm_server *server;
    pid_t process;
    volatile sig_atomic_t came;
    volatile sig_atomic_t over; /* the server has ended */
} sigterm;

static void on_sigterm(int number, siginfo_t *info, void *context)
{
    int saved = errno;

    (void)context;
    if (sigterm.server && !sigterm.over && getpid() == sigterm.process) {
        sigterm.came = 1;
        sm_server_resign(sigterm.server, info->si_code == SI_USER ? info->si_pid : 0);
    } else {
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = saved;
}

PyObject *server_heed_sigterm(struct server *self, PyObject *unused)
{
    struct sigaction action = {.sa_sigaction = on_sigterm, .sa_flags = SA_SIGINFO | SA_RESTART};

    (void)unused;
    sigterm.server = self->server;
    sigterm.process = getpid();
    sigterm.came = sigterm.over = 0;
    if (sigaction(SIGTERM, &action, NULL) < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

PyObject *server_had_sigterm(struct server *self, PyObject *unused)
{
    (void)unused;
    return PyBool_FromLong(sigterm.server == self->server && sigterm.came);
}

void forget_sigterm(struct server *self)
{
    if (sigterm.server == self->server)
        sigterm.server = NULL;
}

/*
 * Whoever waits for the process sees SIGTERM, if that was sent; only SIGKILL is certain to end it.
 */
static void *end_process(void *limit_ms)
{
    int number = sigterm.came ? SIGTERM : SIGKILL;
    unsigned ms = (unsigned)(uintptr_t)limit_ms;
    struct pollfd say = {.fd = STDERR_FILENO, .events = POLLOUT};
    sigset_t set;

    poll(NULL, 0, (int)ms);
    if (poll(&say, 1, 0) == 1 && say.revents == POLLOUT) /* a pipe that nobody reads may be full */
        dprintf(
            say.fd,
            "syncmanager: process %d: Python code that runs at its end took longer than %u ms\n",
            (int)getpid(), ms);
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    return NULL;
}

PyObject *server_end_within(struct server *self, PyObject *args)
{
    if (!PyArg_ParseTuple(args, "I:end_within", &self->end_ms))
        return NULL;
    Py_RETURN_NONE;
}

void server_is_over(struct server *self)
{
    pthread_t thread;

    if (sigterm.server == self->server)
        sigterm.over = 1;
    if (self->end_ms &&
        pthread_create(&thread, NULL, end_process, (void *)(uintptr_t)self->end_ms) == 0)
        pthread_detach(thread);
}
