/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The anchored view: neither the message under the cursor nor its line on the
 * screen moves, whatever comes and goes around it.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib.h>

#include "../../src/ui/anchor.h"

/* A mailbox: the ids of its messages in the order of its rows. */
static GArray *mailbox(int64_t first, int64_t n)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (int64_t id = first; id < first + n; id++)
		g_array_append_val(ids, id);
	return ids;
}

static int64_t id_at(const GArray *ids, int64_t row)
{
	return g_array_index(ids, int64_t, row);
}

/* What the view would answer: rows around 'at'. */
static struct view_window answer(const GArray *ids, int64_t at, int before,
				 int after)
{
	struct view_window w = { .total = ids->len, .at = at, .found = true };

	w.first = MAX(at - before, 0);
	w.n = (size_t)MAX(MIN(at + after, (int64_t)ids->len) - w.first, 0);
	w.rows = g_new0(struct view_row, w.n);
	for (size_t i = 0; i < w.n; i++)
		w.rows[i].id = id_at(ids, w.first + (int64_t)i);
	return w;
}

static int64_t row_of(const GArray *ids, int64_t id)
{
	for (guint i = 0; i < ids->len; i++)
		if (id_at(ids, i) == id)
			return i;
	return -1;
}

/* A screen of 'height' lines with the cursor on a row. */
static void open_at(struct anchor *a, const GArray *ids, int height,
		    int64_t row)
{
	struct view_window w = answer(ids, row, 2 * height, 2 * height + 1);

	anchor_init(a);
	anchor_resize(a, height);
	assert_int_equal(anchor_merge(a, &w, ANCHOR_JUMP, 0), ANCHOR_MERGED);
	assert_null(w.rows);
	a->touched = true;
}

/* Asks again for what is around the cursor's message. */
static void refresh(struct anchor *a, const GArray *ids, int64_t instead)
{
	int64_t row = row_of(ids, a->id), asked = a->id;
	struct view_window w = answer(ids, row >= 0 ? row : instead,
				      2 * a->height, 2 * a->height);

	assert_int_equal(anchor_merge(a, &w, ANCHOR_KEEP, asked),
			 ANCHOR_MERGED);
}

static void assert_cursor(const struct anchor *a, const GArray *ids,
			  int64_t id, int64_t line)
{
	assert_int_equal(a->id, id);
	assert_int_equal(id_at(ids, a->cursor), id);
	assert_non_null(anchor_current(a));
	assert_int_equal(anchor_current(a)->id, id);
	assert_int_equal(a->cursor - a->top, line);
}

static void test_inserts(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	int64_t fresh = 1000, line;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 50);
	line = a.cursor - a.top;
	for (int i = 0; i < 30; i++, fresh++) {
		g_array_insert_val(ids, (guint)(i * 7 % ids->len), fresh);
		refresh(&a, ids, 0);
		assert_cursor(&a, ids, 51, line);
	}
	anchor_release(&a);
}

static void test_removals(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;
	int64_t line;

	(void)state;
	open_at(&a, ids, 10, 57);
	line = a.cursor - a.top;
	/* Everything below it, much above it: it stays where it is. */
	g_array_remove_range(ids, 58, 42);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 58, line);
	g_array_remove_range(ids, 0, 20);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 58, line);
	/* Itself, the last one: the one that is last now. */
	g_array_remove_index(ids, 37);
	refresh(&a, ids, 36);
	assert_cursor(&a, ids, 57, line);
	anchor_release(&a);
}

static bool is_first(const struct view_row *row, const void *user)
{
	(void)user;
	return row->id == 1;
}

/* A short list: what a refusal brings back is not above the screen. */
static void test_comes_back(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 5);
	const int64_t first = 1, fresh = 100;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 0);
	a.move_off = true;
	anchor_drop(&a, is_first, NULL);
	g_array_remove_index(ids, 0);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 0);
	/* What was never there keeps the cursor's line, as ever. */
	g_array_insert_val(ids, 0, fresh);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 0);
	g_array_remove_index(ids, 0);
	refresh(&a, ids, 0);
	g_array_insert_val(ids, 0, first);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 1);
	/* Purged, so that the answer alone told; and with a key in between. */
	anchor_move_to(&a, 0);
	anchor_expect(&a, 1);
	g_array_remove_index(ids, 0);
	refresh(&a, ids, 0);
	anchor_move_to(&a, 0);
	g_array_insert_val(ids, 0, first);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 1);
	anchor_release(&a);
}

/* Undone after it was carried out it is another message. */
static void test_returns(void **state)
{
	g_autoptr(GArray) ids = mailbox(2, 5);
	const int64_t again = 200, other = 201;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 0);
	a.move_off = a.returns = true;
	refresh(&a, ids, 0);
	g_array_insert_val(ids, 0, again);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 1);
	assert_false(a.returns);
	g_array_insert_val(ids, 0, other);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 2, 1);
	anchor_release(&a);
}

/* The next message takes the line of one that vanished. */
static void test_vanished(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;
	int64_t line;

	(void)state;
	open_at(&a, ids, 10, 44);
	line = a.cursor - a.top;
	for (int i = 0; i < 5; i++) {
		struct view_window w = answer(ids, 44, 20, 20);

		assert_false(anchor_loses(&a, &w));
		g_free(w.rows);
		g_array_remove_index(ids, 44);
		w = answer(ids, 44, 20, 20);
		assert_true(anchor_loses(&a, &w));
		g_free(w.rows);
		refresh(&a, ids, 44);
		assert_cursor(&a, ids, 46 + i, line);
	}
	anchor_release(&a);
}

/* Rows cannot stand above the first line: only then the line gives way. */
static void test_top(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 5);
	g_array_remove_range(ids, 0, 3);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 6, 2);
	assert_int_equal(a.top, 0);
	anchor_release(&a);
}

static void test_new_mail_scrolls_in(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	int64_t fresh = 1000, top;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 99);
	assert_int_equal(a.top, 90);
	g_array_append_val(ids, fresh);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 100, 8);
	anchor_release(&a);

	/* Not when the cursor is elsewhere. */
	open_at(&a, ids, 10, 95);
	top = a.top;
	fresh++;
	g_array_append_val(ids, fresh);
	refresh(&a, ids, 0);
	assert_int_equal(a.top, top);
	anchor_release(&a);
}

static void test_new_mail_at_the_top(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	int64_t fresh = 1000;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 0);
	a.newest_first = true;
	g_array_prepend_val(ids, fresh);
	refresh(&a, ids, 0);
	assert_cursor(&a, ids, 1, 1);
	assert_int_equal(a.top, 0);
	anchor_release(&a);
}

/* A list that is only just coming in fills the screen. */
static void test_first_fill(void **state)
{
	g_autoptr(GArray) ids = mailbox(91, 10);
	struct anchor a;

	(void)state;
	open_at(&a, ids, 20, 9);
	a.touched = false;
	for (int64_t id = 90; id > 0; id--) {
		g_array_prepend_val(ids, id);
		refresh(&a, ids, 0);
		assert_int_equal(a.id, 100);
		assert_int_equal(a.top, MAX((int64_t)ids->len - 20, 0));
	}
	anchor_release(&a);
}

/* Moves inside the window need nobody; beyond it rows are placeholders. */
static void test_placeholders(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 1000);
	struct view_window w;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 500);
	anchor_move_to(&a, 510);
	assert_int_equal(a.id, 511);
	anchor_move_to(&a, 900);
	assert_int_equal(a.cursor, 900);
	assert_int_equal(a.id, 0);
	assert_null(anchor_current(&a));
	assert_true(anchor_hungry(&a));
	/* An answer about where the cursor was is of no use. */
	w = answer(ids, 510, 20, 20);
	assert_int_equal(anchor_merge(&a, &w, ANCHOR_KEEP, 511), ANCHOR_STALE);
	assert_int_equal(a.cursor, 900);
	for (size_t i = 0; i < w.n; i++)
		assert_int_equal(w.rows[i].id, 491 + (int64_t)i);
	g_free(w.rows);
	w = answer(ids, anchor_centre(&a), 20, 20);
	assert_int_equal(anchor_merge(&a, &w, ANCHOR_FILL, 0), ANCHOR_MERGED);
	assert_cursor(&a, ids, 901, a.cursor - a.top);
	assert_false(anchor_hungry(&a));
	anchor_release(&a);
}

/* The user moved while the answer was under way: the move counts. */
static void test_move_before_answer(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct view_window w;
	struct anchor a;
	int64_t line;

	(void)state;
	open_at(&a, ids, 10, 50);
	w = answer(ids, 50, 20, 20);
	anchor_move_to(&a, 53);
	line = a.cursor - a.top;
	assert_int_equal(anchor_merge(&a, &w, ANCHOR_KEEP, 51), ANCHOR_MERGED);
	assert_cursor(&a, ids, 54, line);
	anchor_release(&a);
}

static void test_emptied(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 10), none = mailbox(1, 0);
	struct view_window w;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 9);
	w = answer(none, 0, 10, 10);
	anchor_merge(&a, &w, ANCHOR_KEEP, 10);
	assert_int_equal(a.cursor, -1);
	assert_null(anchor_current(&a));
	anchor_move_to(&a, 3);
	anchor_scroll(&a, 5);
	anchor_set_line(&a, 2);
	anchor_resize(&a, 3);
	assert_int_equal(a.cursor, -1);
	assert_false(anchor_hungry(&a));
	/* And mail comes again. */
	w = answer(ids, 4, 10, 10);
	anchor_merge(&a, &w, ANCHOR_JUMP, 0);
	assert_int_equal(a.id, 5);
	anchor_release(&a);
}

static void assert_in_sight(const struct anchor *a)
{
	int64_t h = MAX(a->height, 1);

	assert_true(a->top >= 0 && a->cursor >= a->top);
	assert_true(a->cursor < a->top + h);
}

static void test_resize(void **state)
{
	static const int heights[] = { 1, 40, 0, 7, 3, 200, 2, 10 };
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 50);
	for (size_t i = 0; i < G_N_ELEMENTS(heights); i++) {
		anchor_resize(&a, heights[i]);
		assert_int_equal(a.id, 51);
		if (heights[i] > 0)
			assert_in_sight(&a);
	}
	anchor_release(&a);
}

/* The answer came before the screen had a size. */
static void test_before_screen(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;

	(void)state;
	open_at(&a, ids, 0, 6);
	a.touched = false;
	anchor_resize(&a, 20);
	assert_int_equal(a.id, 7);
	assert_int_equal(a.top, 0);
	anchor_release(&a);
}

/* By pages as mutt does it, or by lines with $menu_scroll. */
static void test_scroll_rules(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	struct anchor a;

	(void)state;
	open_at(&a, ids, 10, 9);
	anchor_move_to(&a, 10);
	assert_int_equal(a.top, 10);
	a.scroll = true;
	anchor_move_to(&a, 20);
	assert_int_equal(a.top, 11);
	a.context = 2;
	anchor_move_to(&a, 19);
	assert_int_equal(a.top, 12);
	anchor_move_to(&a, 99);
	assert_int_equal(a.top, 90);
	anchor_move_to(&a, 12345);
	assert_int_equal(a.cursor, 99);
	anchor_move_to(&a, -5);
	assert_int_equal(a.cursor, 0);
	assert_int_equal(a.top, 0);
	anchor_release(&a);
}

/* Whatever is done in whatever order, the cursor is seen and is right. */
static void test_anything(void **state)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(20240607);
	g_autoptr(GArray) ids = mailbox(1, 60);
	int64_t fresh = 1000;
	struct anchor a;

	(void)state;
	open_at(&a, ids, 12, 30);
	for (int i = 0; i < 5000; i++) {
		guint where = (guint)g_rand_int_range(random, 0,
						      (gint32)ids->len);
		int64_t was = a.id, row;

		switch (g_rand_int_range(random, 0, 6)) {
		case 0:
			fresh++;
			g_array_insert_val(ids, where, fresh);
			break;
		case 1:
			if (ids->len > 5)
				g_array_remove_index(ids, where);
			break;
		case 2:
			anchor_move_to(&a, where);
			break;
		case 3:
			anchor_scroll(&a, g_rand_int_range(random, -15, 16));
			break;
		case 4:
			anchor_resize(&a, g_rand_int_range(random, 1, 30));
			break;
		default:
			break;
		}
		was = a.id != 0 ? a.id : was;
		if (a.id == 0) {
			struct view_window w = answer(
				ids, MIN(a.cursor, (int64_t)ids->len - 1),
				2 * a.height, 2 * a.height);

			anchor_merge(&a, &w, ANCHOR_FILL, 0);
			was = a.id;
		}
		row = row_of(ids, was);
		refresh(&a, ids, MIN((int64_t)where, (int64_t)ids->len - 1));
		assert_in_sight(&a);
		assert_non_null(anchor_current(&a));
		if (row >= 0)
			assert_int_equal(a.id, was);
	}
	anchor_release(&a);
}

static bool is_among(const struct view_row *row, const void *user)
{
	const GArray *ids = user;

	for (guint i = 0; i < ids->len; i++)
		if (g_array_index(ids, int64_t, i) == row->id)
			return true;
	return false;
}

/* What the user sends away leaves the screen before the view has answered;
 * the answer then changes nothing. */
static void test_drop(void **state)
{
	g_autoptr(GArray) ids = mailbox(1, 100);
	g_autoptr(GArray) away = g_array_new(FALSE, FALSE, sizeof(int64_t));
	struct anchor a;
	int64_t line;

	(void)state;
	open_at(&a, ids, 10, 50);
	line = a.cursor - a.top;
	/* Two above the cursor, its own, and one below. */
	for (int i = 0; i < 4; i++) {
		const int64_t gone[] = { 45, 49, 51, 53 };

		g_array_append_val(away, gone[i]);
		g_array_remove_index(ids, (guint)row_of(ids, gone[i]));
	}
	anchor_drop(&a, is_among, away);
	assert_int_equal(a.total, 96);
	assert_int_equal(a.id, 52);
	assert_int_equal(a.cursor - a.top, line);
	assert_int_equal(anchor_row(&a, a.cursor + 1)->id, 54);
	refresh(&a, ids, 0);
	assert_int_equal(a.id, 52);
	assert_int_equal(a.cursor, row_of(ids, 52));
	assert_int_equal(a.cursor - a.top, line);
	anchor_release(&a);

	/* The last row, then all of them. */
	g_array_set_size(ids, 3);
	g_array_set_size(away, 1);
	open_at(&a, ids, 10, 2);
	g_array_index(away, int64_t, 0) = 3;
	anchor_drop(&a, is_among, away);
	assert_int_equal(a.cursor, 1);
	assert_int_equal(a.id, 2);
	anchor_drop(&a, is_among, ids);
	assert_int_equal(a.total, 0);
	assert_int_equal(a.id, 0);
	assert_false(a.placed);
	anchor_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inserts),
		cmocka_unit_test(test_removals),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_returns),
		cmocka_unit_test(test_vanished),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_new_mail_scrolls_in),
		cmocka_unit_test(test_new_mail_at_the_top),
		cmocka_unit_test(test_first_fill),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_move_before_answer),
		cmocka_unit_test(test_emptied),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_before_screen),
		cmocka_unit_test(test_scroll_rules),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
