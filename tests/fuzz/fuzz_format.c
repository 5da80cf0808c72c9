/* SPDX-License-Identifier: MIT */
/*
 * Templates of str.format() out of any text, and arguments out of any literal: a byte that tells
 * the Python, the template, a newline, and the arguments. There is one answer, which decodes, and
 * both methods of a template without fields give the same.
 */
#include "fuzz.h"

#include "object/caller.h"
#include "object/registry.h"
#include "pickle/pickle.h"
#include "scalar/plain.h"
#include "scalar/str.h"
#include "types/types.h"
#include "value/repr.h"

static struct registry registry;
static bool registered;
static const struct method format = {.name = "format"};
static unsigned answers;

static void answered(struct call *call)
{
    (void)call;
    answers++;
}

/* What a client would send as text: ASCII here, which is where the language is. */
static void make_ascii(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = text[i] & 0x7f;
}

static void check_answer(struct buffer *out)
{
    struct pickle_error error;
    struct sm_value answer;
    struct tree tree;

    tree_init(&tree, NULL);
    CHECK(!out->failed && pickle_decode(&tree, out->data, out->len, &answer, &error) == 0);
    CHECK(answer.kind == SM_KIND_TUPLE && sm_len(answer) == 2);
    CHECK(sm_item(answer, 0).kind == SM_KIND_STR);
    tree_deinit(&tree);
}

static void run(struct plain *object, struct tree *tree, unsigned python, struct sm_value args,
                void (*method)(struct object *self, struct call *call))
{
    static const struct caller_ops ops = {.answered = answered};
    struct sm_items none = {0};
    struct buffer out = {0};
    struct call call;

    call_init(&call, &registry, tree, &out, &ops);
    call.method = &format;
    call.python = python;
    call.args = args;
    call.arg[0] = args;
    call.kwds = (struct sm_value){.kind = SM_KIND_DICT, .items = &none};
    answers = 0;
    method(&object->object, &call);
    CHECK(answers == 1 && call.answered);
    check_answer(&out);
    call_deinit(&call);
    buffer_deinit(&out);
}

static void format_all(struct tree *tree, unsigned python, const char *template, size_t len,
                       struct sm_value args)
{
    struct plain object = {0};

    CHECK(tree_freeze(tree, sm_strn(template, len), &object.value) == 0);
    run(&object, tree, python, args.kind == SM_KIND_TUPLE ? args : SM_TUPLE(args), str_format);
    run(&object, tree, python, args, str_format_map);
    frozen_free(&object.value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct literal_error error;
    struct tree tree;
    struct sm_value args = sm_none();
    const char *end;
    char *text;

    if (len < 2)
        return 0;
    if (!registered)
        CHECK(registry_init(&registry) == 0 && types_register(&registry) == 0);
    registered = true;
    text = malloc(len - 1);
    CHECK(text);
    memcpy(text, data + 1, len - 1);
    make_ascii(text, len - 1);
    end = memchr(text, '\n', len - 1);
    tree_init(&tree, NULL);
    if (end)
        literal_parse(&tree, end + 1, len - 1 - (size_t)(end + 1 - text), &args, &error);
    tree.message_len = len;
    format_all(&tree, 8 + data[0] % 7, text, end ? (size_t)(end - text) : len - 1, args);
    tree_deinit(&tree);
    free(text);
    return 0;
}
