/* SPDX-License-Identifier: MIT */
/*
 * What clients do to the words that they share with the manager, in any order: they write any bits
 * there, call by words and by requests, have their connections ended, attach and detach. Each
 * request is answered or waits, nobody waits for what is lent, and nothing stays when all have
 * ended.
 *
 * An input is steps: who and on which object, what, and what that needs.
 */
#include "fuzz.h"

#include "client/steps.h"
#include "object/caller.h"
#include "object/dispatch.h"
#include "object/lease.h"
#include "object/registry.h"
#include "object/waitq.h"
#include "types/lockable.h"
#include "types/types.h"

#include <string.h>

#define WORDS 8
#define CELLS 8
#define OBJECTS 7

/* Those of one process share memory, as those of another do; the last has none. */
enum { CONNECTIONS = 5, PROCESSES = 2 };

static const struct {
    const char *typeid;
    int64_t units; /* 0: it takes no argument */
} makes[OBJECTS] = {{"Lock", 0},  {"RLock", 0},   {"Semaphore", 2}, {"BoundedSemaphore", 1},
                    {"Event", 0}, {"Counter", 5}, {"Condition", 0}};

static const struct {
    const char *method;
    bool once; /* without waiting: with False, or with 0 */
} methods[] = {{"acquire"},    {"acquire", true}, {"release"},    {"set"},      {"clear"},
               {"is_set"},     {"wait"},          {"wait", true}, {"__repr__"}, {"notify"},
               {"add"},        {"get"},           {"__str__"},    {"locked"},   {"add", true},
               {"notify_all"}, {"#GETVALUE"}};

struct connection {
    struct call call;
    struct tree tree;
    struct buffer out;
    struct list owned;
    bool waits; /* for an answer */
};

/* All of one input. */
static struct fixture {
    struct registry registry;
    struct word words[WORDS];
    struct cell cells[CELLS];
    struct account process[PROCESSES];
    struct connection connection[CONNECTIONS];
    struct object *object[OBJECTS];
    uint64_t callers; /* so far */
} f;

struct input {
    const uint8_t *at;
    size_t len;
};

static uint64_t take(struct input *in, size_t bytes)
{
    uint64_t v = 0;

    for (; bytes && in->len; bytes--, in->len--)
        v = v << 8 | *in->at++;
    return v;
}

static void answered(struct call *call)
{
    struct connection *c = container_of(call, struct connection, call);

    CHECK(c->waits);
    c->waits = false;
}

static const struct caller_ops ops = {.answered = answered};

static void connect(int who)
{
    struct connection *c = &f.connection[who];

    list_init(&c->owned);
    tree_init(&c->tree, &f.registry.resolver);
    call_init(&c->call, &f.registry, &c->tree, &c->out, &ops);
    c->call.caller = ++f.callers;
    c->call.owned = &c->owned;
    c->call.python = 13;
    if (who / 2 == PROCESSES)
        return;
    c->call.account = &f.process[who / 2];
    (void)!cell_begin(&c->call);
}

/* The last answer may have been read, or not. */
static void disconnect(int who, bool unread)
{
    struct connection *c = &f.connection[who];

    cell_end(&c->call);
    if (unread && c->call.answered)
        call_undelivered(&c->call);
    call_deinit(&c->call);
    call_disown_all(&c->owned, false);
    leases_lend(&f.registry.leases);
    tree_deinit(&c->tree);
    buffer_deinit(&c->out);
    *c = (struct connection){0};
}

static void begin(struct connection *c, struct sm_value *arg, size_t len, struct sm_items *args)
{
    static struct sm_items none;

    *args = (struct sm_items){.item = arg, .len = len};
    call_reset(&c->call);
    buffer_clear(&c->out);
    c->call.args = (struct sm_value){.kind = SM_KIND_TUPLE, .items = args};
    c->call.kwds = (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
    c->call.now = f.registry.now;
    c->waits = true;
}

static struct object *make(const char *typeid, int64_t units)
{
    struct connection *c = &f.connection[CONNECTIONS - 1];
    struct sm_value arg = sm_int(units);
    struct object *object;
    struct sm_items args;

    begin(c, &arg, units != 0, &args);
    object = call_construct(&c->call, typeid, strlen(typeid));
    CHECK(object);
    c->waits = false;
    return object;
}

static void request(int who, struct object *object, struct input *in)
{
    size_t what = take(in, 1) % ARRAY_SIZE(methods);
    struct connection *c = &f.connection[who];
    struct sm_value arg = sm_bool(false);
    struct sm_items args;

    if (c->waits)
        return;
    begin(c, &arg, methods[what].once, &args);
    call_method(&c->call, object, sm_str(methods[what].method));
    tree_reset(&c->tree);
    CHECK(!c->waits || c->call.queue);
}

/* As a client of ours does, if the object has a word, whether or not it has been told which. */
static void call_by_word(int who, struct object *object, struct input *in)
{
    const struct call *call = &f.connection[who].call;
    struct word_user user = {&f.cells[call->cell ? call->cell - 1 : 0], call->cell - 1,
                             call->generation};
    uint64_t max = object->type->word_max ? object->type->word_max(object) : 0;
    unsigned what = (unsigned)take(in, 1);
    int64_t n = (int64_t)what, result;
    bool is;

    if (!object->lease || !call->cell)
        return;
    if (object->type->word == WORD_FLAG)
        (void)!word_set_flag(object->lease->word, what & 1, &user);
    else if (object->type->word == WORD_NUMBER && what & 1)
        (void)!word_add(object->lease->word, n, &user, &result);
    else if (object->type->word == WORD_NUMBER)
        (void)!word_replace(object->lease->word, n, n + 1, &user, &is);
    else if (what & 1)
        (void)!word_acquire(object->lease->word, object->type->word, &user);
    else
        (void)!word_release(object->lease->word, object->type->word, max, &user);
}

static void scribble(struct input *in)
{
    struct word *word = &f.words[take(in, 1) % WORDS];

    atomic_store(&word->state, take(in, 8));
    atomic_store(&word->since, (int64_t)take(in, 2));
}

static void attach(int who, struct object *object)
{
    size_t word;

    if (f.connection[who].call.cell)
        (void)!lease_attach(object, f.connection[who].call.account, &word);
    leases_lend(&f.registry.leases);
}

static void let_time_pass(struct input *in)
{
    f.registry.now += (nsec)take(in, 1) * SEC;
    timers_fire(&f.registry.timers, f.registry.now);
    leases_lend(&f.registry.leases);
}

/* Nobody waits for what is lent, and what is counted is so. */
static void check_leases(void)
{
    const struct leases *leases = &f.registry.leases;
    size_t len = 0, lent = 0;

    for (size_t i = 0; i < WORDS; i++) {
        const struct lease *lease = leases->by_word[i];
        const struct lockable *lock = lease && lease->lent ? lockable_of(lease->object) : NULL;

        len += lease != NULL;
        lent += lease && lease->lent;
        CHECK(!lock || waitq_empty(&lock->waiters));
    }
    CHECK(len == leases->len && lent == leases->lent);
}

/* A Condition is acquired by its lock's word. */
static struct object *with_word(struct object *object)
{
    struct lockable *lock = lockable_of(object);

    return lock ? &lock->object : object;
}

static void step(struct input *in)
{
    uint64_t choice = take(in, 1);
    int who = (int)(choice % CONNECTIONS);
    struct object *object = f.object[choice / CONNECTIONS % OBJECTS];

    switch (take(in, 1) % 8) {
    case 0:
        scribble(in);
        break;
    case 1:
        attach(who, with_word(object));
        break;
    case 2:
        if (f.connection[who].call.account)
            lease_detach(&f.registry.leases, f.connection[who].call.account, take(in, 1));
        break;
    case 3:
        disconnect(who, take(in, 1) & 1);
        connect(who);
        break;
    case 4:
        let_time_pass(in);
        break;
    case 5:
        call_by_word(who, with_word(object), in);
        break;
    default:
        request(who, object, in);
    }
    check_leases();
}

static void set_up(void)
{
    f = (struct fixture){0};
    CHECK(registry_init(&f.registry) == 0 && types_register(&f.registry) == 0);
    CHECK(leases_begin(&f.registry.leases, f.words, WORDS, f.cells, CELLS) == 0);
    for (int i = 0; i < PROCESSES; i++)
        account_init(&f.process[i]);
    for (int i = 0; i < CONNECTIONS; i++)
        connect(i);
    for (int i = 0; i < OBJECTS; i++)
        f.object[i] = make(makes[i].typeid, makes[i].units);
}

static void tear_down(void)
{
    for (int i = 0; i < CONNECTIONS; i++)
        disconnect(i, false);
    for (int i = 0; i < PROCESSES; i++) {
        call_disown_all(&f.process[i].owned, false);
        lease_detach_all(&f.registry.leases, &f.process[i]);
        account_abandon(&f.process[i]);
    }
    check_leases();
    CHECK(f.registry.leases.len == 0);
    for (int i = 0; i < OBJECTS; i++)
        object_unref(f.object[i]);
    registry_deinit(&f.registry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = {data, len};

    set_up();
    while (in.len)
        step(&in);
    tear_down();
    return 0;
}
