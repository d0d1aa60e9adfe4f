/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outbox: messages on their way out, from the moment the user let go of them
 * until they were accepted for delivery and everything that belongs to it is
 * done. The entries are in the account's journal.db, each message is a file
 * beside it: STATE/ACCOUNT/outbox/ID.eml. Belongs to the module store.
 *
 * All changes are on the disk when a call returns. Several processes, and
 * several threads with an outbox each, may have it open; one struct outbox is
 * used by one thread.
 */
#ifndef SMEW_OUTBOX_H
#define SMEW_OUTBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct outbox;

/*
 * WAITING -> SENDING -> DELIVERING -> SENT -> DONE is the way of most. What
 * ends before DELIVERING is repeated by itself; what breaks off in it is
 * UNCERTAIN and never repeated without the user.
 */
enum outbox_state {
	OUTBOX_WAITING,	   /* until its time; "offline" is that, too */
	OUTBOX_SENDING,	   /* connecting, envelope: the server has nothing */
	OUTBOX_DELIVERING, /* the server asked for the content */
	OUTBOX_UNCERTAIN,  /* it may have the message: the user decides */
	OUTBOX_REFUSED,	   /* 'reason' says why: the user decides */
	OUTBOX_SENT,	   /* accepted; 'todo' is left */
	OUTBOX_DONE,	   /* kept for the list only; its file is gone */
	OUTBOX_HELD,	   /* taken back: compose has it */
};

/* For outbox_mail.fcc: the mailbox that the server names for it. */
#define OUTBOX_FCC_SENT "*sent"

/* What is left to be done after acceptance. */
enum {
	OUTBOX_FCC = 1 << 0,   /* copy into 'fcc' */
	OUTBOX_MARK = 1 << 1,  /* \Answered or $Forwarded on the original */
	OUTBOX_DRAFT = 1 << 2, /* remove the postponed draft */
};

/* A message on the IMAP server. 'mailbox' (wire name) NULL or "": none. */
struct outbox_place {
	const char *mailbox;
	uint32_t uid;
	uint64_t uidvalidity;	/* 0: the session takes the cache's */
	const char *message_id; /* with <>; what is at the place must have it */
};

/* A message to be sent. Everything is borrowed, and copied. */
struct outbox_mail {
	/* RFC 5322 with CRLF at all line ends and no Bcc, at most 998 octets a
	 * line: a file of outbox_new_file(), which the outbox takes over. */
	const char *path;
	const char *sender;	/* envelope: addr-spec; "" is the null sender */
	const char *const *recipients; /* envelope: addr-specs; NULL at the end */
	const char *subject;	/* for the list, decoded */
	const char *message_id; /* with <> */
	/* Nothing goes out before: 'delay' seconds from now (send_delay, during
	 * which undo takes it back), or the wall clock's 'not_before' seconds
	 * (send later; 0: none). */
	unsigned delay;
	int64_t not_before;
	/* Wire name; or OUTBOX_FCC_SENT, or "*=" and the name it is shown by:
	 * found out when the copy is stored. NULL or "": no copy. */
	const char *fcc;
	/* A draft: it is sent to nobody, 'recipients' are not looked at. Only
	 * its copy goes into 'fcc', and what 'draft' names is removed when it
	 * is there. */
	bool postponed;
	/* Header fields of the copy alone, in front of the others: "Bcc: ..."
	 * CRLF; NULL or "": none. */
	const char *fcc_header;
	struct outbox_place original; /* answered, or forwarded */
	bool forwarded;
	struct outbox_place draft; /* removed after acceptance */
	const char *dsn_notify, *dsn_return; /* as the options; NULL: none */
};

/* A copy that owns what it points to, for another thread. */
struct outbox_mail *outbox_mail_copy(const struct outbox_mail *mail);
void outbox_mail_free(struct outbox_mail *copy);

/* One of the list; all strings owned, never NULL. */
struct outbox_item {
	int64_t id;
	enum outbox_state state;
	unsigned todo;
	int64_t made;		/* wall clock, seconds */
	int64_t not_before;	/* wall clock, seconds: the next try */
	unsigned delay;		/* send_delay it was added with; 0: send later,
				   or a repeat */
	unsigned tries;
	bool again;		/* the user asked for it now */
	bool partly;		/* may go to those that are not refused */
	bool copying;		/* a copy into 'fcc' may be there already */
	bool foreign;		/* added for another server's account */
	bool postponed;		/* a draft on its way into 'fcc' */
	bool forwarded;
	char *path;		/* of the message; may be gone when DONE */
	char *sender;
	char **recipients;
	char *subject, *message_id, *fcc, *fcc_header;
	char *original_mailbox, *original_message_id;
	char *draft_mailbox, *draft_message_id;
	uint32_t original_uid, draft_uid;
	uint64_t original_validity, draft_validity;
	char *dsn_notify, *dsn_return;
	uint64_t size;
	char *reason;		/* why it waits, is refused, is uncertain; "" */
};
void outbox_item_free(struct outbox_item *item);

/*
 * Opens the outbox in the state directory 'dir' (made 0700). 'identity' is the
 * account's server, as for the journal. '*notice' (owned by the caller, else
 * NULL) is what the user has to be told, as journal_open() has it. Messages
 * whose entries were lost with a damaged journal come back as REFUSED.
 */
struct outbox *outbox_open(const char *dir, const char *identity,
			   char **notice, GError **error);
void outbox_close(struct outbox *outbox);

/*
 * Whether this process sends; tried anew with each call until it is. Another
 * process that does so finds what is added within seconds. The first time it
 * becomes true what a killed process left behind is put right: SENDING waits
 * again, DELIVERING is UNCERTAIN, HELD waits for the user as REFUSED.
 */
bool outbox_executes(struct outbox *outbox);
/* Whether another process or thread has written since the last call. */
bool outbox_changed(struct outbox *outbox);

/*
 * Makes an empty private file for a message in 'dir', the account's state
 * directory: on the file system where outbox_add() needs it. The path is
 * owned by the caller. Any thread, no outbox needed. -1 on failure.
 */
int outbox_new_file(const char *dir, char **path, GError **error);

/*
 * Takes a message over: it is safe on the disk when this returns its id. 0 on
 * failure: then the file stays where it is, the caller's. Fails for an address
 * that outbox_address_ok() does not like and when there is no recipient.
 */
int64_t outbox_add(struct outbox *outbox, const struct outbox_mail *mail,
		   GError **error);

/*
 * Whether 'address' can go into an SMTP envelope: local part, @ and domain,
 * UTF-8, at most 254 octets, no control character, no white space, no angle
 * bracket outside of a quoted local part. Nothing else is ever handed on.
 */
bool outbox_address_ok(const char *address);

/*
 * Whether a message with this id (with <>) was let go and is on its way or
 * was: what compose still has of it is superfluous. 'dir' is the account's
 * state directory. Any thread, no outbox needed; waits for the disk.
 */
bool outbox_has(const char *dir, const char *message_id);

/* One, or NULL with an error (also when there is no such). */
struct outbox_item *outbox_get(struct outbox *outbox, int64_t id,
			       GError **error);
/* All, the newest first; of those DONE the last hundred. Of struct outbox_item
 * *, owned. NULL on failure. */
GPtrArray *outbox_list(struct outbox *outbox, GError **error);

struct outbox_counts {
	unsigned waiting;   /* also those being sent, and SENT with a todo */
	unsigned attention; /* UNCERTAIN, REFUSED */
	unsigned soon;	    /* of those waiting: for their delay, or being sent */
	unsigned foreign;   /* of all: another server's */
};
bool outbox_count(struct outbox *outbox, struct outbox_counts *counts,
		  GError **error);

/*
 * The item to be sent next: the one whose time came first, NULL when there is
 * none ('error' unset). '*wait' is in how many seconds the next one is due, -1
 * when none waits.
 */
struct outbox_item *outbox_due(struct outbox *outbox, int64_t *wait,
			       GError **error);
/* What waits after a failure is due now; with 'all' what waits for its delay,
 * too. */
bool outbox_hurry(struct outbox *outbox, bool all, GError **error);
/* The SENT items that have something to do. Of struct outbox_item *, owned. */
GPtrArray *outbox_left(struct outbox *outbox, GError **error);

/* Those that are UNCERTAIN; the same. */
GPtrArray *outbox_doubts(struct outbox *outbox, GError **error);

/* ---- the sender's steps; each fails unless the item is in the state ---- */

bool outbox_begin(struct outbox *outbox, int64_t id, GError **error);
/* SENDING -> DELIVERING: before the first octet of the content. */
bool outbox_deliver(struct outbox *outbox, int64_t id, GError **error);
/* Back to WAITING, 'seconds' from now, with the reason. From DELIVERING only
 * where the server said that it did not take it. */
bool outbox_postpone(struct outbox *outbox, int64_t id, unsigned seconds,
		     const char *reason, GError **error);
/* UNCERTAIN or REFUSED, with the reason for the reader; also from HELD. */
bool outbox_stop(struct outbox *outbox, int64_t id, enum outbox_state state,
		 const char *reason, GError **error);
/* Accepted: SENT with what is to be done, or DONE. Also from UNCERTAIN, when
 * the message was found. */
bool outbox_accept(struct outbox *outbox, int64_t id, GError **error);
/* Before the octets of the copy go out, and when there is none after all. */
bool outbox_copying(struct outbox *outbox, int64_t id, bool copying,
		    GError **error);
/* Bits of 'todo' are done; with the last of them the item is. */
bool outbox_finish(struct outbox *outbox, int64_t id, unsigned todo,
		   GError **error);

/* ---- the user's decisions ---- */

/* Sends it at 'not_before' (wall clock, seconds; 0: now), 'partly' to those
 * recipients that are accepted. From WAITING, REFUSED, UNCERTAIN and HELD. */
bool outbox_retry(struct outbox *outbox, int64_t id, int64_t not_before,
		  bool partly, GError **error);
/*
 * Takes it back: HELD, from WAITING, REFUSED and UNCERTAIN. The item (owned)
 * has path and all it was added with. When what compose has made of it is
 * safe, outbox_drop() ends it; a crash before brings it back as REFUSED.
 */
struct outbox_item *outbox_take_back(struct outbox *outbox, int64_t id,
				     GError **error);
/* Gives it up: entry and file go. Not while it is being sent; of one that is
 * SENT what is left to do is not done. */
bool outbox_drop(struct outbox *outbox, int64_t id, GError **error);

#endif
