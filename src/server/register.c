/* SPDX-License-Identifier: MIT */
/*
 * Registered objects: a spec is read as a Python literal, and the object made as a client's create
 * would make it. So constructors and their complaints are the same here and there.
 */
#include "server/server.h"

#include "base/error.h"
#include "base/limits.h"
#include "object/answer.h"
#include "object/caller.h"
#include "object/dispatch.h"
#include "server/keys.h"
#include "syncmanager/own_type.h"
#include "types/types.h"
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
        return error_set_memory();
    text = answer.items->item[1];
    text.len -= text.len && text.text[text.len - 1] == '\n';
    for (start = text.len; start && text.text[start - 1] != '\n'; start--)
        ;
    return error_set(SM_EARG, "%s: %.*s", name, (int)(text.len - start), text.text + start);
}

/* Make the object that a parsed spec describes; NULL after answering the call. */
static struct object *make_object(struct call *call, struct sm_value spec)
{
    struct sm_object *made = spec.kind == SM_KIND_OBJECT ? spec.object : NULL;
    struct sm_items one = {.item = &spec, .len = 1}, none = {0};
    const struct object_type *type;

    type = registry_literal_type(call->registry, spec);
    if (!type && made && made->callable.kind == SM_KIND_GLOBAL) {
        const struct sm_global *constructor = made->callable.global;

        call->args = made->args;
        call->kwds = made->make == SM_MAKE_NEW_EX
                         ? made->kwargs
                         : (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
        if (registry_typeid(call->registry, constructor->name, constructor->name_len))
            return call_construct(call, constructor->name, constructor->name_len);
        call_fail(call, "NameError", "name '%.*s' is not defined: neither a literal nor a type",
                  (int)constructor->name_len, constructor->name);
        return NULL;
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

static int parse_failed(const struct sm_server *server, const char *name, const char *spec,
                        const struct literal_error *error)
{
    if (registry_typeid(&server->registry, spec, strlen(spec)))
        return error_set(SM_EARG, "%s=%s: a type, not an object of it: write %s()", name, spec,
                         spec);
    return error_set(SM_EARG, "%s=%s: %s, at character %zu: %.*s<-- here", name, spec, error->what,
                     error->at + 1, (int)MIN(error->at, 60), spec + error->at - MIN(error->at, 60));
}

int register_status(const char *name, int r)
{
    if (r == REGISTRY_TAKEN)
        return error_set(SM_EARG, "%s: this name is registered already; choose another", name);
    return r < 0 ? error_set_memory() : SM_OK;
}

int sm_server_register_standard(struct sm_server *server, const char *typeid, const char *standard)
{
    const struct object_type *type = type_of_typeid(standard);

    if (!type || !typeid || !*typeid)
        return error_set(SM_EARG, "%s: not one of SyncManager's types", standard);
    return register_status(typeid, registry_add_type(&server->registry, typeid, type));
}

/* Make an object of a spec and register it. The tree holds the spec. */
static int register_spec(struct sm_server *server, const char *text, struct tree *tree,
                         struct sm_value spec)
{
    CLEANUP(registered_deinit) struct registered as;
    CLEANUP(buffer_deinit) struct buffer out = {0};
    struct object *object;
    struct call call;
    int r = keys_read_name(server, text, &as);

    if (r < 0)
        return r;
    tree->message_len = SIZE_MAX / LIMIT_GROWTH; /* the program's own value: it may grow */
    call_init(&call, &server->registry, tree, &out, &caller_none);
    call.python = server->options.python_minor ? server->options.python_minor : 13;
    call.errors = CALL_FAILS;
    call.audience = as.audience;
    object = make_object(&call, spec);
    if (!object)
        r = register_failed(tree, &out, as.name);
    else
        r = register_status(as.name, registry_add_object(&server->registry, as.name, object));
    object_unref(object);
    call_deinit(&call);
    return r;
}

int sm_server_register(struct sm_server *server, const char *name, const char *spec)
{
    CLEANUP(tree_deinit) struct tree tree;
    struct literal_error error;
    struct sm_value parsed;
    int r;

    tree_init(&tree, &server->registry.resolver);
    r = literal_parse(&tree, spec, strlen(spec), &parsed, &error);
    if (r == -ENOMEM)
        return error_set_memory();
    if (r < 0)
        return parse_failed(server, name, spec, &error);
    return register_spec(server, name, &tree, parsed);
}

int sm_server_register_value(struct sm_server *server, const char *name, struct sm_value value)
{
    CLEANUP(tree_deinit) struct tree tree;

    tree_init(&tree, &server->registry.resolver);
    return register_spec(server, name, &tree, value);
}
