/* SPDX-License-Identifier: MIT */
/*
 * bytes without a server: its methods as CPython answers them, asked of the version in the first
 * column.
 */
#include "support/plain.h"

static void search_takes_bytes_and_ints(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b'abcabc'", "find", "(b'c',)", "{}", "2"},
        {13, "b'abcabc'", "rfind", "(99,)", "{}", "5"},
        {13, "b'abcabc'", "count", "(bytearray(b'bc'),)", "{}", "2"},
        {13, "b'abc'", "index", "(b'x',)", "{}", "ValueError('subsection not found')"},
        {13, "b'abc'", "find", "(256,)", "{}", "ValueError('byte must be in range(0, 256)')"},
        {13, "b'abc'", "find", "('a',)", "{}",
         "TypeError(\"argument should be integer or bytes-like object, not 'str'\")"},
        {13, "b'abc'", "startswith", "((b'x', b'a'),)", "{}", "True"},
        {13, "b'abc'", "startswith", "('a',)", "{}",
         "TypeError('startswith first arg must be bytes or a tuple of bytes, not str')"},
        {13, "b'abc'", "endswith", "(('a',),)", "{}",
         "TypeError(\"a bytes-like object is required, not 'str'\")"},
        {13, "b'abc'", "removeprefix", "(b'a',)", "{}", "b'bc'"},
        {13, "b'abc'", "partition", "(b'b',)", "{}", "(b'a', b'b', b'c')"},
        {13, "b'abc'", "partition", "('b',)", "{}",
         "TypeError(\"a bytes-like object is required, not 'str'\")"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void splitting_and_joining_make_bytes(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b' a  b\\x1cc '", "split", "()", "{}", "[b'a', b'b\\x1cc']"},
        {13, "b'a,b,c'", "rsplit", "(b',', 1)", "{}", "[b'a,b', b'c']"},
        {13, "b'a\\nb\\x0bc\\r\\n'", "splitlines", "()", "{}", "[b'a', b'b\\x0bc']"},
        {13, "b','", "join", "([b'a', bytearray(b'b')],)", "{}", "b'a,b'"},
        {13, "b','", "join", "([b'a', 'b'],)", "{}",
         "TypeError('sequence item 1: expected a bytes-like object, str found')"},
        {13, "b'aba'", "replace", "(b'a', b'xy', 1)", "{}", "b'xyba'"},
        {13, "b'aba'", "replace", "(b'', b'-')", "{}", "b'-a-b-a-'"},
        {13, "b' a '", "strip", "()", "{}", "b'a'"},
        {13, "b'xax'", "strip", "(b'x',)", "{}", "b'a'"},
        {13, "b'a'", "strip", "('x',)", "{}",
         "TypeError(\"a bytes-like object is required, not 'str'\")"},
        {13, "b'a'", "center", "(4, b'-')", "{}", "b'-a--'"},
        {13, "b'a'", "center", "(4, '-')", "{}",
         "TypeError('center() argument 2 must be a byte string of length 1, not str')"},
        {13, "b'a'", "center", "(4, b'')", "{}",
         "TypeError('center() argument 2 must be a byte string of length 1, not bytes')"},
        {14, "b'a'", "center", "(4, b'')", "{}",
         "TypeError('center(): argument 2 must be a byte string of length 1, not a bytes object of "
         "length 0')"},
        {13, "b'+5'", "zfill", "(4,)", "{}", "b'+005'"},
        {13, "b'a\\tb'", "expandtabs", "()", "{}", "b'a       b'"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void letters_are_those_of_ascii(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b'aB\\xe9'", "upper", "()", "{}", "b'AB\\xe9'"},
        {13, "b'aB\\xc9'", "lower", "()", "{}", "b'ab\\xc9'"},
        {13, "b'aB'", "swapcase", "()", "{}", "b'Ab'"},
        {13, "b'they\\'re b2b'", "title", "()", "{}", "b\"They'Re B2B\""},
        {13, "b'aBC'", "capitalize", "()", "{}", "b'Abc'"},
        {13, "b'a1'", "isalnum", "()", "{}", "True"},
        {13, "b'a\\xe9'", "isalpha", "()", "{}", "False"},
        {13, "b''", "isascii", "()", "{}", "True"},
        {13, "b''", "isalpha", "()", "{}", "False"},
        {13, "b'12'", "isdigit", "()", "{}", "True"},
        {13, "b' \\n'", "isspace", "()", "{}", "True"},
        {13, "b'A1'", "isupper", "()", "{}", "True"},
        {13, "b'Ab Cd'", "istitle", "()", "{}", "True"},
        {13, "b'1'", "islower", "()", "{}", "False"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void hex_groups_from_either_end(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b'\\x00\\xab\\xff'", "hex", "()", "{}", "'00abff'"},
        {13, "b'abcde'", "hex", "(':', 2)", "{}", "'61:6263:6465'"},
        {13, "b'abcde'", "hex", "(b':', -2)", "{}", "'6162:6364:65'"},
        {13, "b'abc'", "hex", "(':', 0)", "{}", "'616263'"},
        {13, "b'abc'", "hex", "('::',)", "{}", "ValueError('sep must be length 1.')"},
        {13, "b'abc'", "hex", "('\xc3\xa9',)", "{}", "ValueError('sep must be ASCII.')"},
        {13, "b'abc'", "hex", "(1,)", "{}", "TypeError(\"object of type 'int' has no len()\")"},
        {13, "b'abc'", "hex", "([1],)", "{}", "TypeError('sep must be str or bytes.')"},
        {13, "b''", "fromhex", "(' ab CD\\n',)", "{}", "b'\\xab\\xcd'"},
        {13, "b''", "fromhex", "('abc',)", "{}",
         "ValueError('non-hexadecimal number found in fromhex() arg at position 3')"},
        {13, "b''", "fromhex", "('xy\xc3\xa9',)", "{}",
         "ValueError('non-hexadecimal number found in fromhex() arg at position 2')"},
        {13, "b''", "fromhex", "(b'ab',)", "{}",
         "TypeError('fromhex() argument must be str, not bytes')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void translate_maps_and_deletes(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b''", "maketrans", "(b'ab', b'c')", "{}",
         "ValueError('maketrans arguments must have same length')"},
        {13, "b'abc'", "translate", "(None, b'b')", "{}", "b'ac'"},
        {13, "b'abc'", "translate", "(None,)", "{'delete': b'ac'}", "b'b'"},
        {13, "b'abc'", "translate", "(b'x',)", "{}",
         "ValueError('translation table must be 256 characters long')"},
        {13, "b'abc'", "translate", "()", "{}",
         "TypeError('translate() takes at least 1 positional argument (0 given)')"},
        {13, "b'abc'", "translate", "('x',)", "{}",
         "TypeError(\"a bytes-like object is required, not 'str'\")"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void decode_reads_every_form_of_unicode(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b'\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80'", "decode", "()", "{}",
         "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'"},
        {13, "b'\\xe9'", "decode", "('latin-1',)", "{}", "'\xc3\xa9'"},
        {13, "b'\\xff\\xfe=\\xd8\\x00\\xde'", "decode", "('utf-16',)", "{}", "'\xf0\x9f\x98\x80'"},
        {13, "b'\\xd8=\\xde\\x00'", "decode", "('utf-16-be',)", "{}", "'\xf0\x9f\x98\x80'"},
        {13, "b'\\x00\\x00\\xfe\\xff\\x00\\x00\\x00a'", "decode", "('utf-32',)", "{}", "'a'"},
        {13, "b'\\xef\\xbb\\xbfa'", "decode", "('utf-8-sig',)", "{}", "'a'"},
        {13, "b'\\x80'", "decode", "('cp1252',)", "{}", "'\xe2\x82\xac'"},
        {13, "b''", "decode", "('nope',)", "{}", "''"},
        {13, "b'a'", "decode", "('nope',)", "{}", "LookupError('unknown encoding: nope')"},
        {13, "b'a'", "decode", "('hex',)", "{}",
         "LookupError(\"'hex' is not a text encoding; use codecs.decode() to handle arbitrary "
         "codecs\")"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void decode_handles_what_is_wrong(void **state)
{
    static const struct plain_case cases[] = {
        {13, "b'a\\xff'", "decode", "()", "{}",
         "UnicodeDecodeError('utf-8', b'a\\xff', 1, 2, 'invalid start byte')"},
        {13, "b'a\\xe2\\x82'", "decode", "()", "{}",
         "UnicodeDecodeError('utf-8', b'a\\xe2\\x82', 1, 3, 'unexpected end of data')"},
        {13, "b'\\xe2(\\xa1'", "decode", "()", "{}",
         "UnicodeDecodeError('utf-8', b'\\xe2(\\xa1', 0, 1, 'invalid continuation byte')"},
        {13, "b'\\xed\\xa0\\x80'", "decode", "()", "{}",
         "UnicodeDecodeError('utf-8', b'\\xed\\xa0\\x80', 0, 1, 'invalid continuation byte')"},
        {13, "b'\\xf4\\x90\\x80\\x80'", "decode", "('utf-8', 'replace')", "{}",
         "'\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd'"},
        {13, "b'a\\xe2\\x82b\\x80'", "decode", "('utf-8', 'backslashreplace')", "{}",
         "'a\\\\xe2\\\\x82b\\\\x80'"},
        {13, "b'a\\xe2\\x82b\\x80'", "decode", "('utf-8', 'surrogateescape')", "{}",
         "'a\\udce2\\udc82b\\udc80'"},
        {13, "b'a\\xff'", "decode", "('utf-8', 'ignore')", "{}", "'a'"},
        {13, "b'\\xed\\xa0\\x80'", "decode", "('utf-8', 'surrogatepass')", "{}", "'\\ud800'"},
        {13, "b'a\\xff'", "decode", "('utf-8', 'xmlcharrefreplace')", "{}",
         "TypeError(\"don't know how to handle UnicodeDecodeError in error callback\")"},
        {13, "b'a\\xff'", "decode", "('ascii', 'nope')", "{}",
         "LookupError(\"unknown error handler name 'nope'\")"},
        {13, "b'\\x00\\xd8a'", "decode", "('utf-16-le',)", "{}",
         "UnicodeDecodeError('utf-16-le', b'\\x00\\xd8a', 0, 3, 'unexpected end of data')"},
        {13, "b'\\x00\\xd8ab'", "decode", "('utf-16-le',)", "{}",
         "UnicodeDecodeError('utf-16-le', b'\\x00\\xd8ab', 0, 2, 'illegal UTF-16 surrogate')"},
        {13, "b'\\x00\\xd8\\x00\\xd8\\x00'", "decode", "('utf-16-le', 'surrogatepass')", "{}",
         "UnicodeDecodeError('utf-16-le', b'\\x00\\xd8\\x00\\xd8\\x00', 0, 2, 'illegal UTF-16 "
         "surrogate')"},
        {13, "b'\\x00\\xd8\\x00\\x00'", "decode", "('utf-32-le',)", "{}",
         "UnicodeDecodeError('utf-32-le', b'\\x00\\xd8\\x00\\x00', 0, 4, 'code point in surrogate "
         "code point range(0xd800, 0xe000)')"},
        {13, "b'\\xff\\xff\\xff\\xff'", "decode", "('utf-32-le',)", "{}",
         "UnicodeDecodeError('utf-32-le', b'\\xff\\xff\\xff\\xff', 0, 4, 'code point not in "
         "range(0x110000)')"},
        {13, "b'\\x81'", "decode", "('cp1252',)", "{}",
         "UnicodeDecodeError('charmap', b'\\x81', 0, 1, 'character maps to <undefined>')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void errors_name_codecs_that_a_registry_found(void **state)
{
    static const struct plain_case cases[] = {
        {11, "b'\\xff'", "decode", "('U8', 'namereplace')", "{}",
         "TypeError(\"decoding with 'U8' codec failed (TypeError: don't know how to handle "
         "UnicodeDecodeError in error callback)\")"},
        {12, "b'\\xff'", "decode", "('U8', 'namereplace')", "{}",
         "TypeError(\"don't know how to handle UnicodeDecodeError in error callback\")"},
        {11, "b'\\xff'", "decode", "('utf8', 'nope')", "{}",
         "LookupError(\"unknown error handler name 'nope'\")"},
        {11, "b'\\xff'", "decode", "('u8', 'nope')", "{}",
         "LookupError(\"decoding with 'u8' codec failed (LookupError: unknown error handler name "
         "'nope')\")"},
        {11, "b'\\xff'", "decode", "('u8',)", "{}",
         "UnicodeDecodeError('utf-8', b'\\xff', 0, 1, 'invalid start byte')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_takes_bytes_and_ints),
        cmocka_unit_test(splitting_and_joining_make_bytes),
        cmocka_unit_test(letters_are_those_of_ascii),
        cmocka_unit_test(hex_groups_from_either_end),
        cmocka_unit_test(translate_maps_and_deletes),
        cmocka_unit_test(decode_reads_every_form_of_unicode),
        cmocka_unit_test(decode_handles_what_is_wrong),
        cmocka_unit_test(errors_name_codecs_that_a_registry_found),
    };

    return run_group(tests, probe_setup, probe_teardown);
}
