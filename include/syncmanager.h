/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Shared objects between processes and hosts, over the wire of Python's multiprocessing.managers.
 */
#ifndef SYNCMANAGER_H
#define SYNCMANAGER_H

#include "syncmanager/base.h"
#include "syncmanager/client.h"
#include "syncmanager/guest.h"
#include "syncmanager/own_type.h"
#include "syncmanager/server.h"
#include "syncmanager/types.h"
#include "syncmanager/value.h"

#endif
