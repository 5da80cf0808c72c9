/* SPDX-License-Identifier: MIT */
/* The figures of a manager, for Prometheus and whoever reads what it does. */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include <stdio.h>
#include <syncmanager.h>

/* The type of this text, as HTTP has it. */
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * Ask the manager for its figures and write them as Prometheus' text: docs/metrics.md says what is
 * in it. Returns SM_OK, or a negative SM_E... of sm_manager_call(): then nothing was written. A
 * manager of Python's own raises (SM_ERAISED).
 */
int metrics_write(FILE *out, struct sm_manager *manager);

#endif
