/* SPDX-License-Identifier: MIT */
/*
 * A dict is written key by key. Text may have been chosen by a peer, and people read it on their
 * terminals: of all but what objects hold, whatever is not printable ASCII shows as '?'.
 */
#include "view/pickle.h"

#include "pickle/opcodes.h"

#define TEXT_MAX 512

void pickle_dict_begin(struct pickler *p)
{
    pickler_op(p, EMPTY_DICT);
    pickler_op(p, MARK);
}

void pickle_dict_end(struct pickler *p)
{
    pickler_op(p, SETITEMS);
}

void pickle_list_begin(struct pickler *p)
{
    pickler_op(p, EMPTY_LIST);
    pickler_op(p, MARK);
}

void pickle_list_end(struct pickler *p)
{
    pickler_op(p, APPENDS);
}

void pickle_key(struct pickler *p, const char *key)
{
    pickler_value(p, NULL, sm_str(key));
}

void pickle_entry(struct pickler *p, const char *key, struct sm_value v)
{
    pickle_key(p, key);
    pickler_value(p, NULL, v);
}

struct sm_value pickle_number(uint64_t n)
{
    return sm_int((int64_t)MIN(n, (uint64_t)INT64_MAX));
}

static struct sm_value number_or_none(uint64_t n)
{
    return n ? pickle_number(n) : sm_none();
}

static void write_int(struct pickler *p, const char *key, uint64_t n)
{
    pickle_entry(p, key, pickle_number(n));
}

static void write_time(struct pickler *p, const char *key, nsec time)
{
    pickle_entry(p, key, time == FOREVER ? sm_none() : sm_float((double)MAX(time, 0) / SEC));
}

static void write_shown(struct pickler *p, const char *text)
{
    char shown[TEXT_MAX];
    size_t len = 0;

    for (; text[len] && len < sizeof(shown); len++)
        shown[len] = (char)(text[len] >= ' ' && text[len] < 0x7f ? text[len] : '?');
    pickler_value(p, NULL, sm_strn(shown, len));
}

static void write_text(struct pickler *p, const char *key, const char *text)
{
    pickle_key(p, key);
    if (text)
        write_shown(p, text);
    else
        pickler_value(p, NULL, sm_none());
}

static void write_object_name(struct pickler *p, const struct object_name *name)
{
    write_text(p, "ident", name->ident);
    write_text(p, "type", name->type);
}

static void write_client_name(struct pickler *p, const struct client_name *name)
{
    pickle_entry(p, "client", number_or_none(name->number));
    pickle_entry(p, "pid", number_or_none((uint64_t)name->pid));
    write_text(p, "process", name->process);
    write_text(p, "host", name->host);
}

static void write_wait(struct pickler *p, const struct wait_figures *wait)
{
    write_text(p, "method", wait->method);
    write_time(p, "waits_s", wait->waits);
    write_time(p, "left_s", wait->left);
}

static void write_texts(struct pickler *p, const char *key, const char *const *texts)
{
    pickle_key(p, key);
    pickle_list_begin(p);
    for (; texts && *texts; texts++)
        write_shown(p, *texts);
    pickle_list_end(p);
}

static void write_now(struct pickler *p, const struct info_figures *info)
{
    write_int(p, "connections", info->now.connections);
    write_int(p, "processes", info->now.processes);
    write_int(p, "waiting", info->now.waiting);
    write_int(p, "objects", info->now.objects);
    write_int(p, "objects_alive", info->now.objects_alive);
    write_int(p, "objects_in_transit", info->now.objects_in_transit);
    write_int(p, "references", info->now.references);
    write_int(p, "words", info->now.words);
    write_int(p, "lent", info->now.lent);
    write_int(p, "watched", info->now.watched);
    write_int(p, "rings", info->now.rings);
    write_int(p, "keys", info->now.keys);
}

static void write_since_start(struct pickler *p, const struct info_figures *info)
{
    write_int(p, "calls", info->since_start.calls);
    write_int(p, "connections_ever", info->since_start.connections);
    write_int(p, "bytes_in", info->since_start.bytes_in);
    write_int(p, "bytes_out", info->since_start.bytes_out);
    write_int(p, "owner_deaths", info->since_start.owner_deaths);
    write_int(p, "references_dropped", info->since_start.references_dropped);
    write_int(p, "undelivered", info->since_start.undelivered);
    write_int(p, "refused", info->since_start.refused);
    write_int(p, "cut", info->since_start.cut);
    write_int(p, "full", info->since_start.full);
    write_int(p, "killed", info->since_start.killed);
    write_int(p, "recalls", info->since_start.recalls);
    write_int(p, "by_rings", info->since_start.by_rings);
}

static void write_memory(struct pickler *p, const struct info_figures *info)
{
    pickle_key(p, "memory");
    pickle_dict_begin(p);
    write_int(p, "used", info->memory.used);
    write_int(p, "limit", info->memory.limit);
    write_int(p, "connections", info->memory.connections);
    write_int(p, "tables", info->memory.tables);
    write_int(p, "objects", info->memory.objects);
    write_int(p, "shared", info->memory.shared);
    write_int(p, "resident", info->memory.resident);
    pickle_dict_end(p);
}

void pickle_info(struct pickler *p, const struct info_figures *info)
{
    pickle_dict_begin(p);
    write_text(p, "version", info->version);
    write_int(p, "pid", (uint64_t)info->pid);
    write_time(p, "uptime_s", info->uptime);
    write_texts(p, "addresses", info->addresses);
    write_texts(p, "pages", info->pages);
    write_now(p, info);
    write_since_start(p, info);
    write_memory(p, info);
    pickle_dict_end(p);
}

static void write_waits_for(struct pickler *p, const struct client_figures *client)
{
    pickle_key(p, "waits_for");
    if (!client->is_waiting) {
        pickler_value(p, NULL, sm_none());
        return;
    }
    pickle_dict_begin(p);
    write_object_name(p, &client->wait.object);
    write_wait(p, &client->wait);
    pickle_dict_end(p);
}

void pickle_client(struct pickler *p, const struct client_figures *client)
{
    pickle_dict_begin(p);
    write_client_name(p, &client->name);
    pickle_entry(p, "uid", client->uid < 0 ? sm_none() : sm_int(client->uid));
    write_text(p, "key", client->key);
    write_text(p, "right", client->right);
    write_text(p, "state", client->state);
    write_time(p, "since_s", client->since);
    write_int(p, "calls", client->calls);
    write_int(p, "bytes_in", client->bytes_in);
    write_int(p, "bytes_out", client->bytes_out);
    write_int(p, "unsent", client->unsent);
    pickle_entry(p, "shares", sm_bool(client->shares));
    pickle_entry(p, "ring", sm_bool(client->ring));
    write_text(p, "tls", client->tls);
    write_waits_for(p, client);
    pickle_dict_end(p);
}

static struct sm_value value_of(const struct object_figures *object)
{
    return object->value ? sm_strn(object->value, object->value_len) : sm_none();
}

void pickle_object(struct pickler *p, const struct object_figures *object)
{
    pickle_dict_begin(p);
    write_object_name(p, &object->name);
    write_text(p, "name", object->registered);
    write_int(p, "references", object->references);
    write_int(p, "waiting", object->waiting);
    pickle_entry(p, "calls", object->counts ? pickle_number(object->calls) : sm_none());
    write_int(p, "items", object->items);
    write_int(p, "bytes", object->bytes);
    pickle_entry(p, "value", value_of(object));
    pickle_dict_end(p);
}

void pickle_death(struct pickler *p, const struct death_figures *death)
{
    pickle_dict_begin(p);
    pickle_entry(p, "at", sm_float((double)death->date / SEC));
    write_client_name(p, &death->who);
    write_object_name(p, &death->object);
    write_text(p, "name", death->registered);
    pickle_entry(p, "kept", sm_bool(death->kept));
    pickle_dict_end(p);
}

void pickle_held(struct pickler *p, const struct held_figures *held)
{
    pickle_dict_begin(p);
    write_object_name(p, &held->object);
    write_client_name(p, &held->holder);
    pickle_entry(p, "gone", sm_bool(held->gone));
    write_time(p, "held_s", held->held);
    write_int(p, "waiting", held->waiting);
    pickle_dict_end(p);
}

static void write_waiting(struct pickler *p, const struct waiting_figures *waiting)
{
    write_object_name(p, &waiting->wait.object);
    write_client_name(p, &waiting->client);
    write_wait(p, &waiting->wait);
}

void pickle_waiting(struct pickler *p, const struct waiting_figures *waiting)
{
    pickle_dict_begin(p);
    write_waiting(p, waiting);
    pickle_entry(p, "held_by", number_or_none(waiting->held_by));
    pickle_dict_end(p);
}

void pickle_circled(struct pickler *p, const struct waiting_figures *waiting)
{
    pickle_dict_begin(p);
    write_waiting(p, waiting);
    pickle_dict_end(p);
}

void pickle_line(struct pickler *p, const struct object_figures *object)
{
    pickler_value(p, NULL, sm_str(object->name.ident));
    pickler_value(p, NULL, pickle_number(object->references));
    pickler_value(p, NULL, value_of(object));
    pickler_op(p, TUPLE3);
}

void pickle_next(struct pickler *p, uint64_t next)
{
    pickler_value(p, NULL, number_or_none(next));
}
