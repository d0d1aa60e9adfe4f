/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal-undo: taking back. What undoes a step is a step of its own that is
 * not shown; the step points to it as its effect, so that to redo is to take
 * the effect back in turn.
 */
#include "config.h"

#include "journal-private.h"

/* A row of entry, its strings owned. */
struct past_entry {
	int64_t id, of;
	enum journal_kind kind;
	char *mailbox, *target, *detail;
	uint32_t add, del;
};

static void past_entry_clear(gpointer data)
{
	struct past_entry *entry = data;

	g_free(entry->mailbox);
	g_free(entry->target);
	g_free(entry->detail);
}

/* A row of item. */
struct past_item {
	struct journal_item item; /* its string owned */
	enum journal_state state;
	enum journal_step step;
	int64_t after, landed, landed_validity;
};

static void past_item_clear(gpointer data)
{
	struct past_item *past = data;

	g_free(past->item.message_id);
}

/* What is taken back, and into which step. */
struct flip {
	struct journal *journal;
	GHashTable *sent; /* borrowed, or NULL */
	int64_t step;	  /* the new one */
	/* the entry last made, so that items that are alike share it */
	int64_t made;
	uint32_t made_add, made_del;
};

static void read_entry(sqlite3_stmt *s, struct past_entry *entry)
{
	entry->id = sqlite3_column_int64(s, 0);
	entry->of = sqlite3_column_int64(s, 1);
	entry->kind = (enum journal_kind)sqlite3_column_int64(s, 2);
	entry->mailbox = sql_string(s, 3);
	entry->target = sql_string(s, 4);
	entry->add = (uint32_t)sqlite3_column_int64(s, 5);
	entry->del = (uint32_t)sqlite3_column_int64(s, 6);
	entry->detail = sql_string(s, 7);
}

/* The last one first: what was done last is undone first. */
static GArray *entries_of(struct journal *journal, int64_t step,
			  GError **error)
{
	GArray *entries =
		g_array_new(FALSE, TRUE, sizeof(struct past_entry));
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT id, of, kind, mailbox, target, want_add, want_del,"
		" detail FROM entry WHERE step = ? ORDER BY id DESC",
		"i", step);
	enum sql_result got;

	g_array_set_clear_func(entries, past_entry_clear);
	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW) {
		struct past_entry entry;

		read_entry(s, &entry);
		g_array_append_val(entries, entry);
	}
	if (got == SQL_DONE)
		return entries;
	g_array_unref(entries);
	return NULL;
}

/* Too long ago. */
static void set_forgotten(GError **error)
{
	g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
		    _("it was done too long ago to be taken back"));
}

static bool entry_of(struct journal *journal, int64_t id,
		     struct past_entry *entry, GError **error)
{
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT id, of, kind, mailbox, target, want_add, want_del,"
		" detail FROM entry WHERE id = ?",
		"i", id);

	*entry = (struct past_entry){ 0 };
	switch (sql_step(journal->sql, s, error)) {
	case SQL_ROW:
		break;
	case SQL_DONE:
		set_forgotten(error);
		return false;
	default:
		return false;
	}
	read_entry(s, entry);
	sql_end(s);
	return true;
}

static GArray *items_of(struct journal *journal, int64_t entry, GError **error)
{
	GArray *items = g_array_new(FALSE, TRUE, sizeof(struct past_item));
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT id, uid, validity, old, message_id, recv, size, state,"
		" stage, after, landed, landed_validity FROM item"
		" WHERE entry = ? ORDER BY old, id",
		"i", entry);
	enum sql_result got;

	g_array_set_clear_func(items, past_item_clear);
	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW) {
		struct past_item p = {
			.item = {
				.id = sqlite3_column_int64(s, 0),
				.uid = (uint32_t)sqlite3_column_int64(s, 1),
				.uidvalidity = (uint64_t)
					sqlite3_column_int64(s, 2),
				.old = (uint32_t)sqlite3_column_int64(s, 3),
				.message_id = sql_string(s, 4),
				.received = sqlite3_column_int64(s, 5),
				.size = (uint64_t)sqlite3_column_int64(s, 6),
			},
			.state = (enum journal_state)
				sqlite3_column_int64(s, 7),
			.step = (enum journal_step)sqlite3_column_int64(s, 8),
			.after = sqlite3_column_int64(s, 9),
			.landed = sqlite3_column_int64(s, 10),
			.landed_validity = sqlite3_column_int64(s, 11),
		};

		g_array_append_val(items, p);
	}
	if (got == SQL_DONE)
		return items;
	g_array_unref(items);
	return NULL;
}

/*
 * It ran, or may have: its effect has to be taken back on the server. So has
 * what stands for the taking back of something that never ran.
 */
static bool has_run(const struct flip *flip, const struct past_entry *entry,
		    const struct past_item *past)
{
	switch (past->state) {
	case JOURNAL_DONE:
	case JOURNAL_LEFT:
		return true;
	case JOURNAL_WAITING:
		return past->step != JOURNAL_STEP_NONE ||
		       (flip->sent != NULL &&
			g_hash_table_contains(flip->sent, &past->item.id));
	case JOURNAL_CANCELLED:
		return entry->of != 0;
	default:
		return false;
	}
}

/*
 * The message that was 'item' of 'mailbox' may have left it and come back by
 * an undo since, or got other fields, and has another UID: the newest of these
 * is asked. Where that
 * one has not run, or landed nobody knows where, 'item' takes its place.
 */
static bool follow(struct journal *journal, const char *mailbox,
		   struct journal_item *item, int64_t *after, GError **error)
{
	enum sql_result got = SQL_ROW;

	for (unsigned i = 0; i < 1000 && item->uid != 0; i++) {
		uint32_t before = item->uid;
		sqlite3_stmt *s = sql_query(
			journal->sql,
			"WITH RECURSIVE chain (id) AS"
			" (SELECT x.id FROM item x JOIN entry e"
			"  ON e.id = x.entry WHERE x.uid = ?1 AND x.uid <> 0"
			"  AND x.validity = ?2 AND e.mailbox = ?3"
			"  AND e.kind IN (1, 6, 11) AND e.identity = ?4 UNION"
			"  SELECT i.id FROM chain c CROSS JOIN item i"
			"  INDEXED BY item_back"
			"  WHERE i.back = c.id AND i.back <> 0)"
			" SELECT y.id, y.landed, y.landed_validity FROM chain"
			" JOIN item y ON y.id = chain.id"
			" JOIN entry f ON f.id = y.entry WHERE f.kind IN (1, 6, 11)"
			" AND f.target = ?3 AND y.state IN (0, 1, 4)"
			" ORDER BY y.id DESC LIMIT 1",
			"iiss", (int64_t)item->uid, (int64_t)item->uidvalidity,
			mailbox, journal->identity);

		got = sql_step(journal->sql, s, error);
		if (got != SQL_ROW)
			break;
		*after = sqlite3_column_int64(s, 0);
		item->uid = (uint32_t)sqlite3_column_int64(s, 1);
		item->uidvalidity = (uint64_t)sqlite3_column_int64(s, 2);
		sql_end(s);
		if (item->uid == before)
			break;
	}
	return got != SQL_FAIL;
}

/* The entry for items of 'add' and 'del', the one made last if it is that. */
static bool make_entry(struct flip *flip, int64_t of,
		       const struct journal_entry *entry, GError **error)
{
	if (flip->made != 0 && flip->made_add == entry->add &&
	    flip->made_del == entry->del)
		return true;
	flip->made = journal_put_entry(flip->journal, flip->step, entry, of,
				       error);
	flip->made_add = entry->add;
	flip->made_del = entry->del;
	return flip->made != 0;
}

/*
 * Puts what takes 'past' back: to be done when that has run, else for the
 * record, with the place where the message still is.
 */
static bool put_back(struct flip *flip, const struct past_entry *entry,
		     const struct past_item *past,
		     const struct journal_item *item, int64_t after,
		     GError **error)
{
	struct journal *journal = flip->journal;
	bool run = has_run(flip, entry, past);
	int64_t id = journal_put_item(
		journal, flip->made,
		run ? JOURNAL_WAITING : JOURNAL_CANCELLED, item, after, error);

	if (id == 0 || !sql_do(journal->sql, error,
			       "UPDATE item SET back = ? WHERE id = ?", "ii",
			       past->item.id, id))
		return false;
	if (run)
		return true;
	return journal_landed(journal, id, past->item.uid,
			      past->item.uidvalidity, error) &&
	       sql_do(journal->sql, error,
		      "UPDATE item SET state = 3 WHERE id = ?1 OR (needs = ?1"
		      " AND needs <> 0 AND state = 0 AND stage = 0)",
		      "i", past->item.id);
}

static bool flip_flags(struct flip *flip, const struct past_entry *entry,
		       const struct past_item *past, GError **error)
{
	const struct journal_entry back = {
		.kind = JOURNAL_FLAGS,
		.mailbox = entry->mailbox,
		.add = entry->del & past->item.old,
		.del = entry->add & ~past->item.old,
	};
	struct journal_item item = past->item;
	int64_t after = past->after;

	item.old = (past->item.old | entry->add) & ~entry->del;
	return follow(flip->journal, entry->mailbox, &item, &after, error) &&
	       make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

/* It is about messages for which it changed something: the opposite is what
 * was. */
static bool flip_label(struct flip *flip, const struct past_entry *entry,
		       const struct past_item *past, GError **error)
{
	const struct journal_entry back = {
		.kind = JOURNAL_LABEL,
		.mailbox = entry->mailbox,
		.target = entry->target,
		.add = entry->del,
		.del = entry->add,
	};
	struct journal_item item = past->item;
	int64_t after = past->after;

	return follow(flip->journal, entry->mailbox, &item, &after, error) &&
	       make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

/* From where it landed, or where 'after' will say. */
static bool landed_item(struct flip *flip, const struct past_entry *entry,
			const struct past_item *past, struct journal_item *item,
			int64_t *after, GError **error)
{
	*item = past->item;
	item->uid = (uint32_t)past->landed;
	item->uidvalidity = (uint64_t)past->landed_validity;
	*after = past->item.id;
	if (item->uid != 0)
		return follow(flip->journal, entry->target, item, after,
			      error);
	/* What stands for the taking back of something that waits for another
	 * item: the message is where that one leaves it. */
	return past->state != JOURNAL_CANCELLED || past->after == 0 ||
	       sql_value(flip->journal->sql, after, *after, error,
			 "SELECT after FROM item WHERE id = ? AND after <> 0",
			 "i", past->after);
}

/* What came from another account, or went there, too. */
static bool flip_move(struct flip *flip, const struct past_entry *entry,
		      const struct past_item *past, GError **error)
{
	const struct journal_entry back = {
		.kind = entry->kind,
		.mailbox = entry->target,
		.target = entry->mailbox,
		.detail = entry->detail,
		.add = entry->del & past->item.old,
		.del = entry->add & ~past->item.old,
	};
	struct journal_item item;
	int64_t after;

	if (!landed_item(flip, entry, past, &item, &after, error))
		return false;
	item.old = (past->item.old | entry->add) & ~entry->del;
	return make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

/* What 'past', which never ran, was to take back: the fields; owned. */
static char *fields_before(struct journal *journal,
			   const struct past_item *past)
{
	char *fields = NULL;
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT coalesce(k.kept, e.detail) FROM item p"
		" JOIN item r ON r.id = p.back JOIN entry e ON e.id = r.entry"
		" LEFT JOIN item k ON k.id = r.back WHERE p.id = ?",
		"i", past->item.id);

	if (sql_step(journal->sql, s, NULL) == SQL_ROW) {
		fields = sql_string(s, 0);
		sql_end(s);
	}
	return fields != NULL ? fields : g_strdup(JOURNAL_UNKNOWN);
}

/* What it replaced is known when it has run: journal_next() puts it in. */
static bool flip_relink(struct flip *flip, const struct past_entry *entry,
			const struct past_item *past, GError **error)
{
	g_autofree char *fields = past->state == JOURNAL_CANCELLED
					  ? fields_before(flip->journal, past)
					  : g_strdup(JOURNAL_UNKNOWN);
	const struct journal_entry back = {
		.kind = JOURNAL_RELINK,
		.mailbox = entry->target,
		.target = entry->mailbox,
		.detail = fields,
	};
	struct journal_item item;
	int64_t after;

	/* Each has fields of its own. */
	flip->made = 0;
	return landed_item(flip, entry, past, &item, &after, error) &&
	       make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

/* What was copied is removed; but not what a search would find: that might be
 * another message with the same Message-ID. */
static bool flip_copy(struct flip *flip, const struct past_entry *entry,
		      const struct past_item *past, GError **error)
{
	const struct journal_entry back = {
		.kind = JOURNAL_EXPUNGE,
		.mailbox = entry->target,
		.detail = entry->kind == JOURNAL_CARRY_COPY ? entry->detail
							    : NULL,
	};
	struct journal_item item;
	int64_t after;

	if (past->state == JOURNAL_DONE && past->landed == 0) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
			    _("the server did not say where the copy is"));
		return false;
	}
	return landed_item(flip, entry, past, &item, &after, error) &&
	       make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

/* Where the message is that was copied. */
static bool source_of(struct journal *journal, const struct past_item *past,
		      struct journal_item *item, GError **error)
{
	sqlite3_stmt *s = sql_query(
		journal->sql, "SELECT uid, validity FROM item WHERE id = ?",
		"i", past->after);

	switch (sql_step(journal->sql, s, error)) {
	case SQL_ROW:
		break;
	case SQL_DONE:
		set_forgotten(error);
		return false;
	default:
		return false;
	}
	item->uid = (uint32_t)sqlite3_column_int64(s, 0);
	item->uidvalidity = (uint64_t)sqlite3_column_int64(s, 1);
	sql_end(s);
	return true;
}

/* The removal of a copy: it is copied again. */
static bool flip_uncopy(struct flip *flip, const struct past_entry *entry,
			const struct past_item *past,
			const struct past_entry *copy, GError **error)
{
	const struct journal_entry back = {
		.kind = copy->kind,
		.mailbox = copy->mailbox,
		.target = copy->target,
		.detail = copy->detail,
	};
	struct journal_item item = past->item;
	int64_t after = past->after;

	item.uid = (uint32_t)past->landed;
	item.uidvalidity = (uint64_t)past->landed_validity;
	if (past->state != JOURNAL_CANCELLED &&
	    copy->kind != JOURNAL_EXPUNGE &&
	    !source_of(flip->journal, past, &item, error))
		return false;
	return follow(flip->journal, copy->mailbox, &item, &after, error) &&
	       make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &item, after, error);
}

static bool is_lost(const struct past_item *past)
{
	return past->state == JOURNAL_DONE || past->state == JOURNAL_LEFT ||
	       (past->state == JOURNAL_WAITING &&
		past->step != JOURNAL_STEP_NONE);
}

/* A removal comes back only if it took a copy back, or never ran. */
static bool flip_expunge(struct flip *flip, const struct past_entry *entry,
			 const struct past_item *past, GError **error)
{
	struct past_entry first = { .kind = JOURNAL_EXPUNGE };
	bool ok = entry->of == 0 ||
		  entry_of(flip->journal, entry->of, &first, error);

	if (ok && first.kind == JOURNAL_EXPUNGE && is_lost(past)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
			    _("what was deleted for good cannot be brought "
			      "back"));
		ok = false;
	}
	if (ok)
		ok = flip_uncopy(flip, entry, past,
				 entry->of != 0 ? &first : entry, error);
	past_entry_clear(&first);
	return ok;
}

/* What the server has deleted with its messages is lost. */
static bool uncreated(struct flip *flip, const struct past_entry *entry,
		      const struct past_item *past, struct journal_entry *back,
		      GError **error)
{
	struct past_entry first = { 0 };
	bool ok = entry->of == 0 ||
		  entry_of(flip->journal, entry->of, &first, error);

	back->kind = JOURNAL_CREATE;
	if (ok && first.kind == JOURNAL_CREATE)
		back->add = first.add;
	past_entry_clear(&first);
	if (ok && entry->of == 0 && entry->del != 0 &&
	    has_run(flip, entry, past)) {
		g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
			    _("a mailbox that was deleted cannot be brought "
			      "back with its messages"));
		ok = false;
	}
	return ok;
}

/* What takes the deletion back that was never done is only for the record. */
static bool created_again(struct flip *flip, const struct past_entry *entry,
			  struct journal_entry *back, GError **error)
{
	struct past_entry first = { 0 };
	bool ok = entry->of == 0 ||
		  entry_of(flip->journal, entry->of, &first, error);

	back->kind = JOURNAL_DELETE;
	if (ok && first.kind == JOURNAL_DELETE)
		back->del = first.del;
	past_entry_clear(&first);
	return ok;
}

static bool flip_deed(struct flip *flip, const struct past_entry *entry,
		      const struct past_item *past, GError **error)
{
	struct journal_entry back = {
		.kind = entry->kind,
		.mailbox = entry->mailbox,
	};
	bool ok = true;

	switch (entry->kind) {
	case JOURNAL_CREATE:
		ok = created_again(flip, entry, &back, error);
		break;
	case JOURNAL_DELETE:
		ok = uncreated(flip, entry, past, &back, error);
		break;
	case JOURNAL_RENAME:
		back.mailbox = entry->target;
		back.target = entry->mailbox;
		break;
	default:
		back.add = entry->add == 0;
	}
	return ok && make_entry(flip, entry->id, &back, error) &&
	       put_back(flip, entry, past, &past->item, 0, error);
}

static bool flip_item(struct flip *flip, const struct past_entry *entry,
		      const struct past_item *past, GError **error)
{
	/* Given up by the user: there is nothing to be taken back. */
	if (past->state == JOURNAL_CANCELLED && entry->of == 0)
		return true;
	switch (entry->kind) {
	case JOURNAL_FLAGS:
		return flip_flags(flip, entry, past, error);
	case JOURNAL_LABEL:
		return flip_label(flip, entry, past, error);
	case JOURNAL_MOVE:
	case JOURNAL_CARRY:
		return flip_move(flip, entry, past, error);
	case JOURNAL_COPY:
	case JOURNAL_DECODE:
	case JOURNAL_CARRY_COPY:
		return flip_copy(flip, entry, past, error);
	case JOURNAL_RELINK:
		return flip_relink(flip, entry, past, error);
	case JOURNAL_EXPUNGE:
		return flip_expunge(flip, entry, past, error);
	case JOURNAL_CREATE:
	case JOURNAL_RENAME:
	case JOURNAL_DELETE:
	case JOURNAL_SUBSCRIBE:
		return flip_deed(flip, entry, past, error);
	}
	return false;
}

static bool flip_entry(struct flip *flip, const struct past_entry *entry,
		       GError **error)
{
	GArray *items = items_of(flip->journal, entry->id, error);
	bool ok = items != NULL;

	flip->made = 0;
	for (guint i = 0; ok && i < items->len; i++)
		ok = flip_item(flip, entry,
			       &g_array_index(items, struct past_item, i),
			       error);
	if (items != NULL)
		g_array_unref(items);
	return ok;
}

static bool flip_step(struct flip *flip, int64_t effect, GError **error)
{
	GArray *entries = entries_of(flip->journal, effect, error);
	bool ok = entries != NULL;

	for (guint i = 0; ok && i < entries->len; i++)
		ok = flip_entry(flip,
				&g_array_index(entries, struct past_entry, i),
				error);
	if (entries != NULL)
		g_array_unref(entries);
	return ok;
}

/* The step that is next to be undone, or redone: what was undone last, if the
 * user has done nothing since (undone 2). */
static bool find_step(struct journal *journal, bool redo, int64_t *step,
		      int64_t *effect, char **what, GError **error)
{
	sqlite3_stmt *s = sql_query(
		journal->sql,
		redo ? "SELECT id, effect, what FROM step WHERE visible"
		       " AND undone = 1 ORDER BY effect DESC LIMIT 1"
		     : "SELECT id, effect, what FROM step WHERE visible"
		       " AND NOT undone ORDER BY id DESC LIMIT 1",
		"");
	enum sql_result got = sql_step(journal->sql, s, error);

	*step = 0;
	if (got != SQL_ROW)
		return got == SQL_DONE;
	*step = sqlite3_column_int64(s, 0);
	*effect = sqlite3_column_int64(s, 1);
	*what = sql_string(s, 2);
	sql_end(s);
	return true;
}

/* 'step' is undone or, when it was, done again. */
static bool take_back(struct flip *flip, int64_t step, int64_t effect,
		      bool redo, char **what, GError **error)
{
	struct journal *journal = flip->journal;

	flip->step = journal_put_step(journal, *what, false, error);
	return flip->step != 0 && flip_step(flip, effect, error) &&
	       journal_need_mailboxes(journal, flip->step, error) &&
	       sql_do(journal->sql, error,
		      "UPDATE step SET effect = ?, undone = ? WHERE id = ?",
		      "iii", flip->step, (int64_t)!redo, step);
}

static bool undo(struct flip *flip, bool redo, char **what, GError **error)
{
	int64_t step, effect;

	if (!find_step(flip->journal, redo, &step, &effect, what, error))
		return false;
	return step == 0 || take_back(flip, step, effect, redo, what, error);
}

static bool undo_one(struct flip *flip, int64_t step, bool *redone,
		     char **what, GError **error)
{
	sqlite3_stmt *s = sql_query(
		flip->journal->sql,
		"SELECT effect, undone, what FROM step WHERE id = ?", "i",
		step);
	int64_t effect;

	switch (sql_step(flip->journal->sql, s, error)) {
	case SQL_ROW:
		break;
	case SQL_DONE:
		set_forgotten(error);
		return false;
	default:
		return false;
	}
	effect = sqlite3_column_int64(s, 0);
	*redone = sqlite3_column_int64(s, 1) != 0;
	*what = sql_string(s, 2);
	sql_end(s);
	return take_back(flip, step, effect, *redone, what, error);
}

bool journal_undo_step(struct journal *journal, int64_t step, GHashTable *sent,
		       bool *redone, char **what, GError **error)
{
	struct flip flip = { .journal = journal, .sent = sent };
	bool ok;

	*what = NULL;
	if (!journal_step_begin(journal, error))
		return false;
	ok = undo_one(&flip, step, redone, what, error);
	ok = journal_step_end(journal, ok, error);
	if (!ok)
		g_clear_pointer(what, g_free);
	return ok;
}

bool journal_undo(struct journal *journal, bool redo, GHashTable *sent,
		  char **what, GError **error)
{
	struct flip flip = { .journal = journal, .sent = sent };
	bool ok;

	*what = NULL;
	if (!journal_step_begin(journal, error))
		return false;
	ok = undo(&flip, redo, what, error);
	ok = journal_step_end(journal, ok, error);
	if (!ok)
		g_clear_pointer(what, g_free);
	return ok;
}
