/* SPDX-License-Identifier: MIT */
/*
 * A work queue: one process makes jobs, several do them, and all of it goes through one manager.
 *
 * A job is a number, its result whether that is a prime. The queue holds ten jobs at most, so that
 * the maker never runs far ahead; it ends by one None for each worker.
 */
#include <stdio.h>
#include <stdlib.h>
#include <syncmanager.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS 4
#define JOBS 50

static bool is_prime(int64_t n)
{
    for (int64_t i = 2; i * i <= n; i++) {
        if (n % i == 0)
            return false;
    }
    return n > 1;
}

/* A worker: take jobs until there are no more. */
static int work(struct sm_proxy *jobs, struct sm_proxy *primes)
{
    struct sm_reply *job;
    int64_t n;
    int r;

    while ((r = sm_queue_get(jobs, SM_FOREVER, &job)) == SM_OK) {
        bool last = sm_reply_value(job).kind == SM_KIND_NONE;

        if (!last)
            r = sm_as_int(sm_reply_value(job), &n);
        sm_reply_free(job);
        if (last)
            return sm_queue_task_done(jobs);
        if (r == SM_OK && is_prime(n))
            r = sm_list_append(primes, sm_int(n));
        if (r == SM_OK)
            r = sm_queue_task_done(jobs);
        if (r < 0)
            break;
    }
    return r;
}

static int make_jobs(struct sm_proxy *jobs)
{
    int r = SM_OK;

    for (int64_t n = 0; n < JOBS && r == SM_OK; n++)
        r = sm_queue_put(jobs, sm_int(n), SM_FOREVER);
    for (int i = 0; i < WORKERS && r == SM_OK; i++)
        r = sm_queue_put(jobs, sm_none(), SM_FOREVER);
    return r == SM_OK ? sm_queue_join(jobs) : r;
}

int main(void)
{
    struct sm_manager *manager;
    struct sm_proxy *jobs, *primes;

    if (sm_manager_start(NULL, NULL, &manager) < 0 || sm_joinable_queue(manager, 10, &jobs) < 0 ||
        sm_list(manager, sm_missing(), &primes) < 0)
        return sm_complain("work_queue");
    for (int i = 0; i < WORKERS; i++) {
        if (fork() == 0)
            exit(work(jobs, primes) < 0 ? sm_complain("worker") : 0);
    }
    if (make_jobs(jobs) < 0 || sm_list_sort(primes, false) < 0)
        return sm_complain("work_queue");
    printf("%s\n", sm_text(primes));
    for (int i = 0; i < WORKERS; i++)
        wait(NULL);
    sm_proxy_free(primes);
    sm_proxy_free(jobs);
    sm_manager_free(manager);
    return 0;
}
