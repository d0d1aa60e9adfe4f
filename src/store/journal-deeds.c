/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-deeds: what is to be done with mailboxes, beside messages. */
#include "config.h"

#include "journal-private.h"

static void deed_free(gpointer data)
{
	struct journal_deed *deed = data;

	g_free(deed->mailbox);
	g_free(deed->target);
	g_free(deed);
}

static struct journal_deed *read_deed(sqlite3_stmt *s)
{
	struct journal_deed *deed = g_new0(struct journal_deed, 1);

	deed->item = sqlite3_column_int64(s, 0);
	deed->kind = (enum journal_kind)sqlite3_column_int64(s, 1);
	deed->step = (enum journal_step)sqlite3_column_int64(s, 2);
	deed->mailbox = sql_string(s, 3);
	deed->target = sql_string(s, 4);
	deed->add = (uint32_t)sqlite3_column_int64(s, 5);
	deed->del = (uint32_t)sqlite3_column_int64(s, 6);
	deed->hold = sqlite3_column_int64(s, 7);
	deed->tries = (unsigned)sqlite3_column_int64(s, 8);
	deed->blocked = sqlite3_column_int64(s, 9) != 0;
	deed->quiet = g_strcmp0((const char *)sqlite3_column_text(s, 10),
				JOURNAL_QUIET) == 0;
	return deed;
}

GPtrArray *journal_deeds(struct journal *journal, GError **error)
{
	GPtrArray *deeds = g_ptr_array_new_with_free_func(deed_free);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.id, e.kind, i.stage, e.mailbox, e.target, e.want_add,"
		" e.want_del, i.hold, i.tries, e.kind = 9 AND EXISTS"
		" (SELECT 1 FROM item w INDEXED BY item_open"
		"  JOIN entry f ON f.id = w.entry"
		"  WHERE w.state = 0 AND w.id < i.id AND f.kind NOT IN " OF_MAILBOXES
		"  AND f.identity = e.identity"
		"  AND e.mailbox IN (f.mailbox, f.target)), e.detail"
		" FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry"
		" WHERE i.state = 0 AND e.kind IN " OF_MAILBOXES
		" AND e.identity = ?"
		" ORDER BY i.id",
		"s", journal->identity);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(deeds, read_deed(s));
	if (got == SQL_DONE)
		return deeds;
	g_ptr_array_unref(deeds);
	return NULL;
}

bool journal_claim_deed(struct journal *journal, int64_t item, bool *claimed,
			GError **error)
{
	if (!sql_do(journal->sql, error,
		    "UPDATE item SET stage = 1, hold = 0"
		    " WHERE id = ? AND state = 0",
		    "i", item))
		return false;
	*claimed = sqlite3_changes(sql_handle(journal->sql)) > 0;
	return true;
}

uint32_t journal_leaving(struct journal *journal, const char *mailbox)
{
	int64_t n;

	return sql_value(journal->sql, &n, 0, NULL,
			 "SELECT count(*) FROM item i INDEXED BY item_open"
			 " JOIN entry e ON e.id = i.entry WHERE i.state = 0"
			 " AND e.kind IN (1, 3, 11) AND e.mailbox = ?"
			 " AND e.identity = ?",
			 "ss", mailbox, journal->identity)
		       ? (uint32_t)n
		       : 0;
}

bool journal_created(struct journal *journal, const char *mailbox)
{
	int64_t n;

	return sql_value(journal->sql, &n, 0, NULL,
			 "SELECT count(*) FROM entry e JOIN item i"
			 " ON i.entry = e.id WHERE e.kind = 7 AND i.state = 1"
			 " AND e.mailbox = ? AND e.identity = ?",
			 "ss", mailbox, journal->identity) &&
	       n > 0;
}

bool journal_need_mailboxes(struct journal *journal, int64_t step,
			    GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE item SET needs = m.made FROM entry e JOIN"
		      " (SELECT f.mailbox, f.identity, max(i.id) AS made"
		      "  FROM item i INDEXED BY item_open"
		      "  JOIN entry f ON f.id = i.entry"
		      "  WHERE i.state = 0 AND f.kind = 7 GROUP BY 1, 2) m"
		      " ON m.mailbox = e.target AND m.identity = e.identity"
		      " WHERE e.id = item.entry AND e.step = ?"
		      " AND e.kind IN (1, 2, 5) AND item.state = 0"
		      " AND item.needs = 0",
		      "i", step);
}
