/* SPDX-License-Identifier: MIT */
/* The key in a client's memory. */
#include "support/client.h"

#include <stdio.h>
#include <sys/random.h>

/* Whether the bytes are somewhere in the heap. */
static bool heap_has(const void *bytes, size_t len)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long start, end;
    bool found = false;
    char line[512];

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        if (strstr(line, "[heap]") && sscanf(line, "%lx-%lx", &start, &end) == 2)
            found |= memmem((const char *)start, end - start, bytes, len) != NULL;
    }
    fclose(maps);
    return found;
}

static void a_freed_manager_leaves_no_key_behind(void **state)
{
    uint8_t key[64];
    const struct sm_manager_options options = {.authkey = key, .authkey_len = sizeof(key)};
    struct sm_manager *manager;
    struct sm_proxy *list;
    bool seen;

    (void)state;
    assert_int_equal(getrandom(key, sizeof(key), 0), sizeof(key));
    check_ok(sm_manager_start(NULL, &options, &manager));
    check_ok(sm_list(manager, sm_missing(), &list));
    seen = heap_has(key, sizeof(key));
    sm_proxy_free(list);
    sm_manager_free(manager);
    if (!seen)
        skip(); /* a sanitizer has a heap of its own */
    assert_false(heap_has(key, sizeof(key)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_freed_manager_leaves_no_key_behind),
    };

    return run_group(tests, NULL, NULL);
}
