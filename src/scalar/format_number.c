/* SPDX-License-Identifier: MIT */
/*
 * format() of numbers. The digits of floats are printf()'s, which are exact to the last whatever
 * the precision, and where no precision is given those of repr(). Past the last digit that a float
 * can have there are only zeros.
 */
#include "scalar/format.h"

#include "object/answer.h"
#include "value/number.h"
#include "value/repr.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* No float has more digits behind the point, or at all. */
#define FLOAT_DIGITS_MAX 1100

static struct text part_of(const char *p, size_t len)
{
    return (struct text){.p = p, .len = len, .kind = SM_KIND_STR};
}

static char sign_of(bool negative, const struct format *f)
{
    return negative ? '-' : f->sign == '+' || f->sign == ' ' ? f->sign : '\0';
}

static bool refuse(struct call *call, const char *what, const char *where)
{
    call_raise(call, "ValueError", "%s %s", what, where);
    return false;
}

/* chr(v), padded as a number without digits. */
static bool format_character(struct call *call, struct sm_value v, const struct format *f,
                             struct buffer *out)
{
    struct buffer c CLEANUP(buffer_deinit) = {0};
    struct number_text number = {0};
    int64_t code = v.kind == SM_KIND_BOOL ? v.boolean : v.integer;
    static const char where[] = "not allowed with integer format specifier 'c'";
    struct format padded = *f;

    if (f->sign)
        return refuse(call, "Sign", where);
    if (f->alternate)
        return refuse(call, "Alternate form (#)", where);
    if (v.kind == SM_KIND_BIGINT || code < 0 || code > 0x10ffff) {
        call_raise(call, "OverflowError",
                   v.kind == SM_KIND_BIGINT ? "Python int too large to convert to C long"
                                            : "%%c arg not in range(0x110000)");
        return false;
    }
    text_add_char(&c, (uint32_t)code);
    out->failed |= c.failed;
    number.rest = part_of((const char *)c.data, c.len);
    padded.width = f->width > 0 ? f->width + (int64_t)c.len - 1 : f->width; /* in characters */
    return format_number(call, &number, &padded, out);
}

static bool is_negative(struct sm_value v)
{
    return v.kind == SM_KIND_BIGINT ? v.bytes[v.len - 1] & 0x80
                                    : v.kind == SM_KIND_INT && v.integer < 0;
}

static int print_digits(struct buffer *digits, struct sm_value v, uint32_t type)
{
    unsigned bits = type == 'b' ? 1 : type == 'o' ? 3 : 4;

    if (type == 'b' || type == 'o' || type == 'x' || type == 'X')
        return number_print_bits(digits, v, bits, type == 'X');
    return number_print_int(digits, v.kind == SM_KIND_BOOL ? sm_int(v.boolean) : v);
}

static bool format_integer(struct call *call, struct sm_value v, const struct format *f,
                           struct buffer *out)
{
    struct buffer digits CLEANUP(buffer_deinit) = {0};
    char prefix[] = {'0', (char)f->type};
    struct number_text number = {.sign = sign_of(is_negative(v), f)};
    int r = print_digits(&digits, v, f->type);
    size_t skip;

    if (r < 0 || digits.failed) {
        call_raise_errno(call, r < 0 ? r : -ENOMEM);
        return false;
    }
    skip = digits.data[0] == '-';
    number.digits = part_of((const char *)digits.data + skip, digits.len - skip);
    if (f->alternate && f->type != 'd' && f->type != 'n')
        number.prefix = part_of(prefix, sizeof(prefix));
    return format_number(call, &number, f, out);
}

bool format_int(struct call *call, struct sm_value v, const struct format *f, struct buffer *out)
{
    static const char where[] = "not allowed in integer format specifier";
    double number;

    if (f->type < 128 && strchr("eEfFgG%", (int)f->type)) {
        number = number_to_double(v);
        if (isinf(number)) {
            call_raise(call, "OverflowError", "int too large to convert to float");
            return false;
        }
        return format_float(call, sm_float(number), f, out);
    }
    if (f->type >= 128 || !strchr("bcdoxXn", (int)f->type))
        return format_unknown(call, v, f);
    if (f->precision >= 0)
        return refuse(call, "Precision", where);
    if (f->no_negative_zero)
        return refuse(call, "Negative zero coercion (z)", where);
    return f->type == 'c' ? format_character(call, v, f, out) : format_integer(call, v, f, out);
}

/*
 * printf() in form 'e' or 'f'. Past FLOAT_DIGITS_MAX it would have zeros, which stand before the
 * exponent.
 */
static void print_precisely(struct buffer *out, double number, char type, int64_t precision,
                            bool alternate)
{
    const char *format =
        type == 'e' ? (alternate ? "%#.*e" : "%.*e") : (alternate ? "%#.*f" : "%.*f");
    int used = (int)MIN(precision, FLOAT_DIGITS_MAX);
    char text[2 * FLOAT_DIGITS_MAX];
    size_t len = (size_t)snprintf(text, sizeof(text), format, used, number);
    size_t exponent = strcspn(text, "e");

    buffer_add(out, text, exponent);
    buffer_add_times(out, "0", 1, (size_t)(precision - used));
    buffer_add(out, text + exponent, len - exponent);
}

/* Drop zeros at the end of what is behind the point, but for so many digits. */
static void strip_zeros(struct buffer *out, size_t least)
{
    char *text = (char *)out->data, *end = text + out->len;
    char *exponent = memchr(text, 'e', out->len), *point = memchr(text, '.', out->len);
    char *last = exponent ? exponent : end;

    if (!point)
        return;
    while (last > point + 1 + least && last[-1] == '0')
        last--;
    last -= last == point + 1;
    memmove(last, exponent ? exponent : end, exponent ? (size_t)(end - exponent) : 0);
    out->len -= (size_t)((exponent ? exponent : end) - last);
}

/*
 * Form 'g', of so many digits in all, which printf() gets wrong where an alternate one rounds up to
 * a power of ten. Without a letter there is a digit behind the point where there is no exponent, so
 * that it does not look like an int, and an exponent one place sooner for that.
 */
static void print_general(struct buffer *out, double number, const struct format *f)
{
    int64_t precision = f->precision < 0 ? 6 : MAX(f->precision, 1);
    size_t least = f->type ? 0 : 1;
    char text[2 * FLOAT_DIGITS_MAX];
    int64_t exponent;
    bool has_exponent;

    snprintf(text, sizeof(text), "%.*e", (int)MIN(precision - 1, FLOAT_DIGITS_MAX), number);
    exponent = atoi(strchr(text, 'e') + 1);
    has_exponent = exponent < -4 || exponent >= precision - (int64_t)least;
    if (has_exponent)
        print_precisely(out, number, 'e', precision - 1, f->alternate);
    else
        print_precisely(out, number, 'f', precision - 1 - exponent, f->alternate);
    if (!f->alternate && !out->failed)
        strip_zeros(out, has_exponent ? 0 : least);
}

/* The type of complex numbers without one: the shortest digits, without the ".0" of a float. */
#define SHORTEST 'r'

/* The shortest digits, with a point in any case where the form is the alternate one. */
static void print_shortest(struct buffer *out, double number, const struct format *f)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};
    size_t exponent;

    repr_float(&text, number);
    if (f->type == SHORTEST && text.len > 2 && memcmp(text.data + text.len - 2, ".0", 2) == 0)
        text.len -= 2;
    buffer_add_byte(&text, '\0');
    out->failed |= text.failed;
    if (text.failed)
        return;
    exponent = strcspn((char *)text.data, "e");
    buffer_add(out, text.data, exponent);
    if (f->alternate && !memchr(text.data, '.', exponent))
        buffer_add_byte(out, '.');
    buffer_add(out, text.data + exponent, text.len - 1 - exponent);
}

/* The digits of a number that is not negative. */
static void print_float(struct buffer *out, double number, const struct format *f)
{
    int64_t precision = f->precision < 0 ? 6 : f->precision;
    char type = (char)f->type;

    if (!isfinite(number))
        buffer_add_str(out, isnan(number) ? "nan" : "inf");
    else if ((!type && f->precision < 0) || type == SHORTEST)
        print_shortest(out, number, f);
    else if (type == 'e' || type == 'E')
        print_precisely(out, number, 'e', precision, f->alternate);
    else if (type == 'f' || type == 'F' || type == '%')
        print_precisely(out, number, 'f', precision, f->alternate);
    else
        print_general(out, number, f);
    for (size_t i = 0; (type == 'E' || type == 'F' || type == 'G') && i < out->len; i++)
        out->data[i] -= out->data[i] >= 'a' && out->data[i] <= 'z' ? 'a' - 'A' : 0;
}

/* Where the digits from here on end. */
static const char *digits_end(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

static struct number_text part(const struct buffer *text)
{
    const char *p = (const char *)text->data, *end = p + text->len;
    const char *whole = digits_end(p, end), *decimals = whole, *rest = whole;
    struct number_text number = {.digits = part_of(p, (size_t)(whole - p))};

    if (whole < end && *whole == '.') {
        number.has_point = true;
        decimals = whole + 1;
        rest = digits_end(decimals, end);
    }
    number.decimals = part_of(decimals, (size_t)(rest - decimals));
    number.rest = part_of(rest, (size_t)(end - rest));
    return number;
}

static bool is_zero(const struct number_text *number)
{
    return number->digits.len && strspn(number->digits.p, "0.") ==
                                     number->digits.len + number->has_point + number->decimals.len;
}

/* Append a number in the form of its type letter. */
static bool add_float(struct call *call, double number, const struct format *f, struct buffer *out)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};
    bool negative = signbit(number) && !isnan(number);
    struct number_text parts;

    if (f->precision > 0 && !text_affordable(call, (size_t)f->precision))
        return false;
    print_float(&text, fabs(number), f);
    if (f->type == '%')
        buffer_add_byte(&text, '%');
    buffer_add_byte(&text, '\0');
    if (text.failed) {
        call_raise_errno(call, -ENOMEM);
        return false;
    }
    text.len--;
    parts = part(&text);
    parts.sign = sign_of(negative && !(f->no_negative_zero && is_zero(&parts)), f);
    return format_number(call, &parts, f, out);
}

/* Whether there is such a type letter, and no more digits are asked for than can be counted. */
static bool check_float(struct call *call, struct sm_value v, const struct format *f,
                        const char *types)
{
    if (f->type >= 128 || (f->type && !strchr(types, (int)f->type)))
        return format_unknown(call, v, f);
    return f->precision <= INT_MAX || refuse(call, "precision", "too big");
}

bool format_float(struct call *call, struct sm_value v, const struct format *f, struct buffer *out)
{
    return check_float(call, v, f, "eEfFgGn%") &&
           add_float(call, f->type == '%' ? v.number * 100 : v.number, f, out);
}

bool format_complex(struct call *call, struct sm_value v, const struct format *f,
                    struct buffer *out)
{
    static const char where[] = "is not allowed in complex format specifier";
    struct buffer text CLEANUP(buffer_deinit) = {0};
    struct format part = *f;
    double real, imag;
    bool bare; /* there is no real part, as in 2j */

    if (!check_float(call, v, f, "eEfFgGn"))
        return false;
    if (f->fill == '0')
        return refuse(call, "Zero padding", where);
    if (f->align == '=')
        return refuse(call, "'=' alignment flag", where);
    format_complex_parts(v, &real, &imag);
    bare = !f->type && real == 0 && !signbit(real);
    part.type = f->type ? f->type : f->precision < 0 ? SHORTEST : 'g';
    part.width = -1;
    if (!f->type && !bare)
        buffer_add_byte(&text, '(');
    if (!bare && !add_float(call, real, &part, &text))
        return false;
    part.sign = bare ? f->sign : '+';
    if (!add_float(call, imag, &part, &text))
        return false;
    buffer_add_str(&text, f->type || bare ? "j" : "j)");
    if (!text.failed)
        return format_padded(call, part_of((char *)text.data, text.len), f, out);
    call_raise_errno(call, -ENOMEM);
    return false;
}
