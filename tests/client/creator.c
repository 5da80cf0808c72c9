/* SPDX-License-Identifier: MIT */
/*
 * Starts a manager, prints its address, and waits to be killed. Driven by
 * tests/interop/test_dead_servers.py.
 *
 *     creator [ADDRESS]
 */
#include <stdio.h>
#include <syncmanager.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sm_manager *manager;

    if (sm_manager_start(argc > 1 ? argv[1] : NULL, NULL, &manager) < 0)
        return sm_complain("creator");
    puts(sm_manager_address(manager));
    fflush(stdout);
    for (;;)
        pause();
}
