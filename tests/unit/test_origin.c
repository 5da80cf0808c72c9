/* SPDX-License-Identifier: MIT */
/* Who is at the other end of a Unix connection. */
#include "support/check.h"

#include "system/origin.h"
#include "system/pidfd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A listener, and a connection to it that a child has made: the child's, to be killed. */
struct meeting {
    int listener;
    int fd; /* our end */
    pid_t child;
    pid_t heir; /* a child of the child's, if that has one */
};

static void connect_to(const struct sockaddr_un *address, socklen_t len)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (connect(fd, (const struct sockaddr *)address, len) < 0)
        _exit(1);
}

/* What the child does once it has connected: it says so with its heir's pid. */
static void child_run(const struct sockaddr_un *address, socklen_t len, bool has_heir, int told)
{
    pid_t heir = 0;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "a\x1b[7m\nb");
    connect_to(address, len);
    if (has_heir)
        heir = fork();
    if ((has_heir && heir == 0) || write(told, &heir, sizeof(heir)) == (ssize_t)sizeof(heir))
        pause();
    _exit(1);
}

static void meet(struct meeting *meeting, bool has_heir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t len = sizeof(address);
    int told[2];

    meeting->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(meeting->listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(meeting->listener, 8), 0);
    assert_int_equal(getsockname(meeting->listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(pipe(told), 0);
    meeting->child = fork();
    if (meeting->child == 0)
        child_run(&address, len, has_heir, told[1]);
    assert_int_equal(read(told[0], &meeting->heir, sizeof(meeting->heir)), sizeof(meeting->heir));
    close(told[0]);
    close(told[1]);
    meeting->fd = accept(meeting->listener, NULL, NULL);
    assert_true(meeting->fd >= 0);
}

static void end_child(struct meeting *meeting)
{
    if (!meeting->child)
        return;
    kill(meeting->child, SIGKILL);
    waitpid(meeting->child, NULL, 0);
    meeting->child = 0;
}

static void part(struct meeting *meeting)
{
    end_child(meeting);
    if (meeting->heir)
        kill(meeting->heir, SIGKILL);
    close(meeting->fd);
    close(meeting->listener);
}

static void it_is_the_process_that_connected(void **state)
{
    struct meeting meeting;

    (void)state;
    meet(&meeting, false);
    assert_int_equal(origin_pid(meeting.fd), meeting.child);
    part(&meeting);
}

static void its_end_is_seen(void **state)
{
    struct meeting meeting;
    int pidfd;

    (void)state;
    meet(&meeting, false);
    pidfd = origin_open(meeting.fd);
    assert_true(pidfd >= 0);
    assert_false(pidfd_has_ended(pidfd));
    assert_true(origin_is_connected(meeting.fd));
    end_child(&meeting);
    assert_true(pidfd_has_ended(pidfd));
    assert_false(origin_is_connected(meeting.fd));
    close(pidfd);
    part(&meeting);
}

static void an_heir_holds_the_connection_and_is_not_the_process(void **state)
{
    struct meeting meeting;
    int pidfd;

    (void)state;
    meet(&meeting, true);
    pidfd = origin_open(meeting.fd);
    end_child(&meeting);
    assert_true(pidfd_has_ended(pidfd));
    assert_true(origin_is_connected(meeting.fd));
    close(pidfd);
    part(&meeting);
}

static void one_that_is_gone_has_no_pidfd_that_lives(void **state)
{
    struct meeting meeting;
    int pidfd;

    (void)state;
    meet(&meeting, false);
    end_child(&meeting);
    pidfd = origin_open(meeting.fd);
    assert_true(pidfd == -ESRCH || pidfd_has_ended(pidfd));
    if (pidfd >= 0)
        close(pidfd);
    part(&meeting);
}

static void two_pidfds_of_one_process_have_one_number(void **state)
{
    struct meeting meeting;
    int one, two, own[2];

    (void)state;
    meet(&meeting, false);
    one = origin_open(meeting.fd);
    two = origin_open(meeting.fd);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, own), 0);
    assert_int_equal(pidfd_number(one), pidfd_number(two));
    if (pidfd_number(one)) {
        int ours = origin_open(own[0]);

        assert_int_not_equal(pidfd_number(one), pidfd_number(ours));
        close(ours);
    }
    close(one);
    close(two);
    close(own[0]);
    close(own[1]);
    part(&meeting);
}

static void a_name_does_nothing_to_a_terminal(void **state)
{
    char name[ORIGIN_NAME_SIZE];
    struct meeting meeting;

    (void)state;
    meet(&meeting, false);
    origin_name(meeting.child, name);
    assert_string_equal(name, "a?[7m");
    origin_name(0, name);
    assert_string_equal(name, "?");
    part(&meeting);
}

static void it_is_quiet_when_all_has_been_read(void **state)
{
    char byte = 0;
    int fd[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_true(origin_is_quiet(fd[0]));
    assert_int_equal(write(fd[0], &byte, 1), 1);
    assert_false(origin_has_read(fd[0]));
    assert_false(origin_is_quiet(fd[1]));
    assert_int_equal(read(fd[1], &byte, 1), 1);
    assert_true(origin_has_read(fd[0]));
    assert_true(origin_is_quiet(fd[0]));
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_the_process_that_connected),
        cmocka_unit_test(its_end_is_seen),
        cmocka_unit_test(an_heir_holds_the_connection_and_is_not_the_process),
        cmocka_unit_test(one_that_is_gone_has_no_pidfd_that_lives),
        cmocka_unit_test(two_pidfds_of_one_process_have_one_number),
        cmocka_unit_test(a_name_does_nothing_to_a_terminal),
        cmocka_unit_test(it_is_quiet_when_all_has_been_read),
    };

    return run_group(tests, NULL, NULL);
}
