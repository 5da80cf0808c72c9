/* SPDX-License-Identifier: MIT */
/*
 * Lesson 4: a shared list inside a shared list is shared.
 *
 * What is stored is the proxy, so a change is seen wherever the inner list is reached from: through
 * the outer one, by its own proxy, and in another process.
 */
#include "lesson.h"

static void change(struct sm_manager *manager, struct sm_proxy *outer)
{
    struct sm_proxy *row = get_shared(manager, outer, 0), *table = get_shared(manager, outer, 1);

    must(sm_list_append(row, sm_str("from the child")));
    must(sm_dict_set(table, sm_str("key"), sm_str("from the child")));
    sm_proxy_free(table);
    sm_proxy_free(row);
}

int main(int argc, char **argv)
{
    struct sm_manager *manager = open_manager(parse_arguments(argc, argv), NULL);
    struct sm_proxy *outer, *inner, *table, *row;
    pid_t child;

    must(sm_list(manager, sm_missing(), &outer));
    must(sm_list(manager, SM_LIST(sm_int(1), sm_int(2)), &inner));
    must(sm_dict(manager, sm_missing(), &table));
    must(sm_list_append(outer, sm_proxy_value(inner)));
    must(sm_list_append(outer, sm_proxy_value(table)));
    must(sm_list_append(inner, sm_int(3)));
    row = get_shared(manager, outer, 0);
    printf("changed by its own proxy: %s\n", sm_text(row));
    must(sm_list_append(row, sm_int(4)));
    printf("changed where it came out: %s\n", sm_text(inner));

    if (is_child(&child)) {
        change(manager, outer);
        exit(0);
    }
    waitpid(child, NULL, 0);
    printf("changed by a child: %s %s\n", sm_text(inner), sm_text(table));

    sm_proxy_free(inner);
    sm_proxy_free(row);
    row = get_shared(manager, outer, 0);
    must(sm_list_del(outer, 0));
    printf("kept alive by the outer list: %s\n", sm_text(row));
    sm_proxy_free(row);
    row = get_shared(manager, outer, 0);
    printf("what is left: [%s]\n", sm_text(row));
    sm_proxy_free(row);
    sm_proxy_free(table);
    sm_proxy_free(outer);
    sm_manager_free(manager);
    return 0;
}
