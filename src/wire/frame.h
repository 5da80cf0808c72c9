/* SPDX-License-Identifier: MIT */
/* Messages as they stand on the wire: a length, then the payload. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/buffer.h"

/* The longest header: a marker of four bytes, a length of eight. */
#define FRAME_HEADER_MAX 12

struct frame {
    const uint8_t *payload; /* borrowed: a part of what was parsed */
    size_t len;
    size_t size; /* header and payload */
};

/* frame_parse: the frame is not all there yet. */
enum { FRAME_MORE = 1 };

/* What frame_begin() leaves free before the payload. */
#define FRAME_ROOM 4

/*
 * Look at the frame that begins at `data`.
 *
 * @param max       the longest payload to accept
 * @param ret       the frame, when 0 is returned
 * @param ret_need  how many bytes to have before trying again, when FRAME_MORE is returned; never
 *                  more than `max` and a header, so a reader may make room for it
 *
 * @return 0, FRAME_MORE, -EPROTO for a length that no peer sends, -EMSGSIZE for one above `max`
 */
int frame_parse(const uint8_t *data, size_t len, size_t max, struct frame *ret, size_t *ret_need);

/* Write the header of a payload of this length. Returns the header's own length. */
size_t frame_header(uint64_t payload, uint8_t ret[static FRAME_HEADER_MAX]);

/*
 * Write a frame whose length is known only once its payload has been appended. What frame_begin
 * returns goes to one of the other two. frame_end may move the payload. frame_cancel takes the
 * frame back, and with it the failure of `out`, if the frame is where memory ran out.
 */
size_t frame_begin(struct buffer *out);
void frame_end(struct buffer *out, size_t mark);

/* The same of a frame that has `more` bytes elsewhere, which are sent behind these. */
void frame_end_before(struct buffer *out, size_t mark, size_t more);
void frame_cancel(struct buffer *out, size_t mark);

/* A whole frame at once. */
void frame_add(struct buffer *out, const void *payload, size_t len);

#endif
