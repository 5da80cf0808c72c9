/* SPDX-License-Identifier: MIT */
/*
 * str: the table of its methods. Those that bytes has too are in text_*.c, the others in str_*.c
 * and codec*.c. Characters are code points, and case and kinds of characters are Unicode's.
 */
#include "types/str.h"
#include "types/codec.h"
#include "types/types.h"

#define NO_ARGS                                                                                    \
    {                                                                                              \
        SIGNATURE_NONE                                                                             \
    }
#define ONE_ARG                                                                                    \
    {                                                                                              \
        SIGNATURE_ONE, {""}, 1                                                                     \
    }
#define SEARCH                                                                                     \
    {                                                                                              \
        SIGNATURE_PARSED, {"sub", "start", "end"}, 1                                               \
    }
#define PAD                                                                                        \
    {                                                                                              \
        SIGNATURE_UNPACK, {"width", "fillchar"}, 1                                                 \
    }
#define CHARS                                                                                      \
    {                                                                                              \
        SIGNATURE_UNPACK, {"chars"}, 0                                                             \
    }
#define SPLIT                                                                                      \
    {                                                                                              \
        SIGNATURE_KEYWORDS, {"sep", "maxsplit"}, 0                                                 \
    }

static const struct method str_methods[] = {
    {"capitalize", str_capitalize, NO_ARGS},
    {"casefold", str_casefold, NO_ARGS},
    {"center", text_center, PAD},
    {"count", text_count, SEARCH},
    {"encode", str_encode, {SIGNATURE_KEYWORDS, {"encoding", "errors"}, 0}},
    {"endswith", text_endswith, SEARCH},
    {"expandtabs", text_expandtabs, {SIGNATURE_KEYWORDS, {"tabsize"}, 0}},
    {"find", text_find, SEARCH},
    {"format", str_format, {SIGNATURE_RAW}},
    {"format_map", str_format_map, ONE_ARG},
    {"index", text_index, SEARCH},
    {"isalnum", str_isalnum, NO_ARGS},
    {"isalpha", str_isalpha, NO_ARGS},
    {"isascii", str_isascii, NO_ARGS},
    {"isdecimal", str_isdecimal, NO_ARGS},
    {"isdigit", str_isdigit, NO_ARGS},
    {"isidentifier", str_isidentifier, NO_ARGS},
    {"islower", str_islower, NO_ARGS},
    {"isnumeric", str_isnumeric, NO_ARGS},
    {"isprintable", str_isprintable, NO_ARGS},
    {"isspace", str_isspace, NO_ARGS},
    {"istitle", str_istitle, NO_ARGS},
    {"isupper", str_isupper, NO_ARGS},
    {"join", text_join, ONE_ARG},
    {"ljust", text_ljust, PAD},
    {"lower", str_lower, NO_ARGS},
    {"lstrip", text_lstrip, CHARS},
    {"maketrans", str_maketrans, {SIGNATURE_UNPACK, {"x", "y", "z"}, 1}},
    {"partition", text_partition, ONE_ARG},
    {"removeprefix", text_removeprefix, ONE_ARG, .since = 9},
    {"removesuffix", text_removesuffix, ONE_ARG, .since = 9},
    {"replace", text_replace, {SIGNATURE_RAW}},
    {"rfind", text_rfind, SEARCH},
    {"rindex", text_rindex, SEARCH},
    {"rjust", text_rjust, PAD},
    {"rpartition", text_rpartition, ONE_ARG},
    {"rsplit", text_rsplit, SPLIT},
    {"rstrip", text_rstrip, CHARS},
    {"split", text_split, SPLIT},
    {"splitlines", text_splitlines, {SIGNATURE_KEYWORDS, {"keepends"}, 0}},
    {"startswith", text_startswith, SEARCH},
    {"strip", text_strip, CHARS},
    {"swapcase", str_swapcase, NO_ARGS},
    {"title", str_title, NO_ARGS},
    {"translate", str_translate, ONE_ARG},
    {"upper", str_upper, NO_ARGS},
    {"zfill", text_zfill, ONE_ARG},
    {0},
};

const struct object_type str_type = {
    .name = "str",
    PLAIN_TYPE_FIELDS,
    .methods = str_methods,
};
