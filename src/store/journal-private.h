/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-private: what the files of the journal share. */
#ifndef STORE_JOURNAL_PRIVATE_H
#define STORE_JOURNAL_PRIVATE_H

#include "sql.h"

#include "smew/store.h"

#define JOURNAL_FILE "journal.db"

struct journal {
	struct sql *sql;  /* owned */
	char *identity;	  /* owned */
	char *dir;	  /* owned */
	int lock;	  /* of the executor; -1: another process has it */
	int64_t version;  /* of the data, as last seen */
	bool open;	  /* between journal_begin() and its end */
};

/* Opens or makes 'dir'/journal.db, as journal_open() does. */
struct sql *journal_open_file(const char *dir, char **notice, GError **error);

/*
 * The outbox's table, in the same file. 'wait' are the seconds that lie
 * between the entry's last change and 'at': a clock that was put back does
 * not make them longer. 0: 'at' is meant as it stands. 'rcpt' has an address
 * a line.
 */
#define OUTBOX_TABLE \
	"CREATE TABLE outbox (" \
	" id INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL," \
	" state INTEGER NOT NULL, todo INTEGER NOT NULL," \
	" made INTEGER NOT NULL, at INTEGER NOT NULL, wait INTEGER NOT NULL," \
	" tries INTEGER NOT NULL DEFAULT 0, again INTEGER NOT NULL DEFAULT 0," \
	" partly INTEGER NOT NULL DEFAULT 0," \
	" copying INTEGER NOT NULL DEFAULT 0, sender TEXT NOT NULL," \
	" rcpt TEXT NOT NULL, subject TEXT NOT NULL," \
	" message_id TEXT NOT NULL, size INTEGER NOT NULL," \
	" fcc TEXT NOT NULL, fcc_header TEXT NOT NULL," \
	" o_mailbox TEXT NOT NULL, o_uid INTEGER NOT NULL," \
	" o_validity INTEGER NOT NULL, o_message_id TEXT NOT NULL," \
	" forwarded INTEGER NOT NULL, d_mailbox TEXT NOT NULL," \
	" d_uid INTEGER NOT NULL, d_validity INTEGER NOT NULL," \
	" d_message_id TEXT NOT NULL, notify TEXT NOT NULL," \
	" ret TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '');" \
	"CREATE INDEX outbox_state ON outbox (state, at);"

/* The kinds of entries that are about mailboxes, not about messages. */
#define OF_MAILBOXES "(7, 8, 9, 10)"

/* As step_begin() and step_end() of the cache. */
bool journal_step_begin(struct journal *journal, GError **error);
bool journal_step_end(struct journal *journal, bool ok, GError **error);

/* Rows of the tables; ids, 0 on failure. */
int64_t journal_put_step(struct journal *journal, const char *what,
			 bool visible, GError **error);
int64_t journal_put_entry(struct journal *journal, int64_t step,
			  const struct journal_entry *entry, int64_t of,
			  GError **error);
/* 'after': the item whose place it takes when its own is not known yet. */
int64_t journal_put_item(struct journal *journal, int64_t entry,
			 enum journal_state state,
			 const struct journal_item *item, int64_t after,
			 GError **error);

/* What a step sends to a mailbox that has yet to be made waits for that. */
bool journal_need_mailboxes(struct journal *journal, int64_t step,
			    GError **error);

/* All of a step, as journal_append() has it. */
int64_t journal_put_all(struct journal *journal, const char *what,
			bool visible, const struct journal_entry *entries,
			size_t n, GError **error);

/* Why the entries of these items are not done, for the reader. */
bool journal_give_reason(struct journal *journal, const int64_t *ids, size_t n,
			 const char *reason, GError **error);
/* Wall clock, seconds. */
int64_t journal_now(void);

#endif
