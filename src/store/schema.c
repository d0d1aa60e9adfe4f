/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "schema.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smew/store.h"

#include "matcher.h"

/* Marks the file as ours for file(1) and for the check at the opening. */
#define APPLICATION 0x736d6577 /* "smew" */

/* Up to this size the whole file is checked at the opening (some 20 ms);
 * damage in a larger one is noticed when its pages are read. */
#define CHECK_LIMIT (16 * 1024 * 1024)

/*
 * msg is narrow and hot: the order arrays are built from msg_order alone. hdr
 * is read for visible rows and when a thread is laid out. 'shown' is the
 * flags with the user's wishes merged in. thr has a row a thread as it is
 * shown; (subject, reply, first) finds the thread a reply without references
 * belongs to. mid says in which thread a Message-ID is present or missed. log
 * tells readers what changed; its oldest entries are removed.
 */
static const char *const migrations[] = {
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE mbox ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
	" display TEXT NOT NULL, delimiter INTEGER NOT NULL DEFAULT 0,"
	" attributes INTEGER NOT NULL DEFAULT 0,"
	" role INTEGER NOT NULL DEFAULT 0,"
	" listed INTEGER NOT NULL DEFAULT 0,"
	" uidvalidity INTEGER NOT NULL DEFAULT 0,"
	" uidnext INTEGER NOT NULL DEFAULT 0,"
	" modseq INTEGER NOT NULL DEFAULT 0,"
	" messages INTEGER NOT NULL DEFAULT 0,"
	" unseen INTEGER NOT NULL DEFAULT 0,"
	" counted INTEGER NOT NULL DEFAULT 0,"
	" complete INTEGER NOT NULL DEFAULT 0,"
	" total INTEGER NOT NULL DEFAULT 0,"
	" unread INTEGER NOT NULL DEFAULT 0,"
	" fresh INTEGER NOT NULL DEFAULT 0,"
	" flagged INTEGER NOT NULL DEFAULT 0,"
	" deleted INTEGER NOT NULL DEFAULT 0,"
	" octets INTEGER NOT NULL DEFAULT 0);"
	"CREATE TABLE msg ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, mbox INTEGER NOT NULL,"
	" uid INTEGER NOT NULL, flags INTEGER NOT NULL,"
	" want_add INTEGER NOT NULL DEFAULT 0,"
	" want_del INTEGER NOT NULL DEFAULT 0,"
	" shown INTEGER NOT NULL, modseq INTEGER NOT NULL,"
	" sent INTEGER NOT NULL, recv INTEGER NOT NULL,"
	" size INTEGER NOT NULL, thr INTEGER NOT NULL,"
	" ord INTEGER NOT NULL, depth INTEGER NOT NULL,"
	" rails INTEGER NOT NULL, look INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX msg_uid ON msg (mbox, uid);"
	"CREATE INDEX msg_order ON msg (mbox, thr, ord, depth, shown);"
	"CREATE INDEX msg_wish ON msg (mbox)"
	" WHERE want_add <> 0 OR want_del <> 0;"
	"CREATE TABLE hdr ("
	" id INTEGER PRIMARY KEY, ids BLOB, subject TEXT, sender TEXT,"
	" sender_name TEXT, recipient TEXT, recipient_name TEXT, cc TEXT,"
	" message_id TEXT, in_reply_to TEXT, refs TEXT, list_id TEXT,"
	" keywords TEXT, zone INTEGER, structure TEXT);"
	"CREATE TABLE thr ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, mbox INTEGER NOT NULL,"
	" last INTEGER NOT NULL, newest INTEGER NOT NULL,"
	" first INTEGER NOT NULL, n INTEGER NOT NULL,"
	" unread INTEGER NOT NULL, fresh INTEGER NOT NULL,"
	" subject INTEGER NOT NULL, reply INTEGER NOT NULL,"
	" joined INTEGER NOT NULL);"
	"CREATE INDEX thr_last ON thr (mbox, last, id, n);"
	"CREATE INDEX thr_unread ON thr (mbox, last, id) WHERE unread > 0;"
	"CREATE INDEX thr_subject ON thr (mbox, subject, reply, first)"
	" WHERE subject <> 0;"
	"CREATE TABLE mid ("
	" mbox INTEGER NOT NULL, hash INTEGER NOT NULL, thr INTEGER NOT NULL,"
	" PRIMARY KEY (mbox, hash)) WITHOUT ROWID;"
	"CREATE TABLE body ("
	" key INTEGER PRIMARY KEY, id INTEGER NOT NULL,"
	" section TEXT NOT NULL, data BLOB NOT NULL);"
	"CREATE UNIQUE INDEX body_section ON body (id, section);"
	"CREATE TABLE log ("
	" seq INTEGER PRIMARY KEY AUTOINCREMENT, mbox INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, ref INTEGER NOT NULL);",

	/* Orders are sorted by their readers: 'rails' goes, the index gets
	 * dates and UIDs, threads are laid out anew as messages come again. */
	"DROP TABLE msg;"
	"CREATE TABLE msg ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, mbox INTEGER NOT NULL,"
	" uid INTEGER NOT NULL, flags INTEGER NOT NULL,"
	" want_add INTEGER NOT NULL DEFAULT 0,"
	" want_del INTEGER NOT NULL DEFAULT 0,"
	" shown INTEGER NOT NULL, modseq INTEGER NOT NULL,"
	" sent INTEGER NOT NULL, recv INTEGER NOT NULL,"
	" size INTEGER NOT NULL, thr INTEGER NOT NULL,"
	" ord INTEGER NOT NULL, depth INTEGER NOT NULL,"
	" look INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX msg_uid ON msg (mbox, uid);"
	"CREATE INDEX msg_order ON msg"
	" (mbox, thr, ord, look, shown, uid, recv, sent, depth);"
	"CREATE INDEX msg_wish ON msg (mbox)"
	" WHERE want_add <> 0 OR want_del <> 0;"
	"DROP TABLE thr;"
	"CREATE TABLE thr ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, mbox INTEGER NOT NULL,"
	" last INTEGER NOT NULL, uid INTEGER NOT NULL,"
	" newest INTEGER NOT NULL,"
	" first INTEGER NOT NULL, n INTEGER NOT NULL,"
	" unread INTEGER NOT NULL, fresh INTEGER NOT NULL,"
	" subject INTEGER NOT NULL, reply INTEGER NOT NULL,"
	" joined INTEGER NOT NULL);"
	"CREATE INDEX thr_last ON thr (mbox, last, uid, id, n);"
	"CREATE INDEX thr_unread ON thr (mbox, last, uid) WHERE unread > 0;"
	"CREATE INDEX thr_subject ON thr (mbox, subject, reply, first)"
	" WHERE subject <> 0;"
	"DELETE FROM hdr; DELETE FROM mid; DELETE FROM body;"
	"DELETE FROM log;"
	"UPDATE mbox SET total = 0, unread = 0, fresh = 0, flagged = 0,"
	" deleted = 0, octets = 0, complete = 0, modseq = 0;",

	("ALTER TABLE hdr ADD COLUMN base TEXT;"
	 "CREATE INDEX hdr_base ON hdr (id) WHERE base IS NOT NULL;"),

	/* What the server has of In-Reply-To and References, a line each,
	 * where the user wants others. */
	("ALTER TABLE hdr ADD COLUMN links TEXT;"
	 "CREATE INDEX hdr_links ON hdr (id) WHERE links IS NOT NULL;"),

	/* What the user wants of a mailbox: WISH_*, the name that it will
	 * have and how it is shown. */
	("ALTER TABLE mbox ADD COLUMN wish INTEGER NOT NULL DEFAULT 0;"
	 "ALTER TABLE mbox ADD COLUMN will TEXT;"
	 "ALTER TABLE mbox ADD COLUMN alias TEXT;"),
};

int schema_version(void)
{
	return G_N_ELEMENTS(migrations);
}

static bool migrate(struct sql *sql, int64_t from, const char *identity,
		    GError **error)
{
	g_autofree char *mark = NULL;

	if (!sql_exec(sql, "BEGIN IMMEDIATE", error))
		return false;
	for (int64_t i = from; i < schema_version(); i++)
		if (!sql_exec(sql, migrations[i], error))
			goto failed;
	mark = g_strdup_printf("PRAGMA application_id = %d;"
			       "PRAGMA user_version = %d",
			       APPLICATION, schema_version());
	if (!sql_exec(sql, mark, error) ||
	    !sql_do(sql, error,
		    "INSERT INTO meta (key, value) VALUES ('identity', ?)"
		    " ON CONFLICT DO NOTHING",
		    "s", identity) ||
	    !sql_exec(sql, "COMMIT", error))
		goto failed;
	return true;
failed:
	sql_exec(sql, "ROLLBACK", NULL);
	return false;
}

/*
 * A file shorter than its own header says has lost its end. Read through
 * SQLite's own descriptor: closing another one of the same file would drop
 * all locks that this process, the view included, holds on it.
 */
static bool header_is_sound(struct sql *sql, sqlite3_int64 *size)
{
	unsigned char head[100];
	sqlite3_file *file = NULL;
	uint64_t page, pages;

	*size = 0;
	sqlite3_file_control(sql_handle(sql), "main",
			     SQLITE_FCNTL_FILE_POINTER, &file);
	if (file == NULL || file->pMethods == NULL ||
	    file->pMethods->xFileSize(file, size) != SQLITE_OK)
		return true; /* the first statement will say what is wrong */
	if (*size == 0)
		return true; /* new */
	if (*size < (sqlite3_int64)sizeof(head) ||
	    file->pMethods->xRead(file, head, sizeof(head), 0) != SQLITE_OK ||
	    memcmp(head, "SQLite format 3", 16) != 0)
		return false;
	page = (uint64_t)head[16] << 8 | head[17];
	if (page == 1)
		page = 65536;
	pages = (uint64_t)head[28] << 24 | (uint64_t)head[29] << 16 |
		(uint64_t)head[30] << 8 | head[31];
	return (uint64_t)*size >= page * pages;
}

/* Why the file cannot be used as it is; SOUND may still be an empty one. */
enum verdict { SOUND, DAMAGED, NEWER, FOREIGN, FAILED };

static bool check_pages(struct sql *sql, sqlite3_int64 size)
{
	sqlite3_stmt *check;
	bool sound = false;

	if (size > CHECK_LIMIT)
		return true;
	check = sql_query(sql, "PRAGMA quick_check(1)", "");
	if (sql_step(sql, check, NULL) == SQL_ROW)
		sound = g_strcmp0((const char *)sqlite3_column_text(check, 0),
				  "ok") == 0;
	if (check != NULL)
		sql_end(check);
	return sound;
}

static bool same_identity(struct sql *sql, const char *identity)
{
	sqlite3_stmt *query = sql_query(
		sql, "SELECT value FROM meta WHERE key = 'identity'", "");
	bool same = false;

	if (sql_step(sql, query, NULL) == SQL_ROW) {
		same = g_strcmp0((const char *)sqlite3_column_text(query, 0),
				 identity) == 0;
		sql_end(query);
	}
	return same;
}

static enum verdict judge(struct sql *sql, const char *identity,
			  int64_t *version)
{
	g_autoptr(GError) error = NULL;
	int64_t application, tables;
	sqlite3_int64 size;

	if (!header_is_sound(sql, &size))
		return DAMAGED;
	if (!sql_value(sql, version, 0, &error, "PRAGMA user_version", "") ||
	    !sql_value(sql, &application, 0, &error, "PRAGMA application_id",
		       "") ||
	    !sql_value(sql, &tables, 0, &error,
		       "SELECT count(*) FROM sqlite_schema", ""))
		return sql_damaged(sql) ? DAMAGED : FAILED;
	if (tables == 0 && *version == 0)
		return SOUND;
	if (application != APPLICATION || *version <= 0)
		return DAMAGED;
	if (*version > schema_version())
		return NEWER;
	if (!check_pages(sql, size))
		return DAMAGED;
	if (!same_identity(sql, identity))
		return sql_damaged(sql) ? DAMAGED : FOREIGN;
	return SOUND;
}

bool schema_set_aside(const char *dir, const char *suffix, GError **error)
{
	static const char *const parts[] = { "-wal", "-shm", "" };
	bool moved = true;

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *from = g_strconcat(
			dir, "/" SCHEMA_FILE, parts[i], NULL);
		g_autofree char *to = g_strconcat(dir, "/" SCHEMA_FILE, suffix,
						  parts[i], NULL);

		if (g_rename(from, to) == 0)
			continue;
		if (errno == ENOENT) {
			g_unlink(to);
			continue;
		}
		g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
			    _("cannot set the cache '%s' aside: %s"), from,
			    g_strerror(errno));
		moved = false;
		break;
	}
	return moved;
}

static const char *notice_of(enum verdict verdict)
{
	switch (verdict) {
	case NEWER:
		return _("the cache was made by a newer smew: set aside as "
			 "cache.db.old, a new one is begun");
	case FOREIGN:
		return _("the cache belongs to another server: set aside as "
			 "cache.db.old, a new one is begun");
	default:
		return _("the cache was damaged: set aside as cache.db.bad, "
			 "a new one is begun");
	}
}

const char *schema_foreign_notice(void)
{
	return notice_of(FOREIGN);
}

static struct sql *prepare(const char *path, GError **error)
{
	struct sql *sql = sql_open(path, SQLITE_OPEN_READWRITE, error);

	if (sql != NULL)
		sqlite3_db_config(sql_handle(sql), SQLITE_DBCONFIG_DEFENSIVE,
				  1, NULL);
	return sql;
}

/* A new one that a power cut spoils is begun anew: it does not wait for the
 * disk. */
static bool configure(struct sql *sql, bool new, GError **error)
{
	if (!sql_exec(sql,
		      new ? "PRAGMA synchronous = OFF"
			  : "PRAGMA synchronous = NORMAL",
		      error))
		return false;
	return sql_exec(sql,
			"PRAGMA journal_mode = WAL;"
			"PRAGMA cache_size = -32768;"
			"PRAGMA temp_store = MEMORY;"
			"PRAGMA wal_autocheckpoint = 4000;"
			"PRAGMA journal_size_limit = 67108864;"
			"PRAGMA trusted_schema = OFF",
			error);
}

/* Makes an empty file 0600; one that is there must be a file, not a link. */
static bool make_file(const char *path, GError **error)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) == 0) {
		if (S_ISREG(st.st_mode))
			return true;
		g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
			    _("cannot use the cache '%s': it is not a "
			      "regular file"),
			    path);
		return false;
	}
	fd = path_open_private(path, O_RDWR | O_CREAT | O_EXCL, error);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

/* One try: opens and judges; '*sql' is left open when it is SOUND. */
static enum verdict try_open(const char *path, const char *identity,
			     struct sql **sql, GError **error)
{
	enum verdict verdict;
	int64_t version = 0;

	*sql = make_file(path, error) ? prepare(path, error) : NULL;
	if (*sql == NULL)
		return FAILED;
	verdict = judge(*sql, identity, &version);
	if (verdict == SOUND && configure(*sql, version == 0, error) &&
	    (version == schema_version() ||
	     migrate(*sql, version, identity, error)) &&
	    sql_exec(*sql, "PRAGMA synchronous = NORMAL", error))
		return SOUND;
	if (verdict == SOUND)
		verdict = sql_damaged(*sql) ? DAMAGED : FAILED;
	if (verdict == FAILED && *error == NULL)
		sql_exec(*sql, "SELECT 1 FROM sqlite_schema", error);
	sql_close(*sql);
	*sql = NULL;
	return verdict;
}

/* Two that begin at once make one cache. Closing ends the lock; where there can
 * be none, the file is opened without. */
static int lock_opening(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, SCHEMA_FILE ".lock",
						 NULL);
	int fd = path_open_private(path, O_RDWR | O_CREAT, NULL);

	while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
		;
	return fd;
}

static struct sql *open_locked(const char *dir, const char *identity,
			       char **notice, GError **error)
{
	g_autofree char *path = g_build_filename(dir, SCHEMA_FILE, NULL);
	g_autoptr(GError) reason = NULL;
	enum verdict verdict;
	struct sql *sql;

	verdict = try_open(path, identity, &sql, &reason);
	if (verdict != SOUND && verdict != FAILED) {
		log_line(LOG_FAULT, "store", "%s", notice_of(verdict));
		if (!schema_set_aside(dir, verdict == DAMAGED ? ".bad" : ".old",
				      error))
			return NULL;
		if (notice != NULL)
			*notice = g_strdup(notice_of(verdict));
		g_clear_error(&reason);
		verdict = try_open(path, identity, &sql, &reason);
	}
	if (verdict == SOUND)
		return sql;
	if (notice != NULL)
		g_clear_pointer(notice, g_free);
	if (reason == NULL)
		g_set_error(&reason, STORE_ERROR, STORE_ERROR_IO,
			    _("cannot write the cache '%s'"), path);
	g_propagate_error(error, g_steal_pointer(&reason));
	return NULL;
}

struct sql *schema_open(const char *dir, const char *identity, char **notice,
			GError **error)
{
	struct sql *sql;
	int lock;

	if (notice != NULL)
		*notice = NULL;
	if (!path_make_private(dir, error))
		return NULL;
	lock = lock_opening(dir);
	sql = open_locked(dir, identity, notice, error);
	if (lock >= 0)
		close(lock);
	return sql;
}

struct sql *schema_open_reader(const char *dir)
{
	g_autofree char *path = g_build_filename(dir, SCHEMA_FILE, NULL);
	struct sql *sql;
	struct stat st;
	int64_t version;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	sql = sql_open(path, SQLITE_OPEN_READONLY, NULL);
	if (sql == NULL)
		return NULL;
	matcher_prepare(sql);
	if (sql_value(sql, &version, 0, NULL, "PRAGMA user_version", "") &&
	    version == schema_version() &&
	    sql_exec(sql,
		     "PRAGMA cache_size = -16384;"
		     "PRAGMA temp_store = MEMORY;"
		     "PRAGMA trusted_schema = OFF",
		     NULL))
		return sql;
	sql_close(sql);
	return NULL;
}
