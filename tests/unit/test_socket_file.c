/* SPDX-License-Identifier: MIT */
/* Socket files: stale ones are replaced, all else is left alone, and no link is followed. */
#include "support/check.h"

#include "net/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RACERS 8

/* A folder of its own, and paths in it. */
struct place {
    char folder[32];
    char path[64], lock[96], other[64];
    struct address address;
};

static void address_of(struct address *address, const char *path)
{
    char text[ADDRESS_TEXT_MAX];
    const char *why;

    snprintf(text, sizeof(text), "unix:%s", path);
    assert_int_equal(address_parse(text, address, &why), 0);
}

static int set_up(void **state)
{
    struct place *place = test_calloc(1, sizeof(*place));

    strcpy(place->folder, "/tmp/sm-test-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof(place->path), "%s/socket", place->folder);
    snprintf(place->lock, sizeof(place->lock), "%s.syncmanager-lock", place->path);
    snprintf(place->other, sizeof(place->other), "%s/other", place->folder);
    address_of(&place->address, place->path);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    const char *const paths[] = {place->path, place->lock, place->other};

    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        unlink(paths[i]);
        rmdir(paths[i]);
    }
    assert_int_equal(rmdir(place->folder), 0);
    test_free(place);
    return 0;
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* A socket bound to `path`, which does not listen. */
static int bind_there(const char *path)
{
    struct address address;
    int fd = new_socket();

    address_of(&address, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address.sockaddr, address.len), 0);
    return fd;
}

static void make_stale(const char *path)
{
    close(bind_there(path));
}

/* A descriptor that listens, or what socket_file_listen() says. */
static int listen_there(struct place *place, struct socket_file *ret)
{
    int fd = new_socket();
    int r = socket_file_listen(fd, &place->address, ret);

    if (r == 0)
        return fd;
    close(fd);
    return r;
}

static int try_listen(struct place *place)
{
    struct socket_file file;
    int fd = listen_there(place, &file);

    if (fd < 0)
        return fd;
    close(fd);
    return 0;
}

static mode_t type_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

static void make_file(const char *path)
{
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "kept", 4), 4);
    close(fd);
}

static void assert_file_kept(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_size, 4);
}

static void a_stale_socket_is_replaced(void **state)
{
    struct place *place = *state;

    make_stale(place->path);
    assert_int_equal(try_listen(place), 0);
}

static void a_live_one_is_refused_and_lives_on(void **state)
{
    struct place *place = *state;
    struct socket_file file;
    int fd = listen_there(place, &file), client;

    assert_true(fd >= 0);
    assert_int_equal(try_listen(place), -EADDRINUSE);
    client = new_socket();
    assert_int_equal(
        connect(client, (struct sockaddr *)&place->address.sockaddr, place->address.len), 0);
    close(client);
    close(fd);
}

static void one_that_is_bound_and_will_listen_is_not_stale(void **state)
{
    struct place *place = *state;
    int fd = bind_there(place->path);

    assert_int_equal(try_listen(place), -EADDRINUSE);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(try_listen(place), -EADDRINUSE);
    close(fd);
    assert_int_equal(try_listen(place), 0);
}

static void one_that_is_bound_by_another_path_is_not_stale(void **state)
{
    struct place *place = *state;
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "%s/./socket", place->folder);
    fd = bind_there(path);
    assert_int_equal(try_listen(place), -EADDRINUSE);
    close(fd);
    assert_int_equal(try_listen(place), 0);
}

static void a_connection_of_one_that_is_gone_does_not_keep_its_socket(void **state)
{
    struct place *place = *state;
    struct socket_file file;
    int fd = listen_there(place, &file), client = new_socket(), accepted;

    assert_true(fd >= 0);
    assert_int_equal(
        connect(client, (struct sockaddr *)&place->address.sockaddr, place->address.len), 0);
    accepted = accept(fd, NULL, NULL);
    assert_true(accepted >= 0);
    close(fd);
    assert_int_equal(try_listen(place), 0);
    close(accepted);
    close(client);
}

static void nobody_else_may_connect_whatever_the_umask(void **state)
{
    struct place *place = *state;
    mode_t mask = umask(0);
    struct stat st;

    assert_int_equal(try_listen(place), 0);
    umask(mask);
    assert_int_equal(stat(place->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void no_lock_file_stays_behind(void **state)
{
    struct place *place = *state;

    make_stale(place->path);
    assert_int_equal(try_listen(place), 0);
    assert_int_equal(type_of(place->lock), 0);
}

static void a_lock_file_left_behind_does_no_harm(void **state)
{
    struct place *place = *state;

    make_file(place->lock);
    assert_int_equal(try_listen(place), 0);
}

static void a_file_is_left_alone(void **state)
{
    struct place *place = *state;

    make_file(place->path);
    assert_int_equal(try_listen(place), -EEXIST);
    assert_file_kept(place->path);
}

static void a_folder_is_left_alone(void **state)
{
    struct place *place = *state;

    assert_int_equal(mkdir(place->path, 0700), 0);
    assert_int_equal(try_listen(place), -EEXIST);
    assert_true(type_of(place->path) == S_IFDIR);
}

static void a_link_to_a_stale_socket_is_left_alone(void **state)
{
    struct place *place = *state;

    make_stale(place->other);
    assert_int_equal(symlink(place->other, place->path), 0);
    assert_int_equal(try_listen(place), -EEXIST);
    assert_true(type_of(place->path) == S_IFLNK);
    assert_true(type_of(place->other) == S_IFSOCK);
}

static void a_link_to_nowhere_makes_no_socket_there(void **state)
{
    struct place *place = *state;

    assert_int_equal(symlink(place->other, place->path), 0);
    assert_int_equal(try_listen(place), -EEXIST);
    assert_int_equal(type_of(place->other), 0);
}

static void a_link_as_lock_file_is_not_followed(void **state)
{
    struct place *place = *state;

    make_file(place->other);
    assert_int_equal(symlink(place->other, place->lock), 0);
    assert_int_equal(try_listen(place), -ELOOP);
    assert_file_kept(place->other);
    assert_true(type_of(place->lock) == S_IFLNK);
}

static void what_is_no_file_is_no_lock_file(void **state)
{
    struct place *place = *state;

    assert_int_equal(mkfifo(place->lock, 0600), 0);
    assert_int_equal(try_listen(place), -ELOOP);
    unlink(place->lock);
    assert_int_equal(mkdir(place->lock, 0700), 0);
    assert_int_equal(try_listen(place), -ELOOP);
}

static void what_another_user_left_is_left_alone(void **state)
{
    struct place *place = *state;

    if (geteuid() != 0)
        skip();
    make_stale(place->path);
    assert_int_equal(chown(place->path, 12345, 12345), 0);
    assert_int_equal(try_listen(place), -EPERM);
    assert_true(type_of(place->path) == S_IFSOCK);
}

static void a_lock_file_of_another_user_is_refused(void **state)
{
    struct place *place = *state;

    if (geteuid() != 0)
        skip();
    make_file(place->lock);
    assert_int_equal(chown(place->lock, 12345, 12345), 0);
    assert_int_equal(try_listen(place), -ELOOP);
    assert_file_kept(place->lock);
}

static void a_server_removes_its_file(void **state)
{
    struct place *place = *state;
    struct socket_file file;
    int fd = listen_there(place, &file);

    assert_true(fd >= 0);
    socket_file_remove(&place->address, &file);
    assert_int_equal(type_of(place->path), 0);
    close(fd);
}

static void a_file_that_another_server_has_made_since_is_not_removed(void **state)
{
    struct place *place = *state;
    struct socket_file file, later;
    int fd = listen_there(place, &file), later_fd;

    assert_true(fd >= 0);
    assert_int_equal(unlink(place->path), 0);
    later_fd = listen_there(place, &later);
    assert_true(later_fd >= 0);
    socket_file_remove(&place->address, &file);
    assert_true(type_of(place->path) == S_IFSOCK);
    close(fd);
    close(later_fd);
}

/* Wait for the start, try, tell the result, and live until the others have tried too. */
static void race(struct place *place, int start, int results, int end)
{
    struct socket_file file;
    char byte;
    int r;

    (void)!read(start, &byte, 1);
    r = listen_there(place, &file);
    (void)!write(results, &r, sizeof(r));
    (void)!read(end, &byte, 1);
    _exit(0);
}

/* How many of those who start at once on one stale socket come to listen. */
static int race_for(struct place *place)
{
    int start[2], results[2], end[2], winners = 0, r;
    pid_t racers[RACERS];

    assert_int_equal(pipe(start), 0);
    assert_int_equal(pipe(results), 0);
    assert_int_equal(pipe(end), 0);
    for (int i = 0; i < RACERS; i++) {
        racers[i] = fork();
        if (racers[i] == 0) {
            close(start[1]);
            close(end[1]);
            race(place, start[0], results[1], end[0]);
        }
    }
    close(start[1]);
    for (int i = 0; i < RACERS; i++) {
        assert_int_equal(read(results[0], &r, sizeof(r)), sizeof(r));
        assert_true(r >= 0 || r == -EADDRINUSE);
        winners += r >= 0;
    }
    close(end[1]);
    for (int i = 0; i < RACERS; i++)
        waitpid(racers[i], NULL, 0);
    close(start[0]);
    close(end[0]);
    close(results[0]);
    close(results[1]);
    return winners;
}

static void of_many_that_find_a_stale_socket_at_once_one_replaces_it(void **state)
{
    struct place *place = *state;

    make_stale(place->path);
    for (int i = 0; i < 20; i++)
        assert_int_equal(race_for(place), 1); /* which leaves it stale for the next round */
}

#define ON_FILES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_FILES(a_stale_socket_is_replaced),
        ON_FILES(a_live_one_is_refused_and_lives_on),
        ON_FILES(one_that_is_bound_and_will_listen_is_not_stale),
        ON_FILES(one_that_is_bound_by_another_path_is_not_stale),
        ON_FILES(a_connection_of_one_that_is_gone_does_not_keep_its_socket),
        ON_FILES(nobody_else_may_connect_whatever_the_umask),
        ON_FILES(no_lock_file_stays_behind),
        ON_FILES(a_lock_file_left_behind_does_no_harm),
        ON_FILES(a_file_is_left_alone),
        ON_FILES(a_folder_is_left_alone),
        ON_FILES(a_link_to_a_stale_socket_is_left_alone),
        ON_FILES(a_link_to_nowhere_makes_no_socket_there),
        ON_FILES(a_link_as_lock_file_is_not_followed),
        ON_FILES(what_is_no_file_is_no_lock_file),
        ON_FILES(what_another_user_left_is_left_alone),
        ON_FILES(a_lock_file_of_another_user_is_refused),
        ON_FILES(a_server_removes_its_file),
        ON_FILES(a_file_that_another_server_has_made_since_is_not_removed),
        ON_FILES(of_many_that_find_a_stale_socket_at_once_one_replaces_it),
    };

    return run_group(tests, NULL, NULL);
}
