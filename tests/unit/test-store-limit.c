/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view: limits, searches, folded threads. */
#include "config.h"

#include <poll.h>
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
};

/* Two threads, 1 (2 (3), 4) and 5 (6), and 7 alone. */
static void fill(struct bench *b)
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

	m[0].flags = STORE_SEEN | STORE_ANSWERED;
	m[1].flags = STORE_OLD;
	m[3].flags = STORE_SEEN | STORE_DELETED;
	m[4].flags = STORE_SEEN | STORE_FLAGGED;
	m[6].flags = STORE_SEEN;
	m[2].from = "Carl <carl@example.net>, Anna <anna@example.org>";
	m[5].cc = "Dora <dora@example.net>";
	m[6].list_id = "talk.example.org";
	m[6].keywords = "work";
	add_all(b->store, b->mbox, m, G_N_ELEMENTS(m));
}

static void bench_open(struct bench *b)
{
	b->dir = scratch_new();
	b->store = cache_new(b->dir, &b->mbox);
	b->box = postbox_new();
	b->view = view_new("default", b->dir, b->box);
	b->by = by_threads;
	fill(b);
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
	static const char *const mine[] = { "anna@example.org", NULL };
	const struct query_context context = {
		.now = 1000,
		.simple = "~f %s | ~s %s",
		.mine = mine,
	};
	struct query *query = query_new(text, &context, NULL);

	assert_non_null(query);
	return query;
}

/* The last answer to a request. */
static struct post *last_answer(struct bench *b, int kind, uint32_t request)
{
	for (;;) {
		struct post *post = await(b->box, kind, request);

		if (kind != VIEW_LIMITED ||
		    ((struct view_limited *)post)->result != VIEW_GOES_ON)
			return post;
		post_free(post);
	}
}

/* Limits (NULL: to everything) and gives how many were found. */
static int64_t limit(struct bench *b, const char *text)
{
	uint32_t request = view_limit(b->view, NULL, &b->by,
				      text != NULL ? pattern(text) : NULL, 0);
	struct view_limited *answer = (struct view_limited *)last_answer(
		b, VIEW_LIMITED, request);
	int64_t found = answer->found;

	assert_int_equal(answer->result, VIEW_DONE);
	post_free(&answer->post);
	return found;
}

static struct view_window *window(struct bench *b)
{
	return ask_window(b->view, b->box, &b->by, VIEW_AT_FIRST, 0, 0, 0,
			  1000);
}

/* The rows as "UID UID+HIDDEN ..."; owned. */
static char *uids(const struct view_window *w)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < w->n; i++) {
		g_string_append_printf(text, "%s%u", i > 0 ? " " : "",
				       w->rows[i].uid);
		if (w->rows[i].hidden > 0)
			g_string_append_printf(text, "+%d",
					       (int)w->rows[i].hidden);
	}
	return g_string_free(text, FALSE);
}

static void check_rows(struct bench *b, const char *expected)
{
	struct view_window *w = window(b);
	g_autofree char *text = uids(w);

	assert_string_equal(text, expected);
	assert_int_equal(w->total, w->n);
	post_free(&w->post);
}

static int64_t id_of(struct bench *b, uint32_t uid)
{
	struct view_window *w = window(b);
	int64_t id = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->rows[i].uid == uid)
			id = w->rows[i].id;
	post_free(&w->post);
	return id;
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *rows;
	} cases[] = {
		{ "~N", "3 6" },	 { "~O", "2" },
		{ "~U", "2 3 6" },	 { "~R", "1 4 5 7" },
		{ "~F", "5" },		 { "~D", "4" },
		{ "~Q", "1" },		 { "~T", "" },
		{ "~A", "1 2 3 4 5 6 7" }, { "!~U", "1 4 5 7" },
		{ "~f carl", "3" },	 { "^~f anna", "1 2 4 5 6 7" },
		{ "~P", "1 2 3 4 5 6 7" }, { "^~P", "1 2 4 5 6 7" },
		{ "~c dora", "6" },	 { "~C dora | ~s one", "1 6" },
		{ "~t bob ~N", "3 6" },	 { "~s ^f", "4 5" },
		{ "~i ^<a@", "1" },	 { "~x ^<a@", "2 4" },
		{ "~y work", "7" },	 { "~h '^list-id: .*talk'", "7" },
		{ "~h '^cc:'", "6" },	 { "~z <1003", "1 2" },
		{ "~z 1003-1004", "3 4" }, { "~d 2/1/1970", "" },
		{ "~d 1/1/1970 ~N", "3 6" }, { "~r >1d", "" },
		{ "~$", "3 4 6 7" },	 { "~v", "" },
		{ "~(~F)", "5 6" },	 { "!~(~N)", "7" },
		{ "~<(~s two)", "3" },	 { "~<(~s one)", "2 4" },
		{ "~>(~s three)", "2" }, { "~>(~D)", "1" },
		{ "~(~<(~f carl) | ~>(~O))", "1 2 3 4" },
		{ "seven", "7" },	 { "anna", "1 2 3 4 5 6 7" },
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct view_window *w;
		g_autofree char *text = NULL;

		limit(&b, cases[i].pattern);
		w = window(&b);
		text = uids(w);
		if (strcmp(text, cases[i].rows) != 0)
			fail_msg("%s: %s, expected %s", cases[i].pattern, text,
				 cases[i].rows);
		assert_true(w->limited);
		assert_int_equal(w->all, 7);
		post_free(&w->post);
	}
	limit(&b, NULL);
	check_rows(&b, "1 2 3 4 5 6 7");
	bench_close(&b);
}

static struct view_listed *list(struct bench *b, const char *mailbox, int most)
{
	uint32_t request = view_list(b->view, mailbox, most);

	return (struct view_listed *)await(b->box, VIEW_LISTED, request);
}

static uint32_t listed_uid(const struct view_listed *listed, guint i)
{
	return g_array_index(listed->rows, struct view_row, i).uid;
}

/* Rows of another mailbox: limit and folds of the one that windows are asked
 * of stay, which they do not when a window of another is asked for. */
static void test_list_beside(void **state)
{
	struct store_message m[] = { mail(3, 90, "x", NULL, NULL, "later"),
				     mail(8, 80, "y", "x", NULL, "sooner") };
	struct bench b;
	struct store_mailbox *other;
	struct view_listed *l;

	(void)state;
	bench_open(&b);
	other = store_mailbox_make(b.store, "Drafts", "Drafts", NULL);
	assert_non_null(other);
	add_all(b.store, other->id, m, G_N_ELEMENTS(m));
	store_mailbox_free(other);
	limit(&b, "~N");
	check_rows(&b, "3 6");
	l = list(&b, "Drafts", 10);
	assert_string_equal(l->mailbox, "Drafts");
	assert_int_equal(l->rows->len, 2);
	assert_int_equal(listed_uid(l, 0), 8);
	assert_int_equal(listed_uid(l, 1), 3);
	assert_string_equal(g_array_index(l->rows, struct view_row, 1).subject,
			    "later");
	post_free(&l->post);
	l = list(&b, "Drafts", 1);
	assert_int_equal(l->rows->len, 1);
	assert_int_equal(listed_uid(l, 0), 8);
	post_free(&l->post);
	l = list(&b, "Nowhere", 10);
	assert_int_equal(l->rows->len, 0);
	assert_int_equal(l->uidvalidity, 0);
	post_free(&l->post);
	check_rows(&b, "3 6");
	bench_close(&b);
}

/* What comes in is judged, what was in stays whatever happens to it. */
static void test_live(void **state)
{
	struct store_message in = mail(8, 107, "h", "e", NULL, "new eight");
	struct store_message out = mail(9, 108, "i", "e", NULL, "nine");
	struct store_message third = mail(10, 109, "j", NULL, "g", "new ten");
	const uint32_t gone = 6;
	struct bench b;
	int64_t six;

	(void)state;
	bench_open(&b);
	assert_int_equal(limit(&b, "~s six | ~s new | ~N"), 2);
	check_rows(&b, "3 6");
	in.flags = STORE_SEEN;
	out.flags = STORE_SEEN;
	add(b.store, b.mbox, &in);
	add(b.store, b.mbox, &out);
	check_rows(&b, "3 6 8");
	/* Read now, and yet it stays until the limit is made again. */
	store_set_flags(b.store, b.mbox, 3, STORE_SEEN, "", 0, NULL, NULL);
	check_rows(&b, "3 6 8");
	add(b.store, b.mbox, &third);
	check_rows(&b, "3 6 8 10");
	six = id_of(&b, 6);
	store_expunge(b.store, b.mbox, &gone, 1, NULL);
	struct view_window *w = ask_window(b.view, b.box, &b.by, VIEW_AT_ID,
					   six, 0, 0, 1);
	assert_int_equal(w->rows[0].uid, 8);
	post_free(&w->post);
	limit(&b, "~N");
	check_rows(&b, "10");
	bench_close(&b);
}

static void test_sorts_and_mailboxes(void **state)
{
	struct store_message in = mail(8, 99, "h", NULL, NULL, "eight");
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	limit(&b, "~U");
	b.by = (struct view_order){ .key = VIEW_BY_DATE, .reverse = true };
	check_rows(&b, "6 3 2");
	add(b.store, b.mbox, &in);
	check_rows(&b, "6 3 2 8");
	b.by = by_threads;
	check_rows(&b, "8 2 3 6");
	post_free(await(b.box, VIEW_WINDOW,
			view_window(b.view, "Other", &b.by, VIEW_AT_FIRST, 0,
				    0, 0, 10)));
	store_mailbox_free(
		store_mailbox_make(b.store, "Full", "Full", NULL));
	struct store_mailbox *full = store_mailbox_get(b.store, "Full", NULL);
	add(b.store, full->id, &in);
	store_mailbox_free(full);
	post_free(await(b.box, VIEW_WINDOW,
			view_window(b.view, "Full", &b.by, VIEW_AT_FIRST, 0, 0,
				    0, 10)));
	w = window(&b);
	assert_false(w->limited);
	assert_int_equal(w->total, 8);
	post_free(&w->post);
	bench_close(&b);
}

/* A row keeps the number it has without the limit. */
static void test_numbers(void **state)
{
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	limit(&b, "~s five | ~s seven");
	w = window(&b);
	assert_int_equal(w->rows[0].number, 5);
	assert_int_equal(w->rows[1].number, 7);
	post_free(&w->post);
	w = ask_window(b.view, b.box, &b.by, VIEW_AT_NUMBER, 0, 7, 0, 1);
	assert_true(w->found);
	assert_int_equal(w->rows[0].uid, 7);
	post_free(&w->post);
	w = ask_window(b.view, b.box, &b.by, VIEW_AT_NUMBER, 0, 6, 0, 1);
	assert_false(w->found);
	post_free(&w->post);
	bench_close(&b);
}

static void test_nothing_found(void **state)
{
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	assert_int_equal(limit(&b, "~s nothing"), 0);
	w = window(&b);
	assert_true(w->limited);
	assert_int_equal(w->total, 0);
	assert_int_equal(w->all, 7);
	post_free(&w->post);
	limit(&b, NULL);
	check_rows(&b, "1 2 3 4 5 6 7");
	bench_close(&b);
}

/* Hard work for each message, so that it can be given up in the middle. */
static void fill_more(struct bench *b, unsigned n)
{
	g_autofree struct store_message *m = g_new0(struct store_message, n);
	g_autofree char *slow = g_strnfill(400, 'a');

	for (unsigned i = 0; i < n; i++) {
		m[i] = mail(100 + i, 1000 + i, NULL, NULL, NULL, slow);
		m[i].message_id = "";
	}
	add_all(b->store, b->mbox, m, n);
}

static void test_cancel(void **state)
{
	struct bench b;
	uint32_t request, later;
	struct view_limited *answer;

	(void)state;
	bench_open(&b);
	fill_more(&b, 3000);
	limit(&b, "~s one");
	check_rows(&b, "1");
	request = view_limit(b.view, NULL, &b.by,
			     pattern("~s '(a+)+[xy]'"), 0);
	view_cancel(b.view);
	answer = (struct view_limited *)last_answer(&b, VIEW_LIMITED, request);
	assert_int_equal(answer->result, VIEW_CANCELLED);
	post_free(&answer->post);
	check_rows(&b, "1");
	/* Another takes its place; a window is answered in between. */
	request = view_limit(b.view, NULL, &b.by,
			     pattern("~s '(a+)+[xy]'"), 0);
	check_rows(&b, "1");
	later = view_limit(b.view, NULL, &b.by, pattern("~s two"), 0);
	answer = (struct view_limited *)last_answer(&b, VIEW_LIMITED, request);
	assert_int_equal(answer->result, VIEW_CANCELLED);
	post_free(&answer->post);
	answer = (struct view_limited *)last_answer(&b, VIEW_LIMITED, later);
	assert_int_equal(answer->result, VIEW_DONE);
	post_free(&answer->post);
	check_rows(&b, "2");
	bench_close(&b);
}

/* The first hits are shown before the last message has been looked at. */
static void test_progress(void **state)
{
	struct bench b;
	struct view_limited *answer;
	struct view_window *w;
	uint32_t request;

	(void)state;
	bench_open(&b);
	fill_more(&b, 3000);
	request = view_limit(b.view, NULL, &b.by,
			     pattern("~s seven | ~s '(a+)+[xy]' | ~s one"),
			     id_of(&b, 7));
	answer = (struct view_limited *)await(b.box, VIEW_LIMITED, request);
	assert_int_equal(answer->result, VIEW_GOES_ON);
	assert_true(answer->found >= 1);
	assert_true(answer->percent < 100);
	post_free(&answer->post);
	w = window(&b);
	assert_true(w->limited);
	assert_true(w->total >= 1 && w->total < 100);
	post_free(&w->post);
	view_cancel(b.view);
	post_free(last_answer(&b, VIEW_LIMITED, request));
	w = window(&b);
	assert_false(w->limited);
	assert_int_equal(w->total, 3007);
	post_free(&w->post);
	bench_close(&b);
}

/* The UID that is found, 0 for none. */
static uint32_t search(struct bench *b, const char *text, uint32_t from,
		       bool backwards, bool wrap, bool *wrapped)
{
	uint32_t request = view_search(b->view, NULL, &b->by, pattern(text),
				       id_of(b, from), backwards, wrap);
	struct view_found *answer =
		(struct view_found *)last_answer(b, VIEW_FOUND, request);
	struct view_window *w;
	uint32_t uid = 0;

	assert_int_equal(answer->result, VIEW_DONE);
	*wrapped = answer->wrapped;
	if (answer->id != 0) {
		w = ask_window(b->view, b->box, &b->by, VIEW_AT_ID, answer->id,
			       0, 0, 1);
		uid = w->rows[0].uid;
		post_free(&w->post);
	}
	post_free(&answer->post);
	return uid;
}

static void test_search(void **state)
{
	static const struct {
		const char *pattern;
		uint32_t from, to;
		bool backwards, wrap, wrapped;
	} cases[] = {
		{ "~N", 1, 3, false, true, false },
		{ "~N", 3, 6, false, true, false },
		{ "~N", 6, 3, false, true, true },
		{ "~N", 6, 0, false, false, false },
		{ "~N", 6, 3, true, true, false },
		{ "~N", 3, 6, true, true, true },
		{ "~N", 3, 0, true, false, false },
		{ "~F", 5, 5, false, true, true },
		{ "~s nothing", 5, 0, false, true, false },
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		bool wrapped;

		assert_int_equal(search(&b, cases[i].pattern, cases[i].from,
					cases[i].backwards, cases[i].wrap,
					&wrapped),
				 cases[i].to);
		if (cases[i].to != 0)
			assert_int_equal(wrapped, cases[i].wrapped);
	}
	/* What a limit hides is not found. */
	limit(&b, "!~s three");
	bool wrapped;
	assert_int_equal(search(&b, "~N", 1, false, true, &wrapped), 6);
	bench_close(&b);
}

/* Folds and gives the UID of the row that the cursor is on then. */
static uint32_t fold(struct bench *b, enum view_fold what, unsigned spared,
		     int64_t id, bool changed)
{
	uint32_t request =
		view_fold(b->view, NULL, &b->by, what, spared, id, 0, 1);
	struct view_window *w =
		(struct view_window *)await(b->box, VIEW_WINDOW, request);
	uint32_t uid = w->rows[0].uid;

	assert_int_equal(w->found, changed);
	post_free(&w->post);
	return uid;
}

static void test_folds(void **state)
{
	struct bench b;
	int64_t three;

	(void)state;
	bench_open(&b);
	three = id_of(&b, 3);
	assert_int_equal(fold(&b, VIEW_FOLD_TOGGLE, 0, three, true), 1);
	check_rows(&b, "1+3 5 6 7");
	/* Its root stands for what is hidden. */
	assert_int_equal(fold(&b, VIEW_FOLD_TOGGLE, 0, three, true), 3);
	check_rows(&b, "1 2 3 4 5 6 7");
	assert_int_equal(fold(&b, VIEW_FOLD_TOGGLE_ALL, 0, id_of(&b, 6), true),
			 5);
	check_rows(&b, "1+3 5+1 7");
	limit(&b, "~v");
	check_rows(&b, "1+3 5+1");
	limit(&b, "~s two | ~s three | ~s six");
	check_rows(&b, "2+1 6");
	limit(&b, NULL);
	check_rows(&b, "1+3 5+1 7");
	assert_int_equal(fold(&b, VIEW_FOLD_TOGGLE_ALL, 0, id_of(&b, 5), true),
			 5);
	check_rows(&b, "1 2 3 4 5 6 7");
	/* One message alone has nothing to fold. */
	fold(&b, VIEW_FOLD_TOGGLE, 0, id_of(&b, 7), false);
	fold(&b, VIEW_FOLD_TOGGLE, VIEW_FOLD_SPARE_UNREAD, id_of(&b, 1),
	     false);
	fold(&b, VIEW_FOLD_TOGGLE, VIEW_FOLD_SPARE_FLAGGED, id_of(&b, 5),
	     false);
	fold(&b, VIEW_FOLD_TOGGLE_ALL, VIEW_FOLD_SPARE_FLAGGED, id_of(&b, 7),
	     true);
	check_rows(&b, "1+3 5 6 7");
	bench_close(&b);
}

static void test_folds_and_new_mail(void **state)
{
	struct store_message first = mail(8, 107, "h", "e", NULL, "eight");
	struct store_message second = mail(9, 108, "i", "a", NULL, "nine");
	struct store_message third = mail(10, 109, "j", "e", NULL, "ten");
	struct bench b;

	(void)state;
	bench_open(&b);
	fold(&b, VIEW_FOLD_TOGGLE_ALL, 0, id_of(&b, 1), true);
	check_rows(&b, "1+3 5+1 7");
	add(b.store, b.mbox, &first);
	check_rows(&b, "1+3 7 5 6 8");
	b.by.stay_folded = true;
	check_rows(&b, "1+3 7 5 6 8");
	add(b.store, b.mbox, &second);
	add(b.store, b.mbox, &third);
	check_rows(&b, "7 1+4 5 6 8 10");
	store_set_flags(b.store, b.mbox, 2, STORE_SEEN, "", 0, NULL, NULL);
	check_rows(&b, "7 1+4 5 6 8 10");
	bench_close(&b);
}

/* What moves by unread mail finds it in a folded thread. */
static void test_folds_and_places(void **state)
{
	static const struct {
		enum view_at place;
		uint32_t from, to;
	} cases[] = {
		{ VIEW_AT_NEXT_NEW, 7, 1 },	  { VIEW_AT_NEXT_NEW, 1, 5 },
		{ VIEW_AT_NEXT_UNREAD, 5, 1 },	  { VIEW_AT_NEXT_THREAD, 1, 5 },
		{ VIEW_AT_PREVIOUS_THREAD, 5, 1 }, { VIEW_AT_PARENT, 5, 0 },
	};
	struct bench b;

	(void)state;
	bench_open(&b);
	fold(&b, VIEW_FOLD_TOGGLE_ALL, 0, id_of(&b, 1), true);
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct view_window *w = ask_window(b.view, b.box, &b.by,
						   cases[i].place,
						   id_of(&b, cases[i].from), 0,
						   0, 1);

		assert_int_equal(w->found ? w->rows[0].uid : 0, cases[i].to);
		post_free(&w->post);
	}
	bench_close(&b);
}

/* The parent may be out of the limit; another thread's message is none. */
static void test_parent_in_limit(void **state)
{
	struct bench b;
	struct view_window *w;

	(void)state;
	bench_open(&b);
	limit(&b, "~s four | ~s six | ~s one");
	w = ask_window(b.view, b.box, &b.by, VIEW_AT_PARENT, id_of(&b, 6), 0,
		       0, 1);
	assert_false(w->found);
	post_free(&w->post);
	w = ask_window(b.view, b.box, &b.by, VIEW_AT_PARENT, id_of(&b, 4), 0,
		       0, 1);
	assert_true(w->found);
	assert_int_equal(w->rows[0].uid, 1);
	post_free(&w->post);
	bench_close(&b);
}

/* Each request gets its answer, also where there is nothing to look into. */
static void test_no_mailbox(void **state)
{
	struct bench b;
	struct view_limited *limited;
	struct view_found *found;

	(void)state;
	bench_open(&b);
	limited = (struct view_limited *)await(
		b.box, VIEW_LIMITED,
		view_limit(b.view, "None", &b.by, pattern("~N"), 0));
	assert_int_equal(limited->result, VIEW_FAILED);
	post_free(&limited->post);
	found = (struct view_found *)await(
		b.box, VIEW_FOUND,
		view_search(b.view, "None", &b.by, pattern("~N"), 0, false,
			    true));
	assert_int_equal(found->result, VIEW_FAILED);
	post_free(&found->post);
	bench_close(&b);
}

/* Thousands of conditions are no deeper than a few. */
static void test_long_pattern(void **state)
{
	g_autoptr(GString) text = g_string_new("~s seven");
	struct bench b;

	(void)state;
	bench_open(&b);
	for (int i = 0; i < 1500; i++)
		g_string_append(text, " | ~N");
	assert_int_equal(limit(&b, text->str), 3);
	check_rows(&b, "3 6 7");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_live),
		cmocka_unit_test(test_sorts_and_mailboxes),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_nothing_found),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_folds_and_new_mail),
		cmocka_unit_test(test_folds_and_places),
		cmocka_unit_test(test_parent_in_limit),
		cmocka_unit_test(test_no_mailbox),
		cmocka_unit_test(test_list_beside),
		cmocka_unit_test(test_long_pattern),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
