/* SPDX-License-Identifier: MIT */
/*
 * Registered objects: a spec is read as a Python literal, and the object made as a client's create
 * would make it. So constructors and their complaints are the same here and there.
 */
#include "server/server.h"

#include "base/error.h"
#include "types/types.h"
#include "value/known.h"
#include "value/repr.h"

#include <errno.h>
#include <string.h>

/* The last line of the failure that a call was answered with, for sm_last_error(). */
static int register_failed(struct tree *tree, const struct buffer *out, const char *name)
{
    struct pickle_error error;
    struct sm_value answer, text;
    size_t start;

    tree_reset(tree);
    if (out->failed || pickle_decode(tree, out->data, out->len, &answer, &error) < 0)
        return error_set(SM_ENOMEM, "out of memory");
    text = answer.items->item[1];
    text.len -= text.len && text.text[text.len - 1] == '\n';
    for (start = text.len; start && text.text[start - 1] != '\n'; start--)
        ;
    return error_set(SM_EARG, "%s: %.*s", name, (int)(text.len - start), text.text + start);
}

static void ignore_done(struct call *call)
{
    (void)call;
}

/* Make the object that a parsed spec describes; NULL after answering the call. */
static struct object *make_object(struct call *call, struct sm_value spec)
{
    struct sm_object *made = spec.kind == SM_KIND_OBJECT ? spec.object : NULL;
    struct sm_items one = {.item = &spec, .len = 1}, none = {0};
    const struct object_type *type;

    type = type_of_value(spec);
    if (!type && made && made->callable.kind == SM_KIND_GLOBAL) {
        const struct sm_global *constructor = made->callable.global;

        call->args = made->args;
        call->kwds = made->make == SM_MAKE_NEW_EX
                         ? made->kwargs
                         : (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
        return call_construct(call, constructor->name, constructor->name_len);
    }
    if (!type) {
        call_fail(call, "TypeError", "a %s cannot be shared", call_type_name(call, spec));
        return NULL;
    }
    call->args = (struct sm_value){.kind = SM_KIND_TUPLE, .items = &one};
    call->kwds = (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
    call->arg[0] = spec;
    return object_new(call->registry, type, call);
}

static int parse_failed(const char *name, const char *spec, const struct literal_error *error)
{
    return error_set(SM_EARG, "%s=%s: %s, at character %zu: %.*s<-- here", name, spec, error->what,
                     error->at + 1, (int)MIN(error->at, 60), spec + error->at - MIN(error->at, 60));
}

int sm_server_register(struct sm_server *server, const char *name, const char *spec)
{
    CLEANUP(buffer_deinit) struct buffer out = {0};
    CLEANUP(tree_deinit) struct tree tree;
    struct literal_error error;
    struct object *object;
    struct sm_value parsed;
    struct call call;
    int r;

    tree_init(&tree, &server->registry.resolver);
    r = literal_parse(&tree, spec, strlen(spec), &parsed, &error);
    if (r < 0)
        return r == -ENOMEM ? error_set(SM_ENOMEM, "out of memory")
                            : parse_failed(name, spec, &error);
    tree.message_len = strlen(spec);
    call_init(&call, &server->registry, &tree, &out, ignore_done);
    call.python = server->options.python_minor ? server->options.python_minor : 13;
    call.errors = CALL_FAILS;
    object = make_object(&call, parsed);
    if (!object) {
        r = register_failed(&tree, &out, name);
    } else {
        r = registry_add_object(&server->registry, name, object);
        object_unref(object);
    }
    call_deinit(&call);
    return r < 0 && object ? error_set(SM_ENOMEM, "out of memory") : r;
}
