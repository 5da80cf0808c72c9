/* SPDX-License-Identifier: MIT */
/*
 * Plain forms: what an instance of a known class is compared and hashed as. Equal instances have
 * equal forms, so that equality, hashes and order need no rules of their own for these classes.
 */
#include "value/plain.h"

#include "value/dates.h"
#include "value/number.h"
#include "value/numpy.h"
#include "value/rational.h"

int plain_tuple(struct tree *tree, const char *class, size_t len, struct sm_value **ret_parts,
                struct sm_value *ret)
{
    struct sm_value tuple;
    int r;

    r = tree_items(tree, SM_KIND_TUPLE, len + 2, &tuple);
    if (r < 0)
        return r;
    tuple.items->item[0] = sm_missing();
    tuple.items->item[1] = sm_str(class);
    for (size_t i = 0; i < len; i++)
        tuple.items->item[i + 2] = sm_none();
    *ret_parts = tuple.items->item + 2;
    *ret = tuple;
    return 0;
}

static bool is_plain_tuple(struct sm_value v)
{
    return v.kind == SM_KIND_TUPLE && v.items->len > 2 && v.items->item[0].kind == SM_KIND_MISSING;
}

const struct sm_value *plain_parts(struct sm_value v, const char *class)
{
    if (!is_plain_tuple(v) || (class && strcmp(v.items->item[1].text, class) != 0))
        return NULL;
    return v.items->item + 2;
}

bool plain_ordered(struct sm_value a, struct sm_value b)
{
    static const char *const ordered[] = {"array", "date", "datetime",  "deque",
                                          "path",  "time", "timedelta", "uuid"};

    for (size_t i = 0; i < ARRAY_SIZE(ordered); i++) {
        if (plain_parts(a, ordered[i]) && plain_parts(b, ordered[i]))
            return true;
    }
    return false;
}

/* Whether it has an imaginary part or not, a complex number is told by its parts. */
static int plain_complex(struct tree *tree, double real, double imaginary, struct sm_value *ret)
{
    struct sm_value *part;
    int r;

    if (imaginary == 0) {
        *ret = sm_float(real);
        return 1;
    }
    r = plain_tuple(tree, "complex", 2, &part, ret);
    if (r < 0)
        return r;
    part[0] = sm_float(real);
    part[1] = sm_float(imaginary);
    return 1;
}

static int plain_python_complex(struct tree *tree, const struct sm_items *args,
                                struct sm_value *ret)
{
    if (args->len != 2 || args->item[0].kind != SM_KIND_FLOAT ||
        args->item[1].kind != SM_KIND_FLOAT)
        return 0;
    return plain_complex(tree, args->item[0].number, args->item[1].number, ret);
}

static int plain_numpy(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    struct numpy scalar;
    int r;

    if (!numpy_read(v, &scalar))
        return 0;
    r = numpy_plain(tree, &scalar, ret);
    return r == NUMPY_COMPLEX
               ? plain_complex(tree, numpy_float(&scalar, 0), numpy_float(&scalar, 1), ret)
               : r;
}

/* Naive and aware ones are told apart by whether there is a zone; fixed offsets are taken off. */
static int plain_moment(struct tree *tree, enum known_class class, const struct sm_object *object,
                        struct sm_value *ret)
{
    const char *name = class == KNOWN_DATE ? "date" : class == KNOWN_TIME ? "time" : "datetime";
    struct sm_value *part;
    struct moment moment;
    struct span offset;
    int64_t micros;
    int r;

    if (!moment_read(class, object, &moment))
        return 0;
    micros = moment_micros(&moment);
    if (span_of_timezone(moment.tz, &offset)) {
        micros -= span_micros(&offset);
        moment.tz = sm_bool(true);
    }
    r = plain_tuple(tree, name, 2, &part, ret);
    if (r < 0)
        return r;
    part[0] = moment.tz.kind == SM_KIND_MISSING ? sm_none() : moment.tz;
    part[1] = sm_int(micros);
    return 1;
}

static int plain_span(struct tree *tree, const char *class, bool known, const struct span *span,
                      struct sm_value *ret)
{
    struct sm_value *part;
    int r;

    if (!known)
        return 0;
    r = plain_tuple(tree, class, 3, &part, ret);
    if (r < 0)
        return r;
    part[0] = sm_int(span->days);
    part[1] = sm_int(span->seconds);
    part[2] = sm_int(span->micro);
    return 1;
}

static int plain_one(struct tree *tree, const char *class, struct sm_value only,
                     struct sm_value *ret)
{
    struct sm_value *part;
    int r;

    r = plain_tuple(tree, class, 1, &part, ret);
    if (r < 0)
        return r;
    part[0] = only;
    return 1;
}

/* Equal ranges have equal elements; first, last and number of them tell. */
static int plain_range(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    int64_t len = value_range_len(v);
    struct sm_value *part;
    int r;

    if (len < 0)
        return 0;
    r = plain_tuple(tree, "range", 3, &part, ret);
    if (r < 0)
        return r;
    part[0] = sm_int(len);
    if (len > 0)
        part[1] = v.object->args.items->item[0];
    if (len > 1)
        part[2] = v.object->args.items->item[2];
    return 1;
}

static int plain_sequence(struct tree *tree, const char *class, struct sm_value v,
                          struct sm_value *ret)
{
    struct sm_value list;
    int r;

    r = value_iterate(tree, v, &list);
    if (r)
        return r < 0 ? r : 0;
    return plain_one(tree, class, list, ret);
}

static int plain_mapping(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    int r = value_mapping(tree, v, ret);

    return r == 0 ? 1 : r < 0 ? r : 0;
}

static int plain_attribute(const struct sm_object *object, const char *name, enum sm_kind kind,
                           struct sm_value *ret)
{
    struct sm_value v = value_attribute(object, name);

    if (v.kind != kind)
        return 0;
    *ret = v;
    return 1;
}

static int plain_uuid(struct tree *tree, const struct sm_object *object, struct sm_value *ret)
{
    struct sm_value number = value_attribute(object, "int");

    return value_is_int(number) ? plain_one(tree, "uuid", number, ret) : 0;
}

/* The parts of one of a path's arguments: up to 3.12 each is one part, since then all of them. */
static int push_parts(struct tree *tree, struct sm_items *parts, const char *text, size_t len)
{
    size_t at = 0;
    int r = 0;

    while (at < len && text[at] == '/')
        at++;
    if (at)
        r = tree_items_push(tree, parts, sm_strn(text, at));
    while (at < len && r == 0) {
        const char *slash = memchr(text + at, '/', len - at);
        size_t end = slash ? (size_t)(slash - text) : len;

        r = tree_items_push(tree, parts, sm_strn(text + at, end - at));
        at = slash ? end + 1 : len;
    }
    return r;
}

static int plain_path(struct tree *tree, const struct sm_items *args, struct sm_value *ret)
{
    struct sm_value parts;
    int r;

    r = tree_items(tree, SM_KIND_LIST, 0, &parts);
    for (size_t i = 0; i < args->len && r == 0; i++) {
        if (args->item[i].kind != SM_KIND_STR)
            return 0;
        r = push_parts(tree, parts.items, args->item[i].text, args->item[i].len);
    }
    return r < 0 ? r : plain_one(tree, "path", parts, ret);
}

int value_plain(struct tree *tree, struct sm_value v, struct sm_value *ret)
{
    const struct known *known = value_known(v);
    struct span span = {0};

    switch (known ? known->class : KNOWN_NONE) {
    case KNOWN_ARRAY:
        return plain_sequence(tree, "array", v, ret);
    case KNOWN_COMPLEX:
        return plain_python_complex(tree, v.object->args.items, ret);
    case KNOWN_COUNTER:
    case KNOWN_DEFAULT_DICT:
    case KNOWN_ORDERED_DICT:
        return plain_mapping(tree, v, ret);
    case KNOWN_DATE:
    case KNOWN_DATETIME:
    case KNOWN_TIME:
        return plain_moment(tree, known->class, v.object, ret);
    case KNOWN_DECIMAL:
        return rational_from_decimal(tree, v.object->args.items, ret);
    case KNOWN_DEQUE:
        return plain_sequence(tree, "deque", v, ret);
    case KNOWN_FRACTION:
        return rational_from_fraction(tree, v.object->args.items, ret);
    case KNOWN_NUMPY:
        return plain_numpy(tree, v, ret);
    case KNOWN_PATH:
        return plain_path(tree, v.object->args.items, ret);
    case KNOWN_RANGE:
        return plain_range(tree, v, ret);
    case KNOWN_TIMEDELTA:
        return plain_span(tree, "timedelta", span_read(v, &span), &span, ret);
    case KNOWN_TIMEZONE:
        return plain_span(tree, "timezone", span_of_timezone(v, &span), &span, ret);
    case KNOWN_USER_DICT:
        return plain_attribute(v.object, "data", SM_KIND_DICT, ret);
    case KNOWN_USER_LIST:
        return plain_attribute(v.object, "data", SM_KIND_LIST, ret);
    case KNOWN_USER_STRING:
        return plain_attribute(v.object, "data", SM_KIND_STR, ret);
    case KNOWN_UUID:
        return plain_uuid(tree, v.object, ret);
    default:
        return 0;
    }
}
