/* SPDX-License-Identifier: MIT */
/* Lesson 2: two processes take turns on one list, by two semaphores. */
#include "lesson.h"

static void process1(struct sm_proxy *first, struct sm_proxy *second, struct sm_proxy *numbers)
{
    must(sm_list_set(numbers, 0, sm_int(1)));
    must(sm_semaphore_release(first, 1));
    must(sm_semaphore_acquire(second, SM_FOREVER));
    printf("process 1 sees list as %s\n", sm_text(numbers));
}

static void process2(struct sm_proxy *first, struct sm_proxy *second, struct sm_proxy *numbers)
{
    must(sm_semaphore_acquire(first, SM_FOREVER));
    printf("process 2 sees list as %s\n", sm_text(numbers));
    fflush(stdout);
    must(sm_list_set(numbers, 0, sm_int(2)));
    must(sm_semaphore_release(second, 1));
}

int main(int argc, char **argv)
{
    struct sm_manager *manager = open_manager(parse_arguments(argc, argv), NULL);
    struct sm_proxy *first, *second, *numbers;
    pid_t child;

    must(sm_semaphore(manager, 0, &first));
    must(sm_semaphore(manager, 0, &second));
    must(sm_list(manager, SM_LIST(sm_int(0), sm_int(0), sm_int(0)), &numbers));
    for (int i = 0; i < 2; i++) {
        if (is_child(&child)) {
            (i == 0 ? process1 : process2)(first, second, numbers);
            exit(0);
        }
    }
    for (int i = 0; i < 2; i++)
        wait(NULL);
    sm_proxy_free(first);
    sm_proxy_free(second);
    sm_proxy_free(numbers);
    sm_manager_free(manager);
    return 0;
}
