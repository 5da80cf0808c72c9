/* SPDX-License-Identifier: MIT */
/* What a server takes for options that were not given: bounds, as the machine allows them. */
#include "server/server.h"

#include "base/limits.h"

#include <sys/resource.h>

size_t connections_possible(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return LIMIT_CONNECTIONS_DEFAULT;
    return (size_t)MAX(limit.rlim_cur, 128) - 64;
}

/* Memory of the machine, or what a container leaves of it. */
static uint64_t machine_memory(void)
{
    uint64_t total = uv_get_total_memory(), constrained = uv_get_constrained_memory();

    return constrained && constrained < total ? constrained : total;
}

void options_fill(struct sm_server_options *options)
{
    size_t possible = connections_possible();

    if (!options->max_message)
        options->max_message = LIMIT_MESSAGE_DEFAULT;
    if (!options->max_memory)
        options->max_memory = machine_memory() / 4 * LIMIT_MEMORY_QUARTERS;
    options->max_memory = MIN(options->max_memory, SIZE_MAX / 2);
    if (!options->max_objects)
        options->max_objects = LIMIT_OBJECTS_DEFAULT;
    if (!options->max_connections)
        options->max_connections = LIMIT_CONNECTIONS_DEFAULT;
    options->max_connections = MIN(options->max_connections, possible);
    if (!options->handshake_ms)
        options->handshake_ms = LIMIT_HANDSHAKE_TIME / MSEC;
    if (!options->keepalive_ms)
        options->keepalive_ms = LIMIT_KEEPALIVE_TIME / MSEC;
    if (!options->drain_ms)
        options->drain_ms = LIMIT_DRAIN_TIME / MSEC;
    options->authkey = NULL;
    options->tls_certificate = options->tls_key = options->tls_client_ca = NULL;
    options->keys = NULL;
}
