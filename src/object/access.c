/* SPDX-License-Identifier: MIT */
/*
 * Refusals are PermissionErrors, which the client raises as they are, of server functions too. They
 * name the key, its right and what was called; of other keys they tell nothing.
 */
#include "object/access.h"

#include "base/utf8.h"
#include "object/answer.h"
#include "object/registry.h"

#include <stdio.h>
#include <string.h>

/* Names of methods that a client made up are shown up to this length. */
#define SHOWN_NAME 64

struct key key_of_all = {.right = "admin", .writes = true, .governs = true, .bit = UINT64_MAX};
struct key key_of_none = {.right = "none"};

bool audience_has(const struct audience *audience, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = audience->names; *at; at += strcspn(at, ",")) {
        at += *at == ',';
        if (strcspn(at, ",") == len && strncmp(at, name, len) == 0)
            return true;
    }
    return false;
}

bool access_refuse(struct call *call, const char *method, const char *takes)
{
    const struct key *key = call->key;

    call->errors = CALL_RAISES;
    if (key->name)
        call_raise(call, "PermissionError", "the key '%s' (%s) may not call %s: %s", key->name,
                   key->right, method, takes);
    else
        call_raise(call, "PermissionError", "this key (%s) may not call %s: %s", key->right, method,
                   takes);
    return false;
}

/* TYPE.method() in words. A name that is none is not shown: clients may have made it up. */
static void describe(char ret[3 * SHOWN_NAME], const char *type, struct sm_value name)
{
    int type_len = (int)utf8_whole(type, MIN(strlen(type), (size_t)SHOWN_NAME));
    bool is_name = name.kind == SM_KIND_STR && name.len && name.len <= SHOWN_NAME;

    for (size_t i = 0; is_name && i < name.len; i++)
        is_name = name.text[i] > ' ' && name.text[i] < 0x7f;
    if (is_name)
        snprintf(ret, 3 * SHOWN_NAME, "%.*s.%.*s()", type_len, type, (int)name.len, name.text);
    else
        snprintf(ret, 3 * SHOWN_NAME, "a method of %.*s", type_len, type);
}

bool access_refuse_object(struct call *call, const char *type, struct sm_value method)
{
    char text[3 * SHOWN_NAME];

    describe(text, type, method);
    return access_refuse(call, text, "the object is for other keys");
}

bool access_check_method(struct call *call, const struct method *method)
{
    const struct object *object = call->object;
    char text[3 * SHOWN_NAME];

    if (method->reads || method->harmless || object->type->constant || object->of_reader)
        return true;
    describe(text, object->type->name, sm_str(method->name));
    return access_refuse(call, text, "that takes the right rw");
}

bool access_check_host(struct call *call, struct sm_value method)
{
    char text[3 * SHOWN_NAME];

    describe(text, call->object ? call->object->type->name : "the program", method);
    return access_refuse(call, text, "it would be at work on what the client has pickled");
}

bool call_may_release(const struct call *call, const struct object *object)
{
    return !call->only_reads || (call->account && account_has(call->account, object));
}

void call_take_key(struct call *call, struct key *key)
{
    call->key = key;
    call->only_reads = !key->writes;
}
