/* SPDX-License-Identifier: MIT */
/* A client frame by frame, of a server that the same thread steps. Requests are literals. */
#ifndef SUPPORT_RAW_H
#define SUPPORT_RAW_H

#include "support/check.h"

#include "base/limits.h"
#include "net/address.h"
#include "net/transport_socket.h"
#include "pickle/pickle.h"
#include "syncmanager.h"
#include "wire/auth.h"
#include "wire/frame.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

struct raw {
    struct sm_server *server;    /* its key is "key" */
    struct transport *transport; /* the client's end; owned */
    bool closed;                 /* by the server */
    struct buffer in;
};

/* Over a connection that there is. */
static inline void raw_open(struct raw *raw, struct sm_server *server, struct transport *transport)
{
    *raw = (struct raw){.server = server, .transport = transport};
}

/* Over a socket. */
static inline void raw_connect(struct raw *raw, struct sm_server *server)
{
    struct transport *transport;
    struct address address;
    const char *why;

    assert_int_equal(address_parse(sm_server_address(server, 0), &address, &why), 0);
    assert_int_equal(transport_socket_new(&address, FOREVER, &transport), 0);
    assert_int_equal(transport->ops->connect(transport), 0);
    raw_open(raw, server, transport);
}

static inline void raw_close(struct raw *raw)
{
    raw->transport->ops->close(raw->transport);
    buffer_deinit(&raw->in);
}

/* Take what has come. */
static inline void raw_read(struct raw *raw)
{
    uint8_t room[4096];
    ssize_t n;

    while ((n = raw->transport->ops->read(raw->transport, room, sizeof(room), false)) > 0)
        buffer_add(&raw->in, room, (size_t)n);
    raw->closed |= n != -EAGAIN;
}

/*
 * Let the server do what there is to do now. If nothing has come of it, wait until there is more to
 * do, or its deadline.
 */
static inline void raw_turn(struct raw *raw)
{
    size_t before = raw->in.len;

    sm_server_step(raw->server);
    raw_read(raw);
    if (!raw->closed && raw->in.len == before)
        assert_true(raw->transport->ops->wait(raw->transport, TRANSPORT_READABLE,
                                              sm_server_fd(raw->server),
                                              sm_server_timeout_ms(raw->server)) >= 0);
}

/* What there is no room for goes when the server has read what went before. */
static inline void raw_send(struct raw *raw, const void *bytes, size_t len)
{
    struct iovec part = {(void *)bytes, len};

    while (part.iov_len && !raw->closed) {
        ssize_t n = raw->transport->ops->writev(raw->transport, &part, 1, false);

        if (n == -EAGAIN)
            raw_turn(raw);
        else
            raw->closed |= n < 0;
        transport_advance(&part, 1, n > 0 ? (size_t)n : 0);
    }
}

/* How many whole frames have come, and not been taken. */
static inline size_t raw_frames(const struct raw *raw)
{
    size_t n = 0, at = 0, need;
    struct frame frame;

    while (at < raw->in.len &&
           frame_parse(raw->in.data + at, raw->in.len - at, SIZE_MAX / 2, &frame, &need) == 0) {
        at += frame.size;
        n++;
    }
    return n;
}

/* The next frame, which the caller drops by its size. */
static inline void raw_receive(struct raw *raw, struct frame *ret)
{
    size_t need;

    while (frame_parse(raw->in.data, raw->in.len, SIZE_MAX / 2, ret, &need) != 0) {
        assert_false(raw->closed);
        raw_turn(raw);
    }
}

static inline void raw_authenticate_with(struct raw *raw, const char *secret)
{
    struct buffer out = {0};
    struct auth_key *key;
    struct auth auth;
    struct frame frame;
    int step = AUTH_MORE;

    assert_int_equal(auth_key_new((const uint8_t *)secret, strlen(secret), &key), 0);
    auth_init(&auth, AUTH_CLIENT, key);
    assert_int_equal(auth_start(&auth, &out), 0);
    while (step == AUTH_MORE) {
        raw_receive(raw, &frame);
        step = auth_feed(&auth, frame.payload, frame.len, &out);
        buffer_consume(&raw->in, frame.size);
        raw_send(raw, out.data, out.len);
        buffer_clear(&out);
    }
    assert_int_equal(step, AUTH_DONE);
    buffer_deinit(&out);
    auth_key_free(key);
}

static inline void raw_authenticate(struct raw *raw)
{
    raw_authenticate_with(raw, "key");
}

/* Append the frame of a request: "(ident, name, args, kwds)". */
static inline void raw_request(struct buffer *out, const char *literal)
{
    struct sm_reply *reply = NULL;
    size_t mark = frame_begin(out);
    struct pickler p;

    assert_int_equal(sm_value_parse(literal, &reply), SM_OK);
    pickler_init(&p, out);
    pickler_start(&p);
    pickler_value(&p, NULL, sm_reply_value(reply));
    assert_int_equal(pickler_finish(&p), 0);
    pickler_deinit(&p);
    frame_end(out, mark);
    sm_reply_free(reply);
}

static inline void raw_ask(struct raw *raw, const char *literal)
{
    struct buffer out = {0};

    raw_request(&out, literal);
    raw_send(raw, out.data, out.len);
    buffer_deinit(&out);
}

/* Take the answer to the one request that is under way. */
static inline void raw_drop_answer(struct raw *raw)
{
    struct frame frame;

    raw_receive(raw, &frame);
    buffer_consume(&raw->in, frame.size);
}

#endif
