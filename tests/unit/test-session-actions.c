/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does, against servers that can much, little, and go away. */
#include "config.h"

#include <string.h>

#include "session-fixture.h"

#define QUICK "IDLE ENABLE QRESYNC CONDSTORE ESEARCH"
#define FULL  QUICK " MOVE UIDPLUS"

static const char *const kinds[] = {
	FULL, QUICK " MOVE", QUICK " UIDPLUS", "",
	QUICK " MOVE UIDPLUS fault=no-copyuid", QUICK " UIDPLUS fault=no-expunge",
};

static void wait_synced(struct fixture *f, int rows)
{
	fixture_wait(f, f->phase == SESSION_ONLINE);
	fixture_wait_rows(f, "INBOX", rows);
	fixture_done(f, session_check(f->session));
	fixture_look(f, "INBOX");
}

static void begin(struct fixture *f, const char *words)
{
	fixture_setup(f);
	fixture_mail(f, 10, 0);
	fixture_start(f, words);
	wait_synced(f, 10);
}

/* Message 'uid' of INBOX. */
static uint32_t act(struct fixture *f, enum session_verb verb, uint32_t uid,
		    const char *target)
{
	int64_t id = fixture_id(f, uid);
	const struct session_act act = { .verb = verb,
					 .mailbox = "INBOX",
					 .ids = &id,
					 .n = 1,
					 .target = target,
					 .what = "move" };

	return session_act(f->session, &act);
}

static void wait_done(struct fixture *f)
{
	fixture_wait(f, f->waiting == 0);
}

/* What the server has in 'mailbox' now, seen by opening it. */
static void assert_rows(struct fixture *f, const char *mailbox, int rows)
{
	fixture_done(f, session_open(f->session, mailbox));
	fixture_wait_rows(f, mailbox, rows);
	fixture_done(f, session_check(f->session));
	fixture_wait_rows(f, mailbox, rows);
}

static void undo(struct fixture *f, bool redo)
{
	assert_int_equal(fixture_done(f, session_undo(f->session, redo))->result,
			 SESSION_OK);
}

static bool noticed(struct fixture *f, const char *text)
{
	for (guint i = 0; i < f->notices->len; i++)
		if (strstr(g_ptr_array_index(f->notices, i), text) != NULL)
			return true;
	return false;
}

static void no_refusal(struct fixture *f)
{
	for (guint i = 0; f->refused > 0 && i < f->notices->len; i++)
		print_error("%s\n",
			    (const char *)g_ptr_array_index(f->notices, i));
	assert_int_equal(f->refused, 0);
}

/* ---- moving ---- */

static void test_move_and_undo(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct fixture f;

		begin(&f, kinds[i]);
		fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
		assert_int_equal(fixture_look(&f, "INBOX")->total, 9);
		assert_null(fixture_row(&f, 4));
		wait_done(&f);
		no_refusal(&f);
		assert_rows(&f, "INBOX", 9);
		assert_rows(&f, "Sent", 4);
		undo(&f, false);
		wait_done(&f);
		no_refusal(&f);
		assert_rows(&f, "INBOX", 10);
		assert_rows(&f, "Sent", 3);
		undo(&f, true);
		wait_done(&f);
		assert_rows(&f, "INBOX", 9);
		assert_rows(&f, "Sent", 4);
		fixture_teardown(&f);
	}
}

/* No plain EXPUNGE and no CLOSE, whatever the server can do. */
static void test_nothing_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		struct fixture f;

		begin(&f, kinds[i]);
		fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
		wait_done(&f);
		assert_rows(&f, "Sent", 4);
		assert_int_equal(fixture_said(&f, " EXPUNGE"),
				 fixture_said(&f, "UID EXPUNGE"));
		assert_int_equal(fixture_said(&f, "CLOSE"), 0);
		if (i == 3 || i == 5)
			assert_true(noticed(&f, "cannot remove"));
		fixture_teardown(&f);
	}
}

static void test_undo_before_it_ran(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	assert_int_equal(fixture_look(&f, "INBOX")->total, 9);
	undo(&f, false);
	assert_int_equal(fixture_look(&f, "INBOX")->total, 10);
	undo(&f, true);
	undo(&f, false);
	fixture_stop(&f);
	fixture_start(&f, FULL);
	wait_synced(&f, 10);
	assert_int_equal(fixture_said(&f, "UID MOVE"), 0);
	undo(&f, true);
	wait_done(&f);
	assert_rows(&f, "Sent", 4);
	fixture_teardown(&f);
}

static void test_copy(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	fixture_done(&f, act(&f, SESSION_COPY, 4, "Sent"));
	wait_done(&f);
	assert_rows(&f, "Sent", 4);
	assert_rows(&f, "INBOX", 10);
	undo(&f, false);
	wait_done(&f);
	assert_rows(&f, "Sent", 3);
	fixture_teardown(&f);
}

static void test_purge(void **state)
{
	struct session_act purge = { .verb = SESSION_PURGE,
				     .mailbox = "INBOX",
				     .what = "purge" };
	struct fixture f;
	int64_t ids[2];

	(void)state;
	begin(&f, FULL);
	ids[0] = fixture_id(&f, 2);
	ids[1] = fixture_id(&f, 3);
	fixture_done(&f, fixture_flag(&f, ids, 2, STORE_DELETED, 0));
	purge.target = "Sent";
	fixture_done(&f, session_act(f.session, &purge));
	wait_done(&f);
	assert_rows(&f, "Sent", 5);
	/* There they are not marked. */
	for (size_t i = 0; i < f.window->n; i++)
		assert_false(f.window->rows[i].flags & STORE_DELETED);
	assert_rows(&f, "INBOX", 8);
	ids[0] = fixture_id(&f, 5);
	fixture_done(&f, fixture_flag(&f, ids, 1, STORE_DELETED, 0));
	purge.target = NULL;
	fixture_done(&f, session_act(f.session, &purge));
	wait_done(&f);
	assert_rows(&f, "INBOX", 7);
	assert_int_equal(fixture_done(&f, session_undo(f.session, false))->result,
			 SESSION_FAILED);
	fixture_teardown(&f);
}

/* ---- what is not answered ---- */

/* The server does it and goes away without a word: it is not done twice. */
static void test_unanswered(void **state)
{
	static const char *const deaths[] = { FULL " fault=die-move",
					      QUICK " UIDPLUS fault=die-copy",
					      "fault=die-copy" };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(deaths); i++) {
		struct fixture f;

		begin(&f, deaths[i]);
		fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
		wait_done(&f);
		no_refusal(&f);
		assert_rows(&f, "Sent", 4);
		assert_rows(&f, "INBOX", 9);
		fixture_teardown(&f);
	}
}

static void test_offline_day(void **state)
{
	struct fixture f;

	(void)state;
	fixture_setup(&f);
	fixture_mail(&f, 200, 0);
	fixture_start(&f, FULL);
	wait_synced(&f, 200);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	for (uint32_t uid = 1; uid <= 200; uid++) {
		int64_t id = fixture_id(&f, uid);

		fixture_done(&f, fixture_flag(&f, &id, 1, STORE_SEEN, 0));
		fixture_done(&f, fixture_flag(&f, &id, 1, STORE_FLAGGED, 0));
		if (uid % 2 == 0)
			fixture_done(&f, act(&f, SESSION_MOVE, uid, "Sent"));
	}
	assert_int_equal(f.waiting, 500);
	fixture_stop(&f);
	fixture_forget_log(&f);
	fixture_start(&f, FULL);
	fixture_wait(&f, f.phase == SESSION_ONLINE);
	wait_done(&f);
	assert_true(fixture_said(&f, "\n") < 60);
	assert_rows(&f, "INBOX", 100);
	assert_true(fixture_row(&f, 1)->flags & STORE_FLAGGED);
	assert_rows(&f, "Sent", 103);
	for (uint32_t uid = 4; uid <= 103; uid++)
		assert_int_equal(fixture_row(&f, uid)->flags &
					 (STORE_SEEN | STORE_FLAGGED),
				 STORE_SEEN | STORE_FLAGGED);
	fixture_teardown(&f);
}

/* ---- what is refused ---- */

static void test_quota(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL " fault=full");
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	fixture_wait(&f, f.refused == 1);
	assert_int_equal(f.waiting, 0);
	assert_true(noticed(&f, "quota exceeded"));
	/* It is where it was, and the rest of the queue goes on. */
	fixture_wait_rows(&f, "INBOX", 10);
	fixture_done(&f, fixture_flag(&f, (int64_t[]){ fixture_id(&f, 4) }, 1,
				      STORE_FLAGGED, 0));
	wait_done(&f);
	assert_int_equal(fixture_said(&f, "+FLAGS.SILENT"), 1);
	fixture_teardown(&f);
}

static void test_no_such_target(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	assert_int_equal(
		fixture_done(&f, act(&f, SESSION_MOVE, 4, "Nowhere"))->result,
		SESSION_FAILED);
	assert_int_equal(fixture_said(&f, "MOVE"), 0);
	fixture_wait_rows(&f, "INBOX", 10);
	fixture_teardown(&f);
}

/* DESIGN 9 (c): nothing pending touches a wrong message. */
static void test_renumbered(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	fixture_done(&f, fixture_flag(&f, (int64_t[]){ fixture_id(&f, 5) }, 1,
				      STORE_FLAGGED, 0));
	fixture_stop(&f);
	fixture_faults(&f, "renumber");
	fixture_start(&f, FULL);
	fixture_wait(&f, f.refused == 2);
	assert_true(noticed(&f, "renumbered"));
	fixture_wait_rows(&f, "INBOX", 10);
	assert_int_equal(fixture_said(&f, "UID MOVE"), 0);
	assert_int_equal(fixture_said(&f, "FLAGS.SILENT"), 0);
	fixture_teardown(&f);
}

/* The server has given the number to another message (imap-traps 16). */
static void test_another_message(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	fixture_stop(&f);
	fixture_faults(&f, "swap");
	fixture_start(&f, FULL);
	fixture_wait(&f, f.refused == 1);
	assert_true(noticed(&f, "another message"));
	assert_int_equal(fixture_said(&f, "UID MOVE"), 0);
	fixture_teardown(&f);
}

static void test_gone_meanwhile(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, FULL);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	fixture_stop(&f);
	fixture_faults(&f, "lose");
	fixture_start(&f, FULL);
	fixture_wait(&f, f.refused == 1);
	assert_true(noticed(&f, "gone from the server"));
	fixture_wait_rows(&f, "INBOX", 9);
	fixture_teardown(&f);
}

/* ---- without the cache, and with another server ---- */

static void test_the_cache_is_lost(void **state)
{
	struct fixture f;
	g_autofree char *cache = NULL;

	(void)state;
	begin(&f, FULL);
	cache = g_build_filename(f.cache, "cache.db", NULL);
	fixture_done(&f, session_offline(f.session, true));
	fixture_wait(&f, f.phase == SESSION_OFFLINE);
	fixture_done(&f, act(&f, SESSION_MOVE, 4, "Sent"));
	fixture_stop(&f);
	assert_true(g_file_set_contents(cache, "rubbish", -1, NULL));
	fixture_start(&f, FULL);
	wait_done(&f);
	wait_synced(&f, 9);
	assert_rows(&f, "Sent", 4);
	fixture_teardown(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move_and_undo),
		cmocka_unit_test(test_nothing_plain),
		cmocka_unit_test(test_undo_before_it_ran),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_purge),
		cmocka_unit_test(test_unanswered),
		cmocka_unit_test(test_offline_day),
		cmocka_unit_test(test_quota),
		cmocka_unit_test(test_no_such_target),
		cmocka_unit_test(test_renumbered),
		cmocka_unit_test(test_another_message),
		cmocka_unit_test(test_gone_meanwhile),
		cmocka_unit_test(test_the_cache_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
