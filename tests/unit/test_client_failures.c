/* SPDX-License-Identifier: MIT */
/* Managers that are not there, go away, have another key, or are none; arguments that are wrong. */
#include "support/client.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct sm_manager_options secret = {.authkey = "secret", .authkey_len = 6};

static void a_manager_that_is_not_there_is_named(void **state)
{
    struct sm_manager *manager;

    (void)state;
    check_status(SM_ECLOSED, sm_manager_connect("unix:/nowhere/socket", &secret, &manager));
    assert_non_null(strstr(sm_last_error()->message, "unix:/nowhere/socket"));
    check_status(SM_EARG, sm_manager_connect("nowhere", &secret, &manager));
    check_status(SM_EARG, sm_manager_connect(NULL, &secret, &manager));
}

static void another_key_is_refused(void **state)
{
    struct sm_manager_options other = {.authkey = "other", .authkey_len = 5};
    struct sm_manager *manager, *stranger;

    (void)state;
    check_ok(sm_manager_start(NULL, &secret, &manager));
    check_status(SM_EREFUSED, sm_manager_connect(sm_manager_address(manager), &other, &stranger));
    assert_non_null(strstr(sm_last_error()->message, sm_manager_address(manager)));
    check_ok(sm_manager_connect(sm_manager_address(manager), &secret, &stranger));
    sm_manager_free(stranger);
    sm_manager_free(manager);
}

/* The manager's process: the one that we forked. */
static pid_t server_of(struct sm_manager *manager)
{
    char path[64];
    pid_t pid = 0;
    FILE *children;

    (void)manager;
    snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    children = fopen(path, "r");
    assert_non_null(children);
    assert_int_equal(fscanf(children, "%d", &pid), 1);
    fclose(children);
    return pid;
}

static void calls_of_a_killed_manager_end_at_once(void **state)
{
    struct sm_proxy *list, *more;

    check_ok(sm_list(*state, sm_missing(), &list));
    assert_int_equal(kill(server_of(*state), SIGKILL), 0);
    check_ok(sm_manager_wait(*state, SM_FOREVER));
    check_status(SM_ECLOSED, sm_list_append(list, sm_none()));
    check_status(SM_ECLOSED, sm_list_append(list, sm_none()));
    check_status(SM_ECLOSED, sm_list(*state, sm_missing(), &more));
    check_status(SM_ECLOSED, sm_manager_shutdown(*state));
    sm_proxy_free(list);
}

static void *kill_soon(void *memory)
{
    kill(*(pid_t *)memory, SIGKILL);
    return NULL;
}

static void a_call_that_waits_ends_with_its_manager(void **state)
{
    pid_t pid = server_of(*state);
    struct sm_proxy *event;
    pthread_t thread;

    check_ok(sm_event(*state, &event));
    assert_int_equal(pthread_create(&thread, NULL, kill_soon, &pid), 0);
    check_status(SM_ECLOSED, sm_event_wait(event, SM_FOREVER));
    pthread_join(thread, NULL);
    sm_proxy_free(event);
}

static void a_manager_is_shut_down(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_status(SM_NOT_YET, sm_manager_wait(*state, 0));
    check_ok(sm_manager_shutdown(*state));
    check_ok(sm_manager_wait(*state, SM_FOREVER));
    check_status(SM_ECLOSED, sm_list_append(list, sm_none()));
    sm_proxy_free(list);
}

/* A socket that is no manager's: what it says first is `text`, or nothing. */
struct stranger {
    char address[128];
    const char *text;
    int fd;
    pthread_t thread;
};

static void *answer_strangely(void *memory)
{
    struct stranger *stranger = memory;
    int fd = accept(stranger->fd, NULL, NULL);
    char byte;

    if (stranger->text)
        (void)!write(fd, stranger->text, strlen(stranger->text));
    while (read(fd, &byte, 1) > 0)
        ;
    close(fd);
    return NULL;
}

static void stranger_start(struct stranger *stranger, const char *text)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "stranger-%d", getpid());

    stranger->text = text;
    snprintf(stranger->address, sizeof(stranger->address), "unix:@%s", address.sun_path + 1);
    stranger->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(stranger->fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)),
                     0);
    assert_int_equal(listen(stranger->fd, 1), 0);
    pthread_create(&stranger->thread, NULL, answer_strangely, stranger);
}

static void stranger_end(struct stranger *stranger)
{
    pthread_join(stranger->thread, NULL);
    close(stranger->fd);
}

static void what_speaks_something_else_is_told_apart(void **state)
{
    static const char *const texts[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", "\1\2\3\4\5\6\7\10"};
    struct sm_manager *manager;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct stranger stranger;

        stranger_start(&stranger, texts[i]);
        check_status(SM_EPROTOCOL, sm_manager_connect(stranger.address, &secret, &manager));
        assert_non_null(strstr(sm_last_error()->message, stranger.address));
        stranger_end(&stranger);
    }
}

static void what_says_nothing_is_waited_for_so_long(void **state)
{
    struct sm_manager_options options = secret;
    struct stranger stranger;
    struct sm_manager *manager;

    (void)state;
    options.timeout_ms = 20;
    stranger_start(&stranger, NULL);
    check_status(SM_ETIMEDOUT, sm_manager_connect(stranger.address, &options, &manager));
    stranger_end(&stranger);
}

static int refuse(struct sm_server *server, void *context)
{
    (void)context;
    return sm_server_register(server, "x", "[1, ");
}

static void a_setup_that_fails_stops_the_start(void **state)
{
    struct sm_manager_options options = {.setup = refuse};
    struct sm_manager *manager;

    (void)state;
    check_status(SM_EARG, sm_manager_start(NULL, &options, &manager));
    assert_true(strlen(sm_last_error()->message) > 0);
    check_status(SM_EARG, sm_manager_start("nowhere", NULL, &manager));
}

static void two_managers_cannot_have_one_address(void **state)
{
    struct sm_manager *second;

    check_status(SM_ESYSTEM, sm_manager_start(sm_manager_address(*state), NULL, &second));
}

static void wrong_arguments_send_nothing(void **state)
{
    struct sm_proxy *list, *none;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_status(SM_EARG, sm_call(list, "append", SM_LIST(sm_int(1)), NULL));
    check_status(SM_EARG, sm_call_kwargs(list, "sort", sm_missing(), sm_int(1), NULL));
    check_status(SM_EARG, sm_call(list, NULL, sm_missing(), NULL));
    check_status(SM_EARG, sm_list_append(NULL, sm_int(1)));
    check_status(SM_EARG, sm_list(NULL, sm_missing(), &none));
    check_status(SM_EARG, sm_proxy_from_value(*state, sm_int(1), &none));
    check_status(SM_EARG, sm_call_proxy(list, "__len__", sm_missing(), &none));
    check_text("[]", list);
    sm_proxy_free(list);
}

static void text_that_is_no_utf_8_harms_nobody(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    assert_int_not_equal(sm_list_append(list, sm_strn("\xff\xfe", 2)), SM_OK);
    check_ok(sm_list_append(list, sm_int(1)));
    check_text("[1]", list);
    sm_proxy_free(list);
}

static void an_unknown_typeid_is_raised(void **state)
{
    struct sm_proxy *proxy;

    check_raises("RemoteError", sm_create(*state, "nothing", sm_missing(), sm_missing(), &proxy));
}

static void giving_back_keeps_the_error_before_it(void **state)
{
    struct sm_proxy *list;

    check_ok(sm_list(*state, sm_missing(), &list));
    check_raises("IndexError", sm_list_get(list, 0, NULL));
    kill(server_of(*state), SIGKILL);
    check_ok(sm_manager_wait(*state, SM_FOREVER));
    sm_proxy_free(list);
    assert_string_equal(sm_last_error()->type, "IndexError");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manager_that_is_not_there_is_named),
        cmocka_unit_test(another_key_is_refused),
        with_manager(calls_of_a_killed_manager_end_at_once),
        with_manager(a_call_that_waits_ends_with_its_manager),
        with_manager(a_manager_is_shut_down),
        cmocka_unit_test(what_speaks_something_else_is_told_apart),
        cmocka_unit_test(what_says_nothing_is_waited_for_so_long),
        cmocka_unit_test(a_setup_that_fails_stops_the_start),
        with_manager(two_managers_cannot_have_one_address),
        with_manager(wrong_arguments_send_nothing),
        with_manager(text_that_is_no_utf_8_harms_nobody),
        with_manager(an_unknown_typeid_is_raised),
        with_manager(giving_back_keeps_the_error_before_it),
    };

    return run_group(tests, NULL, NULL);
}
