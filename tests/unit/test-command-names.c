/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every name that public muttrc files were found to use is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/command/options.h"

/* Whether a line with the name in its place is taken. */
static bool line_works(const char *format, const char *name)
{
	struct config *config = config_new();
	g_autofree char *quoted = quote_word(name);
	g_auto(GStrv) parts = g_strsplit(format, "@", 2);
	g_autofree char *line = g_strconcat(parts[0], quoted, parts[1], NULL);
	bool good = config_run(config, line, NULL);

	config_free(config);
	return good;
}

static bool key_works(const char *name)
{
	struct config *config = config_new();
	g_autofree char *line =
		g_strdup_printf("bind index %s next-entry", name);
	bool good = config_run(config, line, NULL);

	config_free(config);
	return good;
}

static bool is_known(const char *kind, const char *name)
{
	if (strcmp(kind, "option") == 0)
		return option_find(name) != NULL || strcmp(name, "my_*") == 0;
	if (strcmp(kind, "function") == 0)
		return function_find(name) != NULL;
	if (strcmp(kind, "command") == 0 || strcmp(kind, "hook") == 0)
		return command_find(name) != NULL;
	if (strcmp(kind, "menu") == 0)
		return line_works("macro @ x y", name);
	if (strcmp(kind, "color-object") == 0)
		return line_works("color @ red default", name) ||
		       line_works("color @ red default x", name);
	return key_works(name);
}

static void test_names(void **state)
{
	char *text = NULL;
	unsigned n = 0, unknown = 0;
	char **lines;

	(void)state;
	assert_true(g_file_get_contents(
		SOURCE_DIR "/tests/data/command/names.tsv", &text, NULL,
		NULL));
	lines = g_strsplit(text, "\n", -1);
	for (char **line = lines; *line != NULL && **line != '\0'; line++) {
		g_auto(GStrv) fields = g_strsplit(*line, "\t", 2);

		n++;
		if (is_known(fields[0], fields[1]))
			continue;
		unknown++;
		fprintf(stderr, "unknown %s %s\n", fields[0], fields[1]);
	}
	g_strfreev(lines);
	g_free(text);
	assert_true(n > 700);
	assert_int_equal(unknown, 0);
}

static void assert_sorted(const struct option_row *rows, size_t n)
{
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(rows[i - 1].name, rows[i].name) < 0);
}

/* The searches by halves need sorted tables; synonyms need their options. */
static void test_tables(void **state)
{
	size_t n, own, accepted, all = 0;
	const struct option_row *row = options_own(&own);

	(void)state;
	assert_sorted(row, own);
	row = options_accepted(&accepted);
	assert_sorted(row, accepted);
	row = NULL;
	while ((row = option_next(row)) != NULL) {
		assert_ptr_equal(option_find(row->name), row);
		all++;
	}
	assert_int_equal(all, own + accepted);
	const struct function_row *functions = function_table(&n);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(functions[i - 1].name, functions[i].name) <
			    0);
	const struct option_synonym *synonyms = option_synonyms(&n);
	for (size_t i = 0; i < n; i++)
		assert_non_null(option_find(synonyms[i].name));
}

/* Every op that is not planned can be reached by a name. */
static void test_ops(void **state)
{
	bool seen[OP_COUNT] = { false };
	size_t n;
	const struct function_row *rows = function_table(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(rows[i].planned, rows[i].op == OP_PLANNED);
		seen[rows[i].op] = true;
	}
	for (int op = 0; op < OP_COUNT; op++)
		if (!seen[op])
			fail_msg("no function for op %d", op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_ops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
