/* SPDX-License-Identifier: MIT */
/*
 * What has no JSON form keeps its place as {"repr": ...}, an object with what can be told of it
 * beside: a call has had its effect when its result is printed, so nothing of it may be withheld.
 * Keys of dicts that are no text become what they print as. Depth is bounded, which also ends
 * recursive values.
 */
#include "cli/json.h"

#include <math.h>
#include <string.h>

#define DEPTH_MAX 200

static void write_value(FILE *out, struct sm_value v, unsigned depth);

/* A lone surrogate, as it is encoded in values, has no place in UTF-8: it is escaped. */
static bool is_surrogate(const char *text, size_t left)
{
    return left >= 3 && (unsigned char)text[0] == 0xed && (unsigned char)text[1] >= 0xa0;
}

static void write_letters(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c < 0x20 || c == 0x7f)
            fprintf(out, "\\u%04x", c);
        else if (is_surrogate(text + i, len - i)) {
            fprintf(out, "\\ud%03x", (text[i + 1] & 0x3f) << 6 | (text[i + 2] & 0x3f));
            i += 2;
        } else
            putc(c, out);
    }
}

void json_text(FILE *out, const char *text, size_t len)
{
    putc('"', out);
    write_letters(out, text, len);
    putc('"', out);
}

static void write_text(FILE *out, const char *text)
{
    json_text(out, text, strlen(text));
}

/* Whoever pickled the object has chosen its names. */
static void write_class(FILE *out, const struct sm_global *class)
{
    putc('"', out);
    write_letters(out, class->module, class->module_len);
    putc('.', out);
    write_letters(out, class->name, class->name_len);
    putc('"', out);
}

/* An object's attributes, where its recipe has them. */
static struct sm_value attributes_of(struct sm_value v)
{
    if (v.kind != SM_KIND_OBJECT || v.object->callable.kind != SM_KIND_GLOBAL ||
        v.object->steps_len != 1 || v.object->steps[0].kind != SM_STEP_STATE ||
        v.object->steps[0].value.kind != SM_KIND_DICT)
        return sm_missing();
    return v.object->steps[0].value;
}

static void write_repr(FILE *out, struct sm_value v, unsigned depth)
{
    struct sm_value attributes = attributes_of(v);

    fputs("{\"repr\": ", out);
    write_text(out, sm_value_repr(v));
    if (attributes.kind == SM_KIND_DICT && depth <= DEPTH_MAX) {
        fputs(", \"class\": ", out);
        write_class(out, v.object->callable.global);
        fputs(", \"attributes\": ", out);
        write_value(out, attributes, depth + 1);
    }
    putc('}', out);
}

static void write_array(FILE *out, struct sm_value v, unsigned depth)
{
    putc('[', out);
    for (size_t i = 0; i < sm_len(v); i++) {
        fputs(i ? ", " : "", out);
        write_value(out, sm_item(v, i), depth);
    }
    putc(']', out);
}

static bool is_scalar(struct sm_value v)
{
    return v.kind == SM_KIND_NONE || v.kind == SM_KIND_BOOL || v.kind == SM_KIND_INT ||
           v.kind == SM_KIND_BIGINT || (v.kind == SM_KIND_FLOAT && isfinite(v.number));
}

static void write_scalar(FILE *out, struct sm_value v)
{
    if (v.kind == SM_KIND_NONE)
        fputs("null", out);
    else if (v.kind == SM_KIND_BOOL)
        fputs(v.boolean ? "true" : "false", out);
    else
        fputs(sm_value_repr(v), out);
}

/* A key that is no text, as json.dumps() has it, or as it prints. */
static void write_key(FILE *out, struct sm_value key)
{
    if (!is_scalar(key)) {
        write_text(out, sm_value_repr(key));
        return;
    }
    putc('"', out);
    write_scalar(out, key);
    putc('"', out);
}

static void write_object(FILE *out, struct sm_value v, unsigned depth)
{
    putc('{', out);
    for (size_t i = 0; i < sm_len(v); i++) {
        struct sm_value key = sm_item(v, i);

        fputs(i ? ", " : "", out);
        if (key.kind == SM_KIND_STR) {
            json_text(out, key.text, key.len);
        } else {
            write_key(out, key);
        }
        fputs(": ", out);
        write_value(out, sm_item_value(v, i), depth);
    }
    putc('}', out);
}

static void write_value(FILE *out, struct sm_value v, unsigned depth)
{
    if (depth > DEPTH_MAX)
        write_repr(out, v, depth);
    else if (v.kind == SM_KIND_STR)
        json_text(out, v.text, v.len);
    else if (v.kind == SM_KIND_LIST || v.kind == SM_KIND_TUPLE)
        write_array(out, v, depth + 1);
    else if (v.kind == SM_KIND_DICT)
        write_object(out, v, depth + 1);
    else if (is_scalar(v))
        write_scalar(out, v);
    else
        write_repr(out, v, depth);
}

void json_value(FILE *out, struct sm_value v)
{
    write_value(out, v, 0);
}
