/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intent: what the user did and the server has yet to do, as readers see it.
 * Flags are columns beside the server's. A message that leaves its mailbox has
 * the mailbox's number negated and no thread: no reader finds it, none has to
 * look for a mark, and its row, id and body are there when it comes back.
 */
#include "config.h"

#include "arrange.h"
#include "ids.h"

/* ---- out of sight ---- */

/* What must be known of a message that goes, or comes back. */
struct moved {
	int64_t id, thread;
	uint32_t shown;
	uint64_t size;
	uint64_t *ids; /* owned */
	size_t n_ids;
};

static void moved_clear(gpointer data)
{
	struct moved *moved = data;

	g_free(moved->ids);
}

/* 'moved->id' is 0 when there is no such message. */
static bool find_moved(struct store *store, int64_t mbox, uint32_t uid,
		       struct moved *moved, GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.id, thr, shown, size, h.ids FROM msg m"
		" JOIN hdr h ON h.id = m.id WHERE mbox = ? AND uid = ?",
		"ii", mbox, (int64_t)uid);
	enum sql_result got = sql_step(store->sql, s, error);

	*moved = (struct moved){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	moved->id = sqlite3_column_int64(s, 0);
	moved->thread = sqlite3_column_int64(s, 1);
	moved->shown = (uint32_t)sqlite3_column_int64(s, 2);
	moved->size = (uint64_t)sqlite3_column_int64(s, 3);
	moved->n_ids =
		(size_t)sqlite3_column_bytes(s, 4) / sizeof(uint64_t);
	moved->ids = g_memdup2(sqlite3_column_blob(s, 4),
			       moved->n_ids * sizeof(uint64_t));
	sql_end(s);
	return true;
}

static bool put_away(struct store *store, int64_t mbox, const uint32_t *uids,
		     size_t n, GArray *away, struct counts *counts,
		     GError **error)
{
	for (size_t i = 0; i < n; i++) {
		struct moved moved;

		if (!find_moved(store, mbox, uids[i], &moved, error))
			return false;
		if (moved.id == 0)
			continue;
		g_array_append_val(away, moved);
		counts_add(counts, moved.shown, moved.size, -1);
		if (!sql_do(store->sql, error,
			    "UPDATE msg SET mbox = -mbox, thr = 0"
			    " WHERE id = ?",
			    "i", moved.id) ||
		    !store_log(store, mbox, CHANGE_GONE, moved.id, error))
			return false;
	}
	return true;
}

static bool hide(struct store *store, int64_t mbox, const uint32_t *uids,
		 size_t n, GError **error)
{
	g_autoptr(GArray) away =
		g_array_new(FALSE, FALSE, sizeof(struct moved));
	struct counts counts = { 0 };
	struct arrange *arrange;
	bool ok;

	g_array_set_clear_func(away, moved_clear);
	ok = put_away(store, mbox, uids, n, away, &counts, error);
	if (!ok || away->len == 0)
		return ok;
	arrange = arrange_new(store, mbox);
	for (guint i = 0; ok && i < away->len; i++) {
		const struct moved *m = &g_array_index(away, struct moved, i);

		ok = arrange_removed(arrange, m->thread, m->ids, m->n_ids,
				     error);
	}
	ok = ok && arrange_finish(arrange, &counts, error) &&
	     counts_store(store, mbox, &counts, true, error);
	arrange_free(arrange);
	return ok;
}

static bool show(struct store *store, int64_t mbox, const uint32_t *uids,
		 size_t n, GError **error)
{
	struct arrange *arrange = arrange_new(store, mbox);
	struct counts counts = { 0 };
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		struct moved moved;

		ok = find_moved(store, -mbox, uids[i], &moved, error);
		if (ok && moved.id != 0) {
			counts_add(&counts, moved.shown, moved.size, 1);
			ok = sql_do(store->sql, error,
				    "UPDATE msg SET mbox = -mbox WHERE id = ?",
				    "i", moved.id) &&
			     arrange_restore(arrange, moved.id, error);
		}
		moved_clear(&moved);
	}
	/* Readers that were told it had gone read everything anew. */
	ok = ok && arrange_finish(arrange, &counts, error) &&
	     counts_store(store, mbox, &counts, true, error) &&
	     store_log(store, mbox, CHANGE_ALL, 0, error);
	arrange_free(arrange);
	return ok;
}

bool store_hide(struct store *store, int64_t mbox, const uint32_t *uids,
		size_t n, GError **error)
{
	return step_begin(store, error) &&
	       step_end(store, hide(store, mbox, uids, n, error), error);
}

/* ---- what they are replies to ---- */

struct linked {
	int64_t id; /* 0: there is no such message */
	bool hidden;
	char *message_id, *in_reply_to, *references; /* owned */
	char *links; /* owned; what the server has where that is another */
};

static void linked_clear(struct linked *linked)
{
	g_free(linked->message_id);
	g_free(linked->in_reply_to);
	g_free(linked->references);
	g_free(linked->links);
}

static bool find_linked(struct store *store, int64_t mbox, uint32_t uid,
			struct linked *linked, GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.id, m.mbox < 0, h.message_id,"
		" coalesce(h.in_reply_to, ''), coalesce(h.refs, ''), h.links"
		" FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE m.mbox IN (?1, -?1) AND m.uid = ?2",
		"ii", mbox, (int64_t)uid);
	enum sql_result got = sql_step(store->sql, s, error);

	*linked = (struct linked){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	linked->id = sqlite3_column_int64(s, 0);
	linked->hidden = sqlite3_column_int64(s, 1) != 0;
	linked->message_id = sql_string(s, 2);
	linked->in_reply_to = sql_string(s, 3);
	linked->references = sql_string(s, 4);
	if (sqlite3_column_type(s, 5) != SQLITE_NULL)
		linked->links = sql_string(s, 5);
	sql_end(s);
	return true;
}

static bool write_links(struct store *store, const struct linked *old,
			const char *in_reply_to, const char *references,
			const char *links, GError **error)
{
	g_autoptr(GArray) ids =
		ids_of(old->message_id, in_reply_to, references);

	return sql_do(store->sql, error,
		      "UPDATE hdr SET in_reply_to = ?, refs = ?, ids = ?,"
		      " links = ? WHERE id = ?",
		      "ssbsi", in_reply_to, references, ids->data,
		      (size_t)ids->len * sizeof(uint64_t), links, old->id);
}

/* Its thread is laid out anew, and the one it goes to. */
static bool relay(struct store *store, int64_t mbox, uint32_t uid,
		  const struct linked *old, const char *in_reply_to,
		  const char *references, const char *links, GError **error)
{
	if (g_str_equal(in_reply_to, old->in_reply_to) &&
	    g_str_equal(references, old->references) &&
	    g_strcmp0(links, old->links) == 0)
		return true;
	return (old->hidden || hide(store, mbox, &uid, 1, error)) &&
	       write_links(store, old, in_reply_to, references, links,
			   error) &&
	       (old->hidden || show(store, mbox, &uid, 1, error));
}

/* 'in_reply_to' NULL: it is as the server has it. */
static bool set_link(struct store *store, int64_t mbox, uint32_t uid,
		     const char *in_reply_to, const char *references,
		     GError **error)
{
	struct linked old;
	bool ok = find_linked(store, mbox, uid, &old, error);

	if (ok && old.id != 0 && in_reply_to != NULL) {
		g_autofree char *links =
			old.links != NULL
				? g_strdup(old.links)
				: g_strjoin("\n", old.in_reply_to,
					    old.references, NULL);

		ok = relay(store, mbox, uid, &old, in_reply_to, references,
			   links, error);
	} else if (ok && old.links != NULL) {
		g_auto(GStrv) lines = g_strsplit(old.links, "\n", 2);

		ok = relay(store, mbox, uid, &old, lines[0],
			   lines[1] != NULL ? lines[1] : "", NULL, error);
	}
	linked_clear(&old);
	return ok;
}

/* ---- all of them ---- */

/* UIDs (of uint32_t) that 'text' selects in 'mbox'. */
static GArray *select_uids(struct store *store, const char *text,
			   int64_t mbox, GError **error)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	sqlite3_stmt *s = sql_query(store->sql, text, "i", mbox);
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

/* Sets what flags are wanted of the messages that have a wish or get one. */
static bool set_wishes(struct store *store, int64_t mbox, GHashTable *wanted,
		       GError **error)
{
	GArray *uids = select_uids(
		store,
		"SELECT uid FROM msg WHERE mbox IN (?1, -?1)"
		" AND (want_add <> 0 OR want_del <> 0)",
		mbox, error);
	GHashTableIter iter;
	gpointer key, value;
	bool ok = uids != NULL;

	for (guint i = 0; ok && i < uids->len; i++) {
		uint32_t uid = g_array_index(uids, uint32_t, i);

		if (!g_hash_table_contains(wanted, GUINT_TO_POINTER(uid)))
			ok = flags_set_wish(store, mbox, uid, 0, 0, error);
	}
	if (uids != NULL)
		g_array_unref(uids);
	g_hash_table_iter_init(&iter, wanted);
	while (ok && g_hash_table_iter_next(&iter, &key, &value)) {
		const struct store_intent *intent = value;

		ok = flags_set_wish(store, mbox, intent->uid, intent->add,
				    intent->del, error);
	}
	return ok;
}

/* Sets what the messages are to be replies to that have such a wish or get
 * one. */
static bool set_links(struct store *store, int64_t mbox, GHashTable *wanted,
		      GError **error)
{
	GArray *uids = select_uids(
		store,
		"SELECT uid FROM hdr h INDEXED BY hdr_links"
		" CROSS JOIN msg m ON m.id = h.id"
		" WHERE h.links IS NOT NULL AND m.mbox IN (?1, -?1)",
		mbox, error);
	GHashTableIter iter;
	gpointer value;
	bool ok = uids != NULL;

	for (guint i = 0; ok && i < uids->len; i++) {
		uint32_t uid = g_array_index(uids, uint32_t, i);
		const struct store_intent *intent =
			g_hash_table_lookup(wanted, GUINT_TO_POINTER(uid));

		if (intent == NULL || intent->in_reply_to == NULL)
			ok = set_link(store, mbox, uid, NULL, NULL, error);
	}
	if (uids != NULL)
		g_array_unref(uids);
	g_hash_table_iter_init(&iter, wanted);
	while (ok && g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct store_intent *intent = value;

		if (intent->in_reply_to != NULL)
			ok = set_link(store, mbox, intent->uid,
				      intent->in_reply_to, intent->references,
				      error);
	}
	return ok;
}

/* Brings back what is hidden for no reason, hides what should be. */
static bool set_hidden(struct store *store, int64_t mbox, GHashTable *wanted,
		       GError **error)
{
	GArray *hidden = select_uids(
		store, "SELECT uid FROM msg WHERE mbox = ?", -mbox, error);
	g_autoptr(GArray) back = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_autoptr(GArray) away = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	GHashTableIter iter;
	gpointer value;

	if (hidden == NULL)
		return false;
	for (guint i = 0; i < hidden->len; i++) {
		uint32_t uid = g_array_index(hidden, uint32_t, i);
		const struct store_intent *intent =
			g_hash_table_lookup(wanted, GUINT_TO_POINTER(uid));

		if (intent == NULL || !intent->gone)
			g_array_append_val(back, uid);
	}
	g_array_unref(hidden);
	g_hash_table_iter_init(&iter, wanted);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct store_intent *intent = value;

		if (intent->gone)
			g_array_append_val(away, intent->uid);
	}
	return (back->len == 0 ||
		show(store, mbox, (uint32_t *)(void *)back->data, back->len,
		     error)) &&
	       (away->len == 0 ||
		hide(store, mbox, (uint32_t *)(void *)away->data, away->len,
		     error));
}

bool store_set_intents(struct store *store, int64_t mbox,
		       const struct store_intent *intents, size_t n,
		       GError **error)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
	bool ok = step_begin(store, error);

	if (!ok)
		return false;
	for (size_t i = 0; i < n; i++)
		g_hash_table_insert(wanted, GUINT_TO_POINTER(intents[i].uid),
				    (gpointer)(uintptr_t)&intents[i]);
	ok = set_hidden(store, mbox, wanted, error) &&
	     set_wishes(store, mbox, wanted, error) &&
	     labels_set_wishes(store, mbox, wanted, error) &&
	     set_links(store, mbox, wanted, error);
	return step_end(store, ok, error);
}

GPtrArray *store_wishful(struct store *store, GError **error)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT name FROM mbox WHERE id IN"
		" (SELECT abs(mbox) FROM msg WHERE want_add <> 0"
		"  OR want_del <> 0 UNION SELECT -mbox FROM msg"
		"  WHERE mbox < 0 UNION SELECT abs(m.mbox) FROM hdr h"
		"  INDEXED BY hdr_base JOIN msg m ON m.id = h.id"
		"  WHERE h.base IS NOT NULL UNION SELECT abs(m.mbox)"
		"  FROM hdr h INDEXED BY hdr_links JOIN msg m ON m.id = h.id"
		"  WHERE h.links IS NOT NULL)",
		"");
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(names, sql_string(s, 0));
	if (got == SQL_DONE)
		return names;
	g_ptr_array_unref(names);
	return NULL;
}

/* ---- which messages ---- */

bool store_identify(struct store *store, int64_t mbox, int64_t id,
		    struct store_identity *identity, GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT uid, shown, recv, size, h.message_id, h.keywords,"
		" coalesce(h.in_reply_to, '') <> '' OR"
		" coalesce(h.refs, '') <> '' FROM msg m"
		" JOIN hdr h ON h.id = m.id WHERE m.id = ? AND mbox = ?",
		"ii", id, mbox);
	enum sql_result got = sql_step(store->sql, s, error);

	*identity = (struct store_identity){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	identity->uid = (uint32_t)sqlite3_column_int64(s, 0);
	identity->flags = (uint32_t)sqlite3_column_int64(s, 1);
	identity->received = sqlite3_column_int64(s, 2);
	identity->size = (uint64_t)sqlite3_column_int64(s, 3);
	identity->message_id = sql_string(s, 4);
	identity->keywords = sql_string(s, 5);
	identity->answers = sqlite3_column_int64(s, 6) != 0;
	sql_end(s);
	return true;
}

/* With one of 'flags' at least, or not hidden where that is 0. */
static GArray *ids_with(struct store *store, int64_t mbox, uint32_t flags,
			GError **error)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	sqlite3_stmt *s = sql_query(store->sql,
				    "SELECT id FROM msg WHERE mbox = ?1"
				    " AND CASE ?2 WHEN 0 THEN thr <> 0"
				    " ELSE shown & ?2 END ORDER BY uid",
				    "ii", mbox, (int64_t)flags);
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW) {
		int64_t id = sqlite3_column_int64(s, 0);

		g_array_append_val(ids, id);
	}
	if (got == SQL_DONE)
		return ids;
	g_array_unref(ids);
	return NULL;
}

GArray *store_shown(struct store *store, int64_t mbox, GError **error)
{
	return ids_with(store, mbox, 0, error);
}

GArray *store_deleted(struct store *store, int64_t mbox, GError **error)
{
	return ids_with(store, mbox, STORE_DELETED, error);
}

char *store_role_name(struct store *store, enum store_role role)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT name FROM mbox WHERE role = ? ORDER BY id LIMIT 1",
		"i", (int64_t)role);
	char *name;

	if (sql_step(store->sql, s, NULL) != SQL_ROW)
		return NULL;
	name = sql_string(s, 0);
	sql_end(s);
	return name;
}
