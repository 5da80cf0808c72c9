/* SPDX-License-Identifier: MIT */
/*
 * What becomes of processes that share memory: they are stopped and killed at any instruction, they
 * run another program, there are hundreds of them for a moment each, they are of other namespaces.
 */
#include "client/proxy.h"
#include "support/sanitizers.h"
#include "support/sharing.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

/* In a child: what fails ends it. */
#define must(call)                                                                                 \
    do {                                                                                           \
        if ((call) != SM_OK)                                                                       \
            _exit(sm_complain(#call));                                                             \
    } while (0)

/* A child's status: this user may not do that here, whatever it is. */
#define NOT_ALLOWED 77

static void skip_if_not_allowed(int status, const char *what)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != NOT_ALLOWED)
        return;
    print_message("skipped: this user may not %s here\n", what);
    skip();
}

typedef int (*make_fn)(struct sm_manager *, struct sm_proxy **);

/* At an instruction. */

/* Its own instructions are nearly all there are then, and it sees each process by itself. */
static void skip_under_tsan(void)
{
#ifdef THREAD_SANITIZER
    print_message("skipped: at an instruction of TSan's\n");
    skip();
#endif
}

/* So many kills for a kind of lock, unless the environment's KILLS says otherwise. */
#define KILLS 40

static void turn_once(struct sm_proxy *lock)
{
    check_ok(sm_lock_acquire(lock, SM_FOREVER));
    check_ok(sm_lock_release(lock));
}

/* In a child: stand still until it is traced on. */
static void be_traced(void)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        _exit(NOT_ALLOWED);
    raise(SIGSTOP);
}

static void await_traced(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    skip_if_not_allowed(status, "trace processes");
    assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
}

/* A traced process that takes the lock and releases it by its word. It stops before that. */
static pid_t begin_turn(struct sm_manager *manager, struct sm_proxy *lock)
{
    pid_t child = spawn();

    if (!child) {
        unsigned words;

        warm_up(lock);
        words = by_words(manager);
        be_traced();
        must(sm_lock_acquire(lock, SM_FOREVER));
        must(sm_lock_release(lock));
        raise(SIGSTOP);
        _exit(by_words(manager) == words + 2 ? 0 : 1);
    }
    await_traced(child);
    return child;
}

/* One instruction more. Returns whether there was one, before it stopped itself again. */
static bool step(pid_t child)
{
    int status = 0;

    assert_int_equal(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status));
    return WSTOPSIG(status) == SIGTRAP;
}

/* How many instructions a turn has; between any two of them nobody else waits but for the lock. */
static int step_through(struct sm_manager *manager, struct sm_proxy *lock, struct sm_proxy *beside)
{
    pid_t child = begin_turn(manager, lock);
    int steps = 0, held = 0;

    while (step(child)) {
        int r = sm_lock_acquire(beside, 0);

        assert_true(r == SM_OK || r == SM_NOT_YET);
        if (r == SM_OK)
            check_ok(sm_lock_release(beside));
        held += r == SM_NOT_YET;
        steps++;
    }
    assert_true(held > 0);
    ptrace(PTRACE_DETACH, child, NULL, NULL);
    check_child(child);
    return steps;
}

/* Kill one after so many instructions. Returns whether it had not come to its end. */
static bool kill_after(struct sm_manager *manager, struct sm_proxy *lock, int steps)
{
    pid_t child = begin_turn(manager, lock);
    bool going = true;

    while (going && steps--)
        going = step(child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return going;
}

/* How many instructions are between two kills, of so many. */
static int stride_of(int steps)
{
    const char *kills = getenv("KILLS");

    return 1 + steps / (kills ? atoi(kills) : KILLS);
}

/* With a Lock, then an RLock: what has so many steps is done to those who take it. */
static void try_both(struct sm_manager *manager,
                     void (*try)(struct sm_manager *manager, struct sm_proxy *lock,
                                 struct sm_proxy *same, int steps))
{
    static const make_fn makes[] = {sm_lock, sm_rlock};
    struct sm_manager *other = reach(manager);

    for (size_t i = 0; i < 2; i++) {
        struct sm_proxy *lock, *same;

        check_ok(makes[i](manager, &lock));
        same = same_object(other, lock);
        try(manager, lock, same, step_through(manager, lock, same));
        sm_proxy_free(same);
        sm_proxy_free(lock);
    }
    sm_manager_free(other);
}

/* Those beside go by words, and by requests. */
static void kill_at_steps(struct sm_manager *manager, struct sm_proxy *lock, struct sm_proxy *same,
                          int steps)
{
    for (int n = 0; kill_after(manager, lock, n); n += stride_of(steps))
        turn_once(n % 2 ? lock : same);
}

static void one_stopped_or_killed_at_any_instruction_keeps_nobody_else_waiting(void **state)
{
    skip_under_tsan();
    try_both(*state, kill_at_steps);
}

/* Its connection is ended under it: each call is made, or says that the connection was lost. */
static void turn_or_lose(struct sm_proxy *lock)
{
    int r = sm_lock_acquire(lock, SM_FOREVER);

    if (r == SM_OK)
        r = sm_lock_release(lock);
    _exit(r == SM_OK || r == SM_ECLOSED ? 0 : sm_complain("turn"));
}

static pid_t begin_to_lose(struct sm_proxy *lock)
{
    pid_t child = spawn();

    if (!child) {
        warm_up(lock);
        be_traced();
        turn_or_lose(lock);
    }
    await_traced(child);
    return child;
}

static void end_connections(struct sm_manager *manager, pid_t process)
{
    struct sm_reply *reply;
    int64_t n;

    check_ok(sm_manager_call(manager, "sm_kill", SM_TUPLE(sm_none(), sm_int(process)), sm_missing(),
                             &reply));
    check_ok(sm_as_int(sm_reply_value(reply), &n));
    assert_int_equal(n, 1);
    sm_reply_free(reply);
}

/*
 * End the connections of one after so many instructions. An RLock is free then, although the
 * process stands still; a Lock is once that has ended. `same` is the lock, too.
 */
static void lose_after(struct sm_proxy *lock, struct sm_proxy *same, int steps)
{
    pid_t child = begin_to_lose(lock);

    while (steps--)
        step(child);
    end_connections(same->manager, child);
    if (strcmp(sm_proxy_typeid(lock), "RLock") == 0)
        turn_once(same);
    ptrace(PTRACE_DETACH, child, NULL, NULL);
    check_child(child);
    turn_once(same);
    turn_once(lock);
}

static void lose_at_steps(struct sm_manager *manager, struct sm_proxy *lock, struct sm_proxy *same,
                          int steps)
{
    (void)manager;
    for (int n = 0; n < steps; n += stride_of(steps))
        lose_after(lock, same, n);
}

static void one_whose_connection_is_ended_at_any_instruction_finds_out(void **state)
{
    skip_under_tsan();
    try_both(*state, lose_at_steps);
}

/* Units have no owner, here as by requests: the dead one's stays taken, and no other. */
static void one_killed_at_any_instruction_takes_no_more_than_its_own_unit(void **state)
{
    struct sm_manager *other;
    struct sm_proxy *sem, *same;
    int steps, lost = 0;

    skip_under_tsan();
    other = reach(*state);
    check_ok(sm_semaphore(*state, 1, &sem));
    same = same_object(other, sem);
    steps = step_through(*state, sem, same);
    for (int n = 0; kill_after(*state, sem, n); n += stride_of(steps)) {
        int r = sm_semaphore_acquire(same, 0);

        assert_true(r == SM_OK || r == SM_NOT_YET);
        lost += r == SM_NOT_YET;
        check_ok(sm_semaphore_release(same, 1));
        check_ok(sm_semaphore_acquire(same, 0));
        check_status(SM_NOT_YET, sm_semaphore_acquire(same, 0));
        check_ok(sm_semaphore_release(same, 1));
    }
    assert_true(lost > 0);
    sm_proxy_free(same);
    sm_proxy_free(sem);
    sm_manager_free(other);
}

/* Other lives. */

/* It holds the lock by its word, and is another program then. That ends with the pipe. */
static pid_t hold_and_exec(struct sm_manager *manager, struct sm_proxy *lock, const int until[2],
                           const int ready[2])
{
    pid_t child = spawn();
    unsigned words;

    if (child)
        return child;
    warm_up(lock);
    words = by_words(manager);
    must(sm_lock_acquire(lock, 0));
    if (by_words(manager) != words + 1)
        _exit(1);
    dup2(until[0], STDIN_FILENO);
    dup2(ready[1], STDOUT_FILENO);
    close(until[1]);
    execlp("sh", "sh", "-c", "echo; read line", (char *)NULL);
    _exit(1);
}

/* A Lock is the process's. An RLock goes with its connection, which is not handed on. */
static void what_a_process_holds_by_words_it_holds_as_another_program(void **state)
{
    static const make_fn makes[] = {sm_lock, sm_rlock};

    for (size_t i = 0; i < 2; i++) {
        int until[2], ready[2];
        struct sm_proxy *lock;
        pid_t child;
        char byte;

        assert_int_equal(pipe(until), 0);
        assert_int_equal(pipe(ready), 0);
        check_ok(makes[i](*state, &lock));
        child = hold_and_exec(*state, lock, until, ready);
        assert_int_equal(read(ready[0], &byte, 1), 1);
        if (makes[i] == sm_lock)
            check_status(SM_NOT_YET, sm_lock_acquire(lock, 0));
        else
            turn_once(lock);
        close(until[1]);
        waitpid(child, NULL, 0);
        turn_once(lock);
        close(until[0]);
        close(ready[0]);
        close(ready[1]);
        sm_proxy_free(lock);
    }
}

static size_t descriptors_of(pid_t process)
{
    char path[64];
    size_t n = 0;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)process);
    folder = opendir(path);
    assert_non_null(folder);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

/* Uses a lock and a Counter by their words, and one of its own; ends in one of three ways. */
static void live_shortly(struct sm_manager *manager, struct sm_proxy *lock,
                         struct sm_proxy *counter, int how)
{
    struct sm_proxy *own;

    must(sm_rlock(manager, &own));
    for (int i = 0; i < 5; i++) {
        must(sm_counter_add(counter, 1, NULL));
        must(sm_lock_acquire(own, SM_FOREVER));
    }
    must(sm_lock_acquire(lock, SM_FOREVER));
    if (how == 0)
        raise(SIGKILL);
    must(sm_lock_release(lock));
    if (how == 1)
        sm_proxy_free(own);
    _exit(0);
}

#define LIVES 300
#define LIVES_AT_ONCE 10

static void hundreds_of_short_lives_leave_nothing(void **state)
{
    struct sm_manager *manager = *state, *other = reach(manager);
    pid_t server = atomic_load(&manager->server);
    struct sm_proxy *lock, *counter;
    size_t descriptors;
    int64_t n = 0;

    check_ok(sm_lock(manager, &lock));
    check_ok(sm_counter(manager, 0, &counter));
    warm_up(lock);
    for (int i = 0; i < 4; i++)
        check_ok(sm_counter_get(counter, NULL));
    descriptors = descriptors_of(server);
    for (int i = 0; i < LIVES; i += LIVES_AT_ONCE) {
        for (int j = 0; j < LIVES_AT_ONCE; j++) {
            if (!spawn())
                live_shortly(j % 2 ? manager : other, lock, counter, (i + j) % 3);
        }
        for (int j = 0; j < LIVES_AT_ONCE; j++)
            assert_true(wait(NULL) > 0);
    }
    turn_once(lock);
    check_ok(sm_counter_get(counter, &n));
    assert_int_equal(n, 5 * LIVES);
    while (figure(manager, "processes") > 1)
        sched_yield(); /* until the last end was noticed */
    assert_int_equal(figure(manager, "words"), 2);
    assert_int_equal(figure(manager, "objects"), 2);
    assert_int_equal(descriptors_of(server), descriptors);
    sm_proxy_free(counter);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

/* Other namespaces. */

/* A child from which on all children are in a PID namespace of their own. */
static pid_t spawn_apart(void)
{
    pid_t child = spawn();

    if (!child && unshare(CLONE_NEWPID) < 0)
        _exit(NOT_ALLOWED);
    return child;
}

static void check_child_or_skip(pid_t child)
{
    int status = 0;

    assert_int_equal(waitpid(child, &status, 0), child);
    skip_if_not_allowed(status, "make PID namespaces");
    assert_int_equal(status, 0);
}

static void a_client_of_a_pid_namespace_below_leaves_its_lock(void **state)
{
    struct sm_proxy *lock;
    pid_t apart;

    check_ok(sm_lock(*state, &lock));
    apart = spawn_apart();
    if (!apart) {
        pid_t child = fork();

        if (!child) {
            warm_up(lock);
            must(sm_lock_acquire(lock, 0));
            _exit(getpid() == 1 && by_words(*state) ? 0 : 1);
        }
        check_child(child);
        _exit(0);
    }
    check_child_or_skip(apart);
    turn_once(lock);
    sm_proxy_free(lock);
}

/* In a namespace of its own, until the pipe ends. */
static void serve_apart(const char *address, const int ready[2], const int until[2])
{
    const struct sm_server_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_server *server;
    pid_t child;

    close(until[1]);
    child = fork();
    if (!child) {
        must(sm_server_new(&options, &server));
        must(sm_server_listen(server, address));
        (void)!write(ready[1], "", 1);
        must(sm_server_run(server));
    }
    close(ready[1]);
    (void)!read(until[0], &(char){0}, 1);
    kill(child, SIGKILL);
    _exit(0);
}

/* Its pid is nobody's there. Linux since 6.9 tells it by its pidfd; before, it has the socket. */
static void a_client_of_a_pid_namespace_above_has_memory_only_if_its_end_is_seen(void **state)
{
    const struct sm_manager_options options = {.authkey = "key", .authkey_len = 3};
    struct sm_manager *manager;
    struct sm_proxy *lock;
    int ready[2], until[2];
    char address[64];
    pid_t apart, child;

    (void)state;
    snprintf(address, sizeof(address), "unix:@sm-test-apart-%d", (int)getpid());
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(until), 0);
    apart = spawn_apart();
    if (!apart)
        serve_apart(address, ready, until);
    close(ready[1]);
    if (read(ready[0], &(char){0}, 1) != 1) {
        check_child_or_skip(apart);
        fail();
    }
    check_ok(sm_manager_connect(address, &options, &manager));
    check_ok(sm_lock(manager, &lock));
    warm_up(lock);
    if (by_words(manager)) {
        child = spawn();
        if (!child) {
            warm_up(lock);
            must(sm_lock_acquire(lock, 0));
            raise(SIGKILL);
        }
        waitpid(child, NULL, 0);
        turn_once(lock);
    }
    sm_proxy_free(lock);
    sm_manager_free(manager);
    close(until[1]);
    check_child(apart);
    close(ready[0]);
    close(until[0]);
}

/* Frozen. */

static bool put(const char *folder, const char *file, const char *text)
{
    char path[128];
    FILE *f;
    bool done;

    snprintf(path, sizeof(path), "%s/%s", folder, file);
    f = fopen(path, "w");
    if (!f)
        return false;
    done = fputs(text, f) >= 0;
    return fclose(f) == 0 && done;
}

static bool is_frozen(const char *folder)
{
    char path[128], line[64];
    bool frozen = false;
    FILE *f;

    snprintf(path, sizeof(path), "%s/cgroup.events", folder);
    f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f))
        frozen |= strcmp(line, "frozen 1\n") == 0;
    if (f)
        fclose(f);
    return frozen;
}

/* A cgroup that can be frozen, in either place where version 2 is mounted. */
static bool make_cgroup(char *folder, size_t size)
{
    static const char *const roots[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};

    for (size_t i = 0; i < 2; i++) {
        snprintf(folder, size, "%s/sm-test-%d", roots[i], (int)getpid());
        if (mkdir(folder, 0755) < 0)
            continue;
        if (put(folder, "cgroup.freeze", "0"))
            return true;
        rmdir(folder);
    }
    return false;
}

static void one_frozen_keeps_waiting_who_waits_for_its_lock(void **state)
{
    struct sm_manager *other = reach(*state);
    struct sm_proxy *lock, *same;
    char folder[96];

    if (!make_cgroup(folder, sizeof(folder))) {
        print_message("skipped: this user may not make a cgroup that can be frozen\n");
        sm_manager_free(other);
        skip();
    }
    check_ok(sm_lock(*state, &lock));
    same = same_object(other, lock);
    for (int i = 0; i < 10; i++) {
        pid_t child = spawn();
        char pid[16];
        int r;

        while (!child) {
            must(sm_lock_acquire(lock, SM_FOREVER));
            must(sm_lock_release(lock));
        }
        snprintf(pid, sizeof(pid), "%d", (int)child);
        assert_true(put(folder, "cgroup.procs", pid));
        turn_once(same);
        assert_true(put(folder, "cgroup.freeze", "1"));
        while (!is_frozen(folder))
            sched_yield();
        r = sm_lock_acquire(same, 0);
        assert_true(r == SM_OK || r == SM_NOT_YET);
        kill(child, SIGKILL);
        if (r == SM_NOT_YET)
            check_ok(sm_lock_acquire(same, SM_FOREVER));
        check_ok(sm_lock_release(same));
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_true(put(folder, "cgroup.freeze", "0"));
    }
    rmdir(folder);
    sm_proxy_free(same);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

/* The manager is killed while processes of both kinds are busy. */
static void a_manager_that_is_killed_is_missed_by_all_who_were_busy(void **state)
{
    struct sm_manager *manager = *state, *other = reach(manager);
    struct sm_proxy *lock, *counter, *same;
    pid_t child[6];

    check_ok(sm_lock(manager, &lock));
    check_ok(sm_counter(manager, 0, &counter));
    same = same_object(other, lock);
    for (int i = 0; i < 6; i++) {
        child[i] = spawn();
        if (!child[i]) {
            struct sm_proxy *own = i % 3 == 0 ? lock : same;
            int r = SM_OK;

            while (r == SM_OK && i % 3 < 2) {
                r = sm_lock_acquire(own, SM_FOREVER);
                r = r == SM_OK ? sm_lock_release(own) : r;
            }
            while (r == SM_OK)
                r = sm_counter_add(counter, 1, NULL);
            _exit(r == SM_ECLOSED ? 0 : 1);
        }
    }
    for (int i = 0; i < 20; i++)
        turn_once(same);
    kill(atomic_load(&manager->server), SIGKILL);
    for (int i = 0; i < 6; i++)
        check_child(child[i]);
    sm_proxy_free(same);
    sm_proxy_free(counter);
    sm_proxy_free(lock);
    sm_manager_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_key(one_stopped_or_killed_at_any_instruction_keeps_nobody_else_waiting),
        with_key(one_killed_at_any_instruction_takes_no_more_than_its_own_unit),
        with_key(one_whose_connection_is_ended_at_any_instruction_finds_out),
        with_manager(what_a_process_holds_by_words_it_holds_as_another_program),
        with_key(hundreds_of_short_lives_leave_nothing),
        with_manager(a_client_of_a_pid_namespace_below_leaves_its_lock),
        cmocka_unit_test(a_client_of_a_pid_namespace_above_has_memory_only_if_its_end_is_seen),
        with_key(one_frozen_keeps_waiting_who_waits_for_its_lock),
        with_key(a_manager_that_is_killed_is_missed_by_all_who_were_busy),
    };

    return run_group(tests, NULL, NULL);
}
