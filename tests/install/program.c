/* SPDX-License-Identifier: MIT */
/*
 * A user's program, built as C and as C++17 against what was installed: a manager, an object, a
 * call. Its own list_append must not meet the library's.
 */
#include <stdio.h>
#include <syncmanager.h>

void list_append(void);

void list_append(void)
{
    puts("the program's own");
}

int main(void)
{
    struct sm_manager *manager;
    struct sm_proxy *list;

    list_append();
    if (sm_manager_start(NULL, NULL, &manager) < 0)
        return sm_complain("program");
    if (sm_create(manager, "list", sm_missing(), sm_missing(), &list) < 0 ||
        sm_call(list, "append", SM_TUPLE(sm_int(1)), NULL) < 0)
        return sm_complain("program");
    printf("%s %s\n", sm_version(), sm_text(list));
    sm_proxy_free(list);
    sm_manager_free(manager);
    return 0;
}
