/* SPDX-License-Identifier: MIT */
/*
 * Idents are numbers that count up from a random start: unique for the life of a manager, and not
 * those of another manager or of one that stood at the same address before.
 *
 * Every object alive can be found by its ident, whoever holds it: an object that is only nested in
 * another can be called, and a client that takes a proxy of it out can take a reference.
 */
#include "object/registry.h"

#include "base/limits.h"
#include "object/access.h"
#include "object/place.h"
#include "system/random.h"
#include "value/known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool object_has_ident(const void *item, const void *key)
{
    return ((const struct object *)item)->ident == *(const uint64_t *)key;
}

void ident_format(uint64_t ident, char ret[IDENT_SIZE])
{
    snprintf(ret, IDENT_SIZE, "%" PRIx64, ident);
}

/* What a hexadecimal digit is worth, and one more; Python writes small ones. */
static const uint8_t digit_worth[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static bool ident_parse(const char *text, size_t len, uint64_t *ret)
{
    uint64_t ident = 0, none = 0, worth;

    if (!len || len >= IDENT_SIZE || text[0] == '0')
        return false;
    for (size_t i = 0; i < len; i++) {
        worth = digit_worth[(uint8_t)text[i]] - UINT64_C(1);
        none |= worth;
        ident = ident << 4 | worth;
    }
    *ret = ident;
    return none <= 0xf;
}

struct object *registry_find(const struct registry *registry, const char *ident, size_t len)
{
    uint64_t number;

    if (!ident_parse(ident, len, &number))
        return NULL;
    return map_find(&registry->objects, map_hash_int(number), object_has_ident, &number);
}

/* Requests tend to be for what the last one was for. An ident has one spelling alone. */
struct object *registry_find_value(struct registry *registry, struct sm_value ident)
{
    struct object *object;

    if (ident.kind != SM_KIND_STR)
        return NULL;
    if (registry->found.object && ident.len == registry->found.len &&
        memcmp(ident.text, registry->found.ident, ident.len) == 0)
        return registry->found.object;
    object = registry_find(registry, ident.text, ident.len);
    if (!object)
        return NULL;
    registry->found.object = object;
    registry->found.len = ident.len;
    memcpy(registry->found.ident, ident.text, ident.len);
    return object;
}

static bool same_address(struct sm_value a, struct sm_value b)
{
    if (a.kind != b.kind)
        return false;
    if (a.kind == SM_KIND_TUPLE)
        return sm_len(a) == 2 && sm_len(b) == 2 &&
               same_address(a.items->item[0], b.items->item[0]) &&
               same_address(a.items->item[1], b.items->item[1]);
    if (a.kind == SM_KIND_INT)
        return a.integer == b.integer;
    return (a.kind == SM_KIND_STR || a.kind == SM_KIND_BYTES) && a.len == b.len &&
           memcmp(a.bytes, b.bytes, a.len) == 0;
}

/*
 * An ident alone decides that a proxy is one of ours: clients reach the manager by names that it
 * does not know. The address only tells a stale proxy of ours from one of another manager.
 */
static int resolve_proxy(const struct registry *registry, const struct sm_object *rebuild,
                         struct ref **ret)
{
    struct value_proxy proxy;
    struct object *object = NULL;

    if (!value_is_proxy(rebuild, &proxy))
        return 0;
    if (proxy.token.ident.kind == SM_KIND_STR)
        object = registry_find(registry, proxy.token.ident.text, proxy.token.ident.len);
    if (!object)
        return same_address(proxy.token.address, registry->address) ? RESOLVER_GONE : 0;
    *ret = ref_take(&object->ref);
    return key_may_use(registry->key, object) ? 0 : RESOLVER_REFUSED;
}

static int registry_resolve(const struct resolver *resolver, const struct sm_object *object,
                            struct ref **ret)
{
    const struct registry *registry = container_of(resolver, struct registry, resolver);
    struct object *keeper;
    struct sm_value key;

    *ret = NULL;
    if (!value_is_descriptor(object, &key))
        return resolve_proxy(registry, object, ret);
    keeper = place_find(registry, key);
    if (keeper)
        *ret = ref_take(&keeper->ref);
    return 0;
}

int registry_init(struct registry *registry)
{
    uint64_t start;

    if (!random_bytes(&start, sizeof(start)))
        return -EIO;
    *registry = (struct registry){
        .resolver = {.find = registry_resolve},
        .key = &key_of_all,
        .many = LIMIT_ASIDE,
        .next_ident = (start >> 16 | UINT64_C(1) << 46) & ~UINT64_C(0xf),
    };
    list_init(&registry->audiences);
    list_init(&registry->typeids);
    list_init(&registry->held);
    leases_init(&registry->leases);
    list_init(&registry->places);
    transits_init(&registry->transits);
    return 0;
}

static void typeid_free(struct typeid *typeid)
{
    list_remove(&typeid->link);
    object_unref(typeid->singleton);
    free(typeid->name);
    free(typeid);
}

/* Empty an object that others still refer to, so that what it holds can go. */
static void object_empty(struct object *object)
{
    if (object->type->deinit)
        object->type->deinit(object);
    memset((char *)object + sizeof(*object), 0, object->type->size - sizeof(*object));
}

void registry_deinit(struct registry *registry)
{
    struct audience *audience;
    struct typeid *typeid;
    struct object *object;
    size_t at = 0;

    leases_end(&registry->leases);
    transits_close(registry);
    list_for_each(typeid, &registry->typeids, link)
        typeid_free(typeid);
    while ((object = map_next(&registry->objects, &at)))
        object_ref(object);
    at = 0;
    while ((object = map_next(&registry->objects, &at)))
        object_empty(object);
    /* Removing an object can move others to its place and behind it, but not before it. */
    for (at = 0; (object = map_next(&registry->objects, &at)); at--) {
        registry_drop(registry, object, object->clients);
        object_unref(object);
    }
    list_for_each(audience, &registry->audiences, link)
        free(audience);
    map_deinit(&registry->objects);
    timers_deinit(&registry->timers);
    leases_deinit(&registry->leases);
    versions_deinit(&registry->versions);
}

/* Its name aside, the typeid is as `what`. */
static int registry_add(struct registry *registry, const char *name, struct typeid what)
{
    struct typeid *old = (struct typeid *)registry_typeid(registry, name, strlen(name));
    struct typeid *typeid;

    if (old && old->given)
        return REGISTRY_TAKEN;
    typeid = calloc(1, sizeof(*typeid));
    what.name = typeid ? strdup(name) : NULL;
    if (!what.name) {
        free(typeid);
        return -ENOMEM;
    }
    *typeid = what;
    typeid->given = registry->complete;
    list_init(&typeid->link);
    list_append(&registry->typeids, &typeid->link);
    if (old)
        typeid_free(old);
    return 0;
}

int registry_add_type(struct registry *registry, const char *name, const struct object_type *type)
{
    return registry_add(registry, name, (struct typeid){.type = type});
}

int registry_add_refusal(struct registry *registry, const char *name, const char *refusal)
{
    return registry_add(registry, name, (struct typeid){.refusal = refusal});
}

struct audience *registry_add_audience(struct registry *registry, const char *names)
{
    size_t size = strlen(names) + 1;
    struct audience *audience = calloc(1, sizeof(*audience) + size);

    if (!audience)
        return NULL;
    memcpy(audience->names, names, size);
    list_init(&audience->link);
    list_append(&registry->audiences, &audience->link);
    return audience;
}

int registry_add_object(struct registry *registry, const char *name, struct object *object)
{
    int r = registry_add(registry, name, (struct typeid){.singleton = object});

    if (r)
        return r;
    object_ref(object);
    object->registered = true;
    return 0;
}

const char *registry_name(const struct registry *registry, const struct object *object)
{
    struct typeid *typeid;

    if (!object->registered)
        return NULL;
    list_for_each(typeid, &registry->typeids, link) {
        if (typeid->singleton == object)
            return typeid->name;
    }
    return NULL;
}

const struct typeid *registry_typeid(const struct registry *registry, const char *name, size_t len)
{
    struct typeid *typeid;

    list_for_each(typeid, &registry->typeids, link) {
        if (strlen(typeid->name) == len && memcmp(typeid->name, name, len) == 0)
            return typeid;
    }
    return NULL;
}

const struct object_type *registry_literal_type(const struct registry *registry, struct sm_value v)
{
    bool none = v.kind == SM_KIND_OBJECT && !value_made_by(v, "builtins", "complex");

    return none || !registry->literals ? NULL : registry->literals[v.kind];
}

void registry_incref(struct registry *registry, struct object *object, struct account *account)
{
    if (account && account->closed)
        return;
    if (object->clients++ == 0)
        registry->counted++;
    registry->references++;
    object_ref(object);
    transit_end(object);
    if (account)
        account_add(account, object);
}

/*
 * An object that is known through a nested proxy alone has none: the stock server ignores it too.
 */
void registry_drop(struct registry *registry, struct object *object, size_t n)
{
    n = MIN(n, object->clients);
    if (!n)
        return;
    object->clients -= n;
    registry->references -= n;
    if (!object->clients) {
        registry->counted--;
        account_forget(object);
    }
    while (n--)
        object_unref(object);
}

void registry_decref(struct registry *registry, struct object *object, struct account *account)
{
    if (account && account->closed)
        return;
    if (account)
        account_take(account, object);
    registry_drop(registry, object, 1);
}
