/* SPDX-License-Identifier: MIT */
/*
 * Arguments to parameters, by the rules, and with the complaints, of the kind of function that
 * CPython has in each method's place. The order of the checks is CPython's too: it decides which
 * of several mistakes is named.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/call.h"
#include "object/suggest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

struct binding {
    struct call *call;
    const struct signature *takes;
    const char *owner;
    const char *name;
    size_t params; /* how many there are */
    size_t given;  /* positional arguments */
    size_t named;  /* keyword arguments */
};

/* For "%.*s": a name can be longer than an int tells. */
static int shown(struct sm_value name)
{
    return (int)MIN(name.len, (size_t)INT_MAX);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static struct sm_value positional(const struct binding *b, size_t i)
{
    return b->call->args.items->item[i];
}

static struct sm_value keyword_name(const struct binding *b, size_t i)
{
    return b->call->kwds.items->item[i * 2];
}

static struct sm_value keyword_value(const struct binding *b, size_t i)
{
    return b->call->kwds.items->item[i * 2 + 1];
}

/* "Owner.name" from the Python that says so on, "name" before. */
static const char *qualified(const struct binding *b, unsigned since, char *room, size_t size)
{
    if (b->call->python < since || !b->owner)
        return b->name;
    snprintf(room, size, "%s.%s", b->owner, b->name);
    return room;
}

#define C_QUALIFIED 9       /* C methods name their class from 3.9 on */
#define PYTHON_QUALIFIED 10 /* Python functions from 3.10 on */

static int find_param(const struct binding *b, struct sm_value name)
{
    for (size_t i = 0; i < b->params; i++) {
        if (strlen(b->takes->params[i]) == name.len &&
            memcmp(b->takes->params[i], name.text, name.len) == 0)
            return (int)i;
    }
    return -1;
}

static bool refuse_keywords(const struct binding *b)
{
    char room[96];

    if (!b->named)
        return true;
    call_raise(b->call, "TypeError", "%s() takes no keyword arguments",
               qualified(b, C_QUALIFIED, room, sizeof(room)));
    return false;
}

static bool bind_none(const struct binding *b)
{
    char room[96];

    if (!refuse_keywords(b))
        return false;
    if (!b->given)
        return true;
    call_raise(b->call, "TypeError", "%s() takes no arguments (%zu given)",
               qualified(b, C_QUALIFIED, room, sizeof(room)), b->given);
    return false;
}

static bool bind_one(const struct binding *b)
{
    char room[96];

    if (!refuse_keywords(b))
        return false;
    if (b->given != 1) {
        call_raise(b->call, "TypeError", "%s() takes exactly one argument (%zu given)",
                   qualified(b, C_QUALIFIED, room, sizeof(room)), b->given);
        return false;
    }
    b->call->arg[0] = positional(b, 0);
    return true;
}

static void take_positionals(const struct binding *b)
{
    for (size_t i = 0; i < b->given; i++)
        b->call->arg[i] = positional(b, i);
}

static bool bind_unpack(const struct binding *b)
{
    size_t bound = b->given < b->takes->required ? b->takes->required : b->params;

    if (!refuse_keywords(b))
        return false;
    if (b->given >= b->takes->required && b->given <= b->params) {
        take_positionals(b);
        return true;
    }
    call_raise(b->call, "TypeError", "%s expected %s%zu argument%s, got %zu", b->name,
               b->takes->required == b->params ? ""
               : b->given < b->takes->required ? "at least "
                                               : "at most ",
               bound, plural(bound), b->given);
    return false;
}

/* From 3.14 on the message for two parameters has a name, and none has a space in place of it. */
static const char *slot_subject(const struct binding *b)
{
    if (b->call->python < 14)
        return b->takes->style == SIGNATURE_SLOT2 ? " " : "";
    return b->params == 2 ? b->name : "";
}

static bool bind_slot(const struct binding *b)
{
    const char *subject = slot_subject(b);

    if (b->named) {
        call_raise(b->call, "TypeError", "wrapper %s() takes no keyword arguments", b->name);
        return false;
    }
    if (b->given != b->params) {
        call_raise(b->call, "TypeError", "%s%sexpected %zu argument%s, got %zu", subject,
                   strlen(subject) > 1 ? " " : "", b->params, plural(b->params), b->given);
        return false;
    }
    take_positionals(b);
    return true;
}

/* Until 3.12 these read their arguments by a format string, whose words are others. */
static bool bind_parsed(const struct binding *b)
{
    bool few = b->given < b->takes->required;
    size_t bound = few ? b->takes->required : b->params;

    if (b->call->python >= 13)
        return bind_unpack(b);
    if (b->named) {
        call_raise(b->call, "TypeError", "%s() takes no keyword arguments", b->name);
        return false;
    }
    if (!few && b->given <= b->params) {
        take_positionals(b);
        return true;
    }
    call_raise(b->call, "TypeError", "%s() takes at %s %zu argument%s (%zu given)", b->name,
               few ? "least" : "most", bound, plural(bound), b->given);
    return false;
}

static void raise_c_keyword(const struct binding *b, struct sm_value name)
{
    if (b->call->python >= 13)
        call_raise(b->call, "TypeError", "%s() got an unexpected keyword argument '%.*s'", b->name,
                   shown(name), name.text);
    else
        call_raise(b->call, "TypeError", "'%.*s' is an invalid keyword argument for %s()",
                   shown(name), name.text, b->name);
}

/* How many parameters, at the start, have no name to be given by. */
static size_t positional_only(const struct binding *b)
{
    size_t n = 0;

    while (n < b->params && !b->takes->params[n][0])
        n++;
    return n;
}

static bool check_c_counts(const struct binding *b)
{
    size_t positional_max = b->params - b->takes->keyword_only;
    size_t positional_min = MIN(positional_only(b), b->takes->required);

    if (b->given + b->named > b->params)
        call_raise(b->call, "TypeError", "%s() takes at most %zu %sargument%s (%zu given)", b->name,
                   b->params, b->given ? "" : "keyword ", plural(b->params), b->given + b->named);
    else if (b->given > positional_max && positional_max == 0)
        call_raise(b->call, "TypeError", "%s() takes no positional arguments", b->name);
    else if (b->given > positional_max)
        call_raise(b->call, "TypeError", "%s() takes %s %zu positional argument%s (%zu given)",
                   b->name, b->takes->required < positional_max ? "at most" : "exactly",
                   positional_max, plural(positional_max), b->given);
    else if (b->given < positional_min)
        call_raise(b->call, "TypeError", "%s() takes %s %zu positional argument%s (%zu given)",
                   b->name, positional_min < b->params ? "at least" : "exactly", positional_min,
                   plural(positional_min), b->given);
    else
        return true;
    return false;
}

/* What was given by name but should not: as CPython, known names before unknown ones. */
static bool check_c_keywords(const struct binding *b)
{
    for (size_t at = positional_only(b); at < b->given; at++) {
        for (size_t i = 0; i < b->named; i++) {
            if (find_param(b, keyword_name(b, i)) != (int)at)
                continue;
            call_raise(b->call, "TypeError",
                       "argument for %s() given by name ('%s') and position (%zu)", b->name,
                       b->takes->params[at], at + 1);
            return false;
        }
    }
    for (size_t i = 0; i < b->named; i++) {
        if (find_param(b, keyword_name(b, i)) >= (int)positional_only(b))
            continue;
        raise_c_keyword(b, keyword_name(b, i));
        return false;
    }
    return true;
}

static bool bind_c_keywords(const struct binding *b)
{
    if (!check_c_counts(b))
        return false;
    take_positionals(b);
    for (size_t i = 0; i < b->named; i++) {
        int at = find_param(b, keyword_name(b, i));

        if (at >= (int)b->given)
            b->call->arg[at] = keyword_value(b, i);
    }
    for (size_t i = b->given; i < b->takes->required; i++) {
        if (b->call->arg[i].kind != SM_KIND_MISSING)
            continue;
        call_raise(b->call, "TypeError", "%s() missing required argument '%s' (pos %zu)", b->name,
                   b->takes->params[i], i + 1);
        return false;
    }
    return check_c_keywords(b);
}

static bool refuse_python_keyword(const struct binding *b, struct sm_value name)
{
    const char *meant = b->call->python >= 13 ? suggest_param(b->takes, name.text, name.len) : NULL;
    char room[96];

    call_raise(b->call, "TypeError", "%s() got an unexpected keyword argument '%.*s'%s%s%s",
               qualified(b, PYTHON_QUALIFIED, room, sizeof(room)), shown(name), name.text,
               meant ? ". Did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    return false;
}

/* The parameters that Python fills itself: self, and in the server's functions the connection. */
static const char *find_hidden(const struct binding *b, struct sm_value name)
{
    static const char *const hidden[] = {"self", "c"};

    for (int i = 0; i < b->takes->beside + 1 && i < (int)ARRAY_SIZE(hidden); i++) {
        if (strlen(hidden[i]) == name.len && memcmp(hidden[i], name.text, name.len) == 0)
            return hidden[i];
    }
    return NULL;
}

static bool bind_python_keyword(const struct binding *b, size_t i)
{
    struct sm_value name = keyword_name(b, i);
    int at = find_param(b, name);
    const char *hidden = at < 0 ? find_hidden(b, name) : NULL;
    char room[96];

    if (at < 0 && !hidden)
        return refuse_python_keyword(b, name);
    if (hidden || b->call->arg[at].kind != SM_KIND_MISSING) {
        call_raise(b->call, "TypeError", "%s() got multiple values for argument '%s'",
                   qualified(b, PYTHON_QUALIFIED, room, sizeof(room)),
                   hidden ? hidden : b->takes->params[at]);
        return false;
    }
    b->call->arg[at] = keyword_value(b, i);
    return true;
}

/* Counts include self and whatever else the caller does not give, as Python's do. */
static void raise_too_many(const struct binding *b, size_t positional_max)
{
    char room[96], keyword_only[128] = "", range[48];
    size_t beside = (size_t)(1 + b->takes->beside);
    size_t most = positional_max + beside, given = b->given + beside, extra = 0;

    for (size_t i = positional_max; i < b->params; i++)
        extra += b->call->arg[i].kind != SM_KIND_MISSING;
    if (extra)
        snprintf(keyword_only, sizeof(keyword_only),
                 " positional argument%s (and %zu keyword-only argument%s)", plural(given), extra,
                 plural(extra));
    if (b->takes->required < positional_max)
        snprintf(range, sizeof(range), "from %zu to %zu", b->takes->required + beside, most);
    else
        snprintf(range, sizeof(range), "%zu", most);
    call_raise(b->call, "TypeError", "%s() takes %s positional argument%s but %zu%s %s given",
               qualified(b, PYTHON_QUALIFIED, room, sizeof(room)), range,
               plural(b->takes->required < positional_max ? 2 : most), given, keyword_only,
               given == 1 && !extra ? "was" : "were");
}

/* "'a'", "'a' and 'b'", "'a', 'b', and 'c'". */
static bool check_required(const struct binding *b)
{
    struct buffer names = {0};
    size_t missing = 0, seen = 0;
    char room[96];

    for (size_t i = 0; i < b->takes->required; i++)
        missing += b->call->arg[i].kind == SM_KIND_MISSING;
    if (!missing)
        return true;
    for (size_t i = 0; i < b->takes->required; i++) {
        if (b->call->arg[i].kind != SM_KIND_MISSING)
            continue;
        if (seen)
            buffer_add_str(&names, missing == 2 ? " and " : seen + 1 == missing ? ", and " : ", ");
        buffer_addf(&names, "'%s'", b->takes->params[i]);
        seen++;
    }
    call_raise(b->call, "TypeError", "%s() missing %zu required positional argument%s: %.*s",
               qualified(b, PYTHON_QUALIFIED, room, sizeof(room)), missing, plural(missing),
               (int)names.len, names.len ? (char *)names.data : "");
    buffer_deinit(&names);
    return false;
}

static bool bind_python(const struct binding *b)
{
    size_t positional_max = b->params - b->takes->keyword_only;

    for (size_t i = 0; i < b->given && i < positional_max; i++)
        b->call->arg[i] = positional(b, i);
    for (size_t i = 0; i < b->named; i++) {
        if (!bind_python_keyword(b, i))
            return false;
    }
    if (b->given > positional_max) {
        raise_too_many(b, positional_max);
        return false;
    }
    return check_required(b);
}

/* Before 3.9 a function looks at its keywords itself, and C ones without any refuse them all. */
static bool check_keyword_names(const struct binding *b)
{
    bool is_slot = b->takes->style == SIGNATURE_SLOT || b->takes->style == SIGNATURE_SLOT2;
    bool is_old = b->call->python < 9;

    if (is_slot || (is_old && b->takes->style != SIGNATURE_PYTHON))
        return true;
    for (size_t i = 0; i < b->named; i++) {
        if (keyword_name(b, i).kind == SM_KIND_STR)
            continue;
        if (is_old)
            call_raise(b->call, "TypeError", "%s() keywords must be strings", b->name);
        else
            call_raise(b->call, "TypeError", "keywords must be strings");
        return false;
    }
    return true;
}

#define MISSING                                                                                    \
    {                                                                                              \
        .kind = SM_KIND_MISSING                                                                    \
    }

static const struct sm_value none_given[SIGNATURE_PARAMS_MAX] = {MISSING, MISSING, MISSING,
                                                                 MISSING, MISSING, MISSING};

static bool bind(struct call *call, const struct signature *takes, const char *owner,
                 const char *name)
{
    struct binding b = {
        .call = call,
        .takes = takes,
        .owner = owner,
        .name = name,
        .given = sm_len(call->args),
        .named = sm_len(call->kwds),
    };

    while (b.params < SIGNATURE_PARAMS_MAX && takes->params[b.params])
        b.params++;
    if (!check_keyword_names(&b))
        return false;
    switch (takes->style) {
    case SIGNATURE_PYTHON:
        return bind_python(&b);
    case SIGNATURE_NONE:
        return bind_none(&b);
    case SIGNATURE_ONE:
        return bind_one(&b);
    case SIGNATURE_UNPACK:
        return bind_unpack(&b);
    case SIGNATURE_PARSED:
        return bind_parsed(&b);
    case SIGNATURE_KEYWORDS:
        return bind_c_keywords(&b);
    case SIGNATURE_SLOT:
    case SIGNATURE_SLOT2:
        return bind_slot(&b);
    case SIGNATURE_RAW:
        return true;
    }
    return false;
}

bool call_bind(struct call *call, const struct signature *takes, const char *owner,
               const char *name)
{
    memcpy(call->arg, none_given, sizeof(call->arg));
    if (takes->style == SIGNATURE_ONE && sm_len(call->args) == 1 && !sm_len(call->kwds)) {
        call->arg[0] = call->args.items->item[0];
        if (call->arg[0].kind != SM_KIND_OBJECT)
            return true; /* as with most calls there is nothing to look for, or to make plain */
    } else if (!bind(call, takes, owner, name)) {
        return false;
    }
    return !(takes->ints | takes->numbers) || call_take_numbers(call, takes);
}
