/* SPDX-License-Identifier: MIT */
/*
 * str.encode(). Characters that the codec has are written as they come; a run of those that it has
 * not is one error, which the handler turns into other characters, into bytes, or into a
 * UnicodeEncodeError. Which characters make a run differs from codec to codec, as in CPython,
 * because the exception tells it.
 */
#include "scalar/codec.h"

#include "base/utf8.h"

#include <stdio.h>
#include <unictype.h>
#include <uniname.h>

struct encoder {
    struct call *call;
    const struct codec *codec;
    const char *encoding;
    const char *errors;
    struct text text;
    struct buffer *out;
    int64_t first_start; /* of the first error: what CPython's exception keeps telling; or -1 */
    int64_t first_end;
};

/* A run of characters that cannot be encoded, by character and by byte. */
struct run {
    int64_t start;
    int64_t end;
    size_t from;
    size_t to;
};

static void add_unit(struct encoder *e, uint32_t unit, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        buffer_add_byte(e->out, (uint8_t)(unit >> 8 * (e->codec->big ? size - 1 - i : i)));
}

static void add_utf16(struct encoder *e, uint32_t c)
{
    if (c >= 0x10000) {
        add_unit(e, 0xd800 + ((c - 0x10000) >> 10), 2);
        c = 0xdc00 + (c & 0x3ff);
    }
    add_unit(e, c, 2);
}

static bool add_charmap(struct encoder *e, uint32_t c)
{
    if (c < 0x80) {
        buffer_add_byte(e->out, (uint8_t)c);
        return true;
    }
    for (unsigned i = 0; i < 128; i++) {
        if (e->codec->upper[i] == c) {
            buffer_add_byte(e->out, (uint8_t)(0x80 + i));
            return true;
        }
    }
    return false;
}

/* Write a character. False: the codec does not have it. */
static bool add_char(struct encoder *e, uint32_t c)
{
    switch (e->codec->form) {
    case CODEC_BYTE:
        if (c >= e->codec->limit)
            return false;
        buffer_add_byte(e->out, (uint8_t)c);
        return true;
    case CODEC_CHARMAP:
        return add_charmap(e, c);
    case CODEC_UTF8:
        if (utf8_is_surrogate(c))
            return false;
        text_add_char(e->out, c);
        return true;
    case CODEC_UTF16:
        if (utf8_is_surrogate(c))
            return false;
        add_utf16(e, c);
        return true;
    case CODEC_UTF32:
        if (utf8_is_surrogate(c))
            return false;
        add_unit(e, c, 4);
        return true;
    }
    return false;
}

static bool has_char(const struct encoder *e, uint32_t c)
{
    struct buffer scratch CLEANUP(buffer_deinit) = {0};
    struct encoder probe = *e;

    probe.out = &scratch;
    return add_char(&probe, c);
}

/* UTF-16 and UTF-32 report each surrogate by itself. */
static void extend_run(const struct encoder *e, struct run *run)
{
    if (e->codec->form == CODEC_UTF16 || e->codec->form == CODEC_UTF32)
        return;
    while (run->to < e->text.len) {
        size_t next = run->to;

        if (has_char(e, text_next(e->text, &next)))
            return;
        run->to = next;
        run->end++;
    }
}

static bool raise_run(struct encoder *e, const struct run *run)
{
    bool first = e->first_start < 0;

    codec_raise(e->call, "encoding", e->encoding, "UnicodeEncodeError",
                SM_TUPLE(sm_str(e->codec->name), text_value(e->text),
                         sm_int(first ? run->start : e->first_start),
                         sm_int(first ? run->end : e->first_end), sm_str(e->codec->reason)));
    return false;
}

static void add_ascii(struct encoder *e, const char *text)
{
    for (; *text; text++)
        add_char(e, (uint8_t)*text);
}

/* \xe9, \u20ac, \U0001f600 */
static void add_backslashed(struct encoder *e, uint32_t c)
{
    char text[16];

    snprintf(text, sizeof(text), c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    add_ascii(e, text);
}

/* Those whose name is their code point; the library's list of names leaves them out. */
static bool is_ideograph(uint32_t c)
{
    return uc_is_property_unified_ideograph(c) && (c < 0xf900 || c > 0xfaff);
}

static void add_named(struct encoder *e, uint32_t c)
{
    char name[UNINAME_MAX];

    if (is_ideograph(c)) {
        snprintf(name, sizeof(name), "CJK UNIFIED IDEOGRAPH-%X", c);
    } else if (!unicode_character_name(c, name)) {
        add_backslashed(e, c);
        return;
    }
    add_ascii(e, "\\N{");
    add_ascii(e, name);
    add_ascii(e, "}");
}

static void add_replaced(struct encoder *e, enum codec_errors errors, uint32_t c)
{
    char text[16];

    switch (errors) {
    case CODEC_REPLACE:
        add_ascii(e, "?");
        break;
    case CODEC_BACKSLASHREPLACE:
        add_backslashed(e, c);
        break;
    case CODEC_XMLCHARREFREPLACE:
        snprintf(text, sizeof(text), "&#%u;", c);
        add_ascii(e, text);
        break;
    case CODEC_NAMEREPLACE:
        add_named(e, c);
        break;
    default:
        break;
    }
}

/*
 * Bytes that decoding had made into surrogates. What is none of them is the error; codecs that
 * look for themselves name it from there, the others name the whole run.
 */
static bool unescape(struct encoder *e, struct run run)
{
    bool whole = e->codec->form == CODEC_CHARMAP;
    struct run rest = run;
    size_t start = e->out->len;

    if (e->codec->form == CODEC_UTF16 || e->codec->form == CODEC_UTF32)
        return raise_run(e, &run); /* one byte is no character there */
    while (rest.from < run.to) {
        size_t next = rest.from;
        uint32_t c = text_next(e->text, &next);

        if (!codec_is_escaped(c)) {
            e->out->len = whole ? start : e->out->len;
            return raise_run(e, whole ? &run : &rest);
        }
        buffer_add_byte(e->out, (uint8_t)(c - 0xdc00));
        rest.from = next;
        rest.start++;
    }
    return true;
}

static bool pass_surrogates(struct encoder *e, const struct run *run)
{
    if (e->codec->form == CODEC_BYTE || e->codec->form == CODEC_CHARMAP)
        return raise_run(e, run);
    for (size_t at = run->from; at < run->to;) {
        uint32_t c = text_next(e->text, &at);

        if (e->codec->form == CODEC_UTF8)
            text_add_char(e->out, c);
        else
            add_unit(e, c, e->codec->form == CODEC_UTF16 ? 2 : 4);
    }
    return true;
}

/* False: the call has been answered. */
static bool handle_run(struct encoder *e, const struct run *run)
{
    enum codec_errors errors = codec_errors(e->errors);
    bool done = true;

    if (errors == CODEC_STRICT)
        return raise_run(e, run);
    if (errors == CODEC_SURROGATEESCAPE) {
        done = unescape(e, *run);
    } else if (errors == CODEC_SURROGATEPASS) {
        done = pass_surrogates(e, run);
    } else if (errors == CODEC_UNKNOWN) {
        codec_raise_handler(e->call, "encoding", e->encoding, e->errors);
        return false;
    } else {
        for (size_t at = run->from; at < run->to;) {
            if (!text_affordable(e->call, e->out->len))
                return false;
            add_replaced(e, errors, text_next(e->text, &at));
        }
    }
    if (e->codec->form == CODEC_CHARMAP && e->first_start < 0) {
        e->first_start = run->start;
        e->first_end = run->end;
    }
    return done;
}

static bool encode(struct encoder *e)
{
    struct run run = {0};

    while (run.from < e->text.len) {
        run.to = run.from;
        run.end = run.start + 1;
        if (!add_char(e, text_next(e->text, &run.to))) {
            extend_run(e, &run);
            if (!handle_run(e, &run))
                return false;
        }
        run.from = run.to;
        run.start = run.end;
    }
    return true;
}

void str_encode(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct encoder e = {.call = call, .out = &out, .first_start = -1};

    if (!codec_args(call, &e.encoding, &e.errors) || !text_self(self, call, &e.text))
        return;
    e.codec = codec_find(call, e.encoding, "encode");
    if (!e.codec)
        return;
    if (e.codec->mark)
        add_char(&e, 0xfeff);
    if (encode(&e))
        text_return_buffer(call, SM_KIND_BYTES, &out);
}
