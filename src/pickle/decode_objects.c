/* SPDX-License-Identifier: MIT */
/*
 * Globals, and objects made by calling them. Nothing is looked up and nothing is called: a global
 * is its name, an object the recipe that makes it. Three things are known. Calls that make plain
 * values give these (decode_plain.c), a call of RebuildProxy stands for a shared object, and a
 * DupFd for a descriptor, which the tree's resolver finds.
 */
#include "pickle/decode.h"

#include "base/utf8.h"
#include "pickle/names.h"
#include "value/known.h"

#include <errno.h>
#include <string.h>

static int push_global(struct decoder *d, struct text_view module, struct text_view name)
{
    struct sm_global *global = arena_alloc(&d->tree->arena, sizeof(*global));

    if (!global)
        return -ENOMEM;
    /* Pickles of Python 2, and those that Python 3 writes for it, have its names. */
    if (d->proto < 3)
        names_modernize(&module, &name);
    *global = (struct sm_global){module.text, module.len, name.text, name.len};
    return decode_push(d, (struct sm_value){.kind = SM_KIND_GLOBAL, .global = global});
}

static int take_name(struct decoder *d, struct text_view *ret)
{
    int r = decode_line(d, &ret->text, &ret->len);

    if (r == 0 && ret->len == 0)
        return decode_unpickling_error(d, "pickle data was truncated");
    return r < 0 ? r : decode_utf8(d, (const uint8_t *)ret->text, ret->len);
}

int decode_global(struct decoder *d)
{
    struct text_view module, name;
    int r = take_name(d, &module);

    if (r == 0)
        r = take_name(d, &name);
    return r < 0 ? r : push_global(d, module, name);
}

int decode_stack_global(struct decoder *d)
{
    struct sm_value module, name;
    int r = decode_pop(d, &name);

    if (r == 0)
        r = decode_pop(d, &module);
    if (r < 0)
        return r;
    if (module.kind != SM_KIND_STR || name.kind != SM_KIND_STR)
        return decode_unpickling_error(d, "STACK_GLOBAL requires str");
    return push_global(d, (struct text_view){module.text, module.len},
                       (struct text_view){name.text, name.len});
}

static bool may_be_called(struct sm_value v)
{
    return v.kind == SM_KIND_GLOBAL || v.kind == SM_KIND_OBJECT;
}

static int push_object(struct decoder *d, enum sm_make make, struct sm_value callable,
                       struct sm_value args, struct sm_value kwargs)
{
    struct sm_value v;
    int r = tree_object(d->tree, make, callable, args, &v);

    if (r < 0)
        return r;
    v.object->kwargs = kwargs;
    return decode_push(d, v);
}

/* For "%.*s": so much of a name tells which it is. */
static int shown(struct sm_value name)
{
    return (int)utf8_whole(name.text, MIN(name.len, (size_t)64));
}

/* The object at the stack's top is a proxy: find what it stands for. */
static int resolve_proxy(struct decoder *d)
{
    struct sm_object *object = d->stack[d->stack_len - 1].object;
    struct value_proxy proxy;
    struct ref *ref;
    int r;

    if (!d->tree->resolver || !value_is_proxy(object, &proxy))
        return 0;
    r = d->tree->resolver->find(d->tree->resolver, object, &ref);
    if (r == RESOLVER_GONE && d->trusted)
        return 0;
    if (r == RESOLVER_GONE)
        return decode_fail(d, "KeyError", "'%.*s'", shown(proxy.token.ident),
                           proxy.token.ident.text);
    if (r == RESOLVER_REFUSED && !d->trusted) {
        ref_drop(ref);
        return decode_fail(d, "PermissionError", "the object %.*s is for other keys",
                           shown(proxy.token.ident), proxy.token.ident.text);
    }
    if (r < 0)
        return r;
    object->ref = ref;
    return ref ? tree_keep_ref(d->tree, ref) : 0;
}

/*
 * An object is made of these: whoever unpickles it takes a descriptor among them over. One that is
 * in no object is left to who gets it. Arguments may be fetched again and again, so that no more of
 * them are looked at than those who have descriptors give.
 */
#define LOOKED_AT 32

static int note_descriptors(struct decoder *d, struct sm_value among)
{
    struct tree *tree = d->tree;
    struct sm_value key;
    int r = 0;

    if (!tree->resolver || (among.kind != SM_KIND_TUPLE && among.kind != SM_KIND_DICT))
        return 0;
    for (size_t i = 0; r == 0 && i < MIN(among.items->len, (size_t)LOOKED_AT); i++) {
        struct sm_value v = among.items->item[i];

        if (v.kind != SM_KIND_OBJECT || v.object->ref || v.object->listed ||
            !value_is_descriptor(v.object, &key))
            continue;
        v.object->listed = true;
        r = tree_items_push(tree, &tree->descriptors, v);
    }
    return r;
}

/* callable(*args), or callable.__new__(callable, *args) where that comes to the same. */
static int push_call(struct decoder *d, enum sm_make make, struct sm_value callable,
                     struct sm_value args)
{
    struct sm_value v;
    bool plain;
    int r;

    if (!may_be_called(callable))
        return decode_fail(d, "TypeError", "'%s' object is not callable",
                           decode_type_name(d, callable));
    r = decode_plain(d, callable, &args, &v, &plain);
    if (r == 0 && plain)
        return decode_push(d, v);
    if (r == 0)
        r = push_object(d, make, callable, args, sm_none());
    if (r == 0)
        r = note_descriptors(d, args);
    return r < 0 ? r : resolve_proxy(d);
}

int decode_reduce(struct decoder *d)
{
    struct sm_value callable, args;
    int r = decode_pop(d, &args);

    if (r == 0)
        r = decode_pop(d, &callable);
    if (r < 0)
        return r;
    /* An object may be an instance of a subclass of tuple. */
    if (args.kind != SM_KIND_TUPLE && args.kind != SM_KIND_OBJECT)
        return decode_fail(d, "TypeError", "argument list must be a tuple");
    return push_call(d, SM_MAKE_CALL, callable, args);
}

static int check_newobj(struct decoder *d, const char *opcode, struct sm_value callable,
                        struct sm_value args, struct sm_value kwargs)
{
    if (!may_be_called(callable))
        return decode_fail(d, "_pickle.UnpicklingError", "%s class argument must be a type, not %s",
                           opcode, decode_type_name(d, callable));
    if (args.kind != SM_KIND_TUPLE && args.kind != SM_KIND_OBJECT)
        return decode_fail(d, "_pickle.UnpicklingError", "%s args argument must be a tuple, not %s",
                           opcode, decode_type_name(d, args));
    if (kwargs.kind != SM_KIND_DICT && kwargs.kind != SM_KIND_OBJECT)
        return decode_fail(d, "_pickle.UnpicklingError",
                           "%s kwargs argument must be a dict, not %s", opcode,
                           decode_type_name(d, kwargs));
    return 0;
}

int decode_newobj(struct decoder *d)
{
    struct sm_value callable, args;
    int r = decode_pop(d, &args);

    if (r == 0)
        r = decode_pop(d, &callable);
    if (r == 0)
        r = check_newobj(d, "NEWOBJ", callable, args, (struct sm_value){.kind = SM_KIND_DICT});
    if (r < 0)
        return r;
    if (args.kind == SM_KIND_TUPLE && args.items->len == 0)
        return push_call(d, SM_MAKE_NEW, callable, args);
    return push_object(d, SM_MAKE_NEW, callable, args, sm_none());
}

int decode_newobj_ex(struct decoder *d)
{
    struct sm_value callable, args, kwargs;
    int r = decode_pop(d, &kwargs);

    if (r == 0)
        r = decode_pop(d, &args);
    if (r == 0)
        r = decode_pop(d, &callable);
    if (r == 0)
        r = check_newobj(d, "NEWOBJ_EX", callable, args, kwargs);
    return r < 0 ? r : push_object(d, SM_MAKE_NEW_EX, callable, args, kwargs);
}

/* An instance as protocols 0 and 1 make it: a class without arguments is not called. */
static int push_instance(struct decoder *d, struct sm_value class, struct sm_value args)
{
    return push_call(d, args.items->len ? SM_MAKE_CALL : SM_MAKE_NEW, class, args);
}

int decode_obj(struct decoder *d)
{
    struct sm_value class, args;
    size_t at;
    int r = decode_pop_mark(d, &at);

    if (r < 0)
        return r;
    if (d->stack_len == at)
        return decode_underflow(d);
    r = decode_pack(d, SM_KIND_TUPLE, d->stack_len - at - 1);
    if (r < 0)
        return r;
    args = d->stack[--d->stack_len];
    class = d->stack[--d->stack_len];
    return push_instance(d, class, args);
}

int decode_inst(struct decoder *d)
{
    struct sm_value class, args;
    size_t at;
    int r = decode_pop_mark(d, &at);

    if (r == 0)
        r = decode_pack(d, SM_KIND_TUPLE, d->stack_len - at);
    if (r == 0)
        r = decode_global(d);
    if (r < 0)
        return r;
    class = d->stack[--d->stack_len];
    args = d->stack[--d->stack_len];
    return push_instance(d, class, args);
}

/* What CPython says to slots for a value that has none; nothing to set is fine. */
static int refuse_slots(struct decoder *d, struct sm_value v, struct sm_value slots)
{
    struct sm_value name;

    if (slots.kind != SM_KIND_DICT)
        return decode_unpickling_error(d, "slot state is not a dictionary");
    if (!slots.items->len)
        return 0;
    name = slots.items->item[0];
    return decode_fail(d, "AttributeError", "'%s' object has no attribute '%.*s'",
                       decode_type_name(d, v), name.kind == SM_KIND_STR ? shown(name) : 0,
                       name.kind == SM_KIND_STR ? name.text : "");
}

/* The same for state as a whole. */
static int refuse_state(struct decoder *d, struct sm_value v, struct sm_value state)
{
    bool pair = state.kind == SM_KIND_TUPLE && state.items->len == 2;
    struct sm_value slots = pair ? state.items->item[1] : sm_none();

    if (pair)
        state = state.items->item[0];
    if (state.kind != SM_KIND_NONE && state.kind != SM_KIND_DICT)
        return decode_unpickling_error(d, "state is not a dictionary");
    if (state.kind == SM_KIND_DICT)
        return decode_fail(d, "AttributeError", "'%s' object has no attribute '__dict__'",
                           decode_type_name(d, v));
    return pair ? refuse_slots(d, v, slots) : 0;
}

/* The object has its state: find the descriptor that it stands for, if that is kept here. */
static int resolve_descriptor(struct decoder *d, struct sm_object *object)
{
    const struct resolver *resolver = d->tree->resolver;
    struct sm_value key;
    int r;

    if (!resolver || !value_is_descriptor(object, &key))
        return 0;
    r = resolver->find(resolver, object, (struct ref **)&object->ref);
    return r < 0 || !object->ref ? r : tree_keep_ref(d->tree, object->ref);
}

/* What is state as such, or a pair of that and slots. */
static int note_state(struct decoder *d, struct sm_value state)
{
    int r = note_descriptors(d, state);

    if (state.kind != SM_KIND_TUPLE || state.items->len != 2)
        return r;
    for (size_t i = 0; r == 0 && i < 2; i++)
        r = note_descriptors(d, state.items->item[i]);
    return r;
}

int decode_build(struct decoder *d)
{
    struct sm_value v, state;
    int r = decode_need(d, 2);

    if (r < 0)
        return r;
    state = d->stack[--d->stack_len];
    v = d->stack[d->stack_len - 1];
    if (v.kind != SM_KIND_OBJECT)
        return refuse_state(d, v, state);
    r = tree_object_step(d->tree, v.object,
                         (struct sm_step){.kind = SM_STEP_STATE, .value = state});
    if (r == 0)
        r = note_state(d, state);
    return r < 0 ? r : resolve_descriptor(d, v.object);
}

/* The registry of extension codes is empty but for those who fill it, on both sides. */
static int fail_extension(struct decoder *d, size_t width)
{
    uint64_t number;
    int32_t code;
    int r = decode_number(d, width, &number);

    if (r < 0)
        return r;
    code = (int32_t)number;
    if (code <= 0)
        return decode_unpickling_error(d, "EXT specifies code <= 0");
    return decode_fail(d, "ValueError", "unregistered extension code %d", (int)code);
}

int decode_ext1(struct decoder *d)
{
    return fail_extension(d, 1);
}

int decode_ext2(struct decoder *d)
{
    return fail_extension(d, 2);
}

int decode_ext4(struct decoder *d)
{
    return fail_extension(d, 4);
}

int decode_persid(struct decoder *d)
{
    return decode_unpickling_error(d, "A load persistent id instruction was encountered,\n"
                                      "but no persistent_load function was specified.");
}

int decode_next_buffer(struct decoder *d)
{
    return decode_unpickling_error(
        d, "pickle stream refers to out-of-band data but no *buffers* argument was given");
}

int decode_readonly_buffer(struct decoder *d)
{
    struct sm_value *top;
    int r = decode_top(d, &top);

    if (r < 0 || top->kind == SM_KIND_BYTES || top->kind == SM_KIND_OBJECT)
        return r;
    if (top->kind == SM_KIND_BYTEARRAY)
        return decode_fail(d, "TypeError", "cannot pickle 'memoryview' object");
    return decode_fail(d, "TypeError", "memoryview: a bytes-like object is required, not '%s'",
                       decode_type_name(d, *top));
}
