/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view: messages that are chosen, tags, and what is away. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "test-store-common.h"

struct bench {
	char *dir;
	int64_t mbox;
	struct store *store;
	struct postbox *box;
	struct view *view;
	struct view_order by;
	int64_t ids[9]; /* by UID */
};

static struct view_window *window(struct bench *b)
{
	return ask_window(b->view, b->box, &b->by, VIEW_AT_FIRST, 0, 0, 0,
			  1000);
}

/* Three threads: 1 (2 (3), 4), 5 (6) and 7. */
static void bench_open(struct bench *b)
{
	struct store_message m[] = {
		mail(1, 100, "a", NULL, NULL, "one"),
		mail(2, 101, "b", "a", NULL, "two"),
		mail(3, 102, "c", "b", NULL, "three"),
		mail(4, 103, "d", "a", NULL, "four"),
		mail(5, 104, "e", NULL, NULL, "five"),
		mail(6, 105, "f", "e", NULL, "six"),
		mail(7, 106, "g", NULL, NULL, "seven"),
	};
	struct view_window *w;

	*b = (struct bench){ .dir = scratch_new(), .by = by_threads };
	b->store = cache_new(b->dir, &b->mbox);
	b->box = postbox_new();
	b->view = view_new("default", b->dir, b->box);
	m[2].flags = STORE_SEEN | STORE_FLAGGED;
	add_all(b->store, b->mbox, m, G_N_ELEMENTS(m));
	w = window(b);
	for (size_t i = 0; i < w->n; i++)
		b->ids[w->rows[i].uid] = w->rows[i].id;
	post_free(&w->post);
}

static void bench_close(struct bench *b)
{
	view_free(b->view);
	postbox_free(b->box);
	store_close(b->store);
	scratch_remove(b->dir);
}

static struct query *pattern(const char *text)
{
	const struct query_context context = { .now = 1000,
					       .simple = "~s %s" };
	struct query *query = query_new(text, &context, NULL);

	assert_non_null(query);
	return query;
}

/* Chooses, and compares the UIDs with "1 2 3". */
static void pick(struct bench *b, struct view_pick pick, const char *expected,
		 int64_t tagged)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct view_picked *answer = (struct view_picked *)await(
		b->box, VIEW_PICKED, view_pick(b->view, NULL, &b->by, &pick));

	assert_int_equal(answer->result, VIEW_DONE);
	for (size_t i = 0; i < answer->n; i++) {
		size_t uid = 0;

		while (b->ids[uid] != answer->ids[i])
			uid++;
		g_string_append_printf(text, "%s%zu", i > 0 ? " " : "", uid);
		assert_int_equal(answer->flags[i],
				 uid == 3 ? STORE_SEEN | STORE_FLAGGED : 0);
	}
	assert_string_equal(text->str, expected);
	assert_int_equal(answer->tagged, tagged);
	post_free(&answer->post);
}

static void pick_ids(struct bench *b, const char *uids, enum view_mark mark,
		     int64_t tagged)
{
	int64_t ids[8];
	struct view_pick request = { .which = VIEW_PICK_IDS,
				     .mark = mark,
				     .ids = ids };

	for (const char *c = uids; *c != '\0'; c++)
		if (*c != ' ')
			ids[request.n++] = b->ids[*c - '0'];
	pick(b, request, uids, tagged);
}

static void pick_from(struct bench *b, enum view_which which, int uid,
		      enum view_mark mark, const char *expected, int64_t tagged)
{
	pick(b,
	     (struct view_pick){ .which = which,
				 .mark = mark,
				 .id = b->ids[uid] },
	     expected, tagged);
}

static void pick_pattern(struct bench *b, const char *text,
			 enum view_mark mark, const char *expected,
			 int64_t tagged)
{
	pick(b,
	     (struct view_pick){ .which = VIEW_PICK_PATTERN,
				 .mark = mark,
				 .query = pattern(text) },
	     expected, tagged);
}

/* The rows as "UID UID* ...", tags as stars; the counts. */
static void check_rows(struct bench *b, const char *expected, int64_t all,
		       int64_t tagged)
{
	struct view_window *w = window(b);
	g_autoptr(GString) text = g_string_new(NULL);

	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(text, "%s%u%s", i > 0 ? " " : "",
				       w->rows[i].uid,
				       w->rows[i].tagged ? "*" : "");
	assert_string_equal(text->str, expected);
	assert_int_equal(w->total, w->n);
	assert_int_equal(w->all, all);
	assert_int_equal(w->tagged, tagged);
	post_free(&w->post);
}

static void limit(struct bench *b, const char *text)
{
	uint32_t request = view_limit(b->view, NULL, &b->by,
				      text != NULL ? pattern(text) : NULL, 0);

	post_free(await(b->box, VIEW_LIMITED, request));
}

static void test_which(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	pick_ids(&b, "2 5", VIEW_MARK_NONE, 0);
	pick_from(&b, VIEW_PICK_THREAD, 3, VIEW_MARK_NONE, "1 2 3 4", 0);
	pick_from(&b, VIEW_PICK_SUBTHREAD, 2, VIEW_MARK_NONE, "2 3", 0);
	pick_from(&b, VIEW_PICK_SUBTHREAD, 1, VIEW_MARK_NONE, "1 2 3 4", 0);
	pick_from(&b, VIEW_PICK_SUBTHREAD, 4, VIEW_MARK_NONE, "4", 0);
	pick_from(&b, VIEW_PICK_ALL, 0, VIEW_MARK_NONE, "1 2 3 4 5 6 7", 0);
	pick_pattern(&b, "~N", VIEW_MARK_NONE, "1 2 4 5 6 7", 0);
	pick_pattern(&b, "~s ^.i", VIEW_MARK_NONE, "5 6", 0);
	pick_pattern(&b, "~s nothing", VIEW_MARK_NONE, "", 0);
	/* Threads on their heads. */
	b.by.reverse = true;
	pick_from(&b, VIEW_PICK_THREAD, 3, VIEW_MARK_NONE, "4 3 2 1", 0);
	pick_from(&b, VIEW_PICK_SUBTHREAD, 2, VIEW_MARK_NONE, "3 2", 0);
	/* Without threads a message is one by itself. */
	b.by = (struct view_order){ .key = VIEW_UNSORTED,
				    .aux = VIEW_UNSORTED };
	pick_from(&b, VIEW_PICK_SUBTHREAD, 2, VIEW_MARK_NONE, "2", 0);
	bench_close(&b);
}

static void test_tags(void **state)
{
	struct bench b;
	const uint32_t one = 5;

	(void)state;
	bench_open(&b);
	pick_ids(&b, "2 5", VIEW_MARK_TAG, 2);
	check_rows(&b, "1 2* 3 4 5* 6 7", 7, 2);
	pick_from(&b, VIEW_PICK_SUBTHREAD, 2, VIEW_MARK_TAG, "2 3", 3);
	pick_from(&b, VIEW_PICK_TAGGED, 0, VIEW_MARK_NONE, "2 3 5", 3);
	pick_pattern(&b, "~T ~N", VIEW_MARK_UNTAG, "2 5", 1);
	pick_pattern(&b, "!~T", VIEW_MARK_TAG, "1 2 4 5 6 7", 7);
	pick_pattern(&b, "~s one | ~s seven", VIEW_MARK_UNTAG, "1 7", 5);
	/* A limit hides from what is tagged and from patterns, not from
	 * threads; the tags stay. */
	limit(&b, "~s three | ~s six");
	check_rows(&b, "3* 6*", 7, 5);
	pick_from(&b, VIEW_PICK_TAGGED, 0, VIEW_MARK_NONE, "3 6", 5);
	pick_pattern(&b, "~A", VIEW_MARK_NONE, "3 6", 5);
	pick_from(&b, VIEW_PICK_THREAD, 3, VIEW_MARK_NONE, "1 2 3 4", 5);
	limit(&b, "~T");
	check_rows(&b, "2* 3* 4* 5* 6*", 7, 5);
	limit(&b, NULL);
	/* Another order, new mail in a thread, flags, a removal. */
	b.by = (struct view_order){ .key = VIEW_UNSORTED,
				    .aux = VIEW_UNSORTED };
	check_rows(&b, "1 2* 3* 4* 5* 6* 7", 7, 5);
	b.by = by_threads;
	add_all(b.store, b.mbox,
		(struct store_message[]){
			mail(8, 107, "h", "c", NULL, "eight") },
		1);
	assert_true(store_set_flags(b.store, b.mbox, 4, STORE_SEEN, "", 0, NULL,
				    NULL));
	assert_true(store_expunge(b.store, b.mbox, &one, 1, NULL));
	check_rows(&b, "6* 7 1 4* 2* 3* 8", 7, 4);
	bench_close(&b);
}

/* What is away is no row and no choice, whatever happens to the order, until
 * it comes back. */
static void test_away(void **state)
{
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	pick_ids(&b, "2 7", VIEW_MARK_AWAY, 0);
	check_rows(&b, "1 3 4 5 6", 5, 0);
	w = window(&b);
	assert_int_equal(w->rows[1].number, 2);
	assert_int_equal(w->rows[4].number, 5);
	post_free(&w->post);
	pick_from(&b, VIEW_PICK_THREAD, 1, VIEW_MARK_NONE, "1 3 4", 0);
	pick_from(&b, VIEW_PICK_ALL, 1, VIEW_MARK_NONE, "1 3 4 5 6", 0);
	pick_pattern(&b, "~s seven", VIEW_MARK_NONE, "", 0);
	/* Who stood on it stands on the next one. */
	w = ask_window(b.view, b.box, &b.by, VIEW_AT_ID, b.ids[2], 0, 0, 1);
	assert_int_equal(w->rows[0].uid, 3);
	post_free(&w->post);
	add_all(b.store, b.mbox,
		(struct store_message[]){
			mail(8, 107, "h", "c", NULL, "eight") },
		1);
	check_rows(&b, "5 6 1 4 3 8", 6, 0);
	b.by.reverse = true;
	check_rows(&b, "8 3 4 1 6 5", 6, 0);
	b.by = by_threads;
	pick_ids(&b, "7 2", VIEW_MARK_BACK, 0);
	check_rows(&b, "5 6 7 1 4 2 3 8", 8, 0);
	bench_close(&b);
}

static void test_elsewhere(void **state)
{
	struct view_pick all = { .which = VIEW_PICK_ALL };
	struct view_picked *answer;
	struct bench b;

	(void)state;
	bench_open(&b);
	pick_from(&b, VIEW_PICK_ALL, 0, VIEW_MARK_TAG, "1 2 3 4 5 6 7", 7);
	answer = (struct view_picked *)await(
		b.box, VIEW_PICKED, view_pick(b.view, "None", &b.by, &all));
	assert_int_equal(answer->result, VIEW_FAILED);
	post_free(&answer->post);
	pick_from(&b, VIEW_PICK_ALL, 0, VIEW_MARK_UNTAG, "1 2 3 4 5 6 7", 0);
	/* One that is given up changes nothing. */
	all.which = VIEW_PICK_PATTERN;
	all.mark = VIEW_MARK_TAG;
	all.query = pattern("~A");
	uint32_t request = view_pick(b.view, NULL, &b.by, &all);
	view_cancel(b.view);
	answer = (struct view_picked *)await(b.box, VIEW_PICKED, request);
	assert_true(answer->result == VIEW_CANCELLED ||
		    answer->result == VIEW_DONE);
	check_rows(&b,
		   answer->result == VIEW_DONE ? "1* 2* 3* 4* 5* 6* 7*"
					       : "1 2 3 4 5 6 7",
		   7, answer->result == VIEW_DONE ? 7 : 0);
	post_free(&answer->post);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
