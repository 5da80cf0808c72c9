/* SPDX-License-Identifier: MIT */
/* Memory that processes share by a descriptor. */
#include "support/check.h"

#include "system/memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 8192

/* A descriptor of new memory; on a system without any there is nothing to see. */
static int make(void)
{
    int fd = memfd_new("test", SIZE);

    if (fd == -ENOSYS)
        skip();
    assert_true(fd >= 0);
    return fd;
}

static char *map(int fd, bool writable)
{
    void *memory = NULL;
    size_t size = 0;

    assert_int_equal(memfd_map(fd, writable, &memory, &size), 0);
    assert_int_equal(size, SIZE);
    return memory;
}

static void two_mappings_are_the_same_memory(void **state)
{
    int fd = make();
    char *writer = map(fd, true), *reader = map(fd, false);

    (void)state;
    strcpy(writer, "seen");
    assert_string_equal(reader, "seen");
    memfd_unmap(writer, SIZE);
    memfd_unmap(reader, SIZE);
    close(fd);
}

static void nobody_changes_its_size(void **state)
{
    int fd = make();

    (void)state;
    assert_int_equal(ftruncate(fd, 0), -1);
    assert_int_equal(ftruncate(fd, (off_t)SIZE * 2), -1);
    close(fd);
}

static void it_closes_at_exec(void **state)
{
    int fd = make();

    (void)state;
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void sealed_memory_is_written_by_those_who_have_it_alone(void **state)
{
    int fd = make();
    char *writer = map(fd, true), *reader;
    void *other = NULL;
    size_t size;

    (void)state;
    if (memfd_seal_writes(fd) == -EINVAL)
        skip();
    assert_int_equal(memfd_map(fd, true, &other, &size), -EPERM);
    assert_int_equal(write(fd, "no", 2), -1);
    reader = map(fd, false);
    assert_int_equal(mprotect(reader, SIZE, PROT_READ | PROT_WRITE), -1);
    strcpy(writer, "seen");
    assert_string_equal(reader, "seen");
    memfd_unmap(writer, SIZE);
    memfd_unmap(reader, SIZE);
    close(fd);
}

static void memory_that_could_shrink_is_not_mapped(void **state)
{
    int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *memory = NULL;
    size_t size;

    (void)state;
    assert_int_equal(ftruncate(fd, SIZE), 0);
    assert_int_equal(memfd_map(fd, true, &memory, &size), -EPERM);
    close(fd);
    fd = open("/dev/zero", O_RDWR);
    assert_int_equal(memfd_map(fd, true, &memory, &size), -EPERM);
    close(fd);
}

static void a_forked_child_does_not_have_it(void **state)
{
    int fd = make(), status = 0;
    char *memory = map(fd, true);
    pid_t child = fork();

    (void)state;
    if (!child)
        _exit(msync(memory, SIZE, MS_ASYNC) < 0 && errno == ENOMEM ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    memfd_unmap(memory, SIZE);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_mappings_are_the_same_memory),
        cmocka_unit_test(nobody_changes_its_size),
        cmocka_unit_test(it_closes_at_exec),
        cmocka_unit_test(sealed_memory_is_written_by_those_who_have_it_alone),
        cmocka_unit_test(memory_that_could_shrink_is_not_mapped),
        cmocka_unit_test(a_forked_child_does_not_have_it),
    };

    return run_group(tests, NULL, NULL);
}
