/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the screen is made of, without a screen: sizes, lines, keys. */
#include "config.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/ui/keydecode.h"
#include "../../src/ui/layout.h"
#include "../../src/ui/lineedit.h"
#include "../../src/ui/theme.h"

/* ---- layout ---- */

static bool inside(const struct rect *r, int rows, int cols)
{
	if (r->h <= 0 || r->w <= 0)
		return r->h >= 0 && r->w >= 0;
	return r->y >= 0 && r->x >= 0 && r->y + r->h <= rows &&
	       r->x + r->w <= cols;
}

static bool overlap(const struct rect *a, const struct rect *b)
{
	return a->h > 0 && a->w > 0 && b->h > 0 && b->w > 0 &&
	       a->y < b->y + b->h && b->y < a->y + a->h &&
	       a->x < b->x + b->w && b->x < a->x + a->w;
}

static void assert_sound(const struct layout *l, int rows, int cols)
{
	const struct rect *all[] = { &l->help,	       &l->sidebar,
				     &l->divider,      &l->index,
				     &l->index_status, &l->pager,
				     &l->pager_status, &l->message };

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		assert_true(inside(all[i], rows, cols));
		for (size_t k = 0; k < i; k++)
			assert_false(overlap(all[i], all[k]));
	}
}

static void test_layout_any_size(void **state)
{
	(void)state;
	for (int rows = 1; rows <= 70; rows++)
		for (int cols = 1; cols <= 130; cols += 3)
			for (unsigned bits = 0; bits < 16; bits++) {
				struct layout_wish wish = {
					.rows = rows,
					.cols = cols,
					.help = bits & 1,
					.status_on_top = bits & 2,
					.pager = bits & 4,
					.pager_index_lines = -1,
					.sidebar_width = 24,
					.divider_width = 1,
					.sidebar_right = bits & 8,
				};
				struct layout l = layout_make(&wish);

				assert_sound(&l, rows, cols);
				/* Something to read remains on any screen. */
				assert_true((wish.pager ? l.pager : l.index).h >
					    0);
			}
}

static void test_layout_usual(void **state)
{
	struct layout_wish wish = {
		.rows = 24, .cols = 120, .help = true, .pager = true,
		.pager_index_lines = -1, .sidebar_width = 30,
		.divider_width = 1,
	};
	struct layout l = layout_make(&wish);

	(void)state;
	assert_int_equal(l.help.y, 0);
	assert_int_equal(l.message.y, 23);
	assert_int_equal(l.sidebar.w, 30);
	assert_int_equal(l.index.x, 31);
	assert_int_equal(l.index.h, 8); /* a third of 24 */
	assert_int_equal(l.index_status.y, l.index.y + l.index.h);
	assert_int_equal(l.pager.y, l.index_status.y + 1);
	assert_int_equal(l.pager_status.y, 22);
	wish.pager_index_lines = 0;
	l = layout_make(&wish);
	assert_int_equal(l.index.h, 0);
	assert_int_equal(l.pager.y, 1);
}

static void test_layout_small(void **state)
{
	struct layout_wish wish = {
		.rows = 10, .cols = 40, .help = true, .pager = true,
		.pager_index_lines = -1, .sidebar_width = 30,
		.divider_width = 1,
	};
	struct layout l = layout_make(&wish);

	(void)state;
	assert_true(l.pager.h >= 3);
	assert_true(l.index.w >= 20);
}

/* ---- the line editor ---- */

static void check_edit(const struct lineedit *edit, const char *before,
		       const char *after)
{
	g_autofree char *whole = g_strconcat(before, after, NULL);

	assert_string_equal(edit->text->str, whole);
	assert_int_equal(edit->cursor, strlen(before));
}

static void test_edit_words(void **state)
{
	struct lineedit edit;

	(void)state;
	lineedit_init(&edit, "set from anna");
	lineedit_do(&edit, OP_EDITOR_BACKWARD_WORD);
	check_edit(&edit, "set from ", "anna");
	lineedit_do(&edit, OP_EDITOR_KILL_WORD);
	check_edit(&edit, "set ", "anna");
	lineedit_do(&edit, OP_EDITOR_UPCASE_WORD);
	check_edit(&edit, "set ANNA", "");
	lineedit_do(&edit, OP_EDITOR_BOL);
	lineedit_do(&edit, OP_EDITOR_CAPITALIZE_WORD);
	check_edit(&edit, "Set", " ANNA");
	lineedit_do(&edit, OP_EDITOR_KILL_EOL);
	check_edit(&edit, "Set", "");
	lineedit_do(&edit, OP_EDITOR_TRANSPOSE_CHARS);
	check_edit(&edit, "Ste", "");
	lineedit_do(&edit, OP_EDITOR_KILL_LINE);
	check_edit(&edit, "", "");
	lineedit_release(&edit);
}

/* An accent or the parts of an emoji go with what they stand on. */
static void test_edit_clusters(void **state)
{
	struct lineedit edit;

	(void)state;
	lineedit_init(&edit, "ae\u0301");
	lineedit_do(&edit, OP_EDITOR_BACKSPACE);
	check_edit(&edit, "a", "");
	assert_true(lineedit_insert(&edit, 0x4e2d));
	assert_true(lineedit_insert(&edit, 'x'));
	lineedit_do(&edit, OP_EDITOR_BACKWARD_CHAR);
	lineedit_do(&edit, OP_EDITOR_BACKWARD_CHAR);
	check_edit(&edit, "a", "\u4e2dx");
	lineedit_do(&edit, OP_EDITOR_DELETE_CHAR);
	check_edit(&edit, "a", "x");
	lineedit_release(&edit);
}

static void test_edit_ends(void **state)
{
	struct lineedit edit;

	(void)state;
	lineedit_init(&edit, "");
	for (int op = OP_EDITOR_BOL; op < OP_COUNT; op++)
		lineedit_do(&edit, (enum function_op)op);
	check_edit(&edit, "", "");
	assert_false(lineedit_insert(&edit, 27));
	assert_false(lineedit_insert(&edit, 0x9b));
	assert_false(lineedit_insert(&edit, 0xd800));
	assert_false(lineedit_do(&edit, OP_EDITOR_HISTORY_UP));
	lineedit_release(&edit);
}

static void test_edit_view(void **state)
{
	struct lineedit edit;
	size_t from;

	(void)state;
	lineedit_init(&edit, "0123456789");
	assert_int_equal(lineedit_view(&edit, 20, &from), 10);
	assert_int_equal(from, 0);
	assert_int_equal(lineedit_view(&edit, 5, &from), 4);
	assert_string_equal(edit.text->str + from, "6789");
	lineedit_set(&edit, "\u4e2d\u4e2d\u4e2d");
	assert_true(lineedit_view(&edit, 4, &from) < 4);
	assert_true(lineedit_view(&edit, 1, &from) < 1);
	lineedit_release(&edit);
}

/* ---- keys ---- */

static void assert_keys(struct keydecode *decode, const int *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(keydecode_next(decode, false), keys[i]);
	assert_int_equal(keydecode_next(decode, false), -1);
}

/* Whatever way the network splits it, the same keys come out. */
static void test_keys_split(void **state)
{
	static const char octets[] = "a\033[A\033OB\033[1;5C\033[3~\033vq"
				     "\xc3\xa9\xe4\xb8\xad\177\033[15~\r";
	static const int keys[] = { 'a', KEYC_UP, KEYC_DOWN,
				    KEYC_RIGHT | KEYC_CTRL, KEYC_DELETE, 27,
				    'v', 'q', 0xe9, 0x4e2d, KEYC_BACKSPACE,
				    KEYC_F0 + 5, 13 };
	size_t length = sizeof(octets) - 1;

	(void)state;
	for (size_t split = 0; split <= length; split++) {
		struct keydecode *decode = keydecode_new();
		size_t got = 0;
		int key;

		keydecode_feed(decode, octets, split);
		while ((key = keydecode_next(decode, false)) >= 0)
			assert_int_equal(key, keys[got++]);
		keydecode_feed(decode, octets + split, length - split);
		assert_keys(decode, keys + got, G_N_ELEMENTS(keys) - got);
		assert_false(keydecode_pending(decode));
		keydecode_free(decode);
	}
}

static void test_keys_lone_escape(void **state)
{
	struct keydecode *decode = keydecode_new();

	(void)state;
	keydecode_feed(decode, "\033", 1);
	assert_int_equal(keydecode_next(decode, false), -1);
	assert_true(keydecode_pending(decode));
	assert_int_equal(keydecode_next(decode, true), 27);
	assert_false(keydecode_pending(decode));
	/* What was begun and never finished is its parts. */
	keydecode_feed(decode, "\033[", 2);
	assert_int_equal(keydecode_next(decode, false), -1);
	assert_int_equal(keydecode_next(decode, true), 27);
	assert_int_equal(keydecode_next(decode, true), '[');
	assert_int_equal(keydecode_next(decode, true), -1);
	keydecode_free(decode);
}

static void test_keys_unknown(void **state)
{
	struct keydecode *decode = keydecode_new();

	(void)state;
	/* Sequences nobody knows leave no letters behind. */
	keydecode_feed(decode, "\033[?1;2c\033[200~x", 14);
	assert_int_equal(keydecode_next(decode, false), 'x');
	keydecode_feed(decode, "\xff", 1);
	assert_int_equal(keydecode_next(decode, true), 0xfffd);
	assert_int_equal(keydecode_next(decode, true), -1);
	keydecode_learn(decode, "\033Xq", KEYC_HOME);
	keydecode_feed(decode, "\033Xq", 3);
	assert_int_equal(keydecode_next(decode, false), KEYC_HOME);
	keydecode_free(decode);
}

/* A terminal that sends megabytes costs bounded memory and time. */
static void test_keys_flood(void **state)
{
	struct keydecode *decode = keydecode_new();
	g_autofree char *octets = g_strnfill(1 << 20, '\033');
	int n = 0;

	(void)state;
	keydecode_feed(decode, octets, 1 << 20);
	while (keydecode_next(decode, true) >= 0)
		n++;
	assert_in_range(n, 1, 65536);
	keydecode_free(decode);
}

/* ---- colours ---- */

static void test_colors(void **state)
{
	const struct theme_depth eight = { .colors = 8, .defaults = true };
	const struct theme_depth many = { .colors = 256, .defaults = true };
	const struct theme_depth exact = { .colors = 1 << 24, .direct = true };
	bool bright;

	(void)state;
	assert_int_equal(theme_color(COLOR_DEFAULT, &eight, &bright), -1);
	assert_int_equal(theme_color(3, &eight, &bright), 3);
	assert_false(bright);
	assert_int_equal(theme_color(9, &eight, &bright), 1);
	assert_true(bright);
	for (int color = 0; color < 256; color++) {
		assert_in_range(theme_color(color, &eight, &bright), 0, 7);
		assert_int_equal(theme_color(color, &many, &bright), color);
	}
	assert_int_equal(theme_color(COLOR_RGB | 0xff0000, &many, &bright),
			 196);
	assert_int_equal(theme_color(COLOR_RGB | 0x080808, &many, &bright),
			 232);
	assert_int_equal(theme_color(COLOR_RGB | 0x123456, &exact, &bright),
			 0x123456);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout_any_size),
		cmocka_unit_test(test_layout_usual),
		cmocka_unit_test(test_layout_small),
		cmocka_unit_test(test_edit_words),
		cmocka_unit_test(test_edit_clusters),
		cmocka_unit_test(test_edit_ends),
		cmocka_unit_test(test_edit_view),
		cmocka_unit_test(test_keys_split),
		cmocka_unit_test(test_keys_lone_escape),
		cmocka_unit_test(test_keys_unknown),
		cmocka_unit_test(test_keys_flood),
		cmocka_unit_test(test_colors),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
