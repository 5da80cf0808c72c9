/* SPDX-License-Identifier: MIT */
/* Requests: pickled sequences of four. */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include "pickle/pickle.h"

/*
 * The first request of a connection is (ignored, function name, args, kwds), later ones are
 * (ident, method name, args, kwds).
 */
struct request {
    struct sm_value target;
    struct sm_value name;
    struct sm_value args;
    struct sm_value kwds;
    unsigned protocol; /* of the pickle: tells CPython 3.14 from older ones */
};

/* Why a message is no request. */
enum request_outcome {
    REQUEST_EMPTY =
        1,           /* it breaks off, or is empty: to the standard library the stream has ended */
    REQUEST_REFUSED, /* it is something else */
};

/*
 * Take a request apart. Returns 0, an enum request_outcome, with the exception that CPython's
 * server would report in *error, or a negative errno.
 */
int request_parse(struct tree *tree, const uint8_t *payload, size_t len, struct request *ret,
                  struct pickle_error *error);

/* A request, with what request_parse() said of it. */
struct decoded {
    int outcome;
    struct request request;
    struct pickle_error error;
};

/*
 * Whether a request is for the object with this ident, as far as its first bytes tell in the form
 * that Pythons write: nothing is decoded. False: perhaps not.
 */
bool request_begins_with(const uint8_t *payload, size_t len, const char *ident);

/*
 * The name of the method that a request calls, borrowed from it, without decoding; NULL: unknown.
 */
const char *request_method(const uint8_t *payload, size_t len, size_t *ret_len);

#endif
