/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bind, macro, unbind, unmacro, exec, push. */
#include "private.h"

#include <string.h>

static bool missing(struct context *context, const char *what)
{
	context_error(context, COMMAND_ERROR_SYNTAX, _("%s is missing"), what);
	return false;
}

static bool next_word(struct context *context, struct lexer *lexer,
		      unsigned flags, const char *what)
{
	return (lexer_more(lexer) || missing(context, what)) &&
	       lexer_word(lexer, flags);
}

/* "index,pager" to a bit set; false after an error. A map that smew has no
 * screen for gives none and a note. */
static bool parse_maps(struct context *context, const char *text,
		       uint32_t *maps)
{
	g_auto(GStrv) names = g_strsplit(text, ",", -1);

	*maps = 0;
	if (strcmp(text, "*") == 0) {
		*maps = (1u << MAP_COUNT) - 1;
		return true;
	}
	for (char **name = names; *name != NULL; name++) {
		int map = keymap_find(*name);

		if (map >= 0) {
			*maps |= 1u << map;
			continue;
		}
		if (map == -1) {
			context_note(context,
				     _("the map %s has no effect in smew yet"),
				     *name);
			continue;
		}
		context_unknown(context,
				nearest_name(*name, keymap_names()),
				_("unknown map '%s'"), *name);
		return false;
	}
	return true;
}

/* The first two words: maps and keys. */
static GArray *maps_and_keys(struct context *context, struct lexer *lexer,
			     uint32_t *maps)
{
	GError *error = NULL;
	GArray *keys;

	if (!next_word(context, lexer, 0, _("the map")) ||
	    !parse_maps(context, lexer->word->str, maps) ||
	    !next_word(context, lexer, LEX_KEYS, _("the key")))
		return NULL;
	keys = keys_from_word(lexer->word->str, &error);
	if (keys == NULL)
		context_fail(context, error);
	return keys;
}

static const struct function_row *find_function(struct context *context,
						const char *name)
{
	const struct function_row *row = function_find(name);

	if (row == NULL)
		context_unknown(context, nearest_function(name),
				_("unknown function '%s'"), name);
	return row;
}

/* The functions of `generic` are those of the lists too. */
static bool fits(const struct function_row *row, enum keymap map)
{
	uint32_t maps = row->maps;

	if (maps & (1u << MAP_GENERIC))
		maps |= 1u << MAP_INDEX | 1u << MAP_SIDEBAR |
			1u << MAP_WIRE | 1u << MAP_COMPOSE |
			1u << MAP_POSTPONE | 1u << MAP_JOURNAL |
			1u << MAP_OUTBOX;
	return (maps & (1u << map)) != 0;
}

static void bind_in_maps(struct context *context, uint32_t maps,
			 const GArray *keys, const struct function_row *row)
{
	for (int map = 0; map < MAP_COUNT; map++) {
		if (!(maps & (1u << map)))
			continue;
		if (fits(row, (enum keymap)map))
			keymap_bind(context->config, (enum keymap)map, keys,
				    row, NULL, NULL);
		else
			context_error(context, COMMAND_ERROR_VALUE,
				      _("the map %s has no function '%s'"),
				      keymap_name(map), row->name);
	}
}

bool command_bind(struct context *context, struct lexer *lexer, int unused)
{
	g_autoptr(GArray) keys = NULL;
	const struct function_row *row;
	uint32_t maps;

	(void)unused;
	keys = maps_and_keys(context, lexer, &maps);
	if (keys == NULL ||
	    !next_word(context, lexer, 0, _("the function")))
		return false;
	row = find_function(context, lexer->word->str);
	if (row == NULL)
		return false;
	bind_in_maps(context, maps, keys, row);
	return true;
}

bool command_macro(struct context *context, struct lexer *lexer, int unused)
{
	g_autoptr(GArray) keys = NULL;
	g_autofree char *text = NULL;
	const char *description = NULL;
	uint32_t maps;

	(void)unused;
	keys = maps_and_keys(context, lexer, &maps);
	if (keys == NULL ||
	    !next_word(context, lexer, LEX_KEYS, _("the macro's text")))
		return false;
	text = g_strdup(lexer->word->str);
	if (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		description = lexer->word->str;
	}
	for (int map = 0; map < MAP_COUNT; map++)
		if (maps & (1u << map))
			keymap_bind(context->config, (enum keymap)map, keys,
				    NULL, text, description);
	return true;
}

bool command_unbind(struct context *context, struct lexer *lexer, int macros)
{
	g_autoptr(GArray) keys = NULL;
	GError *error = NULL;
	uint32_t maps;

	if (!next_word(context, lexer, 0, _("the map")) ||
	    !parse_maps(context, lexer->word->str, &maps))
		return false;
	if (lexer_more(lexer)) {
		if (!lexer_word(lexer, LEX_KEYS))
			return false;
		keys = keys_from_word(lexer->word->str, &error);
		if (keys == NULL) {
			context_fail(context, error);
			return false;
		}
	}
	for (int map = 0; map < MAP_COUNT; map++)
		if (maps & (1u << map))
			keymap_unbind(context->config, (enum keymap)map, keys,
				      macros != 0);
	return true;
}

/* As if its key had been pressed. */
static bool run_function(struct context *context, const char *name)
{
	const struct command_host *host = &context->config->host;

	if (host->exec == NULL || host->exec(host->user, name))
		return true;
	context_error(context, COMMAND_ERROR_VALUE,
		      _("'%s' is not possible here"), name);
	return false;
}

bool command_exec(struct context *context, struct lexer *lexer, int unused)
{
	(void)unused;
	if (!lexer_more(lexer))
		return missing(context, _("the function"));
	while (lexer_more(lexer)) {
		const struct function_row *row;

		if (!lexer_word(lexer, 0))
			return false;
		row = find_function(context, lexer->word->str);
		if (row == NULL)
			return false;
		if (!run_function(context, row->name))
			return false;
	}
	return true;
}

bool command_wire(struct context *context, struct lexer *lexer, int unused)
{
	(void)lexer;
	(void)unused;
	return run_function(context, "wire");
}

bool command_outbox(struct context *context, struct lexer *lexer, int unused)
{
	(void)lexer;
	(void)unused;
	return run_function(context, "outbox");
}

bool command_connections(struct context *context, struct lexer *lexer,
			 int unused)
{
	(void)lexer;
	(void)unused;
	return run_function(context, "connections");
}

bool command_function(struct context *context, struct lexer *lexer, int which)
{
	static const char *const names[] = { "journal", "offline", "online" };

	(void)lexer;
	return run_function(context, names[which]);
}

bool command_push(struct context *context, struct lexer *lexer, int unused)
{
	const struct command_host *host = &context->config->host;

	(void)unused;
	if (!next_word(context, lexer, LEX_KEYS, _("what is to be typed")))
		return false;
	if (host->push != NULL)
		host->push(host->user, lexer->word->str);
	return true;
}
