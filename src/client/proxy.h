/* SPDX-License-Identifier: MIT */
/* The inside of a proxy. */
#ifndef CLIENT_PROXY_H
#define CLIENT_PROXY_H

#include "client/client.h"

struct lease;

struct sm_proxy {
    struct sm_manager *manager; /* a handle */
    _Atomic process_id process; /* that holds a reference in the manager; 0: none */
    atomic_uint sent;           /* how often that one has sent the proxy to others */
    struct tree tree;           /* what the values below are made of */
    struct sm_value typeid_;
    struct sm_value ident;
    struct sm_value value;         /* the proxy as a value */
    _Atomic(char *) text;          /* owned; made when asked for */
    _Atomic(struct lease *) lease; /* owned; of the last process that has asked: see lease.h */
    atomic_uint uses;              /* before it asks */
    atomic_bool is_counter;        /* as a binding has it */
};

/*
 * A proxy of the object that a token names; takes a reference in the manager. `exposed`: a tuple of
 * the methods' names, or missing. `received`: the token came from a proxy that was sent.
 */
int proxy_new(struct sm_manager *manager, struct sm_value typeid_, struct sm_value ident,
              struct sm_value exposed, bool received, struct sm_proxy **ret);

/* Before a request: a forked child's first use takes a reference for the child. */
int proxy_ready(struct sm_proxy *proxy);

/* Call the object; the target is filled in. Takes this process's reference before its first. */
int proxy_call(struct sm_proxy *proxy, struct outgoing *request, struct sm_reply **reply);

/* sm_call_kwargs(); if `raw`, with an answer that is not decoded: sm_call_raw(). */
int proxy_ask(struct sm_proxy *proxy, const char *method, struct sm_value args,
              struct sm_value kwargs, bool raw, struct sm_reply **reply);

/* The names that the proxy carries, or missing. */
struct sm_value proxy_exposed(const struct sm_proxy *proxy);

/* Append "<" and the name of the class that Python would make of it. */
void proxy_write_class(const struct sm_proxy *proxy, struct buffer *out);

#endif
