/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts seen through a window: wrapping, moving, hiding. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/ui/text.h"
#include "smew/base.h"

static struct text_format wide(int columns)
{
	return (struct text_format){ .columns = columns, .smart = true };
}

/* The rows of a text, with '|' behind each. */
static char *rows_of(const struct text *text)
{
	struct text_place place = text_start(text), next;
	GString *out = g_string_new(NULL);
	size_t length;

	while (text_row(text, place, &length, &next)) {
		const struct text_line *line = text_line_at(text, place.line);

		g_string_append_len(out, line->text + place.offset,
				    (gssize)length);
		g_string_append_c(out, '|');
		place = next;
	}
	return g_string_free(out, FALSE);
}

static void assert_rows(const char *string, const struct text_format *format,
			const char *expected)
{
	struct text *text = text_new();
	g_autofree char *rows = NULL;

	text_append(text, TEXT_PLAIN, string);
	text_set_format(text, format);
	rows = rows_of(text);
	assert_string_equal(rows, expected);
	text_free(text);
}

static void test_wrap(void **state)
{
	struct text_format format = wide(10);

	(void)state;
	assert_rows("", &format, "|");
	assert_rows("one two", &format, "one two|");
	assert_rows("one two three four", &format, "one two|three four|");
	assert_rows("0123456789abc", &format, "0123456789|abc|");
	/* An indentation makes no empty row; blanks at a break vanish. */
	assert_rows("    0123456789", &format, "    012345|6789|");
	assert_rows("one two   three", &format, "one two|three|");
	format.smart = false;
	assert_rows("one two three", &format, "one two th|ree|");
	format = wide(5);
	assert_rows("\u4e2d\u6587\u4e2d\u6587", &format,
		    "\u4e2d\u6587|\u4e2d\u6587|");
	/* A cluster wider than the row, and an accent that stays. */
	format = wide(1);
	assert_rows("\u4e2de\u0301x", &format, "\u4e2d|e\u0301|x|");
	format = (struct text_format){ .columns = 20, .wrap = 5 };
	assert_rows("0123456", &format, "01234|56|");
	format = (struct text_format){ .columns = 8, .wrap = -3 };
	assert_rows("0123456", &format, "01234|56|");
	/* Only the first row has all of the columns. */
	format = (struct text_format){ .columns = 8, .indent = 3 };
	assert_rows("0123456789abcdef", &format, "01234567|89abc|def|");
	format.indent = 20;
	assert_rows("012345678", &format, "01234567|8|");
}

static struct text *sample(void)
{
	struct text *text = text_new();
	struct text_format format = wide(10);

	for (int i = 0; i < 40; i++) {
		g_autofree char *line = g_strdup_printf(
			"line %d with words enough for some rows", i);
		struct text_line quoted = {
			.text = g_strdup(line), .kind = TEXT_QUOTED,
			.level = (uint8_t)(i % 3 + 1),
		};

		if (i % 4 == 1)
			text_add(text, &quoted);
		else {
			g_free(quoted.text);
			text_append(text, TEXT_PLAIN, i % 5 ? line : "");
		}
	}
	text_set_format(text, &format);
	return text;
}

/* Up is the way down backwards, at every width. */
static void test_up_and_down(void **state)
{
	struct text *text = sample();

	(void)state;
	for (int columns = 1; columns < 60; columns += 3) {
		struct text_format format = wide(columns);
		g_autoptr(GArray) places =
			g_array_new(FALSE, FALSE, sizeof(struct text_place));
		struct text_place at, next;
		size_t length;

		text_set_format(text, &format);
		for (at = text_start(text);
		     text_row(text, at, &length, &next); at = next)
			g_array_append_val(places, at);
		for (guint i = places->len; i > 0; i--) {
			at = text_move(text, at, -1, NULL);
			assert_int_equal(
				text_compare(at, g_array_index(
							 places,
							 struct text_place,
							 i - 1)), 0);
		}
		assert_int_equal(text_compare(at, text_start(text)), 0);
	}
	text_free(text);
}

static void test_ends(void **state)
{
	struct text *text = sample();
	struct text_place last = text_last_page(text, 7), at;
	int moved;

	(void)state;
	text_move(text, last, 100, &moved);
	assert_int_equal(moved, 6);
	at = text_move(text, text_start(text), -5, &moved);
	assert_int_equal(moved, 0);
	assert_int_equal(text_compare(at, text_start(text)), 0);
	assert_int_equal(text_percent(text, text_start(text)), 0);
	assert_int_equal(text_percent(text, (struct text_place){ 40, 0 }),
			 100);
	text_free(text);
}

static void test_empty(void **state)
{
	struct text *text = text_new();
	size_t length;
	struct text_place next;

	(void)state;
	assert_false(text_row(text, text_start(text), &length, &next));
	assert_int_equal(text_last_page(text, 5).line, 0);
	assert_int_equal(text_relocate(text, text_start(text)).line, 0);
	assert_int_equal(text_percent(text, text_start(text)), 100);
	text_free(text);
}

static void test_hide_quoted(void **state)
{
	struct text *text = sample();
	struct text_format format = wide(10);
	struct text_place at = { 1, 0 };

	(void)state;
	format.hide_quoted = true;
	text_set_format(text, &format);
	assert_false(text_visible(text, 1));
	assert_true(text_visible(text, 2));
	assert_int_equal(text_relocate(text, at).line, 2);
	format.show_levels = 2; /* line 1 has level 2, line 5 level 3 */
	text_set_format(text, &format);
	assert_true(text_visible(text, 1));
	assert_false(text_visible(text, 5));
	text_free(text);
}

/* The octet that was on the first row is on it at the new width too. */
static void test_relocate(void **state)
{
	struct text *text = sample();
	struct text_place at = text_move(text, text_start(text), 20, NULL);

	(void)state;
	for (int columns = 1; columns < 50; columns++) {
		struct text_format format = wide(columns);
		struct text_place there, next;
		size_t length;

		text_set_format(text, &format);
		there = text_relocate(text, at);
		assert_true(text_row(text, there, &length, &next));
		assert_true(text_compare(there, at) <= 0);
		assert_true(text_compare(at, next) < 0);
	}
	text_free(text);
}

/* A line of megabytes is kept whole, in pieces that end at characters. */
static void test_long_line(void **state)
{
	struct text *text = text_new();
	GString *line = g_string_new("x");
	size_t sum = 0;

	(void)state;
	for (int i = 0; i < 400000; i++)
		g_string_append(line, "\u4e2d");
	text_append(text, TEXT_PLAIN, line->str);
	for (size_t i = 0; i < text_lines(text); i++) {
		const struct text_line *piece = text_line_at(text, i);

		assert_true(g_utf8_validate(piece->text, piece->length, NULL));
		sum += piece->length;
	}
	assert_int_equal(sum, line->len);
	assert_true(text_lines(text) > 1);
	g_string_free(line, TRUE);
	text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_up_and_down),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_hide_quoted),
		cmocka_unit_test(test_relocate),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
