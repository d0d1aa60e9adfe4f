/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which command goes next (DESIGN 9.5). Each kind of work is a step: a
 * function that starts a command of it and says whether there was any.
 */
#ifndef SMEW_SESSION_WORK_H
#define SMEW_SESSION_WORK_H

#include "account.h"

/* Starts what can be started now. Called after anything that could make new
 * work: a request, the end of a command, untagged data. */
void work_pump(struct account *account);
/* REQUEST_CHECK waits: NOOP and the counts are due. */
void work_check(struct account *account);

#endif
