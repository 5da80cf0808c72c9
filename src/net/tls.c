/* SPDX-License-Identifier: MIT */
/*
 * Certificates and keys. Each end checks its own before it uses them: one that has run out, or does
 * not fit its key, is complained of where somebody reads it, and not in the other end's handshake.
 *
 * A server keeps no sessions: what resumes one is in the ticket that its client has. A client keeps
 * the newest ticket, for the next connection alone.
 */
#include "net/tls.h"

#include "base/error.h"
#include "wire/openssl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The context of sessions: those of one server are not resumed by another kind of server. */
#define SESSIONS "syncmanager"

static int complain(const char *file, const char *what)
{
    return error_set(SM_EARG, "%s: %s", file, what);
}

/* Whether it can be read: OpenSSL's own words for that are none for people. */
static int check_readable(const char *file)
{
    int error = access(file, R_OK) < 0 ? errno : 0;

    return error ? error_set_reason(SM_ESYSTEM, error, "", "%s: %s", file, error_text(error))
                 : SM_OK;
}

/* A key with a passphrase is not for a server that starts by itself; OpenSSL would ask for it. */
static int no_passphrase(char *bytes, int size, int writing, void *asked)
{
    (void)writing;
    if (size > 0)
        bytes[0] = '\0';
    *(bool *)asked = true;
    return -1;
}

static int check_time(const X509 *certificate, const char *file)
{
    char text[64] = "", what[128];
    const ASN1_TIME *time = X509_get0_notAfter(certificate);
    bool over = X509_cmp_current_time(time) < 0;
    BIO *out;

    if (!over) {
        time = X509_get0_notBefore(certificate);
        if (X509_cmp_current_time(time) < 0)
            return 0;
    }
    out = BIO_new(BIO_s_mem());
    if (out && ASN1_TIME_print(out, time))
        BIO_read(out, text, sizeof(text) - 1);
    BIO_free(out);
    snprintf(what, sizeof(what),
             over ? "the certificate ran out on %s" : "the certificate is not valid before %s",
             text);
    return complain(file, what);
}

static int use_key(SSL_CTX *context, const struct tls_files *files)
{
    const char *file = files->key ? files->key : files->certificate;
    bool asked = false;
    char what[TLS_WHY_MAX];
    int r = check_readable(file), reason;

    if (r < 0)
        return r;
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &asked);
    ERR_clear_error();
    r = SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM);
    reason = ERR_GET_REASON(ERR_peek_last_error());
    SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
    if (asked)
        return complain(file, "the key has a passphrase; keep it without one");
    if (r == 1 && SSL_CTX_check_private_key(context))
        return 0;
    if (r == 1 || reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
        snprintf(what, sizeof(what), "the key does not fit the certificate in %.300s",
                 files->certificate);
        return complain(file, what);
    }
    return complain(file, "there is no key in it (PEM)");
}

static int use_certificate(SSL_CTX *context, const struct tls_files *files)
{
    int r = check_readable(files->certificate);

    if (r < 0)
        return r;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1) {
        switch (ERR_GET_REASON(ERR_peek_last_error())) {
        case SSL_R_EE_KEY_TOO_SMALL:
        case SSL_R_CA_KEY_TOO_SMALL:
        case SSL_R_CA_MD_TOO_WEAK:
            return complain(files->certificate,
                            "the certificate is too weak for this system's OpenSSL");
        }
        return complain(files->certificate, "there is no certificate in it (PEM)");
    }
    r = check_time(SSL_CTX_get0_certificate(context), files->certificate);
    return r < 0 ? r : use_key(context, files);
}

static int trust(SSL_CTX *context, const char *ca)
{
    int r = check_readable(ca);
    struct stat st;
    bool is_folder;

    if (r < 0)
        return r;
    is_folder = stat(ca, &st) == 0 && S_ISDIR(st.st_mode);
    ERR_clear_error();
    if (SSL_CTX_load_verify_locations(context, is_folder ? NULL : ca, is_folder ? ca : NULL) != 1)
        return complain(ca, "there is no certificate in it (PEM)");
    /* One that is given is trusted, whoever has signed it. */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    return 0;
}

/* Clients are told whose certificates are asked for. A folder's are not told. */
static void tell_ca(SSL_CTX *context, const char *ca)
{
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file_ex(ca, openssl_context(), NULL);

    if (names)
        SSL_CTX_set_client_CA_list(context, names);
    ERR_clear_error();
}

static int set_up_server(SSL_CTX *context, const struct tls_files *files)
{
    int r = use_certificate(context, files);

    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(context, (const uint8_t *)SESSIONS, strlen(SESSIONS));
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (r < 0 || !files->ca)
        return r;
    r = trust(context, files->ca);
    if (r == 0)
        tell_ca(context, files->ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return r;
}

/* A ticket has come. Returns 1: it is kept. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

    SSL_SESSION_free(atomic_exchange(&tls->resumable, session));
    return 1;
}

static int set_up_client(SSL_CTX *context, const struct tls_files *files)
{
    int r = 0;

    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
    if (files->ca)
        r = trust(context, files->ca);
    else if (SSL_CTX_set_default_verify_paths(context) != 1)
        r = error_set(SM_ESYSTEM, "the certificates that the system trusts cannot be found");
    return r < 0 || !files->certificate ? r : use_certificate(context, files);
}

/* The system's own policy may ask for more than this. */
static int set_up(SSL_CTX *context)
{
    if (SSL_CTX_get_min_proto_version(context) < TLS1_2_VERSION &&
        !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION))
        return error_set(SM_ESYSTEM, "this system's OpenSSL has neither TLS 1.2 nor TLS 1.3");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_clear_mode(context,
                       SSL_MODE_AUTO_RETRY); /* the records that carry nothing are counted */
    return SM_OK;
}

static int make(struct tls *tls, const struct tls_files *files)
{
    OSSL_LIB_CTX *library = openssl_context();
    int r;

    if (library)
        tls->context = SSL_CTX_new_ex(library, NULL, TLS_method());
    if (!tls->context)
        return error_set_memory();
    r = set_up(tls->context);
    if (r < 0)
        return r;
    SSL_CTX_set_app_data(tls->context, tls);
    return tls->is_server ? set_up_server(tls->context, files) : set_up_client(tls->context, files);
}

int tls_new(bool is_server, const struct tls_files *files, struct tls **ret)
{
    struct tls *tls;
    int r;

    if (!openssl_usable())
        return error_set(SM_ETLS, OPENSSL_UNUSABLE);
    tls = calloc(1, sizeof(*tls));
    if (!tls)
        return error_set_memory();
    atomic_init(&tls->refs, 1);
    tls->is_server = is_server;
    openssl_enter_alone();
    r = make(tls, files);
    ERR_clear_error();
    openssl_leave(true);
    if (r < 0) {
        tls_unref(tls);
        return r;
    }
    *ret = tls;
    return 0;
}

struct tls *tls_ref(struct tls *tls)
{
    if (tls)
        atomic_fetch_add(&tls->refs, 1);
    return tls;
}

void tls_unref(struct tls *tls)
{
    if (!tls || atomic_fetch_sub(&tls->refs, 1) != 1)
        return;
    openssl_enter();
    SSL_SESSION_free(atomic_load(&tls->resumable));
    SSL_CTX_free(tls->context);
    openssl_leave(true);
    free(tls);
}

/* An address is held against those in the certificate, a name against its names. */
static bool expect_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, host))
        return true;
    ERR_clear_error();
    return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

/* Another thread's connection may take the session at the same time. */
static void resume(SSL *ssl, struct tls *tls)
{
    SSL_SESSION *session = atomic_exchange(&tls->resumable, NULL);

    if (session)
        SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
}

SSL *tls_begin(struct tls *tls, const char *host)
{
    SSL *ssl = SSL_new(tls->context);

    if (!ssl)
        return NULL;
    if (tls->is_server) {
        SSL_set_accept_state(ssl);
        return ssl;
    }
    SSL_set_connect_state(ssl);
    if (!expect_host(ssl, host)) {
        SSL_free(ssl);
        return NULL;
    }
    resume(ssl, tls);
    return ssl;
}

/* What the other end says of us in an alert, or OpenSSL of the other end. */
struct words {
    int reason;
    const char *to_client, *to_server;
};

static const struct words words[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, "there is no version of TLS that both ends accept",
     "there is no version of TLS that both ends accept"},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, "there is no version of TLS that both ends accept",
     "there is no version of TLS that both ends accept"},
    {SSL_R_VERSION_TOO_LOW, "there is no version of TLS that both ends accept",
     "there is no version of TLS that both ends accept"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "there is no version of TLS that both ends accept",
     "there is no version of TLS that both ends accept"},
    {SSL_R_NO_SHARED_CIPHER, "there is no cipher that both ends accept",
     "there is no cipher that both ends accept"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, "the manager accepts nothing that this end offers",
     "the client accepts nothing that this end offers"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, NULL,
     "the client has shown no certificate, and one is needed here"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "the manager wants a certificate of its clients: give one (tls_certificate, tls_key)", NULL},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "the manager does not know who has signed this client's certificate",
     "the client does not know who has signed this server's certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "the manager says that this client's certificate ran out",
     "the client says that this server's certificate ran out"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED,
     "the manager says that this client's certificate was revoked",
     "the client says that this server's certificate was revoked"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the manager does not accept this client's certificate",
     "the client does not accept this server's certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the manager does not accept this client's certificate",
     "the client does not accept this server's certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
     "the manager does not accept this client's certificate",
     "the client does not accept this server's certificate"},
    {SSL_R_TLSV1_ALERT_NO_RENEGOTIATION, "renegotiation is off", "renegotiation is off"},
    {SSL_R_NO_RENEGOTIATION, "renegotiation is off", "renegotiation is off"},
};

static const char *words_for(int reason, bool to_server)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (words[i].reason == reason)
            return to_server ? words[i].to_server : words[i].to_client;
    }
    return NULL;
}

static void explain_certificate(SSL *ssl, char why[TLS_WHY_MAX])
{
    const char *whose = SSL_is_server(ssl) ? "the client's" : "the manager's";
    const char *host = X509_VERIFY_PARAM_get0_host(SSL_get0_param(ssl), 0);
    long r = SSL_get_verify_result(ssl);

    switch (r) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        snprintf(why, TLS_WHY_MAX, "%s certificate ran out", whose);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        snprintf(why, TLS_WHY_MAX, "%s certificate is not valid yet", whose);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
        snprintf(why, TLS_WHY_MAX, "%s certificate is not for the host '%.255s'", whose,
                 host ? host : "");
        break;
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        snprintf(why, TLS_WHY_MAX, "%s certificate is not for this IP address", whose);
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        snprintf(why, TLS_WHY_MAX, "it is not known here who has signed %s certificate%s", whose,
                 SSL_is_server(ssl) ? "" : " (tls_ca says whom to trust)");
        break;
    default:
        snprintf(why, TLS_WHY_MAX, "%s certificate: %s", whose, X509_verify_cert_error_string(r));
    }
}

/* Returns whether there are words for it. */
static bool explain_reason(SSL *ssl, int reason, char why[TLS_WHY_MAX])
{
    const char *known = words_for(reason, SSL_is_server(ssl));

    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        explain_certificate(ssl, why);
    else if (known)
        snprintf(why, TLS_WHY_MAX, "%s", known);
    return known || reason == SSL_R_CERTIFICATE_VERIFY_FAILED;
}

/* The program may have left errors of its own: those that there are words for are ours. */
void tls_explain(SSL *ssl, char why[TLS_WHY_MAX])
{
    unsigned long error;

    snprintf(why, TLS_WHY_MAX, "TLS: something went wrong");
    while ((error = ERR_get_error())) {
        const char *text = ERR_reason_error_string(error);

        if (ERR_GET_LIB(error) == ERR_LIB_SSL && explain_reason(ssl, ERR_GET_REASON(error), why))
            break;
        if (text)
            snprintf(why, TLS_WHY_MAX, "TLS: %s", text);
    }
    ERR_clear_error();
}

/* Names may hold anything: what ends a text, or a line, does not. */
static void copy_name(const ASN1_STRING *name, char *ret, size_t size)
{
    unsigned char *utf8;
    int len = ASN1_STRING_to_UTF8(&utf8, name);
    size_t n;

    if (len < 0) {
        ERR_clear_error();
        return;
    }
    n = MIN((size_t)len, size - 1);
    while (n < (size_t)len && n > 0 && (utf8[n] & 0xc0) == 0x80)
        n--; /* not in the midst of a character */
    for (size_t i = 0; i < n; i++)
        ret[i] = utf8[i] < ' ' || utf8[i] == 0x7f ? '?' : (char)utf8[i];
    ret[n] = '\0';
    OPENSSL_free(utf8);
}

static void copy_other_name(const X509 *certificate, char *ret, size_t size)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names) && !ret[0]; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI)
            copy_name(name->d.ia5, ret, size);
    }
    GENERAL_NAMES_free(names);
}

void tls_name_of(const X509 *certificate, char *ret, size_t size)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    int at = X509_NAME_get_index_by_NID((X509_NAME *)subject, NID_commonName, -1);

    ret[0] = '\0';
    if (at >= 0)
        copy_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), ret, size);
    if (!ret[0])
        copy_other_name(certificate, ret, size);
}
