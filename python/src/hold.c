/* SPDX-License-Identifier: MIT */
/*
 * Hold: keeps a shared object that the server's own Python code has a proxy of, as long as it is
 * kept itself. That needs no connection, and clients do not see it counted.
 */
#include "server.h"

struct hold_object {
    PyObject_HEAD struct server *server; /* owned */
    struct sm_hold *hold;                /* owned */
};

PyObject *server_hold(struct server *self, PyObject *args)
{
    PyObject *hold_type;
    struct hold_object *object;
    const char *ident;

    if (!PyArg_ParseTuple(args, "s:hold", &ident))
        return NULL;
    hold_type = PyObject_GetAttrString((PyObject *)self, "Hold");
    if (!hold_type)
        return NULL;
    object = (struct hold_object *)PyType_GenericAlloc((PyTypeObject *)hold_type, 0);
    Py_DECREF(hold_type);
    if (!object)
        return NULL;
    Py_INCREF(self);
    object->server = self;
    object->hold = is_parents(self) ? NULL : sm_server_hold(self->server, ident);
    return (PyObject *)object;
}

static void hold_dealloc(PyObject *object)
{
    struct hold_object *self = (struct hold_object *)object;

    if (!is_parents(self->server))
        sm_hold_release(self->hold);
    Py_DECREF(self->server);
    free_object(object);
}

static PyObject *hold_pickled(PyObject *object, PyObject *unused)
{
    struct hold_object *self = (struct hold_object *)object;

    (void)unused;
    if (!is_parents(self->server))
        sm_hold_sent(self->hold);
    Py_RETURN_NONE;
}

static PyMethodDef hold_methods[] = {
    {"pickled", hold_pickled, METH_NOARGS,
     PyDoc_STR("pickled()\n--\n\nThe proxy is being pickled, for whoever unpickles it.")},
    {0},
};

static PyType_Slot hold_slots[] = {
    {Py_tp_doc, "Keeps a shared object of a Server."},
    {Py_tp_dealloc, hold_dealloc},
    {Py_tp_methods, hold_methods},
    {0},
};

PyType_Spec hold_spec = {
    .name = "syncmanager._core.Hold",
    .basicsize = sizeof(struct hold_object),
    .flags = TYPE_FLAGS,
    .slots = hold_slots,
};
