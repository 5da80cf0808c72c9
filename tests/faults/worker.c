/* SPDX-License-Identifier: MIT */
/*
 * A client in C that carries out a plan (plan.py) and writes down what comes of it (history.py),
 * as worker.py does with the standard library.
 *
 *     worker ADDRESS PLAN HISTORY UNTIL        key in SYNCMANAGER_AUTHKEY, UNTIL in nanoseconds
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syncmanager.h>
#include <time.h>
#include <unistd.h>

#define GIVEN_UP 3
#define MOST_OBJECTS 64
#define NAME_SIZE 32

struct shared {
    char name[NAME_SIZE];
    char ident[NAME_SIZE]; /* empty for what this client made or borrowed */
    struct sm_proxy *proxy;
};

static struct sm_manager *manager;
static struct shared objects[MOST_OBJECTS];
static int record_fd;
static int64_t until;
static unsigned connection; /* how many were lost */
static bool good, raised;   /* how the first call of the scene ended */
static unsigned in_memory;  /* calls that sent nothing */

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void nap(double seconds)
{
    struct timespec t = {.tv_sec = (time_t)seconds};

    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

static void fail(const char *what)
{
    fprintf(stderr, "worker: %s: %s\n", what, sm_last_error()->message);
    exit(1);
}

/* One write() for a line: what a client wrote survives it. */
__attribute__((format(printf, 1, 2))) static void record(const char *format, ...)
{
    char *line;
    va_list args;
    int len;

    va_start(args, format);
    len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0 || write(record_fd, line, (size_t)len) != len) {
        perror("worker: cannot write its history");
        exit(1);
    }
    free(line);
}

static void finish(void)
{
    record(". %" PRId64 " %u\n", now(), in_memory);
    for (size_t i = 0; i < MOST_OBJECTS; i++)
        sm_proxy_free(objects[i].proxy);
    sm_manager_free(manager);
    exit(0);
}

/* Whether an error says that the connection broke. Any other but an exception is a mistake. */
static bool is_loss(int status)
{
    if (status >= 0 || status == SM_ERAISED)
        return false;
    if (status == SM_EARG || status == SM_ENOMEM)
        fail("call");
    return true;
}

/* What is done before the calls that are watched is tried until it succeeds. */
static bool again(int status)
{
    if (!is_loss(status)) {
        if (status < 0)
            fail("setup");
        return false;
    }
    if (now() > until)
        finish();
    nap(0.01);
    return true;
}

static struct shared *find(const char *name)
{
    for (size_t i = 0; i < MOST_OBJECTS; i++) {
        if (strcmp(objects[i].name, name) == 0)
            return &objects[i];
    }
    return NULL;
}

static struct shared *add(const char *name)
{
    struct shared *shared = find("");

    if (!shared) {
        fprintf(stderr, "worker: too many objects\n");
        exit(1);
    }
    snprintf(shared->name, sizeof(shared->name), "%s", name);
    return shared;
}

static void drop(const char *name)
{
    struct shared *shared = find(name);

    if (shared) {
        sm_proxy_free(shared->proxy);
        *shared = (struct shared){0};
    }
}

/* NULL where a call before this one was to make it, and failed. */
static struct sm_proxy *proxy_of(const char *name)
{
    struct shared *shared = find(name);

    if (shared && !shared->proxy) {
        while (again(sm_proxy_from_ident(manager, shared->ident, &shared->proxy)))
            ;
    }
    return shared ? shared->proxy : NULL;
}

static void before(const char *name, const char *method, const char *args)
{
    record("> %" PRId64 " %u %s %s %s\n", now(), connection, name, method, args);
}

/* Write down how a call ended; whether it was answered. */
static bool after(int status, struct sm_value value, bool is_first)
{
    bool is_false = value.kind == SM_KIND_BOOL && !value.boolean;

    if (is_first) {
        good = status >= 0 && !is_false;
        raised = status == SM_ERAISED;
    }
    if (is_loss(status)) {
        record("< %" PRId64 " lost\n", now());
        connection++;
        return false;
    }
    if (status == SM_ERAISED) {
        const char *type = sm_last_error()->type;
        const char *dot = strrchr(type, '.');

        record("< %" PRId64 " raised %s\n", now(), dot ? dot + 1 : type);
    } else {
        record("< %" PRId64 " ok %s\n", now(), sm_value_repr(value));
    }
    return true;
}

static struct sm_reply *parse(const char *literal)
{
    struct sm_reply *parsed;

    if (sm_value_parse(literal, &parsed) < 0)
        fail(literal);
    return parsed;
}

/* The timeout that the arguments of acquire() or wait() come to. */
static double timeout_of(struct sm_value args)
{
    struct sm_value last = sm_item(args, sm_len(args) - 1);
    double timeout;

    if (last.kind == SM_KIND_BOOL)
        return last.boolean ? SM_FOREVER : 0;
    return sm_as_float(last, &timeout) == SM_OK ? timeout : SM_FOREVER;
}

static int acquire(struct sm_proxy *lock, struct sm_value args)
{
    return sm_acquire_in_memory(lock) == SM_OK ? (in_memory++, SM_OK)
                                               : sm_lock_acquire(lock, timeout_of(args));
}

static int release(struct sm_proxy *lock)
{
    return sm_release_in_memory(lock) == SM_OK ? (in_memory++, SM_OK) : sm_lock_release(lock);
}

static int is_set(struct sm_proxy *event)
{
    bool is = false;
    int r = sm_event_is_set_in_memory(event, &is);

    if (r == SM_OK)
        in_memory++;
    else
        r = sm_event_is_set(event, &is);
    return r == SM_OK && !is ? SM_NOT_YET : r;
}

static int set(struct sm_proxy *event, bool value)
{
    if (sm_event_set_in_memory(event, value) == SM_OK)
        return in_memory++, SM_OK;
    return value ? sm_event_set(event) : sm_event_clear(event);
}

/* add() or get(). */
static int count(struct sm_proxy *counter, bool adds, struct sm_value *value)
{
    int64_t n = 0;
    int r = adds ? sm_counter_add_in_memory(counter, 1, &n) : sm_counter_get_in_memory(counter, &n);

    if (r == SM_OK)
        in_memory++;
    else
        r = adds ? sm_counter_add(counter, 1, &n) : sm_counter_get(counter, &n);
    *value = sm_int(n);
    return r;
}

/*
 * What may be done in shared memory, by the functions that do: Counters, locks, events. True: *ret
 * is how it ended, *value what it returned. No other object has an acquire, a release or an is_set.
 */
static bool call_shared(struct sm_proxy *proxy, const char *name, const char *method,
                        struct sm_value args, int *ret, struct sm_value *value)
{
    bool is_event = strncmp(name, "event", strlen("event")) == 0, answers = true;

    if (strncmp(name, "counter", strlen("counter")) == 0) {
        *ret = count(proxy, strcmp(method, "add") == 0, value);
        return true;
    }
    if (strcmp(method, "acquire") == 0)
        *ret = acquire(proxy, args);
    else if (strcmp(method, "release") == 0)
        *ret = release(proxy), answers = false;
    else if (strcmp(method, "is_set") == 0)
        *ret = is_set(proxy);
    else if (is_event && strcmp(method, "wait") == 0)
        *ret = sm_event_wait(proxy, timeout_of(args));
    else if (is_event && strcmp(method, "set") == 0)
        *ret = set(proxy, true), answers = false;
    else if (is_event && strcmp(method, "clear") == 0)
        *ret = set(proxy, false), answers = false;
    else
        return false;
    *value = answers ? sm_bool(*ret == SM_OK) : sm_none();
    return true;
}

static void call(const char *mark, const char *name, const char *method, const char *args)
{
    struct sm_proxy *proxy;
    struct sm_reply *parsed, *reply = NULL;
    struct sm_value value;
    bool answered;
    int status;

    if ((mark[0] == '&' && !good) || (mark[0] == '|' && !raised))
        return;
    proxy = proxy_of(name);
    if (!proxy)
        return;
    parsed = parse(args);
    before(name, method, args);
    if (!call_shared(proxy, name, method, sm_reply_value(parsed), &status, &value)) {
        status = sm_call(proxy, method, sm_reply_value(parsed), &reply);
        value = sm_reply_value(reply);
    }
    answered = after(status, value, mark[0] == '+');
    sm_reply_free(reply);
    sm_reply_free(parsed);
    if (!answered && mark[1] == '!') {
        record("! %" PRId64 "\n", now());
        _exit(GIVEN_UP);
    }
}

static void make(const char *name, const char *typeid_, const char *args)
{
    struct sm_reply *parsed = parse(args);
    struct sm_proxy *proxy;
    int status = sm_create(manager, typeid_, sm_reply_value(parsed), sm_missing(), &proxy);

    if (status == SM_OK)
        add(name)->proxy = proxy;
    else if (!is_loss(status))
        fail("create");
    sm_reply_free(parsed);
}

static void lend(const char *name, const char *table, const char *key)
{
    struct sm_proxy *proxy = proxy_of(name), *dict = proxy_of(table);
    struct sm_reply *parsed = parse(key);
    char args[NAME_SIZE];

    if (proxy && dict) {
        snprintf(args, sizeof(args), "(%s,)", key);
        before(table, "lend", args);
        after(sm_dict_set(dict, sm_reply_value(parsed), sm_proxy_value(proxy)), sm_none(), true);
    }
    sm_reply_free(parsed);
}

/* The call at hand is over: it answered with a proxy, which gets this name, or failed. */
static void after_proxy(const char *name, int status, struct sm_reply *reply)
{
    struct sm_proxy *proxy = NULL;

    if (status == SM_OK)
        status = sm_proxy_from_value(manager, sm_reply_value(reply), &proxy);
    after(status, sm_none(), true);
    if (proxy)
        add(name)->proxy = proxy;
    sm_reply_free(reply);
}

static void borrow(const char *name, const char *table, const char *key)
{
    struct sm_proxy *dict = proxy_of(table);
    struct sm_reply *parsed = parse(key), *reply = NULL;
    char args[NAME_SIZE];
    int status;

    snprintf(args, sizeof(args), "(%s,)", key);
    before(table, "borrow", args);
    status = sm_dict_get(dict, sm_reply_value(parsed), &reply);
    after_proxy(name, status, reply);
    sm_reply_free(parsed);
}

static void send_proxy(const char *name, const char *queue)
{
    struct sm_proxy *proxy = proxy_of(name), *shared = proxy_of(queue);

    if (!proxy || !shared)
        return;
    before(queue, "send", "()");
    after(sm_queue_put(shared, sm_proxy_value(proxy), 0), sm_none(), true);
}

static void fetch(const char *name, const char *queue)
{
    struct sm_reply *reply = NULL;
    int status;

    before(queue, "fetch", "()");
    status = sm_queue_get(proxy_of(queue), 0, &reply);
    after_proxy(name, status, reply);
}

static void know(const char *name, const char *ident)
{
    struct shared *shared = add(name);

    snprintf(shared->ident, sizeof(shared->ident), "%s", ident);
}

/* One line of the plan: a mark and up to three words, of which the last takes the rest. */
static void step(char *line)
{
    char *rest = line;
    const char *mark = strsep(&rest, " ");
    const char *first = strsep(&rest, " "), *second = strsep(&rest, " ");

    if (strcmp(mark, "~") == 0)
        nap(atof(first));
    else if (strcmp(mark, "object") == 0)
        know(first, rest);
    else if (strcmp(mark, "new") == 0)
        make(first, second, rest);
    else if (strcmp(mark, "drop") == 0)
        drop(first);
    else if (strcmp(mark, "lend") == 0)
        lend(first, second, rest);
    else if (strcmp(mark, "borrow") == 0)
        borrow(first, second, rest);
    else if (strcmp(mark, "send") == 0)
        send_proxy(first, second);
    else if (strcmp(mark, "fetch") == 0)
        fetch(first, second);
    else if (mark[0] == '+' && now() > until)
        finish();
    else
        call(mark, first, second, rest);
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    FILE *plan;

    if (argc != 5)
        return 2;
    plan = fopen(argv[2], "r");
    record_fd = open(argv[3], O_WRONLY | O_CREAT | O_APPEND, 0600);
    until = atoll(argv[4]);
    if (!plan || record_fd < 0) {
        perror("worker");
        return 1;
    }
    while (again(sm_manager_connect(argv[1], NULL, &manager)))
        ;
    while ((len = getline(&line, &size, plan)) > 0) {
        line[len - 1] = '\0';
        step(line);
    }
    free(line);
    fclose(plan);
    finish();
}
