/* SPDX-License-Identifier: MIT */
/*
 * debug_info(): every object that clients hold, with the first 75 characters of its str(). What
 * guests print only their host knows: then it gets all lines, those of guests left out, and makes
 * the text.
 */
#include "object/answer.h"
#include "pickle/opcodes.h"
#include "place/host.h"
#include "view/gather.h"
#include "view/pickle.h"
#include "view/views.h"

#include <errno.h>
#include <inttypes.h>

/* As the standard server prints it. */
static void write_text(struct buffer *out, const struct object_figures *object)
{
    buffer_addf(out, "%s  %s:       refcount=%" PRIu64 "\n    ", out->len ? "\n" : "",
                object->name.ident, object->references);
    buffer_add(out, object->value, object->value_len);
}

static void answer(struct call *call, struct referred_rows *rows)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct object_figures object;

    while (referred_rows_next(rows, &object))
        write_text(&out, &object);
    if (rows->error || out.failed)
        call_raise_errno(call, -ENOMEM);
    else
        call_return(call, sm_strn((char *)out.data, out.len));
}

static void ask_host(struct host *host, struct call *call, struct referred_rows *rows)
{
    CLEANUP(buffer_deinit) struct buffer message = {0};
    struct object_figures object;
    struct pickler p;
    int r;

    pickler_init(&p, &message);
    pickler_start(&p);
    pickler_op(&p, MARK);
    pickler_value(&p, NULL, sm_none());
    pickler_value(&p, NULL, sm_str("debug_info"));
    pickler_op(&p, MARK);
    while (referred_rows_next(rows, &object))
        pickle_line(&p, &object);
    pickler_op(&p, TUPLE);
    pickler_op(&p, TUPLE1);
    pickler_op(&p, EMPTY_DICT);
    pickler_op(&p, TUPLE);
    r = pickler_finish(&p);
    pickler_deinit(&p);
    if (rows->error || r < 0)
        call_raise_errno(call, rows->error ? rows->error : r);
    else
        host_debug_info(host, call, &message, rows->objects, rows->len);
}

void answer_debug_info(struct call *call, struct host *host)
{
    CLEANUP(referred_rows_end) struct referred_rows rows;

    referred_rows_begin(&rows, call->registry, call->python, call->key);
    if (host->objects.len)
        ask_host(host, call, &rows);
    else
        answer(call, &rows);
}
