/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the UI thread asks of the session thread. */
#ifndef SMEW_SESSION_REQUEST_H
#define SMEW_SESSION_REQUEST_H

#include "smew/base.h"
#include "smew/outbox.h"

enum request_kind {
	REQUEST_OPEN = 1,
	REQUEST_LOOK,	/* 'mailbox' is brought up to date */
	REQUEST_FETCH,
	REQUEST_ACT,
	REQUEST_FOLDER,	/* verb; mailbox, target: a name; add: its role; del: a
			   count */
	REQUEST_UNDO,	/* n other than 0: redo */
	REQUEST_HALT,
	REQUEST_ACTIONS, /* the list is wanted */
	REQUEST_UNDO_STEP, /* ids[0] */
	REQUEST_AGAIN,	/* entry ids[0]; add other than 0: given up */
	REQUEST_OFFLINE, /* n other than 0: offline, else online */
	REQUEST_CHECK,
	REQUEST_RECONNECT,
	REQUEST_PASSWORD,
	REQUEST_TRUST,
	REQUEST_WATCH,	/* 'id' is the watch, 0 to end it */
	REQUEST_CONNECTIONS,
	REQUEST_WAKE,	/* the process was stopped and goes on */
	REQUEST_STOP,	/* what fetches the open mailbox */
	REQUEST_OLDEST,	/* its oldest rows are wanted first */
	REQUEST_CANCEL,	/* 'id' is the request to be cancelled */
	REQUEST_SEND,	/* 'mail' goes into the outbox */
	REQUEST_OUTGOING, /* 'verb' (enum session_outgoing) to ids[0], 'at' */
	REQUEST_OUTBOX,	/* the list is wanted */
	REQUEST_SENDING_PASSWORD,
	REQUEST_SENDING_TRUST,
	REQUEST_PARCEL,	/* no struct request: a struct session_parcel */
	REQUEST_QUIT,
};

struct request {
	struct post post; /* kind: enum request_kind */
	uint32_t id;
	char *mailbox;	  /* owned, or NULL */
	int64_t *ids;	  /* owned; messages */
	size_t n;
	struct request_part {
		int64_t *ids;
		size_t n;
		char *target;
	} *parts;	  /* of REQUEST_ACT; owned, or NULL */
	size_t n_parts;
	int64_t *opposite; /* of REQUEST_ACT; owned, or NULL */
	size_t n_opposite;
	uint32_t add, del; /* enum store_flag */
	int verb;	  /* enum session_verb, session_folder_verb */
	char *target, *what, *labels; /* REQUEST_ACT; owned, or NULL */
	bool quiet;	  /* REQUEST_FOLDER */
	struct secret *secret; /* REQUEST_PASSWORD; owned, or NULL */
	char *key;	   /* REQUEST_TRUST; of a REQUEST_ACT to another
			      account: whose that is; owned */
	int trust;	   /* enum session_trust */
	struct outbox_mail *mail; /* REQUEST_SEND; owned, or NULL */
	int64_t at;	   /* REQUEST_OUTGOING: wall clock, 0: now */
};

/* 'ids' is copied. */
struct request *request_new(enum request_kind kind, uint32_t id,
			    const char *mailbox, const int64_t *ids, size_t n);
void request_free(struct request *request);

#endif
