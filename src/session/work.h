/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which command goes next (DESIGN 9.5). Each kind of work is a step: a
 * function that starts a command of it and says whether there was any.
 */
#ifndef SMEW_SESSION_WORK_H
#define SMEW_SESSION_WORK_H

#include "account.h"

struct link;

/* Whether work that can wait has to. */
bool work_is_full(const struct link *link);
/* Starts what can be started now. Called after anything that could make new
 * work: a request, the end of a command, untagged data. */
void work_pump(struct account *account);
/*
 * The server wants to be left alone: nothing new is sent for 'milliseconds'; 0
 * for a second, and twice as long with each refusal that follows, up to
 * LIMIT_PAUSE. 'why' (sanitised) is shown; NULL: nothing is.
 */
void work_pause(struct account *account, unsigned milliseconds,
		const char *why);
/* REQUEST_CHECK waits: NOOP and the counts are due. */
void work_check(struct account *account);

#endif
