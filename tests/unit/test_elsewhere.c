/* SPDX-License-Identifier: MIT */
/*
 * What is not known on another Unix than Linux, and that a server works without: this program is
 * linked with the files of src/system/ as they are compiled there.
 */
#include "support/client.h"
#include "support/serve.h"

#include "net/socket_file.h"
#include "system/bound.h"
#include "system/origin.h"
#include "system/pidfd.h"
#include "system/resident.h"
#include "system/tcp.h"
#include "system/this_process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_is_known_of_the_other_end(void **state)
{
    char name[ORIGIN_NAME_SIZE];
    int fd[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(origin_pid(fd[0]), 0);
    assert_int_equal(origin_user(fd[0]), -1);
    assert_int_equal(origin_open(fd[0]), -ENOTSUP);
    assert_false(origin_has_read(fd[0]));
    assert_false(origin_is_quiet(fd[0]));
    assert_int_equal(tcp_unacknowledged(fd[0]), 0);
    origin_name(getpid(), name);
    assert_string_equal(name, "?");
    assert_true(origin_is_connected(fd[0]));
    close(fd[1]);
    assert_false(origin_is_connected(fd[0]));
    close(fd[0]);
}

static void processes_have_no_descriptors(void **state)
{
    (void)state;
    assert_int_equal(pidfd_of(getpid()), -ENOTSUP);
    assert_int_equal(pidfd_number(0), 0);
    assert_int_equal(resident_bytes(), 0);
}

static void a_process_is_known_by_its_pid(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(this_process(), getpid());
    pid = fork();
    if (pid == 0)
        _exit(this_process() != (process_id)getpid());
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void a_socket_file_is_its_users_alone(void **state)
{
    char folder[] = "/tmp/sm-test-XXXXXX", path[64], text[ADDRESS_TEXT_MAX];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct socket_file file;
    struct address address;
    const char *why;
    struct stat st;
    mode_t mask;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/socket", folder);
    snprintf(text, sizeof(text), "unix:%s", path);
    assert_int_equal(address_parse(text, &address, &why), 0);
    mask = umask(0);
    assert_int_equal(socket_file_listen(fd, &address, &file), 0);
    umask(mask);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & ~S_IFMT, S_IRUSR | S_IWUSR);
    assert_false(socket_is_bound(path, &st));
    socket_file_remove(&address, &file);
    close(fd);
    assert_int_equal(rmdir(folder), 0);
}

static const struct sm_server_options server_options = {.authkey = "key", .authkey_len = 3};

static void a_manager_that_would_outlive_its_creator_is_not_started(void **state)
{
    struct sm_manager *manager = NULL;
    struct sm_server *server;
    char expected[80];

    (void)state;
    snprintf(expected, sizeof(expected), "cannot watch process %d: Operation not supported",
             (int)getpid());
    check_ok(sm_server_new(&server_options, &server));
    check_status(SM_ESYSTEM, sm_server_follow(server, getpid()));
    assert_string_equal(sm_last_error()->message, expected);
    sm_server_free(server);
    check_status(SM_ESYSTEM, sm_manager_start(NULL, NULL, &manager));
    assert_string_equal(sm_last_error()->message, expected);
    assert_null(manager);
}

/* Counts what is said of clients that cannot be watched. */
static void count_warning(void *context, enum sm_log_level level, const char *text)
{
    if (level == SM_LOG_WARNING && strstr(text, "cannot tell which process a client is"))
        ++*(int *)context;
}

/* A child that takes both locks, with its parent's proxies, and is to be killed. */
static pid_t fork_owner(struct sm_proxy *rlock, struct sm_proxy *lock)
{
    int told[2];
    char byte = 0;
    pid_t pid;

    assert_int_equal(pipe(told), 0);
    pid = fork();
    if (pid == 0) {
        if (sm_lock_acquire(rlock, 0) == SM_OK && sm_lock_acquire(lock, 0) == SM_OK &&
            write(told[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    close(told[1]);
    assert_int_equal(read(told[0], &byte, 1), 1);
    close(told[0]);
    return pid;
}

static void a_killed_client_holds_its_locks_but_not_its_rlocks(void **state)
{
    int warnings = 0;
    struct sm_server_options options = server_options;
    const struct sm_manager_options key = {.authkey = "key", .authkey_len = 3};
    struct sm_proxy *rlock, *lock;
    struct sm_manager *manager;
    struct sm_server *server;
    pthread_t thread;
    char address[64];
    pid_t pid;

    (void)state;
    options.log = count_warning;
    options.log_context = &warnings;
    check_ok(sm_server_new(&options, &server));
    snprintf(address, sizeof(address), "unix:@sm-test-elsewhere-%d", (int)getpid());
    check_ok(sm_server_listen(server, address));
    assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);
    check_ok(sm_manager_connect(address, &key, &manager));
    check_ok(sm_rlock(manager, &rlock));
    check_ok(sm_lock(manager, &lock));
    pid = fork_owner(rlock, lock);
    check_status(SM_NOT_YET, sm_lock_acquire(rlock, 0));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    check_ok(sm_lock_acquire(rlock, -1));
    check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
    check_ok(sm_lock_release(lock));
    check_ok(sm_lock_acquire(lock, 0));
    sm_proxy_free(rlock);
    sm_proxy_free(lock);
    sm_manager_free(manager);
    sm_server_stop(server);
    pthread_join(thread, NULL);
    assert_int_equal(warnings, 1);
    sm_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_known_of_the_other_end),
        cmocka_unit_test(processes_have_no_descriptors),
        cmocka_unit_test(a_process_is_known_by_its_pid),
        cmocka_unit_test(a_socket_file_is_its_users_alone),
        cmocka_unit_test(a_manager_that_would_outlive_its_creator_is_not_started),
        cmocka_unit_test(a_killed_client_holds_its_locks_but_not_its_rlocks),
    };

    return run_group(tests, NULL, NULL);
}
