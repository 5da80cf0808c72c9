/* SPDX-License-Identifier: MIT */
/*
 * A user's program, built as C and as C++ against what was installed. Its own list_append must not
 * meet the library's.
 */
#include <stdio.h>
#include <syncmanager.h>

void list_append(void);

void list_append(void)
{
    puts("the program's own");
}

int main(void)
{
    struct sm_server_options options = {};
    struct sm_server *server;

    list_append();
    options.authkey = "key";
    options.authkey_len = 3;
    if (sm_server_new(&options, &server) < 0 || sm_server_register(server, "one", "[1]") < 0) {
        fprintf(stderr, "%s\n", sm_last_error()->message);
        return 1;
    }
    printf("%s\n", sm_version());
    sm_server_free(server);
    return 0;
}
