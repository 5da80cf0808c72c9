/* SPDX-License-Identifier: MIT */
/* The parts of the encoder. */
#ifndef PICKLE_ENCODE_H
#define PICKLE_ENCODE_H

#include "pickle/pickle.h"

/* A value of the tree that is being written, which may occur in it more than once. */
struct place {
    struct sm_value v;
    uint32_t index; /* in the memo, or PLACE_UNSET: not written yet */
    bool complete;  /* while places are found: it has been met, with its parts if it needs them */
    bool again;     /* and met once more */
};

#define PLACE_UNSET UINT32_MAX

/* Text, bytes and ints shorter than this are written as often as they occur. */
#define SHARED_MIN 32

/* Find all that v refers to more than once, into p->places. */
void places_find(struct pickler *p, struct sm_value v);

/* The place of a value that occurs more than once, or NULL. */
struct place *places_get(const struct pickler *p, struct sm_value v);

void places_forget(struct pickler *p);

/* Note, for who wanted notes, that a proxy of this object is written. */
void pickler_note_ref(struct pickler *p, struct ref *ref);

/* Append a little-endian number of `width` bytes. */
void pickler_number(struct pickler *p, uint64_t number, size_t width);

/* Shared blobs have memo indices from here on. */
#define PICKLER_BLOB_MEMO 1024

/* A value was written that uses the memo's indices below `memos`. */
void pickler_memos_used(struct pickler *p, uint32_t memos);

/* An opcode and its argument: the short form where there is one and the number fits. */
void encode_sized(struct pickler *p, uint8_t byte_op, uint8_t word_op, uint8_t quad_op, uint64_t n);

/* Write a value that is neither a container nor an object. */
void encode_leaf(struct pickler *p, struct sm_value v);

/* Whether Python can tell one value of this kind from an equal one: not so scalars, text, bytes. */
bool frozen_has_identity(const struct frozen *f);

/* The longest fragment of None, a bool, an int or a float. */
#define SCALAR_MAX 10

/* Write the fragment of a scalar; returns its length, or 0 for values of other kinds. */
size_t encode_scalar(struct sm_value v, uint8_t out[SCALAR_MAX]);

/*
 * The fragment of a value of the tree that is plain: small, and made of containers, numbers and
 * short text that the message has in one place each. Returns its length, or 0 for all other values.
 */
#define PLAIN_MAX 512
size_t encode_plain(const struct tree *tree, struct sm_value v, uint8_t out[PLAIN_MAX],
                    bool *ret_exact);

/*
 * Whether a fragment is exact: made of None, ints, str, bytes, tuples and lists alone, none of them
 * shared. Two of these are equal only if their bytes are.
 */
bool fragment_is_exact(const uint8_t *bytes, size_t len);

#endif
