/* SPDX-License-Identifier: MIT */
/*
 * Lesson 3: a plain list inside a shared list is a copy.
 *
 * What a proxy takes and gives goes by value. A change to what came out is seen by nobody, until it
 * is assigned again.
 */
#include "lesson.h"

int main(int argc, char **argv)
{
    struct sm_manager *manager = open_manager(parse_arguments(argc, argv), NULL);
    struct sm_value number[] = {sm_int(1), sm_int(2), sm_int(3)}, row;
    struct sm_items inner = {.item = number, .len = 2};
    struct sm_proxy *outer;
    struct sm_reply *reply;

    must(sm_list(manager, sm_missing(), &outer));
    must(sm_list_append(outer, sm_container(SM_KIND_LIST, &inner)));
    inner.len = 3;
    printf("appended, then changed: %s\n", sm_text(outer));

    must(sm_list_get(outer, 0, &reply));
    row = sm_reply_value(reply);
    row = SM_LIST(sm_item(row, 0), sm_item(row, 1), sm_int(5));
    printf("changed where it came out: %s\n", sm_text(outer));

    must(sm_list_set(outer, 0, row));
    printf("assigned again: %s\n", sm_text(outer));

    sm_reply_free(reply);
    sm_proxy_free(outer);
    sm_manager_free(manager);
    return 0;
}
