/* SPDX-License-Identifier: MIT */
/* What peers have in common: they are found by their numbers, settled in a row, and logged. */
#include "peer/crowd.h"

#include "peer/deaths.h"
#include "peer/meter.h"
#include "peer/peer.h"
#include "peer/process.h"

#include <stdarg.h>
#include <stdio.h>

void crowd_init(struct crowd *crowd)
{
    list_init(&crowd->peers);
    list_init(&crowd->answered);
    list_init(&crowd->processes);
    lobby_init(&crowd->lobby);
    crowd->next_caller = 1;
}

void crowd_deinit(struct crowd *crowd)
{
    process_forget_all(crowd);
    map_deinit(&crowd->peers_by_id);
    keyring_deinit(&crowd->keyring);
    meter_free(crowd->meter);
    deaths_free(crowd->deaths);
}

void crowd_log(const struct crowd *crowd, enum sm_log_level level, const char *format, ...)
{
    char text[512];
    va_list args;

    if (!crowd->options->log)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    crowd->options->log(crowd->options->log_context, level, text);
}

static bool peer_has_id(const void *item, const void *key)
{
    return ((const struct peer *)item)->call.caller == *(const uint64_t *)key;
}

struct peer *crowd_find(const struct crowd *crowd, uint64_t id)
{
    return map_find(&crowd->peers_by_id, map_hash_int(id), peer_has_id, &id);
}

bool crowd_has_room(const struct crowd *crowd)
{
    return crowd->peers_len + crowd->processes_by_key.len <= crowd->descriptors;
}

void crowd_settle(struct crowd *crowd)
{
    struct list answered;

    list_init(&answered);
    list_splice(&answered, &crowd->answered);
    while (!list_empty(&answered))
        peer_settle(list_first(&answered, struct peer, answered));
}
