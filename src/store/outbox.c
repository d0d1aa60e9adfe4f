/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox: opening, adding, the files of the messages. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal-private.h"
#include "outbox-private.h"

#include "smew/base.h"

#define OUTBOX_LOCK "sender.lock"
#define OUTBOX_DIR "outbox"
#define SUFFIX ".eml"
#define NEW_PREFIX "new-"
#define COPY_SUFFIX ".lf" /* for a program, while it reads it */
/* Nobody writes a message for longer: what is older was left behind. */
#define NEW_SECONDS (7 * 24 * 3600)
#define ADDRESS_MAX 254

int64_t outbox_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

char *outbox_path(const struct outbox *outbox, int64_t id)
{
	g_autofree char *name =
		g_strdup_printf("%" PRId64 SUFFIX, id);

	return g_build_filename(outbox->dir, OUTBOX_DIR, name, NULL);
}

/* 'what' failed with 'path', as errno says. */
static bool fail_with(GError **error, const char *what, const char *path)
{
	g_autofree char *clean = sanitise_line(path, -1);

	g_set_error(error, STORE_ERROR, STORE_ERROR_IO, "%s '%s': %s", what,
		    clean, g_strerror(errno));
	return false;
}

/* ---- files ---- */

int outbox_new_file(const char *dir, char **path, GError **error)
{
	g_autofree char *inside = g_build_filename(dir, OUTBOX_DIR, NULL);
	g_autofree char *name = g_strdup_printf(
		NEW_PREFIX "%ld-%08x%08x" SUFFIX, (long)getpid(),
		g_random_int(), g_random_int());
	int fd;

	*path = NULL;
	if (!path_make_private(inside, error))
		return -1;
	*path = g_build_filename(inside, name, NULL);
	fd = path_open_private(*path, O_WRONLY | O_CREAT | O_EXCL, error);
	if (fd < 0)
		g_clear_pointer(path, g_free);
	return fd;
}

static bool sync_path(const char *path, int flags, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | flags);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		fail_with(error, _("cannot write to the disk"), path);
	if (fd >= 0)
		close(fd);
	return ok;
}

/*
 * The file gets its name for good, and the disk has it. Until the entry is
 * there it keeps its old name as well: by that an entry that was not made is
 * told from one that was lost.
 */
static bool take_file(const char *from, const char *to, GError **error)
{
	g_autofree char *inside = g_path_get_dirname(to);

	if (!sync_path(from, 0, error))
		return false;
	/* Of a message whose entry was not made. */
	g_unlink(to);
	/* Some file systems have no second names. */
	if (link(from, to) != 0 && g_rename(from, to) != 0)
		return fail_with(error, _("cannot put into the outbox"), from);
	return sync_path(inside, O_DIRECTORY, error);
}

/* It is the caller's again. */
static void give_file_back(const char *from, const char *to)
{
	if (access(from, F_OK) == 0)
		g_unlink(to);
	else
		g_rename(to, from);
}

/* ---- addresses ---- */

/* A quoted local part may have blanks and brackets; nothing has controls. */
static bool octets_ok(const char *text, size_t length, bool quoted)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (!quoted && (c == ' ' || strchr("<>()[]\\,;:\"", c) != NULL))
			return false;
	}
	return true;
}

/* "...", with nothing but pairs of a backslash and an octet in between. */
static bool quoted_ok(const char *text, size_t length)
{
	if (length < 2 || text[length - 1] != '"')
		return false;
	for (size_t i = 1; i + 1 < length; i++) {
		if (text[i] == '"')
			return false;
		if (text[i] == '\\' && ++i + 1 >= length)
			return false;
	}
	return octets_ok(text, length, true);
}

/* A name, or an address literal in brackets. */
static bool domain_ok(const char *text)
{
	size_t length = strlen(text);

	if (length > 2 && text[0] == '[' && text[length - 1] == ']')
		return strspn(text + 1, "0123456789abcdefABCDEF:.IPv") ==
		       length - 2;
	return length > 0 && text[0] != '.' && text[0] != '-' &&
	       text[length - 1] != '.' && strstr(text, "..") == NULL &&
	       strchr(text, '@') == NULL && octets_ok(text, length, false);
}

/* C1 controls, and what could turn a line around or be invisible. */
static bool visible(const char *address)
{
	g_autofree char *clean = sanitise_line(address, -1);

	return strcmp(clean, address) == 0;
}

bool outbox_address_ok(const char *address)
{
	const char *at = strrchr(address, '@');
	size_t local;

	if (at == NULL || at == address || address[0] == '-' ||
	    strlen(address) > ADDRESS_MAX ||
	    !g_utf8_validate(address, -1, NULL) || !visible(address))
		return false;
	local = (size_t)(at - address);
	if (address[0] == '"' ? !quoted_ok(address, local)
			      : !octets_ok(address, local, false) ||
					memchr(address, '@', local) != NULL)
		return false;
	return domain_ok(at + 1);
}

static bool check_address(const char *address, GError **error)
{
	g_autofree char *clean = NULL;

	if (outbox_address_ok(address))
		return true;
	clean = sanitise_line(address, -1);
	g_set_error(error, STORE_ERROR, STORE_ERROR_IO,
		    _("'%s' is not an address that mail can be sent to"),
		    clean);
	return false;
}

static bool check_envelope(const struct outbox_mail *mail, GError **error)
{
	if (mail->postponed)
		return true;
	if (*mail->sender != '\0' && !check_address(mail->sender, error))
		return false;
	if (mail->recipients == NULL || mail->recipients[0] == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IO,
				    _("no recipients are given"));
		return false;
	}
	for (const char *const *to = mail->recipients; *to != NULL; to++)
		if (!check_address(*to, error))
			return false;
	return true;
}

/* ---- adding ---- */

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static unsigned todo_of(const struct outbox_mail *mail)
{
	return (*or_empty(mail->fcc) != '\0' ? OUTBOX_FCC : 0) |
	       (*or_empty(mail->original.mailbox) != '\0' ? OUTBOX_MARK : 0) |
	       (*or_empty(mail->draft.mailbox) != '\0' ? OUTBOX_DRAFT : 0);
}

static int64_t insert(struct outbox *outbox, const struct outbox_mail *mail,
		      int64_t size, GError **error)
{
	/* A draft has nobody to go to, and is as good as sent. */
	g_autofree char *to =
		mail->postponed
			? g_strdup("")
			: g_strjoinv("\n",
				     (char **)(uintptr_t)mail->recipients);
	int64_t now = outbox_now();
	int64_t at = mail->not_before != 0 ? mail->not_before
					   : now + mail->delay;

	if (!sql_do(outbox->sql, error,
		    "INSERT INTO outbox (identity, state, todo, made, at, wait,"
		    " sender, rcpt, subject, message_id, size, fcc, fcc_header,"
		    " o_mailbox, o_uid, o_validity, o_message_id, forwarded,"
		    " d_mailbox, d_uid, d_validity, d_message_id, notify, ret)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		    " ?, ?, ?, ?, ?, ?, ?, ?)",
		    "siiiiissssisssiisisiisss", outbox->identity,
		    (int64_t)(mail->postponed ? OUTBOX_SENT : OUTBOX_WAITING),
		    (int64_t)todo_of(mail), now, at,
		    mail->not_before != 0 ? (int64_t)0 : (int64_t)mail->delay,
		    mail->sender, to, or_empty(mail->subject),
		    or_empty(mail->message_id), size, or_empty(mail->fcc),
		    or_empty(mail->fcc_header),
		    or_empty(mail->original.mailbox),
		    (int64_t)mail->original.uid,
		    (int64_t)mail->original.uidvalidity,
		    or_empty(mail->original.message_id),
		    (int64_t)mail->forwarded, or_empty(mail->draft.mailbox),
		    (int64_t)mail->draft.uid,
		    (int64_t)mail->draft.uidvalidity,
		    or_empty(mail->draft.message_id),
		    or_empty(mail->dsn_notify), or_empty(mail->dsn_return)))
		return 0;
	return sqlite3_last_insert_rowid(sql_handle(outbox->sql));
}

/*
 * The file is in its place before the entry is: a kill in between leaves a
 * file without an entry, whose number the next message takes, and the draft
 * that the caller still has.
 */
int64_t outbox_add(struct outbox *outbox, const struct outbox_mail *mail,
		   GError **error)
{
	g_autofree char *path = NULL;
	struct stat status;
	int64_t id;

	if (!check_envelope(mail, error))
		return 0;
	if (g_stat(mail->path, &status) != 0) {
		fail_with(error, _("cannot read"), mail->path);
		return 0;
	}
	if (!sql_do(outbox->sql, error, "BEGIN IMMEDIATE", ""))
		return 0;
	id = insert(outbox, mail, status.st_size, error);
	if (id != 0)
		path = outbox_path(outbox, id);
	if (id != 0 && take_file(mail->path, path, error)) {
		if (sql_do(outbox->sql, error, "COMMIT", "")) {
			g_unlink(mail->path);
			return id;
		}
		give_file_back(mail->path, path);
	}
	sql_do(outbox->sql, NULL, "ROLLBACK", "");
	return 0;
}

/* ---- opening ---- */

/* The number of a message's file, 0 for another name. */
static int64_t number_of(const char *name)
{
	char *end;
	gint64 id = g_ascii_strtoll(name, &end, 10);

	return id > 0 && strcmp(end, SUFFIX) == 0 ? id : 0;
}

static bool adopt(struct outbox *outbox, int64_t id, const char *path,
		  GError **error)
{
	struct stat status;

	if (g_stat(path, &status) != 0)
		return true;
	/* It never had one. */
	if (status.st_nlink > 1)
		return g_unlink(path) == 0;
	return sql_do(outbox->sql, error,
		      "INSERT OR IGNORE INTO outbox (id, identity, state, todo,"
		      " made, at, wait, sender, rcpt, subject, message_id,"
		      " size, fcc, fcc_header, o_mailbox, o_uid, o_validity,"
		      " o_message_id, forwarded, d_mailbox, d_uid, d_validity,"
		      " d_message_id, notify, ret, reason)"
		      " VALUES (?1, ?2, 4, 0, ?3, ?3, 0, '', '', '', '', ?4,"
		      " '', '', '', 0, 0, '', 0, '', 0, 0, '', '', '', ?5)",
		      "isiis", id, outbox->identity, (int64_t)status.st_mtime,
		      (int64_t)status.st_size,
		      _("it is not known to whom it was to go, nor whether it "
			"was sent: the journal was damaged"));
}

/* What an entry has no file, or a file no entry: see outbox_open(). */
static void look_at_message(struct outbox *outbox, const char *path, int64_t id,
			    int64_t last)
{
	int64_t known = 0;

	sql_value(outbox->sql, &known, 0, NULL,
		  "SELECT count(*) FROM outbox WHERE id = ? AND state <> 6",
		  "i", id);
	if (known == 0 && last == 0)
		adopt(outbox, id, path, NULL);
	else if (known == 0 && id <= last)
		g_unlink(path);
}

static void look_at_other(const char *path, const char *name)
{
	struct stat status;

	if (g_str_has_suffix(name, COPY_SUFFIX))
		g_unlink(path);
	/* The second name of one that was just looked at; or nobody's. */
	else if (g_str_has_prefix(name, NEW_PREFIX) &&
		 g_stat(path, &status) == 0 &&
		 (status.st_nlink > 1 ||
		  status.st_mtime + NEW_SECONDS < outbox_now()))
		g_unlink(path);
}

/* The messages first, then what is beside them. */
static void look_at_all(struct outbox *outbox, GDir *dir, const char *inside,
			int64_t last, bool messages)
{
	const char *name;

	g_dir_rewind(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(inside, name, NULL);
		int64_t id = number_of(name);

		if (messages && id != 0)
			look_at_message(outbox, path, id, last);
		else if (!messages && id == 0)
			look_at_other(path, name);
	}
}

/*
 * A journal that never had an entry, and messages: it is one that was begun
 * anew. Else a file without entry is that of one that ended.
 */
static void tidy(struct outbox *outbox)
{
	g_autofree char *inside =
		g_build_filename(outbox->dir, OUTBOX_DIR, NULL);
	GDir *dir = g_dir_open(inside, 0, NULL);
	int64_t last = 0;

	if (dir == NULL)
		return;
	sql_do(outbox->sql, NULL, "BEGIN IMMEDIATE", "");
	sql_value(outbox->sql, &last, 0, NULL,
		  "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'", "");
	look_at_all(outbox, dir, inside, last, true);
	look_at_all(outbox, dir, inside, last, false);
	sql_do(outbox->sql, NULL, "COMMIT", "");
	g_dir_close(dir);
}

struct outbox *outbox_open(const char *dir, const char *identity,
			   char **notice, GError **error)
{
	struct sql *sql = journal_open_file(dir, notice, error);
	struct outbox *outbox;

	if (sql == NULL)
		return NULL;
	outbox = g_new0(struct outbox, 1);
	outbox->sql = sql;
	outbox->identity = g_strdup(identity);
	outbox->dir = g_strdup(dir);
	outbox->lock = -1;
	return outbox;
}

void outbox_close(struct outbox *outbox)
{
	if (outbox == NULL)
		return;
	sql_close(outbox->sql);
	if (outbox->lock >= 0)
		close(outbox->lock);
	g_free(outbox->identity);
	g_free(outbox->dir);
	g_free(outbox);
}

/* What was refused or taken back is for the user to go on with. */
bool outbox_has(const char *dir, const char *message_id)
{
	g_autofree char *path = g_build_filename(dir, JOURNAL_FILE, NULL);
	struct sql *sql = sql_open(path, SQLITE_OPEN_READWRITE, NULL);
	int64_t n = 0;

	if (sql == NULL)
		return false;
	sql_value(sql, &n, 0, NULL,
		  "SELECT count(*) FROM outbox WHERE message_id = ?"
		  " AND state NOT IN (4, 7)",
		  "s", message_id);
	sql_close(sql);
	return n > 0;
}

/* ---- among processes ---- */

/* Nobody else sends: what is under way was so in a process that was killed. */
static void put_right(struct outbox *outbox)
{
	sql_do(outbox->sql, NULL,
	       "UPDATE outbox SET state = 0, at = 0 WHERE state = 1", "");
	sql_do(outbox->sql, NULL,
	       "UPDATE outbox SET state = 3, reason = ? WHERE state = 2", "s",
	       _("smew ended while the server was taking it"));
	sql_do(outbox->sql, NULL,
	       "UPDATE outbox SET state = 4, reason = ? WHERE state = 7", "s",
	       _("it was taken back, and smew ended before it was sent "
		 "again"));
	tidy(outbox);
}

bool outbox_executes(struct outbox *outbox)
{
	g_autofree char *path = NULL;
	int fd;

	if (outbox->lock >= 0)
		return true;
	path = g_build_filename(outbox->dir, OUTBOX_LOCK, NULL);
	fd = path_open_private(path, O_RDWR | O_CREAT, NULL);
	if (fd < 0)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return false;
	}
	outbox->lock = fd;
	put_right(outbox);
	return true;
}

bool outbox_changed(struct outbox *outbox)
{
	int64_t version;
	bool changed;

	if (!sql_value(outbox->sql, &version, 0, NULL, "PRAGMA data_version",
		       ""))
		return false;
	changed = outbox->version != 0 && outbox->version != version;
	outbox->version = version;
	return changed;
}
