/* SPDX-License-Identifier: MIT */
/* Stored values as text, and the arguments of a call as keys. */
#include "object/stored.h"

#include "base/limits.h"
#include "base/map.h"
#include "object/answer.h"
#include "object/args.h"
#include "object/place.h"
#include "pickle/opcodes.h"
#include "value/compare.h"
#include "value/number.h"
#include "value/walk.h"

#include <errno.h>

/* As many values are looked at to tell how much all of them take. */
#define MEASURED 256

/* Bytes of decoded values that are worth giving back. */
#define SCRATCH_ENOUGH ((size_t)64 * 1024)

void stored_text_init(struct stored_text *text, struct buffer *out, unsigned python,
                      const struct object *of)
{
    repr_row_init(&text->row, out, python);
    if (registry_offers(of->registry, NEED_PYTHON) && !out->max)
        text->row.unknown = UNKNOWN_ASK;
    tree_init(&text->scratch, NULL);
}

void stored_text_deinit(struct stored_text *text)
{
    tree_deinit(&text->scratch);
}

/* Text and bytes are cut at no cost; all else is decoded whole. */
static bool is_too_large(const struct stored_text *text, const struct frozen *f)
{
    uint8_t first = frozen_bytes(f)[0];

    return text->row.out->max && frozen_len(f) > LIMIT_SHORTENED && first != BINUNICODE &&
           first != BINUNICODE8 && first != BINBYTES && first != BINBYTES8;
}

int stored_text_add(struct stored_text *text, const struct frozen *f)
{
    struct tree *scratch = &text->scratch;
    struct sm_value v;
    int r;

    if (is_too_large(text, f)) {
        buffer_addf(text->row.out, "<%zu bytes>", frozen_len(f));
        return text->row.out->failed ? -ENOMEM : 0;
    }
    r = tree_thaw(scratch, f, &v);
    if (r < 0)
        return r;
    r = repr_row_add(&text->row, v, frozen_len(f));
    if (scratch->arena.used > SCRATCH_ENOUGH)
        tree_reset(scratch);
    return r;
}

int stored_show(struct buffer *out, unsigned python, const struct object *of,
                const struct frozen *key, const struct frozen *value)
{
    CLEANUP(stored_text_deinit) struct stored_text text;
    int r = 0;

    stored_text_init(&text, out, python, of);
    if (key) {
        r = stored_text_add(&text, key);
        buffer_add_str(out, ": ");
    }
    if (r == 0)
        r = stored_text_add(&text, value);
    return r < 0 && !out->failed ? r : 1;
}

static size_t bytes_of(const struct frozen *f)
{
    if (f->len != FROZEN_BLOB)
        return 0;
    return sizeof(*f->blob) + f->blob->len + f->blob->refs_len * sizeof(struct ref *);
}

void stored_measure_one(const struct frozen *f, struct extent *extent)
{
    extent->items++;
    extent->bytes += bytes_of(f);
}

void stored_measure(struct extent *extent, size_t n,
                    const struct frozen *(*at)(const void *row, size_t i), const void *row)
{
    size_t step = n / MEASURED + 1, bytes = 0, looked = 0;

    for (size_t i = 0; i < n; i += step, looked++)
        bytes += bytes_of(at(row, i));
    if (looked)
        extent->bytes += (size_t)((double)bytes / (double)looked * (double)n);
}

/* One message can have any number of keys that share all their parts: their walks add up. */
static int hash_of(struct tree *tree, struct sm_value v, uint64_t *ret, struct sm_value *ret_blame)
{
    struct walk walk = {.steps = tree->walked, .unknown = tree->unknown};
    size_t free_steps;
    int r;

    if (v.kind == SM_KIND_INT || (v.kind == SM_KIND_STR && v.len < WALK_BYTES_HASHED)) {
        *ret = v.kind == SM_KIND_INT ? number_hash(v) : map_hash_bytes(v.text, v.len);
        return 0; /* as most are */
    }
    walk_again(&walk, tree->message_len);
    free_steps = tree->walked - walk.steps;
    r = walk_key_hash(&walk, v, ret, ret_blame);
    tree->walked = walk.steps + free_steps;
    return r;
}

bool stored_key(struct call *call, struct sm_value v, const char *role, struct stored_key *ret)
{
    struct stored_key key;
    struct sm_value blame;
    int r = hash_of(call->tree, v, &key.hash, &blame);

    if (r == HASH_UNHASHABLE) {
        call_raise_unhashable(call, v, role, blame);
        return false;
    }
    if (r < 0) {
        call_raise_errno(call, r);
        return false;
    }
    if (!call_freeze(call, v, &key.value))
        return false;
    *ret = key;
    return true;
}

void write_global(struct pickler *p, const char *module, const char *name)
{
    pickler_value(p, NULL, sm_str(module));
    pickler_value(p, NULL, sm_str(name));
    pickler_op(p, STACK_GLOBAL);
}

void call_return_not_implemented(struct call *call)
{
    write_global(call_return_begin(call), "builtins", "NotImplemented");
    call_return_end(call);
}
