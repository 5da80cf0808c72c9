/* SPDX-License-Identifier: MIT */
/*
 * Two pieces of memory. Clients write the words, and only read the cells, by a seal: what a client
 * says in the words is all that it can harm. The manager's memory counts as all of it from the
 * beginning, since clients may fill it.
 */
#include "net/share.h"

#include "base/memory.h"
#include "system/memfd.h"
#include "system/random.h"

#include <errno.h>
#include <unistd.h>

static int make_piece(const char *name, size_t size, int *fd, void **ret)
{
    size_t mapped;

    *fd = memfd_new(name, size);
    return *fd < 0 ? *fd : memfd_map(*fd, true, ret, &mapped);
}

static int make(struct share *share)
{
    void *words = NULL, *cells = NULL;
    int r = make_piece("syncmanager-words", share->words_size, &share->fds[0], &words);

    share->words = words;
    if (r == 0)
        r = make_piece("syncmanager-cells", share->cells_size, &share->fds[1], &cells);
    share->cells = cells;
    if (r == 0)
        r = memfd_seal_writes(share->fds[1]);
    if (r == 0 && !random_bytes(&share->id, sizeof(share->id)))
        r = -EIO;
    share->id >>= 1;
    return r;
}

int share_make(struct share *share, size_t words_len, size_t cells_len)
{
    int r;

    *share = (struct share){
        .words_len = words_len,
        .cells_len = cells_len,
        .words_size = words_len * sizeof(struct word),
        .cells_size = cells_len * sizeof(struct cell),
        .fds = {-1, -1},
        .open = true,
    };
    r = memory_fits(share->words_size + share->cells_size) ? make(share) : -ENOMEM;
    if (r < 0) {
        share_close(share);
        return r;
    }
    share->counted = share->words_size + share->cells_size;
    memory_count(share->counted);
    return 0;
}

int share_map(struct share *share, const int fds[SHARE_DESCRIPTORS])
{
    void *words = NULL, *cells = NULL;
    int r;

    *share = (struct share){.fds = {-1, -1}, .open = true};
    r = memfd_map(fds[0], true, &words, &share->words_size);
    share->words = words;
    if (r == 0)
        r = memfd_map(fds[1], false, &cells, &share->cells_size);
    share->cells = cells;
    if (r < 0) {
        share_close(share);
        return r;
    }
    share->words_len = share->words_size / sizeof(struct word);
    share->cells_len = share->cells_size / sizeof(struct cell);
    return 0;
}

void share_close(struct share *share)
{
    memory_uncount(share->counted);
    memfd_unmap(share->words, share->words_size);
    memfd_unmap(share->cells, share->cells_size);
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
