/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message: adding and removing messages. */
#include "config.h"

#include "arrange.h"

/* One message in so many numbers: then each is looked up by itself. */
#define SPARSE 64

/* Adds UIDs that 'mbox' (negative: its hidden messages) has in a span. */
static bool read_uids(struct store *store, int64_t mbox, uint32_t low,
		      uint32_t high, GHashTable *uids, GError **error)
{
	sqlite3_stmt *s = sql_query(store->sql,
				    "SELECT uid FROM msg WHERE mbox = ?"
				    " AND uid BETWEEN ? AND ?",
				    "iii", mbox, (int64_t)low, (int64_t)high);
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW)
		g_hash_table_add(uids, GUINT_TO_POINTER(
					       sqlite3_column_int64(s, 0)));
	return got == SQL_DONE;
}

static bool read_span(struct store *store, int64_t mbox, uint32_t low,
		      uint32_t high, GHashTable *uids, GError **error)
{
	return read_uids(store, mbox, low, high, uids, error) &&
	       read_uids(store, -mbox, low, high, uids, error);
}

/* Which of the messages are there already: in one walk, but where they lie
 * far apart. */
static bool read_known(struct store *store, int64_t mbox,
		       const struct store_message *messages, size_t n,
		       GHashTable *known, GError **error)
{
	uint32_t low = UINT32_MAX, high = 0;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		low = MIN(low, messages[i].uid);
		high = MAX(high, messages[i].uid);
	}
	if (n == 0 || (high - low) / SPARSE < n)
		return read_span(store, mbox, low, high, known, error);
	for (size_t i = 0; ok && i < n; i++)
		ok = read_span(store, mbox, messages[i].uid, messages[i].uid,
			       known, error);
	return ok;
}

/*
 * Messages that are there already get their flags, the others are put into
 * 'new': threads are read for those when no flag changes any more.
 */
static bool sort_out(struct store *store, int64_t mbox, GPtrArray *new,
		     GHashTable *known, GHashTable *seen,
		     const struct store_message *message, GError **error)
{
	gpointer uid = GUINT_TO_POINTER(message->uid);

	if (!g_hash_table_add(seen, uid))
		return true;
	if (g_hash_table_contains(known, uid))
		return store_set_flags(store, mbox, message->uid,
				       message->flags, message->keywords,
				       message->modseq, NULL, error);
	g_ptr_array_add(new, (gpointer)message);
	return true;
}

bool store_add(struct store *store, int64_t mbox,
	       const struct store_message *messages, size_t n, GError **error)
{
	g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autoptr(GPtrArray) new = g_ptr_array_new();
	struct counts counts = { 0 };
	struct arrange *arrange;
	bool ok, alone = !store->open;

	/* The flags of known messages are steps of their own inside this
	 * one, so it must be open for them. */
	if (alone && !store_begin(store, error))
		return false;
	ok = read_known(store, mbox, messages, n, known, error);
	for (size_t i = 0; ok && i < n; i++)
		ok = sort_out(store, mbox, new, known, seen, &messages[i],
			      error);
	arrange = arrange_new(store, mbox);
	for (guint i = 0; ok && i < new->len; i++)
		ok = arrange_add(arrange, g_ptr_array_index(new, i), error);
	ok = ok && arrange_finish(arrange, &counts, error) &&
	     counts_store(store, mbox, &counts, false, error);
	arrange_free(arrange);
	if (!alone)
		return ok;
	if (ok)
		return store_commit(store, error);
	store_rollback(store);
	return false;
}

static bool remove_row(struct store *store, int64_t id, GError **error)
{
	return sql_do(store->sql, error, "DELETE FROM msg WHERE id = ?", "i",
		      id) &&
	       sql_do(store->sql, error, "DELETE FROM hdr WHERE id = ?", "i",
		      id) &&
	       sql_do(store->sql, error, "DELETE FROM body WHERE id = ?", "i",
		      id);
}

/* What must be known of a message that goes. */
struct leaving {
	int64_t id, thread;
	uint64_t *ids; /* owned */
	size_t n_ids;
};

static bool find_leaving(struct store *store, int64_t mbox, uint32_t uid,
			 struct leaving *leaving, struct counts *counts,
			 GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.id, thr, shown, size, h.ids FROM msg m"
		" JOIN hdr h ON h.id = m.id WHERE mbox IN (?1, -?1)"
		" AND uid = ?2",
		"ii", mbox, (int64_t)uid);
	enum sql_result got = sql_step(store->sql, s, error);

	*leaving = (struct leaving){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	leaving->id = sqlite3_column_int64(s, 0);
	leaving->thread = sqlite3_column_int64(s, 1);
	/* Hidden ones are in no thread, and counted nowhere any more. */
	if (leaving->thread != 0)
		counts_add(counts, (uint32_t)sqlite3_column_int64(s, 2),
			   (uint64_t)sqlite3_column_int64(s, 3), -1);
	leaving->n_ids =
		(size_t)sqlite3_column_bytes(s, 4) / sizeof(uint64_t);
	leaving->ids = g_memdup2(sqlite3_column_blob(s, 4),
				 leaving->n_ids * sizeof(uint64_t));
	sql_end(s);
	return true;
}

static bool remove_rows(struct store *store, int64_t mbox,
			const uint32_t *uids, size_t n, GArray *left,
			struct counts *counts, GError **error)
{
	for (size_t i = 0; i < n; i++) {
		struct leaving leaving;

		if (!find_leaving(store, mbox, uids[i], &leaving, counts,
				  error))
			return false;
		if (leaving.id == 0)
			continue;
		if (leaving.thread != 0)
			g_array_append_val(left, leaving);
		else
			g_free(leaving.ids);
		if (!remove_row(store, leaving.id, error) ||
		    !store_log(store, mbox, CHANGE_GONE, leaving.id, error))
			return false;
	}
	return true;
}

static void leaving_clear(gpointer data)
{
	struct leaving *leaving = data;

	g_free(leaving->ids);
}

bool store_expunge(struct store *store, int64_t mbox, const uint32_t *uids,
		   size_t n, GError **error)
{
	g_autoptr(GArray) left =
		g_array_new(FALSE, FALSE, sizeof(struct leaving));
	struct counts counts = { 0 };
	struct arrange *arrange;
	bool ok;

	if (!step_begin(store, error))
		return false;
	g_array_set_clear_func(left, leaving_clear);
	ok = remove_rows(store, mbox, uids, n, left, &counts, error);
	arrange = arrange_new(store, mbox);
	for (guint i = 0; ok && i < left->len; i++) {
		const struct leaving *l =
			&g_array_index(left, struct leaving, i);

		ok = arrange_removed(arrange, l->thread, l->ids, l->n_ids,
				     error);
	}
	ok = ok && (left->len == 0 ||
		    arrange_finish(arrange, &counts, error)) &&
	     counts_store(store, mbox, &counts, true, error);
	arrange_free(arrange);
	return step_end(store, ok, error);
}

bool messages_clear(struct store *store, int64_t mbox, GError **error)
{
	struct sql *sql = store->sql;

	return sql_do(sql, error,
		      "DELETE FROM body WHERE id IN"
		      " (SELECT id FROM msg WHERE mbox IN (?1, -?1))",
		      "i", mbox) &&
	       sql_do(sql, error,
		      "DELETE FROM hdr WHERE id IN"
		      " (SELECT id FROM msg WHERE mbox IN (?1, -?1))",
		      "i", mbox) &&
	       sql_do(sql, error, "DELETE FROM msg WHERE mbox IN (?1, -?1)",
		      "i", mbox) &&
	       sql_do(sql, error, "DELETE FROM thr WHERE mbox = ?", "i",
		      mbox) &&
	       sql_do(sql, error, "DELETE FROM mid WHERE mbox = ?", "i",
		      mbox) &&
	       sql_do(sql, error,
		      "UPDATE mbox SET total = 0, unread = 0, fresh = 0,"
		      " flagged = 0, deleted = 0, octets = 0, complete = 0,"
		      " modseq = 0 WHERE id = ?",
		      "i", mbox) &&
	       store_log(store, mbox, CHANGE_ALL, 0, error);
}

GArray *store_uids(struct store *store, int64_t mbox, GError **error)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT uid FROM msg WHERE mbox IN (?1, -?1) ORDER BY uid",
		"i", mbox);
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW) {
		uint32_t uid = (uint32_t)sqlite3_column_int64(s, 0);

		g_array_append_val(uids, uid);
	}
	if (got == SQL_DONE)
		return uids;
	g_array_unref(uids);
	return NULL;
}

uint32_t store_uid_of(struct store *store, int64_t mbox, int64_t id)
{
	int64_t uid;

	sql_value(store->sql, &uid, 0, NULL,
		  "SELECT uid FROM msg WHERE id = ? AND mbox = ?", "ii", id,
		  mbox);
	return (uint32_t)uid;
}
