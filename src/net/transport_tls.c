/* SPDX-License-Identifier: MIT */
/*
 * OpenSSL reads and writes memory here: `in` is what the socket has brought, `out` what it is to
 * carry. So nothing waits inside OpenSSL (wire/openssl.h), several records go by one system call,
 * and what a socket does when it blocks, on a loop and without one, stays the socket's matter.
 *
 * What is written counts as sent when all of its records are: the rest of them goes first when its
 * writer, who has been told -EAGAIN, comes again with the same bytes.
 *
 * A client that does not know of TLS says nothing, but waits for a challenge. It is sent words in
 * place of that, when it has been silent for LIMIT_TLS_SILENCE.
 */
#include "net/transport_tls.h"

#include "base/buffer.h"
#include "base/limits.h"
#include "base/memory.h"
#include "system/this_process.h"
#include "wire/auth.h"
#include "wire/frame.h"
#include "wire/openssl.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <openssl/ssl.h>
#include <stdio.h>

/* A record holds so much, and takes so much more. */
#define RECORD ((size_t)SSL3_RT_MAX_PLAIN_LENGTH)
#define RECORD_MORE ((size_t)SSL3_RT_MAX_ENCRYPTED_OVERHEAD + SSL3_RT_HEADER_LENGTH)

/* What goes by one system call, at the most. */
#define PIECE (4 * (RECORD + RECORD_MORE))

/* So many pieces go at once, if the socket takes them: then it is the turn of others. */
#define PIECES_MAX 16

/* An empty buffer larger than this is not worth keeping with an idle connection. */
#define KEEP_MAX 2048

#define NAME_MAX_BYTES 128

/* About so much OpenSSL takes for a connection, most of it in the handshake. */
#define STATE_SIZE ((size_t)32 * 1024)

struct transport_tls {
    struct transport transport;
    struct transport *socket; /* owned */
    struct tls *tls;          /* a reference */
    SSL *ssl;                 /* owned */
    process_id process;       /* that has made it: no other says anything over it */
    enum {
        CONNECTING, /* the socket is */
        SHAKING,    /* hands */
        OPEN,
        ENDED,  /* nothing more comes */
        FAILED, /* with `error` */
    } state;
    int error;
    struct buffer in; /* of the socket; from `taken` on not taken by OpenSSL yet */
    size_t taken;
    struct buffer out; /* for the socket; from `gone` on not sent yet */
    size_t gone;
    unsigned vain;   /* records in a row that have carried nothing */
    size_t promised; /* bytes of a writer that are in `out`, and do not count as sent yet */
    bool heard;      /* something of the other end */
    bool starved;    /* OpenSSL wants more than there is in `in` */
    bool accused;    /* by an alert of the other end, other than that it closes */
    bool full;       /* more may be read without the socket */
    bool kept;       /* OpenSSL may have kept something for this thread */
    char name[NAME_MAX_BYTES]; /* of the other end's certificate, or "" */

    /* The manager's. */
    struct loop *loop; /* outlives the transport; NULL: none */
    unsigned wanted;
    bool closing;
    struct timer again;   /* what is `full`, is ready without the socket */
    struct timer silence; /* set until the first bytes come */
};

static _Thread_local char reason[TLS_WHY_MAX];

const char *transport_tls_why(void)
{
    return reason;
}

static struct transport_tls *of(struct transport *transport)
{
    return container_of(transport, struct transport_tls, transport);
}

static int fail(struct transport_tls *t, int error)
{
    t->state = FAILED;
    t->error = error;
    return error;
}

static int fail_because(struct transport_tls *t, const char *why)
{
    snprintf(reason, sizeof(reason), "%s", why);
    return fail(t, -ECONNABORTED);
}

/* OpenSSL has: inside. */
static int fail_in_words(struct transport_tls *t)
{
    tls_explain(t->ssl, reason);
    t->kept = true;
    return fail(t, -ECONNABORTED);
}

/* What OpenSSL reads and writes. */

static int bio_read(BIO *bio, char *bytes, int size)
{
    struct transport_tls *t = BIO_get_data(bio);
    size_t n = MIN((size_t)size, t->in.len - t->taken);

    BIO_clear_retry_flags(bio);
    if (!n) {
        t->starved = true;
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(bytes, t->in.data + t->taken, n);
    t->taken += n;
    return (int)n;
}

static int bio_write(BIO *bio, const char *bytes, int size)
{
    struct transport_tls *t = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    buffer_add(&t->out, bytes, (size_t)size);
    return t->out.failed ? -1 : size;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method; /* made once, kept until the process ends */

static bool need_bio_method(void)
{
    if (bio_method)
        return true;
    openssl_enter_alone();
    if (!bio_method) {
        BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");

        if (made && BIO_meth_set_read(made, bio_read) && BIO_meth_set_write(made, bio_write) &&
            BIO_meth_set_ctrl(made, bio_ctrl))
            bio_method = made;
        else
            BIO_meth_free(made);
    }
    openssl_leave(true);
    return bio_method;
}

/*
 * OpenSSL is at a message of a handshake, be it one that comes later, or at an alert: what it looks
 * up for that it keeps.
 */
static void on_message(const SSL *ssl, int where, int r)
{
    struct transport_tls *t = SSL_get_app_data(ssl);

    t->kept = true;
    t->accused |= where == SSL_CB_READ_ALERT && (r & 0xff) != SSL_AD_CLOSE_NOTIFY;
}

static void leave(struct transport_tls *t)
{
    openssl_leave(t->kept);
    t->kept = false;
}

/* What the socket carries. */

static bool has_unsent(const struct transport_tls *t)
{
    return t->gone < t->out.len;
}

static void trim(struct buffer *b)
{
    if (b->cap > KEEP_MAX)
        buffer_deinit(b);
    else
        buffer_clear(b);
}

/* Returns 0 once all is sent, -EAGAIN, or another negative errno. */
static int send_out(struct transport_tls *t, bool may_block)
{
    while (has_unsent(t)) {
        struct iovec part = {t->out.data + t->gone, t->out.len - t->gone};
        ssize_t n = t->socket->ops->writev(t->socket, &part, 1, may_block);

        if (n < 0)
            return (int)n;
        t->gone += (size_t)n;
    }
    t->gone = 0;
    trim(&t->out);
    return 0;
}

/* Have more in `in`. Returns bytes, 0 at the end, or a negative errno. */
static ssize_t take_in(struct transport_tls *t, bool may_block)
{
    ssize_t n;

    if (t->taken == t->in.len)
        t->taken = t->in.len = 0;
    if (buffer_reserve(&t->in, PIECE) < 0)
        return -ENOMEM;
    n = t->socket->ops->read(t->socket, t->in.data + t->in.len, t->in.cap - t->in.len, may_block);
    if (n > 0)
        t->in.len += (size_t)n;
    else if (t->loop && t->taken == t->in.len)
        trim(&t->in);
    return n;
}

/* A client keeps its memory: it waits for one answer at a time. */
static void give_in_back(struct transport_tls *t)
{
    if (t->loop && t->taken == t->in.len) {
        t->taken = 0;
        trim(&t->in);
    }
}

/* The handshake. */

static void note_name(struct transport_tls *t)
{
    X509 *certificate = t->tls->is_server ? SSL_get1_peer_certificate(t->ssl) : NULL;

    if (certificate)
        tls_name_of(certificate, t->name, sizeof(t->name));
    X509_free(certificate);
}

/* As far as what has come goes. Returns 0 when it is done, -EAGAIN, or another negative errno. */
static int go_on(struct transport_tls *t)
{
    int r;

    openssl_enter();
    t->starved = false;
    t->kept = true;
    r = SSL_do_handshake(t->ssl);
    if (r == 1) {
        note_name(t);
        t->state = OPEN;
        t->full = t->taken < t->in.len;
        r = 0;
    } else if (t->out.failed) {
        r = fail(t, -ENOMEM);
    } else {
        r = t->starved ? -EAGAIN : fail_in_words(t);
    }
    leave(t);
    return r;
}

/* Who knows of TLS begins with a message of the handshake, or with an alert. */
static int check_first_byte(struct transport_tls *t)
{
    uint8_t first = t->in.data[0];

    t->heard = true;
    if (first == SSL3_RT_HANDSHAKE || first == SSL3_RT_ALERT)
        return 0;
    return fail_because(t, t->loop ? "the client does not speak TLS"
                                   : "the manager does not speak TLS there: its address is one "
                                     "without tls://");
}

/* Returns 0 when it is done, -EAGAIN, -EINTR, or another negative errno. */
static int shake(struct transport_tls *t, bool may_block)
{
    ssize_t n;
    int r;

    t->state = SHAKING;
    for (;;) {
        r = go_on(t);
        if (send_out(t, may_block) == -EAGAIN && r == -EAGAIN)
            return -EAGAIN;
        if (r != -EAGAIN)
            return r;
        n = take_in(t, may_block);
        if (n == -EAGAIN || n == -EINTR)
            return (int)n;
        if (n <= 0)
            return fail(t, n < 0 ? (int)n : -ECONNRESET);
        if (!t->heard && check_first_byte(t) < 0)
            return t->error;
    }
}

/* Reading and writing. */

/* A read has brought nothing. Returns whether there may be something behind that. */
static bool look_behind(struct transport_tls *t)
{
    if (SSL_get_shutdown(t->ssl) & SSL_RECEIVED_SHUTDOWN && !t->accused)
        t->state = ENDED;
    else if (t->starved)
        return false;
    else if (t->accused || !SSL_want_read(t->ssl))
        fail_in_words(t);
    else if (++t->vain > LIMIT_TLS_VAIN)
        fail_because(t, "too many records in a row that carry nothing");
    return t->state == OPEN;
}

/* As much as `in` has. Returns bytes, or 0: OpenSSL wants more, or the state has changed. */
static size_t decrypt(struct transport_tls *t, uint8_t *bytes, size_t size)
{
    size_t got = 0, n;

    openssl_enter();
    t->full = false;
    while (got < size && t->state == OPEN) {
        t->starved = false;
        if (SSL_read_ex(t->ssl, bytes + got, size - got, &n)) {
            got += n;
            t->vain = 0;
        } else if (!look_behind(t)) {
            break;
        }
    }
    if (got == size || t->state != OPEN)
        t->full = true;
    leave(t);
    return got;
}

/*
 * Each new key that the other end asks for is answered. One who reads none of these answers is not
 * listened to.
 */
static bool is_clogged(const struct transport_tls *t)
{
    return t->loop && t->out.len > PIECE;
}

static ssize_t tls_read(struct transport *transport, void *bytes, size_t size, bool may_block)
{
    struct transport_tls *t = of(transport);
    ssize_t n;

    if (t->state < OPEN || is_clogged(t))
        return -EAGAIN;
    for (;;) {
        if (t->state == FAILED)
            return t->error;
        if (t->state == ENDED)
            return 0;
        n = t->full || t->taken < t->in.len ? (ssize_t)decrypt(t, bytes, size) : 0;
        if (has_unsent(t) && !t->promised)
            send_out(t, false); /* an alert, or a new key */
        if (n > 0) {
            give_in_back(t);
            return n;
        }
        if (t->state != OPEN)
            continue;
        n = take_in(t, may_block);
        if (n <= 0)
            return n;
    }
}

/* Some parts, or the beginnings of some, that make one record. */
struct pieces {
    const struct iovec *parts;
    size_t n;
    size_t at; /* in the first of them */
};

/* What goes into the next record: where it is, or a copy, of what stands in several places. */
static const uint8_t *next_record(struct pieces *p, uint8_t copy[RECORD], size_t *ret_len)
{
    size_t len = 0;

    while (p->n && p->at == p->parts->iov_len) {
        p->parts++;
        p->n--;
        p->at = 0;
    }
    if (p->n && (p->parts->iov_len - p->at >= RECORD || p->n == 1)) {
        const uint8_t *bytes = (const uint8_t *)p->parts->iov_base + p->at;

        *ret_len = MIN(p->parts->iov_len - p->at, RECORD);
        p->at += *ret_len;
        return bytes;
    }
    while (p->n && len < RECORD) {
        size_t n = MIN(p->parts->iov_len - p->at, RECORD - len);

        if (n)
            memcpy(copy + len, (const uint8_t *)p->parts->iov_base + p->at, n);
        len += n;
        p->at += n;
        if (p->at == p->parts->iov_len) {
            p->parts++;
            p->n--;
            p->at = 0;
        }
    }
    *ret_len = len;
    return copy;
}

static size_t bytes_left(const struct pieces *p)
{
    size_t left = 0;

    for (size_t i = 0; i < p->n; i++)
        left += p->parts[i].iov_len;
    return left - p->at;
}

/* Write records of the parts, as many as go by one system call. Returns bytes of the parts. */
static ssize_t encrypt(struct transport_tls *t, struct pieces *pieces)
{
    uint8_t copy[RECORD];
    size_t total = 0, len, written;
    const uint8_t *bytes;

    buffer_reserve(&t->out, MIN(bytes_left(pieces) + RECORD_MORE, PIECE));
    openssl_enter();
    while (t->out.len + RECORD + RECORD_MORE <= PIECE &&
           (bytes = next_record(pieces, copy, &len)) && len) {
        if (!SSL_write_ex(t->ssl, bytes, len, &written)) {
            if (t->out.failed)
                fail(t, -ENOMEM);
            else
                fail_in_words(t);
            break;
        }
        assert(written == len);
        total += len;
    }
    leave(t);
    return t->state == FAILED ? t->error : (ssize_t)total;
}

/* Returns bytes that a writer was promised and that are sent now, or a negative errno. */
static ssize_t send_promised(struct transport_tls *t, bool may_block)
{
    int r = send_out(t, may_block);
    size_t sent = t->promised;

    if (r < 0)
        return r;
    t->promised = 0;
    return (ssize_t)sent;
}

static ssize_t send_piece(struct transport_tls *t, struct pieces *pieces, bool may_block)
{
    ssize_t r = t->state == FAILED ? t->error : send_out(t, may_block);

    if (r == 0)
        r = encrypt(t, pieces);
    if (r <= 0)
        return r;
    t->promised = (size_t)r;
    return send_promised(t, may_block);
}

static ssize_t tls_writev(struct transport *transport, const struct iovec *parts, size_t n,
                          bool may_block)
{
    struct transport_tls *t = of(transport);
    struct pieces pieces = {.parts = parts, .n = n};
    ssize_t sent = 0, r;

    if (t->state < OPEN)
        return -EAGAIN;
    if (t->promised)
        return send_promised(t, may_block);
    for (unsigned i = 0; i < PIECES_MAX && bytes_left(&pieces); i++) {
        r = send_piece(t, &pieces, may_block);
        if (r <= 0)
            return sent ? sent : r;
        sent += r;
    }
    return sent;
}

/* On a loop. */

/* Whether something can be read, or told, without the socket. */
static bool has_more(const struct transport_tls *t)
{
    return t->full || t->state > OPEN;
}

static void look_at_socket(struct transport_tls *t)
{
    unsigned events = 0;

    if (t->state < OPEN && !t->again.at)
        events = has_unsent(t) ? TRANSPORT_WRITABLE : TRANSPORT_READABLE;
    else if (t->state == OPEN)
        events = t->wanted | (has_unsent(t) ? TRANSPORT_WRITABLE : 0);
    if (is_clogged(t))
        events &= ~TRANSPORT_READABLE;
    t->socket->ops->want(t->socket, events);
    if (!t->again.at && !is_clogged(t) && t->state >= OPEN && t->wanted & TRANSPORT_READABLE &&
        has_more(t))
        (void)!timers_set(t->loop->timers, &t->again, loop_now(t->loop));
}

static void tell(struct transport_tls *t, unsigned events)
{
    if (events)
        t->transport.ready(&t->transport, events);
    if (!t->closing)
        look_at_socket(t);
}

/* Handshakes take long: those who are served have their turn between some of them and others. */
static bool is_turn_over(const struct transport_tls *t)
{
    struct tls *tls = t->tls;

    if (tls->turn != t->loop->turn)
        tls->spent = 0;
    tls->turn = t->loop->turn;
    return tls->spent >= LIMIT_TURN_TIME;
}

static void shake_on_loop(struct transport_tls *t)
{
    nsec began = loop_now(t->loop);
    int r = -EAGAIN;

    if (!is_turn_over(t) || timers_set(t->loop->timers, &t->again, began) < 0) {
        r = shake(t, false);
        t->tls->spent += loop_now(t->loop) - began;
    }
    tell(t, r == -EAGAIN || r == -EINTR ? 0 : t->wanted);
}

static void on_again(struct timer *timer)
{
    struct transport_tls *t = container_of(timer, struct transport_tls, again);

    if (t->state < OPEN)
        shake_on_loop(t);
    else
        tell(t, t->wanted & TRANSPORT_READABLE);
}

static void on_socket_ready(struct transport *socket, unsigned events)
{
    struct transport_tls *t = socket->owner;

    timers_cancel(t->loop->timers, &t->silence);
    if (t->state < OPEN) {
        shake_on_loop(t);
        return;
    }
    if (events & TRANSPORT_WRITABLE && !t->promised)
        send_out(t, false);
    tell(t, events & t->wanted);
}

static void tls_want(struct transport *transport, unsigned events)
{
    struct transport_tls *t = of(transport);

    t->wanted = events;
    look_at_socket(t);
}

/* Whoever waits for a challenge gets this in its place, and tells it, whatever it is. */
static void on_silence(struct timer *timer)
{
    struct transport_tls *t = container_of(timer, struct transport_tls, silence);

    frame_add(&t->out, AUTH_TLS_ONLY, strlen(AUTH_TLS_ONLY));
    send_out(t, false);
    fail_because(t, "it says nothing: a client without TLS");
    tell(t, t->wanted);
}

/* Both ends. */

static int tls_connect(struct transport *transport)
{
    struct transport_tls *t = of(transport);

    if (t->state == CONNECTING && t->socket->ops->connect) {
        int r = t->socket->ops->connect(t->socket);

        if (r < 0)
            return r;
    }
    return shake(t, true);
}

/* What is waited for in a handshake is its own matter. */
static int tls_wait(struct transport *transport, unsigned events, int interrupt_fd, int timeout_ms)
{
    struct transport_tls *t = of(transport);
    unsigned wanted = events;
    int r;

    if (t->state >= OPEN && events & TRANSPORT_READABLE && (has_more(t) || t->taken < t->in.len))
        return TRANSPORT_READABLE;
    if (t->state == SHAKING)
        wanted = has_unsent(t) ? TRANSPORT_WRITABLE : TRANSPORT_READABLE;
    r = t->socket->ops->wait(t->socket, wanted, interrupt_fd, timeout_ms);
    if (r <= 0)
        return r;
    return (int)((r & (int)wanted ? events : 0) | (r & TRANSPORT_INTERRUPTED));
}

static void tls_acknowledge(struct transport *transport)
{
    struct transport *socket = of(transport)->socket;

    if (socket->ops->acknowledge)
        socket->ops->acknowledge(socket);
}

static void tls_identify(struct transport *transport, struct identity *ret)
{
    struct transport_tls *t = of(transport);

    t->socket->ops->identify(t->socket, ret);
    ret->tls = true;
    ret->name = t->name[0] ? t->name : NULL;
}

static void tls_look(struct transport *transport, struct delivery *ret)
{
    struct transport_tls *t = of(transport);

    t->socket->ops->look(t->socket, ret);
    ret->sent_is_read &= !has_unsent(t);
    ret->nothing_waits &= !t->full;
}

static bool tls_undelivered(struct transport *transport, int r)
{
    struct transport_tls *t = of(transport);

    return has_unsent(t) || t->socket->ops->undelivered(t->socket, r);
}

static void tls_cut(struct transport *transport)
{
    struct transport *socket = of(transport)->socket;

    socket->ops->cut(socket);
}

static void tls_close_inherited(struct transport *transport)
{
    struct transport *socket = of(transport)->socket;

    socket->ops->close_inherited(socket);
}

static void drop(struct transport_tls *t)
{
    openssl_enter();
    SSL_free(t->ssl);
    openssl_leave(true);
    memory_uncount(STATE_SIZE);
    tls_unref(t->tls);
    buffer_deinit(&t->in);
    buffer_deinit(&t->out);
    memory_free(t);
}

static void on_socket_closed(struct transport *socket)
{
    struct transport_tls *t = socket->owner;

    if (t->transport.closed)
        t->transport.closed(&t->transport);
    drop(t);
}

/* A child that has the connection of its parent says nothing over it. */
static void say_farewell(struct transport_tls *t)
{
    if (t->state < OPEN || t->state == FAILED || t->promised || t->process != this_process())
        return;
    openssl_enter();
    SSL_shutdown(t->ssl);
    openssl_leave(true);
    send_out(t, false);
}

static void tls_close(struct transport *transport)
{
    struct transport_tls *t = of(transport);

    say_farewell(t);
    t->closing = true;
    if (t->loop) {
        timers_cancel(t->loop->timers, &t->again);
        timers_cancel(t->loop->timers, &t->silence);
    }
    t->socket->ops->close(t->socket);
    if (!t->loop)
        drop(t);
}

static const struct transport_ops tls_ops = {
    .size = sizeof(struct transport_tls) + STATE_SIZE,
    .connect = tls_connect,
    .read = tls_read,
    .writev = tls_writev,
    .want = tls_want,
    .wait = tls_wait,
    .acknowledge = tls_acknowledge,
    .identify = tls_identify,
    .look = tls_look,
    .undelivered = tls_undelivered,
    .cut = tls_cut,
    .close_inherited = tls_close_inherited,
    .close = tls_close,
};

static bool begin(struct transport_tls *t, const char *host)
{
    BIO *bio;

    openssl_enter();
    t->ssl = tls_begin(t->tls, host);
    bio = t->ssl ? BIO_new(bio_method) : NULL;
    if (bio) {
        BIO_set_data(bio, t);
        BIO_set_init(bio, 1);
        SSL_set_bio(t->ssl, bio, bio);
        SSL_set_app_data(t->ssl, t);
        SSL_set_info_callback(t->ssl, on_message);
    }
    openssl_leave(true);
    return bio;
}

static int make(struct tls *tls, const char *host, struct transport_tls **ret)
{
    struct transport_tls *t;

    if (!openssl_usable()) {
        snprintf(reason, sizeof(reason), "%s", OPENSSL_UNUSABLE);
        return -ECONNABORTED;
    }
    if (!memory_fits(STATE_SIZE))
        return -ENOMEM;
    t = need_bio_method() ? memory_lend_zeroed(1, sizeof(*t)) : NULL;
    if (!t)
        return -ENOMEM;
    memory_count(STATE_SIZE);
    t->transport.ops = &tls_ops;
    t->tls = tls_ref(tls);
    t->process = this_process();
    if (!begin(t, host)) {
        drop(t);
        return -ENOMEM;
    }
    *ret = t;
    return 0;
}

/* Takes the socket, also when it fails. */
static int make_over(struct transport *socket, struct tls *tls, const char *host,
                     struct transport_tls **ret)
{
    int r = make(tls, host, ret);

    if (r < 0) {
        socket->ops->close(socket);
        return r;
    }
    (*ret)->socket = socket;
    socket->owner = *ret;
    return 0;
}

int transport_tls_new(struct tls *tls, struct transport *socket, const char *host,
                      struct transport **ret)
{
    struct transport_tls *t;
    int r = make_over(socket, tls, host, &t);

    if (r == 0)
        *ret = &t->transport;
    return r;
}

int transport_tls_on_loop(struct tls *tls, struct transport *socket, struct loop *loop,
                          struct transport **ret)
{
    struct transport_tls *t;
    int r = make_over(socket, tls, NULL, &t);

    if (r < 0)
        return r;
    t->loop = loop;
    t->again.fire = on_again;
    t->silence.fire = on_silence;
    socket->ready = on_socket_ready;
    socket->closed = on_socket_closed;
    (void)!timers_set(loop->timers, &t->silence, loop_now(loop) + LIMIT_TLS_SILENCE);
    *ret = &t->transport;
    return 0;
}
