/* SPDX-License-Identifier: GPL-3.0-or-later */
/* flags: what the server says of a message, and what the user wants. */
#include "config.h"

#include "internal.h"

#define SQL_FIND                                                               \
	"SELECT m.id, thr, flags, want_add, want_del, shown, size, modseq"     \
	" FROM msg m WHERE mbox IN (?1, -?1) AND uid = ?2"

struct marks {
	int64_t id, thread; /* 0: hidden, it counts nowhere */
	uint32_t flags, add, del, shown;
	uint64_t size, modseq;
};

static void read_marks(sqlite3_stmt *s, struct marks *marks)
{
	marks->id = sqlite3_column_int64(s, 0);
	marks->thread = sqlite3_column_int64(s, 1);
	marks->flags = (uint32_t)sqlite3_column_int64(s, 2);
	marks->add = (uint32_t)sqlite3_column_int64(s, 3);
	marks->del = (uint32_t)sqlite3_column_int64(s, 4);
	marks->shown = (uint32_t)sqlite3_column_int64(s, 5);
	marks->size = (uint64_t)sqlite3_column_int64(s, 6);
	marks->modseq = (uint64_t)sqlite3_column_int64(s, 7);
}

/* 'marks->id' is 0 when there is no such message. */
static bool find_marks(struct store *store, int64_t mbox, uint32_t uid,
		       struct marks *marks, GError **error)
{
	sqlite3_stmt *s =
		sql_query(store->sql, SQL_FIND, "ii", mbox, (int64_t)uid);
	enum sql_result got = sql_step(store->sql, s, error);

	*marks = (struct marks){ 0 };
	if (got != SQL_ROW)
		return got == SQL_DONE;
	read_marks(s, marks);
	sql_end(s);
	return true;
}

/* After a change of what is shown: thread, counters and log follow. */
static bool follow(struct store *store, int64_t mbox, const struct marks *old,
		   uint32_t shown, GError **error)
{
	int64_t unread = is_unread(shown) - is_unread(old->shown);
	int64_t fresh = is_fresh(shown) - is_fresh(old->shown);
	struct counts counts = { 0 };

	counts_add(&counts, old->shown, old->size, -1);
	counts_add(&counts, shown, old->size, 1);
	if ((unread != 0 || fresh != 0) &&
	    !sql_do(store->sql, error,
		    "UPDATE thr SET unread = unread + ?, fresh = fresh + ?"
		    " WHERE id = ?",
		    "iii", unread, fresh, old->thread))
		return false;
	return counts_store(store, mbox, &counts, true, error) &&
	       store_log(store, mbox, CHANGE_FLAGS, old->id, error);
}

/* Writes 'new' where it differs from 'old'. */
static bool write_marks(struct store *store, int64_t mbox,
			const struct marks *old, struct marks *new,
			GError **error)
{
	new->shown = (new->flags | new->add) & ~new->del;
	if (new->flags == old->flags && new->add == old->add &&
	    new->del == old->del && new->shown == old->shown)
		return true;
	if (!sql_do(store->sql, error,
		    "UPDATE msg SET flags = ?, want_add = ?, want_del = ?,"
		    " shown = ? WHERE id = ?",
		    "iiiii", (int64_t)new->flags, (int64_t)new->add,
		    (int64_t)new->del, (int64_t)new->shown, new->id))
		return false;
	return new->shown == old->shown || old->thread == 0 ||
	       follow(store, mbox, old, new->shown, error);
}

static bool write_keywords(struct store *store, int64_t id,
			   const char *keywords, bool *changed, GError **error)
{
	if (keywords == NULL)
		return true;
	/* What the user wants besides is put over it by who writes this. */
	if (!sql_do(store->sql, error,
		    "UPDATE hdr SET base = ?1 WHERE id = ?2"
		    " AND base IS NOT NULL",
		    "si", keywords, id) ||
	    !sql_do(store->sql, error,
		    "UPDATE hdr SET keywords = ?1 WHERE id = ?2"
		    " AND base IS NULL AND keywords IS NOT ?1",
		    "si", keywords, id))
		return false;
	*changed = sqlite3_changes(sql_handle(store->sql)) > 0;
	return true;
}

static bool set_flags(struct store *store, int64_t mbox, uint32_t uid,
		      uint32_t flags, const char *keywords, uint64_t modseq,
		      bool *changed, GError **error)
{
	struct marks old, new;

	if (!find_marks(store, mbox, uid, &old, error))
		return false;
	if (old.id == 0 || (modseq != 0 && modseq < old.modseq))
		return true;
	new = old;
	new.flags = (old.flags & ~STORE_SERVER_FLAGS) | flags;
	if (!write_keywords(store, old.id, keywords, changed, error) ||
	    !write_marks(store, mbox, &old, &new, error))
		return false;
	*changed = *changed || new.shown != old.shown;
	return modseq == 0 ||
	       sql_do(store->sql, error,
		      "UPDATE msg SET modseq = ? WHERE id = ?", "ii",
		      (int64_t)modseq, old.id);
}

bool store_set_flags(struct store *store, int64_t mbox, uint32_t uid,
		     uint32_t flags, const char *keywords, uint64_t modseq,
		     bool *changed, GError **error)
{
	bool differs = false;
	bool ok = step_begin(store, error) &&
		  set_flags(store, mbox, uid, flags, keywords, modseq,
			    &differs, error);

	if (changed != NULL)
		*changed = differs;
	return step_end(store, ok, error);
}

bool store_set_modseq(struct store *store, int64_t mbox, uint32_t uid,
		      uint64_t modseq, GError **error)
{
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "UPDATE msg SET modseq = max(modseq, ?3)"
			 " WHERE mbox IN (?1, -?1) AND uid = ?2",
			 "iii", mbox, (int64_t)uid, (int64_t)modseq);

	return step_end(store, ok, error);
}

bool store_forget_modseqs(struct store *store, int64_t mbox, GError **error)
{
	bool ok = step_begin(store, error) &&
		  sql_do(store->sql, error,
			 "UPDATE msg SET modseq = 0"
			 " WHERE mbox IN (?1, -?1) AND modseq <> 0",
			 "i", mbox);

	return step_end(store, ok, error);
}

/* What a wish, or its end, does to the marks of a message. */
typedef void (*wish)(struct marks *marks, uint32_t add, uint32_t del);

static void want(struct marks *marks, uint32_t add, uint32_t del)
{
	marks->add = (marks->add & ~del) | add;
	marks->del = (marks->del & ~add) | del;
	/* What the user calls unread again is new again, as in mutt. */
	if (del & STORE_SEEN)
		marks->flags &= ~(uint32_t)STORE_OLD;
}

/* The server has it now, also if it says so only later or never. */
static void done(struct marks *marks, uint32_t add, uint32_t del)
{
	marks->flags = (marks->flags | add) & ~del;
	marks->add &= ~add;
	marks->del &= ~del;
}

static void set(struct marks *marks, uint32_t add, uint32_t del)
{
	marks->add = marks->del = 0;
	want(marks, add, del);
}

static bool change(struct store *store, int64_t mbox, uint32_t uid,
		   uint32_t add, uint32_t del, wish how, GError **error)
{
	struct marks old, new;

	if (!find_marks(store, mbox, uid, &old, error))
		return false;
	if (old.id == 0)
		return true;
	new = old;
	how(&new, add, del);
	return write_marks(store, mbox, &old, &new, error);
}

static bool apply(struct store *store, int64_t mbox, uint32_t uid,
		  uint32_t add, uint32_t del, wish how, GError **error)
{
	return step_begin(store, error) &&
	       step_end(store,
			change(store, mbox, uid, add, del, how, error),
			error);
}

bool store_want_flags(struct store *store, int64_t mbox, uint32_t uid,
		      uint32_t add, uint32_t del, GError **error)
{
	return apply(store, mbox, uid, add, del, want, error);
}

bool store_want_done(struct store *store, int64_t mbox, uint32_t uid,
		     uint32_t add, uint32_t del, GError **error)
{
	return apply(store, mbox, uid, add, del, done, error);
}

bool flags_set_wish(struct store *store, int64_t mbox, uint32_t uid,
		    uint32_t add, uint32_t del, GError **error)
{
	return change(store, mbox, uid, add, del, set, error);
}

/* The threads of the mailbox that have something new, by rows of thr. */
static bool find_fresh(struct store *store, int64_t mbox, GArray *fresh,
		       GError **error)
{
	sqlite3_stmt *s = sql_query(
		store->sql,
		"SELECT m.id, m.thr, flags, want_add, want_del, shown, size,"
		" m.modseq"
		" FROM thr t JOIN msg m ON m.mbox = t.mbox AND m.thr = t.id"
		" WHERE t.mbox = ? AND t.unread > 0 AND t.fresh > 0",
		"i", mbox);
	enum sql_result got;

	while ((got = sql_step(store->sql, s, error)) == SQL_ROW) {
		struct marks marks;

		read_marks(s, &marks);
		if (is_fresh(marks.shown))
			g_array_append_val(fresh, marks);
	}
	return got == SQL_DONE;
}

bool store_mark_old(struct store *store, int64_t mbox, GError **error)
{
	g_autoptr(GArray) fresh =
		g_array_new(FALSE, FALSE, sizeof(struct marks));
	bool ok;

	if (!step_begin(store, error))
		return false;
	ok = find_fresh(store, mbox, fresh, error);
	for (guint i = 0; ok && i < fresh->len; i++) {
		const struct marks *old =
			&g_array_index(fresh, struct marks, i);
		struct marks new = *old;

		new.flags |= STORE_OLD;
		ok = write_marks(store, mbox, old, &new, error);
	}
	return step_end(store, ok, error);
}
