/* SPDX-License-Identifier: MIT */
/*
 * Pickles: bytes to trees and back. Reading builds data and runs nothing: what would need running
 * code becomes an object, a recipe that a Python client carries out when it gets it back.
 */
#ifndef PICKLE_PICKLE_H
#define PICKLE_PICKLE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/map.h"
#include "pickle/opcodes.h"
#include "value/frozen.h"
#include "value/tree.h"
#include "value/walk.h"

/* Why a pickle could not be read: the exception that CPython would raise. */
struct pickle_error {
    char type[48]; /* "_pickle.UnpicklingError" */
    char message[208];
};

/*
 * Decode one pickle of protocol 0 to 5. The value and all it refers to live in the tree and in
 * `data`. Returns 0, -ENOMEM, or -EINVAL with *error filled.
 */
int pickle_decode(struct tree *tree, const uint8_t *data, size_t len, struct sm_value *ret,
                  struct pickle_error *error);

/*
 * Whether a pickle is made of more than `many` pieces: then decoding it takes long. No more of them
 * are looked at.
 */
bool pickle_has_many(const uint8_t *data, size_t len, size_t many);

/* What a stored value must know about the values in it. */
struct pickle_notes {
    bool unequal;      /* what need not be equal to its copy was written: a NaN, a proxy, and
                          where tree.unknown says so, what only Python can tell of */
    struct ref **refs; /* owned: the shared objects of the proxies written, borrowed each */
    size_t refs_len;
    size_t refs_cap;
};

/*
 * Large text and bytes that are not copied into a pickle: each belongs at its place in what is
 * written, and stays where the value has it.
 */
#define INSERT_MIN ((size_t)16 * 1024) /* a copy of less is cheaper than another part to send */
#define INSERTS_MAX 8

struct inserts {
    struct insert {
        size_t at;         /* in the output */
        const void *bytes; /* borrowed */
        size_t len;
    } insert[INSERTS_MAX];
    size_t count;
    size_t size; /* of all, in bytes */
};

/*
 * Write protocol 4. Errors stick: look once, at pickler_finish().
 *
 *     pickler_init(&p, out);
 *     pickler_start(&p);                    PROTO
 *     pickler_value(&p, tree, v);           any value; several in a row build a stack
 *     pickler_frozen(&p, &f);
 *     pickler_op(&p, TUPLE2);
 *     r = pickler_finish(&p);               STOP
 *     pickler_deinit(&p);
 */
struct pickler {
    struct buffer *out;         /* borrowed */
    int error;                  /* 0, -ENOMEM, -ELOOP: too deep, -E2BIG: see LIMIT_GROWTH,
                                   -EINVAL: no value */
    unsigned depth;             /* of the value at hand */
    uint32_t memos;             /* indices set by the value at hand; each value starts at 0 again */
    const struct tree *tree;    /* whose ids the value at hand carries; borrowed, or NULL */
    size_t budget;              /* bytes that may still be written of the value at hand */
    struct map places;          /* by id: what the value at hand refers to again */
    struct map blobs;           /* shared blobs written as items */
    uint32_t blob_memos;        /* the next index for one of these */
    struct arena arena;         /* where the entries of both maps live */
    struct pickle_notes *notes; /* borrowed; NULL: not wanted */
    struct inserts *inserts;    /* borrowed; NULL: all is copied */
};

void pickler_init(struct pickler *p, struct buffer *out);
void pickler_deinit(struct pickler *p);
void pickler_start(struct pickler *p);
int pickler_finish(struct pickler *p);

static inline void pickler_op(struct pickler *p, uint8_t opcode)
{
    buffer_add_byte(p->out, opcode);
}

/*
 * Write a value. `tree` is the one whose ids it carries; NULL when it carries none, or those of
 * several: then what is one value is known by where its content is.
 */
void pickler_value(struct pickler *p, const struct tree *tree, struct sm_value v);

/* Write a stored value. */
void pickler_frozen(struct pickler *p, const struct frozen *f);

/*
 * Write the content of a container, whose empty form has been written: items (pairs for a dict) in
 * batches, closed by `add` (APPENDS, SETITEMS, ADDITEMS). Between begin and end each item is
 * announced; a blob that occurs again is written once and then referred to, so that a reply is
 * never larger than what is stored by more than a constant.
 *
 *     pickler_op(&p, EMPTY_LIST);
 *     pickler_batch_begin(&batch, &p, APPENDS);
 *     for each: pickler_batch_item(&batch); pickler_item(&p, &slot);
 *     pickler_batch_end(&batch);
 */
struct pickler_batch {
    struct pickler *pickler;
    uint8_t add;
    unsigned open; /* items since the last MARK; 0: none open */
};
void pickler_batch_begin(struct pickler_batch *b, struct pickler *p, uint8_t add);
void pickler_batch_end(struct pickler_batch *b);

/* As many items go between a MARK and what closes it; more would be held twice by the reader. */
#define BATCH_MAX 1000

static inline void pickler_batch_item(struct pickler_batch *b)
{
    if (b->open == BATCH_MAX)
        pickler_batch_end(b);
    if (b->open++ == 0)
        pickler_op(b->pickler, MARK);
}

/*
 * Write a stored value as one of many. A short one takes the whole handle with it, which is faster.
 */
void pickler_blob_item(struct pickler *p, const struct frozen *f);

static inline void pickler_item(struct pickler *p, const struct frozen *f)
{
    if (f->len == FROZEN_BLOB || !buffer_has_room(p->out, sizeof(*f))) {
        pickler_blob_item(p, f);
        return;
    }
    memcpy(p->out->data + p->out->len, f, sizeof(*f));
    p->out->len += f->len;
}

/*
 * Store a value. A value that its tree shares is stored once and handed out again. Returns 0,
 *   -ENOMEM
 *   -ELOOP  too deep
 *   -E2BIG  stored apart, the values of this message take more than LIMIT_GROWTH allows
 */
int tree_freeze(struct tree *tree, struct sm_value v, struct frozen *ret);

/*
 * Make sure that copies of the handle are known as one value when they are written together: what
 * has an identity, such as a list, moves to a blob. Returns 0 or -ENOMEM.
 */
int frozen_share(struct frozen *f);

/*
 * A stored value as a tree. Text and bytes may point into `f`, which must outlive the tree's use.
 * Returns 0 or -ENOMEM.
 */
int tree_thaw(struct tree *tree, const struct frozen *f, struct sm_value *ret);

/*
 * Whether a == b, as value_equal() says. `scratch` is used when the bytes do not decide; what it
 * held before stays. Returns 1, 0, -ELOOP or -ENOMEM.
 */
int frozen_equal(struct tree *scratch, const struct frozen *a, const struct frozen *b);

/* What is known of blobs that several handles share. Zeroed memory knows nothing. */
struct blob_notes {
    struct map by_blob;
    struct arena arena; /* where the notes are */
};

struct blob_note {
    const struct blob *blob; /* borrowed */
    struct sm_value value;   /* for who looks into blobs; missing in a new note */
};

void blob_notes_deinit(struct blob_notes *notes);

/* The note of a value's blob, new or not; NULL: it is not worth one, or memory runs out. */
struct blob_note *blob_notes_get(struct blob_notes *notes, const struct frozen *f);

/* One stored value that is compared with many: it and each of those is decoded once, if at all. */
struct needle {
    const struct frozen *frozen; /* borrowed */
    struct tree tree;            /* what it is decoded into */
    struct sm_value value;
    bool thawed;
    bool exact;               /* equal to no other exact value */
    struct tree scratch;      /* for the others */
    struct blob_notes judged; /* a bool: whether the blob is equal */
    struct walk walk;         /* all comparisons together are bounded */
};

void needle_init(struct needle *needle, const struct frozen *f, enum unknown unknown);
void needle_deinit(struct needle *needle);

/* The int that a stored value is, if it is one of at most 32 bits. */
static inline bool frozen_is_int(const struct frozen *f, int64_t *ret)
{
    const uint8_t *b = f->small;

    switch (b[0] << 8 | f->len) {
    case BININT1 << 8 | 2:
        *ret = b[1];
        return true;
    case BININT2 << 8 | 3:
        *ret = b[1] | b[2] << 8;
        return true;
    case BININT << 8 | 5:
        *ret = (int32_t)(b[1] | b[2] << 8 | b[3] << 16 | (uint32_t)b[4] << 24);
        return true;
    default:
        return false;
    }
}

int needle_equal_any(struct needle *needle, const struct frozen *other);

/* Whether other == needle; results are those of frozen_equal(). Of two exact values the bytes tell,
 * and a short int or text is exact. */
static inline int needle_equal(struct needle *needle, const struct frozen *other)
{
    int64_t number;

    if (needle->exact && (frozen_is_int(other, &number) || (other->small[0] == SHORT_BINUNICODE &&
                                                            other->len == 2 + other->small[1])))
        return frozen_is_same(other, needle->frozen);
    return needle_equal_any(needle, other);
}

#endif
