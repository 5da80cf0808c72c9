/* SPDX-License-Identifier: MIT */
/* Values as text: printed, and parsed. */
#include "base/error.h"
#include "client/client.h"
#include "value/repr.h"

#include <errno.h>
#include <stdlib.h>

/* The program's own values, and those of a manager that it trusts: any size may be printed. */
static const char *show(struct sm_value v,
                        int (*print)(struct repr_row *row, struct sm_value v, size_t size))
{
    struct buffer *text = thread_text();
    struct repr_row row;
    int r;

    if (!text)
        return "<out of memory>";
    if (v.kind == SM_KIND_MISSING)
        return "<missing>";
    repr_row_init(&row, text, PYTHON_TEXTS);
    r = print(&row, v, SIZE_MAX / LIMIT_REPR_GROWTH / 2);
    buffer_add_byte(text, '\0');
    if (r == -ELOOP)
        return "<too deep>";
    if (r == -ERANGE)
        return "<too many digits>";
    return r < 0 || text->failed ? "<out of memory>" : (const char *)text->data;
}

const char *sm_value_repr(struct sm_value v)
{
    return show(v, repr_row_add);
}

const char *sm_value_str(struct sm_value v)
{
    return show(v, repr_row_add_str);
}

int sm_value_parse(const char *text, struct sm_reply **ret)
{
    struct literal_error error;
    struct sm_reply *reply;
    int r;

    if (!text)
        return error_set(SM_EARG, "no text");
    reply = calloc(1, sizeof(*reply));
    if (!reply)
        return error_set_memory();
    tree_init(&reply->tree, NULL);
    r = literal_parse(&reply->tree, text, strlen(text), &reply->value, &error);
    if (r < 0) {
        sm_reply_free(reply);
        return r == -EINVAL ? error_set(SM_EARG, "%s at %zu", error.what, error.at)
                            : error_set_memory();
    }
    *ret = reply;
    return SM_OK;
}
