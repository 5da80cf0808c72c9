/* SPDX-License-Identifier: MIT */
/*
 * A connection asks for its cell, and finds with it which memory that is in. If this process does
 * not have it yet, it asks for that too. A manager that was started anew has another memory; a
 * forked child has none. Old mappings stay, since proxies point into them.
 */
#include "client/share.h"

#include <stdlib.h>

static struct mapping *find_mapping(struct sm_manager *manager, uint64_t id)
{
    struct mapping *m;

    for (m = manager->mappings; m; m = m->older) {
        if (m->process == this_process() && m->share.id == id)
            return m;
    }
    return NULL;
}

/* Other threads may have mapped the same meanwhile: one is enough. */
static struct mapping *add_mapping(struct sm_manager *manager, struct mapping *mapping)
{
    struct mapping *there;

    pthread_mutex_lock(&manager->lock);
    there = find_mapping(manager, mapping->share.id);
    if (!there) {
        mapping->older = manager->mappings;
        manager->mappings = mapping;
    }
    pthread_mutex_unlock(&manager->lock);
    if (!there)
        return mapping;
    share_close(&mapping->share);
    free(mapping);
    return there;
}

static struct mapping *map(struct sm_manager *manager, const int fds[SHARE_DESCRIPTORS],
                           uint64_t id)
{
    struct mapping *mapping = calloc(1, sizeof(*mapping));

    if (!mapping)
        return NULL;
    if (share_map(&mapping->share, fds) < 0) {
        free(mapping);
        return NULL;
    }
    mapping->share.id = id;
    mapping->process = this_process();
    return add_mapping(manager, mapping);
}

/* Whether the manager has answered; else the connection is lost, or the wait for it has ended. */
static bool has_answered(int r)
{
    return r == SM_OK || r == SM_ERAISED;
}

/*
 * Ask for the memory. The descriptors are put into the connection: it lives as long as the
 * expectation.
 */
static int ask_for_memory(struct connection *c, uint64_t id)
{
    struct outgoing request = server_function("sm_share", SM_TUPLE(sm_int(SHARE_VERSION)));
    struct sm_manager *manager = c->manager;
    struct sm_reply *reply;
    int r;

    connection_drop_descriptors(c);
    channel_expect(&c->channel, c->descriptors, SHARE_DESCRIPTORS);
    r = connection_call(c, &request, &reply);
    if (!has_answered(r))
        return r;
    channel_expect(&c->channel, NULL, 0);
    if (r == SM_ERAISED)
        return SM_OK;
    if (reply->value.kind == SM_KIND_INT && (uint64_t)reply->value.integer == id)
        c->mapping = map(manager, c->descriptors, id);
    sm_reply_free(reply);
    connection_drop_descriptors(c);
    return SM_OK;
}

struct cell_reply {
    uint64_t id;
    struct word_user user;
};

/* (id, cell, generation), or None. */
static bool read_cell(struct sm_value v, struct cell_reply *ret)
{
    int64_t id, cell, generation;

    if (v.kind != SM_KIND_TUPLE || sm_len(v) != 3 || sm_as_int(sm_item(v, 0), &id) != SM_OK ||
        sm_as_int(sm_item(v, 1), &cell) != SM_OK || sm_as_int(sm_item(v, 2), &generation) != SM_OK)
        return false;
    if (id < 0 || cell < 0 || cell >= WORD_CELLS_MAX || generation <= 0 || generation > UINT32_MAX)
        return false;
    ret->id = (uint64_t)id;
    ret->user = (struct word_user){.index = (unsigned)cell, .generation = (uint32_t)generation};
    return true;
}

/* The cell is in memory that this process has, or is to get. */
static int take_cell(struct connection *c, const struct cell_reply *cell)
{
    struct mapping *mapping;
    int r;

    pthread_mutex_lock(&c->manager->lock);
    c->mapping = find_mapping(c->manager, cell->id);
    pthread_mutex_unlock(&c->manager->lock);
    if (!c->mapping) {
        r = ask_for_memory(c, cell->id);
        if (r < 0)
            return r;
    }
    mapping = c->mapping;
    if (!mapping || cell->user.index >= mapping->share.cells_len) {
        c->mapping = NULL;
        return SM_OK;
    }
    c->user = cell->user;
    c->user.cell = &mapping->share.cells[cell->user.index];
    return SM_OK;
}

static int ask_for_cell(struct connection *c)
{
    struct outgoing request = server_function("sm_cell", no_args());
    struct sm_reply *reply;
    struct cell_reply cell;
    bool has;
    int r = connection_call(c, &request, &reply);

    if (r != SM_OK)
        return has_answered(r) ? SM_OK : r;
    has = read_cell(reply->value, &cell);
    sm_reply_free(reply);
    return has ? take_cell(c, &cell) : SM_OK;
}

int share_join(struct sm_manager *manager, struct connection **ret)
{
    struct connection *c;
    int r = connection_get(manager, &c);

    if (r < 0)
        return r;
    if (!c->joined && c->id && !manager->sockets_only) {
        r = ask_for_cell(c);
        if (r < 0)
            return r;
    }
    c->joined = true;
    *ret = c;
    return SM_OK;
}

/* A forked child has the list of its parent, and nothing of the memory. */
void share_forget(struct sm_manager *manager)
{
    struct mapping *m;

    while ((m = manager->mappings)) {
        manager->mappings = m->older;
        if (m->process == this_process())
            share_close(&m->share);
        free(m);
    }
}
