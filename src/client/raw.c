/* SPDX-License-Identifier: MIT */
/*
 * Calls of bindings for languages that have Python's pickles themselves: requests that come
 * pickled, answers that go as they came. Only what is simple is coded here, at their wish.
 */
#include "base/error.h"
#include "client/proxy.h"

#include <errno.h>

int sm_manager_call_raw(struct sm_manager *manager, const char *name, struct sm_value args,
                        struct sm_value kwargs, struct sm_reply **reply)
{
    return manager_ask(manager, name, args, kwargs, true, reply);
}

int sm_manager_call_pickled(struct sm_manager *manager, const void *request, size_t len,
                            struct sm_reply **reply)
{
    struct outgoing outgoing = {.pickle = request, .pickle_len = len, .raw = true};

    if (!manager || !request)
        return error_set(SM_EARG, "no manager, or no request");
    connection_drop_dead(manager);
    return manager_request(manager, &outgoing, reply);
}

int sm_call_raw(struct sm_proxy *proxy, const char *method, struct sm_value args,
                struct sm_value kwargs, struct sm_reply **reply)
{
    return proxy_ask(proxy, method, args, kwargs, true, reply);
}

int sm_call_pickled(struct sm_proxy *proxy, const void *request, size_t len,
                    struct sm_reply **reply)
{
    struct outgoing outgoing = {.pickle = request, .pickle_len = len, .raw = true};

    if (!proxy || !request)
        return error_set(SM_EARG, "no proxy, or no request");
    return proxy_call(proxy, &outgoing, reply);
}

const void *sm_reply_message(const struct sm_reply *reply, size_t *ret_len)
{
    if (!reply || !reply->message.data) {
        *ret_len = 0;
        return "";
    }
    *ret_len = reply->message.len - reply->start;
    return reply->message.data + reply->start;
}

int sm_reply_decode(struct sm_reply *reply, struct sm_value *ret)
{
    struct sm_value message;
    int r;

    if (!reply)
        return error_set(SM_EARG, "no reply");
    if (!reply->is_decoded) {
        r = reply_decode(reply, &message);
        if (r < 0)
            return r;
        reply->value = message;
    }
    *ret = reply->value;
    return SM_OK;
}
