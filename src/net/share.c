/* SPDX-License-Identifier: MIT */
/*
 * Three pieces of memory. Clients write the words, and only read the rest, by a seal: what a client
 * says in the words is all that it can harm. The manager's memory counts as all of it from the
 * beginning, since clients may fill it.
 */
#include "net/share.h"

#include "base/memory.h"
#include "net/transport.h"
#include "system/memfd.h"
#include "system/random.h"

#include <errno.h>
#include <unistd.h>

_Static_assert(SHARE_DESCRIPTORS <= TRANSPORT_DESCRIPTORS, "they are passed at once");

static int make_piece(const char *name, size_t size, int *fd, void **ret)
{
    size_t mapped;

    *fd = memfd_new(name, size);
    return *fd < 0 ? *fd : memfd_map(*fd, true, ret, &mapped);
}

static int make(struct share *share)
{
    void *words = NULL, *cells = NULL, *versions = NULL;
    int r = make_piece("syncmanager-words", share->words_size, &share->fds[0], &words);

    share->words = words;
    if (r == 0)
        r = make_piece("syncmanager-cells", share->cells_size, &share->fds[1], &cells);
    share->cells = cells;
    if (r == 0)
        r = make_piece("syncmanager-versions", share->versions_size, &share->fds[2], &versions);
    share->versions = versions;
    if (r == 0)
        r = memfd_seal_writes(share->fds[1]);
    if (r == 0)
        r = memfd_seal_writes(share->fds[2]);
    if (r == 0 && !random_bytes(&share->id, sizeof(share->id)))
        r = -EIO;
    share->id >>= 1;
    return r;
}

int share_make(struct share *share, size_t words_len, size_t cells_len, size_t versions_len)
{
    size_t size;
    int r;

    *share = (struct share){
        .words_len = words_len,
        .cells_len = cells_len,
        .versions_len = versions_len,
        .words_size = words_len * sizeof(struct word),
        .cells_size = cells_len * sizeof(struct cell),
        .versions_size = versions_len * sizeof(struct version),
        .fds = {-1, -1, -1},
        .open = true,
    };
    size = share->words_size + share->cells_size + share->versions_size;
    r = memory_fits(size) ? make(share) : -ENOMEM;
    if (r < 0) {
        share_close(share);
        return r;
    }
    share->counted = size;
    memory_count(share->counted);
    return 0;
}

int share_map(struct share *share, const int fds[SHARE_DESCRIPTORS])
{
    void *words = NULL, *cells = NULL, *versions = NULL;
    int r;

    *share = (struct share){.fds = {-1, -1, -1}, .open = true};
    r = memfd_map(fds[0], true, &words, &share->words_size);
    share->words = words;
    if (r == 0)
        r = memfd_map(fds[1], false, &cells, &share->cells_size);
    share->cells = cells;
    if (r == 0)
        r = memfd_map(fds[2], false, &versions, &share->versions_size);
    share->versions = versions;
    if (r < 0) {
        share_close(share);
        return r;
    }
    share->words_len = share->words_size / sizeof(struct word);
    share->cells_len = share->cells_size / sizeof(struct cell);
    share->versions_len = share->versions_size / sizeof(struct version);
    return 0;
}

void share_close(struct share *share)
{
    memory_uncount(share->counted);
    memfd_unmap(share->words, share->words_size);
    memfd_unmap(share->cells, share->cells_size);
    memfd_unmap(share->versions, share->versions_size);
    share_close_inherited(share);
    *share = (struct share){0};
}

void share_close_inherited(const struct share *share)
{
    for (size_t i = 0; i < SHARE_DESCRIPTORS && share->open; i++) {
        if (share->fds[i] >= 0)
            close(share->fds[i]);
    }
}
