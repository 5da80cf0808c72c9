/* SPDX-License-Identifier: MIT */
/*
 * A handshake of two honest ends, with somebody between them who does not have the key. The input
 * is what that one does: bring an end the next frame of the other, as it is or with a byte
 * changed, or any bytes. Neither end may accept the other but for an honest answer to its own,
 * unchanged challenge. The server has several keys, and finds the client's among them.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "wire/auth.h"
#include "wire/frame.h"

struct end {
    struct auth auth;
    struct buffer sent; /* and not yet brought to the other */
    bool over;
    bool proved; /* its answer is one to the other's challenge, as that was sent */
};

struct input {
    const uint8_t *data;
    size_t len;
};

static uint8_t take_byte(struct input *in)
{
    if (!in->len)
        return 0;
    in->len--;
    return *in->data++;
}

static size_t take_bytes(struct input *in, uint8_t *ret, size_t max)
{
    size_t n = take_byte(in);

    n = MIN(MIN(n, in->len), max);
    if (n)
        memcpy(ret, in->data, n);
    in->data += n;
    in->len -= n;
    return n;
}

/* The other end's next payload. */
static size_t take_sent(struct end *from, uint8_t *ret)
{
    struct frame frame;
    size_t need, len;
    int r = frame_parse(from->sent.data, from->sent.len, LIMIT_AUTH_FRAME, &frame, &need);

    if (r == FRAME_MORE)
        return 0;
    CHECK(r == 0);
    len = frame.len;
    memcpy(ret, frame.payload, len);
    buffer_consume(&from->sent, frame.size);
    return len;
}

static void feed(struct end *to, const uint8_t *payload, size_t len, bool honest)
{
    bool answering = to->auth.step == AUTH_AWAITS_CHALLENGE;
    bool judging = to->auth.step == AUTH_AWAITS_RESPONSE;
    int r = auth_feed(&to->auth, payload, len, &to->sent);

    CHECK(r == AUTH_MORE || r == AUTH_DONE || r == AUTH_REFUSED);
    CHECK((r == AUTH_REFUSED) == (to->auth.reason != NULL));
    CHECK(!judging || r == AUTH_REFUSED || honest);
    if (answering)
        to->proved = r == AUTH_MORE && honest;
    to->over = r != AUTH_MORE;
}

static void step(struct end *to, struct end *from, struct input *in, unsigned op)
{
    uint8_t payload[LIMIT_AUTH_FRAME];
    bool judging = to->auth.step == AUTH_AWAITS_RESPONSE;
    bool honest = false;
    size_t len;

    if (op == 0) {
        len = take_bytes(in, payload, sizeof(payload));
    } else {
        len = take_sent(from, payload);
        honest = len > 0 && (!judging || from->proved);
        if (op == 1 && len) {
            payload[take_byte(in) % len] ^= take_byte(in) | 1;
            honest = false;
        }
    }
    feed(to, payload, len, honest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct auth_key *keys[3];
    struct end server = {0}, client = {0};
    struct input in = {data, len};

    for (size_t i = 0; !keys[2] && i < 3; i++)
        CHECK(auth_key_new((const uint8_t *)"a key" + i, 3, &keys[i]) == 0);
    auth_init_keys(&server.auth, (const struct auth_key *const *)keys, 3);
    auth_init(&client.auth, AUTH_CLIENT, keys[2]);
    CHECK(auth_start(&server.auth, &server.sent) == 0);
    CHECK(auth_start(&client.auth, &client.sent) == 0);
    while (in.len) {
        unsigned op = take_byte(&in);
        struct end *to = op & 1 ? &server : &client;

        if (!to->over)
            step(to, op & 1 ? &client : &server, &in, (op >> 1) % 4);
        CHECK(!server.auth.key || server.auth.key == keys[2]);
    }
    buffer_deinit(&server.sent);
    buffer_deinit(&client.sent);
    return 0;
}
