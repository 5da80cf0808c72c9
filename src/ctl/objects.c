/* SPDX-License-Identifier: MIT */
/*
 * The list of a manager's objects: all of them of ours, by sm_objects(); those that clients hold of
 * Python's own, whose debug_info() returns text for people: for each object a line with its ident
 * and references, then a beginning of its str(), which may have lines of its own.
 *
 *       7f08c4f3e0a0:       refcount=2
 *         [1, 2, 3]
 */
#include "cli/json.h"
#include "table.h"
#include "views.h"

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

static void show_debug_info(struct sm_value info, bool json)
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

static int show_pythons(struct session *session)
{
    struct sm_reply *reply;

    if (sm_manager_debug_info(session->manager, &reply) < 0)
        return complain();
    show_debug_info(sm_reply_value(reply), session->json);
    sm_reply_free(reply);
    return STATUS_OK;
}

static void show_object(struct view_rows *rows, struct sm_value object)
{
    table_add_field(rows->table, object, "ident");
    table_add_field(rows->table, object, "type");
    table_add_field(rows->table, object, "name");
    table_add_field(rows->table, object, "references");
    table_add_field(rows->table, object, "waiting");
    table_add_field(rows->table, object, "items");
    table_add_bytes(rows->table, object, "bytes");
    table_add_field(rows->table, object, "value");
}

int run_objects(struct session *session, char **words, int len)
{
    static const char *const heads[] = {"IDENT",  "TYPE",  "NAME",  ">REFERENCES", ">WAITING",
                                        ">ITEMS", ">SIZE", "VALUE", NULL};
    struct table table;
    struct view_rows rows = {
        .session = session, .function = "sm_objects", .show = show_object, .table = &table};
    int r;

    (void)words, (void)len;
    table_init(&table, heads);
    r = view_rows_show(&rows);
    table_deinit(&table);
    if (r < 0)
        return complain();
    return r == 0 ? STATUS_OK : show_pythons(session);
}
