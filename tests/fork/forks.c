/* SPDX-License-Identifier: MIT */
/*
 *     forks KIND COUNT [CERTIFICATE]
 *
 * Forks a client in C that many times while its threads are at work, each time with a child that
 * does something too: it must end, in time, and with status 0. Prints how many did not. With a
 * certificate, in a file with its key, all goes by TLS.
 */
#include <syncmanager.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 3
#define PROGRESS 1000 /* a line after so many forks */

/* A child that hangs ends by SIGALRM. */
#define HANGS_AFTER_S 20

/* Longer than what the client has room for: the memory for it is moved. */
#define TEXT_SIZE 100000

/* Children are forked within this time after threads have begun. */
#define LATEST_US 3000

/*
 * As most programs end; but a child leaks what its parent's threads had, which LSan would tell of.
 */
#if defined(__SANITIZE_ADDRESS__)
#define EXIT(status) _exit(status)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EXIT(status) _exit(status)
#endif
#endif
#ifndef EXIT
#define EXIT(status) exit(status)
#endif

static struct sm_manager *manager;
static struct sm_proxy *list; /* [7, a long text] */
static const char *address;
static struct sm_server_options server_options;
static struct sm_manager_options options = {
    .authkey = "key", .authkey_len = 3, .server = &server_options};
static const char *new_address; /* of a manager that is started; NULL: any */
static atomic_bool over;

static void must(int r)
{
    if (r < 0)
        exit(sm_complain("forks"));
}

/* 0, or what an exit status says of a call that failed. */
static int call(void)
{
    struct sm_reply *reply;
    int seven;

    if (sm_list_get(list, 0, &reply) < 0)
        return sm_complain("call");
    seven = sm_reply_value(reply).integer == 7;
    sm_reply_free(reply);
    return seven ? 0 : 2;
}

static int call_over_a_new_handle(void)
{
    struct sm_manager *own;
    size_t n;
    int r;

    if (sm_manager_at(address, &options, &own) < 0)
        return sm_complain("new handle");
    r = sm_manager_number_of_objects(own, &n) < 0 ? sm_complain("new handle") : 0;
    sm_manager_free(own);
    return r;
}

static void *thread_call(void *unused)
{
    (void)unused;
    return call() == 0 && call_over_a_new_handle() == 0 ? NULL : &over;
}

static void *thread_call_over_a_new_handle(void *unused)
{
    (void)unused;
    return call_over_a_new_handle() == 0 ? NULL : &over;
}

static void *thread_receive(void *unused)
{
    struct sm_reply *reply;

    while (!atomic_load(&over)) {
        if (sm_list_get(list, 1, &reply) < 0) {
            sm_complain("thread");
            break;
        }
        sm_reply_free(reply);
    }
    return unused;
}

static void threads_begin(pthread_t threads[THREADS], void *(*run)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, run, NULL) != 0)
            abort();
    }
}

/* Whether all went well. */
static bool threads_join(pthread_t threads[THREADS])
{
    bool well = true;
    void *failed;

    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        well &= !failed;
    }
    return well;
}

static pid_t child_begin(void)
{
    pid_t pid = fork();

    if (pid < 0)
        abort();
    if (pid == 0)
        alarm(HANGS_AFTER_S);
    return pid;
}

static int child_status(pid_t pid)
{
    int status;

    waitpid(pid, &status, 0);
    return status;
}

static void any_time(void)
{
    usleep((useconds_t)(rand() % LATEST_US));
}

/* Each kind forks once, and returns the child's status. */

static int fork_while_threads_connect(void)
{
    pthread_t threads[THREADS];
    int status;
    pid_t pid;

    threads_begin(threads, thread_call);
    pid = child_begin();
    if (pid == 0)
        _exit(call());
    status = child_status(pid);
    return threads_join(threads) ? status : -1;
}

/* OpenSSL and others let go of what they have of a thread after it was joined, in a way. */
static int fork_when_threads_have_ended(void)
{
    pthread_t threads[THREADS];
    pid_t pid;

    threads_begin(threads, thread_call);
    if (!threads_join(threads))
        return -1;
    pid = child_begin();
    if (pid == 0) {
        threads_begin(threads, thread_call);
        _exit(threads_join(threads) ? call_over_a_new_handle() : 2);
    }
    return child_status(pid);
}

/*
 * In a process of its own: what is done once a process is done by a thread of it, or by its child.
 */
static int fork_while_the_first_handle_is_made(void)
{
    pthread_t threads[THREADS];
    pid_t pid = child_begin();

    if (pid)
        return child_status(pid);
    threads_begin(threads, thread_call_over_a_new_handle);
    any_time();
    pid = child_begin();
    if (pid == 0) {
        int status = call_over_a_new_handle();

        EXIT(status);
    }
    _exit(child_status(pid) != 0 || !threads_join(threads));
}

static int fork_while_threads_receive(void)
{
    static pthread_t threads[THREADS];
    static bool begun;
    pid_t pid;

    if (!begun)
        threads_begin(threads, thread_receive);
    begun = true;
    pid = child_begin();
    if (pid == 0) {
        sm_manager_forked(manager);
        _exit(rand() % 4 ? 0 : call());
    }
    return child_status(pid);
}

static int fork_a_child_of_two_threads(void)
{
    pthread_t threads[THREADS];
    pid_t pid = child_begin();

    if (pid == 0) {
        threads_begin(threads, thread_call);
        _exit(threads_join(threads) ? 0 : 2);
    }
    return child_status(pid);
}

/* What a program does with OpenSSL by itself, in threads that begin and end. */
static void *thread_use_openssl(void *unused)
{
    uint8_t bytes[64], digest[EVP_MAX_MD_SIZE];

    for (int i = 0; i < 20; i++) {
        EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);

        RAND_bytes(bytes, sizeof(bytes));
        EVP_Digest(bytes, sizeof(bytes), digest, NULL, md, NULL);
        EVP_MD_free(md);
    }
    return unused;
}

/* One of them may have had a lock that TLS needs: then the child is told, and does not wait. */
static int call_or_be_told(void)
{
    struct sm_reply *reply;

    if (sm_list_get(list, 0, &reply) == SM_OK) {
        sm_reply_free(reply);
        return 0;
    }
    return sm_last_error()->status == SM_ETLS &&
                   strstr(sm_last_error()->message, "TLS cannot be used in this process")
               ? 0
               : sm_complain("call");
}

static int fork_while_threads_use_openssl(void)
{
    pthread_t threads[THREADS];
    pid_t pid;
    int status;

    threads_begin(threads, thread_use_openssl);
    any_time();
    pid = child_begin();
    if (pid == 0)
        _exit(call_or_be_told());
    status = child_status(pid);
    return threads_join(threads) ? status : -1;
}

static int fork_a_server_while_threads_connect(void)
{
    struct sm_manager *other;
    pthread_t threads[THREADS];
    size_t n = 1;
    int r;

    threads_begin(threads, thread_call);
    r = sm_manager_start(new_address, &options, &other);
    if (r == SM_OK) {
        r = sm_manager_number_of_objects(other, &n);
        sm_manager_free(other);
    }
    if (r < 0)
        sm_complain("start");
    return threads_join(threads) && r == SM_OK && n == 0 ? 0 : -1;
}

static const struct kind {
    const char *name;
    int (*once)(void);
    bool cold; /* the process that forks has made no handle */
} kinds[] = {
    {"connect", fork_while_threads_connect},
    {"ended", fork_when_threads_have_ended},
    {"first", fork_while_the_first_handle_is_made, .cold = true},
    {"receive", fork_while_threads_receive},
    {"threads", fork_a_child_of_two_threads},
    {"start", fork_a_server_while_threads_connect},
    {"openssl", fork_while_threads_use_openssl},
};

/* Start a manager from a process of its own, so that this one has no handle. It ends with us. */
static void start_manager(void)
{
    static char text[256];
    int told[2], ends[2];
    char byte;

    if (pipe(told) < 0 || pipe(ends) < 0)
        abort();
    if (fork() == 0) {
        close(ends[1]);
        must(sm_manager_start(new_address, &options, &manager));
        if (write(told[1], sm_manager_address(manager), strlen(sm_manager_address(manager))) < 0)
            abort();
        close(told[1]);
        if (read(ends[0], &byte, 1) == 0)
            sm_manager_free(manager);
        _exit(0);
    }
    close(told[1]);
    close(ends[0]);
    if (read(told[0], text, sizeof(text) - 1) <= 0)
        exit(1);
    close(told[0]);
    address = text;
}

static void reach_manager(void)
{
    static char text[TEXT_SIZE];

    memset(text, 'x', sizeof(text));
    must(sm_manager_at(address, &options, &manager));
    must(sm_list(manager, sm_missing(), &list));
    must(sm_list_append(list, sm_int(7)));
    must(sm_list_append(list, sm_strn(text, sizeof(text))));
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    fprintf(stderr, "forks: no kind %s\n", name);
    exit(2);
}

static bool repeat(const struct kind *kind, int count)
{
    int hung = 0, failed = 0;

    for (int i = 1; i <= count; i++) {
        int status;

        alarm(2 * HANGS_AFTER_S); /* for what is done here */
        status = kind->once();
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            hung++;
        else if (status != 0)
            failed++;
        if (i % PROGRESS == 0 || i == count)
            printf("%s: %d forks, %d children hung, %d failed\n", kind->name, i, hung, failed);
    }
    return !hung && !failed;
}

int main(int argc, char **argv)
{
    const struct kind *kind;
    bool well;

    if (argc < 3 || argc > 4) {
        fputs("usage: forks KIND COUNT [CERTIFICATE]\n", stderr);
        return 2;
    }
    if (argc == 4) {
        new_address = "tls://127.0.0.1:0";
        server_options.tls_certificate = options.tls_ca = argv[3];
    }
    kind = find_kind(argv[1]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    srand((unsigned)time(NULL));
    start_manager();
    if (!kind->cold)
        reach_manager();
    well = repeat(kind, atoi(argv[2]));
    atomic_store(&over, true);
    _exit(well ? 0 : 1); /* the threads go with it */
}
