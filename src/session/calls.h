/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on their way: what every function that sends one shares. */
#ifndef SMEW_SESSION_CALLS_H
#define SMEW_SESSION_CALLS_H

#include "link-private.h"

/* Of a command that is submitted; it frees itself when that has ended. */
struct call {
	struct link *link;
	link_ended ended; /* or NULL */
	void *user;
	bool select, list_uids, rows, find, copy, append;
	GArray **into;	  /* of a search: where its UIDs go; or NULL */
	link_found found; /* of link_look_for() */
	bool acts;	  /* for the journal: it can wait, others need not */
	uint64_t visit;	  /* the UIDVALIDITY it should have; 0: no visit */
};

enum link_result call_result(enum imap_condition condition);

/* To be submitted next; 'ended' may be NULL. */
struct call *call_new(struct link *link, link_ended ended, void *user);

/* Takes 'call', 'command' and 'error', which says why there is no command:
 * 'ended' is then called from inside. It ends an IDLE. */
void call_submit(struct call *call, struct imap_command *command,
		 GError *error);

/* Both at once. */
void call_send(struct link *link, struct imap_command *command, GError *error,
	       link_ended ended, void *user);

/* The same for the journal, which can wait. */
void call_send_act(struct link *link, struct imap_command *command,
		   GError *error, link_ended ended, void *user);

#endif
