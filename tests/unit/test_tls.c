/* SPDX-License-Identifier: MIT */
/* TLS as a transport: both ends of a connection in one thread, and what goes over it. */
#include "support/certificate.h"
#include "support/check.h"

#include "base/limits.h"
#include "base/memory.h"
#include "net/loop.h"
#include "net/transport_socket.h"
#include "net/transport_tls.h"
#include "system/this_process.h"
#include "wire/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB ((size_t)1024 * 1024)

struct ends {
    struct loop loop;
    struct timers timers;
    struct transport *manager, *client;
    struct address address; /* of the manager */
    struct tls *of_manager, *of_client;
    unsigned ready; /* what the manager's end was told since that was asked last */
    bool closed;
    char *file;
};

static void nothing(struct loop *loop)
{
    (void)loop;
}

static void on_ready(struct transport *transport, unsigned events)
{
    ((struct ends *)transport->owner)->ready |= events;
}

static void on_closed(struct transport *transport)
{
    ((struct ends *)transport->owner)->closed = true;
}

/* A socket that listens on a port of its own, and its address. */
static int listen_somewhere(struct address *ret)
{
    const char *why;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(address_parse("tls://127.0.0.1:0", ret, &why), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&ret->sockaddr, ret->len), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ret->sockaddr, &ret->len), 0);
    return fd;
}

static void own_manager(struct ends *ends)
{
    ends->manager->owner = ends;
    ends->manager->ready = on_ready;
    ends->manager->closed = on_closed;
    ends->manager->ops->want(ends->manager, TRANSPORT_READABLE | TRANSPORT_WRITABLE);
}

/* A socket that is connected to a new listener, without a transport. */
static int socket_of_client(struct ends *ends, int *ret_listener)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    *ret_listener = listen_somewhere(&ends->address);
    assert_int_equal(connect(fd, (struct sockaddr *)&ends->address.sockaddr, ends->address.len), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
    return fd;
}

/* Two ends that have not shaken hands yet. */
static void connect_ends(struct ends *ends)
{
    struct transport *socket;
    int listener = listen_somewhere(&ends->address);

    assert_int_equal(transport_socket_new(&ends->address, FOREVER, &socket), 0);
    assert_int_equal(transport_tls_new(ends->of_client, socket, "127.0.0.1", &ends->client), 0);
    assert_int_equal(socket->ops->connect(socket), 0);
    assert_int_equal(transport_socket_on_loop(accept4(listener, NULL, NULL, SOCK_NONBLOCK),
                                              &ends->loop, true, FOREVER, &socket),
                     0);
    assert_int_equal(transport_tls_on_loop(ends->of_manager, socket, &ends->loop, &ends->manager),
                     0);
    own_manager(ends);
    close(listener);
}

/*
 * Returns what the client's end says in the end. It blocks in the loop's thread, where work of
 * io_uring, which newer libuvs use, interrupts it.
 */
static int shake_hands(struct ends *ends)
{
    int r = -EAGAIN;

    for (int i = 0; i < 1000 && (r == -EAGAIN || r == -EINTR); i++) {
        r = ends->client->ops->connect(ends->client);
        loop_step(&ends->loop);
    }
    for (int i = 0; i < 10; i++)
        loop_step(&ends->loop);
    return r;
}

static void want(struct ends *ends, unsigned events)
{
    ends->ready = 0;
    ends->manager->ops->want(ends->manager, events);
}

static int setup(void **state)
{
    struct ends *ends = calloc(1, sizeof(*ends));
    struct tls_files of_manager = {0}, of_client = {0};

    signal(SIGPIPE, SIG_IGN);
    ends->file = certificate_new("t", 1);
    of_manager.certificate = of_client.ca = ends->file;
    if (loop_init(&ends->loop, &ends->timers, nothing, nothing) < 0 ||
        tls_new(true, &of_manager, &ends->of_manager) < 0 ||
        tls_new(false, &of_client, &ends->of_client) < 0)
        return -1;
    connect_ends(ends);
    *state = ends;
    return 0;
}

static int setup_shaken(void **state)
{
    int r = setup(state);

    return r < 0 ? r : shake_hands(*state);
}

static void close_ends(struct ends *ends)
{
    if (ends->client)
        ends->client->ops->close(ends->client);
    if (ends->manager)
        ends->manager->ops->close(ends->manager);
    ends->client = ends->manager = NULL;
    loop_step(&ends->loop);
}

static int teardown(void **state)
{
    struct ends *ends = *state;

    close_ends(ends);
    tls_unref(ends->of_manager);
    tls_unref(ends->of_client);
    loop_deinit(&ends->loop);
    timers_deinit(&ends->timers);
    certificate_free(ends->file);
    free(ends);
    return 0;
}

static ssize_t send_text(struct transport *transport, const char *text)
{
    struct iovec part = {(void *)text, strlen(text)};

    return transport->ops->writev(transport, &part, 1, false);
}

/* What is on its way is waited for. */
static ssize_t read_soon(struct transport *transport, void *bytes, size_t size)
{
    ssize_t n;

    while ((n = transport->ops->read(transport, bytes, size, false)) == -EAGAIN)
        assert_true(transport->ops->wait(transport, TRANSPORT_READABLE, -1, 10000) > 0);
    return n;
}

static void check_text(struct transport *transport, const char *expected)
{
    char text[256] = "";

    assert_int_equal(read_soon(transport, text, sizeof(text) - 1), strlen(expected));
    assert_string_equal(text, expected);
}

static void what_is_sent_arrives_both_ways(void **state)
{
    struct ends *ends = *state;

    assert_int_equal(send_text(ends->client, "there"), 5);
    check_text(ends->manager, "there");
    assert_int_equal(send_text(ends->manager, "and back"), 8);
    check_text(ends->client, "and back");
}

static void nothing_can_be_sent_before_hands_are_shaken(void **state)
{
    struct ends *ends = *state;
    char byte;

    assert_int_equal(send_text(ends->manager, "early"), -EAGAIN);
    assert_int_equal(ends->manager->ops->read(ends->manager, &byte, 1, false), -EAGAIN);
    assert_int_equal(ends->ready, 0);
    assert_int_equal(shake_hands(ends), 0);
    assert_int_equal(ends->ready, TRANSPORT_READABLE | TRANSPORT_WRITABLE);
    assert_int_equal(send_text(ends->manager, "early"), 5);
    check_text(ends->client, "early");
}

static uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + (i >> 12));
}

/* Send from one end as much as it takes, and read at the other, until all has arrived. */
static void transfer(struct ends *ends, struct transport *from, struct transport *to,
                     struct iovec *parts, size_t count, size_t total, size_t read_size)
{
    uint8_t *got = malloc(read_size);
    size_t at = 0, left = total;

    while (at < total) {
        ssize_t n = left ? from->ops->writev(from, parts, count, false) : 0;

        assert_true(n >= 0 || n == -EAGAIN);
        if (n > 0)
            left = transport_advance(parts, count, (size_t)n);
        while ((n = to->ops->read(to, got, read_size, false)) > 0) {
            for (ssize_t i = 0; i < n; i++)
                assert_int_equal(got[i], pattern(at + (size_t)i));
            at += (size_t)n;
        }
        assert_int_equal(n, -EAGAIN);
        loop_step(&ends->loop);
    }
    assert_int_equal(left, 0);
    free(got);
}

static void large_and_small_parts_arrive_in_order(void **state)
{
    static const size_t sizes[] = {1, 70000, 0, 3, 16384, 16383, 16385, 2, 300000, 5};
    struct ends *ends = *state;
    uint8_t *bytes = malloc(8 * MIB);
    struct iovec parts[ARRAY_SIZE(sizes)];
    size_t at = 0;

    for (size_t i = 0; i < 8 * MIB; i++)
        bytes[i] = pattern(i);
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        parts[i] = (struct iovec){bytes + at, sizes[i]};
        at += sizes[i];
    }
    transfer(ends, ends->manager, ends->client, parts, ARRAY_SIZE(parts), at, 65536);
    for (size_t read_size = 1; read_size < 100000; read_size = read_size * 13 + 1) {
        struct iovec part = {bytes, read_size < 100 ? 40000 : 8 * MIB};

        transfer(ends, ends->client, ends->manager, &part, 1, part.iov_len, read_size);
    }
    free(bytes);
}

/* Bytes that have been written count when all of their records have gone. */
static void what_a_full_socket_does_not_take_is_not_sent(void **state)
{
    struct ends *ends = *state;
    uint8_t *bytes = calloc(1, 16 * MIB), *got = malloc(MIB);
    struct iovec part = {bytes, 16 * MIB};
    struct delivery delivery;
    size_t sent = 0, arrived = 0;
    ssize_t n;

    while ((n = ends->manager->ops->writev(ends->manager, &part, 1, false)) > 0)
        sent += (size_t)n;
    assert_int_equal(n, -EAGAIN);
    assert_true(ends->manager->ops->undelivered(ends->manager, 0));
    ends->manager->ops->look(ends->manager, &delivery);
    assert_false(delivery.sent_is_read);
    want(ends, TRANSPORT_WRITABLE);
    loop_step(&ends->loop);
    assert_int_equal(ends->ready, 0);
    while ((n = ends->client->ops->read(ends->client, got, MIB, true)) > 0 || n == -EINTR)
        arrived += n > 0 ? (size_t)n : 0;
    assert_int_equal(n, -EAGAIN);
    assert_true(arrived >= sent);
    for (int i = 0; i < 1000 && !ends->ready; i++)
        loop_step(&ends->loop);
    assert_int_equal(ends->ready, TRANSPORT_WRITABLE);
    assert_true(ends->manager->ops->writev(ends->manager, &part, 1, false) > 0);
    free(bytes);
    free(got);
}

/* The socket tells nothing of what was taken from it, and not read yet. */
static void who_stops_reading_is_told_later_of_what_is_left(void **state)
{
    struct ends *ends = *state;
    char byte = 0;

    assert_int_equal(send_text(ends->client, "ab"), 2);
    want(ends, TRANSPORT_READABLE);
    while (!ends->ready)
        loop_step(&ends->loop);
    assert_int_equal(ends->manager->ops->read(ends->manager, &byte, 1, false), 1);
    want(ends, 0);
    for (int i = 0; i < 10; i++)
        loop_step(&ends->loop);
    assert_int_equal(ends->ready, 0);
    want(ends, TRANSPORT_READABLE);
    for (int i = 0; i < 1000 && !ends->ready; i++)
        loop_step(&ends->loop);
    assert_int_equal(ends->ready, TRANSPORT_READABLE);
    assert_int_equal(ends->manager->ops->read(ends->manager, &byte, 1, false), 1);
    assert_int_equal(byte, 'b');
}

static void an_end_without_a_word_and_one_with_are_both_the_end(void **state)
{
    struct ends *ends = *state;
    char byte;

    ends->client->ops->close(ends->client);
    ends->client = NULL;
    assert_int_equal(read_soon(ends->manager, &byte, 1), 0);
    close_ends(ends);
    connect_ends(ends);
    assert_int_equal(shake_hands(ends), 0);
    ends->client->ops->cut(ends->client);
    assert_int_equal(read_soon(ends->manager, &byte, 1), 0);
}

static void a_second_connection_resumes_the_session(void **state)
{
    struct ends *ends = *state;

    assert_null(ends->of_client->resumable);
    assert_int_equal(send_text(ends->manager, "x"), 1);
    check_text(ends->client, "x"); /* the ticket has come before it */
    assert_non_null(ends->of_client->resumable);
    close_ends(ends);
    connect_ends(ends);
    assert_null(ends->of_client->resumable); /* it is used once */
    assert_int_equal(shake_hands(ends), 0);
    assert_int_equal(SSL_CTX_sess_hits(ends->of_manager->context), 1);
}

static void the_name_in_a_clients_certificate_is_known(void **state)
{
    struct ends *ends = *state;
    char *file = certificate_new("wo\trker", 1);
    struct tls_files of_manager = {.certificate = ends->file, .ca = file};
    struct tls_files of_client = {.certificate = file, .ca = ends->file};
    struct identity identity;

    ends->manager->ops->identify(ends->manager, &identity);
    assert_true(identity.tls);
    assert_null(identity.name);
    close_ends(ends);
    tls_unref(ends->of_manager);
    tls_unref(ends->of_client);
    assert_int_equal(tls_new(true, &of_manager, &ends->of_manager), SM_OK);
    assert_int_equal(tls_new(false, &of_client, &ends->of_client), SM_OK);
    for (int i = 0; i < 2; i++) { /* the second time out of a ticket */
        connect_ends(ends);
        assert_int_equal(shake_hands(ends), 0);
        ends->manager->ops->identify(ends->manager, &identity);
        assert_int_equal(identity.kind, IDENTITY_REMOTE);
        assert_string_equal(identity.name, "wo?rker");
        assert_int_equal(send_text(ends->manager, "x"), 1);
        check_text(ends->client, "x");
        close_ends(ends);
    }
    certificate_free(file);
}

/* Time that passes without a byte. */
static void who_says_nothing_is_told_that_this_is_tls(void **state)
{
    struct ends *ends = *state;
    char byte;

    ends->loop.ahead = SEC;
    want(ends, TRANSPORT_READABLE);
    timers_fire(&ends->timers, loop_now(&ends->loop));
    assert_int_equal(ends->ready, TRANSPORT_READABLE);
    assert_int_equal(ends->manager->ops->read(ends->manager, &byte, 1, false), -ECONNABORTED);
    assert_string_equal(transport_tls_why(), "it says nothing: a client without TLS");
    assert_int_equal(shake_hands(ends), -ECONNABORTED);
    assert_non_null(strstr(transport_tls_why(), "the manager does not speak TLS there"));
}

/* A client that OpenSSL speaks for: it may do what ours never does. Sockets hold little of it. */
static SSL *shake_by_openssl(struct ends *ends, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    struct transport *socket;
    int listener, fd = socket_of_client(ends, &listener), r = 0, small = 4096;
    int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

    setsockopt(accepted, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    SSL_set_fd(ssl, fd);
    assert_int_equal(transport_socket_on_loop(accepted, &ends->loop, true, FOREVER, &socket), 0);
    assert_int_equal(transport_tls_on_loop(ends->of_manager, socket, &ends->loop, &ends->manager),
                     0);
    own_manager(ends);
    close(listener);
    for (int i = 0; i < 1000 && r != 1; i++) {
        r = SSL_connect(ssl);
        loop_step(&ends->loop);
    }
    assert_int_equal(r, 1);
    for (int i = 0; i < 10; i++)
        loop_step(&ends->loop);
    return ssl;
}

/* Send new keys, one after the other. */
static void send_keys(SSL *ssl, int count)
{
    for (int i = 0; i < count; i++) {
        assert_int_equal(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
        assert_int_equal(SSL_do_handshake(ssl), 1);
    }
}

static void records_that_carry_nothing_are_not_taken_for_ever(void **state)
{
    struct ends *ends = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl;
    char byte;

    close_ends(ends);
    ssl = shake_by_openssl(ends, context);
    for (int i = 0; i < 4; i++) { /* some, and something behind them */
        send_keys(ssl, LIMIT_TLS_VAIN / 2);
        assert_int_equal(SSL_write(ssl, "x", 1), 1);
        check_text(ends->manager, "x");
    }
    send_keys(ssl, 2 * LIMIT_TLS_VAIN);
    assert_int_equal(read_soon(ends->manager, &byte, 1), -ECONNABORTED);
    assert_string_equal(transport_tls_why(), "too many records in a row that carry nothing");
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
    SSL_CTX_free(context);
}

/* Asks for new keys, and reads none of the answers. */
static void keys_that_are_asked_for_are_not_kept_for_who_reads_none(void **state)
{
    struct ends *ends = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl;
    char bytes[64];
    int r = 1;
    size_t before;

    close_ends(ends);
    ssl = shake_by_openssl(ends, context);
    before = memory_used();
    for (int i = 0; i < 20000 && r == 1; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        r = SSL_do_handshake(ssl);
        if (r == 1)
            r = SSL_write(ssl, "x", 1);
        ends->manager->ops->read(ends->manager, bytes, sizeof(bytes), false);
    }
    assert_true(memory_used() < before + 256 * 1024);
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
    SSL_CTX_free(context);
}

/* Closing says farewell, but not over what is the parent's. */
static void a_child_says_nothing_over_its_parents_connection(void **state)
{
    struct ends *ends = *state;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        ends->client->ops->close(ends->client);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(send_text(ends->client, "still here"), 10);
    check_text(ends->manager, "still here");
}

static void check_refused(const struct tls_files *files, int status, const char *words)
{
    struct tls *tls;

    assert_int_equal(tls_new(true, files, &tls), status);
    assert_non_null(strstr(sm_last_error()->message, words));
}

static void files_that_are_of_no_use_are_refused_in_words(void **state)
{
    char *good = certificate_new("good", 1), *other = certificate_new("other", 1),
         *old = certificate_new("old", -2);

    (void)state;
    check_refused(&(struct tls_files){.certificate = "/no/such"}, SM_ESYSTEM,
                  "/no/such: No such file or directory");
    check_refused(&(struct tls_files){.certificate = "/dev/null"}, SM_EARG,
                  "/dev/null: there is no certificate in it");
    check_refused(&(struct tls_files){.certificate = old}, SM_EARG, "the certificate ran out on");
    check_refused(&(struct tls_files){.certificate = good, .key = other}, SM_EARG,
                  "the key does not fit the certificate in");
    check_refused(&(struct tls_files){.certificate = good, .key = "/dev/null"}, SM_EARG,
                  "/dev/null: there is no key in it");
    check_refused(&(struct tls_files){.certificate = good, .ca = "/dev/null"}, SM_EARG,
                  "/dev/null: there is no certificate in it");
    certificate_free(good);
    certificate_free(other);
    certificate_free(old);
}

static void what_is_taken_of_memory_is_given_back(void **state)
{
    struct ends *ends = *state;
    size_t before;

    close_ends(ends);
    before = memory_used();
    connect_ends(ends);
    assert_int_equal(shake_hands(ends), 0);
    assert_true(memory_used() > before);
    close_ends(ends);
    assert_int_equal(memory_used(), before);
}

#define SHAKEN(test) cmocka_unit_test_setup_teardown(test, setup_shaken, teardown)
#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHAKEN(what_is_sent_arrives_both_ways),
        FRESH(nothing_can_be_sent_before_hands_are_shaken),
        SHAKEN(large_and_small_parts_arrive_in_order),
        SHAKEN(what_a_full_socket_does_not_take_is_not_sent),
        SHAKEN(who_stops_reading_is_told_later_of_what_is_left),
        SHAKEN(an_end_without_a_word_and_one_with_are_both_the_end),
        SHAKEN(a_second_connection_resumes_the_session),
        SHAKEN(the_name_in_a_clients_certificate_is_known),
        FRESH(who_says_nothing_is_told_that_this_is_tls),
        SHAKEN(records_that_carry_nothing_are_not_taken_for_ever),
        SHAKEN(keys_that_are_asked_for_are_not_kept_for_who_reads_none),
        SHAKEN(a_child_says_nothing_over_its_parents_connection),
        cmocka_unit_test(files_that_are_of_no_use_are_refused_in_words),
        SHAKEN(what_is_taken_of_memory_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
