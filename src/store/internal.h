/* SPDX-License-Identifier: GPL-3.0-or-later */
/* internal: what the files of the store share. */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "sql.h"

#include "smew/store.h"

/* The bits of enum store_flag that the server has; the others are ours. */
#define STORE_SERVER_FLAGS 0xffu

struct store {
	struct sql *sql; /* owned */
	char *dir;	 /* owned */
	bool open;	 /* between store_begin() and its end */
	unsigned logged; /* entries since the log was last cut */
	int64_t version; /* of the file, when store_changed() last looked */
};

/* What a log entry tells readers of a mailbox. */
enum change {
	CHANGE_THREAD = 1, /* thread 'ref' was laid out again, or is gone */
	CHANGE_FLAGS,	/* the flags of message 'ref' changed */
	CHANGE_ALL,	/* everything: read it anew */
	CHANGE_GONE,	/* message 'ref' is gone */
	CHANGE_MANY,	/* threads, as CHANGE_THREAD: 'ref' is news_pack() of
			 * all of them */
};

/* More changes of threads than this are one entry of the log. */
#define CHANGES_MAX 100

/* Readers further behind than this read everything anew. */
#define LOG_KEPT 20000

bool store_log(struct store *store, int64_t mbox, enum change kind,
	       int64_t ref, GError **error);
/* Of int64_t, gets sorted. */
bool store_log_threads(struct store *store, int64_t mbox, GArray *threads,
		       GError **error);

/*
 * A public function that writes is one step: by itself a transaction, inside
 * store_begin() a part of that one. The end returns 'ok' if it could be kept.
 */
bool step_begin(struct store *store, GError **error);
bool step_end(struct store *store, bool ok, GError **error);

/* What is kept of a mailbox so that nothing has to be counted. */
struct counts {
	int64_t total, unread, fresh, flagged, deleted, octets;
};

static inline bool is_unread(uint32_t shown)
{
	return !(shown & STORE_SEEN);
}

static inline bool is_fresh(uint32_t shown)
{
	return !(shown & (STORE_SEEN | STORE_OLD));
}

/* Adds a message with these flags 'times' (1 or -1). */
void counts_add(struct counts *counts, uint32_t shown, uint64_t size,
		int times);
/* Adds 'change' to the mailbox's; 'known' says that these messages were
 * already part of what the server counted. */
bool counts_store(struct store *store, int64_t mbox,
		  const struct counts *change, bool known, GError **error);

/* What the user wants of a message's flags, in the place of what was wanted.
 * Inside a step. */
bool flags_set_wish(struct store *store, int64_t mbox, uint32_t uid,
		    uint32_t add, uint32_t del, GError **error);

/* The same for labels of all messages; 'wanted' is of struct store_intent by
 * UID. */
bool labels_set_wishes(struct store *store, int64_t mbox, GHashTable *wanted,
		       GError **error);

/* Removes all messages of a mailbox; its row stays. */
bool messages_clear(struct store *store, int64_t mbox, GError **error);

/* Bits of mbox.wish. The middle one is STORE_SUBSCRIBED. */
enum {
	WISH_GONE = 1 << 0,
	WISH_MADE = 1 << 1,
	WISH_SUBSCRIBED = STORE_SUBSCRIBED,
	WISH_UNSUBSCRIBED = STORE_SUBSCRIBED << 1,
};

/* Fills the columns of MAILBOX_COLUMNS in. */
#define MAILBOX_COLUMNS                                                        \
	"id, name, coalesce(alias, display), delimiter,"                       \
	" (attributes | (wish & 32)) & ~((wish & 64) >> 1),"                   \
	" role, uidvalidity,"                                                  \
	" uidnext, modseq, messages, complete, flagged,"                       \
	" CASE WHEN complete AND NOT counted THEN unread ELSE unseen END"
struct store_mailbox *mailbox_read(sqlite3_stmt *row);

#endif
