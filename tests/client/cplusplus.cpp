// SPDX-License-Identifier: MIT
// The headers in C++17: they compile without a warning, and values are written as in C.
#include <syncmanager.h>

#include <cstdio>
#include <cstring>

static bool is(struct sm_proxy *proxy, const char *expected)
{
    const char *text = sm_text(proxy);

    if (std::strcmp(text, expected) != 0)
        std::fprintf(stderr, "%s, not %s\n", text, expected);
    return std::strcmp(text, expected) == 0;
}

int main()
{
    struct sm_manager *manager;
    struct sm_proxy *list, *dict;
    bool good;

    if (sm_manager_start(nullptr, nullptr, &manager) < 0 ||
        sm_list(manager, SM_LIST(sm_int(1), SM_TUPLE(sm_str("a"), SM_LIST())), &list) < 0 ||
        sm_dict(manager, SM_DICT({sm_str("a"), sm_none()}, {sm_int(2), SM_TUPLE(sm_bool(true))}),
                &dict) < 0 ||
        sm_call(list, "append", SM_TUPLE(sm_bytes("b", 1)), nullptr) < 0)
        return sm_complain("cplusplus");
    good = is(list, "[1, ('a', []), b'b']") && is(dict, "{'a': None, 2: (True,)}");
    sm_proxy_free(list);
    sm_proxy_free(dict);
    sm_manager_free(manager);
    return good ? 0 : 1;
}
