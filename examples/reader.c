/* SPDX-License-Identifier: MIT */
/*
 * Read what Python programs have put into a shared dict, whatever it is.
 *
 *     export SYNCMANAGER_AUTHKEY=secret
 *     syncmanagerd --address 127.0.0.1:55555 --register 'results=dict()' &
 *     reader 127.0.0.1:55555 results
 *
 * while a Python program does
 *
 *     SyncManager.register('results', proxytype=DictProxy)
 *     manager.results()['run 7'] = {'loss': 0.25, 'layers': [64, 32], 'host': 'gpu1'}
 */
#include <stdio.h>
#include <syncmanager.h>

static void print_indented(struct sm_value v, int depth);

static void print_entry(struct sm_value key, struct sm_value v, int depth)
{
    printf("%*s%s:", 2 * depth, "", sm_value_str(key));
    if (v.kind == SM_KIND_DICT || v.kind == SM_KIND_LIST) {
        printf("\n");
        print_indented(v, depth + 1);
    } else {
        printf(" %s\n", sm_value_repr(v));
    }
}

static void print_indented(struct sm_value v, int depth)
{
    for (size_t i = 0; i < sm_len(v); i++) {
        if (v.kind == SM_KIND_DICT)
            print_entry(sm_item(v, i), sm_item_value(v, i), depth);
        else
            print_entry(sm_int((int64_t)i), sm_item(v, i), depth);
    }
}

int main(int argc, char **argv)
{
    struct sm_manager *manager;
    struct sm_proxy *dict;
    struct sm_reply *reply;

    if (argc != 3) {
        fprintf(stderr, "usage: reader ADDRESS NAME\n");
        return 2;
    }
    if (sm_manager_connect(argv[1], NULL, &manager) < 0 ||
        sm_create(manager, argv[2], sm_missing(), sm_missing(), &dict) < 0 ||
        sm_dict_copy(dict, &reply) < 0)
        return sm_complain("reader");
    print_indented(sm_reply_value(reply), 0);
    sm_reply_free(reply);
    sm_proxy_free(dict);
    sm_manager_free(manager);
    return 0;
}
