/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is sent: the account's sender (smew/send.h) in the session's thread
 * (outgoing.c), and what follows on the mailbox's server (filing.c).
 */
#ifndef SMEW_SESSION_OUTGOING_H
#define SMEW_SESSION_OUTGOING_H

#include "account.h"
#include "link.h"

struct outgoing {
	char *failure;	   /* why nothing can be sent; owned, or NULL */
	GPtrArray *left;   /* of struct outbox_item *: to be filed; owned */
	GPtrArray *doubts; /* of the same: whether they were sent is to be
			      looked up; owned */
	GHashTable *settled; /* of int64_t *: where that did not help; owned */
	struct filing *filing; /* under way, or NULL; owned by itself */
	struct timer later; /* when filing is tried again */
	int64_t shown;	   /* progress: monotonic time of the last */
};

void outgoing_open(struct account *account);
void outgoing_close(struct account *account);
/* Takes it: REQUEST_SEND, _OUTGOING, _OUTBOX, _SENDING_*. */
void outgoing_request(struct account *account, struct request *request);
/* Another process may have added something. */
void outgoing_look(struct account *account);
void outgoing_online(struct account *account);
void outgoing_way_changed(struct account *account);
void outgoing_offline(struct account *account, bool offline);

/* ---- filing.c ---- */

/* Reads anew what was accepted and has something left to be done: marks and
 * drafts go to the journal at once, copies wait for filing_step(). */
void filing_read(struct account *account);
bool filing_step(struct link *link);
/* A copy is looked for on this connection: no mailbox is opened on it. */
bool filing_looks_on(const struct link *link);
/* Its connection is of no use to it any more. */
void filing_close(struct account *account);

/* ---- outgoing.c ---- */

/* Tells the UI how the outbox stands. */
void outgoing_changed(struct account *account);

#endif
