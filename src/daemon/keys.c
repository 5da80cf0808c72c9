/* SPDX-License-Identifier: MIT */
/* The lines of a key file are checked against each other too, and each mistake has its line. */
#include "keys.h"

#include "authkey.h"
#include "cli/key_lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[AUTHKEY_MAX]; /* what was read; wiped as soon as the server has it */

__attribute__((format(printf, 2, 3))) static int wrong(struct keys_error *error, const char *format,
                                                       ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error->text, sizeof(error->text), format, args);
    va_end(args);
    return -1;
}

/* A name that a server takes: it complains of others, but knows no lines. */
static bool is_name(const char *name, size_t len)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";

    return len <= 64 && strspn(name, letters) == len;
}

static int check_others(const struct keys *keys, const size_t *lines, const struct sm_key *key,
                        struct keys_error *error)
{
    for (size_t i = 0; i < keys->len; i++) {
        const struct sm_key *other = &keys->key[i];

        if (strcmp(other->name, key->name) == 0)
            return wrong(error, "the name %s is in line %zu already", key->name, lines[i]);
        if (other->key_len == key->key_len && memcmp(other->key, key->key, key->key_len) == 0)
            return wrong(error, "the key is that of %s, in line %zu", other->name, lines[i]);
    }
    return 0;
}

/* The words are ended by a blank, a newline, or the text's end, where there is room for a NUL. */
static int take_line(struct keys *keys, size_t *lines, const struct key_line *line,
                     struct keys_error *error)
{
    struct sm_key *key = &keys->key[keys->len];

    if (line->words != 3)
        return wrong(error, "not NAME RIGHT KEY, such as: workers rw 4be2...");
    if (!key_line_right(&line->word[1], &key->rights))
        return wrong(error, "the right is none of ro, rw, admin");
    line->word[0].at[line->word[0].len] = '\0';
    key->name = line->word[0].at;
    key->key = line->word[2].at;
    key->key_len = line->word[2].len;
    if (!is_name(key->name, line->word[0].len))
        return wrong(error, "the name is not up to 64 letters, digits, dots, hyphens and "
                            "underscores");
    if (check_others(keys, lines, key, error) < 0)
        return -1;
    lines[keys->len++] = error->line;
    return 0;
}

int keys_parse(char *from, size_t len, struct keys *ret, struct keys_error *error)
{
    char *end = from + len, *next;
    size_t lines[KEYS_MAX];
    struct key_line line;

    *ret = (struct keys){0};
    error->line = 0;
    if (!key_lines_in(from, end)) {
        ret->key[ret->len++] = (struct sm_key){.key = from, .key_len = len};
        return 0;
    }
    for (char *at = from; at < end; at = next) {
        next = key_line_end(at, end) + 1;
        error->line++;
        key_line_split(at, next - 1, &line);
        if (*at == '#' || !line.words)
            continue;
        if (ret->len == KEYS_MAX - 1)
            return wrong(error, "more than %d keys", KEYS_MAX - 1);
        if (take_line(ret, lines, &line, error) < 0)
            return -1;
    }
    return 0;
}

size_t keys_of_page(const struct keys *keys, struct web_key ret[KEYS_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < keys->len; i++) {
        const struct sm_key *key = &keys->key[i];

        if (!key->name || key->rights == SM_RIGHTS_ADMIN)
            ret[n++] = (struct web_key){key->key, key->key_len};
    }
    return n;
}

/* The text of a file. Returns 0, or -1 after saying what is wrong. */
static int take_file(const struct options *options, size_t len, struct keys *ret)
{
    struct keys_error error;

    if (keys_parse(text, len, ret, &error) == 0)
        return 0;
    fprintf(stderr, "syncmanagerd: the key file %s: line %zu: %s\n", options->authkey_file,
            error.line, error.text);
    return -1;
}

int keys_load(const struct options *options, struct keys *ret)
{
    int len = authkey_load(options->authkey_file, text);

    if (len < 0)
        return -1;
    if (options->authkey_file)
        return take_file(options, (size_t)len, ret);
    *ret = (struct keys){.key = {{.key = text, .key_len = (size_t)len}}, .len = 1};
    return 0;
}

int keys_reload(const struct options *options, struct keys *ret)
{
    int len = cli_authkey("syncmanagerd", options->authkey_file, text);

    return len < 0 ? -1 : take_file(options, (size_t)len, ret);
}

void keys_forget(void)
{
    explicit_bzero(text, sizeof(text));
}
