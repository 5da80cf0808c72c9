/* SPDX-License-Identifier: MIT */
/*
 * What a handshake takes of OpenSSL's, which a forked child must not wait for: its locks, of which
 * each that is taken is seen here; and the making of what is looked up, which a fork waits for.
 * Each test has a process of its own: the making is done once a process.
 */
#include "support/check.h"
#include "support/sanitizers.h"

#include "value/repr.h"
#include "wire/auth.h"
#include "wire/frame.h"

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(ADDRESS_SANITIZER) || defined(THREAD_SANITIZER)
#define SANITIZED 1
#endif

/* A child that hangs ends by SIGALRM. */
#define HANGS_AFTER_S 30

static atomic_int locks_taken; /* by OpenSSL */

/* Who takes a lock of OpenSSL's has it until the fork that is under way waits, or is done. */
static atomic_bool held_up, forking;
static sem_t reached, go_on;

static void let_go(void)
{
    if (atomic_exchange(&forking, false))
        sem_post(&go_on);
}

#ifndef SANITIZED /* those see locks in this way themselves */

static void taken(const void *caller)
{
    Dl_info info;

    if (!dladdr(caller, &info) || !info.dli_fname || !strstr(info.dli_fname, "libcrypto"))
        return;
    atomic_fetch_add(&locks_taken, 1);
    if (atomic_exchange(&held_up, false)) {
        sem_post(&reached);
        sem_wait(&go_on);
    }
}

/* In place of the C library's function, for libcrypto too: it calls that first. */
#define SEE(function, type)                                                                        \
    __attribute__((visibility("default"))) int function(type *lock);                               \
    int function(type *lock)                                                                       \
    {                                                                                              \
        static int (*real)(type *);                                                                \
        int r;                                                                                     \
                                                                                                   \
        if (!real)                                                                                 \
            real = (int (*)(type *))dlsym(RTLD_NEXT, #function);                                   \
        let_go();                                                                                  \
        r = real(lock);                                                                            \
        taken(__builtin_return_address(0));                                                        \
        return r;                                                                                  \
    }

SEE(pthread_rwlock_rdlock, pthread_rwlock_t)
SEE(pthread_rwlock_wrlock, pthread_rwlock_t)
SEE(pthread_mutex_lock, pthread_mutex_t)

#endif

static struct auth_key *new_key(void)
{
    struct auth_key *key = NULL;

    if (auth_key_new((const uint8_t *)"interop", 7, &key) < 0)
        abort();
    return key;
}

/* One end takes what the other has written. Returns what auth_feed() says. */
static int feed(struct auth *auth, struct buffer *in, struct buffer *out)
{
    struct frame frame;
    size_t need;
    int r;

    if (frame_parse(in->data, in->len, 1024, &frame, &need) != 0)
        abort();
    r = auth_feed(auth, frame.payload, frame.len, out);
    buffer_consume(in, frame.size);
    return r;
}

static void shake_hands(const struct auth_key *key)
{
    struct buffer to_server = {0}, to_client = {0};
    struct auth server, client;
    int r = AUTH_MORE, s = AUTH_MORE;

    auth_init(&server, AUTH_SERVER, key);
    auth_init(&client, AUTH_CLIENT, key);
    if (auth_start(&server, &to_client) < 0)
        abort();
    while (r == AUTH_MORE || s == AUTH_MORE) {
        if (to_client.len)
            r = feed(&client, &to_client, &to_server);
        if (to_server.len)
            s = feed(&server, &to_server, &to_client);
    }
    if (r != AUTH_DONE || s != AUTH_DONE)
        abort();
    buffer_deinit(&to_server);
    buffer_deinit(&to_client);
}

static void *make_key_and_shake_hands(void *unused)
{
    struct auth_key *key = new_key();

    (void)unused;
    shake_hands(key);
    auth_key_free(key);
    return NULL;
}

static void *print_a_large_number(void *unused)
{
    static const uint8_t bytes[20] = {[19] = 1};
    struct buffer text = {0};

    (void)unused;
    if (value_repr(&text, (struct sm_value){.kind = SM_KIND_BIGINT, .bytes = bytes, .len = 20}, 13))
        abort();
    buffer_deinit(&text);
    return NULL;
}

static void in_thread(void *(*run)(void *))
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, NULL) != 0 || pthread_join(thread, NULL) != 0)
        abort();
}

/* Run a part in a process of its own: it must exit with status 0. */
static void apart(void (*part)(void))
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        alarm(HANGS_AFTER_S);
        part();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void see_locks(void)
{
    in_thread(make_key_and_shake_hands);
    if (atomic_load(&locks_taken) == 0)
        _exit(2); /* the making takes many: they are not seen */
    atomic_store(&locks_taken, 0);
    in_thread(make_key_and_shake_hands);
    in_thread(print_a_large_number);
    _exit(atomic_load(&locks_taken) != 0);
}

static void only_the_first_key_of_a_process_takes_locks_of_openssl(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    apart(see_locks);
}

static void fork_while_a_key_is_made(void)
{
    pthread_t thread;
    pid_t pid;
    int status;

    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    atomic_store(&held_up, true);
    if (pthread_create(&thread, NULL, make_key_and_shake_hands, NULL) != 0)
        _exit(2);
    sem_wait(&reached);
    atomic_store(&forking, true);
    pid = fork();
    let_go();
    if (pid == 0) {
        alarm(HANGS_AFTER_S);
        make_key_and_shake_hands(NULL);
        exit(0); /* OpenSSL cleans up then */
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        _exit(3);
    pthread_join(thread, NULL);
}

static void a_fork_waits_for_the_first_key_to_be_made(void **state)
{
    (void)state;
#ifdef SANITIZED
    skip();
#endif
    apart(fork_while_a_key_is_made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_first_key_of_a_process_takes_locks_of_openssl),
        cmocka_unit_test(a_fork_waits_for_the_first_key_to_be_made),
    };

    return run_group(tests, NULL, NULL);
}
