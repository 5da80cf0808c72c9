/* SPDX-License-Identifier: MIT */
/* The record of what is done aside: what aside.c and the threads in aside_threads.c share. */
#ifndef PLACE_ASIDE_RECORD_H
#define PLACE_ASIDE_RECORD_H

#include "base/buffer.h"
#include "object/call.h"
#include "place/aside.h"
#include "place/post.h"
#include "wire/message.h"

struct aside {
    struct stay stay;      /* of an object that a call has to itself */
    struct asides *asides; /* outlive the record */
    struct list turn;      /* among those that run, or are to */
    pthread_t thread;
    bool has_thread;          /* which is to be joined */
    struct post post;         /* that it is done */
    struct call *call;        /* of the peer, parked; NULL once it has ended */
    struct object *object;    /* that is aside, or is waited for; one reference, or NULL */
    struct list link;         /* among those that wait for the object */
    struct list followers;    /* those that wait for this one's object */
    struct buffer message;    /* owned */
    const uint8_t *payload;   /* in it */
    size_t len;               /* in bytes */
    struct resolver resolver; /* refuses */
    bool *refused;            /* points to the next, which the resolver may not change itself */
    bool has_refused;         /* the request, or its method, is for the loop */
    struct tree tree;
    bool is_decoded;
    struct decoded decoded;            /* then: values in the tree */
    struct call own;                   /* the call that runs aside */
    struct buffer out;                 /* its answer */
    bool made;                         /* the object's init has been fine */
    struct blob *put_off;              /* values that the loop must free */
    void (*run)(struct aside *aside);  /* on another thread */
    void (*back)(struct aside *aside); /* on the loop, then */
};

/*
 * Call `run` on another thread, once it is the record's turn, and then `back` on the loop, which
 * may start or free the record. Where there can be no thread, `run` is called on the loop, too.
 */
void aside_start(struct aside *aside, void (*run)(struct aside *aside),
                 void (*back)(struct aside *aside));

/* Wait until the record's thread is over, if it has one. */
void aside_join(struct aside *aside);

#endif
