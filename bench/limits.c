/* SPDX-License-Identifier: MIT */
/*
 * The driver of what the machine itself can do: bytes there and back through a server that does
 * nothing (bench-responder), and the ways in which one process can wake another.
 */
#include "driver.h"
#include "sockets.h"

#include <arpa/inet.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPELINE 16

/* A request of options.bytes and room for its reply, heads included. */
struct exchange {
    int fd;
    uint8_t *out, *in;
};

static int exchange_open(struct client *client)
{
    const struct options *o = client->options;
    struct exchange *x = calloc(1, sizeof(*x));
    uint8_t hello[2 * FRAME_HEAD];

    client->own = x;
    x->fd = sockets_connect(o->address);
    x->out = calloc(PIPELINE, o->bytes + FRAME_HEAD);
    x->in = malloc(PIPELINE * (o->reply + FRAME_HEAD));
    for (int i = 0; i < PIPELINE; i++)
        frame_head(x->out + (size_t)i * (o->bytes + FRAME_HEAD), o->bytes);
    frame_head(hello, sizeof(uint32_t));
    frame_head(hello + FRAME_HEAD, o->reply);
    return x->fd >= 0 && send_all(x->fd, hello, sizeof(hello)) ? 0 : -1;
}

static void exchange_close(struct client *client)
{
    struct exchange *x = client->own;

    close(x->fd);
    free(x->out);
    free(x->in);
    free(x);
}

static int exchange_times(struct client *client, int times)
{
    const struct options *o = client->options;
    struct exchange *x = client->own;

    if (!send_all(x->fd, x->out, (size_t)times * (o->bytes + FRAME_HEAD)) ||
        !receive_all(x->fd, x->in, (size_t)times * (o->reply + FRAME_HEAD)))
        return -1;
    return times;
}

static int exchange_turn(struct client *client)
{
    return exchange_times(client, 1);
}

static int pipeline_turn(struct client *client)
{
    return exchange_times(client, PIPELINE);
}

/* Two clients wake each other by a byte: directly, or through a process between them. */
struct wires {
    int fd[2]; /* the clients' ends */
    pid_t relay;
};

static int direct_prepare(struct client *first)
{
    struct wires *wires = calloc(1, sizeof(*wires));

    first->common = wires;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, wires->fd);
}

static void relay(const int fd[2])
{
    struct pollfd fds[] = {{.fd = fd[0], .events = POLLIN}, {.fd = fd[1], .events = POLLIN}};
    char bytes[64];

    while (poll(fds, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            ssize_t n = fds[i].revents ? read(fd[i], bytes, sizeof(bytes)) : -1;

            if (n > 0)
                send_all(fd[1 - i], bytes, (size_t)n);
        }
    }
}

static int relay_prepare(struct client *first)
{
    struct wires *wires = calloc(1, sizeof(*wires));
    int near[2], far[2];

    first->common = wires;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, near) < 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, far) < 0)
        return -1;
    wires->relay = fork();
    if (wires->relay == 0) {
        relay((int[]){near[1], far[1]});
        _exit(0);
    }
    wires->fd[0] = near[0];
    wires->fd[1] = far[0];
    return 0;
}

static void relay_finish(struct client *first)
{
    struct wires *wires = first->common;

    kill(wires->relay, SIGKILL);
    waitpid(wires->relay, NULL, 0);
}

static int wire_turn(struct client *client)
{
    struct wires *wires = client->common;
    int fd = wires->fd[client->index];
    char byte = 0;

    if (client->index == 0)
        return send_all(fd, &byte, 1) && receive_all(fd, &byte, 1) ? 2 : -1;
    return receive_all(fd, &byte, 1) && send_all(fd, &byte, 1) ? 0 : -1;
}

static void futex_wait(atomic_uint *word, unsigned while_it_is)
{
    syscall(SYS_futex, word, FUTEX_WAIT, while_it_is, NULL, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The word of each client is 1 when it may go on. */
static atomic_uint *word_of(struct client *client, unsigned index)
{
    return (atomic_uint *)&client->shared->word[index];
}

static void give(struct client *client)
{
    atomic_store(word_of(client, 1 - client->index), 1);
    futex_wake(word_of(client, 1 - client->index));
}

static void take(struct client *client)
{
    atomic_uint *mine = word_of(client, client->index);

    while (!atomic_exchange(mine, 0))
        futex_wait(mine, 0);
}

static int futex_turn(struct client *client)
{
    if (client->index == 0) {
        give(client);
        take(client);
        return 2;
    }
    take(client);
    give(client);
    return 0;
}

/* The same without sleeping: each looks at its word until it changes. */
static int memory_turn(struct client *client)
{
    atomic_uint *mine = word_of(client, client->index);
    atomic_uint *other = word_of(client, 1 - client->index);

    if (client->index == 0)
        atomic_store(other, 1);
    while (!atomic_load(mine))
        __builtin_ia32_pause();
    atomic_store(mine, 0);
    if (client->index == 1)
        atomic_store(other, 1);
    return client->index == 0 ? 2 : 0;
}

static int mutex_prepare(struct client *first)
{
    pthread_mutex_t *mutex =
        mmap(NULL, sizeof(*mutex), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t kind;

    first->common = mutex;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    return pthread_mutex_init(mutex, &kind);
}

static int mutex_turn(struct client *client)
{
    pthread_mutex_lock(client->common);
    pthread_mutex_unlock(client->common);
    return 1;
}

/* What turns allow, if nobody ever waits. */
static int holds_turn(struct client *client)
{
    (void)client;
    work_ns(HOLD_NS);
    work_ns(OUT_NS);
    return 1;
}

const struct work works[] = {
    {"exchange", NULL, exchange_open, exchange_turn, exchange_close},
    {"pipeline", NULL, exchange_open, pipeline_turn, exchange_close},
    {"wake", direct_prepare, NULL, wire_turn, .lockstep = true, .clients = 2},
    {"relay", relay_prepare, NULL, wire_turn, .finish = relay_finish, .lockstep = true,
     .clients = 2},
    {"futex", NULL, NULL, futex_turn, .lockstep = true, .clients = 2},
    {"memory", NULL, NULL, memory_turn, .lockstep = true, .clients = 2},
    {"mutex", mutex_prepare, NULL, mutex_turn},
    {"holds", NULL, NULL, holds_turn},
    {0},
};
