/* SPDX-License-Identifier: MIT */
/*
 * The probe is a server without connections: it decodes nothing from a peer, but what comes back
 * is a real message, decoded as a client would.
 */
#include "support/check.h"

#include "object/dispatch.h"
#include "support/probe.h"

#include "object/caller.h"
#include "object/waitq.h"
#include "pickle/pickle.h"
#include "types/types.h"
#include "value/known.h"
#include "value/repr.h"

#include <stdio.h>
#include <stdlib.h>

struct probe_call {
    struct list link;
    struct list owned;
    struct call call;
    struct tree tree;
    struct buffer out;
    struct buffer text;
    bool done;          /* answered; a second answer is an error */
    bool is_connection; /* of the calls that come over it */
    char *sources[2];   /* owned; the tree borrows from them */
};

unsigned probe_python = 13;
struct account *probe_account;
void (*probe_watch)(bool running);

static struct registry registry;
static struct list calls;
static nsec probe_now;
static uint64_t next_caller;
static struct buffer literal_text;

int probe_setup(void **state)
{
    (void)state;
    probe_python = 13;
    probe_account = NULL;
    probe_now = 1000 * SEC;
    next_caller = UINT64_C(1) << 32;
    list_init(&calls);
    return registry_init(&registry) < 0 || types_register(&registry) < 0 ? -1 : 0;
}

static void probe_call_free(struct probe_call *pc)
{
    list_remove(&pc->link);
    if (pc->is_connection)
        cell_end(&pc->call);
    call_deinit(&pc->call);
    call_disown_all(&pc->owned, false);
    tree_deinit(&pc->tree);
    buffer_deinit(&pc->out);
    buffer_deinit(&pc->text);
    free(pc->sources[0]);
    free(pc->sources[1]);
    free(pc);
}

int probe_teardown(void **state)
{
    struct probe_call *pc;

    (void)state;
    list_for_each(pc, &calls, link)
        probe_call_free(pc);
    registry_deinit(&registry);
    buffer_deinit(&literal_text);
    return 0;
}

struct registry *probe_registry(void)
{
    return &registry;
}

static void probe_done(struct call *call)
{
    struct probe_call *pc = container_of(call, struct probe_call, call);

    assert_false(pc->done);
    pc->done = true;
}

static const struct caller_ops probe_ops = {.answered = probe_done};

static void watch(bool running)
{
    if (probe_watch)
        probe_watch(running);
}

/* A literal; a call of proxy('ident') in it becomes a proxy of that object. */
static struct sm_value parse(struct probe_call *pc, int i, const char *text)
{
    struct literal_error error;
    struct sm_value v;

    pc->sources[i] = strdup(text);
    if (literal_parse(&pc->tree, pc->sources[i], strlen(text), &v, &error) != 0)
        fail_msg("%s: %s at %zu", text, error.what, error.at);
    return v;
}

/* Replace proxy("ident") by what a client sends for a proxy. */
static void plant_proxies(struct tree *tree, struct sm_value *v)
{
    const struct sm_items *args = value_made_by(*v, "builtins", "proxy");
    struct sm_value factory, rebuild, token_class, token;
    struct sm_value *arg;
    struct object *object;

    if (!args) {
        if (sm_is_container(*v)) {
            for (size_t i = 0; i < v->items->len; i++)
                plant_proxies(tree, &v->items->item[i]);
        }
        return;
    }
    arg = args->item;
    object = registry_find(&registry, arg[0].text, arg[0].len);
    tree_global(tree, "multiprocessing.managers", "RebuildProxy", &rebuild);
    tree_global(tree, "multiprocessing.managers", "ListProxy", &factory);
    tree_global(tree, "multiprocessing.managers", "Token", &token_class);
    tree_object(tree, SM_MAKE_NEW, token_class, *v, &token);
    tree_items(tree, SM_KIND_TUPLE, 0, &token.object->args);
    struct sm_value state, rebuild_args, kwds;
    tree_items(tree, SM_KIND_TUPLE, 3, &state);
    state.items->item[0] = sm_str("list");
    state.items->item[1] = registry.address;
    state.items->item[2] = arg[0];
    tree_object_step(tree, token.object, (struct sm_step){.kind = SM_STEP_STATE, .value = state});
    tree_items(tree, SM_KIND_DICT, 0, &kwds);
    tree_items(tree, SM_KIND_TUPLE, 4, &rebuild_args);
    rebuild_args.items->item[0] = factory;
    rebuild_args.items->item[1] = token;
    rebuild_args.items->item[2] = sm_str("pickle");
    rebuild_args.items->item[3] = kwds;
    tree_object(tree, SM_MAKE_CALL, rebuild, rebuild_args, v);
    if (object) {
        v->object->ref = object_ref(object);
        tree_keep_ref(tree, v->object->ref);
    }
}

const char *probe_literal(struct object *object)
{
    char ident[IDENT_SIZE];

    ident_format(object->ident, ident);
    buffer_clear(&literal_text);
    buffer_addf(&literal_text, "proxy('%s')", ident);
    buffer_add_byte(&literal_text, '\0');
    return (char *)literal_text.data;
}

static struct probe_call *find_connection(uint64_t caller)
{
    struct probe_call *pc;

    list_for_each(pc, &calls, link) {
        if (pc->is_connection && pc->call.caller == caller)
            return pc;
    }
    return NULL;
}

/* A call over a connection that is open is of the connection's process, and so is what it owns. */
static void make_over(struct call *call, const struct probe_call *connection)
{
    call->owned = connection->call.owned;
    call->account = connection->call.account;
    call->cell = connection->call.cell;
    call->generation = connection->call.generation;
}

static struct probe_call *prepare(uint64_t caller, const char *args, const char *kwds)
{
    struct probe_call *pc = calloc(1, sizeof(*pc)), *connection = find_connection(caller);

    list_init(&pc->link);
    list_init(&pc->owned);
    list_append(&calls, &pc->link);
    tree_init(&pc->tree, &registry.resolver);
    call_init(&pc->call, &registry, &pc->tree, &pc->out, &probe_ops);
    pc->call.caller = caller;
    pc->call.owned = &pc->owned;
    pc->call.account = probe_account;
    if (connection)
        make_over(&pc->call, connection);
    pc->call.python = probe_python;
    pc->call.now = registry.now = probe_now;
    pc->tree.message_len = strlen(args) + strlen(kwds);
    pc->call.args = parse(pc, 0, args);
    pc->call.kwds = parse(pc, 1, kwds);
    plant_proxies(&pc->tree, &pc->call.args);
    return pc;
}

static struct call *run(uint64_t caller, struct object *object, const char *method,
                        const char *args, const char *kwds)
{
    struct probe_call *pc = prepare(caller, args, kwds);

    watch(true);
    call_method(&pc->call, object, sm_str(method));
    watch(false);
    tree_reset(&pc->tree);
    return &pc->call;
}

struct call *probe_call_as(uint64_t caller, struct object *object, const char *method,
                           const char *args)
{
    return run(caller, object, method, args, "{}");
}

struct call *probe_call(struct object *object, const char *method, const char *args)
{
    return run(next_caller++, object, method, args, "{}");
}

struct call *probe_call_kwds(struct object *object, const char *method, const char *args,
                             const char *kwds)
{
    return run(next_caller++, object, method, args, kwds);
}

/* A message's payload, decoded; what it borrows is in the call. */
static struct sm_value decode(struct probe_call *pc, const char **ret_kind)
{
    struct pickle_error error;
    struct sm_value message;

    tree_reset(&pc->tree);
    if (pickle_decode(&pc->tree, pc->out.data, pc->out.len, &message, &error) < 0)
        fail_msg("answer: %s: %s", error.type, error.message);
    *ret_kind =
        arena_copy(&pc->tree.arena, message.items->item[0].text, message.items->item[0].len);
    return message.items->item[1];
}

static void add_last_line(struct buffer *out, struct sm_value text)
{
    size_t end = text.len;
    size_t start;

    if (end && text.text[end - 1] == '\n')
        end--;
    start = end;
    while (start && text.text[start - 1] != '\n')
        start--;
    buffer_add(out, text.text + start, end - start);
}

static void add_exception(struct buffer *out, struct sm_value exception)
{
    const struct sm_object *object = exception.object;

    buffer_add(out, object->callable.global->name, object->callable.global->name_len);
    if (sm_len(object->args) == 1) {
        buffer_add_byte(out, '(');
        value_repr(out, object->args.items->item[0], probe_python);
        buffer_add_byte(out, ')');
    } else {
        value_repr(out, object->args, probe_python);
    }
}

const char *probe_reply(struct call *call)
{
    struct probe_call *pc = container_of(call, struct probe_call, call);
    const char *kind;
    struct sm_value payload;

    if (!call->answered)
        return NULL;
    payload = decode(pc, &kind);
    buffer_clear(&pc->text);
    if (strcmp(kind, "#RETURN") == 0) {
        value_repr(&pc->text, payload, probe_python);
    } else if (strcmp(kind, "#ERROR") == 0) {
        add_exception(&pc->text, payload);
    } else if (strcmp(kind, "#PROXY") == 0) {
        const struct sm_object *token = payload.items->item[1].object;
        struct sm_value typeid = token->steps[0].value.items->item[0];

        buffer_addf(&pc->text, "<proxy of %.*s>", (int)typeid.len, typeid.text);
    } else {
        buffer_add_str(&pc->text,
                       strcmp(kind, "#TRACEBACK") == 0 ? "RemoteError: " : "Unserializable: ");
        add_last_line(&pc->text, payload);
    }
    buffer_add_byte(&pc->text, '\0');
    return (char *)pc->text.data;
}

const char *probe_ask(struct object *object, const char *method, const char *args)
{
    return probe_reply(probe_call(object, method, args));
}

void probe_talk(struct object *object, const struct probe_line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *answer = probe_ask(object, lines[i].method, lines[i].args);

        if (!answer || strcmp(answer, lines[i].answer) != 0)
            fail_msg("%s%s: %s, not %s", lines[i].method, lines[i].args,
                     answer ? answer : "(parked)", lines[i].answer);
    }
}

struct object *probe_proxy(struct call *call)
{
    struct probe_call *pc = container_of(call, struct probe_call, call);
    const char *kind;
    struct sm_value payload = decode(pc, &kind);
    struct sm_value ident;

    assert_string_equal(kind, "#PROXY");
    ident = payload.items->item[1].object->steps[0].value.items->item[2];
    return registry_find(&registry, ident.text, ident.len);
}

static struct probe_call *create(const char *typeid, const char *args, const char *kwds)
{
    struct probe_call *pc = prepare(next_caller++, args, kwds);

    watch(true);
    call_create(&pc->call, sm_str(typeid));
    watch(false);
    tree_reset(&pc->tree);
    return pc;
}

static struct object *created(struct probe_call *pc)
{
    const char *kind;
    struct sm_value payload = decode(pc, &kind);

    if (strcmp(kind, "#RETURN") != 0)
        return NULL;
    return registry_find(&registry, payload.items->item[0].text, payload.items->item[0].len);
}

struct object *probe_object(const char *typeid, const char *args)
{
    struct probe_call *pc = create(typeid, args, "{}");
    struct object *object = created(pc);

    if (!object)
        fail_msg("%s%s: %s", typeid, args, probe_reply(&pc->call));
    return object;
}

struct object *probe_try_object(const char *typeid, const char *args)
{
    struct probe_call *pc = create(typeid, args, "{}");

    return pc->out.failed ? NULL : created(pc);
}

struct object *probe_registered(const char *literal)
{
    struct probe_call *pc = prepare(next_caller++, "()", "{}");
    struct object *object;

    free(pc->sources[0]);
    pc->call.errors = CALL_FAILS;
    pc->call.arg[0] = parse(pc, 0, literal);
    object = object_new(&registry, registry_literal_type(&registry, pc->call.arg[0]), &pc->call);
    if (!object)
        fail_msg("%s: %s", literal, probe_reply(&pc->call));
    object->registered = true;
    return object;
}

const char *probe_create_error(const char *typeid, const char *args, const char *kwds)
{
    return probe_reply(&create(typeid, args, kwds)->call);
}

void probe_advance(nsec time)
{
    registry.now = probe_now += time;
    watch(true);
    timers_fire(&registry.timers, probe_now);
    watch(false);
}

const struct call *probe_connect(uint64_t caller)
{
    struct probe_call *pc = prepare(caller, "()", "{}");

    pc->is_connection = true;
    if (registry.leases.cells_len && pc->call.account)
        (void)!cell_begin(&pc->call);
    return &pc->call;
}

void probe_disconnect(uint64_t caller)
{
    struct probe_call *pc, *connection = find_connection(caller);

    if (connection)
        cell_end(&connection->call);
    list_for_each(pc, &calls, link) {
        if (pc->call.caller != caller)
            continue;
        waitq_withdraw(&pc->call);
        call_disown_all(&pc->owned, false);
    }
}

void probe_undelivered(struct call *call)
{
    call_undelivered(call);
}
