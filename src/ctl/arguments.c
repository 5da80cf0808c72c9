/* SPDX-License-Identifier: MIT */
/*
 * A word is a literal, or a name, '=' and a literal: no literal begins with a name and '='. Each is
 * parsed on its own, so that a message can show the word that is wrong.
 */
#include "arguments.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static bool starts_name(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

/* The length of the name that a keyword argument begins with; 0 for other words. */
static size_t keyword(const char *word)
{
    size_t len = 0;

    while (starts_name(word[len]) || (len && isdigit((unsigned char)word[len])))
        len++;
    return word[len] == '=' ? len : 0;
}

static bool parse_word(struct arguments *arguments, const char *word)
{
    size_t name = keyword(word);
    const char *literal = name ? word + name + 1 : word;
    struct sm_reply *reply;
    struct sm_value v;

    if (sm_value_parse(literal, &reply) < 0) {
        fprintf(stderr, "syncmanagerctl: %s: %s; write text as \"text\", quotes included\n",
                literal, sm_last_error()->message);
        return false;
    }
    arguments->parsed[arguments->parsed_len++] = reply;
    v = sm_reply_value(reply);
    if (name) {
        arguments->named.item[arguments->named.len++] = sm_strn(word, name);
        arguments->named.item[arguments->named.len++] = v;
    } else {
        arguments->positional.item[arguments->positional.len++] = v;
    }
    return true;
}

bool arguments_parse(struct arguments *arguments, struct sm_value first, char **words, int len)
{
    size_t n = (size_t)len;

    *arguments = (struct arguments){
        .args = sm_container(SM_KIND_TUPLE, &arguments->positional),
        .kwargs = sm_container(SM_KIND_DICT, &arguments->named),
        .positional.item = calloc(n + 1, sizeof(struct sm_value)),
        .named.item = calloc(2 * n + 1, sizeof(struct sm_value)),
        .parsed = calloc(n + 1, sizeof(struct sm_reply *)),
    };
    if (!arguments->positional.item || !arguments->named.item || !arguments->parsed) {
        fputs("syncmanagerctl: out of memory\n", stderr);
        return false;
    }
    if (first.kind != SM_KIND_MISSING)
        arguments->positional.item[arguments->positional.len++] = first;
    for (size_t i = 0; i < n; i++) {
        if (!parse_word(arguments, words[i]))
            return false;
    }
    return true;
}

void arguments_deinit(struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->parsed_len; i++)
        sm_reply_free(arguments->parsed[i]);
    free(arguments->parsed);
    free(arguments->positional.item);
    free(arguments->named.item);
}
