/* SPDX-License-Identifier: MIT */
/* What the views have in common: dicts written key by key, and the rows of clients and objects. */
#include "server/view.h"

#include "object/answer.h"
#include "pickle/opcodes.h"

#define TEXT_MAX 512

void view_dict_begin(struct pickler *p)
{
    pickler_op(p, EMPTY_DICT);
    pickler_op(p, MARK);
}

void view_dict_end(struct pickler *p)
{
    pickler_op(p, SETITEMS);
}

void view_list_begin(struct pickler *p)
{
    pickler_op(p, EMPTY_LIST);
    pickler_op(p, MARK);
}

void view_list_end(struct pickler *p)
{
    pickler_op(p, APPENDS);
}

void view_key(struct pickler *p, const char *key)
{
    pickler_value(p, NULL, sm_str(key));
}

void view_int(struct pickler *p, const char *key, uint64_t n)
{
    view_key(p, key);
    pickler_value(p, NULL, sm_int((int64_t)MIN(n, (uint64_t)INT64_MAX)));
}

void view_none(struct pickler *p, const char *key)
{
    view_key(p, key);
    pickler_value(p, NULL, sm_none());
}

void view_item_text(struct pickler *p, const char *text)
{
    char shown[TEXT_MAX];
    size_t len = 0;

    for (; text[len] && len < sizeof(shown); len++)
        shown[len] = (char)(text[len] >= ' ' && text[len] < 0x7f ? text[len] : '?');
    pickler_value(p, NULL, sm_strn(shown, len));
}

void view_text(struct pickler *p, const char *key, const char *text)
{
    view_key(p, key);
    view_item_text(p, text);
}

void view_time(struct pickler *p, const char *key, nsec time)
{
    view_key(p, key);
    pickler_value(p, NULL, time == FOREVER ? sm_none() : sm_float((double)MAX(time, 0) / SEC));
}

void view_caller(struct pickler *p, uint64_t caller, const struct process *process)
{
    view_int(p, "client", caller);
    if (process && process->pid)
        view_int(p, "pid", (uint64_t)process->pid);
    else
        view_none(p, "pid");
    if (process)
        view_text(p, "process", process->name);
    else
        view_none(p, "process");
}

void view_client(struct pickler *p, const struct peer *peer)
{
    char host[ADDRESS_TEXT_MAX];
    struct identity identity;

    view_caller(p, peer->call.caller, peer->process);
    stream_identify(&peer->stream, &identity);
    if (identity.kind == IDENTITY_LOCAL) {
        view_text(p, "host", "local");
    } else if (identity.kind == IDENTITY_REMOTE) {
        address_format(&identity.address, host);
        view_text(p, "host", host);
    } else {
        view_none(p, "host");
    }
}

void view_object(struct pickler *p, const struct object *object)
{
    const char *typeid = guest_typeid(object);
    char ident[IDENT_SIZE];

    ident_format(object->ident, ident);
    view_text(p, "ident", ident);
    view_text(p, "type", typeid ? typeid : object->type->name);
}

void view_wait(struct pickler *p, const struct call *call)
{
    nsec now = call->registry->now;
    size_t len = 0;
    const char *guests = call->method ? NULL : guest_method(call, &len);
    char name[64];

    snprintf(name, sizeof(name), "%.*s", (int)len, guests ? guests : "");
    if (call->method || guests)
        view_text(p, "method", call->method ? call->method->name : name);
    else
        view_none(p, "method");
    view_time(p, "waits_s", now - call->now);
    view_time(p, "left_s", call->timer.at ? call->timer.deadline - now : FOREVER);
}

bool view_start(struct call *call, struct sm_value start, uint64_t *ret)
{
    *ret = 0;
    if (start.kind == SM_KIND_MISSING)
        return true;
    if (start.kind == SM_KIND_INT && start.integer >= 0) {
        *ret = (uint64_t)start.integer;
        return true;
    }
    call_fail(call, "TypeError", "start must be an int from an earlier answer, not %s",
              call_type_name(call, start));
    return false;
}
