/* SPDX-License-Identifier: MIT */
/*
 * str.format() and str.format_map(): a template whose fields name an argument, go on from it by
 * attributes and indices, may convert it, and say how it is formatted, in which there may be fields
 * again, one level deep. Errors come in the order in which CPython finds them, each field being
 * done with before the next is read.
 *
 * Values are plain data. What only their class could tell is left to Python, or refused.
 */
#include "object/answer.h"
#include "object/registry.h"
#include "scalar/format.h"
#include "scalar/str.h"
#include "value/number.h"
#include "value/repr.h"
#include "value/walk.h"

#include <errno.h>

/* Fields within a specifier are the last. */
#define LEVELS 2

enum numbering {
    NUMBERING_UNKNOWN,
    NUMBERING_AUTO,   /* {} */
    NUMBERING_MANUAL, /* {0} */
};

struct formatter {
    struct call *call;
    const struct sm_items *args; /* NULL: there are none by position */
    struct sm_value names;       /* what fields with names are looked up in */
    enum numbering numbering;
    size_t next;      /* of the arguments that {} takes */
    struct walk walk; /* all look-ups together are bounded */
    struct buffer *out;
};

/* A replacement field, as the template has it. */
struct field {
    struct text name;
    uint32_t conversion; /* 0: none */
    struct text spec;
    bool nests; /* there are fields in the specifier */
};

static bool fail(struct formatter *f, const char *message)
{
    call_raise(f->call, "ValueError", "%s", message);
    return false;
}

static bool fail_errno(struct formatter *f, int r)
{
    call_raise_errno(f->call, r);
    return false;
}

/* What ends the name: '}', ':' or '!', which is taken; 0: the template's end. */
static char scan_name(struct text t, size_t *at)
{
    while (*at < t.len) {
        char c = t.p[(*at)++];

        if (c == '{' || c == '}' || c == ':' || c == '!')
            return c;
        for (; c == '[' && *at < t.len && t.p[*at] != ']'; ++*at)
            ;
    }
    return '\0';
}

/* The specifier is what is left up to the brace that closes the field. */
static bool scan_spec(struct formatter *f, struct text t, size_t *at, struct field *field)
{
    size_t from = *at;
    size_t open = 1;

    while (*at < t.len) {
        char c = t.p[(*at)++];

        open += c == '{';
        open -= c == '}';
        field->nests |= c == '{';
        if (!open) {
            field->spec = text_part(t, from, *at - 1);
            return true;
        }
    }
    return fail(f, "unmatched '{' in format spec");
}

/* A field, from behind its brace on. */
static bool scan_field(struct formatter *f, struct text t, size_t *at, struct field *field)
{
    size_t from = *at;
    char c = scan_name(t, at);

    *field = (struct field){.spec = text_part(t, 0, 0)};
    if (c == '{')
        return fail(f, "unexpected '{' in field name");
    if (!c)
        return fail(f, "expected '}' before end of string");
    field->name = text_part(t, from, *at - 1);
    if (c == '!') {
        if (*at == t.len)
            return fail(f, "end of string while looking for conversion specifier");
        field->conversion = text_next(t, at);
        c = *at < t.len ? t.p[(*at)++] : ':';
        if (c != '}' && c != ':')
            return fail(f, "expected ':' after conversion specifier");
    }
    return c == '}' || scan_spec(f, t, at, field);
}

/* An index: the whole text is digits; -1 where it is not. False: too many of them. */
static bool read_index(struct formatter *f, struct text t, int64_t *ret)
{
    size_t at = 0;

    *ret = -1;
    if (format_digits(f->call, t, &at, ret) < 0)
        return false;
    if (at < t.len)
        *ret = -1;
    return true;
}

static bool find_in_dict(struct formatter *f, const struct sm_items *items, struct sm_value key,
                         struct sm_value *ret)
{
    for (size_t i = items->len; i; i -= 2) { /* of equal keys the last counts */
        int r = walk_equal(&f->walk, items->item[i - 2], key);

        if (r < 0)
            return fail_errno(f, r);
        if (r > 0) {
            *ret = items->item[i - 1];
            return true;
        }
    }
    call_raise_args(f->call, "KeyError", SM_TUPLE(key));
    return false;
}

static bool fail_type(struct formatter *f, struct sm_value v, const char *format)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    call_raise(f->call, "TypeError", format, call_type_name(f->call, v));
#pragma GCC diagnostic pop
    return false;
}

/* v[key] of what is not indexed by str. */
static bool fail_key(struct formatter *f, struct sm_value v)
{
    switch (v.kind) {
    case SM_KIND_STR:
        return fail_type(f, sm_str(""),
                         f->call->python >= 11 ? "string indices must be integers, not '%s'"
                                               : "string indices must be integers");
    case SM_KIND_BYTES:
        return fail_type(f, sm_str(""), "byte indices must be integers or slices, not %s");
    case SM_KIND_BYTEARRAY:
        return fail_type(f, sm_str(""), "bytearray indices must be integers or slices, not %s");
    case SM_KIND_TUPLE:
        return fail_type(f, sm_str(""), "tuple indices must be integers or slices, not %s");
    default:
        return fail_type(f, sm_str(""), "list indices must be integers or slices, not %s");
    }
}

static bool fail_index(struct formatter *f, const char *what)
{
    call_raise(f->call, "IndexError", "%sindex out of range", what);
    return false;
}

static bool get_at(struct formatter *f, struct sm_value v, size_t index, struct sm_value *ret)
{
    struct text t = {.p = v.text, .len = v.len, .kind = v.kind};
    size_t from;

    switch (v.kind) {
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
        if (index >= v.items->len)
            return fail_index(f, v.kind == SM_KIND_TUPLE ? "tuple " : "list ");
        *ret = v.items->item[index];
        return true;
    case SM_KIND_STR:
        from = text_offset(t, index);
        if (from >= t.len)
            return fail_index(f, "string ");
        *ret = sm_strn(t.p + from, text_step(t, from));
        return true;
    default:
        if (index >= v.len)
            return fail_index(f, v.kind == SM_KIND_BYTEARRAY ? "bytearray " : "");
        *ret = sm_int(v.bytes[index]);
        return true;
    }
}

/* v[name] as a template has it: digits are an index. */
static bool get_item(struct formatter *f, struct sm_value v, struct text name, int64_t index,
                     struct sm_value *ret)
{
    bool is_sequence = v.kind == SM_KIND_TUPLE || v.kind == SM_KIND_LIST || v.kind == SM_KIND_STR ||
                       v.kind == SM_KIND_BYTES || v.kind == SM_KIND_BYTEARRAY;

    if (format_needs_python(v)) {
        format_refuse(f->call);
        return false;
    }
    if (v.kind == SM_KIND_DICT)
        return find_in_dict(f, v.items, index < 0 ? text_value(name) : sm_int(index), ret);
    if (!is_sequence)
        return fail_type(f, v, "'%s' object is not subscriptable");
    return index < 0 ? fail_key(f, v) : get_at(f, v, (size_t)index, ret);
}

static bool name_is(struct text name, const char *text)
{
    return name.len == strlen(text) && memcmp(name.p, text, name.len) == 0;
}

/* The data that numbers have as attributes. */
static bool get_part(struct sm_value v, struct text name, struct sm_value *ret)
{
    bool real = name_is(name, "real"), imag = name_is(name, "imag");
    double part[2];

    if ((real || imag) && format_complex_parts(v, &part[0], &part[1])) {
        *ret = sm_float(part[imag]);
        return true;
    }
    if (v.kind == SM_KIND_FLOAT && (real || imag)) {
        *ret = real ? v : sm_float(0);
        return true;
    }
    if (!value_is_int(v) ||
        !(real || imag || name_is(name, "numerator") || name_is(name, "denominator")))
        return false;
    *ret = imag ? sm_int(0) : name_is(name, "denominator") ? sm_int(1) : v;
    if (ret->kind == SM_KIND_BOOL)
        *ret = sm_int(v.boolean);
    return true;
}

/* Whether a plain value may have such an attribute, which would be a method: not data. */
static bool may_have(struct formatter *f, struct sm_value v, struct text name)
{
    const struct object_type *type = registry_literal_type(f->call->registry, v);
    const struct method *m;

    if (format_needs_python(v) || (name.len && name.p[0] == '_'))
        return true;
    if (v.kind == SM_KIND_NONE)
        return false;
    for (m = type ? type->methods : NULL; m && m->name; m++) {
        if (m->since <= f->call->python && name_is(name, m->name))
            return true;
    }
    return !type;
}

static bool get_attribute(struct formatter *f, struct sm_value v, struct text name,
                          struct sm_value *ret)
{
    if (get_part(v, name, ret))
        return true;
    if (may_have(f, v, name)) {
        format_refuse(f->call);
        return false;
    }
    call_raise_missing(f->call, call_type_name(f->call, v), text_value(name), true);
    return false;
}

/* One ".name" or "[name]", at *at. */
static bool go_on(struct formatter *f, struct text t, size_t *at, struct sm_value *v)
{
    bool is_attribute = t.p[*at] == '.';
    size_t from, to;
    int64_t index;

    if (!is_attribute && t.p[*at] != '[')
        return fail(f, "Only '.' or '[' may follow ']' in format field specifier");
    from = to = ++*at;
    while (to < t.len && (is_attribute ? t.p[to] != '.' && t.p[to] != '[' : t.p[to] != ']'))
        to++;
    if (!is_attribute && to == t.len)
        return fail(f, "Missing ']' in format string");
    *at = is_attribute ? to : to + 1;
    if (!is_attribute && !read_index(f, text_part(t, from, to), &index))
        return false;
    if (from == to)
        return fail(f, "Empty attribute in format string");
    return is_attribute ? get_attribute(f, *v, text_part(t, from, to), v)
                        : get_item(f, *v, text_part(t, from, to), index, v);
}

static bool set_numbering(struct formatter *f, enum numbering numbering)
{
    if (f->numbering == NUMBERING_UNKNOWN)
        f->numbering = numbering;
    if (f->numbering == numbering)
        return true;
    return fail(f, numbering == NUMBERING_AUTO ? "cannot switch from manual field specification "
                                                 "to automatic field numbering"
                                               : "cannot switch from automatic field numbering to "
                                                 "manual field specification");
}

static bool get_argument(struct formatter *f, struct text name, struct sm_value *ret)
{
    int64_t index;

    if (!read_index(f, name, &index))
        return false;
    if ((!name.len || index >= 0) &&
        !set_numbering(f, name.len ? NUMBERING_MANUAL : NUMBERING_AUTO))
        return false;
    if (name.len && index < 0)
        return get_item(f, f->names, name, -1, ret);
    if (!name.len)
        index = (int64_t)f->next++;
    if (!f->args)
        return fail(f, "Format string contains positional fields");
    if ((size_t)index >= f->args->len) {
        call_raise(f->call, "IndexError",
                   "Replacement index %lld out of range for positional args tuple",
                   (long long)index);
        return false;
    }
    *ret = f->args->item[index];
    return true;
}

static bool get_value(struct formatter *f, struct text name, struct sm_value *ret)
{
    size_t at = 0;

    while (at < name.len && name.p[at] != '.' && name.p[at] != '[')
        at++;
    if (!get_argument(f, text_part(name, 0, at), ret))
        return false;
    while (at < name.len) {
        if (!go_on(f, name, &at, ret))
            return false;
    }
    return true;
}

/* What is not ASCII in a repr(), as ascii() has it. */
static void escape(struct buffer *out, struct text t)
{
    for (size_t at = 0; at < t.len;) {
        uint32_t c = text_next(t, &at);

        if (c < 0x80)
            buffer_add_byte(out, (uint8_t)c);
        else
            buffer_addf(out,
                        c < 0x100     ? "\\x%02x"
                        : c < 0x10000 ? "\\u%04x"
                                      : "\\U%08x",
                        (unsigned)c);
    }
}

/* The text that a conversion makes of a value, in the call's tree. */
static bool convert(struct formatter *f, uint32_t conversion, struct sm_value *v)
{
    struct buffer text CLEANUP(buffer_deinit) = {0};
    struct buffer ascii CLEANUP(buffer_deinit) = {0};
    const struct buffer *result = conversion == 'a' ? &ascii : &text;
    char c[FORMAT_CHAR_SIZE];
    struct repr_row row;
    int r;

    if (conversion != 'r' && conversion != 's' && conversion != 'a') {
        call_raise(f->call, "ValueError", "Unknown conversion specifier %s",
                   format_char(conversion, c));
        return false;
    }
    if (format_needs_python(*v)) {
        format_refuse(f->call);
        return false;
    }
    repr_row_init(&row, &text, f->call->python);
    r = (conversion == 's' ? repr_row_add_str : repr_row_add)(&row, *v, f->call->tree->message_len);
    if (r == 0 && conversion == 'a')
        escape(&ascii, (struct text){.p = (char *)text.data, .len = text.len, .kind = SM_KIND_STR});
    if (r == 0)
        r = result->failed ? -ENOMEM : tree_str(f->call->tree, result->data, result->len, v);
    return r < 0 ? fail_errno(f, r) : true;
}

static bool format_template(struct formatter *f, struct text t, unsigned levels);

static bool format_field(struct formatter *f, const struct field *field, unsigned levels)
{
    struct buffer spec CLEANUP(buffer_deinit) = {0};
    struct buffer *out = f->out;
    struct text whole = field->spec;
    struct sm_value v;
    bool done;

    if (!get_value(f, field->name, &v) || (field->conversion && !convert(f, field->conversion, &v)))
        return false;
    if (field->nests) {
        f->out = &spec;
        done = format_template(f, field->spec, levels - 1);
        f->out = out;
        if (done && spec.failed)
            return fail_errno(f, -ENOMEM);
        if (!done)
            return false;
        whole = (struct text){.p = (char *)spec.data, .len = spec.len, .kind = SM_KIND_STR};
    }
    return format_value(f->call, v, whole, out);
}

/* Text up to the next field, whose brace is taken: then *ret_field. */
static bool copy_text(struct formatter *f, struct text t, size_t *at, bool *ret_field)
{
    size_t from = *at;
    char c;

    *ret_field = false;
    while (*at < t.len && t.p[*at] != '{' && t.p[*at] != '}')
        ++*at;
    buffer_add(f->out, t.p + from, *at - from);
    if (*at == t.len)
        return true;
    c = t.p[(*at)++];
    if (*at < t.len && t.p[*at] == c) {
        buffer_add_byte(f->out, (uint8_t)c);
        ++*at;
    } else if (c == '}') {
        return fail(f, "Single '}' encountered in format string");
    } else if (*at == t.len) {
        return fail(f, "Single '{' encountered in format string");
    } else {
        *ret_field = true;
    }
    return true;
}

static bool format_template(struct formatter *f, struct text t, unsigned levels)
{
    struct field field;
    bool is_field;

    if (!levels)
        return fail(f, "Max string recursion exceeded");
    for (size_t at = 0; at < t.len;) {
        if (!copy_text(f, t, &at, &is_field))
            return false;
        if (is_field && (!scan_field(f, t, &at, &field) || !format_field(f, &field, levels)))
            return false;
        if (!text_affordable(f->call, f->out->len))
            return false;
    }
    return true;
}

static void format(struct object *self, struct call *call, struct formatter *f)
{
    struct buffer out CLEANUP(buffer_deinit) = {0};
    struct text t;

    f->call = call;
    f->out = &out;
    if (text_self(self, call, &t) && format_template(f, t, LEVELS))
        text_return_buffer(call, SM_KIND_STR, &out);
}

void str_format(struct object *self, struct call *call)
{
    struct formatter f = {.args = call->args.items, .names = call->kwds};

    format(self, call, &f);
}

void str_format_map(struct object *self, struct call *call)
{
    struct formatter f = {.names = call->arg[0]};

    format(self, call, &f);
}
