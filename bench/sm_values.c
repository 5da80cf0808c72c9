/* SPDX-License-Identifier: MIT */
/* Works on containers and values, and on objects as such. */
#include "sm.h"

/* How many items a list is filled with at a time. */
#define CHUNK 100000

static int fill_list(struct sm_proxy *list, size_t elements)
{
    static struct sm_value item[CHUNK];
    struct sm_items items = {.item = item};

    for (size_t i = 0; i < CHUNK; i++)
        item[i] = sm_int((int64_t)(i % 1000));
    for (size_t done = 0; done < elements; done += items.len) {
        items.len = elements - done < CHUNK ? elements - done : CHUNK;
        if (check(sm_list_extend(list, sm_container(SM_KIND_LIST, &items))) < 0)
            return -1;
    }
    return 0;
}

int list_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0 ||
        check(sm_list(stage->manager, sm_missing(), &stage->proxy[0])) < 0)
        return -1;
    return fill_list(stage->proxy[0], first->options->elements);
}

/* One call whose reply is of no more interest. */
static int done(int status, struct sm_reply **reply)
{
    if (status >= 0)
        sm_reply_free(*reply);
    return check(status) < 0 ? -1 : 1;
}

int list_get(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_reply *reply;
    int64_t at = (int64_t)(client->turn * 7919 % client->options->elements);

    return done(sm_list_get(stage->proxy[0], at, &reply), &reply);
}

#define PIPELINE 16

int pipeline_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_value args = SM_TUPLE(sm_int((int64_t)(client->turn % client->options->elements)));
    int r;

    if (!stage->batch && check(sm_batch_new(stage->manager, &stage->batch)) < 0)
        return -1;
    for (int i = 0; i < PIPELINE; i++)
        if (check(sm_batch_call(stage->batch, stage->proxy[0], "__getitem__", args)) < 0)
            return -1;
    r = sm_batch_run(stage->batch);
    while (r == SM_OK) {
        struct sm_reply *reply;

        r = sm_batch_next(stage->batch, &reply);
        if (r == SM_OK)
            sm_reply_free(reply);
    }
    return check(r) < 0 ? -1 : PIPELINE;
}

int list_set(struct client *client)
{
    struct stage *stage = client->common;
    int64_t at = (int64_t)(client->turn * 7919 % client->options->elements);

    return check(sm_list_set(stage->proxy[0], at, sm_int(at % 1000))) < 0 ? -1 : 1;
}

int list_read(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_reply *reply;

    return done(sm_getvalue(stage->proxy[0], &reply), &reply);
}

/* Of a dict of elements integers, or, with large values, of one of those. */
int dict_prepare(struct client *first)
{
    static struct sm_value pair[2 * CHUNK];
    struct sm_items items = {.item = pair};
    struct stage *stage;

    if (stage_open(first, &stage) < 0 ||
        check(sm_dict(stage->manager, sm_missing(), &stage->proxy[0])) < 0)
        return -1;
    for (size_t done = 0; done < first->options->elements; done += items.len / 2) {
        for (items.len = 0; items.len < 2 * CHUNK; items.len += 2) {
            size_t key = done + items.len / 2;

            if (key == first->options->elements)
                break;
            pair[items.len] = sm_int((int64_t)key);
            pair[items.len + 1] = sm_bytes(stage->bytes, first->options->bytes);
        }
        if (check(sm_dict_update(stage->proxy[0], sm_container(SM_KIND_DICT, &items))) < 0)
            return -1;
    }
    return 0;
}

int dict_get(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_value key = sm_int((int64_t)(client->turn * 7919 % client->options->elements));
    struct sm_reply *reply;

    return done(sm_dict_get(stage->proxy[0], key, &reply), &reply);
}

int dict_set(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_value key = sm_int((int64_t)(client->turn * 7919 % client->options->elements));
    struct sm_value v = sm_bytes(stage->bytes, client->options->bytes);

    return check(sm_dict_set(stage->proxy[0], key, v)) < 0 ? -1 : 1;
}

int value_prepare(struct client *first)
{
    struct stage *stage;

    if (stage_open(first, &stage) < 0)
        return -1;
    return check(sm_value(stage->manager, "i", sm_int(0), &stage->proxy[0]));
}

int value_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_reply *reply;

    if (check(sm_value_set(stage->proxy[0], sm_int((int64_t)(client->turn % 1000)))) < 0)
        return -1;
    return done(sm_value_get(stage->proxy[0], &reply), &reply) < 0 ? -1 : 2;
}

int create_turn(struct client *client)
{
    struct stage *stage = client->common;
    struct sm_proxy *list;

    if (check(sm_list(stage->manager, SM_LIST(sm_int(0), sm_int(0), sm_int(0)), &list)) < 0)
        return -1;
    sm_proxy_free(list);
    return 1;
}

int connect_turn(struct client *client)
{
    struct sm_manager *manager;
    int r;

    r = sm_manager_connect(client->options->address, NULL, &manager);
    if (r == SM_OK) {
        r = sm_manager_call(manager, "dummy", sm_missing(), sm_missing(), NULL);
        sm_manager_free(manager);
    }
    return check(r) < 0 ? -1 : 1;
}
