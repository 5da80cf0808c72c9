/* SPDX-License-Identifier: MIT */
/* Text to bytes and back, for str.encode() and bytes.decode(). */
#ifndef SCALAR_CODEC_H
#define SCALAR_CODEC_H

#include "scalar/text.h"

enum codec_form {
    CODEC_BYTE,    /* one byte a character: ASCII and Latin-1 */
    CODEC_CHARMAP, /* one byte a character, the upper half by a table */
    CODEC_UTF8,
    CODEC_UTF16,
    CODEC_UTF32,
};

struct codec {
    const char *name;   /* as exceptions name it */
    const char *reason; /* why a character cannot be encoded */
    enum codec_form form;
    uint32_t limit;        /* CODEC_BYTE: one past the last character */
    const uint16_t *upper; /* CODEC_CHARMAP: characters of bytes 0x80 to 0xff; 0 where none is */
    bool big;              /* UTF-16 and UTF-32: the high byte first */
    bool mark;             /* a byte order mark is written, and taken off when reading */
};

/* What to do about what cannot be converted. */
enum codec_errors {
    CODEC_STRICT,
    CODEC_IGNORE,
    CODEC_REPLACE,
    CODEC_BACKSLASHREPLACE,
    CODEC_XMLCHARREFREPLACE,
    CODEC_NAMEREPLACE,
    CODEC_SURROGATEESCAPE,
    CODEC_SURROGATEPASS,
    CODEC_UNKNOWN, /* an error only when it is needed */
};

enum codec_errors codec_errors(const char *name);

/* Find a codec by any of its names; `verb` is "encode" or "decode". NULL: answered. */
const struct codec *codec_find(struct call *call, const char *name, const char *verb);

/*
 * Raise what a codec raises. Python finds a few codecs without its registry; an error of any other
 * names the codec as well: in its message up to 3.11, in a note since. `verb` is "encoding" or
 * "decoding".
 */
void codec_raise(struct call *call, const char *verb, const char *encoding, const char *type,
                 struct sm_value args);

/* LookupError of an error handler that is not there. */
void codec_raise_handler(struct call *call, const char *verb, const char *encoding,
                         const char *errors);

/* Take call->arg's encoding and errors. False: the call has been answered. */
bool codec_args(struct call *call, const char **encoding, const char **errors);

/* One of the characters that stand for undecodable bytes. */
static inline bool codec_is_escaped(uint32_t c)
{
    return c >= 0xdc80 && c <= 0xdcff;
}

/* The tables of charmaps, by Python's names; ended by a zeroed entry. */
struct charmap {
    const char *name;
    uint16_t upper[128];
};
extern const struct charmap codec_charmaps[];

/* str.encode() and bytes.decode() */
void str_encode(struct object *self, struct call *call);
void bytes_decode(struct object *self, struct call *call);

#endif
