/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "base/limits.h"
#include "fuzz.h"
#include "wire/frame.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

atomic_bool server_runs;
bool server_may_fail;

#define REPLY_MAX ((size_t)64 << 20)

void client_init(struct client *client, struct sm_server *server)
{
    *client = (struct client){.server = server, .fd = -1};
    tree_init(&client->tree, NULL);
}

void client_close(struct client *client)
{
    struct sm_server *server = client->server;

    if (client->fd >= 0)
        close(client->fd);
    buffer_deinit(&client->in);
    buffer_deinit(&client->reply);
    tree_deinit(&client->tree);
    client_init(client, server);
}

/* Every reply is a pair: its kind, and what goes with it. */
static void take_reply(struct client *client, const struct frame *frame)
{
    struct pickle_error error;
    struct sm_value reply;

    client->answered++;
    CHECK(client->answered <= client->asked);
    buffer_clear(&client->reply);
    buffer_add(&client->reply, frame->payload, frame->len);
    tree_reset(&client->tree);
    CHECK(pickle_decode(&client->tree, client->reply.data, client->reply.len, &reply, &error) == 0);
    CHECK(reply.kind == SM_KIND_TUPLE && reply.items->len == 2);
    CHECK(reply.items->item[0].kind == SM_KIND_STR && reply.items->item[0].text[0] == '#');
    client->answer = sm_missing();
    if (strncmp(reply.items->item[0].text, "#RETURN", reply.items->item[0].len) == 0)
        client->answer = reply.items->item[1];
}

static bool next_frame(struct client *client, struct frame *ret)
{
    size_t need;
    int r = frame_parse(client->in.data, client->in.len, REPLY_MAX, ret, &need);

    CHECK(r >= 0);
    return r == 0;
}

static void receive(struct client *client)
{
    uint8_t bytes[65536];
    ssize_t n;

    while (client->fd >= 0 && (n = recv(client->fd, bytes, sizeof(bytes), 0)) != -1) {
        if (n == 0) {
            close(client->fd);
            client->fd = -1;
            return;
        }
        buffer_add(&client->in, bytes, (size_t)n);
    }
    if (client->fd >= 0 && errno != EAGAIN) {
        close(client->fd);
        client->fd = -1;
    }
}

static bool is_aside(const struct sm_server *server)
{
    return !waitq_empty(&server->asides.waiters);
}

/* A few turns: accept, read and answer, write what did not fit. */
static void turn(struct client *client)
{
    uv_loop_t *uv = &client->server->loop.uv;

    server_runs = true;
    for (int i = 0; i < 3; i++)
        uv_run(uv, UV_RUN_NOWAIT);
    while (!client->hurries && is_aside(client->server)) {
        uv_run(uv, UV_RUN_ONCE);
        uv_run(uv, UV_RUN_NOWAIT);
    }
    server_runs = false;
    receive(client);
}

void client_turn_deaf(struct client *client)
{
    turn(client);
    buffer_clear(&client->in);
}

void client_turn(struct client *client)
{
    struct frame frame;

    turn(client);
    while (next_frame(client, &frame)) {
        take_reply(client, &frame);
        buffer_consume(&client->in, frame.size);
    }
}

void client_send(struct client *client, const void *bytes, size_t len)
{
    const uint8_t *next = bytes;
    ssize_t n;

    while (len && client->fd >= 0) {
        n = send(client->fd, next, len, MSG_NOSIGNAL);
        if (n > 0) {
            next += n;
            len -= (size_t)n;
            continue;
        }
        if (errno != EAGAIN)
            return;
        client_turn(client);
    }
}

void client_ask(struct client *client, const void *payload, size_t len)
{
    struct buffer out = {0};

    frame_add(&out, payload, len);
    client->asked++;
    client_send(client, out.data, out.len);
    buffer_deinit(&out);
}

void client_connect(struct client *client)
{
    const struct address *address = &client->server->listeners[0]->listener.address;

    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(client->fd >= 0);
    CHECK(connect(client->fd, (const struct sockaddr *)&address->sockaddr, address->len) == 0);
}

bool client_open(struct client *client, const struct auth_key *key)
{
    struct buffer out = {0};
    struct frame frame;
    struct auth auth;
    int r = AUTH_MORE;

    client_connect(client);
    auth_init(&auth, AUTH_CLIENT, key);
    while (r == AUTH_MORE) {
        turn(client);
        if (!next_frame(client, &frame))
            break;
        r = auth_feed(&auth, frame.payload, frame.len, &out);
        buffer_consume(&client->in, frame.size);
        client_send(client, out.data, out.len);
        buffer_clear(&out);
    }
    buffer_deinit(&out);
    CHECK(r == AUTH_DONE || server_may_fail);
    return r == AUTH_DONE;
}
