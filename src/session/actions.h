/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user does with messages (DESIGN 10): into the journal and the cache
 * at once (actions.c), to the server as soon as it can be reached (execute.c).
 */
#ifndef SMEW_SESSION_ACTIONS_H
#define SMEW_SESSION_ACTIONS_H

#include "account.h"
#include "events.h"
#include "link.h"

struct box;

/* Opens the journal and brings the cache's intents in line with it. */
void actions_open(struct account *account);
void actions_close(struct account *account);
/* Whose the journal and the outbox are; owned by the caller. */
char *actions_identity(const struct account *account);
/* The cache is another one now. */
void actions_replaced(struct account *account);

/* Takes the request: REQUEST_ACT, _UNDO, _ACTIONS, _AGAIN. */
void actions_request(struct account *account, struct request *request);

/* Rows were added to 'row' inside a transaction of the cache: what waits for
 * them is merged in. */
bool actions_merge(struct account *account, const struct store_mailbox *row,
		   GError **error);
/* The server does not open 'mailbox': what waits there is refused. */
void actions_refused(struct account *account, const char *mailbox,
		     const char *text);

/* A mailbox where something waits and that no box serves; NULL: none. */
const char *actions_errand(const struct account *account);
/* How many of these, which came into 'row', the user's own actions brought and
 * are unread: nobody is told of new mail for them. */
unsigned actions_brought(struct account *account,
			 const struct store_mailbox *row,
			 const struct store_message *messages, size_t n);
/* One step: into the journal, then shown by the cache. Nothing when 'n' is 0. */
bool actions_append(struct account *account, const struct store_mailbox *row,
		    const char *what, const struct journal_entry *entries,
		    size_t n, GError **error);
/* On Gmail what is removed stays in All Mail: of what is to be carried away from
 * a mailbox with 'role' (entries[0]) a copy goes, and when that is done the
 * message goes to '*trash' (owned by the caller): entries[1], '*n' is 2 then. */
bool actions_throw_away(struct account *account, enum store_role role,
			struct journal_entry *entries, size_t *n, char **trash,
			GError **error);
/* Whether something waits in 'mailbox'. */
bool actions_wait(const struct account *account, const char *mailbox);

/* A connection is gone: what was under way there may still be done. */
void actions_lost(struct account *account);

/* ---- labelling.c ---- */

/* A request about labels, in 'row'. */
bool labelling_act(struct account *account, const struct request *request,
		   const struct store_mailbox *row, GError **error);

/* ---- execute.c ---- */

bool actions_step(struct link *link);

/* ---- identify.c ---- */

/* An answer that tells of a message's identity. */
void actions_fetched(struct link *link, const struct events_fetch *fetch);
/* What link_find() found: of uint32_t, taken over. 'user' as it was given. */
void actions_found(void *user, GArray *uids);

/* ---- remake.c ---- */

/* An answer with octets of a message. */
void actions_octets(struct link *link, const struct events_fetch *fetch);
/* One that tells its flags. */
void actions_flags(struct link *link, const struct events_fetch *fetch);

/* ---- between actions.c and execute.c ---- */

struct actions {
	struct journal *journal; /* owned; NULL: there can be none */
	char *failure;		 /* why; owned */
	GPtrArray *places;	 /* of char *: mailboxes with work; owned */
	GHashTable *sent;	 /* of int64_t *: ids of items under way, which
				    are their runs'; owned */
	GPtrArray *runs;	 /* of struct run, under way; owned */
	bool executes;
	guint most;		 /* messages of one command, as the server
				    takes them */
	unsigned halvings;	 /* of refused commands, one after the other */
	int64_t doubt_until;	 /* monotonic: till then the server may still
				    do what was not answered */
	struct timer held;	 /* what was put off is due */
	bool no_expunge;	 /* UID EXPUNGE was refused */
	bool said_left;		 /* that messages stay, marked deleted */
	struct filewatch *watch; /* of the journal; owned, or NULL */
	struct timer look;	 /* for what other processes do */
	unsigned parcels;	 /* to other accounts, since the start */
	struct abroad *abroad;	 /* of carry.c, under way; owned, or NULL */
	bool no_abroad;		 /* the journal fails: nothing more there */
};

/* The journal has changed: what waits where is read anew, and told. */
void actions_changed(struct account *account);
/* The cache's intents of 'mailbox' are made what the journal says. */
void actions_show(struct account *account, const char *mailbox);

#endif
