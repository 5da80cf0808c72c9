/* SPDX-License-Identifier: MIT */
/* Descriptors that go along with the bytes of a Unix socket. */
#include "support/check.h"

#include "net/loop.h"
#include "net/transport_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* A manager's end and a client's. */
struct ends {
    struct loop loop;
    struct timers timers;
    struct transport *manager, *client;
};

static void nothing(struct loop *loop)
{
    (void)loop;
}

static int setup(void **state)
{
    struct ends *ends = calloc(1, sizeof(*ends));
    struct address address;
    char text[64];
    const char *why;
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    signal(SIGPIPE, SIG_IGN);
    snprintf(text, sizeof(text), "unix:@sm-test-transport-%d", (int)getpid());
    if (address_parse(text, &address, &why) < 0 ||
        bind(listener, (struct sockaddr *)&address.sockaddr, address.len) < 0 ||
        listen(listener, 1) < 0 || loop_init(&ends->loop, &ends->timers, nothing, nothing) < 0 ||
        transport_socket_new(&address, FOREVER, &ends->client) < 0 ||
        ends->client->ops->connect(ends->client) < 0 ||
        transport_socket_on_loop(accept(listener, NULL, NULL), &ends->loop, false, FOREVER,
                                 &ends->manager) < 0)
        return -1;
    close(listener);
    *state = ends;
    return 0;
}

static int teardown(void **state)
{
    struct ends *ends = *state;

    ends->client->ops->close(ends->client);
    ends->manager->ops->close(ends->manager);
    loop_deinit(&ends->loop);
    timers_deinit(&ends->timers);
    free(ends);
    return 0;
}

static void send_text(struct ends *ends, const char *text)
{
    struct iovec part = {(void *)text, strlen(text)};

    assert_int_equal(ends->manager->ops->writev(ends->manager, &part, 1, false), strlen(text));
}

static void check_text(struct ends *ends, const char *expected)
{
    char text[64] = "";

    assert_int_equal(ends->client->ops->read(ends->client, text, sizeof(text) - 1, false),
                     strlen(expected));
    assert_string_equal(text, expected);
}

static ino_t inode(int fd)
{
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    return st.st_ino;
}

static void descriptors_come_with_the_next_bytes_and_once(void **state)
{
    struct ends *ends = *state;
    int pair[2], got[2] = {-1, -1};

    assert_int_equal(pipe(pair), 0);
    ends->manager->ops->pass(ends->manager, pair, 2);
    send_text(ends, "with");
    ends->client->ops->expect(ends->client, got, 2);
    check_text(ends, "with");
    assert_int_equal(inode(got[0]), inode(pair[0]));
    assert_int_equal(inode(got[1]), inode(pair[1]));
    assert_true(fcntl(got[0], F_GETFD) & FD_CLOEXEC);
    close(got[0]);
    close(got[1]);
    got[0] = got[1] = -1;
    send_text(ends, "without");
    check_text(ends, "without");
    assert_int_equal(got[0], -1);
    ends->client->ops->expect(ends->client, NULL, 0);
    close(pair[0]);
    close(pair[1]);
}

/* A pipe whose reading end was sent, and is nowhere else. */
static int send_reader(struct ends *ends, const char *text)
{
    int pair[2];

    assert_int_equal(pipe(pair), 0);
    ends->manager->ops->pass(ends->manager, pair, 1);
    send_text(ends, text);
    close(pair[0]);
    return pair[1];
}

/* Whether nobody can read it any more. */
static void check_closed(int writer)
{
    assert_int_equal(write(writer, "", 1), -1);
    assert_int_equal(errno, EPIPE);
    close(writer);
}

static void descriptors_that_nobody_expects_are_closed(void **state)
{
    struct ends *ends = *state;
    int unexpected = send_reader(ends, "unexpected"), surplus, got = -1;

    check_text(ends, "unexpected");
    check_closed(unexpected);
    ends->client->ops->expect(ends->client, &got, 1);
    unexpected = send_reader(ends, "first");
    check_text(ends, "first");
    surplus = send_reader(ends, "second");
    check_text(ends, "second");
    check_closed(surplus);
    close(got);
    check_closed(unexpected);
    ends->client->ops->expect(ends->client, NULL, 0);
}

static void descriptors_wait_for_room(void **state)
{
    struct ends *ends = *state;
    char bytes[4096] = "";
    struct iovec part = {bytes, sizeof(bytes)};
    int pair[2], got = -1;
    ssize_t n;

    assert_int_equal(pipe(pair), 0);
    while ((n = ends->manager->ops->writev(ends->manager, &part, 1, false)) > 0)
        continue;
    assert_int_equal(n, -EAGAIN);
    ends->manager->ops->pass(ends->manager, pair, 1);
    assert_int_equal(ends->manager->ops->writev(ends->manager, &part, 1, false), -EAGAIN);
    while (ends->client->ops->read(ends->client, bytes, sizeof(bytes), false) > 0)
        continue;
    send_text(ends, "now");
    ends->client->ops->expect(ends->client, &got, 1);
    check_text(ends, "now");
    assert_int_equal(inode(got), inode(pair[0]));
    ends->client->ops->expect(ends->client, NULL, 0);
    close(got);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(descriptors_come_with_the_next_bytes_and_once, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(descriptors_that_nobody_expects_are_closed, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(descriptors_wait_for_room, setup, teardown),
    };

    return run_group(tests, NULL, NULL);
}
