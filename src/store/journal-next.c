/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal-next: what is to be sent next, and what the cache shows meanwhile. */
#include "config.h"

#include <string.h>

#include "journal-private.h"

/* ---- what is next ---- */

/* Where an item is worked on: while its copy is in doubt, in the target. */
#define PLACE "CASE i.stage WHEN 2 THEN e.target ELSE e.mailbox END"

/* Of what takes a JOURNAL_RELINK back: what that one kept. */
#define DETAIL \
	"CASE WHEN e.kind = 6 AND i.back <> 0 THEN coalesce(" \
	"(SELECT k.kept FROM item k WHERE k.id = i.back), e.detail)" \
	" ELSE e.detail END"

void journal_batch_free(struct journal_batch *batch)
{
	if (batch == NULL)
		return;
	for (guint i = 0; i < batch->items->len; i++)
		g_free(g_array_index(batch->items, struct journal_item, i)
			       .message_id);
	g_array_unref(batch->items);
	g_free(batch->target);
	g_free(batch->detail);
	g_free(batch);
}

/* A row of the query below. */
struct waiting {
	enum journal_kind kind;
	enum journal_step step;
	const char *target;
	uint32_t add, del;
	struct journal_item item;
	int64_t after, after_state; /* -1: it takes nothing's place */
	int64_t landed, landed_validity;
	const char *detail;
	int64_t needs_state; /* -1: it needs nothing */
	bool held;
};

static void read_waiting(sqlite3_stmt *s, struct waiting *w)
{
	w->kind = (enum journal_kind)sqlite3_column_int64(s, 0);
	w->step = (enum journal_step)sqlite3_column_int64(s, 1);
	w->target = (const char *)sqlite3_column_text(s, 2);
	w->add = (uint32_t)sqlite3_column_int64(s, 3);
	w->del = (uint32_t)sqlite3_column_int64(s, 4);
	w->item.id = sqlite3_column_int64(s, 5);
	w->item.uid = (uint32_t)sqlite3_column_int64(s, 6);
	w->item.uidvalidity = (uint64_t)sqlite3_column_int64(s, 7);
	w->item.old = (uint32_t)sqlite3_column_int64(s, 8);
	w->item.message_id = (char *)(uintptr_t)sqlite3_column_text(s, 9);
	w->item.received = sqlite3_column_int64(s, 10);
	w->item.size = (uint64_t)sqlite3_column_int64(s, 11);
	w->after = sqlite3_column_int64(s, 12);
	w->after_state = sqlite3_column_type(s, 13) == SQLITE_NULL
				 ? -1
				 : sqlite3_column_int64(s, 13);
	w->landed = sqlite3_column_int64(s, 14);
	w->landed_validity = sqlite3_column_int64(s, 15);
	w->held = sqlite3_column_int64(s, 16) > journal_now();
	w->item.tries = (unsigned)sqlite3_column_int64(s, 17);
	w->item.floor = (uint32_t)sqlite3_column_int64(s, 18);
	w->item.made = (uint64_t)sqlite3_column_int64(s, 19);
	w->detail = (const char *)sqlite3_column_text(s, 20);
	w->needs_state = sqlite3_column_type(s, 21) == SQLITE_NULL
				 ? -1
				 : sqlite3_column_int64(s, 21);
}

static sqlite3_stmt *query_waiting(struct journal *journal,
				   const char *mailbox)
{
	return sql_query(
		journal->sql,
		"SELECT e.kind, i.stage,"
		" CASE i.stage WHEN 2 THEN e.mailbox ELSE e.target END,"
		" e.want_add, e.want_del, i.id, i.uid, i.validity, i.old,"
		" i.message_id, i.recv, i.size, i.after, a.state, a.landed,"
		" a.landed_validity, i.hold, i.tries, i.floor, i.made,"
		" " DETAIL ", n.state"
		" FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry"
		" LEFT JOIN item a ON a.id = i.after"
		" LEFT JOIN item n ON n.id = i.needs"
		" WHERE i.state = 0 AND e.identity = ?1 AND " PLACE " = ?2"
		" AND e.kind NOT IN " OF_MAILBOXES " ORDER BY i.id",
		"ss", journal->identity, mailbox);
}

/* Takes the place of the item it follows. False: that one must end first. */
static bool resolve(struct waiting *w)
{
	if (w->item.uid != 0 || w->after == 0)
		return true;
	if (w->after_state == JOURNAL_WAITING)
		return false;
	w->item.uid = (uint32_t)w->landed;
	w->item.uidvalidity = (uint64_t)w->landed_validity;
	return true;
}

/* What it follows, or needs, never happened: neither does it. */
static bool is_moot(const struct waiting *w, enum journal_state state)
{
	return (w->item.uid == 0 && w->after != 0 &&
		w->after_state == (int64_t)state) ||
	       w->needs_state == (int64_t)state;
}

static struct journal_batch *batch_new(const struct waiting *w)
{
	struct journal_batch *batch = g_new0(struct journal_batch, 1);

	batch->kind = w->kind;
	batch->step = w->step;
	batch->target = g_strdup(w->target);
	batch->add = w->add;
	batch->del = w->del;
	batch->detail = g_strdup(w->detail);
	batch->uidvalidity = w->item.uidvalidity;
	batch->items = g_array_new(FALSE, FALSE, sizeof(struct journal_item));
	return batch;
}

static bool is_alike(const struct journal_batch *batch, const struct waiting *w)
{
	const struct journal_item *first =
		&g_array_index(batch->items, struct journal_item, 0);

	return batch->kind == w->kind && batch->step == w->step &&
	       g_str_equal(batch->target, w->target) && batch->add == w->add &&
	       batch->del == w->del && g_str_equal(batch->detail, w->detail) &&
	       batch->uidvalidity == w->item.uidvalidity &&
	       first->floor == w->item.floor &&
	       (first->uid == 0) == (w->item.uid == 0);
}

static void batch_add(struct journal_batch *batch, const struct waiting *w)
{
	struct journal_item item = w->item;

	item.message_id = g_strdup(item.message_id);
	g_array_append_val(batch->items, item);
}

/* What is being copied to another mailbox, or may have been, keeps its place
 * here meanwhile. */
static bool hold_copied(struct journal *journal, const char *mailbox,
			GHashTable *held, GError **error)
{
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.uid FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry WHERE i.state = 0"
		" AND i.stage = 2 AND e.identity = ? AND e.mailbox = ?"
		" AND e.target <> e.mailbox",
		"ss", journal->identity, mailbox);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_hash_table_add(held,
				 GUINT_TO_POINTER((uint32_t)
					 sqlite3_column_int64(s, 0)));
	return got == SQL_DONE;
}

struct gathering {
	const char *mailbox;
	guint most;
	GHashTable *sent; /* of int64_t *, or NULL */
};

static bool has_to_wait(const struct gathering *from, const struct waiting *w)
{
	return w->held || w->needs_state == JOURNAL_WAITING ||
	       (from->sent != NULL &&
			   g_hash_table_contains(from->sent, &w->item.id));
}

/* Whether it is part of the batch, which its first one makes. */
static bool takes(struct journal_batch **batch, const struct waiting *w)
{
	if (*batch == NULL)
		*batch = batch_new(w);
	if ((*batch)->items->len > 0 && !is_alike(*batch, w))
		return false;
	batch_add(*batch, w);
	return true;
}

/* What goes to another account goes one by one. */
static bool is_full(const struct journal_batch *batch, guint most)
{
	if (batch == NULL)
		return false;
	return batch->items->len >= most || batch->kind == JOURNAL_CARRY ||
	       batch->kind == JOURNAL_CARRY_COPY;
}

/*
 * Whatever waits behind something else for the same message must not pass it:
 * 'held' are the UIDs of what was not taken.
 */
static struct journal_batch *gather(struct journal *journal,
				    const struct gathering *from, GArray *moot,
				    GArray *stuck, GError **error)
{
	g_autoptr(GHashTable) held = g_hash_table_new(NULL, NULL);
	struct journal_batch *batch = NULL;
	sqlite3_stmt *s;
	enum sql_result got;

	if (!hold_copied(journal, from->mailbox, held, error))
		return NULL;
	s = query_waiting(journal, from->mailbox);
	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW) {
		struct waiting w;
		gpointer uid;

		read_waiting(s, &w);
		if (is_moot(&w, JOURNAL_CANCELLED)) {
			g_array_append_val(moot, w.item.id);
			continue;
		}
		if (is_moot(&w, JOURNAL_REFUSED)) {
			g_array_append_val(stuck, w.item.id);
			continue;
		}
		if (!resolve(&w))
			continue;
		uid = GUINT_TO_POINTER(w.item.uid);
		if (w.item.uid != 0 && g_hash_table_contains(held, uid))
			continue;
		if (!has_to_wait(from, &w) && takes(&batch, &w)) {
			/* Two copies are two commands. */
			if (w.kind == JOURNAL_COPY ||
			    w.kind == JOURNAL_DECODE ||
			    w.kind == JOURNAL_RELINK)
				g_hash_table_add(held, uid);
		} else if (w.item.uid != 0) {
			g_hash_table_add(held, uid);
		}
		if (is_full(batch, from->most)) {
			sql_end(s);
			break;
		}
	}
	if (got != SQL_FAIL)
		return batch;
	journal_batch_free(batch);
	return NULL;
}

static bool settle(struct journal *journal, const GArray *ids,
		   enum journal_state state, const char *reason,
		   GError **error)
{
	return ids->len == 0 ||
	       journal_settle(journal,
			      (const int64_t *)(const void *)ids->data,
			      ids->len, state, reason, error);
}

struct journal_batch *journal_next(struct journal *journal,
				   const char *mailbox, guint most,
				   GHashTable *sent, GError **error)
{
	g_autoptr(GArray) moot = g_array_new(FALSE, FALSE, sizeof(int64_t));
	g_autoptr(GArray) stuck = g_array_new(FALSE, FALSE, sizeof(int64_t));
	const struct gathering from = { mailbox, most, sent };
	GError *failure = NULL;
	struct journal_batch *batch =
		gather(journal, &from, moot, stuck, &failure);

	if (failure != NULL) {
		g_propagate_error(error, failure);
		return NULL;
	}
	if (!settle(journal, moot, JOURNAL_CANCELLED, NULL, error) ||
	    !settle(journal, stuck, JOURNAL_REFUSED,
		    _("what was to be done before it was refused"), error))
		g_clear_pointer(&batch, journal_batch_free);
	return batch;
}

GPtrArray *journal_places(struct journal *journal, GError **error)
{
	GPtrArray *places = g_ptr_array_new_with_free_func(g_free);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT " PLACE ", min(i.id) FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry"
		" LEFT JOIN item a ON a.id = i.after"
		" WHERE i.state = 0 AND e.identity = ?1"
		" AND e.kind NOT IN " OF_MAILBOXES
		" AND (i.uid <> 0 OR i.after = 0 OR a.state <> 0)"
		" AND (i.needs = 0 OR (SELECT n.state FROM item n"
		"  WHERE n.id = i.needs) IS NOT 0)"
		" AND i.hold <= ?2 AND NOT EXISTS (SELECT 1 FROM item b"
		"  INDEXED BY item_uid CROSS JOIN entry f ON f.id = b.entry"
		"  WHERE b.uid = i.uid"
		"  AND b.uid <> 0 AND b.state = 0 AND b.hold > ?2"
		"  AND b.id < i.id AND f.mailbox = e.mailbox"
		"  AND f.identity = e.identity)"
		" GROUP BY 1 ORDER BY 2",
		"si", journal->identity, journal_now());
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(places, sql_string(s, 0));
	if (got == SQL_DONE)
		return places;
	g_ptr_array_unref(places);
	return NULL;
}

/* ---- what the cache shows meanwhile ---- */

static void intent_clear(gpointer data)
{
	struct journal_intent *intent = data;

	g_free(intent->mailbox);
	g_free(intent->labels);
	g_free(intent->fields);
}

/* Rows come message by message, in the order of what the user did. */
static struct journal_intent *intent_of(GArray *intents, sqlite3_stmt *s)
{
	const char *mailbox = (const char *)sqlite3_column_text(s, 0);
	uint32_t uid = (uint32_t)sqlite3_column_int64(s, 1);
	uint64_t validity = (uint64_t)sqlite3_column_int64(s, 2);
	struct journal_intent *last = NULL, new = { .uid = uid };

	if (intents->len > 0)
		last = &g_array_index(intents, struct journal_intent,
				      intents->len - 1);
	if (last != NULL && last->uid == uid && last->uidvalidity == validity &&
	    g_str_equal(last->mailbox, mailbox))
		return last;
	new.mailbox = g_strdup(mailbox);
	new.uidvalidity = validity;
	g_array_append_val(intents, new);
	return &g_array_index(intents, struct journal_intent, intents->len - 1);
}

static void add_label(struct journal_intent *intent, bool add,
		      const char *target)
{
	char *labels = g_strdup_printf(
		"%s%s%c%s", intent->labels != NULL ? intent->labels : "",
		intent->labels != NULL ? " " : "", add ? '+' : '-',
		JOURNAL_WORD(target));

	g_free(intent->labels);
	intent->labels = labels;
}

static void set_fields(struct journal_intent *intent, const char *fields)
{
	if (strcmp(fields, JOURNAL_UNKNOWN) == 0)
		return;
	g_free(intent->fields);
	intent->fields = g_strdup(fields);
}

static void intent_add(struct journal_intent *intent, sqlite3_stmt *s)
{
	enum journal_kind kind =
		(enum journal_kind)sqlite3_column_int64(s, 3);
	uint32_t add = (uint32_t)sqlite3_column_int64(s, 4);
	uint32_t del = (uint32_t)sqlite3_column_int64(s, 5);

	/* What gets other fields is gone when its copy is there. */
	bool copied = sqlite3_column_int64(s, 7) == JOURNAL_LEFT ||
		      sqlite3_column_int64(s, 8) == JOURNAL_STEP_COPIED;

	if (kind == JOURNAL_MOVE || kind == JOURNAL_EXPUNGE ||
	    kind == JOURNAL_CARRY || (kind == JOURNAL_RELINK && copied)) {
		intent->gone = true;
	} else if (kind == JOURNAL_FLAGS) {
		intent->add = (intent->add & ~del) | add;
		intent->del = (intent->del & ~add) | del;
	} else if (kind == JOURNAL_LABEL) {
		add_label(intent, add != 0,
			  (const char *)sqlite3_column_text(s, 6));
	} else if (kind == JOURNAL_RELINK) {
		set_fields(intent, (const char *)sqlite3_column_text(s, 9));
	}
}

GArray *journal_intents(struct journal *journal, const char *mailbox,
			GError **error)
{
	GArray *intents =
		g_array_new(FALSE, FALSE, sizeof(struct journal_intent));
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT e.mailbox, i.uid, i.validity, e.kind, e.want_add,"
		" e.want_del, e.target, i.state, i.stage, " DETAIL
		" FROM item i INDEXED BY item_open"
		" JOIN entry e ON e.id = i.entry"
		" WHERE i.state IN (0, 4) AND e.identity = ?1 AND i.uid <> 0"
		" AND (?2 IS NULL OR e.mailbox = ?2)"
		" ORDER BY 1, 2, 3, i.id",
		"ss", journal->identity, mailbox);
	enum sql_result got;

	g_array_set_clear_func(intents, intent_clear);
	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		intent_add(intent_of(intents, s), s);
	if (got == SQL_DONE)
		return intents;
	g_array_unref(intents);
	return NULL;
}
