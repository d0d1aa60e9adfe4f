/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels: what the user wants over what the server has. */
#include "config.h"

#include "test-store-common.h"

static void check_apply(const char *keywords, const char *changes,
			const char *expected)
{
	g_autofree char *result = label_apply(keywords, changes);

	assert_string_equal(result, expected);
}

static void test_words(void **state)
{
	(void)state;
	check_apply("", "+work", "work");
	check_apply(NULL, "+work +work", "work");
	check_apply("work later", "-work", "later");
	check_apply("work later", "-WORK +Later", "later");
	check_apply("work", "!work !team", "team");
	check_apply("work", "", "work");
	check_apply("work", "+ - !", "work");
	assert_true(label_has("a work b", "Work"));
	assert_false(label_has("a workshop b", "work"));
	assert_false(label_has(NULL, "work"));
	assert_true(label_is_valid("$Label1"));
	assert_false(label_is_valid(""));
	assert_false(label_is_valid("two words"));
	assert_false(label_is_valid("\\Seen"));
	assert_false(label_is_valid("B\xc3\xbcro"));
	assert_false(label_is_valid("all*"));
}

struct bench {
	char *dir;
	int64_t mbox, id;
	struct store *store;
};

static void bench_open(struct bench *b)
{
	struct store_message m = mail(1, 100, "a", NULL, NULL, "one");
	struct view_window *w;
	struct postbox *box = postbox_new();
	struct view *view;

	b->dir = scratch_new();
	b->store = cache_new(b->dir, &b->mbox);
	m.keywords = "old";
	add_all(b->store, b->mbox, &m, 1);
	view = view_new("default", b->dir, box);
	w = ask_window(view, box, &by_threads, VIEW_AT_FIRST, 0, 0, 0, 1);
	b->id = w->rows[0].id;
	post_free(&w->post);
	view_free(view);
	postbox_free(box);
}

static void bench_close(struct bench *b)
{
	store_close(b->store);
	scratch_remove(b->dir);
}

static void check(struct bench *b, const char *expected)
{
	struct store_identity known;

	assert_true(store_identify(b->store, b->mbox, b->id, &known, NULL));
	assert_string_equal(known.keywords, expected);
	g_free(known.keywords);
	g_free(known.message_id);
}

static void server_says(struct bench *b, const char *keywords)
{
	assert_true(store_set_flags(b->store, b->mbox, 1, 0, keywords, 0, NULL,
				    NULL));
}

static void wish(struct bench *b, const char *labels)
{
	const struct store_intent intent = { .uid = 1, .labels = labels };

	assert_true(store_set_intents(b->store, b->mbox, &intent,
				      labels != NULL ? 1 : 0, NULL));
}

static void test_wishes(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	assert_true(store_want_label(b.store, b.mbox, 1, "+new", NULL));
	check(&b, "old new");
	/* The server's news do not take away what is wanted. */
	server_says(&b, "old other");
	check(&b, "old new");
	wish(&b, "+new");
	check(&b, "old other new");
	/* Taken back: as the server has it. */
	wish(&b, NULL);
	check(&b, "old other");
	/* Done, before and after the server says so. */
	assert_true(store_want_label(b.store, b.mbox, 1, "-old", NULL));
	assert_true(store_label_done(b.store, b.mbox, 1, "-old", NULL));
	check(&b, "other");
	wish(&b, NULL);
	check(&b, "other");
	server_says(&b, "other third");
	check(&b, "other third");
	/* One of two is done. */
	assert_true(store_want_label(b.store, b.mbox, 1, "+x", NULL));
	assert_true(store_want_label(b.store, b.mbox, 1, "+y", NULL));
	assert_true(store_label_done(b.store, b.mbox, 1, "+x", NULL));
	check(&b, "other third x y");
	wish(&b, NULL);
	check(&b, "other third x");
	/* Another process took the wish for nobody's meanwhile. */
	assert_true(store_label_done(b.store, b.mbox, 1, "+z", NULL));
	check(&b, "other third x z");
	assert_true(store_label_done(b.store, b.mbox, 1, "-z", NULL));
	check(&b, "other third x");
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
