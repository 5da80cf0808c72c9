/* SPDX-License-Identifier: MIT */
/* A page that is opened has the last minutes at once: they are kept here, whoever looks. */
#include "history.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>

void history_add(struct history *history, struct history_second second)
{
    history->seconds[history->next] = second;
    history->next = (history->next + 1) % HISTORY_LEN;
    if (history->len < HISTORY_LEN)
        history->len++;
}

static void write_row(const struct history *history, const char *name, size_t offset, FILE *out)
{
    size_t first = (history->next + HISTORY_LEN - history->len) % HISTORY_LEN;

    fprintf(out, ", \"%s\": [", name);
    for (size_t i = 0; i < history->len; i++) {
        const char *second = (const char *)&history->seconds[(first + i) % HISTORY_LEN];
        double value = *(const double *)(second + offset);

        fputs(i ? ", " : "", out);
        if (isfinite(value))
            fprintf(out, "%.6g", value);
        else
            fputs("null", out);
    }
    fputs("]", out);
}

void history_write(const struct history *history, int64_t now, FILE *out)
{
    fprintf(out, "{\"step\": 1, \"now\": %" PRId64, now);
    write_row(history, "calls", offsetof(struct history_second, calls), out);
    write_row(history, "p50", offsetof(struct history_second, p50), out);
    write_row(history, "p99", offsetof(struct history_second, p99), out);
    fputs("}", out);
}
