/* SPDX-License-Identifier: MIT */
/*
 * str: the table of its methods. Those that bytes has too are in text_*.c, the others in str_*.c
 * and codec*.c. Characters are code points, and case and kinds of characters are Unicode's.
 */
#include "scalar/str.h"
#include "scalar/codec.h"
#include "scalar/scalar.h"

static const struct method str_methods[] = {
    {"capitalize", str_capitalize, TEXT_NO_ARGS},
    {"casefold", str_casefold, TEXT_NO_ARGS},
    {"center", text_center, TEXT_PAD},
    {"count", text_count, TEXT_SEARCH},
    {"encode", str_encode, {SIGNATURE_KEYWORDS, {"encoding", "errors"}, 0}},
    {"endswith", text_endswith, TEXT_SEARCH},
    {"expandtabs", text_expandtabs, TEXT_TABS},
    {"find", text_find, TEXT_SEARCH},
    {"format", str_format, {SIGNATURE_RAW}},
    {"format_map", str_format_map, TEXT_ONE_ARG},
    {"index", text_index, TEXT_SEARCH},
    {"isalnum", str_isalnum, TEXT_NO_ARGS},
    {"isalpha", str_isalpha, TEXT_NO_ARGS},
    {"isascii", str_isascii, TEXT_NO_ARGS},
    {"isdecimal", str_isdecimal, TEXT_NO_ARGS},
    {"isdigit", str_isdigit, TEXT_NO_ARGS},
    {"isidentifier", str_isidentifier, TEXT_NO_ARGS},
    {"islower", str_islower, TEXT_NO_ARGS},
    {"isnumeric", str_isnumeric, TEXT_NO_ARGS},
    {"isprintable", str_isprintable, TEXT_NO_ARGS},
    {"isspace", str_isspace, TEXT_NO_ARGS},
    {"istitle", str_istitle, TEXT_NO_ARGS},
    {"isupper", str_isupper, TEXT_NO_ARGS},
    {"join", text_join, TEXT_ONE_ARG},
    {"ljust", text_ljust, TEXT_PAD},
    {"lower", str_lower, TEXT_NO_ARGS},
    {"lstrip", text_lstrip, TEXT_CHARS},
    {"maketrans", str_maketrans, {SIGNATURE_UNPACK, {"x", "y", "z"}, 1}},
    {"partition", text_partition, TEXT_ONE_ARG},
    {"removeprefix", text_removeprefix, TEXT_ONE_ARG, .since = 9},
    {"removesuffix", text_removesuffix, TEXT_ONE_ARG, .since = 9},
    {"replace", text_replace, {SIGNATURE_RAW}},
    {"rfind", text_rfind, TEXT_SEARCH},
    {"rindex", text_rindex, TEXT_SEARCH},
    {"rjust", text_rjust, TEXT_PAD},
    {"rpartition", text_rpartition, TEXT_ONE_ARG},
    {"rsplit", text_rsplit, TEXT_SPLIT},
    {"rstrip", text_rstrip, TEXT_CHARS},
    {"split", text_split, TEXT_SPLIT},
    {"splitlines", text_splitlines, TEXT_LINES},
    {"startswith", text_startswith, TEXT_SEARCH},
    {"strip", text_strip, TEXT_CHARS},
    {"swapcase", str_swapcase, TEXT_NO_ARGS},
    {"title", str_title, TEXT_NO_ARGS},
    {"translate", str_translate, TEXT_ONE_ARG},
    {"upper", str_upper, TEXT_NO_ARGS},
    {"zfill", text_zfill, TEXT_ONE_ARG},
    {0},
};

const struct object_type str_type = {
    .name = "str",
    PLAIN_TYPE_FIELDS,
    .methods = str_methods,
};
