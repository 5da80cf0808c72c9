/* SPDX-License-Identifier: MIT */
/* Addresses as text: HOST:PORT, [V6]:PORT, tls://HOST:PORT, unix:PATH, unix:@ABSTRACT. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include "base/macros.h"
#include "syncmanager/value.h"

#include <stdbool.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX 320

/* The longest name of a host is of 253 bytes. */
#define ADDRESS_HOST_MAX 256

struct address {
    struct sockaddr_storage sockaddr;
    socklen_t len;
    bool tls;                    /* what is said there is encrypted */
    char host[ADDRESS_HOST_MAX]; /* of one with TLS: as it was given, which a certificate names */
};

/*
 * Parse an address; a host name is looked up. Returns 0, or -EINVAL with *why a static text that
 * completes "ADDRESS: ...".
 */
int address_parse(const char *text, struct address *ret, const char **why);

/* The address as text, as address_parse() takes it. */
void address_format(const struct address *address, char ret[ADDRESS_TEXT_MAX]);

/* Whether only this host can reach it: a Unix socket, or a loopback address. */
bool address_is_local(const struct address *address);

/* Host (numeric) and port of a TCP address. */
void address_host(const struct address *address, char ret_host[ADDRESS_TEXT_MAX], int *ret_port);

/* The name of a Unix socket, with the zero byte that an abstract one starts with; NULL for TCP. */
const char *address_name(const struct address *address, size_t *ret_len);

/*
 * An address as Python has it, in tokens: (host, port), a path, bytes where the name is abstract,
 * or its text where it is one with TLS. The value points into the rest.
 */
struct python_address {
    struct sm_value value;
    char text[ADDRESS_TEXT_MAX];
    struct sm_value item[2];
    struct sm_items items;
};
void address_to_python(const struct address *address, struct python_address *ret);

/* The path of a Unix socket that is a file; NULL for everything else. */
const char *address_path(const struct address *address);

#endif
