/* SPDX-License-Identifier: MIT */
/*
 * list.sort(). The values are decoded once and sorted apart; the row itself is put in order when
 * all has gone well, so a sort that fails leaves it as it was.
 *
 * The merge sort is stable and starts as CPython's does, with runs that are in order already,
 * lengthened by binary insertion: in a list of mixed types the same pair is found wanting.
 */
#include "types/list.h"

#include "base/memory.h"
#include "object/answer.h"
#include "object/clinic.h"
#include "object/dispatch.h"

#include "value/walk.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

/* Shorter lists are sorted by insertion alone. */
#define RUN_ENOUGH 64

/* So many items of two tuples are compared where that is cheap, before it is done with care. */
#define ROW_LOOKED_AT 4

struct sortee {
    struct sm_value value;
    const struct frozen *from; /* where it stands in the row */
};

/*
 * How many steps comparisons may take for free, for each byte that is stored: elements are compared
 * about as often as their number has bits. Long values in few blobs and many places take more.
 */
#define FREE_STEPS 32

struct sorter {
    struct sortee *item;  /* owned */
    struct sortee *spare; /* owned; as long */
    size_t *ends;         /* owned; where each run ends */
    size_t ends_len;
    size_t len;
    struct blob_notes thawed; /* the value of each blob */
    struct walk walk;         /* all comparisons together are bounded */
    size_t free_steps;        /* that are left */
    struct sm_value a;        /* what could not be compared */
    struct sm_value b;
};

static void sorter_deinit(struct sorter *s)
{
    memory_free(s->item);
    memory_free(s->spare);
    memory_free(s->ends);
    blob_notes_deinit(&s->thawed);
}

/* Handles of one blob: a row is not less than itself, and how long it is does not matter. */
static bool is_same_row(struct sm_value a, struct sm_value b)
{
    return a.kind == b.kind && (a.kind == SM_KIND_LIST || a.kind == SM_KIND_TUPLE) &&
           a.items == b.items;
}

/*
 * The order of what most lists are of, one kind of simple value: below 0, 0 or above as a is below,
 * equal to or above b; or NOT_SIMPLE.
 */
#define NOT_SIMPLE INT_MAX

static inline int order_simple(const struct sm_value *a, const struct sm_value *b)
{
    int order;

    if (a->kind != b->kind)
        return NOT_SIMPLE;
    switch (a->kind) {
    case SM_KIND_INT:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case SM_KIND_FLOAT:
        return isunordered(a->number, b->number)
                   ? NOT_SIMPLE
                   : (a->number > b->number) - (a->number < b->number);
    case SM_KIND_STR:
        if (a->len >= WALK_BYTES_COMPARED)
            return NOT_SIMPLE;
        order = memcmp(a->text, b->text, MIN(a->len, b->len));
        return order ? (order > 0) - (order < 0) : (a->len > b->len) - (a->len < b->len);
    default:
        return NOT_SIMPLE;
    }
}

/* The same of tuples, by the first of their items that differ, if it is among the first few. */
static inline int order_rows(const struct sm_value *a, const struct sm_value *b)
{
    int order = 0;

    if (a->kind != SM_KIND_TUPLE || b->kind != SM_KIND_TUPLE)
        return order_simple(a, b);
    for (size_t i = 0; i < MIN(MIN(a->items->len, b->items->len), ROW_LOOKED_AT); i++) {
        order = order_simple(&a->items->item[i], &b->items->item[i]);
        if (order)
            return order;
    }
    return NOT_SIMPLE;
}

static int less_at_length(struct sorter *s, const struct sortee *a, const struct sortee *b)
{
    size_t size = MIN(MIN(frozen_len(a->from), frozen_len(b->from)), s->free_steps);

    if (is_same_row(a->value, b->value))
        return 0;
    s->free_steps -= size;
    walk_again(&s->walk, size);
    return walk_less(&s->walk, a->value, b->value, &s->a, &s->b);
}

static inline int less(struct sorter *s, const struct sortee *a, const struct sortee *b)
{
    int order;

    if (a->value.kind == SM_KIND_INT && b->value.kind == SM_KIND_INT)
        return a->value.integer < b->value.integer;
    if (a->value.kind == SM_KIND_FLOAT && b->value.kind == SM_KIND_FLOAT)
        return a->value.number < b->value.number;
    order = order_rows(&a->value, &b->value);
    return order == NOT_SIMPLE ? less_at_length(s, a, b) : order < 0;
}

static void reverse(struct sortee *item, size_t len)
{
    for (size_t i = 0, j = len; i + 1 < j; i++) {
        struct sortee swapped = item[i];

        item[i] = item[--j];
        item[j] = swapped;
    }
}

/* The length of the run that `item` begins with, put in order if it descends; or an errno. */
static int find_run(struct sorter *s, struct sortee *item, size_t len, size_t *ret)
{
    size_t n = 1;
    int descending, r;

    if (len > 1) {
        descending = less(s, &item[1], &item[0]);
        if (descending < 0)
            return descending;
        for (n = 2; n < len; n++) {
            r = less(s, &item[n], &item[n - 1]);
            if (r < 0)
                return r;
            if (r != descending)
                break;
        }
        if (descending)
            reverse(item, n);
    }
    *ret = n;
    return 0;
}

/* Lengthen a run from `sorted` to len items by binary insertion. */
static int insert_sort(struct sorter *s, struct sortee *item, size_t sorted, size_t len)
{
    for (; sorted < len; sorted++) {
        struct sortee pivot = item[sorted];
        size_t low = 0, high = sorted;

        while (low < high) {
            size_t middle = low + (high - low) / 2;
            int r = less(s, &pivot, &item[middle]);

            if (r < 0)
                return r;
            if (r)
                high = middle;
            else
                low = middle + 1;
        }
        memmove(item + low + 1, item + low, (sorted - low) * sizeof(*item));
        item[low] = pivot;
    }
    return 0;
}

/* The least run: n divided by two until it is below RUN_ENOUGH, rounded up. */
static size_t least_run(size_t n)
{
    size_t odd = 0;

    for (; n >= RUN_ENOUGH; n /= 2)
        odd |= n & 1;
    return n + odd;
}

static int split_runs(struct sorter *s)
{
    size_t least = least_run(s->len);

    for (size_t at = 0; at < s->len;) {
        size_t n, rest = s->len - at;
        int r = find_run(s, s->item + at, rest, &n);

        if (r < 0)
            return r;
        if (n < least) {
            r = insert_sort(s, s->item + at, n, MIN(least, rest));
            if (r < 0)
                return r;
            n = MIN(least, rest);
        }
        at += n;
        s->ends[s->ends_len++] = at;
    }
    return 0;
}

/* Merge two neighbouring runs into the spare row. */
static int merge(struct sorter *s, size_t start, size_t middle, size_t end)
{
    size_t left = start, right = middle;

    for (size_t to = start; to < end; to++) {
        int r = 0;

        if (left < middle && right < end) {
            r = less(s, &s->item[right], &s->item[left]);
            if (r < 0)
                return r;
        }
        s->spare[to] = left == middle || r ? s->item[right++] : s->item[left++];
    }
    return 0;
}

/* Merge runs two by two, until one is left. */
static int merge_runs(struct sorter *s)
{
    while (s->ends_len > 1) {
        size_t start = 0, merged = 0;
        struct sortee *swapped = s->item;

        for (size_t i = 0; i < s->ends_len; i += 2) {
            size_t end = s->ends[MIN(i + 1, s->ends_len - 1)];
            int r = merge(s, start, s->ends[i], end);

            if (r < 0)
                return r;
            s->ends[merged++] = end;
            start = end;
        }
        s->ends_len = merged;
        s->item = s->spare;
        s->spare = swapped;
    }
    return 0;
}

/* Handles of one blob give one value. */
static int thaw(struct sorter *s, struct call *call, const struct frozen *f, struct sm_value *ret)
{
    struct blob_note *note = blob_notes_get(&s->thawed, f);
    int r;

    s->free_steps += sizeof(*f) * FREE_STEPS;
    if (note && note->value.kind != SM_KIND_MISSING) {
        *ret = note->value;
        return 0;
    }
    r = tree_thaw(call->tree, f, ret);
    if (r == 0 && note)
        note->value = *ret;
    s->free_steps += frozen_len(f) * FREE_STEPS;
    return r;
}

static int sorter_init(struct sorter *s, struct call *call, const struct slots *slots)
{
    s->len = slots->len;
    s->item = memory_lend(s->len * sizeof(*s->item));
    s->spare = memory_lend(s->len * sizeof(*s->spare));
    s->ends = memory_lend((s->len / 2 + 1) * sizeof(*s->ends)); /* a run has two items or more */
    if (!s->item || !s->spare || !s->ends)
        return -ENOMEM;
    for (size_t i = 0; i < s->len; i++) {
        int r = thaw(s, call, &slots->at[i], &s->item[i].value);

        if (r < 0)
            return r;
        s->item[i].from = &slots->at[i];
    }
    return 0;
}

static int sort(struct sorter *s, bool backwards)
{
    int r;

    if (backwards) /* twice reversed, equal values keep their order */
        reverse(s->item, s->len);
    r = split_runs(s);
    if (r == 0)
        r = merge_runs(s);
    if (r == 0 && backwards)
        reverse(s->item, s->len);
    return r;
}

/* Put the row in the order found. The spare items are memory enough for its values. */
static void sorter_apply(struct sorter *s, struct slots *slots)
{
    struct frozen *ordered = (struct frozen *)(void *)s->spare;

    for (size_t i = 0; i < s->len; i++)
        ordered[i] = *s->item[i].from;
    memcpy(slots->at, ordered, s->len * sizeof(*ordered));
}

/* How many ints the row begins with that are in order as they stand. */
static size_t sorted_ints(const struct slots *slots, bool backwards)
{
    int64_t last = backwards ? INT64_MAX : INT64_MIN, next;
    size_t n = 0;

    for (; n < slots->len && frozen_is_int(&slots->at[n], &next); n++, last = next) {
        if (backwards ? next > last : next < last)
            break;
    }
    return n;
}

/*
 * Whether a row of simple values is in order as it stands, as those are that are sorted again and
 * again: then nothing is put anywhere else. It takes no longer than to the first that is not.
 */
static bool is_sorted(struct call *call, const struct slots *slots, bool backwards)
{
    size_t ints = sorted_ints(slots, backwards);
    struct sm_value last = sm_missing(), next;

    for (size_t i = ints - (ints > 0); i < slots->len; i++, last = next) {
        int order;

        if (tree_thaw(call->tree, &slots->at[i], &next) < 0)
            return false;
        order = last.kind != SM_KIND_MISSING ? order_simple(&last, &next) : 0;
        if (order == NOT_SIMPLE || (backwards ? order < 0 : order > 0))
            return false;
    }
    return true;
}

/* A key is a function of the client's; what cannot be one is refused as Python does. */
static bool check_sort_key(struct call *call, struct sm_value key, size_t len)
{
    if (key.kind == SM_KIND_MISSING || key.kind == SM_KIND_NONE || len == 0)
        return true;
    if (key.kind != SM_KIND_GLOBAL && key.kind != SM_KIND_OBJECT)
        call_raise(call, "TypeError", "'%s' object is not callable", call_type_name(call, key));
    else if (!call_needs_python(call))
        call_raise(call, "NotImplementedError",
                   "sort(key=...) would run Python code, which this manager does not; "
                   "use l[:] = sorted(l, key=...)");
    return false;
}

void pylist_sort(struct object *self, struct call *call)
{
    struct slots *slots = &container_of(self, struct pylist, object)->slots;
    CLEANUP(sorter_deinit) struct sorter s = {0};
    bool backwards = false;
    int r = 0;

    if (!clinic_flag(call, call->arg[1], true, &backwards) ||
        !check_sort_key(call, call->arg[0], slots->len))
        return;
    s.walk.unknown = call->tree->unknown;
    if (sorted_ints(slots, !backwards) == slots->len) { /* of equal ints any may be first */
        slots_reverse(slots);
    } else if (!is_sorted(call, slots, backwards)) {
        if (call_needs_time(call))
            return;
        r = sorter_init(&s, call, slots);
        if (r == 0)
            r = sort(&s, backwards);
        if (r == 0)
            sorter_apply(&s, slots);
    }
    if (r == 0)
        call_return_none(call);
    else if (r == -EINVAL)
        call_raise(call, "TypeError", "'<' not supported between instances of '%s' and '%s'",
                   call_type_name(call, s.a), call_type_name(call, s.b));
    else
        call_raise_errno(call, r);
}
