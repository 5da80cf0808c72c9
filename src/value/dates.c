/* SPDX-License-Identifier: MIT */
/*
 * What the datetime module pickles is a few bytes of fixed places: year (2), month, day, hour,
 * minute, second, microseconds (3), big-endian. The top bit of the month, or of a time's hour, is
 * the fold: which of two equal wall clock times is meant. It counts for nothing in comparisons.
 */
#include "value/dates.h"

#include <inttypes.h>
#include <stdlib.h>

#define FOLD 0x80
#define DATE_BYTES 4
#define TIME_BYTES 6

static const uint8_t *read_date(const uint8_t *p, struct moment *m)
{
    m->year = p[0] << 8 | p[1];
    m->month = p[2];
    m->day = p[3];
    return p + DATE_BYTES;
}

static void read_time(const uint8_t *p, struct moment *m)
{
    m->hour = p[0];
    m->minute = p[1];
    m->second = p[2];
    m->micro = p[3] << 16 | p[4] << 8 | p[5];
}

/* The byte that carries the fold, cleared of it. */
static void split_fold(int *part, struct moment *m)
{
    m->fold = *part & FOLD;
    *part &= ~FOLD;
}

static bool in_range(const struct moment *m, bool date)
{
    if (m->hour > 23 || m->minute > 59 || m->second > 59 || m->micro > 999999)
        return false;
    return !date || (m->year >= 1 && m->year <= 9999 && m->month >= 1 && m->month <= 12 &&
                     m->day >= 1 && m->day <= 31);
}

bool moment_read(enum known_class class, const struct sm_object *object, struct moment *ret)
{
    const struct sm_items *args = object->args.items;
    bool date = class != KNOWN_TIME;
    size_t size = (date ? DATE_BYTES : 0) + (class != KNOWN_DATE ? TIME_BYTES : 0);
    struct moment m = {.tz = sm_missing()};
    const uint8_t *p;

    if (args->len < 1 || args->len > (class == KNOWN_DATE ? 1 : 2) || object->steps_len ||
        args->item[0].kind != SM_KIND_BYTES || args->item[0].len != size)
        return false;
    p = args->item[0].bytes;
    if (date)
        p = read_date(p, &m);
    if (class != KNOWN_DATE) {
        read_time(p, &m);
        split_fold(date ? &m.month : &m.hour, &m);
    }
    if (args->len == 2)
        m.tz = args->item[1];
    if (!in_range(&m, date))
        return false;
    *ret = m;
    return true;
}

/* Days since 1 January of year 1, as if the calendar had always been Gregorian. */
static int64_t day_number(const struct moment *m)
{
    static const int before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int years = m->year - 1;
    bool leap = m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0);

    return (int64_t)years * 365 + years / 4 - years / 100 + years / 400 +
           before_month[m->month - 1] + (leap && m->month > 2) + m->day - 1;
}

int64_t moment_micros(const struct moment *m)
{
    int64_t days = m->year ? day_number(m) : 0;

    return (((days * 24 + m->hour) * 60 + m->minute) * 60 + m->second) * 1000000 + m->micro;
}

bool span_read(struct sm_value v, struct span *ret)
{
    const struct sm_items *args = value_made_by(v, "datetime", "timedelta");
    struct span span;

    if (!args || args->len != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (args->item[i].kind != SM_KIND_INT)
            return false;
    }
    if (args->item[0].integer > 999999999 || args->item[0].integer < -999999999 ||
        args->item[1].integer < 0 || args->item[1].integer >= 86400 || args->item[2].integer < 0 ||
        args->item[2].integer > 999999)
        return false;
    span = (struct span){
        .days = args->item[0].integer,
        .seconds = (int)args->item[1].integer,
        .micro = (int)args->item[2].integer,
    };
    *ret = span;
    return true;
}

bool span_of_timezone(struct sm_value v, struct span *ret)
{
    const struct sm_items *args = value_made_by(v, "datetime", "timezone");
    struct span span;

    if (!args || args->len < 1 || !span_read(args->item[0], &span) || span.days < -1 ||
        span.days > 0)
        return false;
    *ret = span;
    return true;
}

int64_t span_micros(const struct span *span)
{
    return (span->days * 86400 + span->seconds) * 1000000 + span->micro;
}

static void clock_str(struct buffer *out, const struct moment *m)
{
    buffer_addf(out, "%02d:%02d:%02d", m->hour, m->minute, m->second);
    if (m->micro)
        buffer_addf(out, ".%06d", m->micro);
}

void moment_str(struct buffer *out, enum known_class class, const struct moment *m)
{
    struct span offset;

    if (class != KNOWN_TIME)
        buffer_addf(out, "%04d-%02d-%02d", m->year, m->month, m->day);
    if (class == KNOWN_DATETIME)
        buffer_add_byte(out, ' ');
    if (class != KNOWN_DATE)
        clock_str(out, m);
    if (span_of_timezone(m->tz, &offset))
        span_offset_str(out, &offset);
}

void span_str(struct buffer *out, const struct span *span)
{
    if (span->days)
        buffer_addf(out, "%" PRId64 " day%s, ", span->days, llabs(span->days) == 1 ? "" : "s");
    buffer_addf(out, "%d:%02d:%02d", span->seconds / 3600, span->seconds / 60 % 60,
                span->seconds % 60);
    if (span->micro)
        buffer_addf(out, ".%06d", span->micro);
}

void span_offset_str(struct buffer *out, const struct span *span)
{
    int64_t micros = span_micros(span);
    int64_t size = llabs(micros);
    int seconds = (int)(size / 1000000);

    buffer_addf(out, "%c%02d:%02d", micros < 0 ? '-' : '+', seconds / 3600, seconds / 60 % 60);
    if (size % 60000000)
        buffer_addf(out, ":%02d", seconds % 60);
    if (size % 1000000)
        buffer_addf(out, ".%06d", (int)(size % 1000000));
}

void timezone_str(struct buffer *out, struct sm_value v)
{
    const struct sm_items *args = v.object->args.items;
    struct span offset;

    if (args->len > 1 && args->item[1].kind == SM_KIND_STR) {
        buffer_add(out, args->item[1].text, args->item[1].len);
        return;
    }
    buffer_add_str(out, "UTC");
    if (span_of_timezone(v, &offset) && span_micros(&offset))
        span_offset_str(out, &offset);
}
