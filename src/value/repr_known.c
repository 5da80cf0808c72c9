/* SPDX-License-Identifier: MIT */
/*
 * repr() and str() of the standard library's classes that hold no other values: numbers, dates,
 * UUIDs, paths. Each printer looks at the whole recipe before it writes, and says whether it did.
 */
#include "value/repr_walk.h"

#include "value/dates.h"
#include "value/number.h"

#include <errno.h>
#include <math.h>

/* One part of a complex number: as repr(float), but for a whole number's ".0". */
static void complex_part(struct buffer *out, double part, size_t size, bool signed_part)
{
    size_t start = out->len;

    if (signed_part && (isnan(part) || !signbit(part)))
        buffer_add_byte(out, '+');
    repr_narrow_float(out, part, size);
    if (!out->failed && out->len - start > 2 && memcmp(out->data + out->len - 2, ".0", 2) == 0)
        out->len -= 2;
}

void repr_complex(struct buffer *out, double real, double imaginary, size_t size)
{
    if (real == 0 && !signbit(real)) {
        complex_part(out, imaginary, size, false);
        buffer_add_byte(out, 'j');
        return;
    }
    buffer_add_byte(out, '(');
    complex_part(out, real, size, false);
    complex_part(out, imaginary, size, true);
    buffer_add_str(out, "j)");
}

static int repr_python_complex(struct buffer *out, const struct sm_items *args)
{
    if (args->len != 2 || args->item[0].kind != SM_KIND_FLOAT ||
        args->item[1].kind != SM_KIND_FLOAT)
        return REPR_OPAQUE;
    repr_complex(out, args->item[0].number, args->item[1].number, sizeof(double));
    return 0;
}

/* A path's parts, or since 3.13 the path itself. */
static void add_path(struct buffer *out, const struct sm_items *args)
{
    bool slash = true;

    if (!args->len || args->item[0].kind != SM_KIND_STR)
        buffer_add_byte(out, '.');
    for (size_t i = 0; i < args->len && args->item[i].kind == SM_KIND_STR; i++) {
        const struct sm_value *part = &args->item[i];

        if (!slash)
            buffer_add_byte(out, '/');
        buffer_add(out, part->text, part->len);
        slash = part->len && part->text[part->len - 1] == '/';
    }
}

static bool uuid_str(struct buffer *out, const struct sm_object *object)
{
    struct sm_value number = value_attribute(object, "int");
    uint8_t bytes[16] = {0};

    if (number.kind == SM_KIND_INT && number.integer >= 0) {
        for (size_t i = 0; i < 8; i++)
            bytes[15 - i] = (uint8_t)((uint64_t)number.integer >> (8 * i));
    } else if (number.kind == SM_KIND_BIGINT && number.len <= 17) {
        for (size_t i = 0; i < number.len && i < 16; i++)
            bytes[15 - i] = number.bytes[i];
    } else {
        return false;
    }
    for (size_t i = 0; i < sizeof(bytes); i++)
        buffer_addf(out, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
    return true;
}

static int repr_span(struct repr *repr, struct sm_value v)
{
    const char *comma = "";
    struct span span;

    if (!span_read(v, &span))
        return REPR_OPAQUE;
    buffer_add_str(repr->out, "datetime.timedelta(");
    if (span.days) {
        buffer_addf(repr->out, "days=%lld", (long long)span.days);
        comma = ", ";
    }
    if (span.seconds) {
        buffer_addf(repr->out, "%sseconds=%d", comma, span.seconds);
        comma = ", ";
    }
    if (span.micro)
        buffer_addf(repr->out, "%smicroseconds=%d", comma, span.micro);
    else if (!*comma)
        buffer_add_byte(repr->out, '0');
    buffer_add_byte(repr->out, ')');
    return 0;
}

static int repr_timezone(struct repr *repr, struct sm_value v)
{
    struct span offset;
    int r;

    if (!span_of_timezone(v, &offset))
        return REPR_OPAQUE;
    if (v.object->args.items->len == 1 && span_micros(&offset) == 0) {
        buffer_add_str(repr->out, "datetime.timezone.utc");
        return 0;
    }
    buffer_add_str(repr->out, "datetime.timezone(");
    r = repr_items(repr, v.object->args.items->item, v.object->args.items->len, 1);
    buffer_add_byte(repr->out, ')');
    return r;
}

static int repr_moment(struct repr *repr, enum known_class class, const struct sm_object *object)
{
    struct moment m;
    int r = 0;

    if (!moment_read(class, object, &m))
        return REPR_OPAQUE;
    buffer_add_str(repr->out, class == KNOWN_DATE       ? "datetime.date("
                              : class == KNOWN_DATETIME ? "datetime.datetime("
                                                        : "datetime.time(");
    if (class != KNOWN_TIME)
        buffer_addf(repr->out, "%d, %d, %d", m.year, m.month, m.day);
    if (class != KNOWN_DATE)
        buffer_addf(repr->out, "%s%d, %d", class == KNOWN_DATETIME ? ", " : "", m.hour, m.minute);
    if (m.second || m.micro)
        buffer_addf(repr->out, ", %d", m.second);
    if (m.micro)
        buffer_addf(repr->out, ", %d", m.micro);
    if (m.fold)
        buffer_add_str(repr->out, ", fold=1");
    if (m.tz.kind != SM_KIND_MISSING) {
        buffer_add_str(repr->out, ", tzinfo=");
        r = repr_value(repr, m.tz);
    }
    buffer_add_byte(repr->out, ')');
    return r;
}

/* "1/2", as up to 3.11, or the two ints. */
static int add_fraction(struct buffer *out, const struct sm_items *args, const char *between)
{
    int r;

    if (args->len == 1 && args->item[0].kind == SM_KIND_STR) {
        const char *text = args->item[0].text;
        size_t len = args->item[0].len;
        const char *bar = len ? memchr(text, '/', len) : NULL;
        size_t num_len = bar ? (size_t)(bar - text) : len;

        buffer_add(out, text, num_len);
        buffer_add_str(out, between);
        buffer_add(out, bar ? bar + 1 : "1", bar ? len - num_len - 1 : 1);
        return 0;
    }
    if (args->len != 2 || !value_is_int(args->item[0]) || !value_is_int(args->item[1]))
        return REPR_OPAQUE;
    r = number_print_int(out, args->item[0]);
    buffer_add_str(out, between);
    return r < 0 ? r : number_print_int(out, args->item[1]);
}

static int repr_fraction(struct repr *repr, const struct sm_items *args)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r;

    r = add_fraction(&text, args, ", ");
    if (r != 0)
        return r;
    buffer_add_str(repr->out, "Fraction(");
    buffer_add(repr->out, text.data, text.len);
    buffer_add_byte(repr->out, ')');
    return text.failed ? -ENOMEM : 0;
}

/* A denominator of one is not shown. */
static int str_fraction(struct repr *repr, const struct sm_items *args)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    int r;

    r = add_fraction(&text, args, "/");
    if (r != 0)
        return r;
    if (text.len > 2 && memcmp(text.data + text.len - 2, "/1", 2) == 0)
        text.len -= 2;
    buffer_add(repr->out, text.data, text.len);
    return text.failed ? -ENOMEM : 0;
}

/* str() of the classes whose repr() has that in quotes. */
static int str_quoted(struct buffer *out, enum known_class class, const struct sm_object *object)
{
    const struct sm_items *args = object->args.items;

    switch (class) {
    case KNOWN_DECIMAL:
        if (args->len != 1 || args->item[0].kind != SM_KIND_STR)
            return REPR_OPAQUE;
        buffer_add(out, args->item[0].text, args->item[0].len);
        return 0;
    case KNOWN_PATH:
        add_path(out, args);
        return 0;
    default:
        return uuid_str(out, object) ? 0 : REPR_OPAQUE;
    }
}

static int repr_quoted(struct repr *repr, enum known_class class, const struct sm_object *object)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    struct sm_value name = value_last_name(object->callable.global);
    struct sm_value quoted;
    struct sm_items args = {.item = &quoted, .len = 1};
    int r;

    r = str_quoted(&text, class, object);
    if (r == 0 && text.failed)
        r = -ENOMEM;
    if (r != 0)
        return r;
    quoted = sm_strn((const char *)text.data, text.len);
    return repr_call(repr, name, &args);
}

/* The step is not shown when it is 1. */
static int repr_range(struct repr *repr, const struct sm_object *object)
{
    struct sm_items args = *object->args.items;

    if (args.len == 3 && args.item[2].kind == SM_KIND_INT && args.item[2].integer == 1)
        args.len = 2;
    return repr_call(repr, sm_str("range"), &args);
}

int repr_known(struct repr *repr, enum known_class class, struct sm_value v)
{
    const struct sm_items *args = v.object->args.items;

    switch (class) {
    case KNOWN_COMPLEX:
        return repr_python_complex(repr->out, args);
    case KNOWN_DATE:
    case KNOWN_DATETIME:
    case KNOWN_TIME:
        return repr_moment(repr, class, v.object);
    case KNOWN_DECIMAL:
    case KNOWN_PATH:
    case KNOWN_UUID:
        return repr_quoted(repr, class, v.object);
    case KNOWN_FRACTION:
        return repr_fraction(repr, args);
    case KNOWN_NUMPY:
        return repr_numpy(repr, v);
    case KNOWN_RANGE:
        return repr_range(repr, v.object);
    case KNOWN_SLICE:
        return repr_call(repr, sm_str("slice"), args);
    case KNOWN_TIMEDELTA:
        return repr_span(repr, v);
    case KNOWN_TIMEZONE:
        return repr_timezone(repr, v);
    default:
        return REPR_OPAQUE;
    }
}

/* OSError and those that it turns into by its number. */
static bool is_os_error(struct sm_value callable)
{
    static const char *const names[] = {
        "BlockingIOError",
        "BrokenPipeError",
        "ChildProcessError",
        "ConnectionAbortedError",
        "ConnectionError",
        "FileExistsError",
        "FileNotFoundError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "InterruptedError",
        "IsADirectoryError",
        "NotADirectoryError",
        "OSError",
        "PermissionError",
        "ProcessLookupError",
        "TimeoutError",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (value_is_global(callable, "builtins", names[i]))
            return true;
    }
    return false;
}

/* [Errno 2] No such file or directory: 'name' */
static int str_os_error(struct repr *repr, const struct sm_items *args)
{
    int r;

    buffer_add_str(repr->out, "[Errno ");
    r = repr_str(repr, args->item[0]);
    buffer_add_str(repr->out, "] ");
    if (r == 0)
        r = repr_str(repr, args->item[1]);
    if (r == 0 && args->len > 2) {
        buffer_add_str(repr->out, ": ");
        r = repr_value(repr, args->item[2]);
    }
    return r;
}

static int str_exception(struct repr *repr, const struct sm_object *object)
{
    const struct sm_items *args = object->args.items;

    if (is_os_error(object->callable) && (args->len == 2 || args->len == 3))
        return str_os_error(repr, args);
    if (args->len == 1 && value_is_global(object->callable, "builtins", "KeyError"))
        return repr_value(repr, args->item[0]);
    if (args->len == 1)
        return repr_str(repr, args->item[0]);
    return args->len ? repr_value(repr, object->args) : 0;
}

int repr_known_str(struct repr *repr, struct sm_value v)
{
    enum known_class class = value_known_class(v);
    struct moment moment;
    struct span span;

    switch (class) {
    case KNOWN_DATE:
    case KNOWN_DATETIME:
    case KNOWN_TIME:
        if (!moment_read(class, v.object, &moment))
            return REPR_OPAQUE;
        moment_str(repr->out, class, &moment);
        return 0;
    case KNOWN_DECIMAL:
    case KNOWN_PATH:
    case KNOWN_UUID:
        return str_quoted(repr->out, class, v.object);
    case KNOWN_FRACTION:
        return str_fraction(repr, v.object->args.items);
    case KNOWN_NUMPY:
        return str_numpy(repr, v);
    case KNOWN_TIMEDELTA:
        if (!span_read(v, &span))
            return REPR_OPAQUE;
        span_str(repr->out, &span);
        return 0;
    case KNOWN_TIMEZONE:
        if (!span_of_timezone(v, &span))
            return REPR_OPAQUE;
        timezone_str(repr->out, v);
        return 0;
    case KNOWN_USER_STRING:
        return repr_str(repr, value_attribute(v.object, "data"));
    default:
        return value_is_exception(v) ? str_exception(repr, v.object) : REPR_OPAQUE;
    }
}
