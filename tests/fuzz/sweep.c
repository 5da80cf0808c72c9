/* SPDX-License-Identifier: MIT */
/*
 * Runs fuzz_connection on the files of a folder, again and again: in the n-th run the server's n-th
 * allocation fails. Whatever fails, the server must answer or close, serve the next client, and
 * leak nothing. The linker puts these functions in the place of the library's malloc and kin.
 *
 *     sweep_connection FOLDER [FILE N MANY]      all, or one run
 */
#include "base/limits.h"
#include "client.h"
#include "fuzz.h"
#include "play.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define INPUT_MAX 4096

/* Early allocations are failed one by one, later ones with gaps: they repeat what came before. */
#define DENSE 400

static atomic_size_t allocations; /* of the server, in this run; on any thread */
static size_t failing;            /* which one fails; 0: none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

static bool fails(void)
{
    if (!server_runs || !server_may_fail || ++allocations != failing)
        return false;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* Returns whether the n-th allocation was reached. */
static bool run(const uint8_t *data, size_t len, size_t n, size_t many)
{
    allocations = 0;
    failing = n;
    server_may_fail = true;
    play(data, len, many);
    return allocations >= n;
}

static size_t read_file(const char *folder, const char *name, uint8_t ret[INPUT_MAX])
{
    char path[4096];
    size_t len;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    CHECK(file);
    len = fread(ret, 1, INPUT_MAX, file);
    fclose(file);
    return len;
}

static void sweep_file(const char *folder, const char *name, size_t many)
{
    uint8_t data[INPUT_MAX];
    size_t len = read_file(folder, name, data), n = 1, runs = 0;

    printf("%s, %zu are many: ", name, many);
    fflush(stdout);
    while (run(data, len, n, many)) {
        n += n < DENSE ? 1 : n / 16;
        runs++;
    }
    printf("%zu allocations, %zu of them failed\n", (size_t)allocations, runs);
    CHECK(!__lsan_do_recoverable_leak_check || !__lsan_do_recoverable_leak_check());
}

int main(int argc, char **argv)
{
    uint8_t data[INPUT_MAX];
    struct dirent *entry;
    DIR *folder;

    CHECK(argc == 2 || argc == 5);
    if (argc == 5)
        return run(data, read_file(argv[1], argv[2], data), strtoul(argv[3], NULL, 10),
                   strtoul(argv[4], NULL, 10))
                   ? 0
                   : 3;
    folder = opendir(argv[1]);
    CHECK(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        sweep_file(argv[1], entry->d_name, LIMIT_ASIDE);
        sweep_file(argv[1], entry->d_name, FEW_ARE_MANY);
    }
    closedir(folder);
    return 0;
}
