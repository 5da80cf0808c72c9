/* SPDX-License-Identifier: MIT */
/*
 * Most of what programs send to a manager, and get back, is small and of the plain types. It is
 * coded here, without a pickler of Python's. All else goes through pickle, and so does what is in
 * two places at once: it has to be one object on the other side too.
 */
#include "values.h"

#include <string.h>

#define DEPTH_MAX 8

/* Ids that are looked at; a message with more of them is not small. */
#define IDS_MAX 64

void coded_init(struct coded *coded)
{
    coded->values = coded->containers = coded->helds = 0;
    coded->has_slice = false;
}

void coded_deinit(struct coded *coded)
{
    while (coded->helds)
        Py_DECREF(coded->held[--coded->helds]);
}

static bool add_str(struct coded *coded, PyObject *object, struct sm_value *ret)
{
    PyObject *utf8;
    Py_ssize_t len;
    char *text;

    if (coded->helds == CODED_VALUES)
        return false;
    utf8 = PyUnicode_AsUTF8String(object);
    if (!utf8 || PyBytes_AsStringAndSize(utf8, &text, &len) < 0) {
        PyErr_Clear(); /* a lone surrogate */
        Py_XDECREF(utf8);
        return false;
    }
    coded->held[coded->helds++] = utf8;
    *ret = sm_strn(text, (size_t)len);
    return true;
}

static bool add_int(PyObject *object, struct sm_value *ret)
{
    int overflow;
    int64_t integer = PyLong_AsLongLongAndOverflow(object, &overflow);

    *ret = sm_int(integer);
    return !overflow;
}

static bool add_scalar(struct coded *coded, PyObject *object, struct sm_value *ret)
{
    if (object == Py_None) {
        *ret = sm_none();
    } else if (PyBool_Check(object)) {
        *ret = sm_bool(object == Py_True);
    } else if (PyLong_CheckExact(object)) {
        return add_int(object, ret);
    } else if (PyFloat_CheckExact(object)) {
        *ret = sm_float(PyFloat_AsDouble(object));
    } else if (PyUnicode_CheckExact(object)) {
        return add_str(coded, object, ret);
    } else if (PyBytes_CheckExact(object)) {
        *ret = sm_bytes(PyBytes_AsString(object), (size_t)PyBytes_Size(object));
    } else {
        return false;
    }
    return true;
}

/*
 * A container of that many values to be filled in; NULL where there is no room, or where it has
 * been met before. There is one empty tuple, and it is in many places.
 */
static struct sm_value *open_container(struct coded *coded, PyObject *object, enum sm_kind kind,
                                       size_t len, struct sm_value *ret)
{
    struct sm_items *items = &coded->items[coded->containers];

    if (len > CODED_VALUES - coded->values || coded->containers == CODED_CONTAINERS)
        return NULL;
    for (size_t i = 0; i < coded->containers; i++) {
        if (coded->container[i] == object && (len || kind != SM_KIND_TUPLE))
            return NULL;
    }
    coded->container[coded->containers++] = object;
    *items = (struct sm_items){.item = coded->value + coded->values, .len = len};
    coded->values += len;
    *ret = sm_container(kind, items);
    return items->item;
}

static bool add(struct coded *coded, PyObject *object, int depth, struct sm_value *ret);

/* As pickle has it: slice(start, stop, step). */
static bool add_slice(struct coded *coded, PyObject *slice, int depth, struct sm_value *ret)
{
    static const char *const names[] = {"start", "stop", "step"};
    static const struct sm_global class = {"builtins", 8, "slice", 5};
    struct sm_value *bound = &coded->value[coded->values];

    if (coded->has_slice || coded->values + 3 > CODED_VALUES || coded->helds + 3 > CODED_VALUES)
        return false;
    coded->has_slice = true;
    coded->values += 3;
    for (size_t i = 0; i < 3; i++) {
        PyObject *object = PyObject_GetAttrString(slice, names[i]);

        if (!object) {
            PyErr_Clear();
            return false;
        }
        coded->held[coded->helds++] = object;
        if (!add(coded, object, depth + 1, &bound[i]))
            return false;
    }
    coded->bounds = (struct sm_items){.item = bound, .len = 3};
    coded->slice = (struct sm_object){.make = SM_MAKE_CALL,
                                      .callable = {.kind = SM_KIND_GLOBAL, .global = &class},
                                      .args = sm_container(SM_KIND_TUPLE, &coded->bounds)};
    *ret = (struct sm_value){.kind = SM_KIND_OBJECT, .object = &coded->slice};
    return true;
}

static bool add_dict(struct coded *coded, PyObject *dict, int depth, struct sm_value *ret)
{
    size_t len = 2 * (size_t)PyDict_Size(dict);
    struct sm_value *item = open_container(coded, dict, SM_KIND_DICT, len, ret);
    PyObject *key, *value;
    Py_ssize_t position = 0;

    for (size_t i = 0; item && i < len; i += 2) {
        if (!PyDict_Next(dict, &position, &key, &value) || !add(coded, key, depth + 1, &item[i]) ||
            !add(coded, value, depth + 1, &item[i + 1]))
            return false;
    }
    return item;
}

static bool add(struct coded *coded, PyObject *object, int depth, struct sm_value *ret)
{
    bool is_tuple = PyTuple_CheckExact(object);
    struct sm_value *item;
    size_t len;

    if (add_scalar(coded, object, ret))
        return true;
    if (depth > DEPTH_MAX)
        return false;
    if (PyDict_CheckExact(object))
        return add_dict(coded, object, depth, ret);
    if (Py_TYPE(object) == &PySlice_Type)
        return add_slice(coded, object, depth, ret);
    if (!is_tuple && !PyList_CheckExact(object))
        return false;
    len = (size_t)(is_tuple ? PyTuple_Size(object) : PyList_Size(object));
    item = open_container(coded, object, is_tuple ? SM_KIND_TUPLE : SM_KIND_LIST, len, ret);
    for (size_t i = 0; item && i < len; i++) {
        PyObject *element = is_tuple ? PyTuple_GetItem(object, (Py_ssize_t)i)
                                     : PyList_GetItem(object, (Py_ssize_t)i);

        if (!add(coded, element, depth + 1, &item[i]))
            return false;
    }
    return item;
}

bool coded_add(struct coded *coded, PyObject *object, struct sm_value *ret)
{
    return add(coded, object, 0, ret);
}

bool coded_add_tuple(struct coded *coded, PyObject *const *objects, size_t len,
                     struct sm_value *ret)
{
    struct sm_value *item = open_container(coded, NULL, SM_KIND_TUPLE, len, ret);

    for (size_t i = 0; item && i < len; i++) {
        if (!add(coded, objects[i], 1, &item[i]))
            return false;
    }
    return item;
}

/* Which ids have been met. */
struct met {
    bool id[IDS_MAX];
};

static PyObject *make(struct met *met, struct sm_value v);

static PyObject *make_sequence(struct met *met, struct sm_value v)
{
    bool is_tuple = v.kind == SM_KIND_TUPLE;
    Py_ssize_t len = (Py_ssize_t)v.items->len;
    PyObject *object = is_tuple ? PyTuple_New(len) : PyList_New(len);

    for (Py_ssize_t i = 0; object && i < len; i++) {
        PyObject *item = make(met, v.items->item[i]);

        if (!item) {
            Py_DECREF(object);
            return NULL;
        }
        if (is_tuple)
            PyTuple_SetItem(object, i, item);
        else
            PyList_SetItem(object, i, item);
    }
    return object;
}

static PyObject *make_dict(struct met *met, struct sm_value v)
{
    PyObject *dict = PyDict_New();

    for (size_t i = 0; dict && i < v.items->len; i += 2) {
        PyObject *key = make(met, v.items->item[i]);
        PyObject *value = key ? make(met, v.items->item[i + 1]) : NULL;

        if (!value || PyDict_SetItem(dict, key, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(key);
        Py_XDECREF(value);
    }
    return dict;
}

static PyObject *make(struct met *met, struct sm_value v)
{
    if (sm_is_container(v) && v.id) {
        if (v.id >= IDS_MAX || met->id[v.id])
            return NULL;
        met->id[v.id] = true;
    }
    switch (v.kind) {
    case SM_KIND_NONE:
        Py_RETURN_NONE;
    case SM_KIND_BOOL:
        return PyBool_FromLong(v.boolean);
    case SM_KIND_INT:
        return PyLong_FromLongLong(v.integer);
    case SM_KIND_FLOAT:
        return PyFloat_FromDouble(v.number);
    case SM_KIND_STR:
        return PyUnicode_DecodeUTF8(v.text, (Py_ssize_t)v.len, "surrogatepass");
    case SM_KIND_BYTES:
        return PyBytes_FromStringAndSize((const char *)v.bytes, (Py_ssize_t)v.len);
    case SM_KIND_TUPLE:
    case SM_KIND_LIST:
        return make_sequence(met, v);
    case SM_KIND_DICT:
        return make_dict(met, v);
    default:
        return NULL;
    }
}

PyObject *object_from_value(struct sm_value v)
{
    struct met met = {0};

    return make(&met, v);
}
