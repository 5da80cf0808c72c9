/* SPDX-License-Identifier: MIT */
/* The linker sends calls of malloc and its kin here (--wrap). */
#include "support/starve.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

static bool counting;
static bool struck;
static bool whole_rest;
static size_t left; /* allocations that still succeed, plus one; 0: no plan */

void starve_plan(size_t n, bool rest)
{
    left = n;
    whole_rest = rest;
    struck = false;
}

bool starve_struck(void)
{
    return struck;
}

void starve_count(bool count)
{
    counting = count;
}

static bool fails(void)
{
    if (!counting || !left)
        return false;
    if (left > 1) {
        left--;
        return false;
    }
    if (!whole_rest)
        left = 0;
    struck = true;
    errno = ENOMEM;
    return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
char *__real_strdup(const char *text);
int __real_vasprintf(char **ret, const char *format, va_list args);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_vasprintf(char **ret, const char *format, va_list args);

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

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **ret, const char *format, va_list args)
{
    return fails() ? -1 : __real_vasprintf(ret, format, args);
}
