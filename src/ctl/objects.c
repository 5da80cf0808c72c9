/* SPDX-License-Identifier: MIT */
/*
 * debug_info returns text for people: for each object a line with its ident and references, then a
 * beginning of its str(), which may have lines of its own.
 *
 *       7f08c4f3e0a0:       refcount=2
 *         [1, 2, 3]
 */
#include "objects.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 4

struct object {
    char ident[64];
    size_t references;
    const char *text;
    size_t len;
};

/* The end of the line that starts here. */
static const char *line_end(const char *line)
{
    return line + strcspn(line, "\n");
}

static bool parse_head(const char *line, struct object *ret)
{
    int end = 0;

    return sscanf(line, "  %63[0-9a-f]: refcount=%zu%n", ret->ident, &ret->references, &end) == 2 &&
           line + end == line_end(line);
}

/* The object whose head stands at *at, up to the next one's; moves *at there. */
static bool next_object(const char **at, struct object *ret)
{
    const char *line = *at;
    struct object ignored;

    if (!parse_head(line, ret))
        return false;
    line = line_end(line);
    ret->text = line;
    while (*line == '\n' && !parse_head(line + 1, &ignored))
        line = line_end(line + 1);
    if (line - ret->text > INDENT)
        ret->text += 1 + INDENT;
    ret->len = (size_t)(line - ret->text);
    *at = *line ? line + 1 : line;
    return true;
}

static void show_row(const struct object *object)
{
    printf("%-16s %10zu  ", object->ident, object->references);
    for (size_t i = 0; i < object->len; i++) {
        if (object->text[i] == '\n')
            fputs("\\n", stdout);
        else
            putchar(object->text[i]);
    }
    putchar('\n');
}

static void show_json(const struct object *object, bool first)
{
    printf("%s{\"ident\": \"%s\", \"references\": %zu, \"value\": ", first ? "" : ",\n ",
           object->ident, object->references);
    json_text(stdout, object->text, object->len);
    putchar('}');
}

void objects_show(struct sm_value info, bool json)
{
    const char *at = sm_value_str(info);
    struct object object;
    bool first = true;

    fputs(json ? "[" : "IDENT            REFERENCES  VALUE\n", stdout);
    while (next_object(&at, &object)) {
        if (json)
            show_json(&object, first);
        else
            show_row(&object);
        first = false;
    }
    fputs(json ? "]\n" : "", stdout);
}
