/* SPDX-License-Identifier: MIT */
/*
 * Time is bounded rather than the number of calls, so that a run takes as long as it was meant to
 * whatever is measured. Each client has its own rate, over its own time; the rates add up.
 */
#include "driver.h"

#include <getopt.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 1024

/* How many may be opening at a time: servers bound how many strangers they listen to. */
#define OPENING_MAX 16

/*
 * Turns that are quicker than this are taken by up to a thousand between two looks at the clock,
 * which take some 30 ns each: what is told then is their mean.
 */
#define QUICK_NS UINT64_C(1000)
#define BURST_MAX 1024

struct result {
    double rate;
    struct histogram latencies;
};

struct run {
    const struct work *work;
    struct options options;
    size_t server_bytes; /* of the server's memory, at the beginning */
    struct shared shared;
    struct client first;
    struct result result[]; /* of each client */
};

struct seat {
    struct run *run;
    unsigned index;
};

uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

void work_ns(uint64_t ns)
{
    uint64_t end = now_ns() + ns;

    while (now_ns() < end)
        ;
}

/* The memory that the server has, as far as it is told which process that is. */
static size_t server_bytes(const struct options *options)
{
    unsigned long resident = 0;
    char path[64];
    FILE *file;

    if (!options->server)
        return 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", options->server);
    file = fopen(path, "r");
    if (!file || fscanf(file, "%*u %lu", &resident) != 1)
        perror(path);
    if (file)
        fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* The same once it stays the same: our server frees large memory bit by bit. */
static size_t settled_server_bytes(const struct options *options)
{
    size_t last, bytes = server_bytes(options);

    do {
        last = bytes;
        usleep(20000);
        bytes = server_bytes(options);
    } while (bytes < last);
    return bytes;
}

/* Whether this turn is the client's last. */
static bool is_last(struct run *run, struct client *client, bool over)
{
    if (!run->work->lockstep)
        return over;
    if (client->index == 0 && over && !atomic_load(&run->shared.last))
        atomic_store(&run->shared.last, client->turn);
    return false;
}

/* In lockstep the first client says before a turn that it is the last; the others see it after. */
static bool has_stopped(struct run *run, const struct client *client)
{
    return run->work->lockstep && atomic_load(&run->shared.last) == client->turn - 1;
}

/* So many turns. Returns how many calls they count as, or -1. */
static int take_turns(const struct work *work, struct client *client, unsigned turns)
{
    int n, calls = 0;

    while (turns--) {
        n = work->turn(client);
        if (n < 0)
            return -1;
        calls += n;
        client->turn++;
    }
    return calls;
}

/* How many turns to take before the clock is read again: in lockstep each is told of. */
static unsigned next_burst(const struct run *run, unsigned burst, uint64_t took, uint64_t calls)
{
    size_t count = run->options.count;

    if (run->work->lockstep || took > burst * QUICK_NS)
        return 1;
    burst = burst < BURST_MAX ? 2 * burst : burst;
    return count && burst > count - calls ? (unsigned)(count - calls) : burst;
}

static int measure(struct run *run, struct client *client, struct result *result)
{
    uint64_t begin = now_ns(), now = begin, then, calls = 0;
    uint64_t end = begin + (uint64_t)(run->options.seconds * 1e9);
    size_t count = run->options.count;
    unsigned burst = 1;
    int n;

    for (client->turn = 1;;) {
        if (is_last(run, client, count ? calls >= count : now >= end))
            break;
        if (run->work->pause_us) {
            usleep(run->work->pause_us);
            now = now_ns();
        }
        n = take_turns(run->work, client, burst);
        if (n < 0)
            return -1;
        then = now;
        now = now_ns();
        calls += (unsigned)n;
        if (n > 0)
            histogram_add(&result->latencies, (now - then) / (unsigned)n, (unsigned)n);
        if (has_stopped(run, client))
            break;
        burst = next_burst(run, burst, now - then, calls);
    }
    result->rate = (double)calls * 1e9 / (double)(now - begin);
    return 0;
}

static void run_client(struct run *run, unsigned index)
{
    const struct work *work = run->work;
    struct client client = run->first;
    bool opened;

    client.index = index;
    opened = !work->open || work->open(&client) == 0;
    if (!opened)
        atomic_store(&run->shared.failed, 1);
    atomic_fetch_add(&run->shared.ready, 1);
    while (!atomic_load(&run->shared.go))
        syscall(SYS_futex, &run->shared.go, FUTEX_WAIT, 0, NULL, NULL, 0);
    if (opened && !atomic_load(&run->shared.failed) &&
        measure(run, &client, &run->result[index]) < 0)
        atomic_store(&run->shared.failed, 1);
    if (work->close)
        work->close(&client);
}

static void *run_seat(void *memory)
{
    struct seat *seat = memory;

    run_client(seat->run, seat->index);
    return NULL;
}

static void start_all(struct run *run)
{
    while (atomic_load(&run->shared.ready) < run->options.clients)
        usleep(200);
    if (run->options.server)
        run->server_bytes = settled_server_bytes(&run->options) - run->server_bytes;
    atomic_store(&run->shared.go, 1);
    syscall(SYS_futex, &run->shared.go, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Before another client is started. */
static void wait_for_room(struct run *run, unsigned started)
{
    while (started >= OPENING_MAX + atomic_load(&run->shared.ready))
        usleep(100);
}

static void run_threads(struct run *run)
{
    static pthread_t thread[CLIENTS_MAX];
    static struct seat seat[CLIENTS_MAX];

    for (unsigned i = 0; i < run->options.clients; i++) {
        wait_for_room(run, i);
        seat[i] = (struct seat){.run = run, .index = i};
        if (pthread_create(&thread[i], NULL, run_seat, &seat[i]) != 0) {
            perror("pthread_create");
            exit(1);
        }
    }
    start_all(run);
    for (unsigned i = 0; i < run->options.clients; i++)
        pthread_join(thread[i], NULL);
}

static void run_processes(struct run *run)
{
    static pid_t pid[CLIENTS_MAX];
    int status;

    for (unsigned i = 0; i < run->options.clients; i++) {
        wait_for_room(run, i);
        pid[i] = fork();
        if (pid[i] < 0) {
            perror("fork");
            exit(1);
        }
        if (pid[i] == 0) {
            run_client(run, i);
            _exit(0);
        }
    }
    start_all(run);
    for (unsigned i = 0; i < run->options.clients; i++)
        if (waitpid(pid[i], &status, 0) < 0 || status != 0)
            atomic_store(&run->shared.failed, 1);
}

static void print_result(const struct run *run)
{
    static struct histogram all;
    double rate = 0;

    for (unsigned i = 0; i < run->options.clients; i++) {
        rate += run->result[i].rate;
        histogram_merge(&all, &run->result[i].latencies);
    }
    printf("{\"rate\": %.1f, \"calls\": %llu, \"p50_us\": %.3f, \"p90_us\": %.3f, "
           "\"p99_us\": %.3f, \"p999_us\": %.3f, \"server_bytes\": %zu}\n",
           rate, (unsigned long long)all.total, (double)histogram_at(&all, 0.5) / 1e3,
           (double)histogram_at(&all, 0.9) / 1e3, (double)histogram_at(&all, 0.99) / 1e3,
           (double)histogram_at(&all, 0.999) / 1e3, run->server_bytes);
}

static struct options parse(int argc, char **argv, const char **name)
{
    struct options o = {.address = "", .clients = 1, .seconds = 0.2, .bytes = 8, .elements = 1000};
    int c;

    while ((c = getopt(argc, argv, "a:n:s:b:e:r:c:p:t")) != -1) {
        switch (c) {
        case 'a':
            o.address = optarg;
            break;
        case 'n':
            o.clients = (unsigned)atoi(optarg);
            break;
        case 's':
            o.seconds = atof(optarg);
            break;
        case 'b':
            o.bytes = strtoul(optarg, NULL, 10);
            break;
        case 'e':
            o.elements = strtoul(optarg, NULL, 10);
            break;
        case 'r':
            o.reply = strtoul(optarg, NULL, 10);
            break;
        case 'c':
            o.count = strtoul(optarg, NULL, 10);
            break;
        case 'p':
            o.server = atoi(optarg);
            break;
        case 't':
            o.threads = true;
            break;
        default:
            exit(2);
        }
    }
    if (optind != argc - 1 || o.clients < 1 || o.clients > CLIENTS_MAX) {
        fprintf(stderr,
                "usage: %s [-a ADDRESS] [-n CLIENTS] [-s SECONDS | -c CALLS] [-b BYTES]\n"
                "       [-r REPLY_BYTES] [-e ELEMENTS] [-t] [-p SERVER_PID] WORK\n",
                argv[0]);
        exit(2);
    }
    *name = argv[optind];
    return o;
}

int main(int argc, char **argv)
{
    const struct work *work = works;
    const char *name;
    struct options options = parse(argc, argv, &name);
    struct run *run;
    size_t size;

    while (work->name && strcmp(work->name, name) != 0)
        work++;
    if (!work->name) {
        fprintf(stderr, "%s: no work named %s\n", argv[0], name);
        return 2;
    }
    if (work->clients)
        options.clients = work->clients;
    size = sizeof(*run) + options.clients * sizeof(struct result);
    run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    run->work = work;
    run->options = options;
    run->first = (struct client){.options = &run->options, .shared = &run->shared};
    run->server_bytes = server_bytes(&options);
    if (work->prepare && work->prepare(&run->first) != 0)
        return 1;
    (options.threads ? run_threads : run_processes)(run);
    if (work->finish)
        work->finish(&run->first);
    if (atomic_load(&run->shared.failed))
        return 1;
    print_result(run);
    return 0;
}
