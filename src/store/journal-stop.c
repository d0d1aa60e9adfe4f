/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-stop: giving up what waits of a step while it is carried out. */
#include "config.h"

#include "journal-private.h"

/* Items that wait and of which nothing went out, of steps that the user made:
 * the taking back of one is not stopped half way. */
#define WAITING                                                                \
	" FROM item i INDEXED BY item_open JOIN entry e ON e.id = i.entry"     \
	" JOIN step p ON p.id = e.step WHERE i.state = 0 AND i.stage = 0"      \
	" AND e.kind NOT IN " OF_MAILBOXES " AND e.of = 0"                     \
	" AND p.visible AND NOT p.undone AND e.identity = ?1"

static bool is_sent(GHashTable *sent, int64_t id)
{
	return sent != NULL && g_hash_table_contains(sent, &id);
}

/* Of the last such step that has any that was not sent. */
static GArray *find_waiting(struct journal *journal, GHashTable *sent,
			    int64_t *step, GError **error)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	sqlite3_stmt *s = sql_query(journal->sql,
				    "SELECT p.id, i.id" WAITING
				    " ORDER BY p.id DESC, i.id",
				    "s", journal->identity);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW) {
		int64_t of = sqlite3_column_int64(s, 0);
		int64_t id = sqlite3_column_int64(s, 1);

		if (ids->len > 0 && of != *step) {
			sql_end(s);
			return ids;
		}
		*step = of;
		if (!is_sent(sent, id))
			g_array_append_val(ids, id);
	}
	if (got == SQL_DONE)
		return ids;
	g_array_unref(ids);
	return NULL;
}

/* Nothing of it was done: it is nothing that could be undone. */
static bool forget_if_empty(struct journal *journal, int64_t step,
			    GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE step SET visible = 0 WHERE id = ?1 AND NOT EXISTS"
		      " (SELECT 1 FROM item i JOIN entry e ON e.id = i.entry"
		      "  WHERE e.step = ?1 AND i.state <> 3)",
		      "i", step);
}

static bool give_up(struct journal *journal, GHashTable *sent, unsigned *n,
		    GError **error)
{
	int64_t step = 0;
	GArray *ids = find_waiting(journal, sent, &step, error);
	bool ok = ids != NULL;

	for (guint i = 0; ok && i < ids->len; i++)
		ok = sql_do(journal->sql, error,
			    "UPDATE item SET state = ? WHERE id = ?", "ii",
			    (int64_t)JOURNAL_CANCELLED,
			    g_array_index(ids, int64_t, i));
	*n = ok ? ids->len : 0;
	ok = ok && (*n == 0 || forget_if_empty(journal, step, error));
	if (ids != NULL)
		g_array_unref(ids);
	return ok;
}

bool journal_stop(struct journal *journal, GHashTable *sent, unsigned *n,
		  GError **error)
{
	*n = 0;
	return journal_step_begin(journal, error) &&
	       journal_step_end(journal, give_up(journal, sent, n, error),
				error);
}
