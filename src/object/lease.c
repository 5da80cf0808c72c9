/* SPDX-License-Identifier: MIT */
/*
 * Lending and recalling. Nothing here trusts a word: it is read once, and whatever it says comes to
 * a state of its object. No pointer, length or index is taken from shared memory; generations are
 * kept here, too.
 *
 * What was recalled joins a row, and is lent again when the operation is over. If its type says
 * that it cannot be, as somebody waits, it is not tried again before the next look at it.
 *
 * The names of the steps are those of the model in tests/models/lock.pml: recall, lend, and for
 * the end of a connection or process its `expel` and `dead`.
 */
#include "object/lease.h"

#include "base/limits.h"
#include "base/memory.h"
#include "object/account.h"
#include "object/registry.h"

#include <errno.h>

void leases_init(struct leases *leases)
{
    *leases = (struct leases){0};
    list_init(&leases->recalled);
}

int leases_begin(struct leases *leases, struct word *words, size_t words_len, struct cell *cells,
                 size_t cells_len)
{
    struct lease **by_word = memory_new_zeroed(words_len, sizeof(struct lease *));
    struct tenant *tenants = memory_new_zeroed(cells_len, sizeof(*tenants));

    if (!by_word || !tenants) {
        memory_free(by_word);
        memory_free(tenants);
        return -ENOMEM;
    }
    leases->words = words;
    leases->words_len = words_len;
    leases->cells = cells;
    leases->cells_len = MIN(cells_len, (size_t)WORD_CELLS_MAX);
    leases->by_word = by_word;
    leases->tenants = tenants;
    return 0;
}

/* One process leaves as many to all others as it has. */
static bool is_greedy(size_t has, size_t given, size_t len)
{
    return has >= len - given;
}

/* So many words, and so many cells, would be too much to look at when all its connections end. */
static bool is_much(size_t words, size_t cells)
{
    return cells && words > LIMIT_OWNED_LOOKS / cells;
}

static struct leases *leases_of(const struct object *object)
{
    return &object->registry->leases;
}

/* lock.pml, recall: one exchange; from here on nobody changes the state but us. */
static void recall(struct leases *leases, struct lease *lease)
{
    uint64_t word = atomic_exchange(&lease->word->state, WORD_SLOW);

    lease->lent = false;
    leases->lent--;
    leases->recalls++;
    lease->object->type->unpack(lease->object, word);
}

/* The manager looks at it where it is. */
static bool stays_lent(const struct lease *lease)
{
    return lease->lent && lease->object->type->word == WORD_NUMBER;
}

void lease_fetch(struct lease *lease)
{
    struct leases *leases = leases_of(lease->object);

    if (stays_lent(lease))
        return;
    if (lease->lent)
        recall(leases, lease);
    list_remove(&lease->recalled);
    list_append(&leases->recalled, &lease->recalled);
}

/* lock.pml, lend: `pack` holds it back while anybody waits. */
static void lend(struct leases *leases, struct lease *lease)
{
    uint64_t word;

    if (lease->lent || leases->ended || !lease->object->type->pack(lease->object, &word))
        return;
    lease->lent = true;
    leases->lent++;
    atomic_store_explicit(&lease->word->state, word, memory_order_release);
}

void leases_lend_recalled(struct leases *leases)
{
    struct lease *lease;

    list_for_each(lease, &leases->recalled, recalled) {
        list_remove(&lease->recalled);
        lend(leases, lease);
    }
}

void leases_end(struct leases *leases)
{
    leases->ended = true;
    for (size_t i = 0; i < leases->words_len && leases->lent; i++) {
        struct lease *lease = leases->by_word[i];

        if (lease && lease->lent && !stays_lent(lease))
            recall(leases, lease);
    }
}

void leases_deinit(struct leases *leases)
{
    for (size_t i = 0; i < leases->words_len; i++)
        memory_free(leases->by_word[i]);
    memory_free(leases->by_word);
    memory_free(leases->tenants);
}

/* A free place in a row, looked for from *at on; `len`: there is none. */
static size_t find_free(size_t len, size_t *at, bool (*is_free)(const struct leases *, size_t),
                        const struct leases *leases)
{
    for (size_t i = 0; i < len; i++) {
        size_t place = (*at + i) % len;

        if (is_free(leases, place)) {
            *at = place + 1;
            return place;
        }
    }
    return len;
}

static bool word_is_free(const struct leases *leases, size_t word)
{
    return !leases->by_word[word];
}

static bool cell_is_free(const struct leases *leases, size_t cell)
{
    return !leases->tenants[cell].call;
}

int cell_begin(struct call *call)
{
    struct leases *leases = &call->registry->leases;
    struct tenant *tenant;
    size_t cell;

    if (is_greedy(call->account->cells, leases->tenants_len, leases->cells_len) ||
        is_much(call->account->words, call->account->cells + 1))
        return -ENOSPC;
    cell = find_free(leases->cells_len, &leases->cell_at, cell_is_free, leases);
    tenant = &leases->tenants[cell];
    leases->tenants_len++;
    call->account->cells++;
    if (!tenant->generation)
        tenant->generation = 1;
    tenant->call = call;
    call->cell = (unsigned)cell + 1;
    call->generation = tenant->generation;
    atomic_store(&leases->cells[cell].generation, tenant->generation);
    return 0;
}

bool cell_is(const struct leases *leases, unsigned cell, uint32_t generation)
{
    return cell < leases->cells_len && leases->tenants[cell].call &&
           leases->tenants[cell].generation == generation;
}

const struct call *cell_tenant(const struct leases *leases, uint64_t word)
{
    return cell_is(leases, word_cell(word), word_generation(word))
               ? leases->tenants[word_cell(word)].call
               : NULL;
}

/* What the connection owns by its words comes back, as owned by it. */
static void recall_owned(struct leases *leases, const struct call *call)
{
    struct attachment *attachment;

    list_for_each(attachment, &call->account->attachments, of_account) {
        struct lease *lease = attachment->lease;

        if (lease->lent && lease->object->type->owner_gone &&
            cell_tenant(leases, atomic_load(&lease->word->state)) == call)
            lease_fetch(lease);
    }
}

/*
 * lock.pml, expel: the cell is written before the words are looked at. The tenant stays until they
 * have been: whatever is owned by it then was taken while it had the cell, or will be given back.
 */
void cell_end(struct call *call)
{
    struct leases *leases = &call->registry->leases;
    struct tenant *tenant;

    if (!call->cell)
        return;
    tenant = &leases->tenants[call->cell - 1];
    atomic_store(&leases->cells[call->cell - 1].generation,
                 tenant->generation == UINT32_MAX ? 1 : tenant->generation + 1);
    atomic_thread_fence(memory_order_seq_cst);
    recall_owned(leases, call);
    call->account->cells--;
    leases->tenants_len--;
    tenant->call = NULL;
    tenant->generation = tenant->generation == UINT32_MAX ? 1 : tenant->generation + 1;
    call->cell = 0;
}

static struct lease *lease_new(struct object *object)
{
    struct leases *leases = leases_of(object);
    struct lease *lease = memory_lend_zeroed(1, sizeof(*lease));
    size_t word;

    if (!lease)
        return NULL;
    word = find_free(leases->words_len, &leases->word_at, word_is_free, leases);
    lease->word = &leases->words[word];
    atomic_store(&lease->word->state, WORD_SLOW);
    atomic_store(&lease->word->ended, 0);
    lease->object = object;
    list_init(&lease->attachments);
    list_init(&lease->recalled);
    leases->by_word[word] = lease;
    leases->len++;
    object->lease = lease;
    return lease;
}

/* Nobody has the word any more: it may be another object's. */
static void lease_free(struct leases *leases, struct lease *lease)
{
    if (lease->lent)
        recall(leases, lease);
    if (lease->object)
        lease->object->lease = NULL;
    list_remove(&lease->recalled);
    leases->by_word[lease->word - leases->words] = NULL;
    leases->len--;
    memory_free(lease);
}

void lease_end(struct object *object)
{
    struct lease *lease = object->lease;

    if (!lease)
        return;
    atomic_store(&lease->word->ended, 1);
    if (lease->lent)
        recall(leases_of(object), lease);
    list_remove(&lease->recalled);
    lease->object = NULL;
}

static struct attachment *find_attachment(struct lease *lease, const struct account *account)
{
    struct attachment *attachment;

    list_for_each(attachment, &lease->attachments, of_lease) {
        if (attachment->account == account)
            return attachment;
    }
    return NULL;
}

static int attach(struct lease *lease, struct account *account)
{
    struct attachment *attachment = find_attachment(lease, account);

    if (!attachment) {
        attachment = memory_lend_zeroed(1, sizeof(*attachment));
        if (!attachment)
            return -ENOMEM;
        attachment->lease = lease;
        attachment->account = account;
        list_append(&lease->attachments, &attachment->of_lease);
        list_append(&account->attachments, &attachment->of_account);
        account->words++;
    }
    attachment->count++;
    return 0;
}

static void attachment_free(struct leases *leases, struct attachment *attachment)
{
    struct lease *lease = attachment->lease;

    list_remove(&attachment->of_lease);
    list_remove(&attachment->of_account);
    attachment->account->words--;
    memory_free(attachment);
    if (list_empty(&lease->attachments))
        lease_free(leases, lease);
}

int lease_attach(struct object *object, struct account *account, size_t *ret_word)
{
    struct leases *leases = leases_of(object);
    struct lease *lease = object->lease;

    if (leases->ended || (!lease && is_greedy(account->words, leases->len, leases->words_len)))
        return -ENOSPC;
    if (is_much(account->words + 1, account->cells))
        return -ENOSPC;
    if (!lease)
        lease = lease_new(object);
    if (!lease)
        return -ENOMEM;
    if (attach(lease, account) < 0) {
        if (list_empty(&lease->attachments))
            lease_free(leases, lease);
        return -ENOMEM;
    }
    lease_fetch(lease);
    *ret_word = (size_t)(lease->word - leases->words);
    return 0;
}

void lease_detach(struct leases *leases, struct account *account, uint64_t word)
{
    struct lease *lease = word < leases->words_len ? leases->by_word[word] : NULL;
    struct attachment *attachment = lease ? find_attachment(lease, account) : NULL;

    if (attachment && !--attachment->count)
        attachment_free(leases, attachment);
}

void lease_detach_all(struct leases *leases, struct account *account)
{
    struct attachment *attachment;

    list_for_each(attachment, &account->attachments, of_account)
        attachment_free(leases, attachment);
}
