/* SPDX-License-Identifier: MIT */
/*
 * Links to the page of a manager. The token in them is made here, of the key: the manager is only
 * asked where its page is.
 */
#include "cli/fields.h"
#include "cli/json.h"
#include "cli/token.h"
#include "views.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int make_token(const struct session *session, enum token_use use, int64_t expires,
                      char ret[static TOKEN_MAX])
{
    struct token_key key;
    int r = token_derive(session->key, session->key_len, &key);

    if (r == 0)
        r = token_make(&key, use, expires, ret);
    explicit_bzero(&key, sizeof(key));
    if (r < 0)
        fputs("syncmanagerctl: OpenSSL has no HMAC-SHA-256\n", stderr);
    return r;
}

static void show_link(const struct session *session, const char *page, const char *token)
{
    bool is_url = strncmp(page, "http", 4) == 0;
    char link[1024];

    snprintf(link, sizeof(link), "%s/login?token=%s", is_url ? page : "http://localhost", token);
    if (session->json)
        json_text(stdout, link, strlen(link));
    else if (is_url)
        puts(link);
    else
        printf("%s (by the socket %s)\n", link, page);
}

static int show_links(const struct session *session, struct sm_value pages)
{
    char token[TOKEN_MAX];

    if (!sm_is_container(pages) || sm_len(pages) == 0) {
        fputs("syncmanagerctl: the manager has no page: start it with --http 127.0.0.1:8080\n",
              stderr);
        return STATUS_FAILED;
    }
    if (make_token(session, TOKEN_LOGIN, (int64_t)time(NULL) + TOKEN_LOGIN_S, token) < 0)
        return STATUS_FAILED;
    fputs(session->json ? "[" : "", stdout);
    for (size_t i = 0; i < sm_len(pages); i++) {
        fputs(session->json && i ? ", " : "", stdout);
        show_link(session, sm_value_str(sm_item(pages, i)), token);
    }
    fputs(session->json ? "]\n" : "", stdout);
    return STATUS_OK;
}

static int show_bearer(const struct session *session)
{
    char token[TOKEN_MAX];

    if (make_token(session, TOKEN_BEARER, 0, token) < 0)
        return STATUS_FAILED;
    printf(session->json ? "\"%s\"\n" : "%s\n", token);
    return STATUS_OK;
}

/* Of several keys the page takes those with the right admin, who alone are told of deaths. */
static int check_right(struct session *session)
{
    struct sm_reply *reply;
    int r = view_ask(session, "sm_deaths", sm_missing(), sm_missing(), &reply);

    if (r == 0) {
        sm_reply_free(reply);
        return STATUS_OK;
    }
    r = view_complain(r);
    fputs("syncmanagerctl: the page lets in who has a key with the right admin\n", stderr);
    return r;
}

int run_page(struct session *session, char **words, int len)
{
    struct sm_reply *reply;
    int r;

    if (len && strcmp(words[0], "--bearer") != 0) {
        fprintf(stderr, "syncmanagerctl: page %s: only --bearer may stand there\n", words[0]);
        return STATUS_FAILED;
    }
    r = check_right(session);
    if (r != STATUS_OK)
        return r;
    if (len)
        return show_bearer(session);
    r = view_ask(session, "sm_info", sm_missing(), sm_missing(), &reply);
    if (r != 0)
        return view_complain(r);
    r = show_links(session, field(sm_reply_value(reply), "pages"));
    sm_reply_free(reply);
    return r;
}
