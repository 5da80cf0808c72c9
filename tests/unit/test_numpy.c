/* SPDX-License-Identifier: MIT */
/* numpy's scalars, from their recipes: what is read of them, and what is left alone. */
#include "support/tree.h"

#include "value/compare.h"
#include "value/known.h"
#include "value/numpy.h"

#include <errno.h>
#include <stdio.h>

#define SIMPLE "(3, '<', None, None, None, -1, -1, 0)"
#define BIG "(3, '>', None, None, None, -1, -1, 0)"
#define BYTE "(3, '|', None, None, None, -1, -1, 0)"
#define SIZED(size) "(3, '<', None, None, None, " #size ", 4, 8)"

/* scalar(dtype(code, False, True), bytes), with the dtype's state. */
static struct sm_value scalar_of(const char *module, const char *code, const char *dtype_state,
                                 const char *bytes)
{
    char text[400];
    struct sm_value v;

    snprintf(text, sizeof(text), "%s.multiarray.scalar(0, %s)", module, bytes);
    v = parse(&tree, arena_copy(&tree.arena, text, strlen(text) + 1));
    snprintf(text, sizeof(text), "numpy.dtype('%s', False, True) & state %s", code, dtype_state);
    v.object->args.items->item[0] = recipe(&tree, arena_copy(&tree.arena, text, strlen(text) + 1));
    return v;
}

static void scalars_are_the_values_that_they_are_equal_to(void **state)
{
    static const struct {
        const char *code, *state, *bytes, *plain, *name;
    } cases[] = {
        {"b1", BYTE, "b'\\1'", "True", "numpy.bool_"},
        {"i1", BYTE, "b'\\xff'", "-1", "numpy.int8"},
        {"u1", BYTE, "b'\\xff'", "255", "numpy.uint8"},
        {"i2", BIG, "b'\\xff\\0'", "-256", "numpy.int16"},
        {"u4", SIMPLE, "b'\\0\\0\\0\\x80'", "2147483648", "numpy.uint32"},
        {"i8", SIMPLE, "b'\\5\\0\\0\\0\\0\\0\\0\\0'", "5", "numpy.int64"},
        {"u8", SIMPLE, "b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff'", "18446744073709551615",
         "numpy.uint64"},
        {"f2", SIMPLE, "b'\\0\\x3e'", "1.5", "numpy.float16"},
        {"f4", SIMPLE, "b'\\0\\0\\xc0\\x3f'", "1.5", "numpy.float32"},
        {"f8", BIG, "b'\\x3f\\xf8\\0\\0\\0\\0\\0\\0'", "1.5", "numpy.float64"},
        {"c8", SIMPLE, "b'\\0\\0\\xc0\\x3f\\0\\0\\0\\x40'", "complex(1.5, 2.0)", "numpy.complex64"},
        {"U2", SIZED(8), "b'a\\0\\0\\0\\xac\\x20\\0\\0'", "'a\\u20ac'", "numpy.str_"},
        {"U2", SIZED(8), "b'a\\0\\0\\0\\0\\0\\0\\0'", "'a'", "numpy.str_"},
        {"S2", SIZED(2), "b'ab'", "b'ab'", "numpy.bytes_"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sm_value v = scalar_of("numpy.core", cases[i].code, cases[i].state, cases[i].bytes);
        struct sm_value plain = parse(&tree, cases[i].plain);
        struct sm_value name = value_type_name(v);
        struct sm_value unhashable;
        uint64_t hash, other;

        assert_int_equal(value_equal(v, plain), 1);
        assert_int_equal(value_equal(plain, v), 1);
        assert_int_equal(value_hash(v, &hash, &unhashable), 0);
        assert_int_equal(value_hash(plain, &other, &unhashable), 0);
        assert_true(hash == other);
        assert_int_equal(name.len, strlen(cases[i].name));
        assert_memory_equal(name.text, cases[i].name, name.len);
    }
}

static void an_odd_scalar_is_not_read(void **state)
{
    static const struct {
        const char *code, *state, *bytes;
    } cases[] = {
        {"i8", SIMPLE, "b'\\5\\0\\0\\0\\0\\0\\0'"},
        {"i8", SIMPLE, "b''"},
        {"i8", SIMPLE, "b'\\0\\0\\0\\0\\0\\0\\0\\0\\0'"},
        {"i8", SIMPLE, "'12345678'"},
        {"i8", SIMPLE, "bytearray(b'12345678')"},
        {"i3", SIMPLE, "b'abc'"},
        {"i16", SIMPLE, "b'0123456789abcdef'"},
        {"f16", SIMPLE, "b'0123456789abcdef'"},
        {"c32", SIMPLE, "b'0123456789abcdef0123456789abcdef'"},
        {"f1", BYTE, "b'a'"},
        {"b1", BYTE, "b'\\2'"},
        {"b2", SIMPLE, "b'\\1\\0'"},
        {"M8", SIMPLE, "b'12345678'"},
        {"V8", SIMPLE, "b'12345678'"},
        {"O8", SIMPLE, "b'12345678'"},
        {"i", SIMPLE, "b'1234'"},
        {"", SIMPLE, "b''"},
        {"i0", SIMPLE, "b''"},
        {"i-8", SIMPLE, "b'12345678'"},
        {"i99999999999999999999", SIMPLE, "b''"},
        {"U999999999", SIZED(3999999996), "b'abcd'"},
        {"U1", SIZED(8), "b'a\\0\\0\\0'"},
        {"U1", SIMPLE, "b'a\\0\\0\\0'"},
        {"S2", SIZED(1), "b'ab'"},
        {"i8", BYTE, "b'12345678'"},
        {"i8", "(3, '', None, None, None, -1, -1, 0)", "b'12345678'"},
        {"i8", "(3, '<', ('i4', 2), None, None, -1, -1, 0)", "b'12345678'"},
        {"i8", "(3, '<', None, ('a',), {}, -1, -1, 0)", "b'12345678'"},
        {"i8", "(3, '<', None, None, None, 4, -1, 0)", "b'12345678'"},
        {"i8", "(9, '<', None, None, None, -1, -1, 0)", "b'12345678'"},
        {"i8", "(3, '<', None, None, None, -1, -1)", "b'12345678'"},
        {"i8", "(3, '<')", "b'12345678'"},
        {"i8", "()", "b'12345678'"},
        {"i8", "[3, '<', None, None, None, -1, -1, 0]", "b'12345678'"},
        {"i8", "None", "b'12345678'"},
    };
    struct numpy scalar;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct sm_value v = scalar_of("numpy.core", cases[i].code, cases[i].state, cases[i].bytes);

        assert_false(numpy_read(v, &scalar));
        assert_null(value_known(v));
        assert_int_equal(value_equal(v, v), 1);
        assert_non_null(strstr(repr_in(&tree, v, 11), "numpy.core.multiarray.scalar"));
    }
}

static void a_scalar_without_a_dtype_is_not_read(void **state)
{
    static const char *const recipes[] = {
        "numpy.core.multiarray.scalar()",
        "numpy.core.multiarray.scalar(1, b'a')",
        "numpy.core.multiarray.scalar(numpy.dtype('i1', False, True), b'a')",
        "numpy.core.multiarray.scalar(numpy.dtype('i1'), b'a')",
        "numpy.core.multiarray.scalar(numpy.dtype('i1', False, True), b'a', 1)",
        "numpy.core.multiarray.scalar(numpy.dtype('i1', False, True), obj=b'a')",
        "other.multiarray.scalar(numpy.dtype('i1', False, True), b'a')",
    };
    struct numpy scalar;

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(recipes); i++)
        assert_false(numpy_read(parse(&tree, recipes[i]), &scalar));
}

static void a_text_beyond_unicode_stays_what_it_is(void **state)
{
    struct sm_value v = scalar_of("numpy.core", "U1", SIZED(4), "b'\\0\\0\\x11\\0'");
    struct sm_value plain;

    (void)state;
    assert_int_equal(value_plain(&tree, v, &plain), 0);
    assert_int_equal(value_equal(v, v), 1);
    assert_non_null(strstr(repr_in(&tree, v, 11), "numpy.core.multiarray.scalar"));
    v = scalar_of("numpy._core", "U1", SIZED(4), "b'\\0\\0\\x11\\0'");
    assert_non_null(strstr(repr_in(&tree, v, 11), "<numpy._core.multiarray.scalar"));
}

static void since_numpy_2_a_float_is_rounded_to_compare_it_to_a_narrow_one(void **state)
{
    const char *tenth = "b'\\xcd\\xcc\\xcc\\x3d'";
    struct sm_value before = scalar_of("numpy.core", "f4", SIMPLE, tenth);
    struct sm_value since = scalar_of("numpy._core", "f4", SIMPLE, tenth);
    struct sm_value python = parse(&tree, "0.1");

    (void)state;
    assert_int_equal(value_equal(before, python), 0);
    assert_int_equal(value_equal(since, python), 1);
    assert_int_equal(value_equal(python, since), 1);
    assert_int_equal(value_equal(since, before), 1);
}

static void scalars_are_printed_as_their_numpy_prints_them(void **state)
{
    struct sm_value before = scalar_of("numpy.core", "i1", BYTE, "b'\\5'");
    struct sm_value since = scalar_of("numpy._core", "i1", BYTE, "b'\\5'");
    struct sm_value yes = scalar_of("numpy._core", "b1", BYTE, "b'\\1'");

    (void)state;
    assert_string_equal(repr_in(&tree, before, 11), "5");
    assert_string_equal(repr_in(&tree, since, 11), "np.int8(5)");
    assert_string_equal(repr_in(&tree, yes, 11), "np.True_");
}

static void a_scalar_is_true_where_its_number_is(void **state)
{
    (void)state;
    assert_false(value_truth(scalar_of("numpy.core", "i1", BYTE, "b'\\0'")));
    assert_true(value_truth(scalar_of("numpy.core", "i1", BYTE, "b'\\2'")));
    assert_false(value_truth(scalar_of("numpy._core", "b1", BYTE, "b'\\0'")));
    assert_false(value_truth(scalar_of("numpy.core", "U0", SIZED(0), "b''")));
}

static void numbers_are_not_iterable_and_texts_are(void **state)
{
    struct sm_value list;

    (void)state;
    assert_int_equal(value_iterate(&tree, scalar_of("numpy.core", "i1", BYTE, "b'\\5'"), &list),
                     ITERATE_NOT);
    assert_int_equal(value_iterate(&tree, scalar_of("numpy.core", "S2", SIZED(2), "b'ab'"), &list),
                     0);
    assert_string_equal(repr_in(&tree, list, 11), "[97, 98]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_are_the_values_that_they_are_equal_to),
        cmocka_unit_test(an_odd_scalar_is_not_read),
        cmocka_unit_test(a_scalar_without_a_dtype_is_not_read),
        cmocka_unit_test(a_text_beyond_unicode_stays_what_it_is),
        cmocka_unit_test(since_numpy_2_a_float_is_rounded_to_compare_it_to_a_narrow_one),
        cmocka_unit_test(scalars_are_printed_as_their_numpy_prints_them),
        cmocka_unit_test(a_scalar_is_true_where_its_number_is),
        cmocka_unit_test(numbers_are_not_iterable_and_texts_are),
    };

    return run_group(tests, make_tree, drop_tree);
}
