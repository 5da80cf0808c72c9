/* SPDX-License-Identifier: MIT */
/*
 * Codecs by name. Python finds a codec under many spellings: case and punctuation do not matter,
 * and there are aliases. Those that need code of their own (idna, punycode, the East Asian ones)
 * are not here: a manager that has no such codec says so as for any unknown one.
 */
#include "scalar/codec.h"

#include "object/answer.h"
#include "object/clinic.h"

#include <errno.h>
#include <limits.h>
#include <strings.h>

#define SURROGATES "surrogates not allowed"
#define UNDEFINED "character maps to <undefined>"

struct codec_name {
    const char *name;    /* Python's module, or how exceptions spell it with '_' for '-' */
    const char *aliases; /* each between spaces */
    struct codec codec;
};

static const struct codec_name codecs[] = {
    {"utf_8", " u8 utf utf8 utf8_ucs2 utf8_ucs4 cp65001 ", {"utf-8", SURROGATES, CODEC_UTF8}},
    {"utf_8_sig", "", {"utf-8", SURROGATES, CODEC_UTF8, .mark = true}},
    {"ascii",
     " 646 ansi_x3.4_1968 ansi_x3_4_1968 ansi_x3.4_1986 cp367 csascii ibm367 iso646_us "
     "iso_646.irv_1991 iso_ir_6 us us_ascii ",
     {"ascii", "ordinal not in range(128)", CODEC_BYTE, 0x80}},
    {"latin_1",
     " 8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 "
     "latin latin1 ",
     {"latin-1", "ordinal not in range(256)", CODEC_BYTE, 0x100}},
    {"utf_16", " u16 utf16 ", {"utf-16", SURROGATES, CODEC_UTF16, .mark = true}},
    {"utf_16_le", " unicodelittleunmarked utf_16le ", {"utf-16-le", SURROGATES, CODEC_UTF16}},
    {"utf_16_be",
     " unicodebigunmarked utf_16be ",
     {"utf-16-be", SURROGATES, CODEC_UTF16, .big = true}},
    {"utf_32", " u32 utf32 ", {"utf-32", SURROGATES, CODEC_UTF32, .mark = true}},
    {"utf_32_le", " utf_32le ", {"utf-32-le", SURROGATES, CODEC_UTF32}},
    {"utf_32_be", " utf_32be ", {"utf-32-be", SURROGATES, CODEC_UTF32, .big = true}},
};

static const struct {
    const char *name;
    const char *aliases;
} charmap_aliases[] = {
    {"cp437", " 437 cspc8codepage437 ibm437 "},
    {"cp850", " 850 cspc850multilingual ibm850 "},
    {"cp866", " 866 csibm866 ibm866 "},
    {"cp1250", " 1250 windows_1250 "},
    {"cp1251", " 1251 windows_1251 "},
    {"cp1252", " 1252 windows_1252 "},
    {"iso8859_2", " csisolatin2 iso_8859_2 iso_8859_2_1987 iso_ir_101 l2 latin2 "},
    {"iso8859_15", " iso_8859_15 l9 latin9 "},
    {"koi8_r", " cskoi8r "},
    {"mac_roman", " macintosh macroman "},
};

/* Python's codecs that are no text encodings: it names them in another message. */
static const char not_text[] =
    " hex hex_codec base64 base_64 base64_codec zip zlib zlib_codec bz2 bz2_codec rot13 rot_13 uu "
    "uu_codec quopri quoted_printable quotedprintable quopri_codec ";

#define NAME_SIZE 32

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Lower case, '_' for each run of punctuation within. False: longer than any name. */
static bool normalize(const char *name, char ret[NAME_SIZE])
{
    bool gap = false;
    size_t n = 0;

    for (; *name; name++) {
        if ((uint8_t)*name >= 0x80)
            continue;
        if (!is_alnum(*name) && *name != '.') {
            gap = n > 0;
            continue;
        }
        if (n + 2 >= NAME_SIZE)
            return false;
        if (gap)
            ret[n++] = '_';
        gap = false;
        ret[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
    }
    ret[n] = '\0';
    return n > 0;
}

static bool is_among(const char *name, const char *list)
{
    size_t len = strlen(name);

    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name)) {
        if (at > list && at[-1] == ' ' && at[len] == ' ')
            return true;
    }
    return false;
}

static const struct codec *find_charmap(struct call *call, const char *name)
{
    const struct charmap *map = codec_charmaps;
    struct codec *codec;

    for (size_t i = 0; i < ARRAY_SIZE(charmap_aliases); i++) {
        if (is_among(name, charmap_aliases[i].aliases))
            name = charmap_aliases[i].name;
    }
    while (map->name && strcmp(map->name, name) != 0)
        map++;
    if (!map->name)
        return NULL;
    codec = arena_alloc(&call->tree->arena, sizeof(*codec));
    if (codec)
        *codec = (struct codec){"charmap", UNDEFINED, CODEC_CHARMAP, .upper = map->upper};
    else
        call_raise_errno(call, -ENOMEM);
    return codec;
}

const struct codec *codec_find(struct call *call, const char *name, const char *verb)
{
    const struct codec *found = NULL;
    char key[NAME_SIZE];

    if (normalize(name, key)) {
        for (size_t i = 0; i < ARRAY_SIZE(codecs); i++) {
            if (strcmp(key, codecs[i].name) == 0 || is_among(key, codecs[i].aliases))
                return &codecs[i].codec;
        }
        found = find_charmap(call, key);
        if (!found && !call->answered && is_among(key, not_text))
            call_raise(call, "LookupError",
                       "'%s' is not a text encoding; use codecs.%s() to handle arbitrary codecs",
                       name, verb);
    }
    if (!found && !call->answered)
        call_raise(call, "LookupError", "unknown encoding: %s", name);
    return found;
}

static bool is_direct(const char *encoding)
{
    char key[NAME_SIZE];

    return normalize(encoding, key) &&
           is_among(key, " utf_8 utf8 utf_16 utf16 utf_32 utf32 ascii us_ascii latin_1 latin1 "
                         "iso_8859_1 iso8859_1 ");
}

void codec_raise(struct call *call, const char *verb, const char *encoding, const char *type,
                 struct sm_value args)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};
    struct sm_value message = args.items->item[0];

    if (is_direct(encoding) || (call->python < 12 && args.items->len != 1)) {
        call_raise_args(call, type, args);
        return;
    }
    buffer_addf(&text, "%s with '%s' codec failed", verb, encoding);
    if (call->python < 12)
        buffer_addf(&text, " (%s: %.*s)", type, (int)MIN(message.len, (size_t)INT_MAX),
                    message.text);
    buffer_add_byte(&text, '\0');
    if (text.failed)
        call_raise_errno(call, -ENOMEM);
    else if (call->python < 12)
        call_raise_args(call, type, SM_TUPLE(sm_str((char *)text.data)));
    else
        call_raise_args_note(call, type, args, (char *)text.data);
}

/* "unknown error handler name 'x'" */
void codec_raise_handler(struct call *call, const char *verb, const char *encoding,
                         const char *errors)
{
    CLEANUP(buffer_deinit) struct buffer text = {0};

    buffer_addf(&text, "unknown error handler name '%s'", errors);
    if (text.failed)
        call_raise_errno(call, -ENOMEM);
    else
        codec_raise(call, verb, encoding, "LookupError",
                    SM_TUPLE(sm_strn((char *)text.data, text.len)));
}

enum codec_errors codec_errors(const char *name)
{
    static const char *const names[] = {
        [CODEC_STRICT] = "strict",
        [CODEC_IGNORE] = "ignore",
        [CODEC_REPLACE] = "replace",
        [CODEC_BACKSLASHREPLACE] = "backslashreplace",
        [CODEC_XMLCHARREFREPLACE] = "xmlcharrefreplace",
        [CODEC_NAMEREPLACE] = "namereplace",
        [CODEC_SURROGATEESCAPE] = "surrogateescape",
        [CODEC_SURROGATEPASS] = "surrogatepass",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum codec_errors)i;
    }
    return CODEC_UNKNOWN;
}

bool codec_args(struct call *call, const char **encoding, const char **errors)
{
    *encoding = "utf-8";
    *errors = "strict";
    return clinic_c_string(call, "'encoding'", call->arg[0], encoding) &&
           clinic_c_string(call, "'errors'", call->arg[1], errors);
}
