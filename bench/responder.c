/* SPDX-License-Identifier: MIT */
/*
 * The server that does nothing: it answers every frame with the same one. Either a thread for each
 * connection blocks in recv(), which is the quickest there is for one, or one loop waits for all
 * with epoll, which is what a server does that has state to keep.
 *
 *     bench-responder [-l] [-x HEX] ADDRESS
 *
 * With -x the answer is that; else each connection's first frame, four bytes long, says how long
 * its answers are to be.
 */
#include "sockets.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (1 << 20)
#define EVENTS 64
#define AT_ONCE 64 /* answers in one write */

static uint8_t *fixed;
static size_t fixed_len;
static int listening;

struct connection {
    int fd;
    uint8_t *answer; /* AT_ONCE of them, one after the other */
    size_t answer_len;
    uint8_t *in;
    size_t in_len, in_size;
};

static struct connection *connection_new(int fd)
{
    struct connection *c = calloc(1, sizeof(*c));

    c->fd = fd;
    c->in_size = 4096;
    c->in = malloc(c->in_size);
    return c;
}

static void connection_free(struct connection *c)
{
    close(c->fd);
    free(c->answer);
    free(c->in);
    free(c);
}

static void set_answer(struct connection *c, const uint8_t *payload, size_t len)
{
    size_t times = len < BUFFER_SIZE / AT_ONCE ? AT_ONCE : 1;

    c->answer_len = FRAME_HEAD + len;
    c->answer = calloc(times, c->answer_len);
    for (size_t i = 0; i < times; i++) {
        frame_head(c->answer + i * c->answer_len, len);
        if (payload)
            memcpy(c->answer + i * c->answer_len + FRAME_HEAD, payload, len);
    }
}

static bool answer(struct connection *c, size_t times)
{
    size_t most = c->answer_len < BUFFER_SIZE / AT_ONCE ? AT_ONCE : 1;

    for (; times > most; times -= most)
        if (!send_all(c->fd, c->answer, most * c->answer_len))
            return false;
    return times == 0 || send_all(c->fd, c->answer, times * c->answer_len);
}

/* Answer all frames that are complete. */
static bool answer_all(struct connection *c)
{
    size_t at = 0, size, times = 0;
    uint32_t len;

    while ((size = frame_size(c->in + at, c->in_len - at))) {
        if (!c->answer && !fixed) {
            memcpy(&len, c->in + at + FRAME_HEAD, sizeof(len));
            set_answer(c, NULL, ntohl(len));
        } else {
            if (!c->answer)
                set_answer(c, fixed, fixed_len);
            times++;
        }
        at += size;
    }
    c->in_len -= at;
    memmove(c->in, c->in + at, c->in_len);
    return answer(c, times);
}

static bool serve_once(struct connection *c)
{
    ssize_t n;

    if (c->in_len == c->in_size) {
        c->in_size *= 2;
        c->in = realloc(c->in, c->in_size);
    }
    n = recv(c->fd, c->in + c->in_len, c->in_size - c->in_len, 0);
    if (n <= 0)
        return false;
    c->in_len += (size_t)n;
    return answer_all(c);
}

static void *serve_alone(void *memory)
{
    struct connection *c = memory;

    while (serve_once(c))
        ;
    connection_free(c);
    return NULL;
}

static void serve_by_threads(void)
{
    pthread_t thread;
    int fd;

    while ((fd = accept(listening, NULL, NULL)) >= 0) {
        pthread_create(&thread, NULL, serve_alone, connection_new(fd));
        pthread_detach(thread);
    }
}

static void serve_by_loop(void)
{
    struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
    int loop = epoll_create1(0), n;

    epoll_ctl(loop, EPOLL_CTL_ADD, listening, &event);
    while ((n = epoll_wait(loop, events, EVENTS, -1)) >= 0) {
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;

            if (c) {
                if (!serve_once(c))
                    connection_free(c);
                continue;
            }
            event.data.ptr = connection_new(accept(listening, NULL, NULL));
            epoll_ctl(loop, EPOLL_CTL_ADD, ((struct connection *)event.data.ptr)->fd, &event);
        }
    }
}

static void parse_hex(const char *hex)
{
    unsigned byte;

    fixed_len = strlen(hex) / 2;
    fixed = malloc(fixed_len + 1);
    for (size_t i = 0; i < fixed_len && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
        fixed[i] = (uint8_t)byte;
}

int main(int argc, char **argv)
{
    bool loop = false;
    int c;

    while ((c = getopt(argc, argv, "lx:")) != -1) {
        if (c == 'l')
            loop = true;
        else if (c == 'x')
            parse_hex(optarg);
        else
            return 2;
    }
    if (optind != argc - 1) {
        fprintf(stderr, "usage: %s [-l] [-x HEX] ADDRESS\n", argv[0]);
        return 2;
    }
    listening = sockets_listen(argv[optind]);
    if (listening < 0)
        return 1;
    (loop ? serve_by_loop : serve_by_threads)();
    return 0;
}
