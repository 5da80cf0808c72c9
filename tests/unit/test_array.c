/* SPDX-License-Identifier: MIT */
/* Array, as array.array's own answers. */
#include "support/check.h"

#include "support/probe.h"

#include <stdio.h>

/* Setting item 0 of an array of this typecode. */
struct setting {
    unsigned python;
    const char *typecode;
    const char *value;
    const char *answer;
    const char *item; /* what item 0 is then */
};

static void items_are_checked_as_their_typecode_says(void **state)
{
    static const struct setting settings[] = {
        {13, "b", "-128", "None", "-128"},
        {13, "b", "128", "OverflowError('signed char is greater than maximum')", "1"},
        {13, "b", "32768", "OverflowError('signed short integer is greater than maximum')", "1"},
        {13, "B", "-1", "OverflowError('unsigned byte integer is less than minimum')", "1"},
        {13, "h", "-32769", "OverflowError('signed short integer is less than minimum')", "1"},
        {13, "H", "65536", "OverflowError('unsigned short is greater than maximum')", "1"},
        {13, "H", "2147483648", "OverflowError('signed integer is greater than maximum')", "1"},
        {13, "i", "-2147483649", "OverflowError('signed integer is less than minimum')", "1"},
        {13, "i", "9223372036854775808",
         "OverflowError('Python int too large to convert to C long')", "1"},
        {13, "I", "4294967295", "None", "4294967295"},
        {13, "I", "4294967296", "OverflowError('unsigned int is greater than maximum')", "1"},
        {13, "I", "-1", "OverflowError(\"can't convert negative value to unsigned int\")", "1"},
        {13, "l", "-9223372036854775808", "None", "-9223372036854775808"},
        {13, "L", "18446744073709551615", "None", "18446744073709551615"},
        {13, "L", "18446744073709551616",
         "OverflowError('Python int too large to convert to C unsigned long')", "1"},
        {13, "q", "9223372036854775808", "OverflowError('int too big to convert')", "1"},
        {13, "Q", "-1", "OverflowError(\"can't convert negative int to unsigned\")", "1"},
        {13, "f", "0.1", "None", "0.10000000149011612"},
        {13, "d", "18446744073709550591", "None", "1.844674407370955e+19"},
        {13, "d", "'x'", "TypeError('must be real number, not str')", "1.0"},
        {13, "i", "1.5", "TypeError(\"'float' object cannot be interpreted as an integer\")", "1"},
        {9, "i", "1.5", "TypeError('integer argument expected, got float')", "1"},
        {9, "L", "1.5", "TypeError('array item must be integer')", "1"},
        {9, "i", "'x'", "TypeError('an integer is required (got type str)')", "1"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
        const struct setting *s = &settings[i];
        struct object *array;
        char args[96];

        probe_python = s->python;
        snprintf(args, sizeof(args), "('%s', [1])", s->typecode);
        array = probe_object("Array", args);
        snprintf(args, sizeof(args), "(0, %s)", s->value);
        PROBE_TALK(array, {"__setitem__", args, s->answer}, {"__getitem__", "(0,)", s->item});
    }
}

static void characters_are_items_of_u(void **state)
{
    struct object *array = probe_object("Array", "('u', 'xyz')");

    (void)state;
    PROBE_TALK(array, {"__getitem__", "(-1,)", "'z'"}, {"__setitem__", "(0, '\\u20ac')", "None"},
               {"__setitem__", "(0, 'ab')", "TypeError('array item must be unicode character')"},
               {"__repr__", "()", "\"array('u', '\xe2\x82\xacyz')\""});
    probe_python = 14;
    PROBE_TALK(
        array,
        {"__setitem__", "(0, 'a\\u20acb')",
         "TypeError('array item must be a unicode character, not a string of length 3')"},
        {"__setitem__", "(0, 5)", "TypeError('array item must be a unicode character, not int')"});
}

static void repr_shows_typecode_and_items(void **state)
{
    (void)state;
    PROBE_TALK(probe_object("Array", "('i', [1, 2])"),
               {"__repr__", "()", "\"array('i', [1, 2])\""});
    PROBE_TALK(probe_object("Array", "('d', [])"), {"__repr__", "()", "\"array('d')\""});
    PROBE_TALK(probe_object("Array", "('B', b'raw')"),
               {"__repr__", "()", "\"array('B', [114, 97, 119])\""});
}

static void indices_and_slices_are_checked(void **state)
{
    struct object *array = probe_object("Array", "('i', [1, 2, 3])");

    (void)state;
    PROBE_TALK(array, {"__getitem__", "(3,)", "IndexError('array index out of range')"},
               {"__setitem__", "(-4, 0)", "IndexError('array assignment index out of range')"},
               {"__getitem__", "('a',)", "TypeError('array indices must be integers')"},
               {"__setitem__", "(slice(0, 1, None), [5])",
                "TypeError('can only assign array (not \"list\") to array slice')"},
               {"__len__", "()", "3"});
}

static void mistakes_in_making_one_are_named(void **state)
{
    static const char *const mistakes[][2] = {
        {"('z', [])",
         "ValueError: bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"},
        {"('zz', [])", "TypeError: array() argument 1 must be a unicode character, not str"},
        {"(None, [])", "TypeError: array() argument 1 must be a unicode character, not None"},
        {"('i', 4)", "TypeError: 'int' object is not iterable"},
        {"('i', 'abc')", "TypeError: cannot use a str to initialize an array with typecode 'i'"},
        {"('i', b'abc')", "ValueError: bytes length not a multiple of item size"},
        {"('i',)", "TypeError: Array() missing 1 required positional argument: 'sequence'"},
    };
    char expected[160];

    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
        snprintf(expected, sizeof(expected), "RemoteError: %s", mistakes[i][1]);
        assert_string_equal(probe_create_error("Array", mistakes[i][0], "{}"), expected);
    }
    probe_python = 15;
    assert_string_equal(probe_create_error("Array", "('ii', [])", "{}"),
                        "RemoteError: ValueError: bad typecode (must be b, B, u, w, h, H, i, I, l, "
                        "L, q, Q, e, f, d, Zf or Zd)");
    assert_string_equal(probe_create_error("Array", "('', [])", "{}"),
                        "RemoteError: ValueError: bad typecode (must be b, B, u, w, h, H, i, I, l, "
                        "L, q, Q, e, f, d, Zf or Zd)");
    assert_string_equal(probe_create_error("Array", "(5, [])", "{}"),
                        "RemoteError: TypeError: array() argument 1 must be str, not int");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define PROBED(test) cmocka_unit_test_setup_teardown(test, probe_setup, probe_teardown)
        PROBED(items_are_checked_as_their_typecode_says),
        PROBED(characters_are_items_of_u),
        PROBED(repr_shows_typecode_and_items),
        PROBED(indices_and_slices_are_checked),
        PROBED(mistakes_in_making_one_are_named),
    };

    return run_group(tests, NULL, NULL);
}
