/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orders: what is followed step by step equals what is read anew. */
#include "config.h"

#include <string.h>

#include "test-store-common.h"

enum { UIDS = 56, STEPS = 120, LOOK_EVERY = 4 };

static const struct view_order orders[] = {
	{ .aux = VIEW_BY_RECEIVED, .last_aux = true },
	{ .aux = VIEW_BY_RECEIVED, .last_aux = true, .reverse_aux = true },
	{ .aux = VIEW_BY_DATE },
	{ .aux = VIEW_BY_DATE, .reverse = true },
	{ .aux = VIEW_BY_SUBJECT },
	{ .aux = VIEW_BY_DATE, .group = VIEW_BY_RECEIVED, .last_group = true,
	  .reverse_group = true },
	{ .aux = VIEW_UNSORTED, .rules = VIEW_STRICT_THREADS },
	{ .aux = VIEW_BY_DATE, .rules = VIEW_ANY_SUBJECT },
	{ .aux = VIEW_BY_DATE, .rules = VIEW_DUPLICATES_APART },
	{ .aux = VIEW_BY_DATE, .reply = "^(re|y)" },
	{ .key = VIEW_BY_DATE, .aux = VIEW_BY_RECEIVED },
	{ .key = VIEW_BY_DATE, .aux = VIEW_UNSORTED, .reverse = true },
	{ .key = VIEW_BY_FROM, .aux = VIEW_BY_DATE },
	{ .key = VIEW_BY_SUBJECT, .aux = VIEW_BY_DATE, .reverse = true },
	{ .key = VIEW_BY_LABEL, .aux = VIEW_BY_DATE },
	{ .key = VIEW_EQUAL, .aux = VIEW_BY_SIZE },
};

static char *picture_of(struct view *view, struct postbox *box,
			const struct view_order *by)
{
	struct view_window *w = ask_window(view, box, by, VIEW_AT_FIRST, 0, 0,
					   0, 2 * UIDS);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(text, "%u %s%s %x %d\n", w->rows[i].uid,
				       w->rows[i].tree,
				       w->rows[i].same_subject ? "~" : "",
				       w->rows[i].flags,
				       w->rows[i].thread_size);
	post_free(&w->post);
	return g_string_free(text, FALSE);
}

static void assert_followed(struct view *view, const char *dir,
			    struct postbox *box, const struct view_order *by)
{
	struct view *new = view_new("default", dir, box);
	g_autofree char *followed = picture_of(view, box, by);
	g_autofree char *anew = picture_of(new, box, by);

	assert_string_equal(followed, anew);
	view_free(new);
}

static void add_random(struct store *store, int64_t mbox, GRand *rand,
		       uint32_t uid)
{
	static const char *const subjects[] = { "x", "Re: x", "y", "Re: y",
						"", "Re: " };
	char id[] = { (char)('A' + uid % 48), '\0' };
	char above[] = { (char)g_rand_int_range(rand, 'A', 'p'), '\0' };
	g_autofree char *own = g_strdup_printf("subject of %u", uid);
	struct store_message m =
		mail(uid, g_rand_int_range(rand, 0, 30), id,
		     g_rand_int_range(rand, 0, 3) == 0 ? above : NULL, NULL,
		     g_rand_int_range(rand, 0, 3) == 0
			     ? subjects[g_rand_int_range(
				       rand, 0, G_N_ELEMENTS(subjects))]
			     : own);

	m.received = g_rand_int_range(rand, 0, 30);
	m.size = (uint64_t)g_rand_int_range(rand, 0, 5);
	m.from_name = subjects[g_rand_int_range(rand, 0, 4)];
	m.flags = (uint32_t)g_rand_int_range(rand, 0, 16);
	add(store, mbox, &m);
}

static void change(struct store *store, int64_t mbox, GRand *rand)
{
	uint32_t uid = (uint32_t)g_rand_int_range(rand, 1, UIDS);
	uint32_t flags = (uint32_t)g_rand_int_range(rand, 0, 16);

	switch (g_rand_int_range(rand, 0, 4)) {
	case 0:
	case 1:
		add_random(store, mbox, rand, uid);
		break;
	case 2:
		assert_true(store_expunge(store, mbox, &uid, 1, NULL));
		break;
	default:
		assert_true(store_set_flags(store, mbox, uid, flags,
					    flags & 1 ? "red" : "", 1, NULL,
					    NULL));
	}
}

static void test_every_order_follows(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
		GRand *rand = g_rand_new_with_seed((guint32)i);
		struct postbox *box = postbox_new();
		char *dir = scratch_new();
		int64_t mbox;
		struct store *store = cache_new(dir, &mbox);
		struct view *view = view_new("default", dir, box);

		for (int step = 0; step < STEPS; step++) {
			change(store, mbox, rand);
			if (step % LOOK_EVERY == 0)
				assert_followed(view, dir, box, &orders[i]);
		}
		view_free(view);
		store_close(store);
		postbox_free(box);
		scratch_remove(dir);
		g_rand_free(rand);
	}
}

/* A portion of a fill: more threads than are named one by one. */
static void test_many_at_once(void **state)
{
	enum { BATCH = 150 };
	struct store_message older[BATCH];

	(void)state;
	for (uint32_t k = 0; k < BATCH; k++) {
		char *own = g_strdup_printf("older %u", k);

		older[k] = mail(k + 1, k, NULL, NULL, NULL, own);
		older[k].subject = own;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(orders); i++) {
		struct postbox *box = postbox_new();
		char *dir = scratch_new();
		int64_t mbox;
		struct store *store = cache_new(dir, &mbox);
		struct view *view = view_new("default", dir, box);
		struct store_message m = mail(1000, 1000, "a", NULL, NULL, "x");

		add(store, mbox, &m);
		assert_followed(view, dir, box, &orders[i]);
		add_all(store, mbox, older, BATCH);
		assert_followed(view, dir, box, &orders[i]);
		view_free(view);
		store_close(store);
		postbox_free(box);
		scratch_remove(dir);
	}
	for (uint32_t k = 0; k < BATCH; k++)
		g_free((char *)older[k].subject);
}

/*
 * A fill: portions that are few against all, so that they are followed, with
 * answers to what is there and threads that they join.
 */
static void fill_portion(struct store *store, int64_t mbox, GRand *rand,
			 uint32_t first, uint32_t n)
{
	g_autofree struct store_message *m = g_new0(struct store_message, n);
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t uid = first + i;
		char *subject = g_strdup_printf("%s%d", uid % 7 ? "" : "Re: ",
						g_rand_int_range(rand, 0, 900));
		char *id = g_strdup_printf("<%u@example.org>", uid);
		char *above = g_strdup_printf("<%d@example.org>",
					      g_rand_int_range(rand, 1, 9000));

		m[i] = mail(uid, g_rand_int_range(rand, 0, 100000), NULL, NULL,
			    NULL, "x");
		m[i].received = g_rand_int_range(rand, 0, 100000);
		m[i].subject = subject;
		m[i].message_id = id;
		m[i].references = uid % 3 == 0 ? above : "";
		g_ptr_array_add(texts, subject);
		g_ptr_array_add(texts, id);
		g_ptr_array_add(texts, above);
	}
	add_all(store, mbox, m, n);
}

static char *all_uids(struct view *view, struct postbox *box,
		      const struct view_order *by)
{
	struct view_window *w = ask_window(view, box, by, VIEW_AT_FIRST, 0, 0,
					   0, 5000);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(text, "%u ", w->rows[i].uid);
	post_free(&w->post);
	return g_string_free(text, FALSE);
}

static void test_fill_is_followed(void **state)
{
	enum { FIRST = 4000, PORTION = 130, PORTIONS = 4 };
	static const size_t chosen[] = { 0, 3, 5, 10, 11, 13, 15 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(chosen); i++) {
		const struct view_order *by = &orders[chosen[i]];
		GRand *rand = g_rand_new_with_seed((guint32)i);
		struct postbox *box = postbox_new();
		char *dir = scratch_new();
		int64_t mbox;
		struct store *store = cache_new(dir, &mbox);
		struct view *view = view_new("default", dir, box);

		fill_portion(store, mbox, rand, 5000, FIRST);
		g_free(all_uids(view, box, by));
		for (uint32_t k = 0; k < PORTIONS; k++) {
			struct view *new;
			g_autofree char *followed = NULL, *anew = NULL;

			fill_portion(store, mbox, rand, 4000 - k * PORTION,
				     PORTION);
			followed = all_uids(view, box, by);
			new = view_new("default", dir, box);
			anew = all_uids(new, box, by);
			assert_string_equal(followed, anew);
			view_free(new);
		}
		view_free(view);
		store_close(store);
		postbox_free(box);
		scratch_remove(dir);
		g_rand_free(rand);
	}
}

/* ---- ties, and keys that not all have ---- */

static void assert_uids(const struct store_message *m, size_t n,
			const struct view_order *by, const char *expected)
{
	struct postbox *box = postbox_new();
	char *dir = scratch_new();
	int64_t mbox;
	struct store *store = cache_new(dir, &mbox);
	struct view *view = view_new("default", dir, box);
	struct view_window *w;
	g_autoptr(GString) got = g_string_new(NULL);

	add_all(store, mbox, m, n);
	w = ask_window(view, box, by, VIEW_AT_FIRST, 0, 0, 0, 100);
	for (size_t i = 0; i < w->n; i++)
		g_string_append_printf(got, "%u%s ", w->rows[i].uid,
				       w->rows[i].tree);
	assert_string_equal(got->str, expected);
	post_free(&w->post);
	view_free(view);
	store_close(store);
	postbox_free(box);
	scratch_remove(dir);
}

static void test_keys(void **state)
{
	static const struct {
		struct view_order by;
		const char *uids;
	} cases[] = {
		{ { .key = VIEW_BY_SIZE, .aux = VIEW_BY_DATE }, "4 1 3 2 " },
		{ { .key = VIEW_BY_SIZE, .aux = VIEW_BY_DATE, .reverse = true },
		  "1 3 2 4 " },
		{ { .key = VIEW_BY_LABEL, .aux = VIEW_UNSORTED }, "3 1 2 4 " },
		{ { .key = VIEW_BY_LABEL,
		    .aux = VIEW_UNSORTED,
		    .reverse_aux = true },
		  "3 1 4 2 " },
		{ { .key = VIEW_EQUAL, .aux = VIEW_BY_DATE }, "1 3 4 2 " },
		{ { .key = VIEW_EQUAL, .aux = VIEW_EQUAL, .reverse = true },
		  "4 3 2 1 " },
		{ { .key = VIEW_BY_SUBJECT, .aux = VIEW_BY_SIZE },
		  "2 3 1 4 " },
		{ { .key = VIEW_BY_SUBJECT,
		    .aux = VIEW_BY_SIZE,
		    .reply = "^(fwd): " },
		  "2 1 4 3 " },
	};
	struct store_message m[] = {
		mail(1, 10, "a", NULL, NULL, "b"),
		mail(2, 30, "b", NULL, NULL, ""),
		mail(3, 20, "c", NULL, NULL, "Re: A"),
		mail(4, 25, "d", NULL, NULL, "fwd: c"),
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		m[i].size = 50;
	m[3].size = 40;
	m[0].keywords = "red";
	m[2].keywords = "Blue";
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_uids(m, G_N_ELEMENTS(m), &cases[i].by, cases[i].uids);
}

static void test_drawn(void **state)
{
	static const struct {
		struct view_order by;
		const char *rows;
	} cases[] = {
		{ { .aux = VIEW_BY_DATE }, "1T-> 2+-> 3`-> 4 5`-> " },
		{ { .aux = VIEW_BY_DATE, .reverse = true },
		  "5,-> 4 3,-> 2+-> 1B-> " },
		{ { .aux = VIEW_BY_DATE, .drawn = VIEW_NARROW },
		  "1T> 2+> 3`> 4 5`> " },
		{ { .aux = VIEW_BY_DATE, .drawn = VIEW_SHOW_MISSING },
		  "1?-> 2+-> 3`-?-> 4 5`-?-> " },
		{ { .aux = VIEW_BY_DATE, .reverse_aux = true },
		  "4 5`-> 3T-> 2+-> 1`-> " },
	};
	struct store_message m[] = {
		mail(1, 10, "a", "x", NULL, "one"),
		mail(2, 20, "b", "x", NULL, "two"),
		mail(3, 30, "c", "y", "xy", "three"),
		mail(4, 40, "d", NULL, NULL, "four"),
		mail(5, 50, "e", "z", "dz", "five"),
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
		assert_uids(m, G_N_ELEMENTS(m), &cases[i].by, cases[i].rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order_follows),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_fill_is_followed),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
