/* SPDX-License-Identifier: MIT */
/* How long connections without authentication may stay: a server that the test drives. */
#include "support/check.h"

#include "net/address.h"
#include "syncmanager.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sm_server *start(int *ret_fd)
{
    const struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .handshake_ms = 30};
    struct sm_server *server = NULL;
    struct address address;
    const char *why;

    assert_int_equal(sm_server_new(&options, &server), SM_OK);
    assert_int_equal(sm_server_listen(server, "127.0.0.1:0"), SM_OK);
    assert_int_equal(address_parse(sm_server_address(server, 0), &address, &why), 0);
    *ret_fd = socket(address.sockaddr.ss_family, SOCK_STREAM, 0);
    assert_int_equal(connect(*ret_fd, (struct sockaddr *)&address.sockaddr, address.len), 0);
    return server;
}

/* Serve until the connection is closed; what came before that is counted. */
static size_t serve_until_cut(struct sm_server *server, int fd)
{
    size_t bytes = 0;
    char room[256];
    ssize_t n;

    for (;;) {
        struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
                               {.fd = sm_server_fd(server), .events = POLLIN}};

        sm_server_step(server);
        assert_true(poll(fds, 2, sm_server_timeout_ms(server)) >= 0);
        if (!fds[0].revents)
            continue;
        n = recv(fd, room, sizeof(room), 0);
        if (n <= 0)
            return bytes;
        bytes += (size_t)n;
    }
}

static void who_says_nothing_is_cut_in_time(void **state)
{
    int fd;
    struct sm_server *server = start(&fd);

    (void)state;
    assert_true(serve_until_cut(server, fd) > 0); /* the challenge */
    close(fd);
    sm_server_free(server);
}

static void who_sends_half_a_frame_is_cut_in_time(void **state)
{
    int fd;
    struct sm_server *server = start(&fd);

    (void)state;
    assert_int_equal(send(fd, "\0\0\0\x20{sha", 8, 0), 8);
    assert_true(serve_until_cut(server, fd) > 0);
    close(fd);
    sm_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_says_nothing_is_cut_in_time),
        cmocka_unit_test(who_sends_half_a_frame_is_cut_in_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
