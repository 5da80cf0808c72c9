/* SPDX-License-Identifier: MIT */
/*
 * format(value, spec) for what needs no Python: str, int, float, bool, complex, and the empty
 * specifier for None and containers. A specifier is taken apart first, with the errors of the
 * caller's version; then each kind of value looks at what it has no use for.
 *
 * No text is made that is longer than LIMIT_RESULT, whatever the width and precision.
 */
#include "scalar/format.h"

#include "object/answer.h"
#include "object/dispatch.h"
#include "value/known.h"
#include "value/number.h"
#include "value/repr.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unictype.h>

void format_refuse(struct call *call)
{
    if (call_needs_python(call))
        return;
    call_raise(call, "NotImplementedError",
               "str.%s() of this value is up to Python code, which this manager does not run; "
               "get the str with _getvalue() and format it where you are",
               call->method->name);
}

bool format_complex_parts(struct sm_value v, double *ret_real, double *ret_imag)
{
    const struct sm_items *parts = value_made_by(v, "builtins", "complex");

    if (!parts || parts->len != 2 || parts->item[0].kind != SM_KIND_FLOAT ||
        parts->item[1].kind != SM_KIND_FLOAT)
        return false;
    *ret_real = parts->item[0].number;
    *ret_imag = parts->item[1].number;
    return true;
}

bool format_needs_python(struct sm_value v)
{
    double real, imag;

    return (v.kind == SM_KIND_OBJECT || v.kind == SM_KIND_GLOBAL) &&
           !format_complex_parts(v, &real, &imag);
}

const char *format_char(uint32_t c, char ret[FORMAT_CHAR_SIZE])
{
    snprintf(ret, FORMAT_CHAR_SIZE, c > 32 && c < 128 ? "%c" : "\\x%x", (unsigned)c);
    return ret;
}

int64_t format_digits(struct call *call, struct text t, size_t *at, int64_t *ret)
{
    int64_t n = 0, number = 0;

    for (; *at < t.len; n++) {
        size_t next = *at;
        int digit = uc_decimal_value(text_next(t, &next));

        if (digit < 0)
            break;
        if (number > (INT64_MAX - digit) / 10) {
            call_raise(call, "ValueError", "Too many decimal digits in format string");
            return -1;
        }
        number = number * 10 + digit;
        *at = next;
    }
    if (n)
        *ret = number;
    return n;
}

/* A specifier that is being taken apart. */
struct spec {
    struct call *call;
    struct sm_value v; /* to be formatted */
    struct text text;
    size_t at;
};

static bool fail(const struct spec *s, const char *message)
{
    call_raise(s->call, "ValueError", "%s", message);
    return false;
}

/* Whether one of these characters is next, which is taken then. */
static bool take_one(struct spec *s, const char *of, char *ret)
{
    char c = s->at < s->text.len ? s->text.p[s->at] : '\0';

    if (!c || !strchr(of, c))
        return false;
    s->at++;
    *ret = c;
    return true;
}

static void take_align(struct spec *s, struct format *f, bool *ret_filled)
{
    size_t behind = 0;
    struct spec then = *s;

    *ret_filled = false;
    if (s->text.len) {
        f->fill = text_next(s->text, &behind);
        then.at = behind;
        *ret_filled = take_one(&then, "<>=^", &f->align);
    }
    if (*ret_filled)
        *s = then;
    else
        f->fill = ' ';
    f->aligned = *ret_filled || take_one(s, "<>=^", &f->align);
}

#define ZERO_ALIGNS_NUMBERS 10 /* only: '05' of a str was an error before */

static bool take_grouping(struct spec *s, char *ret)
{
    const char *both = s->call->python < 9 ? ",_" : "_";
    char more;

    if (take_one(s, ",", ret) && take_one(s, both, &more))
        return fail(s, "Cannot specify both ',' and '_'.");
    if (*ret == ',')
        return true;
    if (take_one(s, "_", ret) && take_one(s, ",", &more))
        return fail(s, "Cannot specify both ',' and '_'.");
    return true;
}

#define GROUPS_DECIMALS 14

static bool take_precision(struct spec *s, struct format *f)
{
    int64_t n;
    char point;

    if (!take_one(s, ".", &point))
        return true;
    n = format_digits(s->call, s->text, &s->at, &f->precision);
    if (n < 0)
        return false;
    if (s->call->python >= GROUPS_DECIMALS && !take_grouping(s, &f->decimals))
        return false;
    return n || f->decimals ? true : fail(s, "Format specifier missing precision");
}

/* What is left is the type, of one character. */
static bool take_type(struct spec *s, struct format *f)
{
    size_t from = s->at;

    if (s->at < s->text.len)
        f->type = text_next(s->text, &s->at);
    if (s->at == s->text.len)
        return true;
    s->at = from;
    if (s->call->python < 11)
        return fail(s, "Invalid format specifier");
    call_raise(s->call, "ValueError", "Invalid format specifier '%.*s' for object of type '%s'",
               (int)MIN(s->text.len, INT_MAX), s->text.p, call_type_name(s->call, s->v));
    return false;
}

/* Commas go with decimal numbers alone, underscores with all but 'c' and 'n'. */
static bool check_grouping(struct spec *s, const struct format *f)
{
    const char *with = f->grouping == '_' ? "deEfFgG%boxX" : "deEfFgG%";
    bool fits = !f->grouping || !f->type || (f->type < 128 && strchr(with, (int)f->type));
    char c[FORMAT_CHAR_SIZE];

    if (fits && !(f->decimals && f->type == 'n'))
        return true;
    call_raise(s->call, "ValueError", "Cannot specify '%c' with '%s'.",
               fits ? f->decimals : f->grouping, format_char(f->type, c));
    return false;
}

/* `type`: what stands for a missing one; `right`: numbers stand there. */
static bool take_apart(struct spec *s, uint32_t type, bool right, struct format *ret)
{
    struct format f = {.align = right ? '>' : '<', .width = -1, .precision = -1};
    bool filled;
    char c;

    take_align(s, &f, &filled);
    take_one(s, "+- ", &f.sign);
    f.no_negative_zero = s->call->python >= 11 && take_one(s, "z", &c);
    f.alternate = take_one(s, "#", &c);
    if (!filled && take_one(s, "0", &c)) {
        f.fill = '0';
        if (!f.aligned && (right || s->call->python < ZERO_ALIGNS_NUMBERS)) {
            f.align = '=';
            f.aligned = true;
        }
    }
    if (format_digits(s->call, s->text, &s->at, &f.width) < 0 || !take_grouping(s, &f.grouping) ||
        !take_precision(s, &f) || !take_type(s, &f))
        return false;
    f.type = f.type ? f.type : type;
    *ret = f;
    return check_grouping(s, &f);
}

bool format_unknown(struct call *call, struct sm_value v, const struct format *f)
{
    char c[FORMAT_CHAR_SIZE];

    call_raise(call, "ValueError", "Unknown format code '%s' for object of type '%s'",
               format_char(f->type, c), call_type_name(call, v));
    return false;
}

/* Make sure that so many fill characters and bytes may be added. */
static bool affordable(struct call *call, const struct buffer *out, size_t fill, size_t bytes)
{
    return text_affordable(call, fill) && text_affordable(call, bytes) &&
           text_affordable(call, out->len + fill * 4 + bytes);
}

static void add_fill(struct buffer *out, uint32_t fill, size_t n)
{
    struct buffer one CLEANUP(buffer_deinit) = {0};

    text_add_char(&one, fill);
    out->failed |= one.failed;
    buffer_add_times(out, one.data, one.len, n);
}

/* How many fill characters go to the left, of so many. */
static size_t left_part(const struct format *f, size_t n)
{
    return f->align == '>' ? n : f->align == '^' ? n / 2 : 0;
}

static size_t missing(const struct format *f, size_t have)
{
    return f->width > 0 && (size_t)f->width > have ? (size_t)f->width - have : 0;
}

bool format_padded(struct call *call, struct text t, const struct format *f, struct buffer *out)
{
    size_t n = missing(f, text_length(t)), left = left_part(f, n);

    if (!affordable(call, out, n, t.len))
        return false;
    add_fill(out, f->fill, left);
    buffer_add(out, t.p, t.len);
    add_fill(out, f->fill, n - left);
    return true;
}

/* Digits in a group, of each kind of number. */
static size_t group_size(const struct format *f)
{
    return f->type == 'b' || f->type == 'o' || f->type == 'x' || f->type == 'X' ? 4 : 3;
}

/* Zeros and digits, grouped from the right. */
static void add_grouped(struct buffer *out, struct text digits, size_t zeros, char grouping,
                        size_t group)
{
    size_t len = zeros + digits.len;

    for (size_t i = 0; i < len; i++) {
        if (grouping && i && (len - i) % group == 0)
            buffer_add_byte(out, (uint8_t)grouping);
        buffer_add_byte(out, i < zeros ? '0' : (uint8_t)digits.p[i - zeros]);
    }
}

/* The same of what is behind a point, from the left. */
static void add_decimals(struct buffer *out, struct text digits, char grouping)
{
    for (size_t i = 0; i < digits.len; i++) {
        if (grouping && i && i % 3 == 0)
            buffer_add_byte(out, (uint8_t)grouping);
        buffer_add_byte(out, (uint8_t)digits.p[i]);
    }
}

static size_t separators(size_t digits, char grouping, size_t group)
{
    return grouping && digits ? (digits - 1) / group : 0;
}

/* How many zeros lengthen grouped digits to a width: a separator never stands first. */
static size_t leading_zeros(size_t digits, size_t width, char grouping, size_t group)
{
    size_t n = digits;

    if (digits + separators(digits, grouping, group) >= width)
        return 0;
    if (!grouping)
        return width - digits;
    n = width / (group + 1) * group + MAX(width % (group + 1), 1);
    return n > digits ? n - digits : 0;
}

bool format_number(struct call *call, const struct number_text *number, const struct format *f,
                   struct buffer *out)
{
    size_t group = group_size(f), decimals = number->decimals.len;
    size_t around = (number->sign != 0) + number->prefix.len + number->has_point + decimals +
                    separators(decimals, f->decimals, 3) + number->rest.len;
    size_t zeros = 0, n, left;

    if (f->fill == '0' && f->align == '=' && number->digits.len && f->width > 0 &&
        (size_t)f->width > around) {
        if (!text_affordable(call, (size_t)f->width))
            return false;
        zeros = leading_zeros(number->digits.len, (size_t)f->width - around, f->grouping, group);
    }
    n = zeros + number->digits.len;
    n += separators(n, f->grouping, group) + around;
    if (!affordable(call, out, missing(f, n), n))
        return false;
    left = left_part(f, missing(f, n));
    add_fill(out, f->fill, left);
    if (number->sign)
        buffer_add_byte(out, (uint8_t)number->sign);
    buffer_add(out, number->prefix.p, number->prefix.len);
    if (f->align == '=')
        add_fill(out, f->fill, missing(f, n));
    add_grouped(out, number->digits, zeros, f->grouping, group);
    if (number->has_point)
        buffer_add_byte(out, '.');
    add_decimals(out, number->decimals, f->decimals);
    buffer_add(out, number->rest.p, number->rest.len);
    if (f->align != '=')
        add_fill(out, f->fill, missing(f, n) - left);
    return true;
}

static bool format_str(struct call *call, struct sm_value v, const struct format *f,
                       struct buffer *out)
{
    struct text t = {.p = v.text, .len = v.len, .kind = SM_KIND_STR};
    const char *what = NULL;

    if (f->type != 's')
        return format_unknown(call, v, f);
    if (f->sign)
        what = f->sign == ' ' && call->python >= 9 ? "Space not allowed" : "Sign not allowed";
    else if (f->no_negative_zero)
        what = "Negative zero coercion (z) not allowed";
    else if (f->alternate)
        what = "Alternate form (#) not allowed";
    else if (f->align == '=')
        what = "'=' alignment not allowed";
    if (what) {
        call_raise(call, "ValueError", "%s in string format specifier", what);
        return false;
    }
    if (f->precision >= 0)
        t.len = text_offset(t, (size_t)f->precision);
    return format_padded(call, t, f, out);
}

/* str(v), which an empty specifier gives of everything. */
static bool format_plainly(struct call *call, struct sm_value v, struct buffer *out)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};
    struct repr_row row;
    int r;

    repr_row_init(&row, &text, call->python);
    r = repr_row_add_str(&row, v, call->tree->message_len);
    if (r < 0) {
        call_raise_errno(call, r);
        return false;
    }
    if (!text_affordable(call, out->len + text.len))
        return false;
    buffer_add(out, text.data, text.len);
    return true;
}

bool format_value(struct call *call, struct sm_value v, struct text spec, struct buffer *out)
{
    struct spec s = {.call = call, .v = v, .text = spec};
    bool is_int = value_is_int(v);
    struct format f;

    if (format_needs_python(v)) {
        format_refuse(call);
        return false;
    }
    if (!spec.len)
        return format_plainly(call, v, out);
    if (is_int)
        return take_apart(&s, 'd', true, &f) && format_int(call, v, &f, out);
    if (v.kind == SM_KIND_FLOAT)
        return take_apart(&s, 0, true, &f) && format_float(call, v, &f, out);
    if (v.kind == SM_KIND_OBJECT)
        return take_apart(&s, 0, true, &f) && format_complex(call, v, &f, out);
    if (v.kind == SM_KIND_STR)
        return take_apart(&s, 's', false, &f) && format_str(call, v, &f, out);
    call_raise(call, "TypeError", "unsupported format string passed to %s.__format__",
               call_type_name(call, v));
    return false;
}
