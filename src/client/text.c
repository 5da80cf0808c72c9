/* SPDX-License-Identifier: MIT */
/*
 * Objects as text to read, and proxies as text to pass on: one line of words parted by spaces,
 *
 *     syncmanager-proxy ADDRESS IDENT TYPEID [EXPOSED,EXPOSED,...]
 */
#include "client/client.h"

#include "base/error.h"
#include "client/proxy.h"

#include <stdlib.h>

#define TEXT_WORD "syncmanager-proxy"

const char *sm_text(struct sm_proxy *proxy)
{
    struct buffer *text = thread_text();
    struct sm_reply *reply = NULL;
    struct sm_value v;

    if (!text)
        return "<out of memory>";
    if (sm_call(proxy, "__repr__", sm_missing(), &reply) == SM_OK &&
        (v = sm_reply_value(reply)).kind == SM_KIND_STR)
        buffer_add(text, v.text, v.len);
    else
        buffer_addf(text, "<proxy of %s; '__str__()' failed>", sm_proxy_typeid(proxy));
    buffer_add_byte(text, '\0');
    sm_reply_free(reply);
    return text->failed ? "<out of memory>" : (const char *)text->data;
}

const char *sm_proxy_repr(struct sm_proxy *proxy)
{
    struct buffer *text = thread_text();

    if (!proxy)
        return "<no proxy>";
    if (!text)
        return "<out of memory>";
    proxy_write_class(proxy, text);
    buffer_addf(text, " object, typeid '%s' at %p>", sm_proxy_typeid(proxy), (void *)proxy);
    buffer_add_byte(text, '\0');
    return text->failed ? "<out of memory>" : (const char *)text->data;
}

static bool write_text(struct sm_proxy *proxy, struct buffer *out)
{
    struct sm_value names = proxy_exposed(proxy);

    buffer_addf(out, TEXT_WORD " %s %s %s", sm_manager_address(proxy->manager), proxy->ident.text,
                proxy->typeid_.text);
    for (size_t i = 0; names.kind == SM_KIND_TUPLE && i < names.items->len; i++)
        buffer_addf(out, "%c%s", i ? ',' : ' ', names.items->item[i].text);
    buffer_add_byte(out, '\0');
    return !out->failed;
}

const char *sm_proxy_to_text(struct sm_proxy *proxy)
{
    struct buffer out = {0};
    char *before = NULL;

    sm_proxy_sent(proxy, 1);
    if (!proxy || atomic_load(&proxy->text))
        return proxy ? atomic_load(&proxy->text) : NULL;
    if (!write_text(proxy, &out)) {
        buffer_deinit(&out);
        error_set_memory();
        return NULL;
    }
    /* Another thread may have been quicker. */
    if (!atomic_compare_exchange_strong(&proxy->text, &before, (char *)out.data))
        buffer_deinit(&out);
    return atomic_load(&proxy->text);
}

/* Cut the next word off; NULL at the end. */
static char *next_word(char **text, const char *separators)
{
    char *word;

    do
        word = strsep(text, separators);
    while (word && !*word);
    return word;
}

static int parse_names(struct tree *tree, char *words, struct sm_value *ret)
{
    char *word;
    int r = tree_items(tree, SM_KIND_TUPLE, 0, ret);

    while (r == 0 && (word = next_word(&words, ",")))
        r = tree_items_push(tree, ret->items, sm_str(word));
    return r;
}

static int parse_text(struct sm_manager *manager, char *copy, struct sm_proxy **ret)
{
    CLEANUP(tree_deinit) struct tree tree;
    struct sm_value exposed = sm_missing();
    char *mark = next_word(&copy, " \n"), *address = next_word(&copy, " \n");
    char *ident = next_word(&copy, " \n"), *typeid_ = next_word(&copy, " \n");
    char *names = next_word(&copy, " \n");

    tree_init(&tree, NULL);
    if (!mark || strcmp(mark, TEXT_WORD) != 0 || !address || !ident || !typeid_)
        return error_set(SM_EARG, "not the text of a proxy");
    if (names && parse_names(&tree, names, &exposed) < 0)
        return error_set_memory();
    return proxy_new(manager, sm_str(typeid_), sm_str(ident), exposed, true, ret);
}

int sm_proxy_from_ident(struct sm_manager *manager, const char *ident, struct sm_proxy **ret)
{
    if (!manager || !ident)
        return error_set(SM_EARG, "no manager, or no ident");
    return proxy_new(manager, sm_str("object"), sm_str(ident), sm_missing(), false, ret);
}

int sm_proxy_from_text(struct sm_manager *manager, const char *text, struct sm_proxy **ret)
{
    char *copy;
    int r;

    if (!manager || !text)
        return error_set(SM_EARG, "no manager, or no text");
    copy = strdup(text);
    if (!copy)
        return error_set_memory();
    r = parse_text(manager, copy, ret);
    free(copy);
    return r;
}
