/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outbox: what is in it, kills, damage, addresses. */
#include "config.h"

#include "test-store-common.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smew/outbox.h"

/* What the test is called with to be another process. */
#define ADD "--add"
#define BODY "Subject: hello\r\n\r\nHello.\r\n"

static struct outbox *begin(const char *dir)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *notice = NULL;
	struct outbox *outbox = outbox_open(dir, IDENTITY, &notice, &error);

	assert_null(error);
	assert_null(notice);
	assert_non_null(outbox);
	return outbox;
}

static char *message(const char *dir)
{
	g_autoptr(GError) error = NULL;
	char *path;
	int fd = outbox_new_file(dir, &path, &error);

	assert_null(error);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, BODY, strlen(BODY)), strlen(BODY));
	close(fd);
	return path;
}

static const char *const to[] = { "bob@example.net", "eve@example.net", NULL };

static int64_t put(struct outbox *outbox, const char *dir,
		   struct outbox_mail mail)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = message(dir);
	int64_t id;

	mail.path = path;
	mail.sender = "anna@example.org";
	mail.recipients = to;
	id = outbox_add(outbox, &mail, &error);
	assert_null(error);
	assert_true(id > 0);
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	return id;
}

static void assert_state(struct outbox *outbox, int64_t id,
			 enum outbox_state state)
{
	g_autoptr(GError) error = NULL;
	struct outbox_item *item = outbox_get(outbox, id, &error);

	assert_null(error);
	assert_int_equal(item->state, state);
	outbox_item_free(item);
}

static int64_t due(struct outbox *outbox, int64_t *wait)
{
	g_autoptr(GError) error = NULL;
	struct outbox_item *item = outbox_due(outbox, wait, &error);
	int64_t id = item != NULL ? item->id : 0;

	assert_null(error);
	outbox_item_free(item);
	return id;
}

static void test_all_is_kept(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	struct outbox_item *item;
	g_autofree char *text = NULL;
	struct stat status;
	int64_t id = put(outbox, dir, (struct outbox_mail){
		.subject = "hello",
		.message_id = "<1@example.org>",
		.fcc = "Sent",
		.fcc_header = "Bcc: eve@example.net\r\n",
		.original = { "INBOX", 7, 8, "<0@example.net>" },
		.forwarded = true,
		.draft = { "Drafts", 9, 10, "<d@example.org>" },
		.dsn_notify = "failure",
		.dsn_return = "hdrs",
	});

	(void)state;
	outbox_close(outbox);
	outbox = begin(dir);
	item = outbox_get(outbox, id, NULL);
	assert_non_null(item);
	assert_string_equal(item->sender, "anna@example.org");
	assert_string_equal(item->recipients[0], "bob@example.net");
	assert_string_equal(item->recipients[1], "eve@example.net");
	assert_null(item->recipients[2]);
	assert_string_equal(item->subject, "hello");
	assert_string_equal(item->message_id, "<1@example.org>");
	assert_string_equal(item->fcc, "Sent");
	assert_string_equal(item->fcc_header, "Bcc: eve@example.net\r\n");
	assert_string_equal(item->original_mailbox, "INBOX");
	assert_int_equal(item->original_uid, 7);
	assert_int_equal(item->original_validity, 8);
	assert_string_equal(item->original_message_id, "<0@example.net>");
	assert_string_equal(item->draft_mailbox, "Drafts");
	assert_int_equal(item->draft_uid, 9);
	assert_int_equal(item->draft_validity, 10);
	assert_string_equal(item->draft_message_id, "<d@example.org>");
	assert_string_equal(item->dsn_notify, "failure");
	assert_string_equal(item->dsn_return, "hdrs");
	assert_true(item->forwarded);
	assert_false(item->foreign);
	assert_int_equal(item->todo, OUTBOX_FCC | OUTBOX_MARK | OUTBOX_DRAFT);
	assert_int_equal(item->size, strlen(BODY));
	assert_true(g_file_get_contents(item->path, &text, NULL, NULL));
	assert_string_equal(text, BODY);
	assert_int_equal(g_stat(item->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	outbox_item_free(item);
	outbox_close(outbox);
	scratch_remove(dir);
}

/* The way of most messages, and that no step can be done twice. */
static void test_steps(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	g_autofree char *path = NULL;
	struct outbox_item *item;
	struct outbox_counts counts;
	int64_t wait, id = put(outbox, dir, (struct outbox_mail){
		.fcc = "Sent",
		.original = { "INBOX", 7, 8, "<0@example.net>" },
	});

	(void)state;
	assert_true(outbox_executes(outbox));
	assert_int_equal(due(outbox, &wait), id);
	assert_false(outbox_deliver(outbox, id, NULL));
	assert_true(outbox_begin(outbox, id, NULL));
	assert_false(outbox_begin(outbox, id, NULL));
	assert_null(outbox_take_back(outbox, id, NULL));
	assert_false(outbox_drop(outbox, id, NULL));
	assert_false(outbox_retry(outbox, id, 0, false, NULL));
	assert_int_equal(due(outbox, &wait), 0);
	assert_true(outbox_deliver(outbox, id, NULL));
	assert_true(outbox_accept(outbox, id, NULL));
	assert_false(outbox_retry(outbox, id, 0, false, NULL));
	assert_state(outbox, id, OUTBOX_SENT);
	assert_true(outbox_copying(outbox, id, true, NULL));
	assert_true(outbox_finish(outbox, id, OUTBOX_MARK, NULL));
	item = outbox_get(outbox, id, NULL);
	assert_int_equal(item->todo, OUTBOX_FCC);
	assert_true(item->copying);
	path = g_strdup(item->path);
	outbox_item_free(item);
	assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
	assert_true(outbox_count(outbox, &counts, NULL));
	assert_int_equal(counts.waiting, 1);
	assert_true(outbox_finish(outbox, id, OUTBOX_FCC, NULL));
	assert_state(outbox, id, OUTBOX_DONE);
	assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
	assert_true(outbox_count(outbox, &counts, NULL));
	assert_int_equal(counts.waiting, 0);
	outbox_close(outbox);
	scratch_remove(dir);
}

static void test_times(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	int64_t now = g_get_real_time() / G_USEC_PER_SEC;
	int64_t wait, later, soon;

	(void)state;
	assert_int_equal(due(outbox, &wait), 0);
	assert_int_equal(wait, -1);
	later = put(outbox, dir,
		    (struct outbox_mail){ .not_before = now + 86400 });
	assert_int_equal(due(outbox, &wait), 0);
	assert_in_range(wait, 86300, 86400);
	soon = put(outbox, dir, (struct outbox_mail){ .delay = 1000 });
	assert_int_equal(due(outbox, &wait), 0);
	assert_in_range(wait, 900, 1000);
	/* What is asked for goes at once. */
	assert_true(outbox_retry(outbox, soon, 0, true, NULL));
	assert_int_equal(due(outbox, &wait), soon);
	assert_true(outbox_begin(outbox, soon, NULL));
	assert_true(outbox_postpone(outbox, soon, 600, "later", NULL));
	assert_int_equal(due(outbox, &wait), 0);
	assert_in_range(wait, 500, 600);
	assert_true(outbox_retry(outbox, later, 0, false, NULL));
	assert_int_equal(due(outbox, &wait), later);
	outbox_close(outbox);
	scratch_remove(dir);
}

static void test_taken_back(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	struct outbox_item *item;
	int64_t wait, id = put(outbox, dir, (struct outbox_mail){
						     .message_id = "<a@b>" });

	(void)state;
	assert_true(outbox_has(dir, "<a@b>"));
	assert_false(outbox_has(dir, "<b@b>"));
	item = outbox_take_back(outbox, id, NULL);
	assert_non_null(item);
	assert_true(g_file_test(item->path, G_FILE_TEST_EXISTS));
	assert_int_equal(due(outbox, &wait), 0);
	assert_false(outbox_begin(outbox, id, NULL));
	/* What compose has of it is not superfluous now. */
	assert_false(outbox_has(dir, item->message_id));
	/* A crash: it is not lost, and not sent either. */
	outbox_close(outbox);
	outbox = begin(dir);
	assert_true(outbox_executes(outbox));
	assert_state(outbox, id, OUTBOX_REFUSED);
	assert_int_equal(due(outbox, &wait), 0);
	assert_true(outbox_drop(outbox, id, NULL));
	assert_false(g_file_test(item->path, G_FILE_TEST_EXISTS));
	assert_null(outbox_get(outbox, id, NULL));
	outbox_item_free(item);
	outbox_close(outbox);
	scratch_remove(dir);
}

/* A process is killed in each state. */
static void test_killed(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	int64_t sending, delivering, sent, wait;

	(void)state;
	assert_true(outbox_executes(outbox));
	sending = put(outbox, dir, (struct outbox_mail){ .delay = 60 });
	assert_true(outbox_begin(outbox, sending, NULL));
	delivering = put(outbox, dir, (struct outbox_mail){ 0 });
	assert_true(outbox_begin(outbox, delivering, NULL));
	assert_true(outbox_deliver(outbox, delivering, NULL));
	sent = put(outbox, dir, (struct outbox_mail){ .fcc = "Sent" });
	assert_true(outbox_begin(outbox, sent, NULL));
	assert_true(outbox_accept(outbox, sent, NULL));
	outbox_close(outbox);

	outbox = begin(dir);
	assert_true(outbox_executes(outbox));
	assert_state(outbox, sending, OUTBOX_WAITING);
	assert_state(outbox, delivering, OUTBOX_UNCERTAIN);
	assert_state(outbox, sent, OUTBOX_SENT);
	assert_int_equal(due(outbox, &wait), sending);
	/* Found in Sent after all. */
	assert_true(outbox_accept(outbox, delivering, NULL));
	assert_state(outbox, delivering, OUTBOX_DONE);
	outbox_close(outbox);
	scratch_remove(dir);
}

static void test_two_processes(void **state)
{
	char *dir = scratch_new();
	struct outbox *one = begin(dir), *two = begin(dir);
	int64_t id;

	(void)state;
	assert_true(outbox_executes(one));
	assert_false(outbox_executes(two));
	assert_false(outbox_changed(one));
	id = put(two, dir, (struct outbox_mail){ 0 });
	assert_true(outbox_changed(one));
	assert_true(outbox_begin(one, id, NULL));
	assert_null(outbox_take_back(two, id, NULL));
	outbox_close(one);
	assert_true(outbox_executes(two));
	assert_state(two, id, OUTBOX_WAITING);
	outbox_close(two);
	scratch_remove(dir);
}

/* Two connections of one process, as a session has them, while another one
 * comes and goes: no lock is lost, and so no log is taken away. */
static void test_locks(void **state)
{
	char *dir = scratch_new();
	struct journal *journal = journal_open(dir, IDENTITY, NULL, NULL);
	struct outbox *outbox = begin(dir);
	int64_t wait, last = 0;

	(void)state;
	assert_non_null(journal);
	for (int n = 0; n < 3; n++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			execl("/proc/self/exe", "test", ADD, dir, NULL);
			_exit(1);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		assert_int_equal(due(outbox, &wait), last + 1);
		assert_true(outbox_begin(outbox, ++last, NULL));
		assert_true(outbox_deliver(outbox, last, NULL));
		assert_true(outbox_accept(outbox, last, NULL));
	}
	journal_close(journal);
	outbox_close(outbox);
	outbox = begin(dir);
	for (int64_t id = 1; id <= last; id++)
		assert_state(outbox, id, OUTBOX_SENT);
	outbox_close(outbox);
	scratch_remove(dir);
}

/* What was added for another server does not go out through this one until
 * the user wants it. */
static void test_foreign(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	int64_t wait, id = put(outbox, dir, (struct outbox_mail){ 0 });
	struct outbox_counts counts;

	(void)state;
	outbox_close(outbox);
	outbox = outbox_open(dir, "anna@other.example.org:993", NULL, NULL);
	assert_int_equal(due(outbox, &wait), 0);
	assert_true(outbox_count(outbox, &counts, NULL));
	assert_int_equal(counts.foreign, 1);
	assert_true(outbox_retry(outbox, id, 0, false, NULL));
	assert_int_equal(due(outbox, &wait), id);
	outbox_close(outbox);
	scratch_remove(dir);
}

static void test_damaged(void **state)
{
	char *dir = scratch_new();
	g_autofree char *path = g_build_filename(dir, "journal.db", NULL);
	g_autofree char *notice = NULL;
	struct outbox *outbox = begin(dir);
	int64_t wait, id = put(outbox, dir, (struct outbox_mail){ 0 });
	struct outbox_item *item;

	(void)state;
	outbox_close(outbox);
	assert_true(g_file_set_contents(path, "this is no database", -1, NULL));
	outbox = outbox_open(dir, IDENTITY, &notice, NULL);
	assert_non_null(notice);
	assert_true(outbox_executes(outbox));
	item = outbox_get(outbox, id, NULL);
	assert_non_null(item);
	assert_int_equal(item->state, OUTBOX_REFUSED);
	assert_true(g_file_test(item->path, G_FILE_TEST_EXISTS));
	assert_int_equal(due(outbox, &wait), 0);
	/* Nobody knows to whom. */
	assert_false(outbox_retry(outbox, id, 0, false, NULL));
	outbox_item_free(item);
	item = outbox_take_back(outbox, id, NULL);
	assert_non_null(item);
	outbox_item_free(item);
	outbox_close(outbox);
	scratch_remove(dir);
}

/* ---- addresses ---- */

/* Killed before the entry of the very first message was made: it is no message
 * of a journal that was damaged. */
static void test_begun(void **state)
{
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	g_autofree char *path = message(dir);
	g_autofree char *inside = g_path_get_dirname(path);
	g_autofree char *first = g_build_filename(inside, "1.eml", NULL);
	GPtrArray *items;

	(void)state;
	assert_int_equal(link(path, first), 0);
	assert_true(outbox_executes(outbox));
	items = outbox_list(outbox, NULL);
	assert_int_equal(items->len, 0);
	g_ptr_array_unref(items);
	assert_false(g_file_test(first, G_FILE_TEST_EXISTS));
	assert_int_equal(put(outbox, dir, (struct outbox_mail){ 0 }), 1);
	outbox_close(outbox);
	scratch_remove(dir);
}

static void test_addresses(void **state)
{
	static const char *const good[] = {
		"anna@example.org", "a.b+c@example.org", "\"a b\"@example.org",
		"\"a\\\"<b>\"@example.org", "jos\303\251@example.org",
		"anna@b\303\274cher.example", "a@[192.0.2.1]", "root@localhost",
		"a!b%c=d@example.org",
	};
	static const char *const bad[] = {
		"", "@", "anna", "anna@", "@example.org", "a@b@c", "a b@c",
		"a@b c", "a@b>", "<a@b>", "a@b\r\nRCPT TO:<evil@example.org>",
		"a@b\n", "a@b\r", "a\t@b", "a@b\177", "a@b\302\205",
		"\"a\r\nb\"@example.org", "\"a\"b\"@example.org", "\"a@b",
		"\"a\\\"@example.org", "-oQ/tmp@example.org", "a@-b",
		"a@b..c", "a@.b", "a@b.", "a,b@c", "a@b;c", "a@b,c", "a@[x y]",
		"a@[", "a@[]", "a\\b@c", "a\342\200\256@b", "\377@b", "a@b\"",
		"\"\\\"@b", "a@b SIZE=1",
	};
	g_autofree char *longest = g_strnfill(300, 'a');

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(good); i++)
		if (!outbox_address_ok(good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
		if (outbox_address_ok(bad[i]))
			fail_msg("taken: %s", bad[i]);
	memcpy(longest + 290, "@b", 3);
	assert_false(outbox_address_ok(longest));
}

/* No octet that could end a command or a path gets through. */
static void test_random_addresses(void **state)
{
	static const char pieces[] = "ab.@<>\"\\ \r\n\t\1\177:,;()[]-%\302\205";
	GRand *random = g_rand_new_with_seed(6);
	unsigned taken = 0;

	(void)state;
	for (int n = 0; n < 10000; n++) {
		g_autoptr(GString) made = g_string_new("anna@example.org");
		const char *text;
		int more = g_rand_int_range(random, 0, 5);

		for (int i = 0; i < more; i++)
			g_string_insert_c(
				made,
				g_rand_int_range(random, 0, (int)made->len + 1),
				pieces[g_rand_int_range(
					random, 0, sizeof(pieces) - 1)]);
		text = made->str;
		if (!outbox_address_ok(text))
			continue;
		taken++;
		assert_null(strpbrk(text, "\r\n\t\1\177"));
		if (text[0] != '"')
			assert_null(strpbrk(text, "<> "));
		assert_null(strpbrk(strrchr(text, '@'), "<> "));
	}
	g_rand_free(random);
	assert_in_range(taken, 1000, 9000);
}

static void test_bad_envelope(void **state)
{
	static const char *const none[] = { NULL };
	static const char *const evil[] = { "a@b\r\nDATA", NULL };
	char *dir = scratch_new();
	struct outbox *outbox = begin(dir);
	g_autofree char *path = message(dir);
	struct outbox_mail mail = { .path = path,
				    .sender = "anna@example.org",
				    .recipients = none };

	(void)state;
	assert_int_equal(outbox_add(outbox, &mail, NULL), 0);
	mail.recipients = evil;
	assert_int_equal(outbox_add(outbox, &mail, NULL), 0);
	mail.recipients = to;
	mail.sender = "a\nb@c";
	assert_int_equal(outbox_add(outbox, &mail, NULL), 0);
	assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
	mail.sender = "";
	assert_true(outbox_add(outbox, &mail, NULL) > 0);
	outbox_close(outbox);
	scratch_remove(dir);
}

/* Killed at any instant of adding: all that was said to be in the outbox is,
 * with its file, and nothing half. */
static void test_kills_while_adding(void **state)
{
	char *dir = scratch_new();
	GRand *random = g_rand_new_with_seed(7);

	(void)state;
	outbox_close(begin(dir));
	for (int n = 0; n < 20; n++) {
		int said[2], status;
		int64_t id, last = 0;
		struct outbox *outbox;
		pid_t pid;

		assert_int_equal(pipe(said), 0);
		pid = fork();
		if (pid == 0) {
			struct outbox *mine = begin(dir);

			for (;;) {
				id = put(mine, dir, (struct outbox_mail){ 0 });
				if (write(said[1], &id, sizeof(id)) < 0)
					_exit(1);
			}
		}
		close(said[1]);
		assert_int_equal(read(said[0], &last, sizeof(last)),
				 sizeof(last));
		g_usleep((gulong)g_rand_int_range(random, 0, 20000));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		while (read(said[0], &id, sizeof(id)) == sizeof(id))
			last = id;
		close(said[0]);
		outbox = begin(dir);
		assert_true(outbox_executes(outbox));
		for (id = 1; id <= last; id++) {
			struct outbox_item *item = outbox_get(outbox, id, NULL);
			struct stat file;

			assert_non_null(item);
			assert_int_equal(g_stat(item->path, &file), 0);
			assert_int_equal(file.st_size, strlen(BODY));
			outbox_item_free(item);
		}
		outbox_close(outbox);
	}
	g_rand_free(random);
	scratch_remove(dir);
}

static void send_for_ever(const char *dir)
{
	struct outbox *outbox = begin(dir);

	outbox_executes(outbox);
	for (;;) {
		int64_t id = put(outbox, dir, (struct outbox_mail){
						      .fcc = "Sent" });

		if (!outbox_begin(outbox, id, NULL) ||
		    !outbox_deliver(outbox, id, NULL) ||
		    !outbox_accept(outbox, id, NULL) ||
		    !outbox_finish(outbox, id, OUTBOX_FCC, NULL))
			_exit(1);
	}
}

/* Killed at any instant of sending: what was sent is done, or has something
 * left to be done. */
static void test_kills_while_sending(void **state)
{
	char *dir = scratch_new();
	GRand *random = g_rand_new_with_seed(9);

	(void)state;
	for (int n = 0; n < 40; n++) {
		struct outbox *outbox;
		GPtrArray *left;
		int status;
		pid_t pid = fork();

		if (pid == 0)
			send_for_ever(dir);
		g_usleep((gulong)g_rand_int_range(random, 10000, 40000));
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		assert_true(WIFSIGNALED(status));
		outbox = begin(dir);
		assert_true(outbox_executes(outbox));
		left = outbox_left(outbox, NULL);
		for (guint i = 0; i < left->len; i++) {
			const struct outbox_item *item =
				g_ptr_array_index(left, i);

			assert_int_not_equal(item->todo, 0);
			assert_true(outbox_finish(outbox, item->id,
						  item->todo, NULL));
		}
		g_ptr_array_unref(left);
		outbox_close(outbox);
	}
	g_rand_free(random);
	scratch_remove(dir);
}

/* Another process that adds a message and ends. */
static int add_one(const char *dir)
{
	struct outbox *outbox = begin(dir);

	put(outbox, dir, (struct outbox_mail){ .fcc = "Sent" });
	outbox_close(outbox);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_kept),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_taken_back),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_two_processes),
		cmocka_unit_test(test_locks),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_begun),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_random_addresses),
		cmocka_unit_test(test_bad_envelope),
		cmocka_unit_test(test_kills_while_adding),
		cmocka_unit_test(test_kills_while_sending),
	};

	if (argc == 3 && strcmp(argv[1], ADD) == 0)
		return add_one(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
