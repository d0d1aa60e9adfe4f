/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "arrange.h"

#include <string.h>

#include "ids.h"
#include "thread.h"

/* Each round of looking for neighbours by subject loads whole threads; this
 * many rounds end any chain that mail can make. */
#define ROUNDS_MAX 16

/* When messages left small threads, what the others refer to is looked up
 * again; in larger ones the chance is not worth the time. */
#define RELOOK_MAX 200

/* A row of thr. */
struct row {
	int64_t id;
	int64_t last, newest, first;
	int64_t uid; /* of the one that is 'last' */
	int64_t n, unread, fresh;
	int64_t subject, reply, joined;
	bool kept; /* a thread has it again */
};

struct arrange {
	struct store *store; /* borrowed */
	int64_t mbox;
	struct thread_world *world;
	GHashTable *loaded; /* thread id in the row to owned struct row */
	GHashTable *known;  /* owned uint64_t to owned int64_t: from mid */
	GArray *gone;	    /* uint64_t: ids of removed messages */
	GArray *changed;    /* int64_t: threads, for the log */
	struct counts *counts; /* borrowed, during the finish */
	GError **error;	       /* likewise */
	bool failed;
};

/* Other ways are for readers to make of it. */
static const struct thread_rules as_stored = { 0 };

struct arrange *arrange_new(struct store *store, int64_t mbox)
{
	struct arrange *a = g_new0(struct arrange, 1);

	a->store = store;
	a->mbox = mbox;
	a->world = thread_world_new(&as_stored);
	a->loaded = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL,
					  g_free);
	a->known = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
					 g_free);
	a->gone = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	a->changed = g_array_new(FALSE, FALSE, sizeof(int64_t));
	return a;
}

void arrange_free(struct arrange *a)
{
	g_array_unref(a->changed);
	g_array_unref(a->gone);
	g_hash_table_unref(a->known);
	g_hash_table_unref(a->loaded);
	thread_world_free(a->world);
	g_free(a);
}

static void read_item(struct arrange *a, sqlite3_stmt *s, int64_t thread)
{
	struct thread_item *item = thread_world_add(a->world);
	const char *subject;

	item->id = sqlite3_column_int64(s, 0);
	item->uid = (uint32_t)sqlite3_column_int64(s, 1);
	item->shown = (uint32_t)sqlite3_column_int64(s, 2);
	item->sent = sqlite3_column_int64(s, 3);
	item->received = sqlite3_column_int64(s, 4);
	item->old.thread = thread;
	item->old.ord = (uint32_t)sqlite3_column_int64(s, 5);
	item->old.depth = (uint32_t)sqlite3_column_int64(s, 6);
	item->old.look = (uint32_t)sqlite3_column_int64(s, 7);
	item->n_ids = (size_t)sqlite3_column_bytes(s, 8) / sizeof(uint64_t);
	item->ids = g_memdup2(sqlite3_column_blob(s, 8),
			      item->n_ids * sizeof(uint64_t));
	if (item->n_ids == 0) {
		item->ids = g_new0(uint64_t, 1);
		item->n_ids = 1;
	}
	subject = (const char *)sqlite3_column_text(s, 9);
	item->subject = ids_subject(NULL, subject, &item->reply);
}

static bool load_items(struct arrange *a, int64_t thread, GError **error)
{
	struct sql *sql = a->store->sql;
	sqlite3_stmt *s = sql_query(
		sql,
		"SELECT m.id, uid, shown, sent, recv, ord, depth, look,"
		" h.ids, h.subject FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE mbox = ? AND thr = ?",
		"ii", a->mbox, thread);
	enum sql_result got;

	while ((got = sql_step(sql, s, error)) == SQL_ROW)
		read_item(a, s, thread);
	return got == SQL_DONE;
}

/* Once; a thread that is not there (any more) is left out. */
static bool load_thread(struct arrange *a, int64_t thread, GError **error)
{
	struct sql *sql = a->store->sql;
	struct row *row;
	sqlite3_stmt *s;
	enum sql_result got;

	if (g_hash_table_contains(a->loaded, &thread))
		return true;
	s = sql_query(sql,
		      "SELECT last, newest, first, n, unread, fresh, subject,"
		      " reply, joined, uid FROM thr WHERE id = ? AND mbox = ?",
		      "ii", thread, a->mbox);
	got = sql_step(sql, s, error);
	if (got != SQL_ROW)
		return got == SQL_DONE;
	row = g_new0(struct row, 1);
	row->id = thread;
	row->last = sqlite3_column_int64(s, 0);
	row->newest = sqlite3_column_int64(s, 1);
	row->first = sqlite3_column_int64(s, 2);
	row->n = sqlite3_column_int64(s, 3);
	row->unread = sqlite3_column_int64(s, 4);
	row->fresh = sqlite3_column_int64(s, 5);
	row->subject = sqlite3_column_int64(s, 6);
	row->reply = sqlite3_column_int64(s, 7);
	row->joined = sqlite3_column_int64(s, 8);
	row->uid = sqlite3_column_int64(s, 9);
	sql_end(s);
	g_hash_table_insert(a->loaded, &row->id, row);
	return load_items(a, thread, error);
}

/* Looks an id up in mid once and loads the thread it is in. */
static bool look_up(struct arrange *a, uint64_t hash, GError **error)
{
	int64_t thread;

	if (hash == 0 || g_hash_table_contains(a->known, &hash))
		return true;
	if (!sql_value(a->store->sql, &thread, 0, error,
		       "SELECT thr FROM mid WHERE mbox = ? AND hash = ?", "ii",
		       a->mbox, (int64_t)hash))
		return false;
	g_hash_table_insert(a->known, g_memdup2(&hash, sizeof(hash)),
			    g_memdup2(&thread, sizeof(thread)));
	return thread == 0 || load_thread(a, thread, error);
}

bool arrange_add(struct arrange *a, const struct store_message *message,
		 GError **error)
{
	GArray *ids = ids_of(message->message_id, message->in_reply_to,
			     message->references);
	struct thread_item *item = thread_world_add(a->world);

	item->source = message;
	item->uid = message->uid;
	item->shown = message->flags;
	item->sent = message->sent;
	item->received =
		message->received != 0 ? message->received : message->sent;
	item->subject = ids_subject(NULL, message->subject, &item->reply);
	item->n_ids = ids->len;
	item->ids = (uint64_t *)g_array_free(ids, FALSE);
	for (size_t i = 0; i < item->n_ids; i++)
		if (!look_up(a, item->ids[i], error))
			return false;
	return true;
}

bool arrange_restore(struct arrange *a, int64_t id, GError **error)
{
	sqlite3_stmt *s = sql_query(
		a->store->sql,
		"SELECT m.id, uid, shown, sent, recv, ord, depth, look,"
		" h.ids, h.subject FROM msg m JOIN hdr h ON h.id = m.id"
		" WHERE m.id = ?",
		"i", id);
	enum sql_result got = sql_step(a->store->sql, s, error);
	GPtrArray *items;
	struct thread_item *item;

	if (got != SQL_ROW)
		return got == SQL_DONE;
	read_item(a, s, 0);
	sql_end(s);
	items = thread_world_items(a->world);
	item = g_ptr_array_index(items, items->len - 1);
	for (size_t i = 0; i < item->n_ids; i++)
		if (!look_up(a, item->ids[i], error))
			return false;
	return true;
}

bool arrange_removed(struct arrange *a, int64_t thread, const uint64_t *ids,
		     size_t n, GError **error)
{
	g_array_append_vals(a->gone, ids, (guint)n);
	return load_thread(a, thread, error);
}

/* What is left may belong to threads through ids that played no part while
 * the removed message was there. */
static bool look_again(struct arrange *a, GError **error)
{
	GPtrArray *items = thread_world_items(a->world);
	guint n = items->len;

	if (n > RELOOK_MAX)
		return true;
	for (guint i = 0; i < n; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);

		for (size_t k = 1; k < item->n_ids; k++)
			if (!look_up(a, item->ids[k], error))
				return false;
	}
	return true;
}

/* ---- neighbours by subject ---- */

static struct thread_item *top_of(const struct thread_part *part)
{
	return g_ptr_array_index(part->tops, 0);
}

/* Whether the part is where it was as far as subjects go: then nothing
 * outside of what is loaded can concern it. */
static bool is_settled(struct arrange *a, const struct thread_part *part)
{
	const struct thread_item *top = top_of(part);
	const struct row *row;

	if (top->old.thread == 0)
		return false;
	if (part->into != NULL)
		return top_of(part->into)->old.thread == top->old.thread;
	row = g_hash_table_lookup(a->loaded, &top->old.thread);
	return row->subject == (int64_t)top->subject &&
	       row->first == top->sent && (row->reply != 0) == top->reply;
}

/* Threads that begin with a reply and found nothing to join: at most one a
 * subject, but for equal dates. */
static bool find_orphans(struct arrange *a, uint64_t subject, GArray *found,
			 GError **error)
{
	struct sql *sql = a->store->sql;
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT id FROM thr"
				    " INDEXED BY thr_subject"
				    " WHERE mbox = ? AND subject = ?"
				    " AND subject <> 0 AND reply = 1 LIMIT 8",
				    "ii", a->mbox, (int64_t)subject);
	enum sql_result got;

	while ((got = sql_step(sql, s, error)) == SQL_ROW) {
		int64_t thread = sqlite3_column_int64(s, 0);

		g_array_append_val(found, thread);
	}
	return got == SQL_DONE;
}

/*
 * The latest thread of the subject that began before 'part': what a reply
 * belongs to, and what an original may take replies from.
 */
static bool find_earlier(struct arrange *a, const struct thread_part *part,
			 GArray *found, GError **error)
{
	const struct thread_item *top = top_of(part);
	struct sql *sql = a->store->sql;
	sqlite3_stmt *s = sql_query(
		sql,
		"SELECT id, first, joined FROM thr INDEXED BY thr_subject"
		" WHERE mbox = ? AND subject = ? AND subject <> 0"
		" AND reply = 0 AND first <= ? ORDER BY first DESC",
		"iii", a->mbox, (int64_t)top->subject, top->sent);
	enum sql_result got;

	while ((got = sql_step(sql, s, error)) == SQL_ROW) {
		int64_t thread = sqlite3_column_int64(s, 0);
		int64_t first = sqlite3_column_int64(s, 1);
		bool joined = sqlite3_column_int64(s, 2) != 0;
		bool loaded = g_hash_table_contains(a->loaded, &thread);

		if (part->into != NULL && first < top_of(part->into)->sent)
			break;
		if (!loaded && (top->reply || joined))
			g_array_append_val(found, thread);
		if ((!loaded && first < top->sent) || !top->reply)
			break;
	}
	if (got == SQL_ROW)
		sql_end(s);
	return got != SQL_FAIL;
}

static bool find_neighbours(struct arrange *a, GArray *found, GError **error)
{
	GPtrArray *parts = thread_world_parts(a->world);

	g_array_set_size(found, 0);
	for (guint i = 0; i < parts->len; i++) {
		const struct thread_part *part = g_ptr_array_index(parts, i);
		uint64_t subject = top_of(part)->subject;

		if (subject == 0 || is_settled(a, part))
			continue;
		if (!find_orphans(a, subject, found, error) ||
		    !find_earlier(a, part, found, error))
			return false;
	}
	return true;
}

/* Links, and loads what the links show to be concerned, until that is all. */
static bool link_all(struct arrange *a, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (int round = 0; round < ROUNDS_MAX; round++) {
		guint before;

		thread_world_link(a->world);
		before = g_hash_table_size(a->loaded);
		if (!find_neighbours(a, found, error))
			return false;
		for (guint i = 0; i < found->len; i++)
			if (!load_thread(a, g_array_index(found, int64_t, i),
					 error))
				return false;
		if (g_hash_table_size(a->loaded) == before)
			break;
	}
	return true;
}

/* ---- writing ---- */

static bool insert_message(struct arrange *a, struct thread_item *item)
{
	const struct store_message *m = item->source;
	const struct thread_place *p = &item->place;
	struct sql *sql = a->store->sql;

	if (!sql_do(sql, a->error,
		    "INSERT INTO msg (mbox, uid, flags, shown, modseq, sent,"
		    " recv, size, thr, ord, depth, look)"
		    " VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
		    " ?11)",
		    "iiiiiiiiiii", a->mbox, (int64_t)m->uid,
		    (int64_t)m->flags, (int64_t)m->modseq, item->sent,
		    item->received, (int64_t)m->size, p->thread,
		    (int64_t)p->ord, (int64_t)p->depth, (int64_t)p->look))
		return false;
	item->id = sqlite3_last_insert_rowid(sql_handle(sql));
	counts_add(a->counts, m->flags, m->size, 1);
	return sql_do(sql, a->error,
		      "INSERT INTO hdr (id, ids, subject, sender, sender_name,"
		      " recipient, recipient_name, cc, message_id,"
		      " in_reply_to, refs, list_id, keywords, zone, structure)"
		      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      "ibsssssssssssis", item->id, item->ids,
		      item->n_ids * sizeof(uint64_t), m->subject, m->from,
		      m->from_name, m->to, m->to_name, m->cc, m->message_id,
		      m->in_reply_to, m->references, m->list_id, m->keywords,
		      (int64_t)m->zone, m->structure);
}

static bool same_place(const struct thread_place *a,
		       const struct thread_place *b)
{
	return a->thread == b->thread && a->ord == b->ord &&
	       a->depth == b->depth && a->look == b->look;
}

/* '*changed' is set when the row had to be written. */
static bool write_item(struct arrange *a, struct thread_item *item,
		       bool *changed)
{
	const struct thread_place *p = &item->place;

	if (item->id == 0) {
		*changed = true;
		return insert_message(a, item);
	}
	if (same_place(p, &item->old))
		return true;
	*changed = true;
	return sql_do(a->store->sql, a->error,
		      "UPDATE msg SET thr = ?, ord = ?, depth = ?, look = ?"
		      " WHERE id = ?",
		      "iiiii", p->thread, (int64_t)p->ord, (int64_t)p->depth,
		      (int64_t)p->look, item->id);
}

static struct row summary(const struct thread_part *part, GPtrArray *rows)
{
	const struct thread_item *top = top_of(part);
	struct row row = {
		.last = INT64_MIN,
		.newest = INT64_MIN,
		.first = top->sent,
		.n = rows->len,
		.subject = (int64_t)top->subject,
		.reply = top->reply,
		.joined = part->joined,
	};

	for (guint i = 0; i < rows->len; i++) {
		const struct thread_item *item = g_ptr_array_index(rows, i);

		if (item->received > row.last ||
		    (item->received == row.last && item->uid > row.uid))
			row.uid = item->uid;
		row.last = MAX(row.last, item->received);
		row.newest = MAX(row.newest, item->sent);
		row.unread += is_unread(item->shown);
		row.fresh += is_fresh(item->shown);
	}
	return row;
}

static bool same_row(const struct row *a, const struct row *b)
{
	return a->last == b->last && a->newest == b->newest &&
	       a->first == b->first && a->n == b->n &&
	       a->unread == b->unread && a->fresh == b->fresh &&
	       a->subject == b->subject && a->reply == b->reply &&
	       a->joined == b->joined && a->uid == b->uid;
}

/* Writes the thread's own row; 'old' is NULL for a new one. Its id, or 0. */
static int64_t write_thread(struct arrange *a, const struct row *row,
			    const struct row *old)
{
	struct sql *sql = a->store->sql;

	if (old == NULL)
		return sql_do(sql, a->error,
			      "INSERT INTO thr (mbox, last, newest, first, n,"
			      " unread, fresh, subject, reply, joined, uid)"
			      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			      "iiiiiiiiiii", a->mbox, row->last, row->newest,
			      row->first, row->n, row->unread, row->fresh,
			      row->subject, row->reply, row->joined,
			      row->uid)
			       ? sqlite3_last_insert_rowid(sql_handle(sql))
			       : 0;
	if (same_row(row, old))
		return old->id;
	return sql_do(sql, a->error,
		      "UPDATE thr SET last = ?, newest = ?, first = ?, n = ?,"
		      " unread = ?, fresh = ?, subject = ?, reply = ?,"
		      " joined = ?, uid = ? WHERE id = ?",
		      "iiiiiiiiiii", row->last, row->newest, row->first, row->n,
		      row->unread, row->fresh, row->subject, row->reply,
		      row->joined, row->uid, old->id)
		       ? old->id
		       : 0;
}

/* The stored thread that this one continues: of its oldest rows' one that no
 * other has taken. */
static struct row *continued(struct arrange *a, GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct thread_item *item = g_ptr_array_index(rows, i);
		struct row *row = NULL;

		if (item->old.thread != 0)
			row = g_hash_table_lookup(a->loaded,
						  &item->old.thread);
		if (row != NULL && !row->kept) {
			row->kept = true;
			return row;
		}
	}
	return NULL;
}

static void give_thread(struct thread_part *part, GPtrArray *rows, void *user)
{
	struct arrange *a = user;
	struct row row, *old;
	bool changed = false;

	if (a->failed)
		return;
	old = continued(a, rows);
	row = summary(part, rows);
	part->thread = write_thread(a, &row, old);
	a->failed = part->thread == 0;
	changed = old == NULL || !same_row(&row, old);
	for (guint i = 0; i < rows->len && !a->failed; i++) {
		struct thread_item *item = g_ptr_array_index(rows, i);

		item->place.thread = part->thread;
		a->failed = !write_item(a, item, &changed);
	}
	if (!a->failed && changed)
		g_array_append_val(a->changed, part->thread);
}

static bool drop_threads(struct arrange *a, GError **error)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, a->loaded);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct row *row = value;

		if (row->kept)
			continue;
		if (!sql_do(a->store->sql, error,
			    "DELETE FROM thr WHERE id = ?", "i", row->id))
			return false;
		g_array_append_val(a->changed, row->id);
	}
	return true;
}

static bool log_changes(struct arrange *a, GError **error)
{
	bool ok = true;

	if (a->changed->len > CHANGES_MAX)
		return store_log_threads(a->store, a->mbox, a->changed, error);
	for (guint i = 0; ok && i < a->changed->len; i++)
		ok = store_log(a->store, a->mbox, CHANGE_THREAD,
			       g_array_index(a->changed, int64_t, i), error);
	return ok;
}

static int64_t thread_of(const struct thread_item *item)
{
	const struct thread_part *part = item->part;

	return part->into != NULL ? part->into->thread : part->thread;
}

/* Where mid says that the item's k-th id is, without asking it again. */
static int64_t known_thread(struct arrange *a, const struct thread_item *item,
			    uint64_t hash)
{
	const int64_t *known = g_hash_table_lookup(a->known, &hash);

	return known != NULL ? *known : item->old.thread;
}

static bool write_mid(struct arrange *a, const struct thread_item *item,
		      uint64_t hash, GError **error)
{
	const struct thread_item *near = thread_world_near(a->world, hash);
	int64_t thread = thread_of(near != NULL ? near : item);

	if (hash == 0 || known_thread(a, item, hash) == thread)
		return true;
	if (!sql_do(a->store->sql, error,
		    "REPLACE INTO mid (mbox, hash, thr) VALUES (?, ?, ?)",
		    "iii", a->mbox, (int64_t)hash, thread))
		return false;
	g_hash_table_insert(a->known, g_memdup2(&hash, sizeof(hash)),
			    g_memdup2(&thread, sizeof(thread)));
	return true;
}

/* Ids of messages that are new or came into another thread. */
static bool write_mids(struct arrange *a, GError **error)
{
	GPtrArray *items = thread_world_items(a->world);

	for (guint i = 0; i < items->len; i++) {
		const struct thread_item *item = g_ptr_array_index(items, i);

		if (item->place.thread == item->old.thread)
			continue;
		for (size_t k = 0; k < item->n_ids; k++)
			if (!write_mid(a, item, item->ids[k], error))
				return false;
	}
	return true;
}

/* Ids of removed messages that no other message names. */
static bool drop_mids(struct arrange *a, GError **error)
{
	g_autoptr(GHashTable) named = NULL;
	GPtrArray *items = thread_world_items(a->world);

	if (a->gone->len == 0)
		return true;
	named = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (guint i = 0; i < items->len; i++) {
		struct thread_item *item = g_ptr_array_index(items, i);

		for (size_t k = 0; k < item->n_ids; k++)
			g_hash_table_add(named, &item->ids[k]);
	}
	for (guint i = 0; i < a->gone->len; i++) {
		uint64_t hash = g_array_index(a->gone, uint64_t, i);
		int64_t thread;

		if (hash == 0 || g_hash_table_contains(named, &hash))
			continue;
		if (!sql_value(a->store->sql, &thread, 0, error,
			       "SELECT thr FROM mid"
			       " WHERE mbox = ? AND hash = ?",
			       "ii", a->mbox, (int64_t)hash))
			return false;
		if (thread == 0 ||
		    !g_hash_table_contains(a->loaded, &thread))
			continue; /* another thread's */
		if (!sql_do(a->store->sql, error,
			    "DELETE FROM mid WHERE mbox = ? AND hash = ?",
			    "ii", a->mbox, (int64_t)hash))
			return false;
	}
	return true;
}

bool arrange_finish(struct arrange *a, struct counts *counts, GError **error)
{
	a->counts = counts;
	a->error = error;
	if (a->gone->len > 0 && !look_again(a, error))
		return false;
	if (!link_all(a, error))
		return false;
	thread_world_lay(a->world, give_thread, a);
	return !a->failed && drop_threads(a, error) &&
	       log_changes(a, error) && write_mids(a, error) &&
	       drop_mids(a, error);
}
