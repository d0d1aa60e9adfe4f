/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one account's session asks of another's, and the answer: the same
 * parcel goes there and comes back. The UI thread hands it on, because it alone
 * knows which sessions there are.
 */
#ifndef SMEW_SESSION_PARCEL_H
#define SMEW_SESSION_PARCEL_H

#include "smew/base.h"
#include "smew/session.h"
#include "smew/store.h"

enum parcel_kind {
	PARCEL_ASK,   /* whether 'mailbox' takes a message; answer: 'floor' */
	PARCEL_STORE, /* 'octets' go into 'mailbox'; answer: 'uids' */
	PARCEL_LOOK,  /* whether they are there already; answer: 'uids' */
	PARCEL_ORDER, /* 'order' is to be in the journal there */
	PARCEL_ONLINE, /* what was PARCEL_AWAY can be asked again: no answer */
};

enum parcel_result {
	PARCEL_DONE,
	PARCEL_REFUSED,
	PARCEL_LATER, /* the same may work after 'delay' */
	PARCEL_AWAY,  /* no connection, or no mailbox yet: PARCEL_ONLINE
			 follows */
	PARCEL_LOST,  /* how it ended is not known */
};

struct session_parcel {
	struct post post;
	char *from, *to;      /* accounts; owned, as all below */
	enum parcel_kind kind;
	bool answer;
	unsigned serial;      /* the asking account's */

	/* what is asked */
	char *identity;	      /* of the server that is meant */
	char *mailbox;	      /* wire name */
	uint32_t floor;	      /* UIDNEXT before it was first tried */
	char *message_id;     /* "": none */
	int64_t received;
	uint64_t size;	      /* of 'octets' */
	GBytes *octets;	      /* or NULL */
	uint32_t flags;	      /* enum store_flag */
	char *keywords;

	/* PARCEL_ORDER: JOURNAL_EXPUNGE, or JOURNAL_CARRY to 'target' of the
	 * asking account, which is at 'whose' */
	enum journal_kind order;
	uint32_t uid;
	char *target, *whose, *what;

	/* the answer */
	enum parcel_result result;
	char *text;	      /* why not, for the reader */
	unsigned delay;	      /* milliseconds */
	GArray *uids;	      /* of uint32_t, ascending: where it may be */
	uint64_t uidvalidity; /* of these; of 'uid' when it is asked */
};

struct session_parcel *parcel_new(enum parcel_kind kind, const char *from,
				  const char *to);
void parcel_free(struct session_parcel *parcel);
/* Makes an answer of it: from and to change places. 'text' (or NULL) is
 * copied. What was asked with goes, it may be large. */
void parcel_answer(struct session_parcel *parcel, enum parcel_result result,
		   const char *text);

#endif
