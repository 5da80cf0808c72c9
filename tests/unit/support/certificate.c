/* SPDX-License-Identifier: MIT */
/* By libcrypto. */
#include "support/certificate.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static X509 *make(EVP_PKEY *key, const char *name, int days)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_EXTENSION *host =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -10L * 24 * 3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), days * 24L * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_add_ext(certificate, host, -1);
    X509_EXTENSION_free(host);
    if (!X509_sign(certificate, key, EVP_sha256()))
        abort();
    return certificate;
}

char *certificate_new(const char *name, int days)
{
    char *path = strdup("/tmp/sm-certificate-XXXXXX");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = make(key, name, days);
    FILE *file = fdopen(mkstemp(path), "w");

    if (!file || !PEM_write_X509(file, certificate) ||
        !PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) || fclose(file) != 0)
        abort();
    X509_free(certificate);
    EVP_PKEY_free(key);
    return path;
}

void certificate_free(char *path)
{
    unlink(path);
    free(path);
}
