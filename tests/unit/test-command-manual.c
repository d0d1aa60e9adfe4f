/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The manual against the tables: what stands between BEGIN and END in
 * man/smewrc.5 is what the tables say. With SMEW_UPDATE_MANUAL set, the file
 * is written anew instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/command/private.h"

/* Text for roff: hyphens, backslashes and leading dots as themselves. */
static void roff(GString *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		g_string_append(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			g_string_append(out, "\\e");
		else if (*text == '-')
			g_string_append(out, "\\-");
		else if (*text == '"')
			g_string_append(out, "\\(dq");
		else
			g_string_append_c(out, *text);
	}
}

/* ---- options ---- */

static const char *const type_names[] = {
	[OPTION_BOOL] = "bool",	    [OPTION_NUMBER] = "number",
	[OPTION_STRING] = "string", [OPTION_QUAD] = "quad",
	[OPTION_ENUM] = "enum",	    [OPTION_SORT] = "sort",
	[OPTION_PATH] = "path",	    [OPTION_REGEX] = "regex",
	[OPTION_ADDRESS] = "address",
};

static void print_default(GString *out, const struct option_row *row)
{
	g_autofree char *quoted = quote_word(row->initial);

	switch (row->type) {
	case OPTION_STRING:
	case OPTION_PATH:
	case OPTION_REGEX:
	case OPTION_ADDRESS:
		roff(out, quoted);
		break;
	default:
		roff(out, row->initial);
	}
}

static void print_facts(GString *out, const struct option_row *row)
{
	if (row->type == OPTION_NUMBER)
		g_string_append_printf(out,
				       ", %" G_GINT64_FORMAT
				       " to %" G_GINT64_FORMAT,
				       row->min, row->max);
	g_string_append(out, ", default ");
	print_default(out, row);
	if (row->flags & OPTION_OWN)
		g_string_append(out, "; account only");
	else if (row->flags & OPTION_ACCOUNT)
		g_string_append(out, "; account");
	if (row->flags & OPTION_NO_EFFECT)
		g_string_append(out, "; no effect in smew");
}

static void print_synonyms(GString *out, const char *name)
{
	size_t n;
	const struct option_synonym *synonyms = option_synonyms(&n);
	const char *before = "Also: ";

	for (size_t i = 0; i < n; i++) {
		if (strcmp(synonyms[i].of, name) != 0)
			continue;
		g_string_append(out, before);
		roff(out, synonyms[i].name);
		before = ", ";
	}
	if (*before == ',')
		g_string_append(out, ".\n");
}

static void print_options(GString *out)
{
	const struct option_row *row = NULL;

	while ((row = option_next(row)) != NULL) {
		g_string_append_printf(out, ".TP\n\\fB%s\\fP (%s",
				       row->name, type_names[row->type]);
		print_facts(out, row);
		g_string_append(out, ")\n");
		roff(out, row->help);
		g_string_append(out, ".\n");
		if (row->choices != NULL) {
			g_auto(GStrv) names =
				g_strsplit(row->choices, "|", -1);
			g_autofree char *list = g_strjoinv(", ", names);

			g_string_append(out, "One of: ");
			roff(out, list);
			g_string_append(out, ".\n");
		}
		print_synonyms(out, row->name);
	}
}

/* ---- commands, functions, the rest ---- */

static void print_accepted(GString *out, const struct command_row *rows,
			   size_t n, unsigned flag)
{
	const char *before = "";

	for (size_t i = 0; i < n; i++) {
		if (!(rows[i].flags & flag))
			continue;
		g_string_append(out, before);
		roff(out, rows[i].name);
		before = ",\n";
	}
	g_string_append(out, ".\n");
}

static void print_commands(GString *out)
{
	size_t n;
	const struct command_row *rows = command_table(&n);
	unsigned accepted = COMMAND_LATER | COMMAND_NO_EFFECT;

	for (size_t i = 0; i < n; i++) {
		if (rows[i].flags & accepted)
			continue;
		g_string_append(out, ".TP\n\\fB");
		roff(out, rows[i].name);
		g_string_append(out, "\\fP ");
		roff(out, rows[i].usage);
		g_string_append_c(out, '\n');
		roff(out, rows[i].help);
		g_string_append(out, rows[i].flags & COMMAND_ACCOUNT ?
					     "; also inside an account.\n" :
					     ".\n");
	}
	g_string_append(out, ".PP\nAccepted, without effect yet:\n");
	print_accepted(out, rows, n, COMMAND_LATER);
	g_string_append(out, ".PP\nAccepted, without effect:\n");
	print_accepted(out, rows, n, COMMAND_NO_EFFECT);
}

static void print_maps(GString *out, uint32_t maps)
{
	const char *before = " (";

	for (int map = 0; map < MAP_COUNT; map++) {
		if (!(maps & (1u << map)))
			continue;
		g_string_append_printf(out, "%s%s", before, keymap_name(map));
		before = ", ";
	}
	g_string_append(out, *before == ',' ? ")\n" : "\n");
}

static void print_functions(GString *out)
{
	size_t n;
	const struct function_row *rows = function_table(&n);
	const char *before = "";

	for (size_t i = 0; i < n; i++) {
		if (rows[i].planned)
			continue;
		g_string_append(out, ".TP\n\\fB");
		roff(out, rows[i].name);
		g_string_append(out, "\\fP");
		print_maps(out, rows[i].maps);
		roff(out, rows[i].help);
		g_string_append(out, ".\n");
	}
	g_string_append(out, ".PP\nKnown by name, not available yet:\n");
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].planned)
			continue;
		g_string_append(out, before);
		roff(out, rows[i].name);
		before = ",\n";
	}
	g_string_append(out, ".\n");
}

static void print_objects(GString *out)
{
	g_string_append(out, "quoted, quoted1 to quoted9");
	for (const char *const *name = color_objects(); *name; name++) {
		if (strcmp(*name, "quoted") == 0)
			continue;
		g_string_append(out, ",\n");
		roff(out, *name);
	}
	g_string_append(out, ".\n");
}

static void print_defaults(GString *out)
{
	g_auto(GStrv) lines = g_strsplit(default_configuration(), "\n", -1);

	g_string_append(out, ".EX\n");
	for (char **line = lines; *line != NULL && **line != '\0'; line++) {
		roff(out, *line);
		g_string_append_c(out, '\n');
	}
	g_string_append(out, ".EE\n");
}

/* The options whose default is not mutt's, with both. */
static const struct {
	const char *name, *mutt;
} differences[] = {
	{ "compose_format", "\"-- Mutt: Compose ...\"" },
	{ "history_file", "\"~/.mutthistory\"" },
	{ "imap_condstore", "no" },
	{ "imap_deflate", "no" },
	{ "imap_idle", "no" },
	{ "imap_keepalive", "300" },
	{ "imap_qresync", "no" },
	{ "markers", "yes" },
	{ "pager_index_lines", "0" },
	{ "postponed", "\"~/postponed\"" },
	{ "record", "\"~/sent\"" },
	{ "sidebar_format", "\"%B%*  %n\"" },
	{ "sidebar_visible", "no" },
	{ "sleep_time", "1" },
	{ "sort", "date" },
	{ "sort_aux", "date" },
	{ "status_format", "\"-%r-Mutt: ...\"" },
	{ "ts_status_format", "\"Mutt with ...\"" },
	{ "wait_key", "yes" },
};

static void print_differences(GString *out)
{
	for (size_t i = 0; i < G_N_ELEMENTS(differences); i++) {
		const struct option_row *row =
			option_find(differences[i].name);

		g_string_append_printf(out, ".TP\n.B %s\n", row->name);
		print_default(out, row);
		g_string_append(out, "\n(mutt: ");
		roff(out, differences[i].mutt);
		g_string_append(out, ")\n");
	}
}

/* ---- the file ---- */

static const struct {
	const char *name;
	void (*print)(GString *out);
} sections[] = {
	{ "objects", print_objects },	  { "differences", print_differences },
	{ "commands", print_commands },	  { "options", print_options },
	{ "functions", print_functions }, { "defaults", print_defaults },
};

/* The limits of a section in the text; false when it is not there. */
static bool find_section(const char *text, const char *name, size_t *start,
			 size_t *end)
{
	g_autofree char *begin = g_strdup_printf(".\\\" BEGIN %s\n", name);
	g_autofree char *stop = g_strdup_printf(".\\\" END %s\n", name);
	const char *first = strstr(text, begin);
	const char *last = first != NULL ? strstr(first, stop) : NULL;

	if (last == NULL)
		return false;
	*start = (size_t)(first - text) + strlen(begin);
	*end = (size_t)(last - text);
	return true;
}

static void update(const char *path, GString *manual)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		GString *wanted = g_string_new(NULL);
		size_t start, end;

		assert_true(find_section(manual->str, sections[i].name, &start,
					 &end));
		sections[i].print(wanted);
		g_string_erase(manual, (gssize)start, (gssize)(end - start));
		g_string_insert(manual, (gssize)start, wanted->str);
		g_string_free(wanted, TRUE);
	}
	assert_true(g_file_set_contents(path, manual->str, -1, NULL));
}

static void test_manual(void **state)
{
	const char *path = SOURCE_DIR "/man/smewrc.5";
	char *text = NULL;
	GString *manual;

	(void)state;
	assert_true(g_file_get_contents(path, &text, NULL, NULL));
	manual = g_string_new(text);
	g_free(text);
	if (g_getenv("SMEW_UPDATE_MANUAL") != NULL)
		update(path, manual);
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		GString *wanted = g_string_new(NULL);
		size_t start, end;

		sections[i].print(wanted);
		assert_true(find_section(manual->str, sections[i].name, &start,
					 &end));
		text = g_strndup(manual->str + start, end - start);
		if (strcmp(text, wanted->str) != 0)
			fail_msg("section %s of %s is not what the tables "
				 "say", sections[i].name, path);
		g_free(text);
		g_string_free(wanted, TRUE);
	}
	g_string_free(manual, TRUE);
}

/* Every row that is shown to users has its one line of help. */
static void test_help(void **state)
{
	const struct option_row *row = NULL;
	size_t n;

	(void)state;
	while ((row = option_next(row)) != NULL)
		assert_true(row->help[0] != '\0');
	const struct function_row *functions = function_table(&n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(functions[i].help[0] == '\0',
				 functions[i].planned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
