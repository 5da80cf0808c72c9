/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target on the files of the folders given, in place of libFuzzer. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* The input is copied to memory of exactly its size, so that a sanitizer sees a step past it. */
static int replay_file(int folder, const char *name)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    struct stat st;
    uint8_t *data;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return 0;
    }
    data = malloc((size_t)st.st_size);
    CHECK(!st.st_size || (data && read(fd, data, (size_t)st.st_size) == st.st_size));
    close(fd);
    LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int replayed = 0;

    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        struct dirent *entry;

        CHECK(folder);
        while ((entry = readdir(folder)))
            replayed += replay_file(dirfd(folder), entry->d_name);
        closedir(folder);
    }
    printf("%d inputs\n", replayed);
    return replayed ? EXIT_SUCCESS : EXIT_FAILURE;
}
