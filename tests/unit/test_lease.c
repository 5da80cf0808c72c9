/* SPDX-License-Identifier: MIT */
/*
 * Locks, semaphores and events that are lent: what the manager does, and what clients do between
 * any two of their steps, when they are killed there, and when the manager acts there.
 */
#include "support/expect.h"

/* The clients' steps, with this between them. */
static void (*at_step)(void);
#define STEP()                                                                                     \
    do {                                                                                           \
        if (at_step)                                                                               \
            at_step();                                                                             \
    } while (0)
#include "client/steps.c"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS 4
#define CELLS 8

/* Connections: two that share memory, of two processes, and one that does not. */
enum { ANN = 1, BOB, STOCK };

static struct account ann, bob;
static struct memory {
    struct word words[WORDS];
    struct cell cells[CELLS];
} * shared;

static struct leases *leases(void)
{
    return &probe_registry()->leases;
}

static int setup(void **state)
{
    at_step = NULL;
    account_init(&ann);
    account_init(&bob);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || probe_setup(state) < 0)
        return -1;
    return leases_begin(leases(), shared->words, WORDS, shared->cells, CELLS);
}

static int teardown(void **state)
{
    int r;

    lease_detach_all(leases(), &ann);
    lease_detach_all(leases(), &bob);
    account_abandon(&ann);
    account_abandon(&bob);
    r = probe_teardown(state);
    munmap(shared, sizeof(*shared));
    return r;
}

/* What a client has of an object. */
struct client {
    struct word *word;
    enum word_kind kind;
    uint64_t max;
    struct word_user user;
};

static struct word_user user_of(const struct call *connection)
{
    return (struct word_user){&shared->cells[connection->cell - 1], connection->cell - 1,
                              connection->generation};
}

/* Connect, and attach to the object. */
static struct client join(uint64_t caller, struct account *account, struct object *object)
{
    struct client client = {.kind = object->type->word};
    size_t word = 0;

    probe_account = account;
    client.user = user_of(probe_connect(caller));
    probe_account = NULL;
    assert_int_equal(lease_attach(object, account, &word), 0);
    leases_lend(leases());
    client.word = &shared->words[word];
    client.max = object->type->word_max ? object->type->word_max(object) : 0;
    return client;
}

static bool acquire(struct client *client)
{
    return word_acquire(client->word, client->kind, &client->user);
}

static bool release(struct client *client)
{
    return word_release(client->word, client->kind, client->max, &client->user);
}

static bool is_lent(const struct client *client)
{
    return atomic_load(&client->word->state) != WORD_SLOW;
}

/* A process ends: as peer/process.c does it. */
static void die(uint64_t caller, struct account *account)
{
    probe_disconnect(caller);
    call_disown_all(&account->owned, false);
    account->closed = true;
    lease_detach_all(leases(), account);
    leases_lend(leases());
}

static void what_is_taken_by_a_word_is_taken_for_all(void **state)
{
    static const char *const types[] = {"Lock", "RLock", "Semaphore", "BoundedSemaphore"};

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct object *lock = probe_object(types[i], "()");
        struct client client = join(10 + i, &ann, lock);

        assert_true(is_lent(&client));
        assert_true(acquire(&client));
        assert_string_equal(probe_reply(probe_call_as(STOCK, lock, "acquire", "(False,)")),
                            "False");
        assert_true(is_lent(&client));
        assert_true(release(&client));
        assert_string_equal(probe_reply(probe_call_as(STOCK, lock, "acquire", "(False,)")), "True");
        assert_false(acquire(&client));
        assert_true(release(&client) == (client.kind == WORD_COUNT)); /* units have no owner */
        lease_detach_all(leases(), &ann);
    }
}

static void a_bound_holds_by_words(void **state)
{
    struct object *sem = probe_object("BoundedSemaphore", "(2,)");
    struct client client = join(ANN, &ann, sem);

    (void)state;
    assert_false(release(&client));
    assert_true(acquire(&client));
    assert_true(acquire(&client));
    assert_false(acquire(&client));
    assert_true(release(&client));
    assert_true(release(&client));
    assert_false(release(&client));
    assert_string_equal(probe_ask(sem, "release", "()"),
                        "ValueError('Semaphore released too many times')");
    assert_non_null(strstr(probe_ask(sem, "__repr__", "()"), "value=2/2"));
}

static void an_event_is_set_and_cleared_by_its_word(void **state)
{
    struct object *event = probe_object("Event", "()");
    struct client client = join(ANN, &ann, event);
    bool is;

    (void)state;
    assert_true(word_set_flag(client.word, true, &client.user));
    assert_string_equal(probe_ask(event, "is_set", "()"), "True");
    assert_true(word_get_flag(client.word, &client.user, &is));
    assert_true(is);
    assert_true(word_set_flag(client.word, false, &client.user));
    assert_string_equal(probe_ask(event, "is_set", "()"), "False");
}

static void setting_an_event_that_is_waited_for_is_the_managers(void **state)
{
    struct object *event = probe_object("Event", "()");
    struct client client = join(ANN, &ann, event);
    struct call *waits = probe_call_as(STOCK, event, "wait", "()");

    (void)state;
    assert_false(word_set_flag(client.word, true, &client.user));
    probe_ask(event, "set", "()");
    assert_string_equal(probe_reply(waits), "True");
    assert_true(is_lent(&client));
}

static void nothing_is_lent_while_somebody_waits(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct client client = join(ANN, &ann, lock);
    struct call *waits;

    (void)state;
    assert_true(acquire(&client));
    waits = probe_call_as(STOCK, lock, "acquire", "()");
    assert_null(probe_reply(waits));
    assert_false(is_lent(&client));
    assert_false(release(&client));
    assert_string_equal(probe_reply(probe_call_as(ANN, lock, "release", "()")), "None");
    assert_string_equal(probe_reply(waits), "True");
}

static void an_rlock_is_as_deep_as_both_ways_together_took_it(void **state)
{
    struct object *lock = probe_object("RLock", "()");
    struct client client = join(ANN, &ann, lock);

    (void)state;
    assert_true(acquire(&client));
    assert_true(acquire(&client));
    assert_string_equal(probe_reply(probe_call_as(ANN, lock, "acquire", "()")), "True");
    assert_non_null(strstr(probe_ask(lock, "__repr__", "()"), "count=3"));
    assert_true(release(&client));
    assert_true(release(&client));
    assert_string_equal(probe_reply(probe_call_as(ANN, lock, "release", "()")), "None");
    assert_string_equal(probe_reply(probe_call_as(ANN, lock, "release", "()")),
                        "RuntimeError('cannot release un-acquired lock')");
    assert_true(is_lent(&client));
}

static void a_condition_waits_with_a_lock_that_was_taken_by_its_word(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct object *lock = cond->type->looks_into(cond);
    struct client client = join(ANN, &ann, lock), other = join(BOB, &bob, lock);
    struct call *waits;

    (void)state;
    assert_true(acquire(&client));
    waits = probe_call_as(ANN, cond, "wait", "(5.0,)");
    assert_null(probe_reply(waits));
    assert_true(acquire(&other));
    assert_string_equal(probe_reply(probe_call_as(BOB, cond, "notify", "()")), "None");
    assert_null(probe_reply(waits));
    assert_false(release(&other));
    assert_string_equal(probe_reply(probe_call_as(BOB, cond, "release", "()")), "None");
    assert_string_equal(probe_reply(waits), "True");
    assert_true(release(&client));
}

static void a_wait_that_ends_asks_the_word_for_its_lock(void **state)
{
    struct object *cond = probe_object("Condition", "()");
    struct object *lock = cond->type->looks_into(cond);
    struct client client = join(ANN, &ann, lock), other = join(BOB, &bob, lock);
    struct call *waits;

    (void)state;
    assert_true(acquire(&client));
    waits = probe_call_as(ANN, cond, "wait", "(5.0,)");
    assert_true(acquire(&other));
    probe_advance(5 * SEC);
    assert_null(probe_reply(waits));
    assert_string_equal(probe_reply(probe_call_as(BOB, cond, "release", "()")), "None");
    assert_string_equal(probe_reply(waits), "False");
}

static void a_lock_that_is_not_delivered_is_asked_of_its_word(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct client client = join(ANN, &ann, lock), other = join(BOB, &bob, lock);
    struct call *taken = probe_call_as(ANN, lock, "acquire", "()");

    (void)state;
    assert_true(release(&client));
    assert_true(acquire(&other));
    probe_undelivered(taken); /* it is another's by now */
    assert_string_equal(probe_reply(probe_call_as(STOCK, lock, "acquire", "(False,)")), "False");
    assert_true(release(&other));
    taken = probe_call_as(ANN, lock, "acquire", "()");
    assert_true(is_lent(&client));
    probe_undelivered(taken);
    assert_string_equal(probe_reply(probe_call_as(STOCK, lock, "acquire", "(False,)")), "True");
}

static void an_rlock_ends_with_its_connection_and_a_lock_does_not(void **state)
{
    struct object *rlock = probe_object("RLock", "()"), *lock = probe_object("Lock", "()");
    struct client deep = join(ANN, &ann, rlock), flat = deep;
    size_t word;

    (void)state;
    assert_int_equal(lease_attach(lock, &ann, &word), 0);
    leases_lend(leases());
    flat.word = &shared->words[word];
    flat.kind = WORD_LOCK;
    assert_true(acquire(&deep));
    assert_true(acquire(&deep));
    assert_true(acquire(&flat));
    probe_disconnect(ANN);
    assert_false(acquire(&deep));
    assert_false(release(&deep));
    assert_false(release(&flat));
    assert_string_equal(probe_ask(rlock, "acquire", "(False,)"), "True");
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
    assert_false(is_lent(&flat));
    call_disown_all(&ann.owned, false);
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "True");
}

static void a_word_is_anothers_only_when_nobody_has_it(void **state)
{
    struct object *first = probe_object("Lock", "()"), *second = probe_object("Lock", "()");
    size_t a, b, c;

    (void)state;
    assert_int_equal(lease_attach(first, &ann, &a), 0);
    assert_int_equal(lease_attach(first, &ann, &b), 0);
    assert_int_equal(lease_attach(first, &bob, &c), 0);
    assert_true(a == b && b == c);
    lease_detach(leases(), &ann, a);
    lease_detach(leases(), &bob, a);
    lease_detach(leases(), &bob, a);     /* once too often */
    lease_detach(leases(), &bob, WORDS); /* no such word */
    lease_detach(leases(), &bob, UINT64_MAX);
    assert_int_equal(leases()->len, 1);
    for (size_t i = 0; i < WORDS; i++) {
        assert_int_equal(lease_attach(second, &bob, &b), 0);
        assert_int_not_equal(a, b);
        lease_detach(leases(), &bob, b);
    }
    lease_detach(leases(), &ann, a);
    assert_null(first->lease);
    for (size_t i = 0; i < WORDS && b != a; i++) {
        lease_detach(leases(), &bob, b);
        assert_int_equal(lease_attach(second, &bob, &b), 0);
    }
    assert_int_equal(b, a);
}

static void one_process_leaves_as_much_to_others_as_it_has(void **state)
{
    struct object *lock[WORDS];
    size_t word, cells = 0;

    (void)state;
    for (size_t i = 0; i < WORDS; i++) {
        lock[i] = probe_object("Lock", "()");
        assert_int_equal(lease_attach(lock[i], &ann, &word), i < WORDS / 2 ? 0 : -ENOSPC);
    }
    assert_null(lock[WORDS - 1]->lease);
    assert_int_equal(lease_attach(lock[0], &bob, &word), 0); /* it has one already */
    assert_int_equal(lease_attach(lock[1], &bob, &word), 0);
    assert_int_equal(lease_attach(lock[2], &bob, &word), -ENOSPC);
    lease_detach(leases(), &bob, 0);
    assert_int_equal(lease_attach(lock[2], &bob, &word), 0);
    for (uint64_t i = 0; i < CELLS; i++) {
        probe_account = &ann;
        cells += probe_connect(10 + i)->cell != 0;
    }
    probe_account = &bob;
    assert_int_not_equal(probe_connect(BOB)->cell, 0);
    probe_account = NULL;
    assert_int_equal(cells, CELLS / 2);
    die(10, &ann);
    assert_int_equal(ann.words, 0);
    assert_int_equal(ann.cells, CELLS / 2 - 1);
}

static void many_words_for_many_connections_are_refused(void **state)
{
    struct object *lock[] = {probe_object("Lock", "()"), probe_object("Lock", "()"),
                             probe_object("Lock", "()")};
    size_t word;

    (void)state;
    ann.cells = LIMIT_OWNED_LOOKS / 2;
    assert_int_equal(lease_attach(lock[0], &ann, &word), 0);
    assert_int_equal(lease_attach(lock[1], &ann, &word), 0);
    assert_int_equal(lease_attach(lock[2], &ann, &word), -ENOSPC);
    assert_int_equal(lease_attach(lock[2], &bob, &word), 0);
    assert_int_equal(lease_attach(lock[2], &ann, &word), -ENOSPC);
    ann.cells = 0;
    ann.words = LIMIT_OWNED_LOOKS + 1;
    probe_account = &ann;
    assert_int_equal(probe_connect(ANN)->cell, 0);
    ann.words = 2;
    assert_int_not_equal(probe_connect(ANN + 100)->cell, 0);
    probe_account = NULL;
    die(ANN + 100, &ann);
}

static void a_word_whose_object_is_gone_says_nothing_any_more(void **state)
{
    struct object *condition = probe_object("Condition", "()"), *other = probe_object("Lock", "()");
    struct object *lock = condition->type->looks_into(condition);
    struct client client = join(ANN, &ann, lock);
    size_t word;

    (void)state;
    lease_end(lock); /* as object.c does, with the last reference */
    lock->lease = NULL;
    assert_false(acquire(&client));
    assert_int_equal(lease_attach(other, &ann, &word), 0);
    assert_true(&shared->words[word] != client.word);
}

static void a_cell_that_was_anothers_is_nobodys_by_its_old_name(void **state)
{
    struct object *lock = probe_object("RLock", "()");
    struct client old = join(ANN, &ann, lock), new = old;

    (void)state;
    probe_disconnect(ANN);
    leases_lend(leases());
    for (uint64_t i = 0; i < CELLS; i++) {
        probe_account = &ann;
        new.user = user_of(probe_connect(10 + i));
        probe_account = NULL;
        if (new.user.index == old.user.index)
            break;
        probe_disconnect(10 + i);
    }
    assert_int_equal(new.user.index, old.user.index);
    assert_false(acquire(&old));
    atomic_store(&old.word->state, word_owned(old.user.index, old.user.generation, 1));
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "True");
}

static int64_t count_of(struct object *counter)
{
    return strtoll(probe_ask(counter, "get", "()"), NULL, 10);
}

static void a_counter_is_changed_in_its_word_by_both(void **state)
{
    struct object *counter = probe_object("Counter", "(5,)");
    struct client client = join(ANN, &ann, counter), other = join(BOB, &bob, counter);
    bool was_old;
    int64_t n;

    (void)state;
    assert_true(word_add(client.word, -7, &client.user, &n));
    assert_int_equal(n, -2);
    assert_string_equal(probe_ask(counter, "add", "(3,)"), "1");
    assert_true(word_replace(client.word, 9, 0, &client.user, &was_old));
    assert_false(was_old);
    assert_true(word_replace(client.word, 1, INT64_MIN, &client.user, &was_old));
    assert_true(was_old);
    assert_false(word_add(client.word, -1, &client.user, &n)); /* an error is the manager's */
    assert_string_equal(probe_ask(counter, "compare_and_set", "(-9223372036854775808, 4)"), "True");
    assert_true(word_get_number(other.word, &other.user, &n));
    assert_int_equal(n, 4);
    assert_string_equal(probe_ask(counter, "__repr__", "()"), "'Counter(4)'");
    assert_int_equal(leases()->recalls, 0);
}

static void a_counter_counts_on_when_nobody_has_its_word(void **state)
{
    struct object *counter = probe_object("Counter", "()");
    struct client client = join(ANN, &ann, counter);
    int64_t n;

    (void)state;
    assert_true(word_add(client.word, 3, &client.user, &n));
    lease_detach_all(leases(), &ann);
    assert_null(counter->lease);
    assert_string_equal(probe_ask(counter, "add", "(4,)"), "7");
    client = join(BOB, &bob, counter);
    assert_true(word_get_number(client.word, &client.user, &n));
    assert_int_equal(n, 7);
}

static void a_counter_that_is_gone_is_not_counted_on(void **state)
{
    struct object *counter = probe_object("Counter", "()"), *other;
    struct client client = join(ANN, &ann, counter);
    struct word *word = client.word;
    int64_t n;

    (void)state;
    lease_end(counter); /* as object.c does, with the last reference */
    counter->lease = NULL;
    assert_false(word_add(word, 1, &client.user, &n));
    assert_false(word_get_number(word, &client.user, &n));
    lease_detach_all(leases(), &ann);
    do {
        lease_detach_all(leases(), &bob);
        other = probe_object("Counter", "(2,)");
        client = join(BOB, &bob, other);
    } while (client.word != word); /* they take turns */
    assert_true(word_add(word, 1, &client.user, &n));
    assert_int_equal(n, 3);
}

static void any_word_is_what_a_counter_counts(void **state)
{
    struct object *counter = probe_object("Counter", "()");
    struct client client = join(ANN, &ann, counter);

    (void)state;
    atomic_store(&client.word->state, WORD_SLOW);
    assert_string_equal(probe_ask(counter, "get", "()"), "-9223372036854775808");
    atomic_store(&client.word->state, UINT64_MAX);
    assert_string_equal(probe_ask(counter, "add", "()"), "0");
}

static void a_connection_counts_as_long_as_it_has_not_ended(void **state)
{
    struct object *counter = probe_object("Counter", "()");
    struct client client = join(ANN, &ann, counter);
    int64_t n;

    (void)state;
    assert_true(word_add(client.word, 1, &client.user, &n));
    probe_disconnect(ANN);
    assert_false(word_add(client.word, 1, &client.user, &n));
    assert_int_equal(count_of(counter), 1);
}

static void any_word_comes_to_a_state(void **state)
{
    static const char *const types[] = {"Lock", "RLock", "BoundedSemaphore", "Event"};
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct object *object = probe_object(types[i], "()");
        struct client client = join(20 + i, &ann, object);

        for (int n = 0; n < 500; n++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            atomic_store(&client.word->state, n % 2 ? seed : seed >> 32 & 0x800fffffffffffff);
            atomic_store(&client.word->since, (int64_t)seed);
            assert_non_null(probe_ask(object, "__repr__", "()"));
            probe_ask(object, i == 3 ? "set" : "release", "()");
        }
        lease_detach_all(leases(), &ann);
        probe_disconnect(20 + i);
    }
}

static void at_the_end_all_comes_back_and_nothing_is_lent(void **state)
{
    struct object *lock = probe_object("Lock", "()");
    struct client client = join(ANN, &ann, lock);

    (void)state;
    assert_true(acquire(&client));
    leases_end(leases());
    assert_false(release(&client));
    assert_string_equal(probe_ask(lock, "acquire", "(False,)"), "False");
    assert_false(is_lent(&client));
}

/* Its clients may be counting until their connections end. */
static void at_the_end_a_counter_stays_where_it_is(void **state)
{
    struct object *counter = probe_object("Counter", "()"), *other = probe_object("Counter", "()");
    struct client client = join(ANN, &ann, counter);
    size_t word;
    int64_t n;

    (void)state;
    leases_end(leases());
    assert_true(word_add(client.word, 1, &client.user, &n));
    assert_int_equal(count_of(counter), 1);
    assert_int_equal(lease_attach(other, &bob, &word), -ENOSPC);
}

/* What the process of a client does that is killed. */
static const struct deed {
    const char *typeid;
    unsigned takes, gives; /* that were done before, and are done now */
} deeds[] = {
    {"Lock", 1, 0},  {"Lock", 1, 1},      {"RLock", 1, 0},     {"RLock", 2, 0},
    {"RLock", 2, 2}, {"Semaphore", 1, 0}, {"Semaphore", 1, 1}, {"BoundedSemaphore", 1, 1},
};

static int steps_left;

static void die_at_step(void)
{
    if (steps_left-- == 0)
        raise(SIGKILL);
}

/* In a process of its own. Returns whether it was killed. */
static bool do_and_die(const struct deed *deed, struct client *client, int step)
{
    pid_t child = fork();
    int status = 0;

    if (!child) {
        steps_left = step;
        at_step = die_at_step;
        for (unsigned i = 0; i < deed->takes; i++)
            acquire(client);
        for (unsigned i = 0; i < deed->gives; i++)
            release(client);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
}

/* A semaphore's unit stays with the dead, as it does by requests. */
static void check_after_death(struct object *object, uint64_t units_out)
{
    const char *got = probe_reply(probe_call_as(STOCK, object, "acquire", "(False,)"));

    assert_string_equal(got, units_out ? "False" : "True");
}

static void one_killed_at_any_step_keeps_nobody_waiting(void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE(deeds); i++) {
        bool killed = true;

        for (int step = 0; killed; step++) {
            struct object *object;
            struct client client;
            uint64_t left;

            assert_int_equal(setup(state), 0);
            object = probe_object(deeds[i].typeid, "()");
            client = join(ANN, &ann, object);
            killed = do_and_die(&deeds[i], &client, step);
            left = atomic_load(&client.word->state);
            assert_true(left != WORD_SLOW);
            if (killed)
                die(ANN, &ann);
            if (killed || client.kind == WORD_COUNT || deeds[i].gives == deeds[i].takes)
                check_after_death(object, client.kind == WORD_COUNT && !left);
            assert_true(step < 100);
            assert_int_equal(teardown(state), 0);
        }
    }
    assert_int_equal(setup(state), 0);
}

static void one_killed_at_any_step_leaves_its_lock_to_who_waits(void **state)
{
    for (int step = 0, killed = true; killed; step++) {
        struct object *lock;
        struct client client;
        struct call *waits;

        assert_int_equal(setup(state), 0);
        lock = probe_object("Lock", "()");
        client = join(ANN, &ann, lock);
        killed = do_and_die(&(struct deed){"Lock", 1, 0}, &client, step);
        waits = probe_call_as(STOCK, lock, "acquire", "()");
        if (killed)
            die(ANN, &ann);
        else
            probe_ask(lock, "release", "()");
        assert_string_equal(probe_reply(waits), "True");
        assert_int_equal(teardown(state), 0);
    }
    assert_int_equal(setup(state), 0);
}

static void one_killed_at_any_step_has_counted_or_has_not(void **state)
{
    bool killed = true;

    for (int step = 0; killed; step++) {
        struct object *counter;
        struct client client;
        pid_t child;
        int64_t n;
        int status;

        assert_int_equal(setup(state), 0);
        counter = probe_object("Counter", "()");
        client = join(ANN, &ann, counter);
        child = fork();
        if (!child) {
            steps_left = step;
            at_step = die_at_step;
            _exit(word_add(client.word, 5, &client.user, &n) ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        killed = WIFSIGNALED(status);
        n = count_of(counter);
        assert_true(n == 5 || (killed && n == 0));
        die(ANN, &ann);
        assert_int_equal(count_of(counter), n);
        assert_int_equal(teardown(state), 0);
    }
    assert_int_equal(setup(state), 0);
}

/* What the manager does while the client is between two steps. */
static struct object *subject;
static struct call *stock;

static void manager_serves_another(void)
{
    stock = probe_call_as(STOCK, subject, "acquire", "()");
}

static void manager_looks(void)
{
    probe_ask(subject, "__repr__", "()");
}

static void manager_ends_the_connection(void)
{
    probe_disconnect(ANN);
    leases_lend(leases());
}

static void manager_ends_the_connection_and_serves_another(void)
{
    manager_ends_the_connection();
    manager_serves_another();
}

static void (*act)(void);

static void act_at_step(void)
{
    if (steps_left-- == 0) {
        at_step = NULL;
        act();
    }
}

/* Ours by the word, and by nothing else: then it is nobody else's. */
static void check_exclusion(bool ours)
{
    bool others = stock && probe_reply(stock);

    assert_false(ours && others);
    if (!stock)
        others =
            strcmp(probe_reply(probe_call_as(STOCK, subject, "acquire", "(False,)")), "True") == 0;
    assert_false(ours && others);
}

static void whatever_the_manager_does_at_any_step_one_has_the_lock(void **state)
{
    static void (*const acts[])(void) = {
        manager_serves_another,
        manager_looks,
        manager_ends_the_connection,
        manager_ends_the_connection_and_serves_another,
    };
    static const char *const types[] = {"Lock", "RLock"};

    for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
        for (size_t a = 0; a < ARRAY_SIZE(acts); a++) {
            bool acted = true;

            for (int step = 0; acted; step++) {
                struct client client;

                assert_int_equal(setup(state), 0);
                subject = probe_object(types[t], "()");
                stock = NULL;
                client = join(ANN, &ann, subject);
                steps_left = step;
                act = acts[a];
                at_step = act_at_step;
                check_exclusion(acquire(&client));
                acted = steps_left < 0;
                at_step = NULL;
                die(ANN, &ann);
                assert_string_equal(stock ? probe_reply(stock) : "True", "True");
                assert_int_equal(teardown(state), 0);
            }
        }
    }
    assert_int_equal(setup(state), 0);
}

/* What was not counted by the word may be asked of the manager: it is not counted twice. */
static void a_connection_that_ends_at_any_step_has_counted_if_it_was_told_so(void **state)
{
    bool acted = true;

    for (int step = 0; acted; step++) {
        struct object *counter;
        struct client client;
        bool counted;
        int64_t n;

        assert_int_equal(setup(state), 0);
        counter = probe_object("Counter", "()");
        client = join(ANN, &ann, counter);
        steps_left = step;
        act = manager_ends_the_connection;
        at_step = act_at_step;
        counted = word_add(client.word, 5, &client.user, &n);
        acted = steps_left < 0;
        at_step = NULL;
        assert_int_equal(count_of(counter), counted ? 5 : 0);
        assert_int_equal(teardown(state), 0);
    }
    assert_int_equal(setup(state), 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
/* It sets up for itself, many times, and leaves the last to its teardown. */
#define test_many(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_taken_by_a_word_is_taken_for_all),
        test(a_bound_holds_by_words),
        test(an_event_is_set_and_cleared_by_its_word),
        test(setting_an_event_that_is_waited_for_is_the_managers),
        test(nothing_is_lent_while_somebody_waits),
        test(an_rlock_is_as_deep_as_both_ways_together_took_it),
        test(a_condition_waits_with_a_lock_that_was_taken_by_its_word),
        test(a_wait_that_ends_asks_the_word_for_its_lock),
        test(a_lock_that_is_not_delivered_is_asked_of_its_word),
        test(an_rlock_ends_with_its_connection_and_a_lock_does_not),
        test(a_word_is_anothers_only_when_nobody_has_it),
        test(one_process_leaves_as_much_to_others_as_it_has),
        test(many_words_for_many_connections_are_refused),
        test(a_word_whose_object_is_gone_says_nothing_any_more),
        test(a_cell_that_was_anothers_is_nobodys_by_its_old_name),
        test(a_counter_is_changed_in_its_word_by_both),
        test(a_counter_counts_on_when_nobody_has_its_word),
        test(a_counter_that_is_gone_is_not_counted_on),
        test(any_word_is_what_a_counter_counts),
        test(a_connection_counts_as_long_as_it_has_not_ended),
        test(any_word_comes_to_a_state),
        test(at_the_end_all_comes_back_and_nothing_is_lent),
        test(at_the_end_a_counter_stays_where_it_is),
        test_many(one_killed_at_any_step_keeps_nobody_waiting),
        test_many(one_killed_at_any_step_leaves_its_lock_to_who_waits),
        test_many(one_killed_at_any_step_has_counted_or_has_not),
        test_many(whatever_the_manager_does_at_any_step_one_has_the_lock),
        test_many(a_connection_that_ends_at_any_step_has_counted_if_it_was_told_so),
    };

    return run_group(tests, NULL, NULL);
}
