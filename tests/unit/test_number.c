/* SPDX-License-Identifier: MIT */
/*
 * int, bool and float without a server: their methods as CPython answers them, asked of the version
 * in the first column.
 */
#include "support/plain.h"

static void bits_are_those_of_the_absolute_value(void **state)
{
    static const struct plain_case cases[] = {
        {13, "-256", "bit_length", "()", "{}", "9"},
        {13, "0", "bit_length", "()", "{}", "0"},
        {13, "-9223372036854775808", "bit_length", "()", "{}", "64"},
        {13, "-340282366920938463463374607431768211456", "bit_length", "()", "{}", "129"},
        {13, "-340282366920938463463374607431768211456", "bit_count", "()", "{}", "1"},
        {13, "340282366920938463463374607431768211455", "bit_count", "()", "{}", "128"},
        {13, "True", "bit_length", "()", "{}", "1"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void to_bytes_fits_or_overflows(void **state)
{
    static const struct plain_case cases[] = {
        {13, "255", "to_bytes", "()", "{}", "b'\\xff'"},
        {13, "258", "to_bytes", "(2, 'big')", "{}", "b'\\x01\\x02'"},
        {13, "258", "to_bytes", "(3, 'little')", "{}", "b'\\x02\\x01\\x00'"},
        {13, "-1", "to_bytes", "(2, 'big')", "{'signed': True}", "b'\\xff\\xff'"},
        {13, "-1", "to_bytes", "(1,)", "{}",
         "OverflowError(\"can't convert negative int to unsigned\")"},
        {13, "256", "to_bytes", "(1,)", "{}", "OverflowError('int too big to convert')"},
        {13, "128", "to_bytes", "(1,)", "{'signed': True}",
         "OverflowError('int too big to convert')"},
        {13, "-128", "to_bytes", "(1,)", "{'signed': True}", "b'\\x80'"},
        {13, "-129", "to_bytes", "(1,)", "{'signed': True}",
         "OverflowError('int too big to convert')"},
        {13, "0", "to_bytes", "(0,)", "{}", "b''"},
        {12, "-1", "to_bytes", "(0, 'big')", "{'signed': True}", "b''"},
        {13, "-1", "to_bytes", "(0, 'big')", "{'signed': True}",
         "OverflowError('int too big to convert')"},
        {15, "1", "to_bytes", "(-1,)", "{}", "ValueError('length cannot be negative')"},
        {13, "18446744073709551615", "to_bytes", "(8,)", "{}",
         "b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff'"},
        {13, "1", "to_bytes", "(-1,)", "{}", "ValueError('length argument must be non-negative')"},
        {13, "1", "to_bytes", "(1, 'x')", "{}",
         "ValueError(\"byteorder must be either 'little' or 'big'\")"},
        {13, "1", "to_bytes", "(1, 1)", "{}",
         "TypeError(\"to_bytes() argument 'byteorder' must be str, not int\")"},
        {10, "1", "to_bytes", "(1,)", "{}",
         "TypeError(\"to_bytes() missing required argument 'byteorder' (pos 2)\")"},
        {10, "1", "to_bytes", "()", "{}",
         "TypeError(\"to_bytes() missing required argument 'length' (pos 1)\")"},
        {13, "1", "to_bytes", "(1, 'big', True)", "{}",
         "TypeError('to_bytes() takes at most 2 positional arguments (3 given)')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void from_bytes_reads_any_size(void **state)
{
    static const struct plain_case cases[] = {
        {13, "0", "from_bytes", "(b'\\x01\\x02',)", "{}", "258"},
        {13, "0", "from_bytes", "(b'\\xff\\xfe', 'little')", "{'signed': True}", "-257"},
        {13, "0", "from_bytes", "(b'',)", "{}", "0"},
        {13, "0", "from_bytes", "(b'\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff',)", "{}",
         "4722366482869645213695"},
        {13, "0", "from_bytes", "(b'\\x80\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00',)",
         "{'signed': True}", "-2361183241434822606848"},
        {13, "0", "from_bytes", "([1, 2],)", "{}", "258"},
        {13, "0", "from_bytes", "([1, 256],)", "{}",
         "ValueError('bytes must be in range(0, 256)')"},
        {13, "0", "from_bytes", "(['a'],)", "{}",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {13, "0", "from_bytes", "('ab',)", "{}",
         "TypeError(\"cannot convert 'str' object to bytes\")"},
        {13, "0", "from_bytes", "(5,)", "{}",
         "TypeError(\"cannot convert 'int' object to bytes\")"},
        {10, "0", "from_bytes", "(b'a',)", "{}",
         "TypeError(\"from_bytes() missing required argument 'byteorder' (pos 2)\")"},
        {13, "0", "from_bytes", "()", "{'x': 1}",
         "TypeError(\"from_bytes() missing required argument 'bytes' (pos 1)\")"},
        {13, "True", "from_bytes", "(b'\\x02',)", "{}", "True"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void a_bool_is_an_int(void **state)
{
    static const struct plain_case cases[] = {
        {13, "True", "conjugate", "()", "{}", "1"},
        {13, "True", "as_integer_ratio", "()", "{}", "(1, 1)"},
        {13, "True", "to_bytes", "()", "{}", "b'\\x01'"},
        {9, "True", "bit_length", "(1,)", "{}",
         "TypeError('bool.bit_length() takes no arguments (1 given)')"},
        {13, "-5", "as_integer_ratio", "()", "{}", "(-5, 1)"},
        {13, "5", "is_integer", "()", "{}", "True"},
        {13, "12345678901234567890", "conjugate", "()", "{}", "12345678901234567890"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void float_ratios_are_exact(void **state)
{
    static const struct plain_case cases[] = {
        {13, "0.1", "as_integer_ratio", "()", "{}", "(3602879701896397, 36028797018963968)"},
        {13, "-1.5", "as_integer_ratio", "()", "{}", "(-3, 2)"},
        {13, "1e+300", "as_integer_ratio", "()", "{}",
         "(1000000000000000052504760255204420248704468581108159154915854115511802457988908195786371"
         "37508044786404370444383288387817694252323536043057564479218478670698284838720092657580373"
         "78302337947880900593689532349707999450811190389676408800746527427801424945792587888200568"
         "42838115669472196386865459400540160, 1)"},
        {13, "5e-324", "as_integer_ratio", "()", "{}",
         "(1, "
         "20240225330731061835249534671891730704955664976414211835690135802743033956799534689196038"
         "37014371244951870778643168119113898087373857934768670133999407385099215174242765663613644"
         "66907742093216341239767678472745068562007483424692698618103355649159556340810056512358769"
         "552333414615230502532186327508646006263307707741093494784)"},
        {13, "-0.0", "as_integer_ratio", "()", "{}", "(0, 1)"},
        {13, "inf", "as_integer_ratio", "()", "{}",
         "OverflowError('cannot convert Infinity to integer ratio')"},
        {13, "nan", "as_integer_ratio", "()", "{}",
         "ValueError('cannot convert NaN to integer ratio')"},
        {13, "1.5", "is_integer", "()", "{}", "False"},
        {13, "-2.0", "is_integer", "()", "{}", "True"},
        {13, "inf", "is_integer", "()", "{}", "False"},
        {13, "1.5", "conjugate", "()", "{}", "1.5"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void hexadecimal_floats_go_both_ways(void **state)
{
    static const struct plain_case cases[] = {
        {13, "1.5", "hex", "()", "{}", "'0x1.8000000000000p+0'"},
        {13, "-0.1", "hex", "()", "{}", "'-0x1.999999999999ap-4'"},
        {13, "-0.0", "hex", "()", "{}", "'-0x0.0p+0'"},
        {13, "5e-324", "hex", "()", "{}", "'0x0.0000000000001p-1022'"},
        {13, "nan", "hex", "()", "{}", "'nan'"},
        {13, "-inf", "hex", "()", "{}", "'-inf'"},
        {13, "1e+300", "hex", "()", "{}", "'0x1.7e43c8800759cp+996'"},
        {13, "1.0", "fromhex", "(' 0x1.8p+1 ',)", "{}", "3.0"},
        {13, "1.0", "fromhex", "('-a.8',)", "{}", "-10.5"},
        {13, "1.0", "fromhex", "('-Infinity',)", "{}", "-inf"},
        {13, "1.0", "fromhex", "('nan',)", "{}", "nan"},
        {13, "1.0", "fromhex", "('0x1p-1080',)", "{}", "0.0"},
        {13, "1.0", "fromhex", "('0x1.00000000000008p0',)", "{}", "1.0"},
        {13, "1.0", "fromhex", "('0x1.000000000000081p0',)", "{}", "1.0000000000000002"},
        {13, "1.0", "fromhex", "('0x1p1024',)", "{}",
         "OverflowError('hexadecimal value too large to represent as a float')"},
        {13, "1.0", "fromhex", "('0x',)", "{}",
         "ValueError('invalid hexadecimal floating-point string')"},
        {13, "1.0", "fromhex", "('1p',)", "{}",
         "ValueError('invalid hexadecimal floating-point string')"},
        {13, "1.0", "fromhex", "('1 2',)", "{}",
         "ValueError('invalid hexadecimal floating-point string')"},
        {13, "1.0", "fromhex", "(1,)", "{}",
         "TypeError('bad argument type for built-in operation')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_those_of_the_absolute_value),
        cmocka_unit_test(to_bytes_fits_or_overflows),
        cmocka_unit_test(from_bytes_reads_any_size),
        cmocka_unit_test(a_bool_is_an_int),
        cmocka_unit_test(float_ratios_are_exact),
        cmocka_unit_test(hexadecimal_floats_go_both_ways),
    };

    return run_group(tests, probe_setup, probe_teardown);
}
