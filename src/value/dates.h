/* SPDX-License-Identifier: MIT */
/* date, time, datetime, timedelta and timezone, from the bytes that their pickles carry. */
#ifndef VALUE_DATES_H
#define VALUE_DATES_H

#include "base/buffer.h"
#include "value/known.h"

struct moment {
    int year, month, day; /* 0 in a time */
    int hour, minute, second, micro;
    bool fold;
    struct sm_value tz; /* missing: none */
};

/* A date, time or datetime, as `class` says; false when the recipe is not what Python makes. */
bool moment_read(enum known_class class, const struct sm_object *object, struct moment *ret);

/* Microseconds since the beginning of year 1, or of the day, regardless of its time zone. */
int64_t moment_micros(const struct moment *m);

struct span {
    int64_t days;
    int seconds, micro; /* within a day and a second, as Python normalises them */
};

/* A timedelta, or the offset of a timezone of fixed offset. */
bool span_read(struct sm_value v, struct span *ret);
bool span_of_timezone(struct sm_value v, struct span *ret);

int64_t span_micros(const struct span *span); /* of less than a day */

/* Append str(). */
void moment_str(struct buffer *out, enum known_class class, const struct moment *m);
void span_str(struct buffer *out, const struct span *span);
void timezone_str(struct buffer *out, struct sm_value v);

/* Append "+01:00", with seconds and microseconds where there are any. */
void span_offset_str(struct buffer *out, const struct span *span);

#endif
