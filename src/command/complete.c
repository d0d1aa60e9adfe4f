/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may complete a word of a command line. */
#include "private.h"

#include <string.h>

enum { MOST_FILES = 10000 };

/* The words before the cursor: whole ones and the one to be completed. */
struct completion {
	struct config *config;
	GPtrArray *words; /* of char *: the words before, owned */
	char *word;	  /* owned: the beginning of the one to complete */
	size_t start;	  /* where it begins in the line */
	GPtrArray *found; /* of char *, owned */
};

static void offer(struct completion *c, const char *candidate)
{
	if (g_str_has_prefix(candidate, c->word))
		g_ptr_array_add(c->found, g_strdup(candidate));
}

static void offer_all(struct completion *c, const char *const *names)
{
	for (; *names != NULL; names++)
		offer(c, *names);
}

/* Only what follows the first 'n' octets of the word is completed. */
static void skip_prefix(struct completion *c, size_t n)
{
	c->start += n;
	memmove(c->word, c->word + n, strlen(c->word + n) + 1);
}

/* ---- kinds of candidates ---- */

static void offer_commands(struct completion *c, bool in_account)
{
	size_t n;
	const struct command_row *rows = command_table(&n);

	for (size_t i = 0; i < n; i++)
		if (!in_account || (rows[i].flags & COMMAND_ACCOUNT))
			offer(c, rows[i].name);
}

static void offer_functions(struct completion *c, const char *map_name)
{
	size_t n;
	const struct function_row *rows = function_table(&n);
	int map = map_name != NULL ? keymap_find(map_name) : -1;
	uint32_t maps = map >= 0 ? 1u << map : ~0u;

	if (map >= 0 && map != MAP_PAGER && map != MAP_EDITOR)
		maps |= 1u << MAP_GENERIC;
	for (size_t i = 0; i < n; i++)
		if (!rows[i].planned && (rows[i].maps & maps))
			offer(c, rows[i].name);
}

static void offer_file(struct completion *c, const char *folder,
		       const char *shown, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR);
	g_autofree char *candidate =
		g_strconcat(shown, name, is_folder ? "/" : "", NULL);

	if (g_utf8_validate(candidate, -1, NULL))
		offer(c, candidate);
}

static void offer_files(struct completion *c)
{
	const char *slash = strrchr(c->word, '/');
	g_autofree char *shown =
		slash != NULL ? g_strndup(c->word,
					  (gsize)(slash - c->word) + 1) :
				g_strdup("");
	g_autofree char *folder =
		*shown != '\0' ? path_expand(shown) : g_strdup(".");
	GDir *dir = g_dir_open(folder, 0, NULL);
	bool hidden = slash != NULL ? slash[1] == '.' : c->word[0] == '.';
	const char *name;

	if (dir == NULL)
		return;
	for (int i = 0; i < MOST_FILES && (name = g_dir_read_name(dir)); i++)
		if (hidden || name[0] != '.')
			offer_file(c, folder, shown, name);
	g_dir_close(dir);
}

static void offer_mailboxes(struct completion *c)
{
	g_auto(GStrv) accounts = config_accounts(c->config);

	for (char **account = accounts; *account != NULL; account++) {
		const GPtrArray *names =
			config_mailboxes(c->config, *account);
		bool first = account == accounts;

		for (guint i = 0; i < names->len; i++) {
			g_autofree char *text = g_strconcat(
				first ? "=" : *account, first ? "" : ":",
				names->pdata[i], NULL);
			offer(c, text);
		}
	}
}

/* ---- set ---- */

static void offer_names(struct completion *c, bool switches_only)
{
	const struct option_row *row = NULL;

	while ((row = option_next(row)) != NULL) {
		bool is_switch = row->type == OPTION_BOOL ||
				 row->type == OPTION_QUAD ||
				 (row->flags & OPTION_SWITCH);

		if (is_switch || !switches_only)
			offer(c, row->name);
	}
}

static void offer_choices(struct completion *c, const struct option_row *row)
{
	g_auto(GStrv) names = g_strsplit(row->choices, "|", -1);

	if (row->type == OPTION_SORT && g_str_has_prefix(c->word, "reverse-"))
		skip_prefix(c, strlen("reverse-"));
	else if (row->type == OPTION_SORT)
		offer(c, "reverse-");
	if (row->type == OPTION_SORT && g_str_has_prefix(c->word, "last-"))
		skip_prefix(c, strlen("last-"));
	offer_all(c, (const char *const *)names);
}

static void offer_values(struct completion *c, const struct option_row *row)
{
	static const char *const yes_no[] = { "no", "yes", NULL };
	static const char *const asking[] = {
		"ask-no", "ask-yes", "no", "yes", NULL,
	};

	switch (row->type) {
	case OPTION_BOOL:
		offer_all(c, yes_no);
		break;
	case OPTION_QUAD:
		offer_all(c, asking);
		break;
	case OPTION_ENUM:
	case OPTION_SORT:
		offer_choices(c, row);
		break;
	case OPTION_PATH:
		offer_files(c);
		break;
	default:
		break;
	}
}

static void complete_set(struct completion *c, const char *command)
{
	char *equal = strchr(c->word, '=');

	if (equal != NULL) {
		size_t name = (size_t)(equal - c->word);
		g_autofree char *option = g_strndup(c->word, name);
		const struct option_row *row;

		if (g_str_has_suffix(option, "+"))
			option[name - 1] = '\0';
		row = option_find(option);
		skip_prefix(c, name + 1);
		if (row != NULL)
			offer_values(c, row);
		return;
	}
	if (*c->word == '?' || *c->word == '&') {
		skip_prefix(c, 1);
		offer_names(c, false);
		return;
	}
	offer_names(c, strcmp(command, "toggle") == 0);
	if (c->found->len == 0 && g_str_has_prefix(c->word, "no")) {
		skip_prefix(c, 2);
		offer_names(c, true);
	} else if (c->found->len == 0 && g_str_has_prefix(c->word, "inv")) {
		skip_prefix(c, 3);
		offer_names(c, true);
	}
}

/* ---- the other commands ---- */

static void complete_bind(struct completion *c, const char *command)
{
	switch (c->words->len) {
	case 1: {
		const char *comma = strrchr(c->word, ',');

		if (comma != NULL)
			skip_prefix(c, (size_t)(comma - c->word) + 1);
		offer_all(c, keymap_names());
		break;
	}
	case 2:
		offer_all(c, key_names());
		break;
	case 3:
		if (strcmp(command, "bind") == 0)
			offer_functions(c, c->words->pdata[1]);
		break;
	}
}

static void complete_color(struct completion *c, const char *command)
{
	static const char *const attributes[] = {
		"blink", "bold", "italic", "none", "normal", "reverse",
		"standout", "underline", NULL,
	};

	if (c->words->len == 1) {
		offer_all(c, color_objects());
		return;
	}
	if (g_str_has_prefix(command, "un"))
		return;
	offer_all(c, attributes);
	if (strcmp(command, "color") == 0)
		offer_all(c, color_names());
}

static void complete_word(struct completion *c);

static void complete_account(struct completion *c)
{
	if (c->words->len == 1) {
		g_auto(GStrv) names = config_accounts(c->config);

		offer_all(c, (const char *const *)names);
	} else if (c->words->len == 2) {
		offer_commands(c, true);
	} else {
		/* account NAME COMMAND ...: as the command by itself */
		g_ptr_array_remove_range(c->words, 0, 2);
		complete_word(c);
	}
}

static void complete_word(struct completion *c)
{
	const char *command;

	if (c->words->len == 0) {
		offer_commands(c, false);
		return;
	}
	command = c->words->pdata[0];
	if (strcmp(command, "set") == 0 || strcmp(command, "unset") == 0 ||
	    strcmp(command, "reset") == 0 || strcmp(command, "toggle") == 0)
		complete_set(c, command);
	else if (g_str_has_suffix(command, "bind") ||
		 g_str_has_suffix(command, "macro"))
		complete_bind(c, command);
	else if (g_str_has_suffix(command, "color") ||
		 g_str_has_suffix(command, "mono"))
		complete_color(c, command);
	else if (strcmp(command, "exec") == 0)
		offer_functions(c, NULL);
	else if (strcmp(command, "source") == 0)
		offer_files(c);
	else if (g_str_has_suffix(command, "mailboxes"))
		offer_mailboxes(c);
	else if (strcmp(command, "account") == 0)
		complete_account(c);
}

/* Splits the line at blanks outside of quotes; `;` begins anew. */
static void split(struct completion *c, const char *line, size_t cursor)
{
	GString *word = g_string_new(NULL);
	char quote = '\0';

	c->start = 0;
	for (size_t i = 0; i < cursor; i++) {
		char ch = line[i];
		bool end = quote == '\0' && (ch == ' ' || ch == '\t');

		if (quote == '\0' && ch == ';') {
			g_ptr_array_set_size(c->words, 0);
			g_string_truncate(word, 0);
			c->start = i + 1;
		} else if (end && word->len > 0) {
			g_ptr_array_add(c->words, g_strdup(word->str));
			g_string_truncate(word, 0);
			c->start = i + 1;
		} else if (end) {
			c->start = i + 1;
		} else {
			g_string_append_c(word, ch);
			if (ch == quote)
				quote = '\0';
			else if (quote == '\0' && (ch == '"' || ch == '\''))
				quote = ch;
		}
	}
	c->word = g_string_free(word, FALSE);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **config_complete(struct config *config, const char *line, size_t cursor,
		       size_t *start)
{
	struct completion c = {
		.config = config,
		.words = g_ptr_array_new_with_free_func(g_free),
		.found = g_ptr_array_new(),
	};

	split(&c, line, MIN(cursor, strlen(line)));
	complete_word(&c);
	g_ptr_array_sort(c.found, compare);
	g_ptr_array_add(c.found, NULL);
	*start = c.start;
	g_free(c.word);
	g_ptr_array_unref(c.words);
	return (char **)g_ptr_array_free(c.found, FALSE);
}
