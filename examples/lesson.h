/* SPDX-License-Identifier: MIT */
/*
 * What the lessons share: where their manager is. Without arguments a lesson starts one, and ends
 * it when it is through. With an address it connects to a manager that runs, with the key in
 * SYNCMANAGER_AUTHKEY.
 *
 *     lesson1 [--pause SECONDS] [ADDRESS]
 */
#ifndef LESSON_H
#define LESSON_H

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <syncmanager.h>
#include <sys/wait.h>
#include <unistd.h>

struct lesson {
    const char *address; /* NULL: a manager of our own */
    double pause;        /* how long a lesson sleeps, in seconds */
};

/* What must not fail here: end the program with what went wrong. */
static inline void must(int status)
{
    if (status < 0)
        exit(sm_complain("lesson"));
}

static inline struct lesson parse_arguments(int argc, char **argv)
{
    static const struct option options[] = {{"pause", required_argument, NULL, 'p'}, {0}};
    struct lesson lesson = {.pause = 5};
    int c;

    while ((c = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
        if (c != 'p')
            exit(2);
        lesson.pause = atof(optarg);
    }
    lesson.address = argv[optind];
    return lesson;
}

/* A manager, connected or started; `setup` is what its server does first, or NULL. */
static inline struct sm_manager *open_manager(struct lesson lesson,
                                              int (*setup)(struct sm_server *, void *))
{
    struct sm_manager_options options = {.setup = setup};
    struct sm_manager *manager;

    if (lesson.address)
        must(sm_manager_connect(lesson.address, NULL, &manager));
    else
        must(sm_manager_start(NULL, &options, &manager));
    return manager;
}

/* Whether this is a new child process, which ends with exit(); else *ret is the child. */
static inline bool is_child(pid_t *ret)
{
    fflush(stdout);
    *ret = fork();
    if (*ret >= 0)
        return *ret == 0;
    perror("fork");
    exit(1);
}

/* A proxy of what a list holds a proxy of. */
static inline struct sm_proxy *get_shared(struct sm_manager *manager, struct sm_proxy *list,
                                          int64_t index)
{
    struct sm_reply *reply;
    struct sm_proxy *item;

    must(sm_list_get(list, index, &reply));
    must(sm_proxy_from_value(manager, sm_reply_value(reply), &item));
    sm_reply_free(reply);
    return item;
}

#endif
