/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads against pictures made by hand. */
#include "config.h"

#include <string.h>

#include "test-store-common.h"

static void assert_picture(const struct store_message *m, size_t n,
			   const char *expected)
{
	g_autofree char *got = NULL;
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	for (size_t i = 0; i < n; i++)
		add(store, mbox, &m[i]);
	got = picture(dir);
	assert_string_equal(got, expected);
	store_close(store);
	scratch_remove(dir);
}

/* All orders of arrival, by Heap's algorithm. */
static void permute(struct store_message *m, size_t n, size_t all,
		    const char *expected)
{
	if (n <= 1) {
		assert_picture(m, all, expected);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		size_t other = n % 2 == 0 ? i : 0;
		struct store_message kept;

		permute(m, n - 1, all, expected);
		kept = m[other];
		m[other] = m[n - 1];
		m[n - 1] = kept;
	}
}

#define EVERY_ORDER(messages, expected)                                        \
	permute(messages, G_N_ELEMENTS(messages), G_N_ELEMENTS(messages),      \
		expected)

static void test_a_tree(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Lunch"),
		mail(2, 110, "b", "a", "a", "Re: Lunch"),
		mail(3, 120, "c", "b", "ab", "Re: Lunch"),
		mail(4, 130, "d", "a", "a", "Dinner"),
		mail(5, 105, "e", NULL, NULL, "Other"),
	};

	(void)state;
	EVERY_ORDER(m, "5 Other\n"
		       "1 Lunch\n"
		       "2 +->~\n"
		       "3 | `->~\n"
		       "4 `->Dinner\n");
}

static void test_missing_parents(void **state)
{
	/* x was never here: what answers it stands in one thread, the rest
	 * below the nearest ancestor that is. */
	struct store_message m[] = {
		mail(1, 100, "b", "x", "x", "Re: Lunch"),
		mail(2, 110, "c", "x", "x", "Re: Lunch"),
		mail(3, 120, "d", "y", "xby", "Re: Lunch"),
		mail(4, 115, "e", NULL, NULL, "Between"),
	};

	(void)state;
	EVERY_ORDER(m, "4 Between\n"
		       "2 T->Re: Lunch\n"
		       "1 `->Re: Lunch\n"
		       "3   `->~\n");
}

static void test_late_parent_merges(void **state)
{
	/* b and c know nothing of one another until a is there. */
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Lunch"),
		mail(2, 110, "b", "a", NULL, "one"),
		mail(3, 120, "c", "a", NULL, "two"),
		mail(4, 130, "d", "b", NULL, "three"),
	};

	(void)state;
	EVERY_ORDER(m, "1 Lunch\n"
		       "3 +->two\n"
		       "2 `->one\n"
		       "4   `->three\n");
}

static void test_by_subject(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Lunch"),
		mail(2, 110, "b", NULL, NULL, "Re: Lunch"),
		mail(3, 120, "c", "b", "b", "Re: Lunch"),
		mail(4, 130, "d", NULL, NULL, "RE: Lunch"),
		mail(5, 125, "e", NULL, NULL, "Lunch again"),
	};

	(void)state;
	EVERY_ORDER(m, "5 Lunch again\n"
		       "1 Lunch\n"
		       "2 +*>~\n"
		       "3 | `->~\n"
		       "4 `*>~\n");
}

static void test_by_subject_latest_earlier(void **state)
{
	/* Two originals; each reply belongs to the latest before it. */
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Report"),
		mail(2, 110, "b", NULL, NULL, "Re: Report"),
		mail(3, 120, "c", NULL, NULL, "Report"),
		mail(4, 130, "d", NULL, NULL, "Re: Report"),
	};

	(void)state;
	EVERY_ORDER(m, "1 Report\n"
		       "2 `*>~\n"
		       "3 Report\n"
		       "4 `*>~\n");
}

static void test_replies_without_original(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Re: Lost"),
		mail(2, 110, "b", NULL, NULL, "Re: Lost"),
		mail(3, 120, "c", NULL, NULL, "Re[2]: Lost"),
		mail(4, 130, "d", NULL, NULL, "Re: "),
		mail(5, 140, "e", NULL, NULL, "Re: "),
	};

	(void)state;
	EVERY_ORDER(m, "1 Re: Lost\n"
		       "2 +*>~\n"
		       "3 `*>~\n"
		       "4 Re: \n"
		       "5 `*>~\n");
}

static void test_equal_ids(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Twice"),
		mail(2, 100, "a", NULL, NULL, "Twice"),
		mail(3, 110, "b", "a", "a", "Re: Twice"),
		mail(4, 105, "a", "a", "a", "Twice"),
	};

	(void)state;
	EVERY_ORDER(m, "1 Twice\n"
		       "2 +=>~\n"
		       "4 +=>~\n"
		       "3 `->~\n");
}

static void test_cycles(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", "b", "b", "one"),
		mail(2, 110, "b", "a", "a", "two"),
		mail(3, 120, "c", "c", "c", "three"),
	};

	(void)state;
	EVERY_ORDER(m, "2 two\n"
		       "1 `->one\n"
		       "3 three\n");
}

static void test_no_ids(void **state)
{
	struct store_message m[] = {
		mail(1, 100, NULL, NULL, NULL, "one"),
		mail(2, 110, NULL, "a", NULL, "two"),
		mail(3, 105, "a", NULL, NULL, "three"),
		mail(4, 120, "", NULL, NULL, ""),
	};

	(void)state;
	EVERY_ORDER(m, "1 one\n"
		       "3 three\n"
		       "2 `->two\n"
		       "4 \n");
}

static void test_expunge_splits(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Lunch"),
		mail(2, 110, "b", "a", NULL, "middle"),
		mail(3, 120, "c", "b", NULL, "Re: leaf"),
		mail(4, 130, "d", "a", NULL, "side"),
	};
	const uint32_t middle = 2, root = 1;
	char *dir = scratch_new(), *got;
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	add_all(store, mbox, m, G_N_ELEMENTS(m));
	assert_true(store_expunge(store, mbox, &middle, 1, NULL));
	got = picture(dir);
	assert_string_equal(got, "3 Re: leaf\n"
				 "1 Lunch\n"
				 "4 `->side\n");
	g_free(got);
	/* It comes back, and the thread with it. */
	add(store, mbox, &m[1]);
	assert_true(store_expunge(store, mbox, &root, 1, NULL));
	got = picture(dir);
	assert_string_equal(got, "2 T->middle\n"
				 "3 | `->Re: leaf\n"
				 "4 `->side\n");
	g_free(got);
	store_close(store);
	scratch_remove(dir);
}

static void test_expunged_original_frees_replies(void **state)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "Report"),
		mail(2, 110, "b", NULL, NULL, "Report"),
		mail(3, 120, "c", NULL, NULL, "Re: Report"),
	};
	const uint32_t latest = 2;
	g_autofree char *got = NULL;
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	add_all(store, mbox, m, G_N_ELEMENTS(m));
	assert_true(store_expunge(store, mbox, &latest, 1, NULL));
	got = picture(dir);
	assert_string_equal(got, "1 Report\n"
				 "3 `*>~\n");
	store_close(store);
	scratch_remove(dir);
}

/* One chain of messages, each with all its ancestors that fit. */
static void test_long_chain(void **state)
{
	enum { LENGTH = 3000, BATCH = 500 };
	g_autofree struct store_message *m =
		g_new0(struct store_message, LENGTH);
	struct postbox *box = postbox_new();
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	struct view *view = view_new("default", dir, box);
	struct view_window *w;

	(void)state;
	for (uint32_t i = 0; i < LENGTH; i++) {
		m[i] = mail(LENGTH - i, LENGTH - i, NULL, NULL, NULL, "deep");
		m[i].message_id = g_strdup_printf("<%u@x>", LENGTH - i);
		m[i].in_reply_to = g_strdup_printf("<%u@x>", LENGTH - i - 1);
	}
	for (size_t i = 0; i < LENGTH; i += BATCH)
		add_all(store, mbox, m + i, BATCH);
	w = ask_window(view, box, &by_threads, VIEW_AT_LAST, 0, 0, 0, 1);
	assert_int_equal(w->total, LENGTH);
	assert_int_equal(w->rows[0].uid, LENGTH);
	assert_int_equal(w->rows[0].thread_size, LENGTH);
	assert_int_equal(strlen(w->rows[0].tree), 2 * 62 + 1);
	post_free(&w->post);
	for (uint32_t i = 0; i < LENGTH; i++) {
		g_free((char *)m[i].message_id);
		g_free((char *)m[i].in_reply_to);
	}
	view_free(view);
	postbox_free(box);
	store_close(store);
	scratch_remove(dir);
}

static void assert_shows(struct store *store, const char *dir, int64_t mbox,
			 const struct store_intent *intents, size_t n,
			 const char *expected)
{
	g_autofree char *got = NULL;

	assert_true(store_set_intents(store, mbox, intents, n, NULL));
	got = picture(dir);
	assert_string_equal(got, expected);
}

#define AS_IT_WAS "1 one\n2 `->two\n3   `->three\n4 four\n5 `->five\n"

/* What the user links and breaks is shown, and nothing is left of it when it
 * is wished no more. */
static void test_wished_parents(void **state)
{
	const struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "one"),
		mail(2, 101, "b", "a", "a", "two"),
		mail(3, 102, "c", "b", "ab", "three"),
		mail(4, 110, "d", NULL, NULL, "four"),
		mail(5, 111, "e", "d", "d", "five"),
	};
	struct store_intent intents[] = {
		{ .uid = 2, .in_reply_to = "d@example.org",
		  .references = "d@example.org" },
		{ .uid = 5, .in_reply_to = "", .references = "" },
		{ .uid = 99, .in_reply_to = "", .references = "" },
	};
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);

	(void)state;
	add_all(store, mbox, m, G_N_ELEMENTS(m));
	assert_shows(store, dir, mbox, NULL, 0, AS_IT_WAS);
	for (int i = 0; i < 2; i++) {
		assert_shows(store, dir, mbox, intents, 1,
			     "1 one\n4 four\n2 +->two\n3 | `->three\n"
			     "5 `->five\n");
		assert_shows(store, dir, mbox, intents, 3,
			     "1 one\n4 four\n2 `->two\n3   `->three\n"
			     "5 five\n");
		intents[0].gone = true;
		assert_shows(store, dir, mbox, intents, 1,
			     "1 one\n3 `->three\n4 four\n5 `->five\n");
		intents[0].gone = false;
		assert_shows(store, dir, mbox, NULL, 0, AS_IT_WAS);
	}
	store_close(store);
	scratch_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_tree),
		cmocka_unit_test(test_missing_parents),
		cmocka_unit_test(test_late_parent_merges),
		cmocka_unit_test(test_by_subject),
		cmocka_unit_test(test_by_subject_latest_earlier),
		cmocka_unit_test(test_replies_without_original),
		cmocka_unit_test(test_equal_ids),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_no_ids),
		cmocka_unit_test(test_expunge_splits),
		cmocka_unit_test(test_expunged_original_frees_replies),
		cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_wished_parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
