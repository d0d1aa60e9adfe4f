/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's wishes on flags: into the cache at once, to the server by STORE. */
#ifndef SMEW_SESSION_FLAGS_H
#define SMEW_SESSION_FLAGS_H

#include "account.h"
#include "box.h"

/* Takes the request. */
void flags_request(struct account *account, struct request *request);
bool flags_step(struct link *link);
/* The mailbox was selected: wishes of earlier are due. */
void flags_selected(struct box *box);

#endif
