/* SPDX-License-Identifier: MIT */
/*
 * bytes.decode(). Each codec is one function that takes the next character off the bytes, or tells
 * how many bytes are wrong and why; what then happens is the same for all.
 */
#include "scalar/codec.h"

#include "base/utf8.h"

struct decoder {
    struct call *call;
    const struct codec *codec;
    const char *name; /* as exceptions have it: the byte order that was found */
    bool big;
    const char *encoding;
    const char *errors;
    struct text bytes;
    size_t at;
    struct buffer *out;
    const char *reason; /* of the first error: what CPython's exception keeps telling; or NULL */
    size_t first_start;
    size_t first_end;
};

/* What is at the decoder's place. */
struct step {
    size_t len;         /* bytes of the character, or of what is wrong */
    uint32_t c;         /* the character */
    const char *reason; /* what is wrong, or NULL */
};

static uint8_t byte_at(const struct decoder *d, size_t i)
{
    return (uint8_t)d->bytes.p[d->at + i];
}

static size_t bytes_left(const struct decoder *d)
{
    return d->bytes.len - d->at;
}

static struct step step_byte(const struct decoder *d)
{
    struct step step = {.len = 1, .c = byte_at(d, 0)};

    if (d->codec->form == CODEC_CHARMAP && step.c >= 0x80) {
        step.c = d->codec->upper[step.c - 0x80];
        step.reason = step.c ? NULL : d->codec->reason;
    } else if (d->codec->form == CODEC_BYTE && step.c >= d->codec->limit) {
        step.reason = d->codec->reason;
    }
    return step;
}

/* The second byte decides about overlong forms, surrogates, and what is past the last character. */
static bool utf8_continues(uint8_t lead, size_t i, uint8_t byte)
{
    uint8_t low = 0x80, high = 0xbf;

    if (i == 1) {
        low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    }
    return byte >= low && byte <= high;
}

static struct step step_utf8(const struct decoder *d)
{
    uint8_t lead = byte_at(d, 0);
    struct step step = {.len = 1, .c = lead};
    size_t len;

    if (lead < 0x80)
        return step;
    if (lead < 0xc2 || lead > 0xf4) {
        step.reason = "invalid start byte";
        return step;
    }
    len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    step.c = lead & (0xffU >> (len + 1));
    for (; step.len < len; step.len++) {
        if (step.len == bytes_left(d)) {
            step.reason = "unexpected end of data";
            return step;
        }
        if (!utf8_continues(lead, step.len, byte_at(d, step.len))) {
            step.reason = "invalid continuation byte";
            return step;
        }
        step.c = step.c << 6 | (byte_at(d, step.len) & 0x3f);
    }
    return step;
}

/* The unit of `size` bytes that begins i bytes from here. */
static uint32_t unit_at(const struct decoder *d, size_t i, unsigned size)
{
    uint32_t unit = 0;

    for (unsigned k = 0; k < size; k++)
        unit |= (uint32_t)byte_at(d, i + k) << 8 * (d->big ? size - 1 - k : k);
    return unit;
}

static struct step step_utf16(const struct decoder *d)
{
    size_t left = bytes_left(d);
    uint32_t low;
    struct step step = {.len = 2};

    if (left < 2)
        return (struct step){.len = left, .reason = "truncated data"};
    step.c = unit_at(d, 0, 2);
    if (!utf8_is_surrogate(step.c))
        return step;
    if (step.c >= 0xdc00) {
        step.reason = "illegal encoding";
    } else if (left < 4) {
        step.len = left;
        step.reason = "unexpected end of data";
    } else {
        low = unit_at(d, 2, 2);
        if (low < 0xdc00 || low > 0xdfff) {
            step.reason = "illegal UTF-16 surrogate";
        } else {
            step.len = 4;
            step.c = 0x10000 + ((step.c - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return step;
}

static struct step step_utf32(const struct decoder *d)
{
    struct step step = {.len = 4};

    if (bytes_left(d) < 4)
        return (struct step){.len = bytes_left(d), .reason = "truncated data"};
    step.c = unit_at(d, 0, 4);
    if (utf8_is_surrogate(step.c))
        step.reason = "code point in surrogate code point range(0xd800, 0xe000)";
    else if (step.c >= 0x110000)
        step.reason = "code point not in range(0x110000)";
    return step;
}

static struct step next_step(const struct decoder *d)
{
    switch (d->codec->form) {
    case CODEC_UTF8:
        return step_utf8(d);
    case CODEC_UTF16:
        return step_utf16(d);
    case CODEC_UTF32:
        return step_utf32(d);
    default:
        return step_byte(d);
    }
}

static bool raise_first(struct decoder *d)
{
    codec_raise(d->call, "decoding", d->encoding, "UnicodeDecodeError",
                SM_TUPLE(sm_str(d->name), sm_bytes(d->bytes.p, d->bytes.len),
                         sm_int((int64_t)d->first_start), sm_int((int64_t)d->first_end),
                         sm_str(d->reason)));
    return false;
}

/* Bytes above ASCII become surrogates, up to the first that is ASCII; there must be one. */
static bool escape_bytes(struct decoder *d, const struct step *step)
{
    size_t n = 0;

    while (n < step->len && n < 4 && byte_at(d, n) >= 0x80)
        text_add_char(d->out, 0xdc00 + byte_at(d, n++));
    d->at += n;
    return n > 0 || raise_first(d);
}

static bool pass_surrogate(struct decoder *d)
{
    unsigned size = d->codec->form == CODEC_UTF8 ? 3 : d->codec->form == CODEC_UTF16 ? 2 : 4;
    uint32_t c = 0;

    if (d->codec->form == CODEC_BYTE || d->codec->form == CODEC_CHARMAP || bytes_left(d) < size)
        return raise_first(d);
    if (size != 3)
        c = unit_at(d, 0, size);
    else if (byte_at(d, 0) == 0xed && (byte_at(d, 1) & 0xe0) == 0xa0 &&
             (byte_at(d, 2) & 0xc0) == 0x80)
        c = 0xd000 | (uint32_t)(byte_at(d, 1) & 0x3f) << 6 | (byte_at(d, 2) & 0x3f);
    if (!utf8_is_surrogate(c))
        return raise_first(d);
    text_add_char(d->out, c);
    d->at += size;
    return true;
}

/* False: the call has been answered. Otherwise the decoder is past what was wrong. */
static bool handle_error(struct decoder *d, const struct step *step)
{
    if (!d->reason) {
        d->reason = step->reason;
        d->first_start = d->at;
        d->first_end = d->at + step->len;
    }
    switch (codec_errors(d->errors)) {
    case CODEC_STRICT:
        return raise_first(d);
    case CODEC_IGNORE:
        break;
    case CODEC_REPLACE:
        text_add_char(d->out, 0xfffd);
        break;
    case CODEC_BACKSLASHREPLACE:
        for (size_t i = 0; i < step->len; i++)
            buffer_addf(d->out, "\\x%02x", byte_at(d, i));
        break;
    case CODEC_XMLCHARREFREPLACE:
    case CODEC_NAMEREPLACE:
        codec_raise(
            d->call, "decoding", d->encoding, "TypeError",
            SM_TUPLE(sm_str("don't know how to handle UnicodeDecodeError in error callback")));
        return false;
    case CODEC_SURROGATEESCAPE:
        return escape_bytes(d, step);
    case CODEC_SURROGATEPASS:
        return pass_surrogate(d);
    case CODEC_UNKNOWN:
        codec_raise_handler(d->call, "decoding", d->encoding, d->errors);
        return false;
    }
    d->at += step->len;
    return true;
}

/* A mark at the beginning tells the byte order; UTF-8's is cut off, and never seen again. */
static void take_mark(struct decoder *d)
{
    size_t size = d->codec->form == CODEC_UTF16 ? 2 : 4;

    if (!d->codec->mark)
        return;
    if (d->codec->form == CODEC_UTF8) {
        if (d->bytes.len >= 3 && memcmp(d->bytes.p, "\xef\xbb\xbf", 3) == 0)
            d->bytes = text_part(d->bytes, 3, d->bytes.len);
        return;
    }
    if (d->bytes.len >= size) {
        d->big = unit_at(d, 0, (unsigned)size) != 0xfeff;
        if (d->big && unit_at(d, 0, (unsigned)size) != 0xfeff)
            d->big = false;
        else
            d->at = size;
    }
    if (size == 2)
        d->name = d->big ? "utf-16-be" : "utf-16-le";
    else
        d->name = d->big ? "utf-32-be" : "utf-32-le";
}

static bool decode(struct decoder *d)
{
    take_mark(d);
    while (d->at < d->bytes.len) {
        struct step step = next_step(d);

        if (step.reason) {
            if (!handle_error(d, &step))
                return false;
            continue;
        }
        text_add_char(d->out, step.c);
        d->at += step.len;
    }
    return true;
}

void bytes_decode(struct object *self, struct call *call)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct decoder d = {.call = call, .out = &out};

    if (!codec_args(call, &d.encoding, &d.errors) || !text_self(self, call, &d.bytes))
        return;
    if (!d.bytes.len) {
        text_return_buffer(call, SM_KIND_STR, &out); /* Python does not look for the codec then */
        return;
    }
    d.codec = codec_find(call, d.encoding, "decode");
    if (!d.codec)
        return;
    d.name = d.codec->name;
    d.big = d.codec->big;
    if (decode(&d))
        text_return_buffer(call, SM_KIND_STR, &out);
}
