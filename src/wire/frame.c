/* SPDX-License-Identifier: MIT */
/*
 * Framing of multiprocessing.connection: a signed length of four bytes, big-endian, then the
 * payload. A payload that does not fit is announced by -1 and has its length in eight bytes more,
 * a form that readers accept for short payloads too.
 *
 * Writers do not know a payload's length beforehand, so a header of four bytes is left open and
 * filled in at the end; the one payload in a lifetime that is longer than 2 GiB is moved.
 */
#include "wire/frame.h"

#include <errno.h>

#define SHORT_HEADER 4
#define SHORT_MAX UINT64_C(0x7fffffff)
#define LONG_FORM UINT32_C(0xffffffff)

/* A mark of a frame that was begun after memory had run out: there is nothing to end or cancel. */
#define NO_MARK SIZE_MAX

static uint64_t read_big_endian(const uint8_t *data, size_t n)
{
    uint64_t number = 0;

    for (size_t i = 0; i < n; i++)
        number = number << 8 | data[i];
    return number;
}

static void write_short(uint8_t *data, uint64_t number)
{
    data[0] = (uint8_t)(number >> 24);
    data[1] = (uint8_t)(number >> 16);
    data[2] = (uint8_t)(number >> 8);
    data[3] = (uint8_t)number;
}

static void write_big_endian(uint8_t *data, size_t n, uint64_t number)
{
    for (size_t i = n; i-- > 0; number >>= 8)
        data[i] = (uint8_t)number;
}

static uint64_t read_short(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

int frame_parse(const uint8_t *data, size_t len, size_t max, struct frame *ret, size_t *ret_need)
{
    size_t header = SHORT_HEADER;
    uint64_t payload;

    if (len < header) {
        *ret_need = header;
        return FRAME_MORE;
    }
    payload = read_short(data);
    if (payload == LONG_FORM) {
        header = FRAME_HEADER_MAX;
        if (len < header) {
            *ret_need = header;
            return FRAME_MORE;
        }
        payload = read_big_endian(data + SHORT_HEADER, FRAME_HEADER_MAX - SHORT_HEADER);
    } else if (payload > SHORT_MAX) {
        return -EPROTO;
    }
    if (payload > max || payload > SIZE_MAX - FRAME_HEADER_MAX)
        return -EMSGSIZE;
    if (len - header < payload) {
        *ret_need = header + (size_t)payload;
        return FRAME_MORE;
    }
    *ret = (struct frame){
        .payload = data + header,
        .len = (size_t)payload,
        .size = header + (size_t)payload,
    };
    return 0;
}

size_t frame_header(uint64_t payload, uint8_t ret[static FRAME_HEADER_MAX])
{
    if (payload <= SHORT_MAX) {
        write_short(ret, payload);
        return SHORT_HEADER;
    }
    write_big_endian(ret, SHORT_HEADER, LONG_FORM);
    write_big_endian(ret + SHORT_HEADER, FRAME_HEADER_MAX - SHORT_HEADER, payload);
    return FRAME_HEADER_MAX;
}

size_t frame_begin(struct buffer *out)
{
    size_t mark = out->failed ? NO_MARK : out->len;

    buffer_add(out, (const uint8_t[SHORT_HEADER]){0}, SHORT_HEADER);
    return mark;
}

void frame_end(struct buffer *out, size_t mark)
{
    frame_end_before(out, mark, 0);
}

void frame_end_before(struct buffer *out, size_t mark, size_t more)
{
    uint8_t header[FRAME_HEADER_MAX];
    size_t payload, size;

    if (out->failed)
        return;
    payload = out->len - mark - SHORT_HEADER;
    if (payload + more <= SHORT_MAX) {
        write_short(out->data + mark, payload + more);
        return;
    }
    size = frame_header(payload + more, header);
    if (size > SHORT_HEADER) {
        if (buffer_reserve(out, size - SHORT_HEADER) < 0)
            return;
        memmove(out->data + mark + size, out->data + mark + SHORT_HEADER, payload);
        out->len += size - SHORT_HEADER;
    }
    memcpy(out->data + mark, header, size);
}

void frame_cancel(struct buffer *out, size_t mark)
{
    if (mark == NO_MARK)
        return;
    out->len = mark;
    out->failed = false;
}

void frame_add(struct buffer *out, const void *payload, size_t len)
{
    uint8_t header[FRAME_HEADER_MAX];

    buffer_add(out, header, frame_header(len, header));
    buffer_add(out, payload, len);
}
