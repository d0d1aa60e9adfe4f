/* SPDX-License-Identifier: GPL-3.0-or-later */
/* color, mono, uncolor, unmono. */
#include "private.h"

#include <string.h>

const char *const *color_objects(void)
{
	static const char *const objects[] = {
		"attach_headers", "attachment", "body", "bold", "error",
		"hdrdefault", "header", "index", "index_author",
		"index_collapsed", "index_date", "index_flags", "index_label",
		"index_number", "index_size", "index_subject", "index_tag",
		"index_tags", "indicator", "italic", "markers", "message",
		"normal", "options", "progress", "prompt", "quoted",
		"search", "security_both", "security_encrypt",
		"security_none", "security_sign", "sidebar_background",
		"sidebar_divider", "sidebar_flagged", "sidebar_highlight",
		"sidebar_indicator", "sidebar_new", "sidebar_ordinary",
		"sidebar_spool_file", "sidebar_spoolfile", "sidebar_unread",
		"signature", "status", "tilde", "tree", "underline",
		"warning", "wire_client", "wire_note", "wire_server",
		"compose_header", "compose_security_both",
		"compose_security_encrypt", "compose_security_none",
		"compose_security_sign", "stripe_even", "stripe_odd", NULL,
	};

	return objects;
}

/* In the order of the terminal's colours 0 to 7. */
const char *const *color_names(void)
{
	static const char *const names[] = {
		"black", "red", "green", "yellow", "blue", "magenta", "cyan",
		"white", "default", NULL,
	};

	return names;
}

void color_rule_free(struct color_rule *rule)
{
	g_free((char *)rule->object);
	g_free((char *)rule->pattern);
	g_free(rule);
}

/* "quoted" and "quoted0" to "quoted9" are the levels of quoting. */
static bool is_quoted(const char *name)
{
	return g_str_has_prefix(name, "quoted") &&
	       g_ascii_isdigit(name[6]) && name[7] == '\0';
}

/* The object's name in the table's spelling; NULL after an error. Owned. */
static char *take_object(struct context *context, struct lexer *lexer)
{
	const char *word;

	if (!lexer_more(lexer)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the object to be coloured is missing"));
		return NULL;
	}
	if (!lexer_word(lexer, LEX_COLOR))
		return NULL;
	word = lexer->word->str;
	if (g_ascii_strcasecmp(word, "quoted0") == 0)
		return g_strdup("quoted");
	if (is_quoted(word))
		return g_strdup(word);
	for (const char *const *name = color_objects(); *name; name++)
		if (g_ascii_strcasecmp(*name, word) == 0)
			return g_strdup(*name);
	context_unknown(context, nearest_name(word, color_objects()),
			_("unknown object '%s'"), word);
	return NULL;
}

/* Whether a pattern follows the colours of this object. */
static bool takes_pattern(const char *object)
{
	return strcmp(object, "body") == 0 || strcmp(object, "header") == 0 ||
	       strcmp(object, "attach_headers") == 0 ||
	       g_str_has_prefix(object, "index");
}

static unsigned find_attribute(const char *word, bool *known)
{
	static const struct {
		const char *name;
		unsigned bits;
	} attributes[] = {
		{ "none", 0 },		      { "normal", 0 },
		{ "bold", ATTR_BOLD },	      { "underline", ATTR_UNDERLINE },
		{ "reverse", ATTR_REVERSE },  { "blink", ATTR_BLINK },
		{ "italic", ATTR_ITALIC },    { "standout", ATTR_STANDOUT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
		*known = g_ascii_strcasecmp(attributes[i].name, word) == 0;
		if (*known)
			return attributes[i].bits;
	}
	return 0;
}

static bool take_prefix(const char **word, const char *prefix)
{
	size_t length = strlen(prefix);

	if (g_ascii_strncasecmp(*word, prefix, length) != 0)
		return false;
	*word += length;
	return true;
}

static bool parse_rgb(const char *word, int *color)
{
	uint64_t rgb;

	if (strlen(word) != 7 ||
	    !g_ascii_string_to_unsigned(word + 1, 16, 0, 0xffffff, &rgb, NULL))
		return false;
	*color = COLOR_RGB | (int)rgb;
	return true;
}

static bool parse_name(const char *word, bool bright, int *color)
{
	const char *const *names = color_names();

	for (int i = 0; names[i] != NULL; i++) {
		if (g_ascii_strcasecmp(names[i], word) != 0)
			continue;
		*color = i == 8 ? COLOR_DEFAULT : bright ? i + 8 : i;
		return true;
	}
	return false;
}

/* red, brightred, lightred, color123, #rrggbb, default. */
static bool parse_color(const char *word, int *color)
{
	bool bright = take_prefix(&word, "bright") ||
		      take_prefix(&word, "light");
	int64_t number;

	if (*word == '#')
		return parse_rgb(word, color);
	if (take_prefix(&word, "color")) {
		if (!g_ascii_string_to_signed(word, 10, 0, 255, &number, NULL))
			return false;
		*color = (int)number + (bright && number < 8 ? 8 : 0);
		return true;
	}
	return parse_name(word, bright, color);
}

static bool take_color(struct context *context, struct lexer *lexer,
		       int *color, const char *missing)
{
	const char *word;

	if (!lexer_more(lexer)) {
		/* #rrggbb reads as a comment to lexer_more() only. */
		if (lexer->at >= lexer->text->len ||
		    lexer->text->str[lexer->at] != '#') {
			context_error(context, COMMAND_ERROR_SYNTAX,
				      "%s", missing);
			return false;
		}
	}
	if (!lexer_word(lexer, LEX_COLOR))
		return false;
	word = lexer->word->str;
	if (parse_color(word, color))
		return true;
	context_unknown(context, nearest_name(word, color_names()),
			_("unknown colour '%s'"), word);
	return false;
}

/* Attributes may stand before the colours (neomutt). */
static bool take_attributes(struct context *context, struct lexer *lexer,
			    unsigned *attributes, bool required)
{
	for (;;) {
		size_t start = lexer->at;
		bool known;
		unsigned bits;

		if (!lexer_more(lexer))
			break;
		start = lexer->at;
		if (!lexer_word(lexer, LEX_COLOR))
			return false;
		bits = find_attribute(lexer->word->str, &known);
		if (!known) {
			lexer->at = start;
			break;
		}
		*attributes |= bits;
		required = false;
	}
	if (required)
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the attribute is missing: bold, underline, "
				"reverse, standout, italic, blink or none"));
	return !required;
}

/* A later rule for the same thing takes the place of the earlier one. */
static void store_rule(GPtrArray *rules, struct color_rule *rule)
{
	for (guint i = 0; i < rules->len; i++) {
		struct color_rule *old = rules->pdata[i];

		if (strcmp(old->object, rule->object) != 0 ||
		    g_strcmp0(old->pattern, rule->pattern) != 0)
			continue;
		rules->pdata[i] = rule;
		color_rule_free(old);
		return;
	}
	g_ptr_array_add(rules, rule);
}

static void refresh(struct context *context)
{
	const struct command_host *host = &context->config->host;

	if (host->refresh != NULL)
		host->refresh(host->user);
}

static bool take_pattern(struct context *context, struct lexer *lexer,
			 struct color_rule *rule)
{
	if (!takes_pattern(rule->object))
		return true;
	if (!lexer_more(lexer)) {
		/* neomutt's columns of the index need none. */
		if (g_str_has_prefix(rule->object, "index_"))
			return true;
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the pattern for '%s' is missing"),
			      rule->object);
		return false;
	}
	if (!lexer_word(lexer, 0))
		return false;
	rule->pattern = g_strdup(lexer->word->str);
	return true;
}

bool command_color(struct context *context, struct lexer *lexer, int mono)
{
	struct config *config = context->config;
	struct color_rule *rule = g_new0(struct color_rule, 1);
	bool good;

	rule->fg = rule->bg = COLOR_DEFAULT;
	rule->object = take_object(context, lexer);
	good = rule->object != NULL &&
	       take_attributes(context, lexer, &rule->attributes, mono != 0);
	if (good && !mono)
		good = take_color(context, lexer, &rule->fg,
				  _("the foreground colour is missing")) &&
		       take_color(context, lexer, &rule->bg,
				  _("the background colour is missing"));
	if (!good || !take_pattern(context, lexer, rule)) {
		color_rule_free(rule);
		return false;
	}
	/* `color status fg bg REGEX MATCH`: a part of the line only. */
	if (strcmp(rule->object, "status") == 0 && lexer_more(lexer)) {
		context_note(context, _("%s has no effect in smew yet"),
			     _("a pattern for status"));
		lexer_skip_command(lexer);
		color_rule_free(rule);
		return true;
	}
	store_rule(mono ? config->mono : config->colors, rule);
	refresh(context);
	return true;
}

static void remove_rules(GPtrArray *rules, const char *object,
			 const char *pattern)
{
	for (guint i = rules->len; i-- > 0;) {
		const struct color_rule *rule = rules->pdata[i];

		if (strcmp(rule->object, object) != 0)
			continue;
		if (pattern == NULL || strcmp(pattern, "*") == 0 ||
		    g_strcmp0(rule->pattern, pattern) == 0)
			g_ptr_array_remove_index(rules, i);
	}
}

bool command_uncolor(struct context *context, struct lexer *lexer, int mono)
{
	GPtrArray *rules = mono ? context->config->mono :
				  context->config->colors;
	g_autofree char *object = NULL;

	if (lexer_more(lexer) && lexer->text->str[lexer->at] == '*') {
		g_ptr_array_set_size(rules, 0);
		lexer_skip_command(lexer);
		refresh(context);
		return true;
	}
	object = take_object(context, lexer);
	if (object == NULL)
		return false;
	if (!lexer_more(lexer))
		remove_rules(rules, object, NULL);
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		remove_rules(rules, object, lexer->word->str);
	}
	refresh(context);
	return true;
}

GPtrArray *config_colors(const struct config *config, bool mono)
{
	const GPtrArray *rules = mono ? config->mono : config->colors;
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; i < rules->len; i++)
		g_ptr_array_add(list, rules->pdata[i]);
	return list;
}
