/* SPDX-License-Identifier: MIT */
/*
 * The handshake, against recorded ones of CPython 3.8 to 3.14 (key: golden), against a peer of the
 * old dialect, against ourselves, and against peers who do not know the key or the protocol.
 */
#include "support/check.h"

#include "base/limits.h"
#include "wire/auth.h"
#include "wire/frame.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT(s) (const uint8_t *)(s), strlen(s)

static const struct recorded {
    const char *who; /* the version that answered, and whom, if that is another */
    const char *challenge;
    const char *answer;
} recorded[] = {
    {"3.8", "1cb069254051c9a06799cfc491bc51651c87ce07", "3261a93679389678c5d08d62aa42d02e"},
    {"3.8", "183440540efc36af7b97961fa3038d6b62b2dd85", "6a9fedd322c1b7d6f76ec68c1c3afaf7"},
    {"3.9", "be3bb7b257d8b73f526c57951738584239051d76", "194bbcec0f29a961a808fa53b276d275"},
    {"3.9", "66e8e84b26a0980004296e9d198a7c9ed57c0c1e", "cd0811895829122f9e6eddbfbe1b1a47"},
    {"3.10", "d5f9f4129765f954d7bb820245e09e759bb1e60c", "e23c49dfd5a70ccd17488e3beda16565"},
    {"3.10", "74b491526d8b7b297579e46b2a1d6d87e0ad7620", "15dda1f83bdaab234d1949fe652d1860"},
    {"3.11", "528b8b7b2d9e35a721ee4b29f499cb4df9aff315", "3347ef2e59b16db6cba2cff5a93d8e94"},
    {"3.11", "fa1ac31451639b0403604efea30c13e54220e774", "a76c5431abf86164ebdbb2d931543a7f"},
    {"3.11 to 3.12", "3e212a2a576fb4d51c5046347ffc6964c3bbbe66",
     "a17a1eaeb2fdc4c585399b8e74fa5b22"},
    {"3.12",
     "7b7368613235367d31285230198d91386cfd3d6f0bfcb82faf5169255cf1bf26fb098ba7f929c30c7cd2ca4a"
     "a105336a",
     "7b7368613235367d7625c28b55dd427dfe7b900f2a505f881489a53d127f7f5b3b43cdbc4afd4744"},
    {"3.12",
     "7b7368613235367d393af1004cfa2bd012e8131f27c5b1418f21e68ae77234e657010d9bff3f2a4215b6ebc0"
     "f9d8ead5",
     "7b7368613235367d479162ac4ebb4379c300ed7244e3cf55be90db4b1ec1183a1a4684a2e9e9ef3f"},
    {"3.12 to 3.8", "102cbb467431282ccdc09c41d1267c1b36227085", "c522d35231cc11d9b6e8dd804aa1a862"},
    {"3.13",
     "7b7368613235367d33f82889787b67c2ce71b3b39ac2181901f8a747edf6019a02ba936375b812d6ef7c41f1"
     "da513dea",
     "7b7368613235367d4279a524d6a63611837e73f1e382ef4127bb1908a48f413b0118d7a8465f2eb6"},
    {"3.13",
     "7b7368613235367d948fa5591fd0ccde0966eae1394e48184d4c38d0d650a52e5c99c7ec3fd7894393c08b18"
     "d82a09b0",
     "7b7368613235367d9bf341583df6b76883fa0e33c8935174006053758fe76622aa68580e8b0af1f8"},
    {"3.14",
     "7b7368613235367d3ffbff95b7ff0045c941f859291356db5b74db987933395366de1d1d97cc2cc16814380a"
     "1e7c131a",
     "7b7368613235367dd7ddb2a9948127e940ad66fd612c38d0d356ac489851a700ea4f52852173e492"},
    {"3.14",
     "7b7368613235367d2534c95752bf848237d4984efc09f7a7615c1c1aa8a96714fe2b3729ad33d3683d18ca16"
     "5880919d",
     "7b7368613235367d81510502685fd9fa05dc10b9d28ef78fa4a582068d249712e333bf1dd62a85aa"},
    {"3.8 to 3.13",
     "7b7368613235367d1710d7924dafda00f5c5d163a1187d22488f93a0f99de451a7c524d6af210f9e765e1182"
     "f57ac8b9",
     "8e845a8455ff8a800a3cc791a955e9fe"},
    {"3.8 to 3.12",
     "7b7368613235367d41fade7b77f37fc8eaa126beae23e80368f560b00ef2c4e0bc47c7969953b0ec5c31cddd"
     "f9bd5f5c",
     "59cd415e3bf3ec9b3a9c90c5a940a83d"},
    {"3.11 to 3.12",
     "7b7368613235367daa63f28787de88642490d6ac527b923c36bc789b31da378767434dee459c63c78dea700b"
     "f98538bb",
     "02318e856083bfb6ecd3a2c85449462f"},
};

/* Both ends of handshakes, and what each has sent. */
struct fixture {
    struct auth_key *key, *wrong;
    struct auth server, client;
    struct buffer from_server, from_client;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(auth_key_new(TEXT("golden"), &f->key), 0);
    assert_int_equal(auth_key_new(TEXT("wrong"), &f->wrong), 0);
    auth_init(&f->server, AUTH_SERVER, f->key);
    auth_init(&f->client, AUTH_CLIENT, f->key);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    auth_key_free(f->key);
    auth_key_free(f->wrong);
    buffer_deinit(&f->from_server);
    buffer_deinit(&f->from_client);
    free(f);
    return 0;
}

static size_t unhex(const char *hex, uint8_t *ret)
{
    size_t n = strlen(hex) / 2;

    for (size_t i = 0; i < n; i++)
        ret[i] = (uint8_t)strtoul((const char[3]){hex[2 * i], hex[2 * i + 1]}, NULL, 16);
    return n;
}

/* The payload of the one frame in `from`. */
static struct frame only_frame(const struct buffer *from)
{
    struct frame frame;
    size_t need;

    assert_int_equal(frame_parse(from->data, from->len, LIMIT_AUTH_FRAME, &frame, &need), 0);
    assert_int_equal(frame.size, from->len);
    return frame;
}

/* Hand the one frame in `from` to a peer. */
static int pass(struct buffer *from, struct auth *to, struct buffer *out)
{
    struct frame frame = only_frame(from);
    int r = auth_feed(to, frame.payload, frame.len, out);

    buffer_clear(from);
    return r;
}

/* A challenge of these bytes, for the client. */
static int challenge(struct fixture *f, const uint8_t *message, size_t len)
{
    struct buffer payload = {0};
    int r;

    buffer_add_str(&payload, "#CHALLENGE#");
    buffer_add(&payload, message, len);
    r = auth_feed(&f->client, payload.data, payload.len, &f->from_client);
    buffer_deinit(&payload);
    return r;
}

static void assert_sent(const struct buffer *from, const char *text)
{
    struct frame frame = only_frame(from);

    assert_int_equal(frame.len, strlen(text));
    assert_memory_equal(frame.payload, text, frame.len);
}

static void recorded_challenges_get_the_recorded_answers(void **state)
{
    struct fixture *f = *state;
    uint8_t message[64], answer[64];

    for (size_t i = 0; i < ARRAY_SIZE(recorded); i++) {
        const struct recorded *rec = &recorded[i];
        size_t len = unhex(rec->challenge, message), answer_len = unhex(rec->answer, answer);
        struct frame frame;

        if (len == AUTH_CHALLENGE_LEN && answer_len == 16)
            continue; /* the old dialect's answer to the new one's challenge: we give another */
        auth_init(&f->client, AUTH_CLIENT, f->key);
        assert_int_equal(challenge(f, message, len), AUTH_MORE);
        frame = only_frame(&f->from_client);
        assert_int_equal(frame.len, answer_len);
        assert_memory_equal(frame.payload, answer, answer_len);
        buffer_clear(&f->from_client);
    }
}

static void recorded_answers_are_accepted(void **state)
{
    struct fixture *f = *state;
    uint8_t answer[64];

    for (size_t i = 0; i < ARRAY_SIZE(recorded); i++) {
        const struct recorded *rec = &recorded[i];
        size_t len = unhex(rec->answer, answer);

        if (strlen(rec->challenge) != 2 * AUTH_CHALLENGE_LEN)
            continue; /* a challenge that we never send */
        auth_init(&f->server, AUTH_SERVER, f->key);
        assert_int_equal(auth_start(&f->server, &f->from_server), 0);
        buffer_clear(&f->from_server);
        unhex(rec->challenge, f->server.challenge);
        assert_int_equal(auth_feed(&f->server, answer, len, &f->from_server), AUTH_MORE);
        assert_sent(&f->from_server, "#WELCOME#");
        assert_int_equal(f->server.legacy, len == 16);
        buffer_clear(&f->from_server);
    }
}

static void our_client_and_our_server_agree(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(auth_start(&f->client, &f->from_client), 0);
    assert_int_equal(f->from_client.len, 0);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_DONE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_DONE);
    assert_int_equal(f->from_server.len, 0);
    assert_false(f->server.legacy);
    assert_false(f->client.legacy);
}

/* What an old peer answers to the challenge that `from` holds: HMAC-MD5 of all of it. */
static void old_answer(struct buffer *from, uint8_t ret[16])
{
    struct frame frame = only_frame(from);
    size_t len;

    assert_memory_equal(frame.payload, "#CHALLENGE#", 11);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "MD5", NULL, "golden", 6, frame.payload + 11,
                              frame.len - 11, ret, 16, &len));
    buffer_clear(from);
}

static const uint8_t twenty[] = "{sha256} 20 bytes...";

static void our_server_and_an_old_client_agree(void **state)
{
    struct fixture *f = *state;
    uint8_t answer[16];
    struct buffer theirs = {0};

    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    old_answer(&f->from_server, answer);
    assert_int_equal(auth_feed(&f->server, answer, 16, &f->from_server), AUTH_MORE);
    assert_sent(&f->from_server, "#WELCOME#");
    buffer_clear(&f->from_server);

    buffer_add_str(&theirs, "#CHALLENGE#");
    buffer_add(&theirs, twenty, 20);
    assert_int_equal(auth_feed(&f->server, theirs.data, theirs.len, &f->from_server), AUTH_MORE);
    frame_add(&f->from_client, theirs.data, theirs.len);
    old_answer(&f->from_client, answer);
    assert_int_equal(only_frame(&f->from_server).len, 16);
    assert_memory_equal(only_frame(&f->from_server).payload, answer, 16);
    assert_int_equal(auth_feed(&f->server, TEXT("#WELCOME#"), &f->from_server), AUTH_DONE);
    assert_true(f->server.legacy);
    buffer_deinit(&theirs);
}

static void our_client_and_an_old_server_agree(void **state)
{
    struct fixture *f = *state;
    uint8_t answer[16];

    assert_int_equal(challenge(f, twenty, 20), AUTH_MORE);
    assert_int_equal(only_frame(&f->from_client).len, 16);
    buffer_clear(&f->from_client);
    assert_int_equal(auth_feed(&f->client, TEXT("#WELCOME#"), &f->from_client), AUTH_MORE);
    old_answer(&f->from_client, answer);
    assert_int_equal(auth_feed(&f->client, answer, 16, &f->from_client), AUTH_DONE);
    assert_sent(&f->from_client, "#WELCOME#");
    assert_true(f->client.legacy);
}

static void every_allowed_digest_is_accepted(void **state)
{
    static const char *const names[] = {"md5", "sha256", "sha384", "sha3_256", "sha3_384"};
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct buffer message = {0};

        buffer_addf(&message, "{%s}a challenge of some other length", names[i]);
        auth_init(&f->client, AUTH_CLIENT, f->key);
        auth_init(&f->server, AUTH_SERVER, f->key);
        assert_int_equal(auth_start(&f->server, &f->from_server), 0);
        buffer_clear(&f->from_server);

        /* Our client's answer to a challenge in that digest, which our server takes for its own. */
        memset(f->server.challenge, 'x', AUTH_CHALLENGE_LEN);
        memcpy(f->server.challenge, message.data, strlen(names[i]) + 2);
        assert_int_equal(challenge(f, f->server.challenge, AUTH_CHALLENGE_LEN), AUTH_MORE);
        assert_memory_equal(only_frame(&f->from_client).payload, message.data,
                            strlen(names[i]) + 2);
        assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
        assert_sent(&f->from_server, "#WELCOME#");
        buffer_clear(&f->from_server);
        buffer_deinit(&message);
    }
}

static void the_empty_key_is_a_key(void **state)
{
    struct fixture *f = *state;
    struct auth_key *none;

    assert_int_equal(auth_key_new(NULL, 0, &none), 0);
    auth_init(&f->server, AUTH_SERVER, none);
    auth_init(&f->client, AUTH_CLIENT, none);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_sent(&f->from_server, "#WELCOME#");
    auth_key_free(none);
}

static void no_challenge_is_sent_twice(void **state)
{
    struct fixture *f = *state;
    struct auth other;

    auth_init(&other, AUTH_SERVER, f->key);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(auth_start(&other, &f->from_server), 0);
    assert_memory_equal(f->server.challenge, "{sha256}", 8);
    assert_memory_not_equal(f->server.challenge, other.challenge, AUTH_CHALLENGE_LEN);
}

/* What a client of this key gets of a server that has them all. Returns the place that is found. */
static size_t agree(struct fixture *f, const struct auth_key *const *keys, size_t len,
                    const struct auth_key *key)
{
    auth_init_keys(&f->server, keys, len);
    auth_init(&f->client, AUTH_CLIENT, key);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_null(f->server.key);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_ptr_equal(f->server.key, key);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_DONE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_DONE);
    return f->server.index;
}

static void of_several_keys_the_client_s_is_found_and_answers(void **state)
{
    struct fixture *f = *state;
    const struct auth_key *keys[64];
    char text[8];

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        snprintf(text, sizeof(text), "key%zu", i);
        assert_int_equal(auth_key_new(TEXT(text), (struct auth_key **)&keys[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        assert_int_equal(agree(f, keys, ARRAY_SIZE(keys), keys[i]), i);
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
        auth_key_free((struct auth_key *)keys[i]);
}

static void of_several_keys_an_old_client_s_is_found_and_answers(void **state)
{
    struct fixture *f = *state;
    const struct auth_key *keys[] = {f->wrong, f->key};
    uint8_t answer[16];

    auth_init_keys(&f->server, keys, ARRAY_SIZE(keys));
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    old_answer(&f->from_server, answer);
    assert_int_equal(auth_feed(&f->server, answer, 16, &f->from_server), AUTH_MORE);
    assert_ptr_equal(f->server.key, f->key);
    assert_true(f->server.legacy);
}

static void of_several_keys_none_is_refused_as_of_one(void **state)
{
    struct fixture *f = *state;
    struct auth_key *other;
    const struct auth_key *keys[] = {f->key, f->wrong};

    assert_int_equal(auth_key_new(TEXT("other"), &other), 0);
    auth_init_keys(&f->server, keys, ARRAY_SIZE(keys));
    auth_init(&f->client, AUTH_CLIENT, other);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_REFUSED);
    assert_sent(&f->from_server, "#FAILURE#");
    assert_string_equal(f->server.reason, "digest received was wrong");
    assert_null(f->server.key);
    auth_key_free(other);
}

/* Between the client's answer and the server's the keys may be others, and in other places. */
static void keys_that_change_meanwhile_leave_the_one_that_was_found(void **state)
{
    struct fixture *f = *state;
    const struct auth_key *before[] = {f->wrong, f->key}, *after[] = {f->wrong};

    auth_init_keys(&f->server, before, ARRAY_SIZE(before));
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    f->server.keys = after;
    f->server.keys_len = ARRAY_SIZE(after);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_MORE);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_DONE);
}

static void prints_tell_keys_apart(void **state)
{
    uint8_t golden[AUTH_PRINT_LEN], wrong[AUTH_PRINT_LEN], again[AUTH_PRINT_LEN];
    struct fixture *f = *state;
    struct auth_key *same;

    assert_int_equal(auth_key_new(TEXT("golden"), &same), 0);
    assert_int_equal(auth_key_print(f->key, golden), 0);
    assert_int_equal(auth_key_print(f->wrong, wrong), 0);
    assert_int_equal(auth_key_print(same, again), 0);
    assert_memory_equal(golden, again, AUTH_PRINT_LEN);
    assert_memory_not_equal(golden, wrong, AUTH_PRINT_LEN);
    auth_key_free(same);
}

static void a_client_with_the_wrong_key_fails(void **state)
{
    struct fixture *f = *state;

    auth_init(&f->client, AUTH_CLIENT, f->wrong);
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &f->server, &f->from_server), AUTH_REFUSED);
    assert_sent(&f->from_server, "#FAILURE#");
    assert_string_equal(f->server.reason, "digest received was wrong");
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_REFUSED);
    assert_int_equal(f->from_client.len, 0);
    assert_string_equal(f->client.reason, "digest sent was rejected");
}

static void a_server_that_welcomes_anyone_fails(void **state)
{
    struct fixture *f = *state;
    struct auth impostor;

    auth_init(&impostor, AUTH_CLIENT, f->wrong); /* it answers as a client does */
    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_MORE);
    buffer_clear(&f->from_client);
    assert_int_equal(auth_feed(&f->client, TEXT("#WELCOME#"), &f->from_client), AUTH_MORE);
    assert_int_equal(pass(&f->from_client, &impostor, &f->from_server), AUTH_MORE);
    assert_int_equal(pass(&f->from_server, &f->client, &f->from_client), AUTH_REFUSED);
    assert_sent(&f->from_client, "#FAILURE#");
}

static void a_client_cannot_answer_with_the_challenge(void **state)
{
    struct fixture *f = *state;
    struct frame frame;

    assert_int_equal(auth_start(&f->server, &f->from_server), 0);
    frame = only_frame(&f->from_server);
    assert_int_equal(auth_feed(&f->server, frame.payload + 11, frame.len - 11, &f->from_client),
                     AUTH_REFUSED);
}

static void a_malformed_answer_is_a_failure(void **state)
{
    static const struct {
        const char *answer;
        const char *reason;
    } cases[] = {
#define UNSUPPORTED "unsupported message length, missing digest prefix, or unsupported digest"
#define WRONG "digest received was wrong"
        {"", UNSUPPORTED},
        {"short", UNSUPPORTED},
        {"xxxxxxxxxxxxxxxx", WRONG},
        {"xxxxxxxxxxxxxxxxxxxx", WRONG},
        {"xxxxxxxxxxxxxxxxx", UNSUPPORTED},
        {"{sha1}xxxxxxxxxxxxxxx", UNSUPPORTED},
        {"{sha256", UNSUPPORTED},
        {"{sha256}", WRONG},
        {"{sha256}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", WRONG},
        {"{sha256}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", WRONG},
        {"{sha256}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", WRONG},
        {"#WELCOME#", UNSUPPORTED},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        auth_init(&f->server, AUTH_SERVER, f->key);
        assert_int_equal(auth_start(&f->server, &f->from_server), 0);
        buffer_clear(&f->from_server);
        assert_int_equal(auth_feed(&f->server, TEXT(cases[i].answer), &f->from_server),
                         AUTH_REFUSED);
        assert_sent(&f->from_server, "#FAILURE#");
        assert_string_equal(f->server.reason, cases[i].reason);
        buffer_clear(&f->from_server);
    }
}

static void a_malformed_challenge_is_not_answered(void **state)
{
    static const struct {
        const char *payload;
        const char *reason;
    } cases[] = {
        {"", "Protocol error, expected challenge"},
        {"#CHALLENGE", "Protocol error, expected challenge"},
        {"#WELCOME#", "Protocol error, expected challenge"},
        {"#CHALLENGE#", "challenge too short"},
        {"#CHALLENGE#xxxxxxxxxxxxxxxxxxx", "challenge too short"},
        {"#CHALLENGE#xxxxxxxxxxxxxxxxxxxxx", UNSUPPORTED},
        {"#CHALLENGE#{sha1}xxxxxxxxxxxxxxxxxxx", UNSUPPORTED},
        {"#CHALLENGE#{sha256xxxxxxxxxxxxxxxxxx", UNSUPPORTED},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        auth_init(&f->client, AUTH_CLIENT, f->key);
        assert_int_equal(auth_feed(&f->client, TEXT(cases[i].payload), &f->from_client),
                         AUTH_REFUSED);
        assert_int_equal(f->from_client.len, 0);
        assert_string_equal(f->client.reason, cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(recorded_challenges_get_the_recorded_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(recorded_answers_are_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(our_client_and_our_server_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(our_server_and_an_old_client_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(our_client_and_an_old_server_agree, setup, teardown),
        cmocka_unit_test_setup_teardown(every_allowed_digest_is_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(the_empty_key_is_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(no_challenge_is_sent_twice, setup, teardown),
        cmocka_unit_test_setup_teardown(of_several_keys_the_client_s_is_found_and_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_several_keys_an_old_client_s_is_found_and_answers, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_several_keys_none_is_refused_as_of_one, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_that_change_meanwhile_leave_the_one_that_was_found,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(prints_tell_keys_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_with_the_wrong_key_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_that_welcomes_anyone_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_cannot_answer_with_the_challenge, setup, teardown),
        cmocka_unit_test_setup_teardown(a_malformed_answer_is_a_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(a_malformed_challenge_is_not_answered, setup, teardown),
    };

    return run_group(tests, NULL, NULL);
}
