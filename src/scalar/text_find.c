/* SPDX-License-Identifier: MIT */
/*
 * Looking for one text in another, within a window of characters: find, index, count, startswith,
 * endswith, and what cuts at a match: partition, removeprefix, removesuffix.
 */
#include "object/answer.h"
#include "object/args.h"
#include "object/clinic.h"
#include "scalar/scalar.h"
#include "scalar/text.h"
#include "value/number.h"

/* What is looked for, and where. */
struct search {
    struct text self;
    struct text needle;
    uint8_t byte; /* the needle, when it is given as an int */
    int64_t start;
    int64_t end;
    struct text window; /* self between start and end */
    size_t before;      /* characters before the window */
    bool valid;         /* the window does not begin after its end */
};

/* Ends count from the end when negative; a start past the end is a window that nothing is in. */
static void open_window(struct search *s)
{
    int64_t count = (int64_t)text_length(s->self);
    size_t from, to;

    if (s->end > count)
        s->end = count;
    else if (s->end < 0)
        s->end = MAX(s->end + count, 0);
    if (s->start < 0)
        s->start = MAX(s->start + count, 0);
    s->valid = s->start <= s->end;
    if (!s->valid)
        return;
    from = text_offset(s->self, (size_t)s->start);
    to = from + text_offset(text_part(s->self, from, s->self.len), (size_t)(s->end - s->start));
    s->before = (size_t)s->start;
    s->window = text_part(s->self, from, to);
}

static bool take_window(struct search *s, struct object *self, struct call *call)
{
    s->start = 0;
    s->end = INT64_MAX;
    if (!clinic_slice_end(call, call->arg[1], &s->start) ||
        !clinic_slice_end(call, call->arg[2], &s->end) || !text_self(self, call, &s->self))
        return false;
    open_window(s);
    return true;
}

static bool take_byte(struct search *s, struct call *call, struct sm_value v)
{
    int64_t n;

    if (!call_clamped_int(call, v, &n))
        return false;
    if (n < 0 || n > 255) {
        call_raise(call, "ValueError", "byte must be in range(0, 256)");
        return false;
    }
    s->byte = (uint8_t)n;
    s->needle = (struct text){.p = (const char *)&s->byte, .len = 1, .kind = SM_KIND_BYTES};
    return true;
}

static bool take_needle(struct search *s, struct call *call)
{
    struct sm_value v = call->arg[0];

    if (text_of(&s->self, v, &s->needle))
        return true;
    if (s->self.kind == SM_KIND_STR && call->python >= 13)
        clinic_raise_not_str(call, "1", v);
    else if (s->self.kind == SM_KIND_STR)
        call_raise(call, "TypeError", "must be str, not %s", call_type_name(call, v));
    else if (value_is_int(v))
        return take_byte(s, call, v);
    else
        call_raise(call, "TypeError", "argument should be integer or bytes-like object, not '%s'",
                   call_type_name(call, v));
    return false;
}

/* From 3.13 on str looks at its first argument first. */
static bool take_search(struct search *s, struct object *self, struct call *call)
{
    if (self->type == &str_type && call->python >= 13 && call->arg[0].kind != SM_KIND_STR) {
        clinic_raise_not_str(call, "1", call->arg[0]);
        return false;
    }
    return take_window(s, self, call) && take_needle(s, call);
}

/* The character where the needle is, -1 where it is not, -2 once the call has been answered. */
static int64_t look(struct search *s, struct call *call, bool back)
{
    struct finder finder;
    size_t at;

    if (!s->valid)
        return -1;
    if (!s->needle.len) {
        at = back ? s->window.len : 0;
    } else {
        if (!finder_init(&finder, call, s->window, s->needle, back))
            return -2;
        at = finder_next(&finder);
    }
    if (at == FINDER_END)
        return -1;
    return (int64_t)(s->before + text_length(text_part(s->window, 0, at)));
}

static void find(struct object *self, struct call *call, bool back, bool must)
{
    struct search s;
    int64_t at;

    if (!take_search(&s, self, call))
        return;
    at = look(&s, call, back);
    if (at == -1 && must)
        call_raise(call, "ValueError",
                   s.self.kind == SM_KIND_STR ? "substring not found" : "subsection not found");
    else if (at != -2)
        call_return_int(call, at);
}

void text_find(struct object *self, struct call *call)
{
    find(self, call, false, false);
}

void text_rfind(struct object *self, struct call *call)
{
    find(self, call, true, false);
}

void text_index(struct object *self, struct call *call)
{
    find(self, call, false, true);
}

void text_rindex(struct object *self, struct call *call)
{
    find(self, call, true, true);
}

void text_count(struct object *self, struct call *call)
{
    struct finder finder;
    struct search s;
    int64_t n = 0;

    if (!take_search(&s, self, call))
        return;
    if (s.valid && !s.needle.len) {
        n = (int64_t)text_length(s.window) + 1;
    } else if (s.valid) {
        if (!finder_init(&finder, call, s.window, s.needle, false))
            return;
        while (finder_next(&finder) != FINDER_END)
            n++;
    }
    call_return_int(call, n);
}

/* 1, 0, or -1 once the call has been answered: in a tuple, an item of another type. */
static int affix_matches(struct search *s, struct call *call, struct sm_value v, bool at_end)
{
    if (!text_of(&s->self, v, &s->needle)) {
        if (s->self.kind == SM_KIND_STR)
            call_raise(call, "TypeError", "tuple for %s must only contain str, not %s",
                       call->method->name, call_type_name(call, v));
        else
            text_bytes_like(call, v, &s->needle);
        return -1;
    }
    if (!s->valid)
        return 0;
    return at_end ? text_ends(s->window, s->needle) : text_starts(s->window, s->needle);
}

static void check_affix(struct object *self, struct call *call, bool at_end)
{
    struct sm_value v = call->arg[0];
    struct search s;
    const char *kind;
    int found = 0;

    if (!take_window(&s, self, call))
        return;
    if (v.kind == SM_KIND_TUPLE) {
        for (size_t i = 0; i < v.items->len && found == 0; i++)
            found = affix_matches(&s, call, v.items->item[i], at_end);
    } else if (text_of(&s.self, v, &s.needle)) {
        found = affix_matches(&s, call, v, at_end);
    } else {
        kind = s.self.kind == SM_KIND_STR ? "str" : "bytes";
        call_raise(call, "TypeError", "%s first arg must be %s or a tuple of %s, not %s",
                   call->method->name, kind, kind, call_type_name(call, v));
        return;
    }
    if (found >= 0)
        call_return_bool(call, found);
}

void text_startswith(struct object *self, struct call *call)
{
    check_affix(self, call, false);
}

void text_endswith(struct object *self, struct call *call)
{
    check_affix(self, call, true);
}

static void partition(struct object *self, struct call *call, bool back)
{
    struct text t, separator, none;
    struct finder finder;
    size_t at;

    if (!text_self(self, call, &t))
        return;
    if (!text_of(&t, call->arg[0], &separator)) {
        if (t.kind == SM_KIND_STR)
            call_raise(call, "TypeError", "must be str, not %s",
                       call_type_name(call, call->arg[0]));
        else
            text_bytes_like(call, call->arg[0], &separator);
        return;
    }
    if (!separator.len) {
        call_raise(call, "ValueError", "empty separator");
        return;
    }
    if (!finder_init(&finder, call, t, separator, back))
        return;
    at = finder_next(&finder);
    none = text_part(t, 0, 0);
    if (at != FINDER_END)
        call_return(call, SM_TUPLE(text_value(text_part(t, 0, at)), call->arg[0],
                                   text_value(text_part(t, at + separator.len, t.len))));
    else if (back)
        call_return(call, SM_TUPLE(text_value(none), text_value(none), text_value(t)));
    else
        call_return(call, SM_TUPLE(text_value(t), text_value(none), text_value(none)));
}

void text_partition(struct object *self, struct call *call)
{
    partition(self, call, false);
}

void text_rpartition(struct object *self, struct call *call)
{
    partition(self, call, true);
}

static bool take_affix(struct object *self, struct call *call, struct text *t, struct text *affix)
{
    if (!text_self(self, call, t))
        return false;
    if (text_of(t, call->arg[0], affix))
        return true;
    if (t->kind == SM_KIND_STR)
        clinic_raise_not_str(call, NULL, call->arg[0]);
    else
        text_bytes_like(call, call->arg[0], affix);
    return false;
}

void text_removeprefix(struct object *self, struct call *call)
{
    struct text t, affix;

    if (!take_affix(self, call, &t, &affix))
        return;
    text_return(call, text_starts(t, affix) ? text_part(t, affix.len, t.len) : t);
}

void text_removesuffix(struct object *self, struct call *call)
{
    struct text t, affix;

    if (!take_affix(self, call, &t, &affix))
        return;
    text_return(call, text_ends(t, affix) ? text_part(t, 0, t.len - affix.len) : t);
}
