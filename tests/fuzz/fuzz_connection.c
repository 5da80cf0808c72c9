/* SPDX-License-Identifier: MIT */
/*
 * Whole connections: clients who know the key and then send anything to a server of their own. The
 * input is a row of steps, and most of them call a method that exists on an object that exists, so
 * that it is the arguments that are strange: a run of pickle opcodes, in which 0xff stands for a
 * proxy of one of the objects, 0xfe for its ident. Strangers, who have no key, come in between.
 *
 * Every reply must be one, there are no more of them than requests, whoever comes last is served,
 * and when all clients have gone the server has no peer left. What is left of memory then, the leak
 * checker sees.
 *
 * Each input is played twice: the second time three values are very many, so that most of it is
 * done aside, on other threads. Some steps do not wait until what is aside is back.
 */
#include "base/limits.h"
#include "client.h"
#include "fuzz.h"
#include "play.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS 3
#define OBJECTS 8
#define NAME_MAX_LEN 64
#define METHODS_MAX 80
#define MESSAGE_MAX ((size_t)1 << 20)

/* Steps from here on leave what is done aside to run on beside the next. */
#define STEP_HURRIES 128

/* What objects are made of; the arguments are opcodes of a tuple's items. */
static const struct {
    const char *typeid;
    const char *args;
    size_t args_len;
} makes[] = {
#define OPCODES(text) text, sizeof(text) - 1
    {"list", OPCODES("](K\1K\2K\3e")},
    {"dict", OPCODES("}K\1K\2s")},
    {"Queue", OPCODES("K\2")},
    {"JoinableQueue", OPCODES("")},
    {"Lock", OPCODES("")},
    {"RLock", OPCODES("")},
    {"Semaphore", OPCODES("K\1")},
    {"BoundedSemaphore", OPCODES("K\1")},
    {"Condition", OPCODES("")},
    {"Counter", OPCODES("K\1")},
    {"Event", OPCODES("")},
    {"Barrier", OPCODES("K\2")},
    {"Namespace", OPCODES("")},
    {"Value", OPCODES("X\1\0\0\0iK\7")},
    {"Array", OPCODES("X\1\0\0\0i](K\1K\2e")},
    {"set", OPCODES("")},
    {"str_", OPCODES("")},
    {"bytes_", OPCODES("")},
    {"tuple_", OPCODES("")},
    {"int_", OPCODES("")},
    {"float_", OPCODES("")},
};

static const char *const functions[] = {"dummy",       "create",
                                        "incref",      "decref",
                                        "get_methods", "number_of_objects",
                                        "debug_info",  "accept_connection",
                                        "sm_clients",  "sm_connection",
                                        "sm_info",     "sm_keep",
                                        "sm_locks",    "sm_objects",
                                        "sm_version",  "sm_withdraw",
                                        "sm_kill",     "sm_metrics",
                                        "sm_deaths"};

struct object_seen {
    const char *typeid;
    char ident[NAME_MAX_LEN];
    char method[METHODS_MAX][NAME_MAX_LEN];
    size_t methods;
};

struct scene {
    struct sm_server *server;
    struct client client[CLIENTS];
    struct object_seen object[OBJECTS];
    size_t objects;
    const uint8_t *data;
    size_t len;
};

static struct auth_key *key;

static uint8_t take_byte(struct scene *s)
{
    if (!s->len)
        return 0;
    s->len--;
    return *s->data++;
}

/* A run of bytes, its length before it. */
static const uint8_t *take_bytes(struct scene *s, size_t *ret_len)
{
    const uint8_t *bytes;
    size_t len = take_byte(s);

    len = MIN(len, s->len);
    bytes = s->data;
    s->data += len;
    s->len -= len;
    *ret_len = len;
    return bytes;
}

static void add_str(struct buffer *out, const char *text, size_t len)
{
    buffer_add(out, (const uint8_t[5]){'X', (uint8_t)len}, 5);
    buffer_add(out, text, len);
}

static void add_proxy(struct buffer *out, const struct scene *s, const struct object_seen *object)
{
    struct sm_value address = s->server->registry.address;

    buffer_add_str(out, "cmultiprocessing.managers\nRebuildProxy\n"
                        "(cmultiprocessing.managers\nListProxy\n"
                        "cmultiprocessing.managers\nToken\n)\x81(");
    add_str(out, object->typeid, strlen(object->typeid));
    buffer_add(out, (const uint8_t[2]){'C', (uint8_t)address.len}, 2);
    buffer_add(out, address.bytes, address.len);
    add_str(out, object->ident, strlen(object->ident));
    buffer_add_str(out, "tb");
    add_str(out, "pickle", 6);
    buffer_add_str(out, "}tR");
}

/* Opcodes from the input, with proxies and idents in place of two that are none. */
static void add_opcodes(struct buffer *out, struct scene *s)
{
    size_t len;
    const uint8_t *bytes = take_bytes(s, &len);

    for (size_t i = 0; i < len; i++) {
        const struct object_seen *object = s->objects ? &s->object[i % s->objects] : NULL;

        if (object && bytes[i] == 0xff)
            add_proxy(out, s, object);
        else if (object && bytes[i] == 0xfe)
            add_str(out, object->ident, strlen(object->ident));
        else
            buffer_add_byte(out, bytes[i]);
    }
}

/* (target, name, (opcodes), {}) */
static void begin_request(struct buffer *out, const char *target, const char *name)
{
    buffer_add_str(out, "\x80\4(");
    if (target)
        add_str(out, target, strlen(target));
    else
        buffer_add_byte(out, 'N');
    add_str(out, name, strlen(name));
    buffer_add_byte(out, '(');
}

static void end_request(struct buffer *out, struct client *client)
{
    buffer_add_str(out, "t}t.");
    client_ask(client, out->data, out->len);
    client_turn(client);
    buffer_deinit(out);
}

static void open_for_calls(struct client *client)
{
    struct buffer out = {0};

    if (!client_open(client, key))
        return;
    begin_request(&out, NULL, "accept_connection");
    add_str(&out, "fuzz", 4);
    end_request(&out, client);
    CHECK(client->answered == 1 || server_may_fail);
}

static void copy_text(char ret[NAME_MAX_LEN], struct sm_value v)
{
    CHECK(v.kind == SM_KIND_STR && v.len < NAME_MAX_LEN);
    memcpy(ret, v.text, v.len);
    ret[v.len] = '\0';
}

static void make_object(struct scene *s, size_t which)
{
    struct object_seen *object = &s->object[s->objects];
    struct client client;
    struct buffer out = {0};
    struct sm_value answer;

    client_init(&client, s->server);
    if (!client_open(&client, key)) {
        client_close(&client);
        return;
    }
    begin_request(&out, NULL, "create");
    add_str(&out, makes[which].typeid, strlen(makes[which].typeid));
    buffer_add(&out, makes[which].args, makes[which].args_len);
    end_request(&out, &client);
    CHECK(client.answered == 1 || server_may_fail);
    answer = client.answer;
    if (client.answered && answer.kind == SM_KIND_TUPLE) {
        const struct sm_value *item = answer.items->item;

        object->typeid = makes[which].typeid;
        copy_text(object->ident, item[0]);
        object->methods = MIN(item[1].items->len, METHODS_MAX);
        for (size_t i = 0; i < object->methods; i++)
            copy_text(object->method[i], item[1].items->item[i]);
        s->objects++;
    }
    client_close(&client);
}

static void call_function(struct scene *s)
{
    struct client client;
    struct buffer out = {0};

    client_init(&client, s->server);
    client_open(&client, key);
    begin_request(&out, NULL, functions[take_byte(s) % ARRAY_SIZE(functions)]);
    add_opcodes(&out, s);
    end_request(&out, &client);
    client_close(&client);
}

/* Whatever anyone did, the next one is served. */
static void check_alive(struct scene *s)
{
    bool may_fail = server_may_fail;
    struct client client;
    struct buffer out = {0};

    server_may_fail = false;
    client_init(&client, s->server);
    client_open(&client, key);
    begin_request(&out, NULL, "dummy");
    end_request(&out, &client);
    CHECK(client.answered == 1 && client.answer.kind == SM_KIND_NONE);
    client_close(&client);
    server_may_fail = may_fail;
}

static void call_method_of(struct scene *s, struct client *client)
{
    const struct object_seen *object = &s->object[take_byte(s) % s->objects];
    struct buffer out = {0};

    begin_request(&out, object->ident, object->method[take_byte(s) % object->methods]);
    add_opcodes(&out, s);
    end_request(&out, client);
}

/* Somebody without the key says something, in two pieces, and may hang up at once. */
static void be_a_stranger(struct scene *s)
{
    struct client client;
    const uint8_t *bytes;
    size_t len;

    client_init(&client, s->server);
    client_connect(&client);
    for (int i = 0; i < 2; i++) {
        bytes = take_bytes(s, &len);
        send(client.fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (take_byte(s) & 1)
            client_turn_deaf(&client);
    }
    client_close(&client);
}

static void step(struct scene *s)
{
    uint8_t op = take_byte(s);
    struct client *client = &s->client[op % CLIENTS];
    const uint8_t *bytes;
    size_t len;

    if (client->fd < 0) {
        client_close(client);
        open_for_calls(client);
    }
    client->hurries = op >= STEP_HURRIES;
    switch (op / CLIENTS % 8) {
    case 0:
        bytes = take_bytes(s, &len);
        client_ask(client, bytes, len);
        client_turn(client);
        return;
    case 1:
        bytes = take_bytes(s, &len);
        client->asked += len; /* each byte may be the end of a message */
        client_send(client, bytes, len);
        client_turn(client);
        return;
    case 2:
        client_close(client);
        return;
    case 3:
        call_function(s);
        return;
    case 4:
        if (s->objects < OBJECTS)
            make_object(s, take_byte(s) % ARRAY_SIZE(makes));
        return;
    case 7:
        be_a_stranger(s);
        return;
    default:
        if (s->objects)
            call_method_of(s, client);
    }
}

static struct sm_server *make_server(void)
{
    static const char *const shared[][2] = {
        {"str_", "'a text, \\xe9\\u20ac'"},
        {"bytes_", "b'some bytes'"},
        {"tuple_", "(1, 'two')"},
        {"int_", "255"},
        {"float_", "0.5"},
    };
    struct sm_server_options options = {
        .authkey = "key", .authkey_len = 3, .max_message = MESSAGE_MAX, .metrics = true};
    struct sm_server *server;
    char address[64];

    signal(SIGPIPE, SIG_IGN); /* programs that run a server do */
    snprintf(address, sizeof(address), "unix:@syncmanager-fuzz-%d", (int)getpid());
    CHECK(sm_server_new(&options, &server) == SM_OK);
    for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
        CHECK(sm_server_register(server, shared[i][0], shared[i][1]) == SM_OK);
    CHECK(sm_server_listen(server, address) == SM_OK);
    return server;
}

void play(const uint8_t *data, size_t len, size_t many)
{
    struct scene s = {.server = make_server(), .data = data, .len = len};

    s.server->registry.many = many;
    if (!key)
        CHECK(auth_key_new((const uint8_t *)"key", 3, &key) == 0);
    for (size_t i = 0; i < CLIENTS; i++)
        client_init(&s.client[i], s.server);
    while (s.len && s.server->crowd.phase == CROWD_SERVES)
        step(&s);
    if (s.server->crowd.phase == CROWD_SERVES)
        check_alive(&s);
    for (size_t i = 0; i < CLIENTS; i++)
        client_close(&s.client[i]);
    for (int i = 0; i < 8 && s.server->crowd.peers_len; i++)
        uv_run(&s.server->loop.uv, UV_RUN_NOWAIT);
    CHECK(s.server->crowd.peers_len == 0);
    sm_server_free(s.server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    play(data, len, LIMIT_ASIDE);
    play(data, len, FEW_ARE_MANY);
    return 0;
}
