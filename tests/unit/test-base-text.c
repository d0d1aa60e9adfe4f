/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Display width, clusters and the sanitiser. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smew/base.h"

#define ZWJ    "\u200d"
#define VS16   "\ufe0f"
#define FAMILY "\U0001f468" ZWJ "\U0001f469" ZWJ "\U0001f467"
#define FLAG   "\U0001f1e9\U0001f1ea" /* Germany */
#define ACUTE  "\u0301"

/* ---- width ---- */

struct width_case {
	const char *text;
	int cells;
};

static void widths_are_as_terminals_show_them(void **state)
{
	static const struct width_case cases[] = {
		{"", 0},
		{"abc", 3},
		{"a" ACUTE, 1},
		{ACUTE, 0},
		{"\u65e5\u672c", 4}, /* CJK */
		{"\uff21", 2},	     /* fullwidth A */
		{"\u00e9\u00df", 2},
		{"\u03b1", 1},		   /* ambiguous is narrow */
		{"\uff76\uff9e", 2},	   /* halfwidth ka, voiced mark */
		{"\ud55c", 2},		   /* Hangul syllable */
		{"\u1112\u1161\u11ab", 2}, /* the same in jamo */
		{"\u0915\u094d\u0937", 2}, /* virama */
		{"\u0915\u093f", 2},	   /* spacing vowel sign */
		{"\U0001f600", 2},
		{"\u2764", 1},
		{"\u2764" VS16, 2},
		{"1" VS16 "\u20e3", 2},
		{"1\u20e3", 1},
		{FAMILY, 2},
		{"\U0001f44d\U0001f3fd", 2}, /* thumb with a skin tone */
		{"\U0001f3fd", 2},
		{FLAG, 2},
		{FLAG FLAG, 4},
		{FLAG "\U0001f1e9", 3},
		{"\u0600", 1}, /* a number sign */
		{"\ue000", 1}, /* private use */
		{"\ufffd", 1},
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		if (text_width(cases[i].text, -1) != cases[i].cells)
			print_error("width of '%s'\n", cases[i].text);
		assert_int_equal(text_width(cases[i].text, -1), cases[i].cells);
	}
}

/* Whether the text is one cluster. */
static bool is_one(const char *text)
{
	int cells;

	return text_cluster(text, text + strlen(text), &cells) == strlen(text);
}

static void sequences_are_one_cluster(void **state)
{
	(void)state;
	assert_true(is_one("a" ACUTE ACUTE));
	assert_true(is_one(FAMILY));
	assert_true(is_one(FLAG));
	assert_true(is_one("1" VS16 "\u20e3"));
	assert_true(is_one("\u1112\u1161\u11ab"));
	assert_true(is_one("\U0001f44d\U0001f3fd" ZWJ "\U0001f525"));
	assert_false(is_one("ab"));
	assert_false(is_one(FLAG FLAG));
	assert_false(is_one("\U0001f600\U0001f600"));
	assert_false(is_one("a\U0001f3fd"));
	assert_false(is_one("\U0001f44d\U0001f3fd\U0001f3fd"));
	assert_false(is_one("\r\n"));
}

static void cluster_stops_at_the_end_given(void **state)
{
	const char *text = "a" ACUTE;
	int cells = -1;

	(void)state;
	assert_int_equal(text_cluster(text, text, &cells), 0);
	assert_int_equal(cells, 0);
	assert_int_equal(text_cluster(text, text + 1, &cells), 1);
	/* Half of the mark is left: not to be read beyond. */
	assert_int_equal(text_cluster(text, text + 2, &cells), 1);
	assert_int_equal(text_cluster(text, text + 3, &cells), 3);
	/* And what is not valid at all keeps the caller going. */
	text = "\xcc";
	assert_int_equal(text_cluster(text, text + 1, &cells), 1);
	assert_int_equal(cells, 1);
}

static void fit_never_splits(void **state)
{
	const char *text = "a\u65e5" FAMILY "b";
	int used = -1;

	(void)state;
	assert_int_equal(text_fit(text, -1, 0, &used), 0);
	assert_int_equal(used, 0);
	assert_int_equal(text_fit(text, -1, 2, &used), 1);
	assert_int_equal(used, 1);
	assert_int_equal(text_fit(text, -1, 3, &used), 4);
	assert_int_equal(text_fit(text, -1, 4, &used), 4);
	assert_int_equal(used, 3);
	assert_int_equal(text_fit(text, -1, 5, NULL), 4 + strlen(FAMILY));
	assert_int_equal(text_fit(text, -1, 100, &used), strlen(text));
	assert_int_equal(used, 6);
	assert_int_equal(text_fit(text, 1, 100, &used), 1);
	/* What combines goes with its base, even without room of its own. */
	assert_int_equal(text_fit("a" ACUTE "b", -1, 1, NULL), 3);
	assert_int_equal(text_fit("abc", -1, -1, &used), 0);
}

/* ---- sanitiser ---- */

struct line_case {
	const char *in, *out;
};

static void check_lines(const struct line_case *cases, size_t count,
			char *(*clean)(const char *, gssize))
{
	for (size_t i = 0; i < count; i++) {
		g_autofree char *out = clean(cases[i].in, -1);

		assert_string_equal(out, cases[i].out);
	}
}

static void line_stops_what_acts_on_a_terminal(void **state)
{
	static const struct line_case cases[] = {
		{"", ""},
		{"plain text", "plain text"},
		{"gr\u00fc\u00dfe \u65e5\u672c",
		 "gr\u00fc\u00dfe \u65e5\u672c"},
		{"\x1b[2J", "\u241b[2J"},
		{"\x1b]0;t\x07", "\u241b]0;t\u2407"},
		{"\x7f", "\u2421"},
		{"a\xc2\x9b"
		 "2J",
		 "a\ufffd2J"}, /* C1 CSI */
		{"\x9b"
		 "2J",
		 "\ufffd2J"}, /* the same as an octet */
		{"\xc2\x85", "\ufffd"},
		{"a\tb", "a b"},
		{"a\r\n b", "a  b"},
		{"a\r\n\t\nb", "a b"},
		{"a\rb", "a b"},
		{"a\u2028b\u2029c", "a b c"},
		{"a\vb\f", "a\u240b"
			   "b\u240c"},
	};

	(void)state;
	check_lines(cases, G_N_ELEMENTS(cases), sanitise_line);
}

static void line_removes_what_cannot_be_seen(void **state)
{
	static const struct line_case cases[] = {
		{"gpj.\u202egnp", "gpj.gnp"},
		{"\u2066x\u2069\u061c\u200e\u200f", "x"},
		{"a\u200b\u200c\u200d\u2060\ufeff"
		 "b",
		 "ab"},
		{"a\u00ad"
		 "b",
		 "ab"}, /* soft hyphen */
		{"a\ufff9"
		 "b\ufffb",
		 "ab"},				/* annotation */
		{"a\U000e0041\U000e007f", "a"}, /* tags */
		{"a\u034f\u115f\u3164\uffa0\u180e"
		 "b",
		 "ab"},
		{"a\ufe0f"
		 "b\U000e0100",
		 "ab"}, /* selectors elsewhere */
		{"a\u2065\U000e0fff", "a"},
		{"\ue000\U000f0000", "\ue000\U000f0000"}, /* private use */
		{"\u06dd", "\u06dd"},
	};

	(void)state;
	check_lines(cases, G_N_ELEMENTS(cases), sanitise_line);
}

static void line_replaces_what_is_not_text(void **state)
{
	static const struct line_case cases[] = {
		{"\xff", "\ufffd"},
		{"a\xc3", "a\ufffd"},
		{"\xc3(", "\ufffd("},
		{"\xc0\xaf", "\ufffd\ufffd"},		/* overlong */
		{"\xed\xa0\x80", "\ufffd\ufffd\ufffd"}, /* surrogate */
		{"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"},
		{"\xef\xbf\xbe", "\ufffd"},	/* U+FFFE */
		{"\xef\xb7\x90", "\ufffd"},	/* U+FDD0 */
		{"\xf0\x9f\xbf\xbf", "\ufffd"}, /* U+1FFFF */
	};
	g_autofree char *nul = sanitise_line("a\0b", 3);

	(void)state;
	check_lines(cases, G_N_ELEMENTS(cases), sanitise_line);
	assert_string_equal(nul, "a\u2400"
				 "b");
}

static void emoji_sequences_stay(void **state)
{
	static const struct line_case cases[] = {
		{FAMILY, FAMILY},
		{"\u2764" VS16, "\u2764" VS16},
		{"\u2764" VS16 VS16, "\u2764" VS16},
		{"\u2764" VS16 ZWJ "\U0001f525",
		 "\u2764" VS16 ZWJ "\U0001f525"},
		{"1" VS16 "\u20e3", "1" VS16 "\u20e3"},
		{"1" VS16 "2", "12"},
		{"\U0001f44d\U0001f3fd", "\U0001f44d\U0001f3fd"},
		{"\U0001f468" ZWJ, "\U0001f468"},
		{"\U0001f468" ZWJ ZWJ "\U0001f469",
		 "\U0001f468" ZWJ "\U0001f469"},
		{"\U0001f468" ZWJ "a", "\U0001f468"
				       "a"},
		{"a" ZWJ "\U0001f468", "a\U0001f468"},
		{FLAG, FLAG},
	};

	(void)state;
	check_lines(cases, G_N_ELEMENTS(cases), sanitise_line);
}

static char *repeat(const char *start, const char *part, int times)
{
	GString *text = g_string_new(start);

	while (times-- > 0)
		g_string_append(text, part);
	return g_string_free(text, FALSE);
}

static void marks_are_limited_and_never_alone(void **state)
{
	g_autofree char *zalgo = repeat("a", ACUTE, 500);
	g_autofree char *eight = repeat("a", ACUTE, 8);
	g_autofree char *clean = sanitise_line(zalgo, -1);
	g_autofree char *alone = sanitise_line(ACUTE "x", -1);
	g_autofree char *jamo = repeat("\u1112", "\u1161", 500);
	g_autofree char *eight_jamo = repeat("\u1112", "\u1161", 8);
	g_autofree char *clean_jamo = sanitise_line(jamo, -1);
	g_autofree char *body = sanitise_text("a\n" ACUTE, -1);

	(void)state;
	assert_string_equal(clean, eight);
	assert_string_equal(clean_jamo, eight_jamo);
	assert_string_equal(alone, "\u25cc" ACUTE "x");
	assert_string_equal(body, "a\n\u25cc" ACUTE);
}

static void joins_are_limited(void **state)
{
	g_autofree char *chain = repeat("\U0001f468", ZWJ "\U0001f468", 500);
	g_autofree char *clean = sanitise_line(chain, -1);
	int cells;

	(void)state;
	assert_true(text_cluster(clean, clean + strlen(clean), &cells) <=
		    4 + 8 * 7);
}

static void text_keeps_lines_and_tabs(void **state)
{
	static const struct line_case cases[] = {
		{"a\r\nb\rc\n\td", "a\nb\nc\n\td"},
		{"\x1b[m\n", "\u241b[m\n"},
		{"a\u2028b", "a\nb"},
		{"\r\n\r\n", "\n\n"},
	};

	(void)state;
	check_lines(cases, G_N_ELEMENTS(cases), sanitise_text);
}

/* ---- properties, on whatever octets come ---- */

static bool may_be_shown(gunichar c, bool body)
{
	if (body && (c == '\n' || c == '\t'))
		return true;
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	case G_UNICODE_FORMAT:
		/* The joiner, and the Arabic and Syriac number signs. */
		return c == 0x200d || (c >= 0x600 && c <= 0x605) ||
		       c == 0x6dd || c == 0x70f || c == 0x890 || c == 0x891 ||
		       c == 0x8e2 || c == 0x110bd || c == 0x110cd;
	default:
		return (c & 0xfffe) != 0xfffe;
	}
}

static void check_properties(const char *text, size_t length,
			     char *(*clean)(const char *, gssize), bool body)
{
	g_autofree char *once = clean(text, (gssize)length);
	g_autofree char *twice = clean(once, -1);
	const char *end = once + strlen(once);
	size_t sum = 0;
	int total = 0, cells;

	assert_true(g_utf8_validate(once, -1, NULL));
	assert_string_equal(once, twice);
	for (const char *p = once; *p != '\0'; p = g_utf8_next_char(p))
		assert_true(may_be_shown(g_utf8_get_char(p), body));
	for (const char *p = once; p < end; p += sum) {
		sum = text_cluster(p, end, &cells);
		assert_in_range(sum, 1, (size_t)(end - p));
		assert_in_range(cells, 0, 2);
		total += cells;
		/* A line has no cluster that could land on its neighbour. */
		assert_true(body || cells > 0);
	}
	assert_int_equal(text_width(once, -1), total);
	assert_int_equal(text_fit(once, -1, total, NULL), end - once);
}

/* Mostly the characters that matter, so that they meet one another. */
static size_t random_piece(GRand *rand, char *out)
{
	static const gunichar pool[] = {
		'a',	' ',	'1',	'#',	 '\n',	  '\r',	   '\t',
		0x1b,	0x9b,	0x301,	0x20e3,	 0x200b,  0x200d,  0x200d,
		0xfe0e, 0xfe0f, 0xfe0f, 0x202e,	 0x2028,  0x1112,  0x1161,
		0x11ab, 0xac00, 0x2764, 0x1f468, 0x1f3fd, 0x1f1e9, 0xe0041,
		0xfffe, 0xe000, 0x600,	0x93f,	 0x65e5,  0xad,	   0x25cc,
	};

	if (g_rand_int_range(rand, 0, 8) == 0) {
		out[0] = (char)g_rand_int_range(rand, 0, 256);
		return 1;
	}
	return (size_t)g_unichar_to_utf8(
		pool[g_rand_int_range(rand, 0, G_N_ELEMENTS(pool))], out);
}

static void properties_hold_on_random_octets(void **state)
{
	GRand *rand = g_rand_new_with_seed(20260101);

	(void)state;
	for (int round = 0; round < 5000; round++) {
		char text[256];
		size_t length = 0;
		size_t wanted = (size_t)g_rand_int_range(rand, 0, 240);

		while (length < wanted)
			length += random_piece(rand, text + length);
		check_properties(text, length, sanitise_line, false);
		check_properties(text, length, sanitise_text, true);
	}
	g_rand_free(rand);
}

static void properties_hold_on_every_character(void **state)
{
	(void)state;
	for (gunichar c = 1; c < 0x110000; c++) {
		char text[16] = "x";
		int n = g_unichar_to_utf8(c, text + 1);

		check_properties(text, (size_t)n + 1, sanitise_line, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_are_as_terminals_show_them),
		cmocka_unit_test(sequences_are_one_cluster),
		cmocka_unit_test(cluster_stops_at_the_end_given),
		cmocka_unit_test(fit_never_splits),
		cmocka_unit_test(line_stops_what_acts_on_a_terminal),
		cmocka_unit_test(line_removes_what_cannot_be_seen),
		cmocka_unit_test(line_replaces_what_is_not_text),
		cmocka_unit_test(emoji_sequences_stay),
		cmocka_unit_test(marks_are_limited_and_never_alone),
		cmocka_unit_test(joins_are_limited),
		cmocka_unit_test(text_keeps_lines_and_tabs),
		cmocka_unit_test(properties_hold_on_random_octets),
		cmocka_unit_test(properties_hold_on_every_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
