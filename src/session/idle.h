/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for news: IDLE on a mailbox, or NOOP from time to time. */
#ifndef SMEW_SESSION_IDLE_H
#define SMEW_SESSION_IDLE_H

#include "link.h"

/* There may be nothing more to do: begins to wait if so. */
void idle_settle(struct link *link);
/* A NOOP is due. */
void idle_check(struct link *link);
/* It goes: the step of the work queue. */
bool check_step(struct link *link);

/* Asks once, on one connection, to be told of all mailboxes. */
bool notify_step(struct link *link);

#endif
