/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for news: IDLE on the open mailbox, or NOOP from time to time. */
#ifndef SMEW_SESSION_IDLE_H
#define SMEW_SESSION_IDLE_H

#include "account.h"

/* There may be nothing more to do: begins to wait if so. */
void idle_settle(struct account *account);
void idle_lost(struct account *account);
/* A NOOP that is due: the step of the work queue. */
bool check_step(struct account *account);

#endif
