/* SPDX-License-Identifier: MIT */
/*
 * str without a server: its methods as CPython answers them, asked of the version in the first
 * column.
 */
#include "support/plain.h"

static void search_counts_characters_within_a_window(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"a\xc3\xa9\xe2\x82\xac\xc3\xa9\"", "find", "('\xc3\xa9',)", "{}", "1"},
        {13, "\"a\xc3\xa9\xe2\x82\xac\xc3\xa9\"", "rfind", "('\xc3\xa9',)", "{}", "3"},
        {13, "\"a\xc3\xa9\xe2\x82\xac\xc3\xa9\"", "find", "('\xc3\xa9', 2)", "{}", "3"},
        {13, "\"a\xc3\xa9\xe2\x82\xac\xc3\xa9\"", "find", "('\xc3\xa9', -3, -1)", "{}", "1"},
        {13, "\"abc\"", "find", "('', 3)", "{}", "3"},
        {13, "\"abc\"", "find", "('', 4)", "{}", "-1"},
        {13, "\"abc\"", "rfind", "('',)", "{}", "3"},
        {13, "\"aaaa\"", "count", "('aa',)", "{}", "2"},
        {13, "\"a\xc3\xa9\"", "count", "('',)", "{}", "3"},
        {13, "\"abc\"", "count", "('', 2, 1)", "{}", "0"},
        {13, "\"abc\"", "index", "('c', None, 10000000000000000000000)", "{}", "2"},
        {13, "\"abc\"", "index", "('d',)", "{}", "ValueError('substring not found')"},
        {13, "\"abc\"", "rindex", "('',)", "{}", "3"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void search_complains_in_the_words_of_each_python(void **state)
{
    static const struct plain_case cases[] = {
        {12, "\"abc\"", "find", "(1,)", "{}", "TypeError('must be str, not int')"},
        {13, "\"abc\"", "find", "(1,)", "{}",
         "TypeError('find() argument 1 must be str, not int')"},
        {12, "\"abc\"", "find", "(1, 'x')", "{}",
         "TypeError('slice indices must be integers or None or have an __index__ method')"},
        {13, "\"abc\"", "find", "(1, 'x')", "{}",
         "TypeError('find() argument 1 must be str, not int')"},
        {12, "\"abc\"", "count", "()", "{}",
         "TypeError('count() takes at least 1 argument (0 given)')"},
        {13, "\"abc\"", "count", "()", "{}",
         "TypeError('count expected at least 1 argument, got 0')"},
        {12, "\"abc\"", "index", "('a', 1, 2, 3)", "{}",
         "TypeError('index() takes at most 3 arguments (4 given)')"},
        {13, "\"abc\"", "index", "('a', 1, 2, 3)", "{}",
         "TypeError('index expected at most 3 arguments, got 4')"},
        {13, "\"abc\"", "find", "('a', 1.5)", "{}",
         "TypeError('slice indices must be integers or None or have an __index__ method')"},
        {12, "\"abc\"", "find", "('a',)", "{'x': 1}",
         "TypeError('find() takes no keyword arguments')"},
        {13, "\"abc\"", "find", "('a',)", "{'x': 1}",
         "TypeError('str.find() takes no keyword arguments')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void affixes_may_be_a_tuple(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"abc\"", "startswith", "('ab',)", "{}", "True"},
        {13, "\"abc\"", "startswith", "(('x', 'a'),)", "{}", "True"},
        {13, "\"abc\"", "endswith", "(('a', 1),)", "{}",
         "TypeError('tuple for endswith must only contain str, not int')"},
        {13, "\"abc\"", "endswith", "(('c', 1),)", "{}", "True"},
        {13, "\"abc\"", "endswith", "((),)", "{}", "False"},
        {13, "\"abc\"", "startswith", "('', 3)", "{}", "True"},
        {13, "\"abc\"", "startswith", "('', 4)", "{}", "False"},
        {13, "\"abc\"", "startswith", "(b'a',)", "{}",
         "TypeError('startswith first arg must be str or a tuple of str, not bytes')"},
        {13, "\"abc\"", "removeprefix", "('ab',)", "{}", "'c'"},
        {13, "\"abc\"", "removesuffix", "('ab',)", "{}", "'abc'"},
        {13, "\"abc\"", "removesuffix", "(None,)", "{}",
         "TypeError('removesuffix() argument must be str, not None')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void split_cuts_at_separators_or_words(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\" a  b\xc3\xa9 c \"", "split", "()", "{}", "['a', 'b\xc3\xa9', 'c']"},
        {13, "\" a  b c \"", "split", "(None, 1)", "{}", "['a', 'b c ']"},
        {13, "\" a  b c \"", "rsplit", "(None, 1)", "{}", "[' a  b', 'c']"},
        {13, "\"a\\u2003b\\x1cc\"", "split", "()", "{}", "['a', 'b', 'c']"},
        {13, "\"aXbXc\"", "split", "('X', 1)", "{}", "['a', 'bXc']"},
        {13, "\"aXbXc\"", "rsplit", "('X', 1)", "{}", "['aXb', 'c']"},
        {13, "\"aaa\"", "split", "('aa',)", "{}", "['', 'a']"},
        {13, "\"aaa\"", "rsplit", "('aa',)", "{}", "['a', '']"},
        {13, "\"\"", "split", "('X',)", "{}", "['']"},
        {13, "\"\"", "split", "()", "{}", "[]"},
        {13, "\"abc\"", "split", "('',)", "{}", "ValueError('empty separator')"},
        {13, "\"abc\"", "split", "(1,)", "{}", "TypeError('must be str or None, not int')"},
        {13, "\"abc\"", "split", "()", "{'maxsplit': None}",
         "TypeError(\"'NoneType' object cannot be interpreted as an integer\")"},
        {13, "\"abc\"", "split", "('a', 'b')", "{}",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {13, "\"aXb\"", "split", "()", "{'sep': 'X', 'maxsplit': 0}", "['aXb']"},
        {13, "\"aXb\"", "partition", "('X',)", "{}", "('a', 'X', 'b')"},
        {13, "\"aXbXc\"", "rpartition", "('X',)", "{}", "('aXb', 'X', 'c')"},
        {13, "\"ab\"", "rpartition", "('X',)", "{}", "('', '', 'ab')"},
        {13, "\"ab\"", "partition", "(b'a',)", "{}", "TypeError('must be str, not bytes')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void splitlines_knows_all_line_ends_of_unicode(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"a\\nb\\r\\nc\\rd\\x0be\\x1cf\\x85g\\u2028h\"", "splitlines", "()", "{}",
         "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']"},
        {13, "\"a\\n\\nb\\n\"", "splitlines", "(True,)", "{}", "['a\\n', '\\n', 'b\\n']"},
        {13, "\"\"", "splitlines", "()", "{}", "[]"},
        {11, "\"a\"", "splitlines", "('x',)", "{}",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {12, "\"a\"", "splitlines", "('x',)", "{}", "['a']"},
        {9, "\"a\"", "splitlines", "(1.5,)", "{}",
         "TypeError('integer argument expected, got float')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void join_and_replace_put_text_together(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\", \"", "join", "(['a', 'b'],)", "{}", "'a, b'"},
        {13, "\"-\"", "join", "('abc',)", "{}", "'a-b-c'"},
        {13, "\"-\"", "join", "({'a': 1},)", "{}", "'a'"},
        {13, "\"-\"", "join", "(['a', 1],)", "{}",
         "TypeError('sequence item 1: expected str instance, int found')"},
        {13, "\"-\"", "join", "(1,)", "{}", "TypeError('can only join an iterable')"},
        {13,
         "\"a\xc3\xa9"
         "a\"",
         "replace", "('a', 'xy')", "{}", "'xy\xc3\xa9xy'"},
        {13,
         "\"a\xc3\xa9"
         "a\"",
         "replace", "('', '-')", "{}", "'-a-\xc3\xa9-a-'"},
        {13,
         "\"a\xc3\xa9"
         "a\"",
         "replace", "('', '-', 2)", "{}",
         "'-a-\xc3\xa9"
         "a'"},
        {13, "\"aaa\"", "replace", "('a', 'b', 2)", "{}", "'bba'"},
        {12, "\"aaa\"", "replace", "('a', 'b')", "{'count': 1}",
         "TypeError('str.replace() takes no keyword arguments')"},
        {13, "\"aaa\"", "replace", "('a', 'b')", "{'count': 1}", "'baa'"},
        {12, "\"a\"", "replace", "('a',)", "{}",
         "TypeError('replace expected at least 2 arguments, got 1')"},
        {13, "\"a\"", "replace", "('a',)", "{}",
         "TypeError('replace() takes at least 2 positional arguments (1 given)')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void padding_counts_characters(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"\xc3\xa9\"", "center", "(4, '\xe2\x82\xac')", "{}",
         "'\xe2\x82\xac\xc3\xa9\xe2\x82\xac\xe2\x82\xac'"},
        {13, "\"ab\"", "center", "(5, '-')", "{}", "'--ab-'"},
        {13, "\"abc\"", "center", "(6, '-')", "{}", "'-abc--'"},
        {13, "\"\xc3\xa9\"", "ljust", "(3,)", "{}", "'\xc3\xa9  '"},
        {13, "\"\xc3\xa9\"", "rjust", "(3, '0')", "{}", "'00\xc3\xa9'"},
        {13, "\"-5\"", "zfill", "(4,)", "{}", "'-005'"},
        {13, "\"a\"", "ljust", "(3, 'xy')", "{}",
         "TypeError('The fill character must be exactly one character long')"},
        {13, "\"a\"", "ljust", "(3, b'x')", "{}",
         "TypeError('The fill character must be a unicode character, not bytes')"},
        {13, "\"a\"", "zfill", "('3',)", "{}",
         "TypeError(\"'str' object cannot be interpreted as an integer\")"},
        {9, "\"a\"", "zfill", "(1.5,)", "{}", "TypeError('integer argument expected, got float')"},
        {10, "\"a\"", "zfill", "(1.5,)", "{}",
         "TypeError(\"'float' object cannot be interpreted as an integer\")"},
        {13, "\"a\\tbc\\n\\td\"", "expandtabs", "(4,)", "{}", "'a   bc\\n    d'"},
        {13, "\"a\\tb\"", "expandtabs", "(0,)", "{}", "'ab'"},
        {13, "\"a\"", "center", "(1000000000000000000,)", "{}", "MemoryError()"},
        {13, "\"a\"", "center", "(10000000000000000000,)", "{}",
         "OverflowError('Python int too large to convert to C ssize_t')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void strip_takes_characters_off_the_ends(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\" \\u2003\xc3\xa9 a\\n\"", "strip", "()", "{}", "'\xc3\xa9 a'"},
        {13,
         "\"\xc3\xa9x\xc3\xa9"
         "a\xc3\xa9\"",
         "strip", "('\xc3\xa9x',)", "{}", "'a'"},
        {13,
         "\"\xc3\xa9"
         "a\xc3\xa9\"",
         "lstrip", "('\xc3\xa9',)", "{}", "'a\xc3\xa9'"},
        {13,
         "\"\xc3\xa9"
         "a\xc3\xa9\"",
         "rstrip", "('\xc3\xa9',)", "{}",
         "'\xc3\xa9"
         "a'"},
        {13, "\"a\"", "strip", "(None,)", "{}", "'a'"},
        {13, "\"a\"", "strip", "(1,)", "{}", "TypeError('strip arg must be None or str')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void case_follows_unicode(void **state)
{
    static const struct plain_case cases[] = {
        {13,
         "\"stra\xc3\x9f"
         "e\"",
         "upper", "()", "{}", "'STRASSE'"},
        {13, "\"educative\"", "capitalize", "()", "{}", "'Educative'"},
        {13, "\"\xc7\x86x \xc3\x9f\"", "capitalize", "()", "{}", "'\xc7\x85x \xc3\x9f'"},
        {13, "\"\xce\x91\xce\xa3 \xce\xa3\xce\x91 \xce\xa3 \xce\x91\xce\xa3'\xce\x91\"", "lower",
         "()", "{}", "\"\xce\xb1\xcf\x82 \xcf\x83\xce\xb1 \xcf\x83 \xce\xb1\xcf\x83'\xce\xb1\""},
        {13, "\"\xc4\xb0\"", "lower", "()", "{}", "'i\xcc\x87'"},
        {13, "\"\xef\xac\x81 \xc3\x9f \xce\xa3\xcf\x82\"", "casefold", "()", "{}",
         "'fi ss \xcf\x83\xcf\x83'"},
        {13, "\"they're \xc7\x86\"", "title", "()", "{}", "\"They'Re \xc7\x85\""},
        {13, "\"a\xc3\x9f B\xcf\x83\"", "swapcase", "()", "{}", "'ASS b\xce\xa3'"},
        {13, "\"\\ud800a\"", "upper", "()", "{}", "'\\ud800A'"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void kinds_of_characters_follow_unicode(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"\xc2\xb2\"", "isdigit", "()", "{}", "True"},
        {13, "\"\xc2\xb2\"", "isdecimal", "()", "{}", "False"},
        {13, "\"\xc2\xbd\xe5\x9b\x9b\"", "isnumeric", "()", "{}", "True"},
        {13, "\"\xd9\xa3\"", "isdecimal", "()", "{}", "True"},
        {13,
         "\"\xc3\xa9"
         "9\"",
         "isalnum", "()", "{}", "True"},
        {13,
         "\"\xc3\xa9"
         "9\"",
         "isalpha", "()", "{}", "False"},
        {13, "\"\"", "isalpha", "()", "{}", "False"},
        {13, "\"\"", "isascii", "()", "{}", "True"},
        {13, "\"\xc3\xa9\"", "isascii", "()", "{}", "False"},
        {13,
         "\"_\xc3\xa9"
         "1\"",
         "isidentifier", "()", "{}", "True"},
        {13, "\"1a\"", "isidentifier", "()", "{}", "False"},
        {13, "\"a b\"", "isprintable", "()", "{}", "True"},
        {13, "\"a\\x00\"", "isprintable", "()", "{}", "False"},
        {13, "\"\\u3000\\x1f\"", "isspace", "()", "{}", "True"},
        {13, "\"ab1\"", "islower", "()", "{}", "True"},
        {13, "\"a\xc7\x85\"", "islower", "()", "{}", "False"},
        {13, "\"AB1\"", "isupper", "()", "{}", "True"},
        {13, "\"Ab Cd\"", "istitle", "()", "{}", "True"},
        {13, "\"ABc\"", "istitle", "()", "{}", "False"},
        {13, "\"1\"", "istitle", "()", "{}", "False"},
        {13, "\"educative\"", "isdigit", "()", "{}", "False"},
        {8, "\"a\"", "isdigit", "(1,)", "{}",
         "TypeError('isdigit() takes no arguments (1 given)')"},
        {9, "\"a\"", "isdigit", "(1,)", "{}",
         "TypeError('str.isdigit() takes no arguments (1 given)')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void translate_maps_deletes_and_inserts(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"abcd\"", "translate", "({97: 'xy', 98: None, 99: 233},)", "{}",
         "'xy\xc3\xa9"
         "d'"},
        {13, "\"a\xe2\x82\xac\"", "translate", "({8364: 'EUR'},)", "{}", "'aEUR'"},
        {13, "\"\\x00\\x01\"", "translate", "('ab',)", "{}", "'ab'"},
        {13, "\"\\x00\\x01\"", "translate", "(['x'],)", "{}", "'x\\x01'"},
        {13, "\"a\"", "translate", "({97: 1114112},)", "{}",
         "ValueError('character mapping must be in range(0x110000)')"},
        {13, "\"a\"", "translate", "({97: 1.5},)", "{}",
         "TypeError('character mapping must return integer, None or str')"},
        {13, "\"a\"", "translate", "(1,)", "{}",
         "TypeError(\"'int' object is not subscriptable\")"},
        {13, "\"\"", "translate", "(1,)", "{}", "''"},
        {13, "\"\"", "maketrans",
         "('ab', '\xc3\xa9"
         "c', 'a')",
         "{}", "{97: None, 98: 99}"},
        {13, "\"\"", "maketrans", "({'a': 1, 98: None},)", "{}", "{97: 1, 98: None}"},
        {13, "\"\"", "maketrans", "({'ab': 1},)", "{}",
         "ValueError('string keys in translate table must be of length 1')"},
        {14, "\"\"", "maketrans", "({'ab': 1},)", "{}",
         "ValueError('string keys in translatetable must be of length 1')"},
        {14, "\"\"", "maketrans", "({None: 1},)", "{}",
         "TypeError('keys in translate table mustbe strings or integers')"},
        {13, "\"\"", "maketrans", "('a', 'bc')", "{}",
         "ValueError('the first two maketrans arguments must have equal length')"},
        {13, "\"\"", "maketrans", "(1,)", "{}",
         "TypeError('if you give only one argument to maketrans it must be a dict')"},
        {13, "\"\"", "maketrans", "(1, 'a')", "{}",
         "TypeError('first maketrans argument must be a string if there is a second argument')"},
        {13, "\"\"", "maketrans", "('a', 1)", "{}",
         "TypeError('maketrans() argument 2 must be str, not int')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void encode_writes_every_form_of_unicode(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "encode", "()", "{}",
         "b'\\xc3\\xa9\\xe2\\x82\\xac\\xf0\\x9f\\x98\\x80'"},
        {13, "\"\xc3\xa9\"", "encode", "('Latin 1',)", "{}", "b'\\xe9'"},
        {13, "\"\xc3\xa9\xf0\x9f\x98\x80\"", "encode", "('utf-16',)", "{}",
         "b'\\xff\\xfe\\xe9\\x00=\\xd8\\x00\\xde'"},
        {13, "\"\xc3\xa9\xf0\x9f\x98\x80\"", "encode", "('UTF-16BE',)", "{}",
         "b'\\x00\\xe9\\xd8=\\xde\\x00'"},
        {13, "\"\xc3\xa9\"", "encode", "('utf_32',)", "{}",
         "b'\\xff\\xfe\\x00\\x00\\xe9\\x00\\x00\\x00'"},
        {13, "\"\xc3\xa9\"", "encode", "('utf-8-sig',)", "{}", "b'\\xef\\xbb\\xbf\\xc3\\xa9'"},
        {13, "\"\xc3\xa9\xe2\x82\xac\"", "encode", "('cp1252',)", "{}", "b'\\xe9\\x80'"},
        {13, "\"\"", "encode", "('nope',)", "{}", "LookupError('unknown encoding: nope')"},
        {13, "\"a\"", "encode", "('hex',)", "{}",
         "LookupError(\"'hex' is not a text encoding; use codecs.encode() to handle arbitrary "
         "codecs\")"},
        {13, "\"a\"", "encode", "(1,)", "{}",
         "TypeError(\"encode() argument 'encoding' must be str, not int\")"},
        {13, "\"a\"", "encode", "('a\\0',)", "{}", "ValueError('embedded null character')"},
        {13, "\"a\"", "encode", "()", "{'errors': 'nope'}", "b'a'"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void encode_handles_what_a_codec_lacks(void **state)
{
    static const struct plain_case cases[] = {
        {13,
         "\"a\xc3\xa9\xc3\xa9\xe2\x82\xac"
         "b\"",
         "encode", "('ascii',)", "{}",
         "UnicodeEncodeError('ascii', 'a\xc3\xa9\xc3\xa9\xe2\x82\xac"
         "b', 1, 4, 'ordinal not in range(128)')"},
        {13, "\"a\xe2\x82\xac\"", "encode", "('latin-1', 'backslashreplace')", "{}",
         "b'a\\\\u20ac'"},
        {13, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"", "encode", "('ascii', 'backslashreplace')",
         "{}", "b'\\\\xe9\\\\u20ac\\\\U0001f600'"},
        {13, "\"\xc3\xa9\xe2\x82\xac\"", "encode", "('ascii', 'xmlcharrefreplace')", "{}",
         "b'&#233;&#8364;'"},
        {13, "\"\xc3\xa9\xe5\x9b\x9b\xea\xb0\x81\\x80\"", "encode", "('ascii', 'namereplace')",
         "{}",
         "b'\\\\N{LATIN SMALL LETTER E WITH ACUTE}\\\\N{CJK UNIFIED IDEOGRAPH-56DB}\\\\N{HANGUL "
         "SYLLABLE GAG}\\\\x80'"},
        {13, "\"\xc3\xa9\xe2\x82\xac\"", "encode", "('ascii', 'replace')", "{}", "b'?\?'"},
        {13, "\"\xc3\xa9\xe2\x82\xac\"", "encode", "('ascii', 'ignore')", "{}", "b''"},
        {13, "\"a\\udc80\xc3\xa9\"", "encode", "('ascii', 'surrogateescape')", "{}",
         "UnicodeEncodeError('ascii', 'a\\udc80\xc3\xa9', 2, 3, 'ordinal not in range(128)')"},
        {13, "\"a\\udc80\"", "encode", "('utf-8', 'surrogateescape')", "{}", "b'a\\x80'"},
        {13, "\"\\ud800\"", "encode", "('utf-8', 'surrogatepass')", "{}", "b'\\xed\\xa0\\x80'"},
        {13, "\"\\ud800\\udfff\"", "encode", "()", "{}",
         "UnicodeEncodeError('utf-8', '\\ud800\\udfff', 0, 2, 'surrogates not allowed')"},
        {13, "\"\\ud800\\udfff\"", "encode", "('utf-16-le',)", "{}",
         "UnicodeEncodeError('utf-16-le', '\\ud800\\udfff', 0, 1, 'surrogates not allowed')"},
        {13, "\"\\ud800\"", "encode", "('utf-16-le', 'surrogatepass')", "{}", "b'\\x00\\xd8'"},
        {13, "\"\xc3\xa9\"", "encode", "('ascii', 'nope')", "{}",
         "LookupError(\"unknown error handler name 'nope'\")"},
        {13, "\"\\x81\"", "encode", "('cp1252',)", "{}",
         "UnicodeEncodeError('charmap', '\\x81', 0, 1, 'character maps to <undefined>')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void format_speaks_the_whole_language(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"{} {x!r:>5} {{}}\"", "format", "(1,)", "{'x': 'a'}", "\"1   'a' {}\""},
        {13, "\"{0:{1}} {0:,}\"", "format", "(1234567, '#x')", "{}", "'0x12d687 1,234,567'"},
        {13, "\"{:012,} {:+.2f} {:%} {:.3}\"", "format", "(1234.5, 2, 0.5, 1e10)", "{}",
         "'00,001,234.5 +2.00 50.000000% 1e+10'"},
        {13, "\"{:#g} {:e} {:G}\"", "format", "(999999.5, 0, 1e-10)", "{}",
         "'1.00000e+06 0.000000e+00 1E-10'"},
        {13, "\"{:\xe2\x82\xac^7.2}|\"", "format", "('abc',)", "{}",
         "'\xe2\x82\xac\xe2\x82\xac"
         "ab\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac|'"},
        {13, "\"{0[a][1].imag}\"", "format", "({'a': [1, 2]},)", "{}", "'0'"},
        {13, "\"{a[b]}\"", "format_map", "({'a': {'b': None}},)", "{}", "'None'"},
        {9, "\"{:05}\"", "format", "('a',)", "{}",
         "ValueError(\"'=' alignment not allowed in string format specifier\")"},
        {10, "\"{:05}\"", "format", "('a',)", "{}", "'a0000'"},
        {10, "\"{:z.0f}\"", "format", "(-0.1,)", "{}", "ValueError('Invalid format specifier')"},
        {11, "\"{:z.0f}\"", "format", "(-0.1,)", "{}", "'0'"},
        {14, "\"{:.6_f}\"", "format", "(0.5,)", "{}", "'0.500_000'"},
        {13, "\"{:999999999}\"", "format", "(1,)", "{}", "MemoryError()"},
        {13, "\"{:.999999999}\"", "format", "(1.5,)", "{}", "MemoryError()"},
        {13, "\"{0.x}\"", "format", "(1,)", "{}",
         "AttributeError(\"'int' object has no attribute 'x'\")"},
        {13, "\"{0:d}\"", "format", "(None,)", "{}",
         "TypeError('unsupported format string passed to NoneType.__format__')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

static void format_runs_no_code_of_classes(void **state)
{
    static const struct plain_case cases[] = {
        {13, "\"{}\"", "format", "(Job(1),)", "{}",
         "NotImplementedError('str.format() of this value is up to Python code, which this manager "
         "does not run; get the str with _getvalue() and format it where you are')"},
        {13, "\"{0.upper}\"", "format", "('a',)", "{}",
         "NotImplementedError('str.format() of this value is up to Python code, which this manager "
         "does not run; get the str with _getvalue() and format it where you are')"},
    };

    (void)state;
    check_cases(cases, ARRAY_SIZE(cases));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_counts_characters_within_a_window),
        cmocka_unit_test(search_complains_in_the_words_of_each_python),
        cmocka_unit_test(affixes_may_be_a_tuple),
        cmocka_unit_test(split_cuts_at_separators_or_words),
        cmocka_unit_test(splitlines_knows_all_line_ends_of_unicode),
        cmocka_unit_test(join_and_replace_put_text_together),
        cmocka_unit_test(padding_counts_characters),
        cmocka_unit_test(strip_takes_characters_off_the_ends),
        cmocka_unit_test(case_follows_unicode),
        cmocka_unit_test(kinds_of_characters_follow_unicode),
        cmocka_unit_test(translate_maps_deletes_and_inserts),
        cmocka_unit_test(encode_writes_every_form_of_unicode),
        cmocka_unit_test(encode_handles_what_a_codec_lacks),
        cmocka_unit_test(format_speaks_the_whole_language),
        cmocka_unit_test(format_runs_no_code_of_classes),
    };

    return run_group(tests, probe_setup, probe_teardown);
}
