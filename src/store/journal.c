/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal: what the user did, until the server has it and after. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal-private.h"

#define JOURNAL_LOCK "executor.lock"
#define APPLICATION 0x736d656a /* "smej" */
/* Steps that are kept for undo and for the reader. */
#define STEPS_KEPT 2000

/*
 * step is what the user did at once, 'effect' the step whose entries make
 * what is so now: itself, or what undid or redid it last ('visible' 0);
 * 'undone' is 2 when the user did something else since: redo passes it by. 'of'
 * is the entry that an entry takes back. An item whose 'uid' is 0 is where
 * item 'after' landed, or where a search finds it. 'floor' is the UIDNEXT that
 * the target had before it was copied there; 0: not known. What is held is not
 * tried before 'hold', in seconds. 'back' is the item that one takes back.
 * An item is done after 'needs' was, and not when that one is not. 'made' are
 * the octets of a copy that is not the same as the message. 'kept' is what it
 * lacks of the message: the fields that were replaced, NULL before they were.
 */
static const char *const migrations[] = {
	"CREATE TABLE step ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL,"
	" made INTEGER NOT NULL, visible INTEGER NOT NULL,"
	" undone INTEGER NOT NULL DEFAULT 0,"
	" effect INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE entry ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL,"
	" identity TEXT NOT NULL, kind INTEGER NOT NULL,"
	" mailbox TEXT NOT NULL, target TEXT NOT NULL,"
	" want_add INTEGER NOT NULL, want_del INTEGER NOT NULL,"
	" of INTEGER NOT NULL, reason TEXT);"
	"CREATE INDEX entry_step ON entry (step);"
	"CREATE TABLE item ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, entry INTEGER NOT NULL,"
	" state INTEGER NOT NULL, stage INTEGER NOT NULL DEFAULT 0,"
	" uid INTEGER NOT NULL, validity INTEGER NOT NULL,"
	" old INTEGER NOT NULL, message_id TEXT NOT NULL,"
	" recv INTEGER NOT NULL, size INTEGER NOT NULL,"
	" after INTEGER NOT NULL, landed INTEGER NOT NULL DEFAULT 0,"
	" landed_validity INTEGER NOT NULL DEFAULT 0);"
	"CREATE INDEX item_entry ON item (entry);"
	"CREATE INDEX item_open ON item (state, id);",
	OUTBOX_TABLE,
	"ALTER TABLE item ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN back INTEGER NOT NULL DEFAULT 0;"
	"UPDATE item SET back = after;"
	"CREATE INDEX item_back ON item (back) WHERE back <> 0;"
	"CREATE INDEX item_uid ON item (uid) WHERE uid <> 0;"
	"CREATE INDEX item_landed ON item (landed) WHERE landed <> 0;",
	"ALTER TABLE entry ADD COLUMN detail TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE item ADD COLUMN needs INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE item ADD COLUMN made INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX item_needs ON item (needs) WHERE needs <> 0;",
	"ALTER TABLE item ADD COLUMN kept TEXT;",
};

/* ---- opening ---- */

enum verdict { SOUND, NEWER, DAMAGED, FAILED };

static bool migrate(struct sql *sql, int64_t from, GError **error)
{
	g_autofree char *mark = g_strdup_printf(
		"PRAGMA application_id = %d; PRAGMA user_version = %d",
		APPLICATION, (int)G_N_ELEMENTS(migrations));
	bool ok = sql_exec(sql, "BEGIN IMMEDIATE", error);
	int64_t now;

	/* Another process may have been faster. */
	ok = ok && sql_value(sql, &now, 0, error, "PRAGMA user_version", "");
	for (int64_t i = MAX(from, ok ? now : 0);
	     ok && i < (int64_t)G_N_ELEMENTS(migrations); i++)
		ok = sql_exec(sql, migrations[i], error);
	ok = ok && sql_exec(sql, mark, error) && sql_exec(sql, "COMMIT", error);
	if (!ok)
		sql_exec(sql, "ROLLBACK", NULL);
	return ok;
}

static bool pages_are_sound(struct sql *sql)
{
	sqlite3_stmt *check = sql_query(sql, "PRAGMA quick_check(1)", "");
	bool sound = false;

	if (sql_step(sql, check, NULL) == SQL_ROW)
		sound = g_strcmp0((const char *)sqlite3_column_text(check, 0),
				  "ok") == 0;
	if (check != NULL)
		sql_end(check);
	return sound;
}

static enum verdict judge(struct sql *sql, int64_t *version, GError **error)
{
	int64_t application, tables;

	if (!sql_value(sql, version, 0, error, "PRAGMA user_version", "") ||
	    !sql_value(sql, &application, 0, error, "PRAGMA application_id",
		       "") ||
	    !sql_value(sql, &tables, 0, error,
		       "SELECT count(*) FROM sqlite_schema", ""))
		return sql_damaged(sql) ? DAMAGED : FAILED;
	if (tables == 0 && *version == 0)
		return SOUND;
	if (application != APPLICATION || *version <= 0)
		return DAMAGED;
	if (*version > (int64_t)G_N_ELEMENTS(migrations))
		return NEWER;
	return pages_are_sound(sql) ? SOUND : DAMAGED;
}

/* WAL lets other processes read on; FULL waits for the disk at each commit. */
static bool configure(struct sql *sql, GError **error)
{
	return sql_exec(sql,
			"PRAGMA journal_mode = WAL;"
			"PRAGMA synchronous = FULL;"
			"PRAGMA trusted_schema = OFF",
			error);
}

/*
 * Makes an empty file 0600. One that is there must be a file of ours; it is
 * not opened, because closing it would take away the locks of all connections
 * that this process has to it: others would fold the log and remove it.
 */
static bool make_file(const char *path, GError **error)
{
	g_autoptr(GError) reason = NULL;
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0) {
		if (S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
		    ((st.st_mode & 0777) == 0600 || chmod(path, 0600) == 0))
			return true;
		g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
			    _("cannot use the journal '%s': it is not a file "
			      "of one's own"),
			    path);
		return false;
	}
	fd = path_open_private(path, O_RDWR | O_CREAT | O_EXCL, &reason);
	if (fd >= 0) {
		close(fd);
		return true;
	}
	/* Another process was faster. */
	if (g_error_matches(reason, BASE_ERROR, BASE_ERROR_EXISTS))
		return true;
	g_propagate_error(error, g_steal_pointer(&reason));
	return false;
}

static enum verdict try_open(const char *path, struct sql **sql, GError **error)
{
	enum verdict verdict;
	int64_t version = 0;

	*sql = NULL;
	if (!make_file(path, error))
		return FAILED;
	*sql = sql_open(path, SQLITE_OPEN_READWRITE, error);
	if (*sql == NULL)
		return FAILED;
	sql_is_journal(*sql);
	verdict = judge(*sql, &version, error);
	if (verdict == SOUND && configure(*sql, error) &&
	    (version == (int64_t)G_N_ELEMENTS(migrations) ||
	     migrate(*sql, version, error)))
		return SOUND;
	if (verdict == SOUND)
		verdict = sql_damaged(*sql) ? DAMAGED : FAILED;
	sql_close(*sql);
	*sql = NULL;
	return verdict;
}

/* Under a name that nothing has: what was kept before stays, too. */
static char *keep_aside(const char *path, GError **error)
{
	static const char *const parts[] = { "", "-wal", "-shm" };

	for (unsigned n = 1;; n++) {
		g_autofree char *kept = g_strdup_printf("%s.bad-%u", path, n);

		if (g_file_test(kept, G_FILE_TEST_EXISTS))
			continue;
		for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
			g_autofree char *from =
				g_strconcat(path, parts[i], NULL);
			g_autofree char *to = g_strconcat(kept, parts[i], NULL);

			if (g_rename(from, to) == 0 || errno == ENOENT)
				continue;
			g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
				    _("cannot keep '%s' aside: %s"), from,
				    g_strerror(errno));
			return NULL;
		}
		return g_steal_pointer(&kept);
	}
}

static struct sql *open_or_begin(const char *path, char **notice,
				 GError **error)
{
	g_autofree char *kept = NULL;
	g_autoptr(GError) reason = NULL;
	struct sql *sql;
	enum verdict verdict = try_open(path, &sql, &reason);

	if (verdict == NEWER)
		g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
			    _("the journal '%s' was made by a newer smew"),
			    path);
	else if (verdict == FAILED)
		g_propagate_error(error, g_steal_pointer(&reason));
	if (verdict != DAMAGED)
		return sql;
	kept = keep_aside(path, error);
	if (kept == NULL)
		return NULL;
	log_line(LOG_FAULT, "store", "the journal is damaged: %s", kept);
	if (notice != NULL)
		*notice = g_strdup_printf(
			_("the journal of actions was damaged: actions that "
			  "waited may be lost; it is kept as %s"),
			kept);
	if (try_open(path, &sql, error) != SOUND && error != NULL &&
	    *error == NULL)
		g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
			    _("cannot write the journal '%s'"), path);
	return sql;
}

struct sql *journal_open_file(const char *dir, char **notice, GError **error)
{
	g_autofree char *path = g_build_filename(dir, JOURNAL_FILE, NULL);

	if (notice != NULL)
		*notice = NULL;
	if (!path_make_private(dir, error))
		return NULL;
	return open_or_begin(path, notice, error);
}

struct journal *journal_open(const char *dir, const char *identity,
			     char **notice, GError **error)
{
	struct sql *sql = journal_open_file(dir, notice, error);
	struct journal *journal;

	if (sql == NULL)
		return NULL;
	journal = g_new0(struct journal, 1);
	journal->sql = sql;
	journal->identity = g_strdup(identity);
	journal->dir = g_strdup(dir);
	journal->lock = -1;
	return journal;
}

void journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->open)
		journal_rollback(journal);
	sql_close(journal->sql);
	if (journal->lock >= 0)
		close(journal->lock);
	g_free(journal->identity);
	g_free(journal->dir);
	g_free(journal);
}

/* ---- among processes ---- */

bool journal_executes(struct journal *journal)
{
	g_autofree char *path = NULL;
	int fd;

	if (journal->lock >= 0)
		return true;
	path = g_build_filename(journal->dir, JOURNAL_LOCK, NULL);
	fd = path_open_private(path, O_RDWR | O_CREAT, NULL);
	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		journal->lock = fd;
	else
		close(fd);
	return journal->lock >= 0;
}

bool journal_changed(struct journal *journal)
{
	int64_t version;
	bool changed;

	if (!sql_value(journal->sql, &version, 0, NULL, "PRAGMA data_version",
		       ""))
		return false;
	changed = journal->version != 0 && journal->version != version;
	journal->version = version;
	return changed;
}

/* ---- transactions ---- */

bool journal_begin(struct journal *journal, GError **error)
{
	g_assert(!journal->open);
	journal->open = sql_do(journal->sql, error, "BEGIN IMMEDIATE", "");
	return journal->open;
}

bool journal_commit(struct journal *journal, GError **error)
{
	g_assert(journal->open);
	if (sql_do(journal->sql, error, "COMMIT", "")) {
		journal->open = false;
		return true;
	}
	journal_rollback(journal);
	return false;
}

void journal_rollback(struct journal *journal)
{
	journal->open = false;
	if (!sqlite3_get_autocommit(sql_handle(journal->sql)))
		sql_do(journal->sql, NULL, "ROLLBACK", "");
}

bool journal_step_begin(struct journal *journal, GError **error)
{
	return journal->open ||
	       sql_do(journal->sql, error, "BEGIN IMMEDIATE", "");
}

bool journal_step_end(struct journal *journal, bool ok, GError **error)
{
	if (journal->open)
		return ok;
	if (ok && sql_do(journal->sql, error, "COMMIT", ""))
		return true;
	journal_rollback(journal);
	return false;
}

/* ---- appending ---- */

int64_t journal_put_step(struct journal *journal, const char *what,
			 bool visible, GError **error)
{
	int64_t id;

	if (!sql_do(journal->sql, error,
		    "INSERT INTO step (what, made, visible) VALUES (?, ?, ?)",
		    "sii", what, journal_now(),
		    (int64_t)visible))
		return 0;
	if (visible && !sql_do(journal->sql, error,
			       "UPDATE step SET undone = 2 WHERE undone = 1",
			       ""))
		return 0;
	id = sqlite3_last_insert_rowid(sql_handle(journal->sql));
	return sql_do(journal->sql, error,
		      "UPDATE step SET effect = id WHERE id = ?", "i", id)
		       ? id
		       : 0;
}

int64_t journal_put_entry(struct journal *journal, int64_t step,
			  const struct journal_entry *entry, int64_t of,
			  GError **error)
{
	if (!sql_do(journal->sql, error,
		    "INSERT INTO entry (step, identity, kind, mailbox, target,"
		    " want_add, want_del, of, detail)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		    "isissiiis", step, journal->identity,
		    (int64_t)entry->kind, entry->mailbox,
		    entry->target != NULL ? entry->target : "",
		    (int64_t)entry->add, (int64_t)entry->del, of,
		    entry->detail != NULL ? entry->detail : ""))
		return 0;
	return sqlite3_last_insert_rowid(sql_handle(journal->sql));
}

int64_t journal_put_item(struct journal *journal, int64_t entry,
			 enum journal_state state,
			 const struct journal_item *item, int64_t after,
			 GError **error)
{
	if (!sql_do(journal->sql, error,
		    "INSERT INTO item (entry, state, uid, validity, old,"
		    " message_id, recv, size, after)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		    "iiiiisiii", entry, (int64_t)state, (int64_t)item->uid,
		    (int64_t)item->uidvalidity, (int64_t)item->old,
		    item->message_id != NULL ? item->message_id : "",
		    item->received, (int64_t)item->size, after))
		return 0;
	return sqlite3_last_insert_rowid(sql_handle(journal->sql));
}

static bool put_needs(struct journal *journal, int64_t item, int64_t needs,
		      GError **error)
{
	return needs == 0 ||
	       sql_do(journal->sql, error,
		      "UPDATE item SET needs = ? WHERE id = ?", "ii", needs,
		      item);
}

/* 'made' (of int64_t) are the items of the entry before it, and then its
 * own. */
static bool append_entry(struct journal *journal, int64_t step,
			 const struct journal_entry *entry, GArray *made,
			 GError **error)
{
	int64_t id = journal_put_entry(journal, step, entry, 0, error);
	guint before = made->len;

	for (size_t i = 0; id != 0 && i < entry->n; i++) {
		int64_t item = journal_put_item(journal, id, JOURNAL_WAITING,
						&entry->items[i], 0, error);
		int64_t needs = entry->needs && i < before
					? g_array_index(made, int64_t, i)
					: 0;

		if (item == 0 || !put_needs(journal, item, needs, error))
			return false;
		g_array_append_val(made, item);
	}
	if (before > 0)
		g_array_remove_range(made, 0, before);
	return id != 0;
}

/* The oldest steps of which nothing waits, is refused or keeps a message
 * hidden. */
static bool forget_old(struct journal *journal, int64_t last, GError **error)
{
	static const char *const statements[] = {
		"DELETE FROM item WHERE entry IN (SELECT e.id FROM entry e"
		" WHERE e.step <= ?1 AND NOT EXISTS (SELECT 1 FROM entry f"
		" JOIN item i ON i.entry = f.id WHERE f.step = e.step"
		" AND i.state IN (0, 2, 4)))",
		"DELETE FROM entry WHERE step <= ?1 AND NOT EXISTS"
		" (SELECT 1 FROM item WHERE entry = entry.id)",
		"DELETE FROM step WHERE id <= ?1 AND NOT EXISTS"
		" (SELECT 1 FROM entry WHERE step = step.id)",
	};

	if (last % 100 != 0 || last <= STEPS_KEPT)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(statements); i++)
		if (!sql_do(journal->sql, error, statements[i], "i",
			    last - STEPS_KEPT))
			return false;
	return true;
}

int64_t journal_put_all(struct journal *journal, const char *what,
			bool visible, const struct journal_entry *entries,
			size_t n, GError **error)
{
	g_autoptr(GArray) made = g_array_new(FALSE, FALSE, sizeof(int64_t));
	int64_t step = journal_put_step(journal, what, visible, error);
	bool ok = step != 0;

	for (size_t i = 0; ok && i < n; i++)
		ok = append_entry(journal, step, &entries[i], made, error);
	return ok && journal_need_mailboxes(journal, step, error) ? step : 0;
}

int64_t journal_append(struct journal *journal, const char *what,
		       const struct journal_entry *entries, size_t n,
		       GError **error)
{
	int64_t step;
	bool ok;

	if (!journal_step_begin(journal, error))
		return 0;
	step = journal_put_all(journal, what != NULL ? what : "", what != NULL,
			       entries, n, error);
	ok = step != 0 && forget_old(journal, step, error);
	return journal_step_end(journal, ok, error) ? step : 0;
}

/* ---- ends ---- */

/* Runs one statement for each item in a transaction. */
static bool for_items(struct journal *journal, const int64_t *ids, size_t n,
		      const char *text, int64_t value, GError **error)
{
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = sql_do(journal->sql, error, text, "ii", value, ids[i]);
	return journal_step_end(journal, ok, error);
}

bool journal_advance(struct journal *journal, const int64_t *ids, size_t n,
		     enum journal_step step, GError **error)
{
	return for_items(journal, ids, n,
			 "UPDATE item SET stage = ? WHERE id = ?",
			 (int64_t)step, error);
}

int64_t journal_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

bool journal_give_reason(struct journal *journal, const int64_t *ids, size_t n,
			 const char *reason, GError **error)
{
	for (size_t i = 0; i < n; i++)
		if (!sql_do(journal->sql, error,
			    "UPDATE entry SET reason = ?1 WHERE id ="
			    " (SELECT entry FROM item WHERE id = ?2)"
			    " AND reason IS NOT ?1",
			    "si", reason, ids[i]))
			return false;
	return true;
}

/* What is not done keeps that from being done which needs it. */
static bool settle_one(struct journal *journal, int64_t id,
		       enum journal_state state, GError **error)
{
	bool fails = state == JOURNAL_REFUSED || state == JOURNAL_CANCELLED;

	return sql_do(journal->sql, error,
		      "UPDATE item SET state = ?, stage = 0"
		      " WHERE id = ? AND state = 0",
		      "ii", (int64_t)state, id) &&
	       (!fails || sql_do(journal->sql, error,
				 "UPDATE item SET state = ? WHERE needs = ?"
				 " AND needs <> 0 AND state = 0",
				 "ii", (int64_t)state, id));
}

bool journal_settle(struct journal *journal, const int64_t *ids, size_t n,
		    enum journal_state state, const char *reason,
		    GError **error)
{
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	for (size_t i = 0; ok && i < n; i++)
		ok = settle_one(journal, ids[i], state, error);
	ok = ok && (reason == NULL ||
		    journal_give_reason(journal, ids, n, reason, error));
	return journal_step_end(journal, ok, error);
}

bool journal_landed(struct journal *journal, int64_t id, uint32_t uid,
		    uint64_t uidvalidity, GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE item SET landed = ?, landed_validity = ?"
		      " WHERE id = ?",
		      "iii", (int64_t)uid, (int64_t)uidvalidity, id);
}

bool journal_found(struct journal *journal, int64_t id, uint32_t uid,
		   uint64_t uidvalidity, GError **error)
{
	return sql_do(journal->sql, error,
		      "UPDATE item SET uid = ?, validity = ? WHERE id = ?",
		      "iii", (int64_t)uid, (int64_t)uidvalidity, id);
}

bool journal_refuse(struct journal *journal, const char *mailbox,
		    const char *reason, GError **error)
{
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	ok = sql_do(journal->sql, error,
		    "UPDATE entry SET reason = ?1 WHERE identity = ?2 AND id IN"
		    " (SELECT e.id FROM item i JOIN entry e ON e.id = i.entry"
		    "  WHERE i.state = 0 AND e.kind NOT IN " OF_MAILBOXES
		    "  AND CASE i.stage WHEN 2 THEN e.target"
		    "  ELSE e.mailbox END = ?3)",
		    "sss", reason, journal->identity, mailbox) &&
	     sql_do(journal->sql, error,
		    "UPDATE item SET state = 2 WHERE id IN"
		    " (SELECT i.id FROM item i JOIN entry e ON e.id = i.entry"
		    "  WHERE i.state = 0 AND e.identity = ?1"
		    "  AND e.kind NOT IN " OF_MAILBOXES
		    "  AND CASE i.stage WHEN 2 THEN e.target"
		    "  ELSE e.mailbox END = ?2)",
		    "ss", journal->identity, mailbox);
	return journal_step_end(journal, ok, error);
}

/* ---- for the reader ---- */

bool journal_count(struct journal *journal, struct journal_counts *counts,
		   GError **error)
{
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT i.state, e.identity = ?, count(*) FROM item i"
		" JOIN entry e ON e.id = i.entry WHERE i.state IN (0, 2)"
		" GROUP BY 1, 2",
		"s", journal->identity);
	enum sql_result got;

	*counts = (struct journal_counts){ 0 };
	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW) {
		unsigned n = (unsigned)sqlite3_column_int64(s, 2);

		if (sqlite3_column_int64(s, 1) == 0)
			counts->foreign += n;
		else if (sqlite3_column_int64(s, 0) == JOURNAL_WAITING)
			counts->waiting = n;
		else
			counts->refused = n;
	}
	return got == SQL_DONE;
}

static void line_free(gpointer data)
{
	struct journal_line *line = data;

	g_free(line->what);
	g_free(line->mailbox);
	g_free(line->target);
	g_free(line->reason);
	g_free(line);
}

static struct journal_line *read_line(struct journal *journal, sqlite3_stmt *s)
{
	struct journal_line *line = g_new0(struct journal_line, 1);

	line->step = sqlite3_column_int64(s, 0);
	line->made = sqlite3_column_int64(s, 1);
	line->what = sql_string(s, 2);
	line->undone = sqlite3_column_int64(s, 3) != 0;
	line->mailbox = sql_string(s, 4);
	line->target = sql_string(s, 5);
	line->reason = sql_string(s, 6);
	line->foreign = g_strcmp0((const char *)sqlite3_column_text(s, 7),
				  journal->identity) != 0;
	line->waiting = (unsigned)sqlite3_column_int64(s, 8);
	line->done = (unsigned)sqlite3_column_int64(s, 9);
	line->refused = (unsigned)sqlite3_column_int64(s, 10);
	line->cancelled = (unsigned)sqlite3_column_int64(s, 11);
	line->entry = sqlite3_column_int64(s, 12);
	line->back = sqlite3_column_int64(s, 13) != 0;
	line->hold = sqlite3_column_int64(s, 14);
	return line;
}

/* A step that only notes what never ran is left out. */
GPtrArray *journal_lines(struct journal *journal, guint most, GError **error)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(line_free);
	sqlite3_stmt *s = sql_query(
		journal->sql,
		"SELECT CASE WHEN v.id IS NOT NULL THEN v.id"
		" WHEN p.visible THEN p.id ELSE 0 END, p.made, p.what,"
		" coalesce(v.undone, p.undone),"
		" CASE WHEN e.kind NOT IN " OF_MAILBOXES " THEN e.mailbox"
		" ELSE '' END,"
		" CASE WHEN e.kind IN (1, 2, 5, 11, 12) THEN e.target"
		" ELSE '' END,"
		" e.reason, e.identity, sum(i.state = 0) AS waits,"
		" sum(i.state IN (1, 4)), sum(i.state = 2) AS refused,"
		" sum(i.state = 3) AS given_up, e.id,"
		" CASE WHEN v.id IS NULL THEN e.of <> 0 ELSE v.undone END,"
		" max(CASE i.state WHEN 0 THEN i.hold ELSE 0 END)"
		" FROM entry e JOIN step p ON p.id = e.step"
		" JOIN item i ON i.entry = e.id"
		" LEFT JOIN step v ON v.effect = p.id AND v.id <> p.id"
		" GROUP BY e.id HAVING p.visible OR given_up < count(*)"
		" ORDER BY waits + refused > 0 DESC, e.id DESC LIMIT ?",
		"i", (int64_t)most);
	enum sql_result got;

	while ((got = sql_step(journal->sql, s, error)) == SQL_ROW)
		g_ptr_array_add(lines, read_line(journal, s));
	if (got == SQL_DONE)
		return lines;
	g_ptr_array_unref(lines);
	return NULL;
}

/* The items of an entry that needs this one. */
#define NEEDY "(SELECT i.id FROM item n JOIN item i ON i.needs = n.id" \
	" AND i.needs <> 0 WHERE n.entry = ?)"

static bool change_entry(struct journal *journal, const char *text,
			 const char *needy, int64_t entry, GError **error)
{
	bool ok = journal_step_begin(journal, error);

	if (!ok)
		return false;
	ok = sql_do(journal->sql, error, text, "i", entry) &&
	     (needy == NULL || sql_do(journal->sql, error, needy, "i", entry)) &&
	     sql_do(journal->sql, error,
		    "UPDATE entry SET reason = NULL WHERE id = ?", "i", entry);
	return journal_step_end(journal, ok, error);
}

bool journal_again(struct journal *journal, int64_t entry, GError **error)
{
	return change_entry(journal,
			    /* What has a copy has only to be removed. */
			    "UPDATE item SET state = 0, hold = 0, tries = 0,"
			    " stage = CASE WHEN state = 2 AND landed <> 0 AND"
			    "  (SELECT kind FROM entry WHERE id = item.entry)"
			    "  = 11 THEN 3 ELSE stage END"
			    " WHERE state IN (0, 2) AND entry = ?",
			    "UPDATE item SET state = 0, hold = 0, tries = 0"
			    " WHERE state = 2 AND id IN " NEEDY,
			    entry, error);
}

bool journal_drop(struct journal *journal, int64_t entry, GError **error)
{
	return change_entry(journal,
			    "UPDATE item SET state = 3 WHERE (state = 2"
			    " OR (state = 0 AND stage = 0)) AND entry = ?",
			    "UPDATE item SET state = 3 WHERE (state = 2"
			    " OR (state = 0 AND stage = 0)) AND id IN " NEEDY,
			    entry, error);
}
