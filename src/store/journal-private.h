/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-private: what the files of the journal share. */
#ifndef STORE_JOURNAL_PRIVATE_H
#define STORE_JOURNAL_PRIVATE_H

#include "sql.h"

#include "smew/store.h"

struct journal {
	struct sql *sql;  /* owned */
	char *identity;	  /* owned */
	char *dir;	  /* owned */
	int lock;	  /* of the executor; -1: another process has it */
	int64_t version;  /* of the data, as last seen */
	bool open;	  /* between journal_begin() and its end */
};

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

#endif
