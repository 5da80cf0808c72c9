/* SPDX-License-Identifier: MIT */
/*
 * What str and bytes share. A text is a run of bytes that is one or the other: searching, cutting
 * and joining work on the bytes of both, because UTF-8 never matches in the middle of a
 * character; only where Python counts characters does it matter which one it is.
 */
#ifndef SCALAR_TEXT_H
#define SCALAR_TEXT_H

#include "scalar/plain.h"

struct text {
    const char *p;
    size_t len;        /* bytes */
    enum sm_kind kind; /* SM_KIND_STR or SM_KIND_BYTES: what answers are made of */
};

/* The object's own text. False: the call has been answered. */
bool text_self(struct object *self, struct call *call, struct text *ret);

/* Whether v is of self's kind: a str for a str, a bytes-like object for bytes. */
bool text_of(const struct text *self, struct sm_value v, struct text *ret);

/* The same; what is not bytes-like is a TypeError. For bytes alone. */
bool text_bytes_like(struct call *call, struct sm_value v, struct text *ret);

/* A part of a text, from byte `from` to byte `to`. */
static inline struct text text_part(struct text t, size_t from, size_t to)
{
    return (struct text){.p = t.p + from, .len = to - from, .kind = t.kind};
}

static inline struct sm_value text_value(struct text t)
{
    return (struct sm_value){.kind = t.kind, .text = t.p, .len = t.len};
}

static inline bool text_starts(struct text t, struct text with)
{
    return t.len >= with.len && memcmp(t.p, with.p, with.len) == 0;
}

static inline bool text_ends(struct text t, struct text with)
{
    return t.len >= with.len && memcmp(t.p + t.len - with.len, with.p, with.len) == 0;
}

/* How many characters. */
size_t text_length(struct text t);

/* Bytes of the character at this byte; at least 1, and never past the end. */
size_t text_step(struct text t, size_t at);

/* The byte where a character begins; the end where there are fewer. */
size_t text_offset(struct text t, size_t index);

/* The code point at *at (or byte, of bytes), which moves on to the next. Any bytes are safe. */
uint32_t text_next(struct text t, size_t *at);

/* The same backwards: *at is where the character ends, and becomes where it begins. */
uint32_t text_previous(struct text t, size_t *at);

/* Append a code point as UTF-8, surrogates like any other. */
void text_add_char(struct buffer *out, uint32_t c);

/* Python's white space, in str or in bytes. */
bool text_is_space(const struct text *t, uint32_t c);

/* Answers: text, a buffer of self's kind, or MemoryError where the buffer failed. */
void text_return(struct call *call, struct text t);
void text_return_buffer(struct call *call, enum sm_kind kind, const struct buffer *out);

/*
 * Whether a result of `n` bytes may be made: no peer gets the manager to take more memory than a
 * large message is. False: the call has been answered with MemoryError.
 */
bool text_affordable(struct call *call, size_t n);

/* Matches one after the other, from the front or from the back, that do not overlap. */
struct finder {
    const char *hay; /* mirrored when looking from the back, so that every search is linear */
    const char *needle;
    size_t len;
    size_t needle_len;
    size_t at;
    bool back;
};

/* False: the call has been answered. The needle must not be empty. */
bool finder_init(struct finder *f, struct call *call, struct text hay, struct text needle,
                 bool back);

#define FINDER_END SIZE_MAX

/* Where the next match begins in the text, or FINDER_END. */
size_t finder_next(struct finder *f);

/* Methods that str and bytes share: their messages tell the two apart. */
void text_center(struct object *self, struct call *call);
void text_count(struct object *self, struct call *call);
void text_endswith(struct object *self, struct call *call);
void text_expandtabs(struct object *self, struct call *call);
void text_find(struct object *self, struct call *call);
void text_index(struct object *self, struct call *call);
void text_join(struct object *self, struct call *call);
void text_ljust(struct object *self, struct call *call);
void text_lstrip(struct object *self, struct call *call);
void text_partition(struct object *self, struct call *call);
void text_removeprefix(struct object *self, struct call *call);
void text_removesuffix(struct object *self, struct call *call);
void text_replace(struct object *self, struct call *call);
void text_rfind(struct object *self, struct call *call);
void text_rindex(struct object *self, struct call *call);
void text_rjust(struct object *self, struct call *call);
void text_rpartition(struct object *self, struct call *call);
void text_rsplit(struct object *self, struct call *call);
void text_rstrip(struct object *self, struct call *call);
void text_split(struct object *self, struct call *call);
void text_splitlines(struct object *self, struct call *call);
void text_startswith(struct object *self, struct call *call);
void text_strip(struct object *self, struct call *call);
void text_zfill(struct object *self, struct call *call);

/* How methods that both have take their arguments. */
#define TEXT_NO_ARGS                                                                               \
    {                                                                                              \
        SIGNATURE_NONE                                                                             \
    }
#define TEXT_ONE_ARG                                                                               \
    {                                                                                              \
        SIGNATURE_ONE, {""}, 1                                                                     \
    }
#define TEXT_SEARCH                                                                                \
    {                                                                                              \
        SIGNATURE_PARSED, {"sub", "start", "end"}, 1                                               \
    }
#define TEXT_PAD                                                                                   \
    {                                                                                              \
        SIGNATURE_UNPACK, {"width", "fillchar"}, 1                                                 \
    }
#define TEXT_SPLIT                                                                                 \
    {                                                                                              \
        SIGNATURE_KEYWORDS, {"sep", "maxsplit"}, 0                                                 \
    }
#define TEXT_LINES                                                                                 \
    {                                                                                              \
        SIGNATURE_KEYWORDS, {"keepends"}, 0                                                        \
    }
#define TEXT_TABS                                                                                  \
    {                                                                                              \
        SIGNATURE_KEYWORDS, {"tabsize"}, 0                                                         \
    }
#define TEXT_CHARS                                                                                 \
    {                                                                                              \
        SIGNATURE_UNPACK, {"chars"}, 0                                                             \
    }

#endif
