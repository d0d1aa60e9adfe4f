/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notation of keys, and the key maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "smew/command.h"

static int setup(void **state)
{
	*state = config_new();
	return 0;
}

static int teardown(void **state)
{
	config_free(*state);
	return 0;
}

static void test_notation(void **state)
{
	static const struct {
		const char *text, *shown;
		int keys[4]; /* to the first 0 */
	} rows[] = {
		{ "gg", "gg", { 'g', 'g' } },
		{ "\\Cx", "^X", { 24 } },
		{ "\\cX", "^X", { 24 } },
		{ "^X", "^X", { 24 } },
		{ "<C-x>", "^X", { 24 } },
		{ "\\c]", "^]", { 29 } },
		{ "^", "^", { '^' } },
		{ "<f1>", "<F1>", { KEYC_F0 + 1 } },
		{ "<F12>", "<F12>", { KEYC_F0 + 12 } },
		{ "<Esc>v", "<Esc>v", { 27, 'v' } },
		{ "\\ev", "<Esc>v", { 27, 'v' } },
		{ "\\e<esc>", "<Esc><Esc>", { 27, 27 } },
		{ "<A-v>", "<Esc>v", { 27, 'v' } },
		{ "\\t", "<Tab>", { 9 } },
		{ "<Tab>", "<Tab>", { 9 } },
		{ "\\e\\t", "<Esc><Tab>", { 27, 9 } },
		{ "<Backtab>", "<Backtab>", { KEYC_BACKTAB } },
		{ "<S-Tab>", "<Backtab>", { KEYC_BACKTAB } },
		{ "<return>", "<Return>", { 13 } },
		{ "<Enter>", "<Return>", { 13 } },
		{ "<C-Enter>", "<Return>", { 13 } },
		{ "\\n", "<Return>", { 13 } },
		{ "\\015", "<Return>", { 13 } },
		{ "\\Cm", "<Return>", { 13 } },
		{ "\\Cj", "^J", { 10 } },
		{ "\\005", "^E", { 5 } },
		{ "\\031", "^Y", { 25 } },
		{ "<005>", "^E", { 5 } },
		{ "<space>", "<Space>", { ' ' } },
		{ " ", "<Space>", { ' ' } },
		{ "<BackSpace>", "<Backspace>", { KEYC_BACKSPACE } },
		{ "\\177", "<Backspace>", { KEYC_BACKSPACE } },
		{ "\\Ch", "^H", { 8 } },
		{ "<pageup>", "<PageUp>", { KEYC_PAGE_UP } },
		{ "<PgDn>", "<PageDown>", { KEYC_PAGE_DOWN } },
		{ "<S-Up>", "<S-Up>", { KEYC_UP | KEYC_SHIFT } },
		{ "<C-DOWN>", "<C-Down>", { KEYC_DOWN | KEYC_CTRL } },
		{ "\\#", "#", { '#' } },
		{ "\\\\f", "\\f", { '\\', 'f' } },
		{ "\\'M", "'M", { '\'', 'M' } },
		{ "<", "<", { '<' } },
		{ "<>", "<>", { '<', '>' } },
		{ "a<b", "a<b", { 'a', '<', 'b' } },
		{ "\"$`", "\"$`", { '"', '$', '`' } },
		{ "ä€", "ä€", { 0xe4, 0x20ac } },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GArray) keys = keys_parse(rows[i].text, NULL);
		g_autofree char *shown = NULL;

		if (keys == NULL)
			fail_msg("'%s' was refused", rows[i].text);
		shown = keys_name((int *)keys->data, keys->len);
		assert_string_equal(shown, rows[i].shown);
		for (guint k = 0; k < keys->len; k++)
			assert_int_equal(g_array_index(keys, int, k),
					 rows[i].keys[k]);
		assert_true(keys->len == 4 || rows[i].keys[keys->len] == 0);
	}
}

static void test_wrong_notation(void **state)
{
	static const char *const wrong[] = {
		"", "<nokey>", "<F64>", "<C-nokey>", "<X-a>",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\xff",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		GError *error = NULL;

		assert_null(keys_parse(wrong[i], &error));
		assert_non_null(error);
		g_error_free(error);
	}
}

static void test_typed(void **state)
{
	size_t n;
	const struct function_row *rows = function_table(&n);
	g_autoptr(GArray) typed =
		keys_typed("<limit>~A\r<esc>x<nothing-here><f2>");
	int first = g_array_index(typed, int, 0);

	(void)state;
	assert_true(first >= KEYC_FUNCTION);
	assert_string_equal(rows[first - KEYC_FUNCTION].name, "limit");
	assert_int_equal(g_array_index(typed, int, 1), '~');
	assert_int_equal(g_array_index(typed, int, 3), '\r');
	assert_int_equal(g_array_index(typed, int, 4), 27);
	assert_int_equal(g_array_index(typed, int, 6), '<');
	assert_int_equal(g_array_index(typed, int, typed->len - 1),
			 KEYC_F0 + 2);
}

/* What 'keys' (in notation) mean in a map: a name, "..." or "-". */
static const char *meaning(struct config *config, enum keymap map,
			   const char *text)
{
	g_autoptr(GArray) keys = keys_parse(text, NULL);
	const struct key_binding *found = NULL;

	assert_non_null(keys);
	switch (keymap_lookup(config, map, (int *)keys->data, keys->len,
			      &found)) {
	case KEY_PREFIX:
		return "...";
	case KEY_FUNCTION:
		return found->function->name;
	case KEY_MACRO:
		return found->macro;
	default:
		return "-";
	}
}

static void run(struct config *config, const char *line)
{
	GError *error = NULL;

	if (!config_run(config, line, &error))
		fail_msg("%s: %s", line, error->message);
}

static void test_default_keys(void **state)
{
	static const struct {
		enum keymap map;
		const char *keys, *meaning;
	} rows[] = {
		{ MAP_INDEX, "j", "next-undeleted" },
		{ MAP_INDEX, "J", "next-entry" },
		{ MAP_INDEX, "<Return>", "display-message" },
		{ MAP_INDEX, "\\Cj", "display-message" },
		{ MAP_INDEX, "q", "quit" },
		{ MAP_INDEX, "x", "exit" },
		{ MAP_INDEX, "=", "first-entry" },
		{ MAP_INDEX, "<Esc>", "..." },
		{ MAP_INDEX, "<Esc>v", "collapse-thread" },
		{ MAP_INDEX, "<Esc>/", "search-reverse" },
		{ MAP_INDEX, "<Esc>w", "focus-previous" },
		{ MAP_INDEX, "^W", "focus-next" },
		{ MAP_INDEX, "^O", "sidebar-open" },
		{ MAP_INDEX, ",", "command-palette" },
		{ MAP_INDEX, "<Space>", "display-message" },
		{ MAP_PAGER, "j", "next-undeleted" },
		{ MAP_PAGER, "<Return>", "next-line" },
		{ MAP_PAGER, "<Space>", "next-page" },
		{ MAP_PAGER, "<Backspace>", "previous-line" },
		{ MAP_PAGER, "i", "exit" },
		{ MAP_PAGER, "\\\\", "search-toggle" },
		{ MAP_PAGER, "^", "top" },
		{ MAP_PAGER, "=", "-" },
		{ MAP_PAGER, "?", "help" },
		{ MAP_SIDEBAR, "j", "next-entry" },
		{ MAP_SIDEBAR, "<Space>", "fold-folder" },
		{ MAP_SIDEBAR, "q", "exit" },
		{ MAP_SIDEBAR, "<Return>", "sidebar-open" },
		{ MAP_EDITOR, "^A", "bol" },
		{ MAP_EDITOR, "<Tab>", "complete" },
		{ MAP_EDITOR, "\\177", "backspace" },
		{ MAP_EDITOR, "<Space>", "-" },
		{ MAP_EDITOR, "q", "-" },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
		assert_string_equal(meaning(*state, rows[i].map, rows[i].keys),
				    rows[i].meaning);
}

static void test_bind(void **state)
{
	struct config *config = *state;

	run(config, "bind index,pager gg noop");
	run(config, "bind index gg first-entry");
	assert_string_equal(meaning(config, MAP_INDEX, "g"), "...");
	assert_string_equal(meaning(config, MAP_INDEX, "gg"), "first-entry");
	assert_string_equal(meaning(config, MAP_PAGER, "gg"), "-");
	run(config, "bind index g last-entry");
	assert_string_equal(meaning(config, MAP_INDEX, "g"), "last-entry");
	assert_string_equal(meaning(config, MAP_INDEX, "gg"), "-");
	/* noop hides the key of generic as well ... */
	run(config, "bind index z noop");
	assert_string_equal(meaning(config, MAP_INDEX, "z"), "-");
	/* ... and does not take longer sequences away. */
	run(config, "bind index za next-new; bind index z noop");
	assert_string_equal(meaning(config, MAP_INDEX, "za"), "next-new");
	run(config, "unbind index za");
	assert_string_equal(meaning(config, MAP_INDEX, "z"), "next-page");
	assert_string_equal(meaning(config, MAP_INDEX, "za"), "-");
}

static void test_macro(void **state)
{
	struct config *config = *state;
	g_autoptr(GArray) keys = keys_parse("<F5>", NULL);
	const struct key_binding *found = NULL;

	run(config, "macro index,pager <F5> \"<enter-command>set x\\n\" 'say'");
	assert_int_equal(keymap_lookup(config, MAP_PAGER, (int *)keys->data,
				       keys->len, &found),
			 KEY_MACRO);
	assert_string_equal(found->macro, "<enter-command>set x\r");
	assert_string_equal(found->description, "say");
	run(config, "unmacro pager");
	assert_string_equal(meaning(config, MAP_PAGER, "<F5>"), "-");
	assert_string_equal(meaning(config, MAP_INDEX, "<F5>"),
			    "<enter-command>set x\r");
}

static void assert_error(struct config *config, const char *line,
			 const char *message)
{
	GError *error = NULL;

	assert_false(config_run(config, line, &error));
	assert_string_equal(error->message, message);
	g_error_free(error);
}

static void test_bind_errors(void **state)
{
	struct config *config = *state;

	assert_error(config, "bind indx x exit",
		     "unknown map 'indx' (did you mean 'index'?)");
	assert_error(config, "bind index <nokey> exit",
		     "unknown key '<nokey>'");
	assert_error(config, "bind index x", "the function is missing");
	assert_error(config, "bind pager x bol",
		     "the map pager has no function 'bol'");
	assert_error(config, "bind index x exti",
		     "unknown function 'exti' (did you mean 'exit'?)");
}

static void test_list(void **state)
{
	struct config *config = *state;
	g_autoptr(GPtrArray) list = NULL;
	const struct key_binding *last = NULL;
	unsigned down = 0;

	run(config, "bind generic Y next-entry; bind index z noop");
	list = keymap_list(config, MAP_INDEX);
	assert_true(list->len > 100);
	for (guint i = 0; i < list->len; i++) {
		const struct key_binding *binding = list->pdata[i];

		/* No key twice: the index hides what generic has. */
		if (last != NULL)
			assert_false(
				last->keys->len == binding->keys->len &&
				memcmp(last->keys->data, binding->keys->data,
				       binding->keys->len * sizeof(int)) == 0);
		down += g_array_index(binding->keys, int, 0) == 'z';
		last = binding;
	}
	assert_int_equal(down, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notation),
		cmocka_unit_test(test_wrong_notation),
		cmocka_unit_test(test_typed),
		TEST(test_default_keys), TEST(test_bind), TEST(test_macro),
		TEST(test_bind_errors),	 TEST(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
