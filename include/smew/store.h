/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: the account's cache in SQLite (DESIGN 9 to 11). Two faces: the store,
 * written by the account's session thread alone, and the view, a thread of
 * its own with a read-only connection that answers the screen.
 */
#ifndef SMEW_STORE_H
#define SMEW_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "smew/base.h"
#include "smew/query.h"

#define STORE_ERROR (store_error_quark())
GQuark store_error_quark(void);

enum store_error {
	STORE_ERROR_IO,	  /* disk full, no right, i/o error */
	STORE_ERROR_BUSY, /* another process writes for too long */
	STORE_ERROR_NONE, /* no such mailbox or message */
};

/* Flags of a message; the first five are IMAP's system flags. */
enum store_flag {
	STORE_SEEN = 1 << 0,
	STORE_ANSWERED = 1 << 1,
	STORE_FLAGGED = 1 << 2,
	STORE_DELETED = 1 << 3,
	STORE_DRAFT = 1 << 4,
	STORE_FORWARDED = 1 << 5, /* $Forwarded */
	STORE_JUNK = 1 << 6,	  /* $Junk */
	STORE_OLD = 1 << 8,	  /* ours: unread, but was shown on an earlier visit */
	STORE_ATTACHMENT = 1 << 9, /* ours: the structure has attachments */
	STORE_TO_ME = 1 << 10,	  /* reserved for alternates */
};

/* Attributes and role of a mailbox, from LIST (RFC 6154 for the roles). */
enum store_attribute {
	STORE_NOSELECT = 1 << 0,
	STORE_NONEXISTENT = 1 << 1,
	STORE_NOINFERIORS = 1 << 2,
	STORE_HASCHILDREN = 1 << 3,
	STORE_HASNOCHILDREN = 1 << 4,
	STORE_SUBSCRIBED = 1 << 5,
};

enum store_role {
	STORE_ROLE_NONE,
	STORE_ROLE_INBOX,
	STORE_ROLE_ALL,
	STORE_ROLE_ARCHIVE,
	STORE_ROLE_DRAFTS,
	STORE_ROLE_FLAGGED,
	STORE_ROLE_JUNK,
	STORE_ROLE_SENT,
	STORE_ROLE_TRASH,
	STORE_ROLE_IMPORTANT,
};

/* ================= the store: session thread only ================= */

struct store;

/*
 * Opens or makes the cache in 'dir' (made 0700). 'identity' names the server
 * (user, host, port or tunnel command). A cache that is damaged, made by a
 * newer smew or for another identity is set aside as cache.db.bad (or
 * .old), a new one begun, and '*notice' (owned by the caller, else NULL) gets the
 * one line to show. Fails only when no cache can be written at all.
 */
struct store *store_open(const char *dir, const char *identity, char **notice,
			 GError **error);
void store_close(struct store *store);

/*
 * The cache turned out to belong to another server: closes 'store', sets its
 * file aside as cache.db.old and begins a new one. As store_open().
 */
struct store *store_replace(struct store *store, const char *identity,
			    char **notice, GError **error);

/* A long work is done: gives back the memory that only it needed. */
void store_rest(struct store *store);

/* Whether another process has written since the last call. */
bool store_changed(struct store *store);

/* A word kept with the cache; owned by the caller, NULL when there is none. */
char *store_note(struct store *store, const char *key);
bool store_set_note(struct store *store, const char *key, const char *value,
		    GError **error);

/*
 * Changes between begin and commit become visible at once or not at all, also
 * after a kill. Nothing outside. Rollback on a failed step.
 */
bool store_begin(struct store *store, GError **error);
bool store_commit(struct store *store, GError **error);
void store_rollback(struct store *store);

struct store_mailbox {
	int64_t id;
	char *name;	   /* wire form, opaque: what commands use */
	char *display;	   /* UTF-8, sanitised */
	char delimiter;	   /* 0: flat */
	uint32_t attributes; /* enum store_attribute */
	enum store_role role;
	uint64_t uidvalidity; /* 0: never selected */
	uint64_t uidnext;
	uint64_t modseq;   /* HIGHESTMODSEQ as of the last complete sync, 0: none */
	uint32_t exists;   /* what the server last said: EXISTS or STATUS */
	uint32_t unseen;   /* the server's count from STATUS; for an opened
			      mailbox the cache's own */
	uint32_t flagged;
	bool complete;	   /* every message's header is in the cache */
};

void store_mailbox_free(struct store_mailbox *mailbox);

/*
 * Replaces the list of mailboxes by 'list' (of struct store_mailbox: name,
 * display, delimiter, attributes, role are read). Cached messages of names
 * that stay, stay; of names that are gone, go.
 */
bool store_set_mailboxes(struct store *store, GPtrArray *list, GError **error);
/* The wire name of the mailbox with a role, or (role STORE_ROLE_NONE) of the one
 * that is shown as 'display'; owned; NULL when there is none. */
char *store_find_name(struct store *store, enum store_role role,
		      const char *display);
/* Owned by the caller; NULL with STORE_ERROR_NONE when there is none. */
struct store_mailbox *store_mailbox_get(struct store *store, const char *name,
					GError **error);
/* Makes the row when the list does not have it (opened by name). */
struct store_mailbox *store_mailbox_make(struct store *store, const char *name,
					 const char *display, GError **error);
/* Writes uidvalidity, uidnext, modseq, exists, complete. A changed uidvalidity
 * removes the mailbox's messages first (RFC 3501 2.3.1.1). */
bool store_mailbox_update(struct store *store,
			  const struct store_mailbox *mailbox, GError **error);
/*
 * The server has renamed mailbox 'name' to 'to' ('display' for people), and
 * with it what is below it: behind 'delimiter', 0 where names are flat. All
 * that is cached of them stays.
 */
bool store_mailbox_rename(struct store *store, const char *name,
			  const char *to, const char *display, char delimiter,
			  GError **error);
/* The server has deleted it: what is cached of it goes. */
bool store_mailbox_remove(struct store *store, const char *name,
			  GError **error);
/* All rows, unsorted, as they are shown; of struct store_mailbox *, owned. NULL
 * on failure. */
GPtrArray *store_mailboxes(struct store *store, GError **error);

/* What the user wants of mailboxes and the server has yet to do. */
enum store_wish_kind {
	STORE_WISH_MADE,     /* there is one, and it is shown as 'display' */
	STORE_WISH_RENAMED,  /* it, and what is below it, is called 'to' */
	STORE_WISH_GONE,     /* it is not shown */
	STORE_WISH_SUBSCRIBED,
	STORE_WISH_UNSUBSCRIBED,
};
struct store_wish {
	enum store_wish_kind kind;
	const char *name;    /* what it is called after the wishes before it */
	const char *to;
	const char *display; /* of what is made, or of 'to' */
	char delimiter;	     /* 0: names are flat */
};
/*
 * These are all, in their order: what no wish is about is shown as the server
 * has it. Names stay what the server calls them, only what readers see
 * changes. '*changed' (of struct store_mailbox *) are those that are shown by
 * another name now, '*unmade' (of char *) those that a wish had made before
 * and none does now; both owned by the caller, the rows are there still.
 */
bool store_set_mailbox_wishes(struct store *store,
			      const struct store_wish *wishes, size_t n,
			      GPtrArray **changed, GPtrArray **unmade,
			      GError **error);
/* Whether a mailbox can be called so. */
enum store_name {
	STORE_NAME_FREE,
	STORE_NAME_TAKEN,
	STORE_NAME_WAITS, /* it will be free when what is wished is done */
};
enum store_name store_mailbox_taken(struct store *store, const char *name);
/* What name the wishes gave 'name'; owned; itself without one. */
char *store_wished_name(struct store *store, const char *name);
/* How many messages a mailbox has, as far as the cache knows; 0: none, or
 * nothing. What is hidden is not counted where it is known. */
uint32_t store_mailbox_count(struct store *store, const char *name);
/* Counts by STATUS for a mailbox that is not open. */
bool store_mailbox_counts(struct store *store, const char *name,
			  uint32_t exists, uint32_t unseen, GError **error);

/* What is known of a message; strings are borrowed. */
struct store_message {
	uint32_t uid;
	uint32_t flags;	     /* enum store_flag */
	const char *keywords; /* other keywords, space-separated, or "" */
	uint64_t modseq;     /* 0: not known */
	int64_t sent;	     /* Date, else received; seconds */
	int zone;
	int64_t received;    /* INTERNALDATE */
	uint64_t size;	     /* RFC822.SIZE */
	const char *from;    /* "Name <addr>", "addr"; lists by ", " */
	const char *from_name;	/* the first author's name, else address */
	const char *to, *cc;
	const char *to_name;
	const char *subject;
	const char *message_id;
	const char *in_reply_to;
	const char *references;	/* ids separated by spaces, oldest first */
	const char *list_id;
	const char *structure; /* mail_part_write(), or NULL */
};

/*
 * Adds messages to mailbox 'mbox' and lays out their threads; one that is
 * there already (same UID) is left but for its flags. Newest first or oldest
 * first, in batches of up to 2,000.
 */
bool store_add(struct store *store, int64_t mbox,
	       const struct store_message *messages, size_t n, GError **error);
/*
 * The server's flags of one message; unknown UIDs are ignored, and so are
 * flags of a lower MODSEQ than the message has: another process on the account
 * may have heard something newer (RFC 7162). 'modseq' 0: not known.
 * 'changed' (may be NULL) tells whether anything visible changed.
 */
bool store_set_flags(struct store *store, int64_t mbox, uint32_t uid,
		     uint32_t flags, const char *keywords, uint64_t modseq,
		     bool *changed, GError **error);
/* What one's own change made of the MODSEQ of a message. */
bool store_set_modseq(struct store *store, int64_t mbox, uint32_t uid,
		      uint64_t modseq, GError **error);
/* What the server says from now on is another history: its MODSEQs are not
 * those of the cache (imap-traps 44). */
bool store_forget_modseqs(struct store *store, int64_t mbox, GError **error);
/* Removes messages by UID, their bodies too. */
bool store_expunge(struct store *store, int64_t mbox, const uint32_t *uids,
		   size_t n, GError **error);
/* All UIDs of the mailbox in the cache, ascending (of uint32_t). */
GArray *store_uids(struct store *store, int64_t mbox, GError **error);
/* Sets STORE_OLD on every message that is neither seen nor old. */
bool store_mark_old(struct store *store, int64_t mbox, GError **error);

/*
 * What the user did and the server has yet to do, merged over what the server
 * says in every reader at once (DESIGN 10). It comes from the journal: the
 * cache can be told all of it anew at any time.
 *
 * Wishes on flags: 'done' clears one when the server has it and makes it what
 * the server has, so that nothing flickers back before the server's FETCH
 * says so; a contrary wish that was made meanwhile stays.
 */
bool store_want_flags(struct store *store, int64_t mbox, uint32_t uid,
		      uint32_t add, uint32_t del, GError **error);
bool store_want_done(struct store *store, int64_t mbox, uint32_t uid,
		     uint32_t add, uint32_t del, GError **error);
/* These messages are not shown in their mailbox any more. All else that is
 * done to them here by UID goes on: they are known until they are expunged. */
bool store_hide(struct store *store, int64_t mbox, const uint32_t *uids,
		size_t n, GError **error);
struct store_intent {
	uint32_t uid, add, del;
	bool gone; /* not to be shown */
	const char *labels; /* "+work -later", or NULL */
	/* What it is to be a reply to, as of a message; or both NULL */
	const char *in_reply_to, *references;
};
/* These are all of the mailbox, each message once: what is not among them is
 * as the server has it. Unknown UIDs are ignored. */
bool store_set_intents(struct store *store, int64_t mbox,
		       const struct store_intent *intents, size_t n,
		       GError **error);

/*
 * Labels: the server's keywords that are no flags. A change is "+word" or
 * "-word"; 'done' as above.
 */
bool store_want_label(struct store *store, int64_t mbox, uint32_t uid,
		      const char *change, GError **error);
bool store_label_done(struct store *store, int64_t mbox, uint32_t uid,
		      const char *change, GError **error);

/* As long as a label may be, in octets. */
#define LABEL_MAX 100
/* Whether a keyword may look so (RFC 9051, flag-keyword). */
bool label_is_valid(const char *word);
/* Whether it is among 'keywords' (by blanks, or NULL); case does not matter. */
bool label_has(const char *keywords, const char *word);
/* 'keywords' after the changes "+add -remove !toggle", in their order. Owned. */
char *label_apply(const char *keywords, const char *changes);

/* Names of the mailboxes (of char *, owned) with a wish or a hidden message. */
GPtrArray *store_wishful(struct store *store, GError **error);

/* What a message is known by, beside its UID. */
struct store_identity {
	uint32_t uid;	  /* 0: there is no such message, or it is hidden */
	uint32_t flags;	  /* as shown */
	char *message_id; /* owned; NULL without a message */
	char *keywords;	  /* as shown; owned, the same */
	int64_t received;
	uint64_t size;
	bool answers;	  /* it names a message that it is a reply to */
};
bool store_identify(struct store *store, int64_t mbox, int64_t id,
		    struct store_identity *identity, GError **error);
/* Ids (of int64_t, owned) of the messages that are shown, and of those that are
 * shown as deleted. */
GArray *store_shown(struct store *store, int64_t mbox, GError **error);
GArray *store_deleted(struct store *store, int64_t mbox, GError **error);
/* The wire name of the mailbox with this role, owned; NULL: there is none. */
char *store_role_name(struct store *store, enum store_role role);

/*
 * Bodies. 'section' is "" for the whole message, "HEADER" for its header,
 * else a part ("1.2") as encoded. Only what arrived whole is put.
 */
bool store_put_body(struct store *store, int64_t mbox, uint32_t uid,
		    const char *section, GBytes *data, GError **error);
/* Whether it is there: nothing complete is fetched twice. */
/* NULL when the cache has it not. Owned. */
GBytes *store_body(struct store *store, int64_t mbox, uint32_t uid,
		   const char *section);
bool store_has_body(struct store *store, int64_t mbox, uint32_t uid,
		    const char *section);
/* Id to UID and back; 0 when there is none. */
uint32_t store_uid_of(struct store *store, int64_t mbox, int64_t id);
/* mail_part_write() text of a message or NULL; its size in 'size'. */
char *store_structure(struct store *store, int64_t mbox, uint32_t uid,
		      uint64_t *size);
bool store_set_structure(struct store *store, int64_t mbox, uint32_t uid,
			 const char *structure, GError **error);

/* ================= the journal: session thread only ================= */

/*
 * What the user did and the server has yet to do, and what was done, for undo
 * (DESIGN 10). It is below the state directory, committed to the disk before
 * a call returns, shared by all processes of an account, and never discarded.
 */
struct journal;

/*
 * Opens or makes journal.db in 'dir' (made 0700). Entries belong to the server
 * 'identity'; those of another one are kept, counted and not given out. One
 * that is damaged is kept aside as journal.db.bad-N, a new one is begun, and
 * '*notice' (owned by the caller, else NULL) says so.
 */
struct journal *journal_open(const char *dir, const char *identity,
			     char **notice, GError **error);
void journal_close(struct journal *journal);
/* Whether this process is the one that carries out; tried anew with each call
 * until it is. The lock ends with the process. */
bool journal_executes(struct journal *journal);
/* A long work is done: gives back the memory that only it needed. */
void store_rest(struct store *store);

/* Whether another process has written since the last call. */
bool journal_changed(struct journal *journal);

enum journal_kind {
	JOURNAL_FLAGS,	 /* add and remove flags */
	JOURNAL_MOVE,	 /* to 'target', after adding and removing flags */
	JOURNAL_COPY,	 /* to 'target' */
	JOURNAL_EXPUNGE, /* remove for good */
	JOURNAL_LABEL,	 /* add keyword JOURNAL_WORD(target) where 'add' is not
			    0, else remove it */
	JOURNAL_DECODE,	 /* a decoded copy to 'target'; 'detail' says what of
			    its header stays, as mail_decoded() has it */
	JOURNAL_RELINK,	 /* the message gets the fields 'detail' in the place
			    of In-Reply-To and References; 'target' is its
			    mailbox */
	/* Of mailboxes: one item that stands for no message, uid 0. They are
	 * called what they are called when it is their turn. */
	JOURNAL_CREATE,	 /* 'mailbox'; 'add' is its enum store_role, or 0; told
			    of unless 'detail' is JOURNAL_QUIET */
	JOURNAL_RENAME,	 /* 'mailbox' and what is below it to 'target' */
	JOURNAL_DELETE,	 /* when it has not more than 'del' messages;
			    UINT32_MAX: any number */
	JOURNAL_SUBSCRIBE, /* where 'add' is not 0, else unsubscribe */
	JOURNAL_CARRY,	 /* to 'target', a mailbox of another account */
	JOURNAL_CARRY_COPY, /* a copy to such a one */
};

/*
 * A mailbox of another account: that one's name, a line feed and the wire name,
 * as no mailbox is called. Entries with one have in 'detail' which server that
 * account was of (session_identity()). As the target of a JOURNAL_CARRY it is
 * where the message goes; as the mailbox of an entry it is where the message
 * is, which that account is asked to remove or to bring.
 */
char *journal_abroad(const char *account, const char *mailbox);
/* The wire name (borrowed) and '*account' (owned by the caller, or NULL when
 * it is not wanted) of such a one; NULL: it is one of this account. Pure. */
const char *journal_split(const char *name, char **account);

/* The 'detail' of a JOURNAL_CREATE that is done for something else. */
#define JOURNAL_QUIET "quiet"

/* The 'detail' of a JOURNAL_RELINK that takes back what is not known. */
#define JOURNAL_UNKNOWN "?"

/* The target of a JOURNAL_LABEL is the keyword behind a blank, as no mailbox
 * is called. */
#define JOURNAL_WORD(target) ((target) + 1)

enum journal_state {
	JOURNAL_WAITING,
	JOURNAL_DONE,
	JOURNAL_REFUSED,   /* waits for the user, with a reason */
	JOURNAL_CANCELLED, /* undone before it ran */
	JOURNAL_LEFT,	   /* done but for the removal: the message is marked
			      deleted on the server, and hidden */
};

/* How far an item that waits has come: where it is not NONE a command went out
 * whose end is not known. */
enum journal_step {
	JOURNAL_STEP_NONE,
	JOURNAL_STEP_MOVING,  /* in one command */
	JOURNAL_STEP_COPYING,
	JOURNAL_STEP_COPIED,  /* what is left is to remove it */
};

/* One message of an entry; 'message_id' is borrowed when it is appended and
 * owned by the batch that it comes in. */
struct journal_item {
	int64_t id;	     /* 0 when it is appended */
	uint32_t uid;	     /* 0: to be looked for by its Message-ID */
	uint64_t uidvalidity; /* under which that UID holds */
	uint32_t old;	     /* its flags before, enum store_flag */
	char *message_id;    /* "" or NULL: none */
	int64_t received;
	uint64_t size;
	/* of what journal_next() gives */
	unsigned tries;	     /* that were put off */
	uint32_t floor;	     /* UIDNEXT of the target before the copy that is
				in doubt; 0: not known */
	uint64_t made;	     /* octets of that copy; 0: as many as the
				message was said to have */
};

struct journal_entry {
	enum journal_kind kind;
	const char *mailbox, *target; /* wire names; borrowed */
	uint32_t add, del;	      /* enum store_flag */
	const char *detail;	      /* borrowed, or NULL */
	bool needs; /* each item waits for the same one of the entry before
		       it, and is not done when that one is not */
	const struct journal_item *items; /* borrowed */
	size_t n;
};

/* Appends what the user did at once, as one step for undo; 'what' names it
 * for the reader (NULL: it is no step that undo takes back). 0 on failure, else the number of the step. */
int64_t journal_append(struct journal *journal, const char *what,
		       const struct journal_entry *entries, size_t n,
		       GError **error);

/* Items that one command can do: alike in all but the message. */
struct journal_batch {
	enum journal_kind kind;
	enum journal_step step;
	char *target;	    /* owned; "" without; while it is being copied the
			       mailbox that it comes from */
	uint32_t add, del;
	char *detail;	    /* owned, "" without */
	uint64_t uidvalidity;
	GArray *items;	    /* of struct journal_item; owned */
};

/*
 * What is next in 'mailbox', at most 'most' items: the oldest one that waits
 * and those after it that are alike and whose messages nothing in between
 * concerns. An item being copied is found where it is copied to. Items in
 * 'sent' (of int64_t *, or NULL) are under way: they are left out, and what
 * stands behind them for the same message. NULL when there is nothing, and when it cannot be read ('error' is set).
 */
struct journal_batch *journal_next(struct journal *journal,
				   const char *mailbox, guint most,
				   GHashTable *sent, GError **error);
void journal_batch_free(struct journal_batch *batch);
/* Mailboxes for which journal_next() has something (of char *, owned). */
GPtrArray *journal_places(struct journal *journal, GError **error);

/*
 * A command for the batch is about to go out: it comes to 'step'. Items that
 * another process has taken back meanwhile leave the batch. UIDs and floors
 * are written down as they stand there.
 */
bool journal_claim(struct journal *journal, struct journal_batch *batch,
		   enum journal_step step, GError **error);
/* These cannot be done now: journal_next() does not give them, nor what stands
 * behind them for the same message, before 'until' (wall clock, seconds).
 * 'reason' (or NULL) for the reader. */
bool journal_hold(struct journal *journal, const int64_t *ids, size_t n,
		  int64_t until, const char *reason, GError **error);
/* When the first of them is over; 0: nothing is held. */
bool journal_holds_until(struct journal *journal, int64_t *until,
			 GError **error);
/* What was held and is about mailboxes of 'account', or with NULL of any other
 * account, is tried now. */
bool journal_release(struct journal *journal, const char *account,
		     GError **error);
/* Appends what another account's journal wants done with one message, unless
 * the first of it is there already: it is no step of undo here. 'what' names
 * it. */
bool journal_order(struct journal *journal, const char *what,
		   const struct journal_entry *entries, size_t n,
		   GError **error);
/* UIDs in 'mailbox' of messages that could only be marked (JOURNAL_LEFT). A
 * set, owned. NULL on failure. */
GHashTable *journal_left(struct journal *journal, const char *mailbox,
			 uint64_t uidvalidity, GError **error);
/* Those of 'mailbox' are gone by now. */
bool journal_left_gone(struct journal *journal, const char *mailbox,
		       GError **error);
/* Whether a command went out whose end is not known. */
bool journal_in_doubt(struct journal *journal);
/* UIDs in 'mailbox' from 'from' on that items are known to have landed at. A
 * set, owned. NULL on failure. */
GHashTable *journal_taken(struct journal *journal, const char *mailbox,
			  uint64_t uidvalidity, uint32_t from, GError **error);
/* Message-IDs (of char *, owned) of what is on its way to 'mailbox'. A set,
 * owned. NULL on failure. */
GHashTable *journal_expected(struct journal *journal, const char *mailbox,
			     GError **error);

/* The items 'ids' have come to 'step'. */
bool journal_advance(struct journal *journal, const int64_t *ids, size_t n,
		     enum journal_step step, GError **error);
/* They have ended; 'reason' (or NULL) for the reader. */
bool journal_settle(struct journal *journal, const int64_t *ids, size_t n,
		    enum journal_state state, const char *reason,
		    GError **error);
/* Where the message of an item is now; it may be the place it was found at. */
bool journal_landed(struct journal *journal, int64_t id, uint32_t uid,
		    uint64_t uidvalidity, GError **error);
bool journal_found(struct journal *journal, int64_t id, uint32_t uid,
		   uint64_t uidvalidity, GError **error);
/* What a JOURNAL_RELINK replaces: it is brought back with that. */
bool journal_keep(struct journal *journal, int64_t id, const char *fields,
		  GError **error);
/* What waits behind a JOURNAL_RELINK for the same message is about the copy
 * from now on, where that one has landed. */
bool journal_relinked(struct journal *journal, int64_t id, GError **error);
/* All that waits in 'mailbox' is refused. */
bool journal_refuse(struct journal *journal, const char *mailbox,
		    const char *reason, GError **error);
/*
 * What is to be done with mailboxes and waits, the oldest first; of struct
 * journal_deed *, owned. NULL on failure.
 */
struct journal_deed {
	int64_t item;
	enum journal_kind kind;
	enum journal_step step; /* not NONE: its command went out */
	char *mailbox, *target; /* owned */
	uint32_t add, del;
	int64_t hold;	  /* seconds; not before; or 0 */
	unsigned tries;	  /* that were put off */
	bool quiet;
	bool blocked;	  /* a JOURNAL_DELETE: something that was done before
			     it waits in the mailbox, or goes there */
};
GPtrArray *journal_deeds(struct journal *journal, GError **error);
/* Its command is about to go out. '*claimed': it still waits. */
bool journal_claim_deed(struct journal *journal, int64_t item, bool *claimed,
			GError **error);
/* How many messages wait to leave a mailbox; 0 when that cannot be read. */
uint32_t journal_leaving(struct journal *journal, const char *mailbox);
/* Whether the journal knows that a mailbox of this name was made. False when
 * that cannot be read, too. */
bool journal_created(struct journal *journal, const char *mailbox);

/* The server has renamed mailbox 'name' and what is below it, as for
 * store_mailbox_rename(): what waits there or goes there follows. A deed that
 * waits knows its mailbox by the name that it will have. */
bool journal_rename(struct journal *journal, const char *name, const char *to,
		    char delimiter, GError **error);
/* Changes between them are one. */
bool journal_begin(struct journal *journal, GError **error);
bool journal_commit(struct journal *journal, GError **error);
void journal_rollback(struct journal *journal);

/*
 * Takes the last step back, or the last one that was taken back again: what
 * waits does not run, for the rest what undoes it is appended. 'sent' (of
 * int64_t *, or NULL): ids of items under way. '*what' (owned by the caller)
 * names the step; NULL: there is none. False when it cannot be taken back.
 */
bool journal_undo(struct journal *journal, bool redo, GHashTable *sent,
		  char **what, GError **error);
/* The same for one step, whatever was done since: it is taken back, or done
 * again when it has been; '*redone' tells which. */
bool journal_undo_step(struct journal *journal, int64_t step, GHashTable *sent,
		       bool *redone, char **what, GError **error);

/* Gives up what waits of the last step that has anything waiting: '*n'
 * messages stay as they are, what is done or 'sent' (as above) goes on. To
 * undo the step then takes back what was done. */
bool journal_stop(struct journal *journal, GHashTable *sent, unsigned *n,
		  GError **error);

/* What the journal's unfinished items want of a message. */
struct journal_intent {
	char *mailbox;	 /* owned */
	uint32_t uid;
	uint64_t uidvalidity;
	uint32_t add, del;
	bool gone;	 /* not to be shown in its mailbox */
	char *labels;	 /* "+work -later", owned, or NULL */
	char *fields;	 /* of the last JOURNAL_RELINK, owned, or NULL */
};
/* Of 'mailbox', NULL: of all. Of struct journal_intent, owned; each message
 * once. NULL on failure. */
GArray *journal_intents(struct journal *journal, const char *mailbox,
			GError **error);

struct journal_counts {
	unsigned waiting, refused; /* messages */
	unsigned foreign;	   /* of another server */
};
bool journal_count(struct journal *journal, struct journal_counts *counts,
		   GError **error);

/* An entry, for the reader. */
struct journal_line {
	int64_t entry;	 /* tells it from the others */
	int64_t step;	 /* for journal_undo_step(); 0: not by itself */
	int64_t made;	 /* seconds */
	char *what, *mailbox, *target, *reason; /* owned */
	unsigned waiting, refused, done, cancelled; /* messages */
	bool foreign, undone;
	bool back;	 /* it takes back what it is called after */
	int64_t hold;	 /* seconds; what waits is not tried before; or 0 */
};
/* First what waits or was refused, then the rest, the newest of each first, at
 * most 'most'. Of struct journal_line *, owned. */
GPtrArray *journal_lines(struct journal *journal, guint most, GError **error);
/* What was refused or put off of an entry is tried once more; what was
 * refused, or waits and was never sent, is given up. */
bool journal_again(struct journal *journal, int64_t entry, GError **error);
bool journal_drop(struct journal *journal, int64_t entry, GError **error);

/* ================= the view: a thread that reads ================= */

/*
 * All calls below are made by the UI thread and never block; answers come as
 * posts to the postbox given at the start. Every request gets exactly one
 * answer with its id.
 */
struct view;

/* Starts the view thread on the cache in 'dir', which need not exist yet. */
struct view *view_new(const char *account, const char *dir, struct postbox *ui);
void view_free(struct view *view);

enum view_post {
	VIEW_FOLDERS = 0x100, /* struct view_folders */
	VIEW_WINDOW,	      /* struct view_window */
	VIEW_MESSAGE,	      /* struct view_message */
	VIEW_LIMITED,	      /* struct view_limited */
	VIEW_FOUND,	      /* struct view_found */
	VIEW_PICKED,	      /* struct view_picked */
	VIEW_PEOPLE,	      /* struct view_people */
	VIEW_LISTED,	      /* struct view_listed */
};

/* The list of mailboxes, INBOX first, then by name without case, children
 * after their parents. */
uint32_t view_folders(struct view *view);

struct view_folders {
	struct post post;
	uint32_t request;
	char *account;	  /* owned */
	GPtrArray *list;  /* of struct store_mailbox, owned */
};

enum view_at {
	VIEW_AT_ID,	/* 'id'; if it is gone, what took its place */
	VIEW_AT_ROW,	/* row number 'row', clamped */
	VIEW_AT_NUMBER,	/* the message with number 'row' (of view_row); if a
			   limit or a fold hides it, 'id' and found false */
	VIEW_AT_FIRST,
	VIEW_AT_LAST,
	VIEW_AT_FIRST_NEW, /* mutt's first position: the first new message,
			      else the first unread, else the last row */
	/* seen from 'id'; nothing there: answered with 'id' and found false */
	VIEW_AT_NEXT_NEW, VIEW_AT_PREVIOUS_NEW,
	VIEW_AT_NEXT_UNREAD, VIEW_AT_PREVIOUS_UNREAD,
	VIEW_AT_NEXT_NEW_THEN_UNREAD, VIEW_AT_PREVIOUS_NEW_THEN_UNREAD,
	VIEW_AT_NEXT_UNDELETED, VIEW_AT_PREVIOUS_UNDELETED,
	VIEW_AT_NEXT_THREAD, VIEW_AT_PREVIOUS_THREAD,
	VIEW_AT_NEXT_SUBTHREAD, VIEW_AT_PREVIOUS_SUBTHREAD,
	VIEW_AT_PARENT, VIEW_AT_ROOT,
};

/*
 * An order; all zero but for 'aux' is a plain one. Messages are compared by
 * 'key', those that are equal by 'aux' and then by UID. In threads, siblings
 * are compared by 'aux' and threads by 'group', or by 'aux' when 'group' is
 * VIEW_BY_THREAD; "last" takes the greatest key of a message and of all below
 * it. 'reverse' of threads stands everything on its head.
 */
struct view_order {
	uint8_t key; /* enum view_key; threads by default */
	uint8_t aux;
	uint8_t group;
	bool reverse, reverse_aux, last_aux, reverse_group, last_group;
	bool stay_folded; /* new mail does not open a folded thread */
	uint8_t rules;	  /* VIEW_*_THREADS ..., how messages are joined */
	uint8_t drawn;	  /* VIEW_SHOW_* ..., what has a place in the tree */
	/* What begins a reply's subject; of g_intern_string(), or NULL for
	 * the default. */
	const char *reply;
};

enum {
	VIEW_STRICT_THREADS = 1 << 0, /* not by subject */
	VIEW_ANY_SUBJECT = 1 << 1,    /* by subject even without "Re:" */
	VIEW_DUPLICATES_APART = 1 << 2,
	VIEW_JOIN_BY_RECEIVED = 1 << 3, /* that date decides about subjects */
};

enum {
	VIEW_SHOW_MISSING = 1 << 0,
	VIEW_SHOW_TOP_MISSING = 1 << 1,
	VIEW_HIDE_LIMITED = 1 << 2,
	VIEW_HIDE_TOP_LIMITED = 1 << 3,
	VIEW_NARROW = 1 << 4, /* one cell a level */
};

/* The regular expression that 'reply' stands for when it is NULL. */
#define VIEW_REPLY "^(re)(\\[[0-9]+\\])*:[ \t]*"

enum view_key {
	VIEW_BY_THREAD,
	VIEW_BY_DATE,	  /* sent */
	VIEW_BY_RECEIVED,
	VIEW_BY_FROM,
	VIEW_BY_TO,
	VIEW_BY_SUBJECT,
	VIEW_BY_SIZE,
	VIEW_BY_LABEL,	  /* keywords; messages without come last */
	VIEW_EQUAL,	  /* scores and spam: nothing has any */
	VIEW_UNSORTED,	  /* by UID */
};

/*
 * Asks for rows around a place in mailbox 'mbox' (its name; NULL or "" for
 * INBOX) in 'order': at most 'before' rows above the place and 'after' from
 * it on. The order array stays between calls; the view reads what changed in
 * the cache first, so that the same call is "refresh".
 */
uint32_t view_window(struct view *view, const char *mailbox,
		     const struct view_order *order, enum view_at at,
		     int64_t id, int64_t row, int before, int after);

struct view_row {
	int64_t id;	   /* of the message in this cache, never reused */
	uint32_t uid;
	uint32_t flags;	   /* enum store_flag, the user's wishes merged in */
	int64_t sent, received;
	int zone;	   /* minutes east, of sent */
	uint64_t size;
	char *from, *from_name, *to, *to_name, *cc, *subject, *message_id,
		*list_id, *keywords; /* owned */
	char *tree;	   /* thread lines, a letter a cell: ' ' blank, '|' line,
			      '+' tee, '`' corner, ',' upper corner, 'T' 'B' a
			      line that goes down or up, '-' dash, '>' arrow, '*'
			      by subject, '=' same Message-ID, '?' missing
			      parent, '&' parent outside of the limit; "" for a
			      root */
	bool same_subject; /* mutt hides the subject of such a row */
	int thread_size;   /* messages in its thread */
	bool tagged;
	int64_t number;	   /* among all messages of the mailbox, from 1 */
	int64_t hidden;	   /* rows behind it: its thread is folded */
};

/* Frees its strings, not the row. Any thread. */
void view_row_clear(struct view_row *row);

struct view_window {
	struct post post;
	uint32_t request;
	char *account, *mailbox;  /* owned */
	bool exists;	   /* the mailbox is in the cache's list */
	bool found;	   /* the asked place was there */
	int64_t mbox;	   /* 0: not in the cache */
	int64_t total;	   /* rows in this order */
	int64_t all;	   /* messages, whether a limit shows them or not */
	bool limited;	   /* a limit is in effect or being made */
	int64_t tagged;	   /* messages, whether a limit shows them or not */
	int64_t unread, fresh, old, flagged, deleted; /* of all rows */
	uint64_t octets;   /* sum of sizes */
	int64_t server_total; /* what the server last said (EXISTS) */
	int64_t first;	   /* row number (from 0) of rows[0] */
	int64_t at;	   /* row number of the place */
	size_t n;
	struct view_row *rows; /* owned */
};

/*
 * Folds or unfolds threads and answers with a VIEW_WINDOW around message
 * 'id', or around what stands for it now; 'found' tells whether anything
 * changed. 'spared': a thread with such a message is not folded.
 */
enum view_fold {
	VIEW_FOLD_TOGGLE,     /* the thread of 'id' */
	VIEW_FOLD_TOGGLE_ALL, /* all; when all are folded already, none */
};
enum {
	VIEW_FOLD_SPARE_UNREAD = 1 << 0,
	VIEW_FOLD_SPARE_FLAGGED = 1 << 1,
	VIEW_FOLD_JUMP_UNREAD = 1 << 2, /* a thread that gets unfolded is
					   answered with the rows around its
					   first unread message */
};
uint32_t view_fold(struct view *view, const char *mailbox,
		   const struct view_order *order, enum view_fold what,
		   unsigned spared, int64_t id, int before, int after);

/*
 * From now on windows of 'mailbox' show what matches 'query' (given away;
 * NULL: everything). It is made in portions, beginning around message 'id';
 * other requests are answered in between, and windows show what was there
 * before until something has been found. New mail that matches comes in; what
 * does not match any more stays. Ends with another limit, or mailbox.
 */
uint32_t view_limit(struct view *view, const char *mailbox,
		    const struct view_order *order, struct query *query,
		    int64_t id);

/*
 * The next row that matches 'query' (given away), seen from message 'id'.
 * In portions too.
 */
uint32_t view_search(struct view *view, const char *mailbox,
		     const struct view_order *order, struct query *query,
		     int64_t id, bool backwards, bool wrap);

/*
 * Which messages are meant. Tags belong to the mailbox that windows are asked
 * of: they outlast limits, orders and what the server says, not the message,
 * and not the opening of another mailbox. What is away is shown no more though
 * the cache still has it: the user sent it elsewhere, and the session has yet
 * to say so to the cache.
 */
enum view_which {
	VIEW_PICK_IDS,	     /* these */
	VIEW_PICK_TAGGED,    /* and in the limit */
	VIEW_PICK_THREAD,    /* all of the thread of 'id' */
	VIEW_PICK_SUBTHREAD, /* 'id' and what is below it in the thread */
	VIEW_PICK_PATTERN,   /* what matches 'query' and is in the limit */
	VIEW_PICK_ALL,	     /* of the mailbox */
};
enum view_mark {
	VIEW_MARK_NONE,
	VIEW_MARK_TAG, VIEW_MARK_UNTAG,
	VIEW_MARK_AWAY, VIEW_MARK_BACK, /* opposites */
};
struct view_pick {
	enum view_which which;
	enum view_mark mark; /* what is done to them at once */
	int64_t id;
	const int64_t *ids;  /* borrowed */
	size_t n;
	struct query *query; /* given away */
	bool dates;	     /* those of their sending are wanted, too; not with
				a pattern */
};
/* Asks for a VIEW_PICKED. A pattern is looked for in portions. */
uint32_t view_pick(struct view *view, const char *mailbox,
		   const struct view_order *order,
		   const struct view_pick *pick);

/* Whom the newest messages of the sent mail went to, and whom those of INBOX
 * came from. Asks for a VIEW_PEOPLE. */
uint32_t view_people(struct view *view);

struct view_person {
	char *addresses; /* a list of them, as in a header; owned */
	int64_t when;	 /* seconds since the epoch */
	bool written_to; /* by the user; else they wrote */
};

struct view_people {
	struct post post;
	uint32_t request;
	char *account;	/* owned */
	GArray *list;	/* of struct view_person, owned */
};

/* Gives up the limit, the search and the choice by a pattern that are under
 * way: what was, stays. */
void view_cancel(struct view *view);

/* The messages of any mailbox, the newest (by UID) first, at most 'most'. The
 * mailbox that windows are asked of keeps its order, limit and tags. */
uint32_t view_list(struct view *view, const char *mailbox, int most);

struct view_listed {
	struct post post;
	uint32_t request;
	char *account, *mailbox; /* owned */
	uint64_t uidvalidity;	 /* 0: not known */
	GArray *rows;		 /* of struct view_row, owned */
};

enum view_result {
	VIEW_GOES_ON, /* a limit shows what was found so far; more will come */
	VIEW_DONE,
	VIEW_CANCELLED,
	VIEW_FAILED,
};

/* Any number with VIEW_GOES_ON, then one with another result. */
struct view_limited {
	struct post post;
	uint32_t request;
	char *account, *mailbox; /* owned */
	enum view_result result;
	int64_t found;
	int percent;	 /* of the messages that were looked at */
	bool gave_up;	 /* an expression was too costly for some of them */
};

struct view_found {
	struct post post;
	uint32_t request;
	char *account, *mailbox; /* owned */
	enum view_result result; /* never VIEW_GOES_ON */
	int64_t id;	 /* 0: nothing matches */
	bool wrapped;	 /* beyond the last row, or the first */
};

struct view_picked {
	struct post post;
	uint32_t request;
	char *account, *mailbox; /* owned */
	enum view_result result; /* never VIEW_GOES_ON */
	int64_t *ids;	 /* in the order of the list; owned */
	uint32_t *flags; /* of each: seen, answered, flagged, deleted, old;
			    owned */
	int64_t *dates;	 /* when each was sent; owned, or NULL */
	size_t n;
	int64_t tagged;	 /* messages that are now */
	bool gave_up;	 /* an expression was too costly for some of them */
};

/* What the cache holds of a message, for mail_render(). */
uint32_t view_message(struct view *view, int64_t id);

struct view_message {
	struct post post;
	uint32_t request;
	int64_t id;
	bool found;
	uint64_t size;
	GBytes *whole;	     /* owned, or NULL */
	GBytes *header;	     /* owned, or NULL */
	char *structure;     /* mail_part_write() text, owned, or NULL */
	GHashTable *sections; /* char * to GBytes *, owned */
};

#endif
