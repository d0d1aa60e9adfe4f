/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Format strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/base.h"
#include "smew/command.h"

static bool expand(GString *out, char expando, const char *argument,
		   void *user)
{
	(void)user;
	switch (expando) {
	case 's':
		g_string_append(out, "subject");
		return true;
	case 'n':
		g_string_append(out, "42");
		return true;
	case 'e':
		return false;
	case 'w':
		g_string_append(out, "日本語");
		return true;
	case '{':
	case '[':
	case '<':
	case '@':
	case 'G':
		g_string_append_printf(out, "(%c%s)", expando,
				       argument != NULL ? argument : "");
		return argument != NULL;
	case 'X':
		g_string_append(out, "\xff");
		return true;
	default:
		return false;
	}
}

static void test_table(void **state)
{
	static const struct {
		const char *format;
		int width;
		const char *wanted;
	} rows[] = {
		{ "plain", 80, "plain" },
		{ "100%%", 80, "100%" },
		{ "%s|%-9s|%9s|%=9s|", 80,
		  "subject|subject  |  subject| subject |" },
		{ "%.3s|%-5.3s|%5.3s|", 80, "sub|sub  |  sub|" },
		{ "%05n|%-05n|", 80, "00042|42   |" },
		{ "%_s", 80, "subject" },
		{ "%w|%.5w|%-8w|", 80, "日本語|日本|日本語  |" },
		{ "%?s?yes&no?%?e?yes&no?%?e?yes?", 80, "yesno" },
		{ "%<s?yes&no>%<e?yes&no>", 80, "yesno" },
		{ "%<s?a%<e?b&c>d&x>", 80, "acd" },
		{ "%<e?x&a%<s?b&c>d>", 80, "abd" },
		{ "%?s?%<e?b&c>%n?", 80, "c42" },
		{ "%{%b %d}%[%H]%<%Y>%@hook@", 80,
		  "({%b %d)([%H)(<%Y)(@hook)" },
		{ "%<[d?today&later>", 80, "today" },
		{ "%<GI?i&no>", 80, "i" },
		{ "%n%>-%n", 10, "42------42" },
		{ "%n%>日%n", 9, "42日日 42" },
		{ "%s%>-%s", 10, "subjectsub" },
		{ "%s-%>-(%n)---", 16, "subject--(42)---" },
		{ "%s-%>-(%n)---", 14, "subject-(42)--" },
		{ "%s-%>-(%n)---", 12, "subject-(42)" },
		{ "%s-%>-(%n)---", 11, "subject(42)" },
		{ "%s-%>-(%n)---", 9, "subject(4" },
		{ "%s-%*-(%n)---", 9, "subje(42)" },
		{ "%s %> %n ", 9, "subject 4" },
		{ "%s%*-%s", 10, "subsubject" },
		{ "%n%*  %n", 8, "42    42" },
		{ "%n%|-", 6, "42----" },
		{ "%s", 4, "subj" },
		{ "%w", 3, "日" },
		{ "%s", 0, "" },
		{ "\\%s\\n", 80, "%sn" },
		{ "%", 80, "" },
		{ "%-", 80, "" },
		{ "%?", 80, "" },
		{ "%?s", 80, "" },
		{ "%?s?", 80, "" },
		{ "%{", 80, "({)" },
		{ "%X", 80, "\xef\xbf\xbd" },
		{ "%é", 80, "%é" },
		{ "[Msgs:%?e?%e/?%n]", 80, "[Msgs:42]" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = format_string(rows[i].format,
						     rows[i].width, expand,
						     NULL);

		if (strcmp(got, rows[i].wanted) != 0)
			fail_msg("'%s': '%s', not '%s'", rows[i].format, got,
				 rows[i].wanted);
	}
}

static void test_bounds(void **state)
{
	GString *deep = g_string_new(NULL);

	(void)state;
	for (int i = 0; i < 5000; i++)
		g_string_append(deep, "%<s?%99999s");
	for (int width = -1; width < 50; width += 7) {
		g_autofree char *got =
			format_string(deep->str, width, expand, NULL);

		assert_true(text_width(got, -1) <= MAX(width, 0));
	}
	g_string_free(deep, TRUE);
}

/* Every beginning of a real format, in every small width. */
static void test_cut(void **state)
{
	static const char text[] =
		"-%r-smew: %f [Msgs:%?M?%M/?%m%?n? New:%n?%?e? Old:%e?]---(%s/"
		"%<w?%w&%-5.3s>%{%b %d})-%>-(%P)%|-%*x%@h@";

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		for (int width = 0; width < 20; width++) {
			g_autofree char *part = g_strndup(text, i);
			g_autofree char *got =
				format_string(part, width, expand, NULL);

			assert_true(text_width(got, -1) <= width);
			assert_true(g_utf8_validate(got, -1, NULL));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
