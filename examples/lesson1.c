/* SPDX-License-Identifier: MIT */
/*
 * Lesson 1: an object that a server has, used by another process.
 *
 * The server registers `get_my_string`. A child process connects to it by address, gets a proxy of
 * the string, and calls its methods there. Meanwhile the main process waits on a semaphore of the
 * same manager.
 */
#include "lesson.h"

static int register_string(struct sm_server *server, void *context)
{
    (void)context;
    return sm_server_register(server, "get_my_string", "'educative'");
}

static void print_call(struct sm_proxy *proxy, const char *method)
{
    struct sm_reply *reply;

    must(sm_call(proxy, method, sm_missing(), &reply));
    printf("%s\n", sm_value_str(sm_reply_value(reply)));
    sm_reply_free(reply);
}

static void child_process(const char *address, struct sm_proxy *semaphore, double pause)
{
    struct sm_manager *manager;
    struct sm_proxy *my_string;

    must(sm_manager_connect(address, NULL, &manager));
    must(sm_create(manager, "get_my_string", sm_missing(), sm_missing(), &my_string));
    printf("%s\n%s\n", sm_proxy_repr(my_string), sm_text(my_string));
    printf("child process exiting in %g seconds\n", pause);
    fflush(stdout);
    usleep((useconds_t)(pause * 1e6));
    must(sm_semaphore_release(semaphore, 1));
    print_call(my_string, "isdigit");
    print_call(my_string, "capitalize");
    sm_proxy_free(my_string);
    sm_manager_free(manager);
}

int main(int argc, char **argv)
{
    struct lesson lesson = parse_arguments(argc, argv);
    struct sm_manager *manager;
    struct sm_proxy *semaphore;
    pid_t child;

    setenv("SYNCMANAGER_AUTHKEY", "the key of lesson 1", 0); /* what the child connects with */
    manager = open_manager(lesson, register_string);
    must(sm_semaphore(manager, 0, &semaphore));
    if (is_child(&child)) {
        child_process(sm_manager_address(manager), semaphore, lesson.pause);
        exit(0);
    }
    must(sm_semaphore_acquire(semaphore, SM_FOREVER));
    waitpid(child, NULL, 0);
    printf("Main process exiting\n");
    sm_proxy_free(semaphore);
    sm_manager_free(manager);
    return 0;
}
