/* SPDX-License-Identifier: MIT */
/* Reading pickles. What is expected was asked of CPython 3.11. */
#include "support/pickle.h"
#include "support/tree.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "value/known.h"
#include "wire/message.h"

#include <errno.h>
#include <stdlib.h>

static const struct {
    const uint8_t *data;
    size_t len;
    const char *repr;
} plain[] = {
    {PICKLE("N."), "None"},
    {PICKLE("\x88."), "True"},
    {PICKLE("\x80\x04\x95\x02\0\0\0\0\0\0\0\x89."), "False"},
    {PICKLE("K\xff."), "255"},
    {PICKLE("M\xff\xff."), "65535"},
    {PICKLE("J\xff\xff\xff\xff."), "-1"},
    {PICKLE("\x8a\0."), "0"},
    {PICKLE("\x8a\x01\x80."), "-128"},
    {PICKLE("\x8a\x09\0\0\0\0\0\0\0\x80\0."), "9223372036854775808"},
    {PICKLE("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\0."), "9223372036854775807"},
    {PICKLE("\x8b\x09\0\0\0\0\0\0\0\0\0\0\0\x01."), "18446744073709551616"},
    {PICKLE("G\xbf\xf8\0\0\0\0\0\0."), "-1.5"},
    {PICKLE("I00\n."), "False"},
    {PICKLE("I01\n."), "True"},
    {PICKLE("I1\n."), "1"},
    {PICKLE("I0x10\n."), "16"},
    {PICKLE("I010\n."), "8"},
    {PICKLE("I1_0\n."), "10"},
    {PICKLE("I-99999999999999999999\n."), "-99999999999999999999"},
    {PICKLE("L-7L\n."), "-7"},
    {PICKLE("L0x1ffffffffffffffffL\n."), "36893488147419103231"},
    {PICKLE("F1.5\n."), "1.5"},
    {PICKLE("F-inf\n."), "-inf"},
    {PICKLE("F+1.e5\n."), "100000.0"},
    {PICKLE("S'a\\x41\\n\\101\\q'\n."), "'aA\\nA\\\\q'"},
    {PICKLE("U\x02hi."), "'hi'"},
    {PICKLE("V\xe9\\u20ac\\U0001f600\\\\u0041\\ud800\n."),
     "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\\\\\\\\u0041\\ud800'"},
    {PICKLE("X\x03\0\0\0\xed\xa0\x80."), "'\\ud800'"},
    {PICKLE("\x8c\x02\xc3\xa9."), "'\xc3\xa9'"},
    {PICKLE("\x8d\x01\0\0\0\0\0\0\0a."), "'a'"},
    {PICKLE("C\x01\xff."), "b'\\xff'"},
    {PICKLE("\x8e\x01\0\0\0\0\0\0\0a."), "b'a'"},
    {PICKLE("\x96\x01\0\0\0\0\0\0\0a."), "bytearray(b'a')"},
    {PICKLE(")."), "()"},
    {PICKLE("NN\x86."), "(None, None)"},
    {PICKLE("(NNNNt."), "(None, None, None, None)"},
    {PICKLE("(NNl."), "[None, None]"},
    {PICKLE("](K\1K\2eK\3a."), "[1, 2, 3]"},
    {PICKLE("(K\1K\2d."), "{1: 2}"},
    {PICKLE("}K\1K\2s(K\3K\4u."), "{1: 2, 3: 4}"},
    {PICKLE("\x8f(K\1K\2\x90."), "{1, 2}"},
    {PICKLE("(K\1\x91."), "frozenset({1})"},
    {PICKLE("K\1K\2"
            "0."),
     "1"},
    {PICKLE("K\1(K\2K\0031."), "1"},
    {PICKLE("K\0012\x86."), "(1, 1)"},
    {PICKLE("]\x94h\0a."), "[[...]]"},
    {PICKLE("K\1p5\n0g5\n."), "1"},
    {PICKLE("K\1r\xff\xff\xff\xff\x30j\xff\xff\xff\xff."), "1"},
    /* plain values that older protocols write as calls */
    {PICKLE("c__builtin__\nset\n(](K\1K\2etR."), "{1, 2}"},
    {PICKLE("\x80\2c__builtin__\nfrozenset\n]\x85R."), "frozenset()"},
    {PICKLE("c_codecs\nencode\n(V\xff\nVlatin1\ntR."), "b'\\xff'"},
    {PICKLE("\x80\2c__builtin__\nbytes\n)R."), "b''"},
    {PICKLE("\x80\2c__builtin__\nbytearray\n(V\xff\nVlatin-1\ntR."), "bytearray(b'\\xff')"},
    {PICKLE("\x80\3cbuiltins\nbytearray\nC\1a\x85R."), "bytearray(b'a')"},
    {PICKLE("\x80\4\x8c\x08"
            "builtins\x8c\4list\x93](K\1K\2e\x85R."),
     "[1, 2]"},
    {PICKLE("(i__builtin__\nlist\n."), "[]"},
    {PICKLE("(c__builtin__\ndict\no."), "{}"},
    {PICKLE("cbuiltins\nfloat\nK\2\x85R."), "2.0"},
};

static void plain_values_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
        struct sm_value v = unpickle(&tree, plain[i].data, plain[i].len);

        assert_string_equal(repr_in(&tree, v, 11), plain[i].repr);
    }
}

static const struct {
    const uint8_t *data;
    size_t len;
    const char *error;
} broken[] = {
    {PICKLE(""), "EOFError: Ran out of input"},
    {PICKLE("N"), "EOFError: Ran out of input"},
    {PICKLE("x"), "_pickle.UnpicklingError: invalid load key, 'x'."},
    {PICKLE("\xff"), "_pickle.UnpicklingError: invalid load key, '\\xff'."},
    {PICKLE("'"), "_pickle.UnpicklingError: invalid load key, '\\x27'."},
    {PICKLE("."), "_pickle.UnpicklingError: unpickling stack underflow"},
    {PICKLE("(."), "_pickle.UnpicklingError: unexpected MARK found"},
    {PICKLE("N(N\x86"), "_pickle.UnpicklingError: unexpected MARK found"},
    {PICKLE("t"), "_pickle.UnpicklingError: could not find MARK"},
    {PICKLE("(Nd."), "_pickle.UnpicklingError: odd number of items for DICT"},
    {PICKLE("}(Nu."), "_pickle.UnpicklingError: odd number of items for SETITEMS"},
    {PICKLE("(e"), "_pickle.UnpicklingError: unpickling stack underflow"},
    {PICKLE("NNa."), "AttributeError: 'NoneType' object has no attribute 'append'"},
    {PICKLE("](N\x90."), "AttributeError: 'list' object has no attribute 'add'"},
    {PICKLE("NNNs."), "TypeError: 'NoneType' object does not support item assignment"},
    {PICKLE("}]Ns."), "TypeError: unhashable type: 'list'"},
    {PICKLE("\x8f(}\x90."), "TypeError: unhashable type: 'dict'"},
    {PICKLE("(\x8f\x91."), "TypeError: unhashable type: 'set'"},
    {PICKLE("\x80\6"), "ValueError: unsupported pickle protocol: 6"},
    {PICKLE("\x95\5\0\0\0\0\0\0\0N."), "_pickle.UnpicklingError: pickle data was truncated"},
    {PICKLE("\x95\xff\xff\xff\xff\xff\xff\xff\xff"),
     "OverflowError: FRAME length exceeds system's maximum of 9223372036854775807 bytes"},
    {PICKLE("Iabc\n."), "ValueError: could not convert string to int"},
    {PICKLE("I\n."), "_pickle.UnpicklingError: pickle data was truncated"},
    {PICKLE("I12"), "_pickle.UnpicklingError: pickle data was truncated"},
    {PICKLE("Labc\n."), "ValueError: invalid literal for int() with base 10: 'abc\\n'"},
    {PICKLE("LL\n."), "ValueError: invalid literal for int() with base 10: ''"},
    {PICKLE("L010\n."), "ValueError: invalid literal for int() with base 0: '010\\n'"},
    {PICKLE("p"), "_pickle.UnpicklingError: pickle data was truncated"},
    {PICKLE("Fabc\n."), "ValueError: could not convert string to float: 'abc\n'"},
    {PICKLE("F0x1p3\n."), "ValueError: could not convert string to float"},
    {PICKLE("F1e999\n."), "OverflowError: value too large to convert to float: '1e999\n'"},
    {PICKLE("Sabc\n."), "_pickle.UnpicklingError: the STRING opcode argument must be quoted"},
    {PICKLE("S'\\x4'\n."), "ValueError: invalid \\x escape at position 0"},
    {PICKLE("S'\\'\n."), "ValueError: Trailing \\ in string"},
    {PICKLE("S'a\\x80b'\n."), "UnicodeDecodeError: 'ascii' codec can't decode byte 0x80 in "
                              "position 1: ordinal not in range(128)"},
    {PICKLE("U\1\xff."), "UnicodeDecodeError: 'ascii' codec can't decode byte 0xff in "
                         "position 0: ordinal not in range(128)"},
    {PICKLE("V\\u004\n."), "UnicodeDecodeError: 'rawunicodeescape' codec can't decode bytes in "
                           "position 0-4: truncated \\uXXXX escape"},
    {PICKLE("Va\\U00110000\n."), "UnicodeDecodeError: 'rawunicodeescape' codec can't decode bytes "
                                 "in position 1-10: \\Uxxxxxxxx out of range"},
    {PICKLE("\x8c\1\xff."), "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in "
                            "position 0: invalid start byte"},
    {PICKLE("\x8c\3"
            "a\xe2\x82."),
     "UnicodeDecodeError: 'utf-8' codec can't decode bytes in "
     "position 1-2: unexpected end of data"},
    {PICKLE("\x8c\4\xf0\x9f\x98(."), "UnicodeDecodeError: 'utf-8' codec can't decode bytes in "
                                     "position 0-2: invalid continuation byte"},
    {PICKLE("\x8c\2\xed\xa0."), "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xed in "
                                "position 0: invalid continuation byte"},
    {PICKLE("\x8c\3\xe0\x80\x80."), "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe0 in "
                                    "position 0: invalid continuation byte"},
    {PICKLE("\x8e\0\0\0\0\0\0\0\x40"
            "a"),
     "_pickle.UnpicklingError: pickle data was truncated"},
    {PICKLE("\x8d\xff\xff\xff\xff\xff\xff\xff\xff"),
     "OverflowError: BINUNICODE exceeds system's maximum size of 9223372036854775807 bytes"},
    {PICKLE("\x8b\xff\xff\xff\xff"),
     "_pickle.UnpicklingError: LONG pickle has negative byte count"},
    {PICKLE("h\7."), "_pickle.UnpicklingError: Memo value not found at index 7"},
    {PICKLE("g-1\n."), "_pickle.UnpicklingError: Memo value not found at index -1"},
    {PICKLE("j\xff\xff\xff\xff."),
     "_pickle.UnpicklingError: Memo value not found at index 4294967295"},
    {PICKLE("Np-1\n."), "ValueError: negative PUT argument"},
    {PICKLE("\x94"), "_pickle.UnpicklingError: unpickling stack underflow"},
    {PICKLE("\x82\0"), "_pickle.UnpicklingError: EXT specifies code <= 0"},
    {PICKLE("\x83\5\1"), "ValueError: unregistered extension code 261"},
    {PICKLE("NQ."), "_pickle.UnpicklingError: A load persistent id instruction was encountered,\n"
                    "but no persistent_load function was specified."},
    {PICKLE("\x97."), "_pickle.UnpicklingError: pickle stream refers to out-of-band data but no "
                      "*buffers* argument was given"},
    {PICKLE("NN\x93."), "_pickle.UnpicklingError: STACK_GLOBAL requires str"},
    {PICKLE("c\xff\nabc\n"), "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in "
                             "position 0: invalid start byte"},
    {PICKLE("NNR."), "TypeError: argument list must be a tuple"},
    {PICKLE("N)R."), "TypeError: 'NoneType' object is not callable"},
    {PICKLE("N)\x81."),
     "_pickle.UnpicklingError: NEWOBJ class argument must be a type, not NoneType"},
    {PICKLE("cbuiltins\nint\n)N\x92."),
     "_pickle.UnpicklingError: NEWOBJ_EX kwargs argument must be a dict, not NoneType"},
    {PICKLE("N}b."), "AttributeError: 'NoneType' object has no attribute '__dict__'"},
    {PICKLE("]K\1b."), "_pickle.UnpicklingError: state is not a dictionary"},
    {PICKLE("]NN\x86"
            "b."),
     "_pickle.UnpicklingError: slot state is not a dictionary"},
};

static void what_cannot_be_read_is_told_as_cpython_tells_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
        struct pickle_error error;
        struct sm_value v;
        char text[300];

        assert_int_equal(pickle_decode(&tree, broken[i].data, broken[i].len, &v, &error), -EINVAL);
        snprintf(text, sizeof(text), "%s: %s", error.type, error.message);
        assert_string_equal(text, broken[i].error);
    }
}

static void decimals_are_read_up_to_the_limit(void **state)
{
    char text[LIMIT_INT_DIGITS + 8];
    struct pickle_error error;
    struct sm_value v;

    (void)state;
    memset(text, '9', sizeof(text));
    text[0] = 'L';
    memcpy(text + 1 + LIMIT_INT_DIGITS, "L\n.", 3);
    v = unpickle(&tree, (uint8_t *)text, LIMIT_INT_DIGITS + 4);
    assert_int_equal(v.kind, SM_KIND_BIGINT);
    memcpy(text + 1 + LIMIT_INT_DIGITS, "9L\n.", 4);
    assert_int_equal(pickle_decode(&tree, (uint8_t *)text, LIMIT_INT_DIGITS + 5, &v, &error),
                     -EINVAL);
    assert_string_equal(error.message,
                        "Exceeds the limit (4300 digits) for integer string conversion: value has "
                        "4301 digits; use sys.set_int_max_str_digits() to increase the limit");
}

static void names_of_python_2_become_those_of_python_3(void **state)
{
    struct sm_value v;

    (void)state;
    v = unpickle(&tree, PICKLE("ccopy_reg\n_reconstructor\n."));
    assert_true(value_is_global(v, "copyreg", "_reconstructor"));
    v = unpickle(&tree, PICKLE("\x80\2cexceptions\nStandardError\n."));
    assert_true(value_is_global(v, "builtins", "Exception"));
    v = unpickle(&tree, PICKLE("\x80\2cexceptions\nKeyError\n."));
    assert_true(value_is_global(v, "builtins", "KeyError"));
    v = unpickle(&tree, PICKLE("\x80\2cQueue\nEmpty\n."));
    assert_true(value_is_global(v, "queue", "Empty"));
    v = unpickle(&tree, PICKLE("\x80\2citertools\nimap\n."));
    assert_true(value_is_global(v, "builtins", "map"));
    v = unpickle(&tree, PICKLE("\x80\3cQueue\nEmpty\n."));
    assert_true(value_is_global(v, "Queue", "Empty"));
}

static void unknown_classes_become_recipes(void **state)
{
    struct sm_object *object;
    struct sm_value v;

    (void)state;
    v = unpickle(&tree, PICKLE("\x80\4\x8c\1m\x8c\1C\x93)\x81}\x8c\1aK\1sb](K\2K\3e0K\4aK\5K\6s."));
    assert_int_equal(v.kind, SM_KIND_OBJECT);
    object = v.object;
    assert_int_equal(object->make, SM_MAKE_NEW);
    assert_true(value_is_global(object->callable, "m", "C"));
    assert_int_equal(object->steps_len, 3);
    assert_int_equal(object->steps[0].kind, SM_STEP_STATE);
    assert_int_equal(object->steps[1].kind, SM_STEP_APPEND);
    assert_int_equal(object->steps[2].kind, SM_STEP_SETITEM);
    assert_int_equal(object->steps[2].key.integer, 5);
}

static void instances_without_arguments_are_not_called(void **state)
{
    (void)state;
    assert_int_equal(unpickle(&tree, PICKLE("(im\nC\n.")).object->make, SM_MAKE_NEW);
    assert_int_equal(unpickle(&tree, PICKLE("(K\1im\nC\n.")).object->make, SM_MAKE_CALL);
    assert_int_equal(unpickle(&tree, PICKLE("(cm\nC\no.")).object->make, SM_MAKE_NEW);
    assert_int_equal(unpickle(&tree, PICKLE("(cm\nC\nK\1o.")).object->make, SM_MAKE_CALL);
    assert_int_equal(unpickle(&tree, PICKLE("cm\nC\n)}\x92.")).object->make, SM_MAKE_NEW_EX);
}

static void what_is_fetched_is_shared(void **state)
{
    struct sm_value v;

    (void)state;
    v = unpickle(&tree, PICKLE("(]\x94]\x94h\0t."));
    assert_true(tree_is_shared(&tree, v.items->item[0]));
    assert_false(tree_is_shared(&tree, v.items->item[1]));
    assert_int_equal(v.items->item[0].id, v.items->item[2].id);
    assert_ptr_equal(v.items->item[0].items, v.items->item[2].items);
}

static void a_container_grows_wherever_it_is(void **state)
{
    struct sm_value v = unpickle(&tree, PICKLE("(]q\0h\0K\1at."));

    (void)state;
    assert_string_equal(repr_in(&tree, v, 11), "([1], [1])");
}

/* set(L), and then L: what is in L is in two places, although nothing fetched it. */
static void what_a_call_has_taken_apart_is_shared_once_it_is_fetched(void **state)
{
    struct sm_value v;

    (void)state;
    v = unpickle(&tree, PICKLE("\x80\3(cbuiltins\nlist\n](]]e\x94\x85R\x94h\0K\1at."));
    assert_string_equal(repr_in(&tree, v, 11), "([[], []], [[], [], 1])");
    assert_true(tree_is_shared(&tree, v.items->item[0].items->item[1]));
    assert_int_equal(v.items->item[0].items->item[1].id, v.items->item[1].items->item[1].id);
}

static void copies_of_shared_values_are_limited(void **state)
{
    enum { ITEMS = 20000, CALLS = 2000 };
    static const char call[] = "h\0h\1\x85R0";
    struct buffer b = {0};
    struct pickle_error error;
    struct sm_value v;

    (void)state;
    buffer_add_str(&b, "\x80\3cbuiltins\nlist\nq");
    buffer_add(&b, "\0", 1);
    buffer_add_str(&b, "](");
    for (size_t i = 0; i < ITEMS; i++)
        buffer_add_byte(&b, 'N');
    buffer_add_str(&b, "eq\1");
    for (size_t i = 0; i < CALLS; i++)
        buffer_add(&b, call, sizeof(call) - 1);
    buffer_add_byte(&b, '.');
    assert_int_equal(pickle_decode(&tree, b.data, b.len, &v, &error), -EINVAL);
    assert_string_equal(error.type, "MemoryError");
    buffer_deinit(&b);
}

static void depth_costs_no_stack(void **state)
{
    enum { DEPTH = 1000000 };
    struct buffer b = {0};
    struct sm_value v;

    (void)state;
    buffer_add_byte(&b, 'N');
    for (size_t i = 0; i < DEPTH; i++)
        buffer_add_byte(&b, 0x85);
    buffer_add_byte(&b, '.');
    v = unpickle(&tree, b.data, b.len);
    for (size_t i = 0; i < DEPTH; i++)
        v = v.items->item[0];
    assert_int_equal(v.kind, SM_KIND_NONE);
    buffer_deinit(&b);
}

static void what_follows_stop_is_ignored(void **state)
{
    (void)state;
    assert_int_equal(unpickle(&tree, PICKLE("K\1.junk")).integer, 1);
}

/* A resolver that knows the ident "7f", and holds that "other" is elsewhere. */
struct shelf {
    struct resolver resolver;
    struct ref ref;
};

static void keep_ref(struct ref *ref)
{
    (void)ref;
    fail_msg("the last reference was dropped");
}

static int find_on_shelf(const struct resolver *resolver, const struct sm_object *object,
                         struct ref **ret)
{
    struct shelf *shelf = container_of(resolver, struct shelf, resolver);
    struct value_proxy proxy;

    assert_true(value_is_proxy(object, &proxy));
    *ret = NULL;
    if (proxy.token.ident.len == 2 && memcmp(proxy.token.ident.text, "7f", 2) == 0)
        *ret = ref_take(&shelf->ref);
    else if (proxy.token.ident.len == 2)
        return RESOLVER_GONE;
    return 0;
}

#define PROXY(ident)                                                                               \
    PICKLE("\x80\4\x8c\x18multiprocessing.managers\x94\x8c\x0cRebuildProxy\x93("                   \
           "h\0\x8c\x09ListProxy\x93h\0\x8c\5Token\x93)\x81\x8c\4list\x8c\1a" ident "\x87"         \
           "b\x8c\6pickle}tR.")

static void proxies_find_their_objects(void **state)
{
    struct shelf shelf = {{find_on_shelf}, {1, keep_ref}};
    struct pickle_error error;
    struct sm_value v;

    (void)state;
    tree.resolver = &shelf.resolver;
    v = unpickle(&tree, PROXY("\x8c\0027f"));
    assert_ptr_equal(v.object->ref, &shelf.ref);
    assert_int_equal(shelf.ref.count, 2);
    v = unpickle(&tree, PROXY("\x8c\5other"));
    assert_null(v.object->ref);
    tree_reset(&tree);
    assert_int_equal(shelf.ref.count, 1);
    assert_int_equal(pickle_decode(&tree, PROXY("\x8c\2no"), &v, &error), -EINVAL);
    assert_string_equal(error.type, "KeyError");
    assert_string_equal(error.message, "'no'");
}

/* A resolver that keeps what is known as 7. */
static int find_7(const struct resolver *resolver, const struct sm_object *object, struct ref **ret)
{
    struct sm_value key;

    assert_true(value_is_descriptor(object, &key));
    *ret = NULL;
    if (key.integer == 7)
        *ret = ref_take(&container_of(resolver, struct shelf, resolver)->ref);
    return 0;
}

#define DUP_FD(key)                                                                                \
    "cmultiprocessing.resource_sharer\nDupFd\n)\x81}X\3\0\0\0_idX\1\0\0\0aK" key "\x86sb"

static const struct {
    const uint8_t *data;
    size_t len;
    size_t taken; /* how many descriptors may be taken over */
    size_t kept;
} descriptors[] = {
    {PICKLE("\x80\2" DUP_FD("\1") "."), 0, 0},
    {PICKLE("\x80\2(" DUP_FD("\1") DUP_FD("\7") "l."), 0, 1},
    {PICKLE("\x80\2cm\nf\n(K\1" DUP_FD("\1") "tR."), 1, 0},
    {PICKLE("\x80\2cm\nf\n" DUP_FD("\7") "\x85R."), 0, 1},
    {PICKLE("\x80\2(cm\nf\n" DUP_FD("\1") "q\0\x85Rcm\nf\nh\0h\0\x86Rl."), 1, 0},
    {PICKLE("\x80\2cm\nC\n)\x81}X\1\0\0\0a" DUP_FD("\1") "sb."), 1, 0},
    {PICKLE("\x80\2cm\nC\n)\x81N}X\1\0\0\0a" DUP_FD("\1") "s\x86"
                                                          "b."),
     1, 0},
    {PICKLE("\x80\2cm\nC\n)\x81" DUP_FD("\1") "N\x86"
                                              "b."),
     1, 0},
    {PICKLE("\x80\2cm\nf\n(" DUP_FD("\1") "l\x85R."), 0, 0}, /* in a list */
    {PICKLE("\x80\2cm\nf\n" DUP_FD("\1") "Nb\x85R."), 0, 0}, /* with another state */
    {PICKLE("\x80\2cm\nf\ncmultiprocessing.resource_sharer\nDupFd\n)\x81\x85R."), 0, 0},
};

static void descriptors_in_objects_are_found(void **state)
{
    struct shelf shelf = {{find_7}, {1, keep_ref}};

    (void)state;
    tree.resolver = &shelf.resolver;
    for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
        tree_reset(&tree);
        unpickle(&tree, descriptors[i].data, descriptors[i].len);
        assert_int_equal(tree.descriptors.len, descriptors[i].taken);
        assert_int_equal(shelf.ref.count, 1 + descriptors[i].kept);
    }
    tree_reset(&tree);
    assert_int_equal(shelf.ref.count, 1);
    assert_int_equal(tree.descriptors.len, 0);
}

#define LONG_TEXT 70

/* A text of 3-byte characters between two parts of a pickle. Returns the length. */
static size_t with_long_text(uint8_t *ret, const uint8_t *before, size_t before_len,
                             const uint8_t *after, size_t after_len)
{
    size_t len = before_len;

    memcpy(ret, before, before_len);
    for (size_t i = 0; i < LONG_TEXT; i++, len += 3)
        memcpy(ret + len, "\xe2\x82\xac", 3);
    memcpy(ret + len, after, after_len);
    return len + after_len;
}

static void check_is_text(const char *text)
{
    size_t at = 0, len = strlen(text);

    while (at < len)
        assert_int_not_equal(utf8_next(text, len, &at), UTF8_REPLACEMENT);
}

/* Wherever it is cut, it is inside a character for two of three beginnings. */
static void what_is_cut_of_a_peers_text_is_text(void **state)
{
    static const struct {
        const uint8_t *before;
        size_t before_len;
        const uint8_t *after;
        size_t after_len;
    } texts[] = {
        {PICKLE("F"), PICKLE("\n.")}, /* no float */
        {PICKLE("Fa"), PICKLE("\n.")},
        {PICKLE("Fab"), PICKLE("\n.")},
        {PICKLE("NN}X\xd2\0\0\0"), PICKLE("K\1s\206b.")}, /* slots of None */
        {PICKLE("NN}X\xd3\0\0\0a"), PICKLE("K\1s\206b.")},
        {PICKLE("NN}X\xd4\0\0\0ab"), PICKLE("K\1s\206b.")},
        {PICKLE("cm\n"), PICKLE("\n)\x81.")}, /* no request */
        {PICKLE("cm\na"), PICKLE("\n)\x81.")},
        {PICKLE("cm\nab"), PICKLE("\n)\x81.")},
    };
    uint8_t data[4 * LONG_TEXT];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        size_t len = with_long_text(data, texts[i].before, texts[i].before_len, texts[i].after,
                                    texts[i].after_len);
        struct pickle_error error;
        struct request request;

        assert_int_equal(request_parse(&tree, data, len, &request, &error), REQUEST_REFUSED);
        assert_non_null(strstr(error.message, "\xe2\x82\xac"));
        check_is_text(error.message);
    }
}

static int find_nothing(const struct resolver *resolver, const struct sm_object *object,
                        struct ref **ret)
{
    (void)resolver;
    (void)object;
    (void)ret;
    return RESOLVER_GONE;
}

static void what_is_cut_of_an_ident_is_text(void **state)
{
    struct resolver resolver = {find_nothing};
    struct pickle_error error;
    struct sm_value v;

    (void)state;
    tree.resolver = &resolver;
#define EUROS_7 "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac"
    assert_int_equal(pickle_decode(&tree,
                                   PROXY("\x8c\x56"
                                         "ab" EUROS_7 EUROS_7 EUROS_7 EUROS_7),
                                   &v, &error),
                     -EINVAL);
    assert_string_equal(error.type, "KeyError");
    check_is_text(error.message);
}

/* What is told of several bytes at a time is told of each. */
static void a_byte_that_is_not_text_is_found_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 20; len++) {
        for (size_t at = 0; at < len; at++) {
            uint8_t data[32] = {0x8c, (uint8_t)len};
            struct pickle_error error;
            struct sm_value v;

            memset(data + 2, 'a', len);
            data[2 + at] = 0xff;
            data[2 + len] = '.';
            assert_int_equal(pickle_decode(&tree, data, len + 3, &v, &error), -EINVAL);
            data[2 + at] = 'z';
            assert_int_equal(pickle_decode(&tree, data, len + 3, &v, &error), 0);
            assert_int_equal(v.len, len);
            assert_int_equal(pickle_decode(&tree, data, len + 1, &v, &error), -EINVAL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_byte_that_is_not_text_is_found_wherever_it_stands,
                                        make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(plain_values_are_read, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_told_as_cpython_tells_it, make_tree,
                                        drop_tree),
        cmocka_unit_test_setup_teardown(decimals_are_read_up_to_the_limit, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(names_of_python_2_become_those_of_python_3, make_tree,
                                        drop_tree),
        cmocka_unit_test_setup_teardown(unknown_classes_become_recipes, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(instances_without_arguments_are_not_called, make_tree,
                                        drop_tree),
        cmocka_unit_test_setup_teardown(what_is_fetched_is_shared, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(a_container_grows_wherever_it_is, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(what_a_call_has_taken_apart_is_shared_once_it_is_fetched,
                                        make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(copies_of_shared_values_are_limited, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(depth_costs_no_stack, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(what_follows_stop_is_ignored, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(proxies_find_their_objects, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(descriptors_in_objects_are_found, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(what_is_cut_of_a_peers_text_is_text, make_tree, drop_tree),
        cmocka_unit_test_setup_teardown(what_is_cut_of_an_ident_is_text, make_tree, drop_tree),
    };

    return run_group(tests, NULL, NULL);
}
