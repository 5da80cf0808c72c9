/* SPDX-License-Identifier: MIT */
/*
 * Frames out of any bytes. A reader that gets only as many bytes as it was told to wait for must
 * come to the same frame as one that has all of them, and what is parsed is written as it was.
 */
#include "fuzz.h"

#include "wire/frame.h"

#define LONGEST 4096

/* Read as a reader does whose bytes come no faster than it asks for them. */
static int parse_slowly(const uint8_t *data, size_t len, struct frame *ret)
{
    size_t have = 0, need = 0;
    int r;

    while ((r = frame_parse(data, have, LONGEST, ret, &need)) == FRAME_MORE) {
        CHECK(need > have && need <= LONGEST + FRAME_HEADER_MAX);
        if (need > len)
            break;
        have = need;
    }
    return r;
}

static void check_written(const struct frame *frame)
{
    struct buffer out = {0};
    struct frame again;
    size_t need, mark = frame_begin(&out);

    buffer_add(&out, frame->payload, frame->len);
    frame_end(&out, mark);
    CHECK(frame_parse(out.data, out.len, LONGEST, &again, &need) == 0);
    CHECK(again.size == out.len && again.len == frame->len);
    CHECK(memcmp(again.payload, frame->payload, frame->len) == 0);
    buffer_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct frame frame, slow;
    size_t need;
    int r;

    do {
        r = frame_parse(data, len, LONGEST, &frame, &need);
        CHECK(parse_slowly(data, len, &slow) == r);
        if (r != 0)
            break;
        CHECK(slow.payload == frame.payload && slow.len == frame.len && slow.size == frame.size);
        CHECK(frame.size <= len);
        check_written(&frame);
        data += frame.size;
        len -= frame.size;
    } while (len);
    return 0;
}
