/* SPDX-License-Identifier: MIT */
/*
 * A manager in one's own process: the server runs in a thread, and the program is a client of it
 * like any other. It takes jobs that clients put into a queue, until one is None.
 *
 *     cc embedded.c -o embedded $(pkg-config --cflags --libs syncmanager) -pthread
 *     ./embedded 127.0.0.1:0
 */
#include <pthread.h>
#include <stdio.h>
#include <syncmanager.h>

static void *serve(void *server)
{
    if (sm_server_run(server) < 0)
        sm_complain("embedded");
    return NULL;
}

static int work(const char *address)
{
    const struct sm_manager_options options = {.authkey = "secret", .authkey_len = 6};
    struct sm_manager *manager;
    struct sm_proxy *jobs;
    struct sm_reply *job;
    bool more = true;

    if (sm_manager_connect(address, &options, &manager) < 0)
        return sm_complain("embedded");
    if (sm_create(manager, "jobs", sm_missing(), sm_missing(), &jobs) < 0) {
        sm_manager_free(manager);
        return sm_complain("embedded");
    }
    while (more && sm_queue_get(jobs, SM_FOREVER, &job) == SM_OK) {
        more = sm_reply_value(job).kind != SM_KIND_NONE;
        if (more)
            printf("job %s\n", sm_value_repr(sm_reply_value(job)));
        sm_reply_free(job);
    }
    sm_proxy_free(jobs);
    sm_manager_free(manager);
    return more ? sm_complain("embedded") : 0;
}

int main(int argc, char **argv)
{
    const struct sm_server_options options = {.authkey = "secret", .authkey_len = 6};
    struct sm_server *server;
    pthread_t thread;
    int status;

    if (sm_server_new(&options, &server) < 0)
        return sm_complain("embedded");
    if (sm_server_register(server, "jobs", "Queue()") < 0 ||
        sm_server_listen(server, argc > 1 ? argv[1] : "127.0.0.1:0") < 0 ||
        pthread_create(&thread, NULL, serve, server) != 0) {
        sm_server_free(server);
        return sm_complain("embedded");
    }
    printf("listening on %s\n", sm_server_address(server, 0));
    fflush(stdout);
    status = work(sm_server_address(server, 0));
    sm_server_stop(server);
    pthread_join(thread, NULL);
    sm_server_free(server);
    return status;
}
