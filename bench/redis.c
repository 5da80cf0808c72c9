/* SPDX-License-Identifier: MIT */
/*
 * The driver of Redis through hiredis: the same works as the C client's, in spirit. A lock is two
 * scripts, as its users write it; whoever waits does so in a blocking pop.
 */
#include "driver.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIPELINE 16
#define CHUNK 1000

static const char take_script[] = "return redis.call('set', KEYS[1], ARGV[1], 'NX') and 1 or 0";
static const char give_script[] =
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0";

struct own {
    redisContext *redis;
    char *bytes;
    char take[41], give[41]; /* the scripts' hashes */
};

/* A reply to be forgotten, of this type unless that is 0. */
static int check(redisContext *redis, redisReply *reply, int type)
{
    if (!reply || reply->type == REDIS_REPLY_ERROR || (type && reply->type != type)) {
        fprintf(stderr, "bench-redis: %s\n",
                !reply       ? redis->errstr
                : reply->str ? reply->str
                             : "a reply of another type");
        freeReplyObject(reply);
        return -1;
    }
    freeReplyObject(reply);
    return 0;
}

#define COMMAND(own, type, ...) check((own)->redis, redisCommand((own)->redis, __VA_ARGS__), type)

static redisContext *reach(const struct client *client)
{
    redisContext *redis = redisConnectUnix(client->options->address + strlen("unix:"));

    if (redis && !redis->err)
        return redis;
    fprintf(stderr, "bench-redis: %s\n", redis ? redis->errstr : "out of memory");
    return NULL;
}

static int load(struct own *own, const char *script, char ret[41])
{
    redisReply *reply = redisCommand(own->redis, "SCRIPT LOAD %s", script);

    if (reply && reply->type == REDIS_REPLY_STRING)
        snprintf(ret, 41, "%s", reply->str);
    return check(own->redis, reply, REDIS_REPLY_STRING);
}

static int enter(struct client *client)
{
    struct own *own = calloc(1, sizeof(*own));

    client->own = own;
    own->redis = reach(client);
    if (!own->redis)
        return -1;
    own->bytes = calloc(1, client->options->bytes + 1);
    return load(own, take_script, own->take) < 0 ? -1 : load(own, give_script, own->give);
}

static void leave(struct client *client)
{
    struct own *own = client->own;

    redisFree(own->redis);
    free(own->bytes);
    free(own);
}

static int clear(struct client *first)
{
    if (enter(first) < 0)
        return -1;
    return COMMAND((struct own *)first->own, 0, "DEL list hash counter lock first second queue");
}

static void finish(struct client *first)
{
    struct own own = {.redis = reach(first)};

    COMMAND(&own, 0, "DEL list hash counter lock first second queue");
    redisFree(own.redis);
}

static int nothing_prepare(struct client *first)
{
    if (clear(first) < 0)
        return -1;
    leave(first);
    return 0;
}

/* Take the replies of commands that were appended. */
static int take_replies(struct own *own, size_t n)
{
    void *reply;

    while (n--)
        if (redisGetReply(own->redis, &reply) != REDIS_OK || check(own->redis, reply, 0) < 0)
            return -1;
    return 0;
}

static int append_item(struct own *own, const struct client *first, size_t i)
{
    (void)first;
    return redisAppendCommand(own->redis, "RPUSH list %lu", (unsigned long)i % 1000);
}

static int append_field(struct own *own, const struct client *first, size_t i)
{
    return redisAppendCommand(own->redis, "HSET hash %lu %b", (unsigned long)i, own->bytes,
                              first->options->bytes);
}

/* Fill a container, some commands at a time. */
static int fill(struct client *first,
                int (*append)(struct own *own, const struct client *first, size_t i))
{
    size_t left = 0;
    struct own *own;

    if (clear(first) < 0)
        return -1;
    own = first->own;
    for (size_t i = 0; i < first->options->elements; i++) {
        if (append(own, first, i) != REDIS_OK)
            return -1;
        if (++left == CHUNK && take_replies(own, left) < 0)
            return -1;
        left %= CHUNK;
    }
    if (take_replies(own, left) < 0)
        return -1;
    leave(first);
    return 0;
}

static int list_prepare(struct client *first)
{
    return fill(first, append_item);
}

static int hash_prepare(struct client *first)
{
    return fill(first, append_field);
}

static unsigned long place(const struct client *client)
{
    return client->turn * 7919 % client->options->elements;
}

static int list_get(struct client *client)
{
    struct own *own = client->own;

    return COMMAND(own, REDIS_REPLY_STRING, "LINDEX list %lu", place(client)) < 0 ? -1 : 1;
}

static int list_set(struct client *client)
{
    struct own *own = client->own;
    unsigned long at = place(client);

    return COMMAND(own, 0, "LSET list %lu %lu", at, at % 1000) < 0 ? -1 : 1;
}

static int list_read(struct client *client)
{
    struct own *own = client->own;

    return COMMAND(own, REDIS_REPLY_ARRAY, "LRANGE list 0 -1") < 0 ? -1 : 1;
}

static int pipeline(struct client *client)
{
    struct own *own = client->own;

    for (int i = 0; i < PIPELINE; i++)
        redisAppendCommand(own->redis, "LINDEX list %lu", place(client));
    return take_replies(own, PIPELINE) < 0 ? -1 : PIPELINE;
}

static int hash_get(struct client *client)
{
    struct own *own = client->own;

    return COMMAND(own, REDIS_REPLY_STRING, "HGET hash %lu", place(client)) < 0 ? -1 : 1;
}

static int hash_set(struct client *client)
{
    struct own *own = client->own;

    return COMMAND(own, 0, "HSET hash %lu %b", place(client), own->bytes, client->options->bytes) <
                   0
               ? -1
               : 1;
}

static int value_turn(struct client *client)
{
    struct own *own = client->own;

    if (COMMAND(own, 0, "SET counter %lu", (unsigned long)client->turn % 1000) < 0 ||
        COMMAND(own, REDIS_REPLY_STRING, "GET counter") < 0)
        return -1;
    return 2;
}

static int lock_turn(struct client *client)
{
    struct own *own = client->own;

    if (COMMAND(own, REDIS_REPLY_INTEGER, "EVALSHA %s 1 lock %u", own->take, client->index) < 0 ||
        COMMAND(own, REDIS_REPLY_INTEGER, "EVALSHA %s 1 lock %u", own->give, client->index) < 0)
        return -1;
    return 1;
}

/* A lock that can be waited for: a list of one token. */
static int handover_turn(struct client *client)
{
    struct own *own = client->own;
    const char *mine = client->index ? "second" : "first";
    const char *other = client->index ? "first" : "second";

    if (client->index == 0) {
        if (COMMAND(own, 0, "LPUSH %s 1", other) < 0 ||
            COMMAND(own, REDIS_REPLY_ARRAY, "BLPOP %s 0", mine) < 0)
            return -1;
        return 2;
    }
    if (COMMAND(own, REDIS_REPLY_ARRAY, "BLPOP %s 0", mine) < 0 ||
        COMMAND(own, 0, "LPUSH %s 1", other) < 0)
        return -1;
    return 0;
}

static int queue_turn(struct client *client)
{
    struct own *own = client->own;
    redisReply *reply;
    int got;

    if (client->index < client->options->clients / 2)
        return COMMAND(own, REDIS_REPLY_INTEGER, "LPUSH queue 1");
    reply = redisCommand(own->redis, "BRPOP queue 0.05");
    got = reply && reply->type == REDIS_REPLY_ARRAY;
    return check(own->redis, reply, 0) < 0 ? -1 : got;
}

static int bulk_turn(struct client *client)
{
    struct own *own = client->own;

    if (COMMAND(own, 0, "LPUSH queue %b", own->bytes, client->options->bytes) < 0 ||
        COMMAND(own, REDIS_REPLY_STRING, "RPOP queue") < 0)
        return -1;
    return 1;
}

static int create_turn(struct client *client)
{
    struct own *own = client->own;

    if (COMMAND(own, 0, "RPUSH list:%u 0 0 0", client->index) < 0 ||
        COMMAND(own, 0, "DEL list:%u", client->index) < 0)
        return -1;
    return 1;
}

static int connect_turn(struct client *client)
{
    struct own own = {.redis = reach(client)};
    int r;

    if (!own.redis)
        return -1;
    r = COMMAND(&own, 0, "PING");
    redisFree(own.redis);
    return r < 0 ? -1 : 1;
}

#define WORK(name_, prepare_, turn_, ...)                                                          \
    {                                                                                              \
        .name = name_, .prepare = prepare_, .open = enter, .turn = turn_, .close = leave,          \
        .finish = finish, __VA_ARGS__                                                              \
    }

const struct work works[] = {
    WORK("list_get", list_prepare, list_get),
    WORK("list_set", list_prepare, list_set),
    WORK("list_read", list_prepare, list_read),
    WORK("pipeline", list_prepare, pipeline),
    WORK("dict_get", hash_prepare, hash_get),
    WORK("dict_set", hash_prepare, hash_set),
    WORK("value", nothing_prepare, value_turn),
    WORK("lock", nothing_prepare, lock_turn),
    WORK("handover", nothing_prepare, handover_turn, .lockstep = true, .clients = 2),
    WORK("queue", nothing_prepare, queue_turn),
    WORK("bulk", nothing_prepare, bulk_turn),
    WORK("create", nothing_prepare, create_turn),
    WORK("connect", nothing_prepare, connect_turn),
    {0},
};
