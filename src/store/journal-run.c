/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal-run: what is being sent. An item is claimed before a command for it
 * goes out, so that another process that takes it back meanwhile knows that
 * it may have happened; one that cannot be done now is held for a while.
 */
#include "config.h"

#include "journal-private.h"

/* Whether the item was there to be claimed. */
static bool claim(struct journal *journal, const struct journal_item *item,
		  enum journal_step step, bool *claimed, GError **error)
{
	if (!sql_do(journal->sql, error,
		    "UPDATE item SET stage = ?, uid = ?, validity = ?,"
		    " floor = ?, made = ?, hold = 0"
		    " WHERE id = ? AND state = 0",
		    "iiiiii", (int64_t)step, (int64_t)item->uid,
		    (int64_t)item->uidvalidity, (int64_t)item->floor,
		    (int64_t)item->made, item->id))
		return false;
	*claimed = sqlite3_changes(sql_handle(journal->sql)) > 0;
	return true;
}

bool journal_claim(struct journal *journal, struct journal_batch *batch,
		   enum journal_step step, GError **error)
{
	bool ok = journal_step_begin(journal, error);
	guint kept = 0;

	if (!ok)
		return false;
	for (guint i = 0; ok && i < batch->items->len; i++) {
		struct journal_item *item =
			&g_array_index(batch->items, struct journal_item, i);
		struct journal_item *place = &g_array_index(
			batch->items, struct journal_item, kept);
		bool claimed = false;
		struct journal_item swap = *place;

		ok = claim(journal, item, step, &claimed, error);
		if (!claimed)
			continue;
		*place = *item;
		if (kept++ != i)
			*item = swap;
	}
	for (guint i = kept; ok && i < batch->items->len; i++)
		g_free(g_array_index(batch->items, struct journal_item, i)
			       .message_id);
	if (ok) {
		g_array_set_size(batch->items, kept);
		batch->step = step;
	}
	return journal_step_end(journal, ok, error);
}

bool journal_keep(struct journal *journal, int64_t id, const char *fields,
		  GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE item SET kept = ? WHERE id = ?", "si", fields,
		      id);
}

bool journal_relinked(struct journal *journal, int64_t id, GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE item SET uid = r.landed,"
		      " validity = r.landed_validity,"
		      " size = CASE r.made WHEN 0 THEN item.size"
		      "  ELSE r.made END"
		      " FROM item r JOIN entry e ON e.id = r.entry"
		      " JOIN entry f ON f.mailbox = e.mailbox"
		      "  AND f.identity = e.identity"
		      " WHERE r.id = ?1 AND r.landed <> 0"
		      " AND item.uid = r.uid AND item.uid <> 0"
		      " AND item.validity = r.validity"
		      " AND item.id > r.id AND item.state = 0"
		      " AND f.id = item.entry",
		      "i", id);
}

bool journal_hold(struct journal *journal, const int64_t *ids, size_t n,
		  int64_t until, const char *reason, GError **error)
{
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = sql_do(journal->sql, error,
			    "UPDATE item SET hold = ?, tries = tries + 1"
			    " WHERE id = ? AND state = 0",
			    "ii", until, ids[i]);
	ok = ok && (reason == NULL ||
		    journal_give_reason(journal, ids, n, reason, error));
	return journal_step_end(journal, ok, error);
}

bool journal_holds_until(struct journal *journal, int64_t *until,
			 GError **error)
{
	return sql_value(journal->sql, until, 0, error,
			 "SELECT min(i.hold) FROM item i INDEXED BY item_open"
			 " JOIN entry e ON e.id = i.entry"
			 " WHERE i.state = 0 AND e.identity = ? AND i.hold > ?",
			 "si", journal->identity, journal_now());
}

bool journal_in_doubt(struct journal *journal)
{
	int64_t n;

	return sql_value(journal->sql, &n, 0, NULL,
			 "SELECT count(*) FROM item INDEXED BY item_open"
			 " WHERE state = 0 AND stage <> 0",
			 "") &&
	       n > 0;
}

GHashTable *journal_taken(struct journal *journal, const char *mailbox,
			  uint64_t uidvalidity, uint32_t from, GError **error)
{
	GHashTable *taken = g_hash_table_new(NULL, NULL);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.landed FROM item i INDEXED BY item_landed"
		" JOIN entry e ON e.id = i.entry WHERE i.landed >= ?"
		" AND i.landed_validity = ? AND e.identity = ?"
		" AND e.target = ? AND i.landed <> 0",
		"iiss", (int64_t)from, (int64_t)uidvalidity,
		journal->identity, mailbox);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_hash_table_add(taken,
				 GUINT_TO_POINTER((uint32_t)
					 sqlite3_column_int64(s, 0)));
	if (got == SQL_DONE)
		return taken;
	g_hash_table_unref(taken);
	return NULL;
}

GHashTable *journal_expected(struct journal *journal, const char *mailbox,
			     GError **error)
{
	GHashTable *expected = g_hash_table_new_full(g_str_hash, g_str_equal,
						     g_free, NULL);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.message_id FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry WHERE i.state = 0"
		" AND e.identity = ? AND e.target = ? AND i.message_id <> ''",
		"ss", journal->identity, mailbox);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_hash_table_add(expected, sql_string(s, 0));
	if (got == SQL_DONE)
		return expected;
	g_hash_table_unref(expected);
	return NULL;
}

GHashTable *journal_left(struct journal *journal, const char *mailbox,
			 uint64_t uidvalidity, GError **error)
{
	GHashTable *left = g_hash_table_new(NULL, NULL);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.uid FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry WHERE i.state = 4"
		" AND i.validity = ? AND e.identity = ? AND e.mailbox = ?",
		"iss", (int64_t)uidvalidity, journal->identity, mailbox);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_hash_table_add(left, GUINT_TO_POINTER((uint32_t)
					       sqlite3_column_int64(s, 0)));
	if (got == SQL_DONE)
		return left;
	g_hash_table_unref(left);
	return NULL;
}

bool journal_left_gone(struct journal *journal, const char *mailbox,
		       GError **error)
{
	bool ok = journal_step_begin(journal, error);

	ok = ok && sql_do(journal->sql, error,
			  "UPDATE item SET state = 1 WHERE state = 4"
			  " AND entry IN (SELECT id FROM entry"
			  "  WHERE identity = ? AND mailbox = ?)",
			  "ss", journal->identity, mailbox);
	return journal_step_end(journal, ok, error);
}
