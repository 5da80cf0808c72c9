/* SPDX-License-Identifier: MIT */
/*
 * debug_info(): every object that clients hold, with the first 75 characters of its str(). What
 * guests print only their host knows: then it gets all lines, those of guests left out, and makes
 * the text.
 */
#include "base/memory.h"
#include "object/answer.h"
#include "pickle/opcodes.h"
#include "server/server.h"

#include <errno.h>
#include <stdlib.h>

#define SHOWN_CHARACTERS 75

static int compare_idents(const void *a, const void *b)
{
    char x[IDENT_SIZE], y[IDENT_SIZE];

    ident_format((*(struct object *const *)a)->ident, x);
    ident_format((*(struct object *const *)b)->ident, y);
    return strcmp(x, y);
}

/* The objects that clients hold, sorted by ident; NULL when memory runs out. */
static struct object **sorted_objects(const struct registry *registry)
{
    struct object **objects = memory_lend((registry->counted + 1) * sizeof(struct object *));
    struct object *object;
    size_t at = 0, n = 0;

    while (objects && (object = map_next(&registry->objects, &at))) {
        if (object->clients)
            objects[n++] = object;
    }
    if (objects)
        qsort(objects, n, sizeof(struct object *), compare_idents);
    return objects;
}

/* The first characters of UTF-8 text, as a length in bytes. */
static size_t first_characters(const struct buffer *text)
{
    size_t characters = 0, i;

    for (i = 0; i < text->len; i++) {
        if ((text->data[i] & 0xc0) != 0x80 && ++characters > SHOWN_CHARACTERS)
            break;
    }
    return i;
}

int object_describe(struct object *object, unsigned python, struct buffer *text)
{
    int r;

    if (object_missed(object)) {
        buffer_addf(text, "<%s object in a long call>", object->type->name);
        return text->failed ? -ENOMEM : 0;
    }
    text->max = 4 * SHOWN_CHARACTERS;
    r = object->type->str ? object->type->str(object, text, python)
                          : object_repr(object, text, python);
    if (r < 0 && !text->failed)
        buffer_addf(text, "<unprintable %s object>", object->type->name);
    if (!text->len && text->failed)
        return -ENOMEM;
    text->len = first_characters(text);
    return 0;
}

/* As the standard server prints it. */
static int write_text(struct object *object, unsigned python, struct buffer *out)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    char ident[IDENT_SIZE];
    int r = object_describe(object, python, &text);

    if (r < 0)
        return r;
    ident_format(object->ident, ident);
    buffer_addf(out, "%s  %s:       refcount=%zu\n    ", out->len ? "\n" : "", ident,
                object->clients);
    buffer_add(out, text.data, text.len);
    return out->failed ? -ENOMEM : 0;
}

/* As the host takes it: (ident, references, text or None). */
static int write_line(struct object *object, unsigned python, struct pickler *p)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    char ident[IDENT_SIZE];
    int r = guest_of(object) ? 0 : object_describe(object, python, &text);

    if (r < 0)
        return r;
    ident_format(object->ident, ident);
    pickler_value(p, NULL, sm_str(ident));
    pickler_value(p, NULL, sm_int((int64_t)object->clients));
    pickler_value(p, NULL, guest_of(object) ? sm_none() : sm_strn((char *)text.data, text.len));
    pickler_op(p, TUPLE3);
    return 0;
}

static void ask_host(struct call *call, struct object *const *objects, size_t len)
{
    CLEANUP(buffer_deinit) struct buffer message = {0};
    struct pickler p;
    int r = 0;

    pickler_init(&p, &message);
    pickler_start(&p);
    pickler_op(&p, MARK);
    pickler_value(&p, NULL, sm_none());
    pickler_value(&p, NULL, sm_str("debug_info"));
    pickler_op(&p, MARK);
    for (size_t i = 0; r == 0 && i < len; i++)
        r = write_line(objects[i], call->python, &p);
    pickler_op(&p, TUPLE);
    pickler_op(&p, TUPLE1);
    pickler_op(&p, EMPTY_DICT);
    pickler_op(&p, TUPLE);
    if (r == 0)
        r = pickler_finish(&p);
    pickler_deinit(&p);
    if (r < 0)
        call_raise_errno(call, r);
    else
        guest_debug_info(call, &message, objects, len);
}

static void answer(struct call *call, struct object *const *objects, size_t len)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    int r = 0;

    for (size_t i = 0; r == 0 && i < len; i++)
        r = write_text(objects[i], call->python, &out);
    if (r < 0)
        call_raise_errno(call, r);
    else
        call_return(call, sm_strn((char *)out.data, out.len));
}

void serve_debug_info(struct peer *peer, struct call *call)
{
    struct object **objects = sorted_objects(call->registry);

    if (!objects)
        call_raise_errno(call, -ENOMEM);
    else if (server_of_peer(peer)->guests.objects.len)
        ask_host(call, objects, call->registry->counted);
    else
        answer(call, objects, call->registry->counted);
    memory_free(objects);
}
