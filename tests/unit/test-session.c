/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole session against a small real server (session-server.py). */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "session-fixture.h"
#include "smew/mail.h"

#define ALL "IDLE ENABLE QRESYNC CONDSTORE UNSELECT ESEARCH LIST-EXTENDED" \
	    " SPECIAL-USE NAMESPACE ID"
#define CONDSTORE "IDLE CONDSTORE"
#define BARE ""

static const char *const kinds[] = { ALL, CONDSTORE, BARE };

/* Looks until the mailbox has 'rows' and the session is at rest. */
static void wait_synced(struct fixture *f, int rows)
{
	fixture_wait(f, f->phase == SESSION_ONLINE);
	fixture_wait_rows(f, "INBOX", rows);
	fixture_done(f, session_open(f->session, "INBOX"));
}

static void settle(struct fixture *f)
{
	fixture_done(f, session_check(f->session));
}

static void test_cold_fill(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		fixture_setup(&f);
		fixture_mail(&f, 700, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 700);
		for (uint32_t uid = 1; uid <= 700; uid++) {
			const struct view_row *row = fixture_row(&f, uid);
			g_autofree char *subject =
				g_strdup_printf("Subject %u", uid);

			assert_non_null(row);
			assert_string_equal(row->subject, subject);
			assert_string_equal(row->from_name, "Anna Example");
			assert_true(row->received > 0);
		}
		assert_int_equal(f.new_mail, 0);
		fixture_teardown(&f);
	}
}

static void test_nothing_is_fetched_twice(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		fixture_setup(&f);
		fixture_mail(&f, 300, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 300);
		settle(&f);
		fixture_stop(&f);
		fixture_forget_log(&f);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 300);
		settle(&f);
		assert_int_equal(fixture_said(&f, "HEADER.FIELDS"), 0);
		fixture_teardown(&f);
	}
}

static void test_resync(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		fixture_setup(&f);
		fixture_mail(&f, 300, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 300);
		settle(&f);
		fixture_control(&f, "drop\n");
		fixture_wait(&f, f.phase != SESSION_ONLINE);
		fixture_forget_log(&f);
		/* The next connection reads this before its first command. */
		fixture_control(&f, "expunge INBOX 2\nexpunge INBOX 299\n"
				    "flag INBOX 5 \\Flagged\n"
				    "flag INBOX 6 \\Seen\n"
				    "new INBOX Fresh one\n");
		fixture_wait_rows(&f, "INBOX", 299);
		fixture_wait(&f, fixture_look(&f, "INBOX") &&
					 fixture_row(&f, 5)->flags &
						 STORE_FLAGGED);
		fixture_wait(&f, fixture_look(&f, "INBOX") &&
					 fixture_row(&f, 6)->flags &
						 STORE_SEEN);
		assert_null(fixture_row(&f, 2));
		assert_null(fixture_row(&f, 299));
		assert_string_equal(fixture_row(&f, 301)->subject, "Fresh one");
		fixture_wait(&f, f.new_mail == 1);
		assert_int_equal(fixture_said(&f, "HEADER.FIELDS"), 1);
		fixture_teardown(&f);
	}
}

static void test_push(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		fixture_setup(&f);
		fixture_mail(&f, 20, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 20);
		fixture_wait(&f, fixture_said(&f, "IDLE") > 0);
		fixture_control(&f, "new INBOX Pushed\nflag INBOX 3 \\Flagged\n"
				    "expunge INBOX 1\n");
		fixture_wait(&f, fixture_look(&f, "INBOX") &&
					 fixture_row(&f, 1) == NULL &&
					 fixture_row(&f, 21) != NULL);
		fixture_wait(&f, fixture_look(&f, "INBOX") &&
					 fixture_row(&f, 3)->flags &
						 STORE_FLAGGED);
		assert_string_equal(fixture_row(&f, 21)->subject, "Pushed");
		fixture_wait(&f, f.new_mail == 1);
		fixture_teardown(&f);
	}
}

static void test_without_idle_a_check_finds_news(void **state)
{
	struct fixture f;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 5, 0);
	fixture_start(&f, BARE);
	wait_synced(&f, 5);
	fixture_control(&f, "new INBOX Polled\n");
	assert_int_equal(fixture_done(&f, session_check(f.session))->result,
			 SESSION_OK);
	fixture_wait_rows(&f, "INBOX", 6);
	fixture_teardown(&f);
}

static void test_folders(void **state)
{
	static const char *const variants[] = { ALL,
						ALL " fault=list-return",
						BARE };
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(variants); i++) {
		const struct store_mailbox *sent = NULL;
		uint32_t id;

		fixture_setup(&f);
		fixture_mail(&f, 5, 0);
		fixture_start(&f, variants[i]);
		wait_synced(&f, 5);
		fixture_wait(&f, fixture_said(&f, "STATUS") >= 2);
		fixture_done(&f, session_check(f.session));
		id = view_folders(f.view);
		fixture_wait(&f, f.folders && f.folders->request == id);
		assert_int_equal(f.folders->list->len, 3);
		for (guint k = 0; k < 3; k++) {
			const struct store_mailbox *m =
				g_ptr_array_index(f.folders->list, k);

			if (strcmp(m->name, "Sent") == 0)
				sent = m;
		}
		assert_non_null(sent);
		assert_int_equal(sent->role, STORE_ROLE_SENT);
		assert_int_equal(sent->exists, 3);
		fixture_teardown(&f);
	}
}

static void test_other_mailbox(void **state)
{
	struct fixture f;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 5, 0);
	fixture_start(&f, ALL);
	wait_synced(&f, 5);
	assert_int_equal(
		fixture_done(&f, session_open(f.session, "Lists"))->result,
		SESSION_OK);
	fixture_wait_rows(&f, "Lists", 3);
	assert_int_equal(
		fixture_done(&f, session_open(f.session, "Nowhere"))->result,
		SESSION_FAILED);
	assert_int_equal(
		fixture_done(&f, session_open(f.session, "INBOX"))->result,
		SESSION_OK);
	fixture_control(&f, "new INBOX Back again\n");
	fixture_wait_rows(&f, "INBOX", 6);
	fixture_teardown(&f);
}

/* A mailbox that was never opened is looked into beside the open one. */
static void test_look(void **state)
{
	struct fixture f;
	uint32_t look, open;
	int64_t id;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 5, 0);
	fixture_start(&f, ALL);
	wait_synced(&f, 5);
	assert_int_equal(
		fixture_done(&f, session_look(f.session, "Lists"))->result,
		SESSION_OK);
	fixture_wait_rows(&f, "Lists", 3);
	id = fixture_id(&f, 2);
	assert_int_equal(
		fixture_done(&f, session_fetch_whole(f.session, "Lists", id))
			->result,
		SESSION_OK);
	assert_non_null(fixture_message(&f, id)->whole);
	/* News of it come by the next look, those of INBOX by themselves. */
	fixture_control(&f, "new Lists Another\n");
	assert_int_equal(
		fixture_done(&f, session_look(f.session, "Lists"))->result,
		SESSION_OK);
	fixture_wait_rows(&f, "Lists", 4);
	fixture_control(&f, "new INBOX Still open\n");
	fixture_wait_rows(&f, "INBOX", 6);
	assert_int_equal(
		fixture_done(&f, session_look(f.session, "INBOX"))->result,
		SESSION_OK);
	assert_int_equal(
		fixture_done(&f, session_look(f.session, "Nowhere"))->result,
		SESSION_FAILED);
	/* It is opened while somebody looks, and left again. */
	look = session_look(f.session, "Lists");
	open = session_open(f.session, "Lists");
	assert_int_equal(fixture_done(&f, look)->result, SESSION_OK);
	assert_int_equal(fixture_done(&f, open)->result, SESSION_OK);
	fixture_control(&f, "new Lists Kept\n");
	fixture_wait_rows(&f, "Lists", 5);
	look = session_look(f.session, "Sent");
	open = session_open(f.session, "INBOX");
	assert_int_equal(fixture_done(&f, look)->result, SESSION_OK);
	assert_int_equal(fixture_done(&f, open)->result, SESSION_OK);
	fixture_wait_rows(&f, "Sent", 3);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	assert_int_equal(
		fixture_done(&f, session_look(f.session, "Lists"))->result,
		SESSION_FAILED);
	fixture_teardown(&f);
}

static void test_stop(void **state)
{
	struct fixture f;
	g_autofree char *go = NULL;

	(void)state;
	fixture_setup(&f);
	go = g_build_filename(f.dir, "go", NULL);
	fixture_mail(&f, 3000, 0);
	fixture_start(&f, ALL " fault=hold");
	fixture_wait(&f, f.phase == SESSION_ONLINE);
	fixture_wait_rows(&f, "INBOX", 120);
	fixture_wait(&f, fixture_said(&f, "UID FETCH") >= 2);
	assert_int_equal(fixture_done(&f, session_stop(f.session))->result,
			 SESSION_OK);
	assert_int_equal(f.progress_ended, 1);
	assert_true(g_file_set_contents(go, "", 0, NULL));
	/* What was under way still comes, and new mail does. */
	fixture_control(&f, "new INBOX Meanwhile\n");
	settle(&f);
	fixture_wait(&f, f.new_mail == 1);
	fixture_wait_rows(&f, "INBOX", 3001);
	assert_int_equal(fixture_done(&f, session_stop(f.session))->result,
			 SESSION_CANCELLED);
	fixture_teardown(&f);
}

/* Where the last line with 'needle' begins in what the server received. */
static const char *last_said(const char *log, const char *needle)
{
	const char *found = g_strrstr(log, needle);

	assert_non_null(found);
	return found;
}

static void test_new_mail_during_a_fill(void **state)
{
	struct fixture f;
	g_autofree char *go = NULL, *path = NULL, *log = NULL;

	(void)state;
	fixture_setup(&f);
	go = g_build_filename(f.dir, "go", NULL);
	path = g_build_filename(f.dir, "log", NULL);
	fixture_mail(&f, 3000, 0);
	fixture_start(&f, ALL " fault=hold");
	fixture_wait(&f, fixture_said(&f, "UID FETCH") >= 2);
	fixture_control(&f, "new INBOX Meanwhile\n");
	assert_true(g_file_set_contents(go, "", 0, NULL));
	fixture_wait(&f, f.new_mail == 1);
	wait_synced(&f, 3001);
	settle(&f);
	assert_true(g_file_get_contents(path, &log, NULL, NULL));
	assert_true(last_said(log, "UID FETCH 3001:*") <
		    last_said(log, "UID FETCH 1:"));
	assert_int_equal(fixture_said(&f, "UID FETCH 3001:*"), 1);
	fixture_teardown(&f);
}

static void test_uidvalidity(void **state)
{
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		fixture_setup(&f);
		fixture_mail(&f, 40, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 40);
		fixture_stop(&f);
		fixture_forget_log(&f);
		fixture_mail(&f, 30, 0);
		fixture_start(&f, kinds[i]);
		fixture_control(&f, "validity INBOX 8\n");
		fixture_control(&f, "drop\n");
		fixture_wait(&f, f.notices->len > 0);
		fixture_wait_rows(&f, "INBOX", 30);
		assert_non_null(strstr(g_ptr_array_index(f.notices, 0),
				       "renumbered"));
		assert_true(fixture_said(&f, "HEADER.FIELDS") > 0);
		fixture_teardown(&f);
	}
}

/* ---- bodies ---- */

static void assert_readable(struct fixture *f, int64_t id, const char *text)
{
	const struct view_message *message = fixture_message(f, id);
	GBytes *body = message->whole;
	const char *data;
	gsize size;

	assert_true(message->found);
	if (body == NULL) {
		assert_non_null(message->header);
		body = g_hash_table_lookup(message->sections, "1");
	}
	assert_non_null(body);
	data = g_bytes_get_data(body, &size);
	assert_non_null(g_strstr_len(data, (gssize)size, text));
}

static void test_bodies_once(void **state)
{
	struct fixture f;
	unsigned fetched;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 500000);
	fixture_start(&f, ALL);
	wait_synced(&f, 10);
	for (uint32_t uid = 9; uid <= 10; uid++) {
		int64_t id = fixture_id(&f, uid);
		g_autofree char *text =
			g_strdup_printf("Body of message %u.", uid);

		assert_int_equal(
			fixture_done(&f, session_fetch(f.session, "INBOX", id))
				->result,
			SESSION_OK);
		assert_readable(&f, id, text);
	}
	/* The large one came in parts. */
	assert_null(f.message->whole);
	fetched = fixture_said(&f, "BODY.PEEK[]") +
		  fixture_said(&f, "BODY.PEEK[1]");
	assert_int_equal(fetched, 2);
	fixture_done(&f, session_fetch(f.session, "INBOX", fixture_id(&f, 9)));
	fixture_done(&f, session_fetch(f.session, "INBOX", fixture_id(&f, 10)));
	assert_int_equal(fixture_said(&f, "BODY.PEEK[]") +
				 fixture_said(&f, "BODY.PEEK[1]"),
			 fetched);
	fixture_teardown(&f);
}

static void test_cut_in_a_literal(void **state)
{
	struct fixture f;
	int64_t id;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 0);
	fixture_start(&f, ALL " fault=cut");
	wait_synced(&f, 10);
	id = fixture_id(&f, 4);
	/* Tried again on the next connection, and whole then. */
	assert_int_equal(
		fixture_done(&f, session_fetch(f.session, "INBOX", id))->result,
		SESSION_OK);
	assert_true(f.offline >= 1);
	assert_readable(&f, id, "Body of message 4.");
	fixture_teardown(&f);
}

static void test_huge_literal(void **state)
{
	struct fixture f;
	const struct session_done *done;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 0);
	fixture_start(&f, ALL " fault=huge");
	wait_synced(&f, 10);
	done = fixture_done(&f, session_fetch(f.session, "INBOX",
					      fixture_id(&f, 4)));
	assert_int_equal(done->result, SESSION_FAILED);
	assert_non_null(done->text);
	fixture_wait_rows(&f, "INBOX", 10);
	fixture_teardown(&f);
}

static void test_poison_message(void **state)
{
	struct fixture f;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 300, 0);
	fixture_start(&f, ALL " fault=poison");
	fixture_wait_rows(&f, "INBOX", 299);
	assert_null(fixture_row(&f, 7));
	fixture_wait(&f, f.notices->len > 0);
	fixture_teardown(&f);
}

static void test_rows_without_uid_are_dropped(void **state)
{
	struct fixture f;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 0);
	fixture_start(&f, BARE " fault=uid-less");
	fixture_wait(&f, fixture_said(&f, "HEADER.FIELDS") >= 2);
	assert_int_equal(fixture_look(&f, "INBOX")->total, 0);
	fixture_teardown(&f);
}

/* ---- flags ---- */

static void test_flags(void **state)
{
	struct fixture f;
	int64_t ids[3];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		fixture_setup(&f);
		fixture_mail(&f, 10, 0);
		fixture_start(&f, kinds[i]);
		wait_synced(&f, 10);
		for (uint32_t uid = 1; uid <= 3; uid++)
			ids[uid - 1] = fixture_id(&f, uid);
		fixture_done(&f, fixture_flag(&f, ids, 3,
					      STORE_SEEN, 0));
		fixture_look(&f, "INBOX");
		assert_true(fixture_row(&f, 2)->flags & STORE_SEEN);
		fixture_wait(&f, fixture_said(&f, "+FLAGS.SILENT") == 1);
		fixture_done(&f, fixture_flag(&f, ids, 1,
					      STORE_FLAGGED, STORE_SEEN));
		fixture_wait(&f, fixture_said(&f, "+FLAGS.SILENT") == 2 &&
					 fixture_said(&f, "-FLAGS.SILENT") == 1);
		fixture_done(&f, session_check(f.session));
		fixture_look(&f, "INBOX");
		assert_false(fixture_row(&f, 1)->flags & STORE_SEEN);
		assert_true(fixture_row(&f, 1)->flags & STORE_FLAGGED);
		assert_true(fixture_row(&f, 3)->flags & STORE_SEEN);
		fixture_teardown(&f);
	}
}

static void test_flags_wait_for_the_server(void **state)
{
	struct fixture f;
	int64_t id;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 0);
	fixture_start(&f, ALL);
	wait_synced(&f, 10);
	id = fixture_id(&f, 4);
	fixture_stop(&f);
	fixture_refuse(&f, true);
	fixture_start(&f, ALL);
	fixture_wait(&f, f.offline > 0);
	assert_non_null(strstr(f.reason, "no route to host"));
	fixture_done(&f, fixture_flag(&f, &id, 1, STORE_FLAGGED,
				      0));
	fixture_look(&f, "INBOX");
	assert_true(fixture_row(&f, 4)->flags & STORE_FLAGGED);
	fixture_stop(&f);
	fixture_refuse(&f, false);
	fixture_start(&f, ALL);
	fixture_wait(&f, fixture_said(&f, "+FLAGS.SILENT (\\Flagged)") == 1);
	fixture_teardown(&f);
}

/* ---- failures ---- */

static void test_offline(void **state)
{
	struct fixture f;
	const struct session_done *done;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 10, 0);
	fixture_start_tunnel(&f, "echo no route to host >&2; exit 1");
	fixture_wait(&f, f.offline > 0);
	assert_non_null(strstr(f.reason, "no route to host"));
	done = fixture_done(&f, session_open(f.session, "INBOX"));
	assert_int_equal(done->result, SESSION_FAILED);
	assert_non_null(strstr(done->text, "no route to host"));
	fixture_teardown(&f);
}

static void test_bad_servers(void **state)
{
	static const char *const tunnels[] = {
		"echo 'SSH-2.0-OpenSSH_9.2'; exec sleep 60",
		"echo '* BYE too many connections'; exec sleep 60",
		"echo '* OK ready, log in'; exec sleep 60",
		"printf '* PREAUTH [CAPABILITY IMAP4rev1] hi\\r\\n';"
		"printf '* LIST ('; yes '((((((((' | tr -d '\\n'",
		"printf '* PREAUTH '; yes | tr -d '\\n'",
		"printf '* PREAUTH [CAPABILITY IMAP4rev1] hi\\r\\n';"
		"printf '* 1 FETCH (BODY[] {4294967296}\\r\\n'; yes",
		"exec cat /dev/zero",
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(tunnels); i++) {
		fixture_setup(&f);
		fixture_start_tunnel(&f, tunnels[i]);
		fixture_wait(&f, f.offline > 0);
		assert_non_null(f.reason);
		assert_null(strchr(f.reason, '\n'));
		fixture_teardown(&f);
	}
}

static void test_cancel(void **state)
{
	struct fixture f;
	uint32_t request;

	(void)state;
	fixture_setup(&f);
	fixture_start_tunnel(&f, "exec sleep 60");
	fixture_wait(&f, f.phase == SESSION_CONNECTING);
	request = session_open(f.session, "INBOX");
	session_cancel(f.session, request);
	assert_int_equal(fixture_done(&f, request)->result, SESSION_CANCELLED);
	request = session_check(f.session);
	session_cancel(f.session, request);
	assert_int_equal(fixture_done(&f, request)->result, SESSION_CANCELLED);
	session_cancel(f.session, 12345);
	fixture_teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cold_fill),
		cmocka_unit_test(test_nothing_is_fetched_twice),
		cmocka_unit_test(test_resync),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_without_idle_a_check_finds_news),
		cmocka_unit_test(test_folders),
		cmocka_unit_test(test_other_mailbox),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_new_mail_during_a_fill),
		cmocka_unit_test(test_uidvalidity),
		cmocka_unit_test(test_bodies_once),
		cmocka_unit_test(test_cut_in_a_literal),
		cmocka_unit_test(test_huge_literal),
		cmocka_unit_test(test_poison_message),
		cmocka_unit_test(test_rows_without_uid_are_dropped),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_flags_wait_for_the_server),
		cmocka_unit_test(test_offline),
		cmocka_unit_test(test_bad_servers),
		cmocka_unit_test(test_cancel),
	};

	signal(SIGPIPE, SIG_IGN);
	mail_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
