/* SPDX-License-Identifier: MIT */
/*
 * Numbers on a command line. What is none, and what is one but too small or too large, are told
 * apart: "not a number" about a number sends its writer looking for a misprint.
 */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns false if `text` is no number; one that is too large for 64 bits is their largest. */
static bool read_number(const char *text, bool bytes, uint64_t *ret)
{
    static const char units[] = "KMG";
    const char *unit;
    unsigned shift;
    char *end;

    if (text[text[0] == '-'] < '0' || text[text[0] == '-'] > '9')
        return false;
    errno = 0;
    *ret = strtoull(text, &end, 10);
    unit = *end && bytes ? strchr(units, *end) : NULL;
    shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (end[unit ? 1 : 0])
        return false;
    if (text[0] == '-')
        *ret = 0;
    else if (errno || *ret > UINT64_MAX >> shift)
        *ret = UINT64_MAX;
    else
        *ret <<= shift;
    return true;
}

bool cli_number(const char *program, const char *option, const char *text,
                const struct cli_range *range, uint64_t *ret)
{
    uint64_t n;

    if (!read_number(text, range->bytes, &n)) {
        fprintf(stderr, "%s: --%s %s: not a number%s, such as %s\n", program, option, text,
                range->bytes ? " of bytes" : "", range->such_as);
        return false;
    }
    if (text[0] == '-' || n < range->least || n > range->most) {
        fprintf(stderr, "%s: --%s %s: out of range, which is %" PRIu64 " to %" PRIu64 "\n", program,
                option, text, range->least, range->most);
        return false;
    }
    *ret = n;
    return true;
}

bool cli_seconds(const char *program, const char *option, const char *text, double least,
                 unsigned *ret_ms)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text || *end || isnan(seconds)) {
        fprintf(stderr, "%s: --%s %s: not a number of seconds, such as 2.5\n", program, option,
                text);
        return false;
    }
    if (seconds < least || seconds > CLI_SECONDS_MAX) {
        fprintf(stderr, "%s: --%s %s: out of range, which is %g to %d seconds\n", program, option,
                text, least, CLI_SECONDS_MAX);
        return false;
    }
    *ret_ms = seconds < 0.001 ? 1 : (unsigned)lround(seconds * 1000);
    return true;
}
