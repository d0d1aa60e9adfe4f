/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache: its file, mailboxes, flags, wishes, counters, bodies. */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-store-common.h"

/* ---- the file ---- */

static char *in(const char *dir, const char *name)
{
	return g_build_filename(dir, name, NULL);
}

static void assert_there(const char *dir, const char *name, bool there)
{
	g_autofree char *path = in(dir, name);

	assert_int_equal(g_file_test(path, G_FILE_TEST_EXISTS), there);
}

/* A cache with enough in it to span many pages. */
static char *filled_cache(void)
{
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	for (uint32_t uid = 1; uid <= 300; uid++) {
		struct store_message m = mail(uid, uid, NULL, NULL, NULL, "x");

		add(store, mbox, &m);
	}
	store_close(store);
	return dir;
}

static int64_t messages_in(struct store *store)
{
	struct store_mailbox *inbox = store_mailbox_get(store, "INBOX", NULL);
	int64_t n = 0;

	if (inbox != NULL) {
		GArray *uids = store_uids(store, inbox->id, NULL);

		n = uids->len;
		g_array_unref(uids);
	}
	store_mailbox_free(inbox);
	return n;
}

/* Opens the cache, which must have been set aside with 'suffix'. */
static void assert_set_aside(char *dir, const char *identity,
			     const char *suffix)
{
	g_autofree char *notice = NULL;
	g_autofree char *name = g_strconcat("cache.db", suffix, NULL);
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(dir, identity, &notice, &error);

	assert_null(error);
	assert_non_null(store);
	assert_non_null(notice);
	assert_null(strchr(notice, '\n'));
	assert_there(dir, name, true);
	assert_int_equal(messages_in(store), 0);
	store_close(store);
	g_clear_pointer(&notice, g_free);
	/* The new one is sound. */
	store = store_open(dir, identity, &notice, &error);
	assert_non_null(store);
	assert_null(notice);
	store_close(store);
	scratch_remove(dir);
}

static void test_opens_again(void **state)
{
	char *dir = filled_cache();
	g_autofree char *path = in(dir, "cache.db");
	char *notice = NULL;
	struct store *store = store_open(dir, IDENTITY, &notice, NULL);
	struct stat st;

	(void)state;
	assert_non_null(store);
	assert_null(notice);
	assert_int_equal(messages_in(store), 300);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	store_close(store);
	scratch_remove(dir);
}

static void assert_note(struct store *store, const char *expected)
{
	g_autofree char *note = store_note(store, "colour");

	assert_string_equal(note, expected);
}

static void test_notes(void **state)
{
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	assert_null(store_note(store, "colour"));
	assert_true(store_set_note(store, "colour", "green", NULL));
	assert_note(store, "green");
	assert_true(store_set_note(store, "colour", "", NULL));
	assert_note(store, "");
	assert_true(store_set_note(store, "colour", "red", NULL));
	store_close(store);
	store = store_open(dir, IDENTITY, NULL, NULL);
	assert_note(store, "red");
	store_close(store);
	scratch_remove(dir);
}

static void test_truncated(void **state)
{
	static const double shares[] = { 0.01, 0.3, 0.5, 0.9, 0.99 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(shares); i++) {
		char *dir = filled_cache();
		g_autofree char *path = in(dir, "cache.db");
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(
			truncate(path, (off_t)(st.st_size * shares[i])), 0);
		assert_set_aside(dir, IDENTITY, ".bad");
	}
}

static void test_garbage(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = in(dir, "cache.db");

	(void)state;
	assert_true(g_file_set_contents(path, "this is no database", -1,
					NULL));
	assert_set_aside(dir, IDENTITY, ".bad");
}

static void test_zeroes(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = in(dir, "cache.db");
	g_autofree char *zeroes = g_malloc0(8192);

	(void)state;
	assert_true(g_file_set_contents(path, zeroes, 8192, NULL));
	assert_set_aside(dir, IDENTITY, ".bad");
}

/* Pages overwritten in the middle: the header alone is sound. */
static void test_damaged_pages(void **state)
{
	char *dir = filled_cache();
	g_autofree char *path = in(dir, "cache.db");
	char noise[4096];
	struct stat st;
	int fd;

	(void)state;
	memset(noise, 0xa5, sizeof(noise));
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 4096; at + 4096 <= st.st_size; at += 3 * 4096)
		assert_int_equal(pwrite(fd, noise, 4096, at), 4096);
	close(fd);
	assert_set_aside(dir, IDENTITY, ".bad");
}

static void test_empty_file_is_new(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = in(dir, "cache.db");
	char *notice = NULL;
	struct store *store;

	(void)state;
	assert_true(g_file_set_contents(path, "", 0, NULL));
	store = store_open(dir, IDENTITY, &notice, NULL);
	assert_non_null(store);
	assert_null(notice);
	store_close(store);
	scratch_remove(dir);
}

static void test_foreign(void **state)
{
	(void)state;
	assert_set_aside(filled_cache(), "bob@elsewhere.example:993", ".old");
}

static void run_sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_newer(void **state)
{
	char *dir = filled_cache();
	g_autofree char *path = in(dir, "cache.db");

	(void)state;
	run_sql(path, "PRAGMA user_version = 4711");
	assert_set_aside(dir, IDENTITY, ".old");
}

static void test_other_program(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = in(dir, "cache.db");

	(void)state;
	run_sql(path, "CREATE TABLE theirs (x)");
	assert_set_aside(dir, IDENTITY, ".bad");
}

static void test_link_is_refused(void **state)
{
	char *dir = scratch_new(), *other = scratch_new();
	g_autofree char *path = in(dir, "cache.db");
	g_autofree char *target = in(other, "precious");
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_true(g_file_set_contents(target, "mine", -1, NULL));
	assert_int_equal(symlink(target, path), 0);
	assert_null(store_open(dir, IDENTITY, NULL, &error));
	assert_non_null(error);
	assert_true(g_file_get_contents(target, &text, NULL, NULL));
	assert_string_equal(text, "mine");
	scratch_remove(dir);
	scratch_remove(other);
}

/* ---- transactions ---- */

static void test_rollback(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	assert_true(store_begin(store, NULL));
	add(store, mbox, &m);
	assert_int_equal(messages_in(store), 1);
	store_rollback(store);
	assert_int_equal(messages_in(store), 0);
	assert_true(store_begin(store, NULL));
	add(store, mbox, &m);
	assert_true(store_commit(store, NULL));
	assert_int_equal(messages_in(store), 1);
	store_close(store);
	scratch_remove(dir);
}

enum { PAIR = 2 };

/* Adds pairs in one transaction each until it is killed. */
static void write_until_killed(const char *dir, int ready)
{
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	for (uint32_t uid = 1;; uid += PAIR) {
		struct store_message m[PAIR] = {
			mail(uid, uid, NULL, NULL, NULL, "x"),
			mail(uid + 1, uid + 1, NULL, NULL, NULL, "Re: x"),
		};

		if (!store_begin(store, NULL) ||
		    !store_add(store, mbox, m, PAIR, NULL) ||
		    !store_commit(store, NULL))
			_exit(1);
		if (uid == 21 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

static void assert_consistent(const char *dir);

static void test_kill(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		char *dir = scratch_new();
		int ready[2], status;
		char *notice = NULL;
		struct store *store;
		char octet;
		pid_t pid;

		assert_int_equal(pipe(ready), 0);
		pid = fork();
		if (pid == 0)
			write_until_killed(dir, ready[1]);
		assert_int_equal(read(ready[0], &octet, 1), 1);
		g_usleep((gulong)round * 700);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		close(ready[0]);
		close(ready[1]);
		store = store_open(dir, IDENTITY, &notice, NULL);
		assert_non_null(store);
		assert_null(notice);
		assert_true(messages_in(store) >= 22);
		assert_int_equal(messages_in(store) % PAIR, 0);
		store_close(store);
		assert_consistent(dir);
		scratch_remove(dir);
	}
}

/* ---- mailboxes ---- */

static struct store_mailbox *listed(const char *name)
{
	struct store_mailbox *m = g_new0(struct store_mailbox, 1);

	m->name = g_strdup(name);
	m->display = g_strdup(name);
	m->delimiter = '/';
	return m;
}

static void set_list(struct store *store, const char *const *names)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(
		(GDestroyNotify)store_mailbox_free);

	for (; *names != NULL; names++)
		g_ptr_array_add(list, listed(*names));
	assert_true(store_set_mailboxes(store, list, NULL));
}

static bool has_mailbox(struct store *store, const char *name)
{
	g_autoptr(GError) error = NULL;
	struct store_mailbox *m = store_mailbox_get(store, name, &error);

	if (m == NULL)
		assert_true(g_error_matches(error, STORE_ERROR,
					    STORE_ERROR_NONE));
	store_mailbox_free(m);
	return m != NULL;
}

static void test_list(void **state)
{
	static const char *const first[] = { "INBOX", "Sent", "Old", NULL };
	static const char *const second[] = { "INBOX", "Sent", "New", NULL };
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	add(store, mbox, &m);
	store_mailbox_free(
		store_mailbox_make(store, "By name", "By name", NULL));
	set_list(store, first);
	set_list(store, second);
	assert_true(has_mailbox(store, "INBOX"));
	assert_true(has_mailbox(store, "New"));
	assert_false(has_mailbox(store, "Old"));
	assert_true(has_mailbox(store, "By name"));
	assert_int_equal(messages_in(store), 1);
	store_close(store);
	scratch_remove(dir);
}

static void test_uidvalidity(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	struct store_mailbox *inbox;

	(void)state;
	inbox = store_mailbox_get(store, "INBOX", NULL);
	inbox->uidvalidity = 7;
	inbox->uidnext = 2;
	inbox->exists = 1;
	assert_true(store_mailbox_update(store, inbox, NULL));
	add(store, mbox, &m);
	inbox->complete = true;
	inbox->modseq = 99;
	assert_true(store_mailbox_update(store, inbox, NULL));
	assert_int_equal(messages_in(store), 1);
	inbox->uidvalidity = 8;
	assert_true(store_mailbox_update(store, inbox, NULL));
	store_mailbox_free(inbox);
	assert_int_equal(messages_in(store), 0);
	inbox = store_mailbox_get(store, "INBOX", NULL);
	assert_int_equal(inbox->uidvalidity, 8);
	assert_false(inbox->complete);
	assert_int_equal(inbox->modseq, 0);
	assert_int_equal(inbox->unseen, 0);
	store_mailbox_free(inbox);
	store_close(store);
	scratch_remove(dir);
}

static uint32_t unseen(struct store *store)
{
	struct store_mailbox *inbox = store_mailbox_get(store, "INBOX", NULL);
	uint32_t n = inbox->unseen;

	store_mailbox_free(inbox);
	return n;
}

static void test_whose_count(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	struct store_mailbox *inbox;

	(void)state;
	assert_true(store_mailbox_counts(store, "INBOX", 10, 4, NULL));
	assert_int_equal(unseen(store), 4);
	/* While it fills the server knows more; what the user reads counts. */
	add(store, mbox, &m);
	assert_int_equal(unseen(store), 4);
	assert_true(store_want_flags(store, mbox, 1, STORE_SEEN, 0, NULL));
	assert_int_equal(unseen(store), 3);
	inbox = store_mailbox_get(store, "INBOX", NULL);
	inbox->uidvalidity = 1;
	inbox->complete = true;
	assert_true(store_mailbox_update(store, inbox, NULL));
	store_mailbox_free(inbox);
	assert_int_equal(unseen(store), 0);
	store_close(store);
	scratch_remove(dir);
}

/* ---- flags and wishes ---- */

static uint32_t shown(const char *dir)
{
	struct postbox *box = postbox_new();
	struct view *view = view_new("default", dir, box);
	struct view_window *w = ask_window(view, box, &by_threads,
					   VIEW_AT_FIRST, 0, 0, 0, 1);
	uint32_t flags = w->rows[0].flags;

	post_free(&w->post);
	view_free(view);
	postbox_free(box);
	return flags;
}

static void test_wishes(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	bool changed;

	(void)state;
	add(store, mbox, &m);
	assert_true(store_want_flags(store, mbox, 1, STORE_FLAGGED, 0, NULL));
	assert_int_equal(shown(dir), STORE_FLAGGED);
	/* What the server says meanwhile does not take it back. */
	assert_true(store_set_flags(store, mbox, 1, STORE_SEEN, "", 5,
				    &changed, NULL));
	assert_true(changed);
	assert_int_equal(shown(dir), STORE_FLAGGED | STORE_SEEN);
	/* The contrary, made while the first is on its way, stays. */
	assert_true(store_want_flags(store, mbox, 1, 0, STORE_FLAGGED, NULL));
	assert_true(store_want_done(store, mbox, 1, STORE_FLAGGED, 0, NULL));
	assert_int_equal(shown(dir), STORE_SEEN);
	assert_true(store_want_done(store, mbox, 1, 0, STORE_FLAGGED, NULL));
	assert_int_equal(shown(dir), STORE_SEEN);
	/* Refused: it is as the server has it. */
	assert_true(store_want_flags(store, mbox, 1, 0, STORE_SEEN, NULL));
	assert_int_equal(shown(dir), 0);
	assert_true(store_set_intents(store, mbox, NULL, 0, NULL));
	assert_int_equal(shown(dir), STORE_SEEN);
	store_close(store);
	scratch_remove(dir);
}

/* Two processes write what they heard, and one of them may be late. */
static void test_late_flags(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	bool changed = true;

	(void)state;
	m.modseq = 100;
	add(store, mbox, &m);
	/* The server's answer to one's own STORE, and its end. */
	assert_true(store_want_flags(store, mbox, 1, STORE_DELETED, 0, NULL));
	assert_true(store_set_modseq(store, mbox, 1, 101, NULL));
	assert_true(store_want_done(store, mbox, 1, STORE_DELETED, 0, NULL));
	/* What another process fetched before that. */
	add(store, mbox, &m);
	assert_int_equal(shown(dir), STORE_DELETED);
	assert_true(store_set_flags(store, mbox, 1, 0, "old", 100, &changed,
				    NULL));
	assert_false(changed);
	assert_int_equal(shown(dir), STORE_DELETED);
	assert_true(store_set_modseq(store, mbox, 1, 99, NULL));
	assert_true(store_set_flags(store, mbox, 1, 0, "", 100, NULL, NULL));
	assert_int_equal(shown(dir), STORE_DELETED);
	assert_true(store_set_flags(store, mbox, 1, STORE_SEEN, "", 101, NULL,
				    NULL));
	assert_int_equal(shown(dir), STORE_SEEN);
	/* A server that has none, or has begun anew. */
	assert_true(store_set_flags(store, mbox, 1, 0, "", 0, NULL, NULL));
	assert_int_equal(shown(dir), 0);
	assert_true(store_forget_modseqs(store, mbox, NULL));
	assert_true(store_set_flags(store, mbox, 1, STORE_SEEN, "", 7, NULL,
				    NULL));
	assert_int_equal(shown(dir), STORE_SEEN);
	store_close(store);
	scratch_remove(dir);
}

/* What leaves the mailbox is not seen, and as it was when it comes back. */
static void test_hidden(void **state)
{
	struct store_message m[] = {
		mail(1, 1, "a", NULL, NULL, "x"),
		mail(2, 2, "b", "a", NULL, "x"),
		mail(3, 3, "c", "b", NULL, "x"),
	};
	const struct store_intent away = { .uid = 2, .gone = true };
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	g_autoptr(GBytes) text = g_bytes_new_static("text", 4);
	const uint32_t gone = 2;
	char *before, *hidden, *after;
	GArray *uids;

	(void)state;
	add_all(store, mbox, m, 3);
	before = picture(dir);
	assert_true(store_set_intents(store, mbox, &away, 1, NULL));
	hidden = picture(dir);
	assert_string_not_equal(before, hidden);
	/* The server goes on speaking of it; it is not added again. */
	assert_true(store_set_flags(store, mbox, 2, STORE_SEEN, "", 9, NULL,
				    NULL));
	assert_true(store_put_body(store, mbox, 2, "", text, NULL));
	add(store, mbox, &m[1]);
	uids = store_uids(store, mbox, NULL);
	assert_int_equal(uids->len, 3);
	g_array_unref(uids);
	after = picture(dir);
	assert_string_equal(hidden, after);
	g_free(after);
	assert_true(store_set_intents(store, mbox, NULL, 0, NULL));
	after = picture(dir);
	assert_string_equal(before, after);
	assert_true(store_has_body(store, mbox, 2, ""));
	/* It goes while nobody sees it. */
	assert_true(store_hide(store, mbox, &gone, 1, NULL));
	assert_true(store_expunge(store, mbox, &gone, 1, NULL));
	g_free(after);
	after = picture(dir);
	assert_string_equal(hidden, after);
	assert_true(store_set_intents(store, mbox, NULL, 0, NULL));
	uids = store_uids(store, mbox, NULL);
	assert_int_equal(uids->len, 2);
	g_array_unref(uids);
	g_free(before);
	g_free(hidden);
	g_free(after);
	store_close(store);
	scratch_remove(dir);
}

static void test_own_flags_stay(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	bool changed = true;

	(void)state;
	m.flags = STORE_ATTACHMENT;
	add(store, mbox, &m);
	assert_true(store_mark_old(store, mbox, NULL));
	assert_int_equal(shown(dir), STORE_ATTACHMENT | STORE_OLD);
	assert_true(store_set_flags(store, mbox, 1, 0, "", 0, &changed, NULL));
	assert_false(changed);
	assert_true(store_set_flags(store, mbox, 1, 0, "work", 0, &changed,
				    NULL));
	assert_true(changed);
	assert_int_equal(shown(dir), STORE_ATTACHMENT | STORE_OLD);
	/* Unknown messages are nobody's error. */
	assert_true(store_set_flags(store, mbox, 77, 0, "", 0, &changed, NULL));
	assert_false(changed);
	store_close(store);
	scratch_remove(dir);
}

static void test_bodies(void **state)
{
	struct store_message m = mail(1, 1, "a", NULL, NULL, "x");
	g_autoptr(GBytes) data = g_bytes_new_static("a\0b", 3);
	g_autoptr(GBytes) none = g_bytes_new_static("", 0);
	g_autofree char *structure = NULL;
	char *dir = scratch_new();
	const uint32_t uid = 1;
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	uint64_t size;

	(void)state;
	add(store, mbox, &m);
	assert_false(store_has_body(store, mbox, 1, "1"));
	assert_true(store_put_body(store, mbox, 1, "1", data, NULL));
	assert_true(store_put_body(store, mbox, 1, "1", data, NULL));
	assert_true(store_put_body(store, mbox, 1, "2", none, NULL));
	assert_true(store_put_body(store, mbox, 99, "1", data, NULL));
	assert_true(store_has_body(store, mbox, 1, "1"));
	assert_true(store_has_body(store, mbox, 1, "2"));
	assert_false(store_has_body(store, mbox, 1, ""));
	assert_null(store_structure(store, mbox, 1, &size));
	assert_true(store_set_structure(store, mbox, 1, "(one)", NULL));
	structure = store_structure(store, mbox, 1, &size);
	assert_string_equal(structure, "(one)");
	assert_int_equal(size, 1001);
	assert_true(store_expunge(store, mbox, &uid, 1, NULL));
	assert_false(store_has_body(store, mbox, 1, "1"));
	store_close(store);
	scratch_remove(dir);
}

/* ---- what is counted equals a recount, whatever was done ---- */

/* Each gives 0 in a consistent cache. */
static const char *const recounts[] = {
	"SELECT count(*) FROM mbox b WHERE total <>"
	" (SELECT count(*) FROM msg WHERE mbox = b.id)",
	"SELECT count(*) FROM mbox b WHERE unread <>"
	" (SELECT count(*) FROM msg WHERE mbox = b.id AND NOT shown & 1)",
	"SELECT count(*) FROM mbox b WHERE fresh <>"
	" (SELECT count(*) FROM msg WHERE mbox = b.id AND NOT shown & 257)",
	"SELECT count(*) FROM mbox b WHERE flagged <>"
	" (SELECT count(*) FROM msg WHERE mbox = b.id AND shown & 4)",
	"SELECT count(*) FROM mbox b WHERE deleted <>"
	" (SELECT count(*) FROM msg WHERE mbox = b.id AND shown & 8)",
	"SELECT count(*) FROM mbox b WHERE octets <>"
	" (SELECT coalesce(sum(size), 0) FROM msg WHERE mbox = b.id)",
	"SELECT count(*) FROM msg WHERE"
	" shown <> ((flags | want_add) & ~want_del)",
	"SELECT count(*) FROM thr t WHERE n <>"
	" (SELECT count(*) FROM msg WHERE thr = t.id AND mbox = t.mbox)",
	"SELECT count(*) FROM thr t WHERE unread <>"
	" (SELECT count(*) FROM msg WHERE thr = t.id AND NOT shown & 1)",
	"SELECT count(*) FROM thr t WHERE fresh <>"
	" (SELECT count(*) FROM msg WHERE thr = t.id AND NOT shown & 257)",
	"SELECT count(*) FROM thr t WHERE last <>"
	" (SELECT max(recv) FROM msg WHERE thr = t.id)",
	"SELECT count(*) FROM msg WHERE mbox > 0"
	" AND thr NOT IN (SELECT id FROM thr)",
	"SELECT count(*) FROM (SELECT thr FROM msg WHERE mbox > 0 GROUP BY thr"
	" HAVING max(ord) <> count(*) - 1 OR min(ord) <> 0"
	" OR count(DISTINCT ord) <> count(*))",
	"SELECT (SELECT count(*) FROM hdr) - (SELECT count(*) FROM msg)",
	"SELECT count(*) FROM body WHERE id NOT IN (SELECT id FROM msg)",
	"SELECT count(*) FROM mid WHERE thr NOT IN (SELECT id FROM thr)",
};

static void assert_consistent(const char *dir)
{
	g_autofree char *path = in(dir, "cache.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < G_N_ELEMENTS(recounts); i++) {
		sqlite3_stmt *s;

		assert_int_equal(sqlite3_prepare_v2(db, recounts[i], -1, &s,
						    NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		if (sqlite3_column_int(s, 0) != 0)
			print_error("%s\n", recounts[i]);
		assert_int_equal(sqlite3_column_int(s, 0), 0);
		sqlite3_finalize(s);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

enum { UIDS = 60, STEPS = 1500 };

static struct store_message random_mail(GRand *rand, uint32_t uid)
{
	static const char *const subjects[] = { "x", "Re: x", "y", "Re: y",
						"", "Re: " };
	char id[2] = { (char)('a' + uid % 26), '\0' };
	char parent[2] = { (char)g_rand_int_range(rand, 'a', 'z' + 1), '\0' };
	char above[3] = { (char)g_rand_int_range(rand, 'a', 'z' + 1),
			  parent[0], '\0' };
	struct store_message m =
		mail(uid, g_rand_int_range(rand, 0, 50), id, parent, above,
		     subjects[g_rand_int_range(rand, 0,
					       G_N_ELEMENTS(subjects))]);

	if (g_rand_boolean(rand))
		m.references = "";
	if (g_rand_boolean(rand))
		m.in_reply_to = "";
	m.flags = (uint32_t)g_rand_int_range(rand, 0, 16);
	return m;
}

/* Some messages are hidden, some are wanted otherwise, the rest comes back. */
static bool random_intents(struct store *store, int64_t mbox, GRand *rand)
{
	struct store_intent intents[5];

	for (uint32_t i = 0; i < G_N_ELEMENTS(intents); i++) {
		intents[i] = (struct store_intent){
			.uid = i * 7 + 1 +
			       (uint32_t)g_rand_int_range(rand, 0, 7),
			.add = (uint32_t)g_rand_int_range(rand, 0, 32),
			.gone = g_rand_boolean(rand),
		};
		intents[i].del = 31 & ~intents[i].add;
	}
	return store_set_intents(store, mbox, intents, G_N_ELEMENTS(intents),
				 NULL);
}

static bool random_step(struct store *store, int64_t mbox, GRand *rand)
{
	uint32_t uid = (uint32_t)g_rand_int_range(rand, 1, UIDS);
	uint32_t flags = (uint32_t)g_rand_int_range(rand, 0, 32);
	struct store_message m[3];

	switch (g_rand_int_range(rand, 0, 9)) {
	case 0:
	case 1:
		for (size_t i = 0; i < 3; i++)
			m[i] = random_mail(rand, (uid + (uint32_t)i * 7) %
							 UIDS +
						 1);
		return store_add(store, mbox, m, 3, NULL);
	case 2:
		return store_set_flags(store, mbox, uid, flags, "", 1, NULL,
				       NULL);
	case 3:
		return store_expunge(store, mbox, &uid, 1, NULL);
	case 4:
		return store_want_flags(store, mbox, uid, flags, 31 & ~flags,
					NULL);
	case 5:
		return store_want_done(store, mbox, uid, flags, 31 & ~flags,
				       NULL);
	case 6:
		return store_hide(store, mbox, &uid, 1, NULL);
	case 7:
		return random_intents(store, mbox, rand);
	default:
		return uid % 16 != 0 || store_mark_old(store, mbox, NULL);
	}
}

/* A second cache that gets at once what is left in the first one draws the
 * same picture: threads depend on what is there alone. */
static void assert_same_when_new(const char *dir)
{
	g_autofree char *path = in(dir, "cache.db");
	g_autofree char *expected = picture(dir), *got = NULL;
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct store_message));
	char *other = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(other, &mbox);
	sqlite3 *db;
	sqlite3_stmt *s;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db,
				   "SELECT uid, sent, subject, message_id,"
				   " in_reply_to, refs FROM msg m"
				   " JOIN hdr h ON h.id = m.id",
				   -1, &s, NULL),
		SQLITE_OK);
	while (sqlite3_step(s) == SQLITE_ROW) {
		struct store_message m = mail(
			(uint32_t)sqlite3_column_int(s, 0),
			sqlite3_column_int64(s, 1), NULL, NULL, NULL, NULL);
		const char **to[] = { &m.subject, &m.message_id,
				      &m.in_reply_to, &m.references };

		for (int i = 0; i < 4; i++) {
			*to[i] = g_strdup(
				(const char *)sqlite3_column_text(s, 2 + i));
			g_ptr_array_add(kept, (gpointer)*to[i]);
		}
		g_array_append_val(all, m);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	add_all(store, mbox, (struct store_message *)(void *)all->data,
		all->len);
	got = picture(other);
	assert_string_equal(got, expected);
	g_array_unref(all);
	store_close(store);
	scratch_remove(other);
}

static void test_random_steps(void **state)
{
	GRand *rand = g_rand_new_with_seed(20261121);
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		assert_true(random_step(store, mbox, rand));
		if (i % 100 == 99)
			assert_consistent(dir);
	}
	assert_true(messages_in(store) > 0);
	store_close(store);
	scratch_remove(dir);
	g_rand_free(rand);
}

/* Like the above with mail whose references agree: then history is nothing. */
static void test_history_is_nothing(void **state)
{
	static const char *const chain[] = { "", "a", "ab", "abc", "abcd" };
	GRand *rand = g_rand_new_with_seed(4711);
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	for (int i = 0; i < 300; i++) {
		uint32_t uid = (uint32_t)g_rand_int_range(rand, 1, 20);
		uint32_t depth = uid % 5;
		char id[2] = { (char)("abcde"[depth]), '\0' };
		struct store_message m = mail(uid, uid, uid < 6 ? id : NULL,
					      NULL, chain[depth],
					      uid % 3 == 0 ? "x" : "Re: x");

		if (g_rand_boolean(rand))
			add(store, mbox, &m);
		else
			assert_true(store_expunge(store, mbox, &uid, 1, NULL));
		if (i % 10 == 9)
			assert_same_when_new(dir);
	}
	assert_consistent(dir);
	store_close(store);
	scratch_remove(dir);
	g_rand_free(rand);
}

static gpointer open_one(gpointer dir)
{
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;
	struct store *store = store_open(dir, IDENTITY, &notice, &error);
	bool well = store != NULL && notice == NULL;

	if (error != NULL)
		print_error("%s\n", error->message);
	store_close(store);
	return GINT_TO_POINTER(well);
}

/* Several smews that are started at once, without a cache. */
static void test_begun_at_once(void **state)
{
	enum { ROUNDS = 20, AT_ONCE = 4 };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		char *dir = scratch_new();
		GThread *threads[AT_ONCE];

		for (int k = 0; k < AT_ONCE; k++)
			threads[k] = g_thread_new("open", open_one, dir);
		for (int k = 0; k < AT_ONCE; k++)
			assert_true(GPOINTER_TO_INT(
				g_thread_join(threads[k])));
		scratch_remove(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_again),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_zeroes),
		cmocka_unit_test(test_damaged_pages),
		cmocka_unit_test(test_empty_file_is_new),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_newer),
		cmocka_unit_test(test_other_program),
		cmocka_unit_test(test_link_is_refused),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_uidvalidity),
		cmocka_unit_test(test_whose_count),
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_late_flags),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_own_flags_stay),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_random_steps),
		cmocka_unit_test(test_history_is_nothing),
		cmocka_unit_test(test_begun_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
