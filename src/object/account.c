/* SPDX-License-Identifier: MIT */
/*
 * Who holds references to what. The count that clients see, object.clients, is a plain number:
 * incref adds one and decref takes one away, whoever asks, as in Python. The accounts beside it say
 * which process would have to give back how many, so that this can be done for one that has died.
 *
 * The two may differ. References taken by peers whose process is not known (TCP, another host) are
 * in no account. And a process may give back what another took: a decref of one that has none of
 * its own lowers the count alone, and the object's accounts then show more than there is
 * (object.accounted > object.clients). Which account is wrong cannot be known. So when a process
 * dies, as many of its references as are missing are taken for those that were given back, and do
 * not lower the count again: an object may then live until the others who hold it have ended too,
 * but it is never freed while one of them holds it.
 */
#include "object/account.h"

#include "base/memory.h"
#include "object/registry.h"

static bool holding_is_of(const void *item, const void *key)
{
    return ((const struct holding *)item)->object == key;
}

static struct holding *find_holding(const struct account *account, const struct object *object)
{
    return map_find(&account->holdings, map_hash_int(object->ident), holding_is_of, object);
}

static void holding_free(struct holding *holding)
{
    list_remove(&holding->link);
    holding->account->references -= holding->count;
    holding->object->accounted -= holding->count;
    memory_free(holding);
}

void account_init(struct account *account)
{
    *account = (struct account){0};
    list_init(&account->owned);
    list_init(&account->attachments);
}

void account_abandon(struct account *account)
{
    struct holding *holding;
    size_t at = 0;

    account->closed = true;
    while ((holding = map_next(&account->holdings, &at)))
        holding_free(holding);
    map_deinit(&account->holdings);
    while (!list_empty(&account->owned))
        list_remove(account->owned.next);
}

void account_add(struct account *account, struct object *object)
{
    struct holding *holding = find_holding(account, object);

    if (!holding) {
        holding = memory_lend_zeroed(1, sizeof(*holding));
        if (!holding)
            return;
        if (map_add(&account->holdings, map_hash_int(object->ident), holding) < 0) {
            memory_free(holding);
            return;
        }
        holding->account = account;
        holding->object = object;
        list_init(&holding->link);
        list_append(&object->holdings, &holding->link);
    }
    holding->count++;
    account->references++;
    object->accounted++;
}

void account_take(struct account *account, struct object *object)
{
    struct holding *holding = find_holding(account, object);

    if (!holding)
        return;
    if (holding->count == 1) {
        map_remove(&account->holdings, map_hash_int(object->ident), holding);
        holding_free(holding);
        return;
    }
    holding->count--;
    account->references--;
    object->accounted--;
}

bool account_has(const struct account *account, const struct object *object)
{
    return find_holding(account, object);
}

void account_forget(struct object *object)
{
    struct holding *holding;

    list_for_each(holding, &object->holdings, link) {
        map_remove(&holding->account->holdings, map_hash_int(object->ident), holding);
        holding_free(holding);
    }
}

size_t account_close(struct account *account, struct registry *registry)
{
    struct map holdings = account->holdings;
    struct holding *holding;
    size_t at = 0, dropped = 0;

    account->closed = true;
    account->holdings = (struct map){0};
    while ((holding = map_next(&holdings, &at))) {
        struct object *object = holding->object;
        size_t missing =
            object->accounted > object->clients ? object->accounted - object->clients : 0;
        size_t n = holding->count - MIN(holding->count, missing);

        holding_free(holding);
        registry_drop(registry, object, n);
        dropped += n;
    }
    map_deinit(&holdings);
    return dropped;
}
