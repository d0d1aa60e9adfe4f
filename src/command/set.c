/* SPDX-License-Identifier: GPL-3.0-or-later */
/* set, unset, reset, toggle. */
#include "private.h"

#include <string.h>

/* What is done to one option: `set` with its prefixes, or another command. */
struct setting {
	enum set_mode mode;
	bool invert, query, reset;
	char *name; /* owned */
};

static void unknown_option(struct context *context, const char *name)
{
	context_unknown(context, nearest_option(name),
			_("unknown option '%s'"), name);
}

static bool is_my(const char *name)
{
	return g_str_has_prefix(name, "my_");
}

static bool known(const char *name)
{
	return is_my(name) || option_find(name) != NULL;
}

/* The signs and words before a name: ? & no inv. */
static void take_prefix(struct setting *setting, const char *word)
{
	for (; *word == '?' || *word == '&'; word++) {
		setting->query |= *word == '?';
		setting->reset |= *word == '&';
	}
	if (!known(word) && g_str_has_prefix(word, "no") && known(word + 2)) {
		setting->mode = SET_UNSET;
		word += 2;
	} else if (!known(word) && g_str_has_prefix(word, "inv") &&
		   known(word + 3)) {
		setting->invert = true;
		word += 3;
	}
	setting->name = g_strdup(word);
}

static bool check_scope(struct context *context, const struct option_row *row)
{
	if (context->scope->name == NULL || (row->flags & OPTION_ACCOUNT))
		return true;
	context_error(context, COMMAND_ERROR_SCOPE,
		      _("'%s' is one for all accounts: it cannot be set "
			"inside an account"), row->name);
	return false;
}

/* Text becomes the value; errors are reported. */
static void assign(struct context *context, const struct option_row *row,
		   const char *text)
{
	GError *error = NULL;

	if (!value_set(context->scope, row, text, &error)) {
		context_fail(context, error);
		return;
	}
	if (row->flags & OPTION_NO_EFFECT)
		context_note(context, _("%s has no effect in smew"),
			     row->name);
	context_changed(context, row);
}

/* += and -=: numbers are added, texts joined. */
static void assign_more(struct context *context, const struct option_row *row,
			const char *text, char operator)
{
	const struct option_value *old =
		value_get(context->config, context->scope, row);
	g_autofree char *before = value_expansion(row, old);
	g_autofree char *sum = NULL;
	int64_t number, total;

	if (row->type == OPTION_NUMBER &&
	    g_ascii_string_to_signed(text, 10, row->min, row->max, &number,
				     NULL)) {
		total = old->number + (operator == '+' ? number : -number);
		sum = g_strdup_printf("%" G_GINT64_FORMAT, total);
	} else if (row->type == OPTION_NUMBER) {
		sum = g_strdup(text); /* to be refused as any other text */
	} else if (operator == '+' && row->type != OPTION_BOOL &&
		   row->type != OPTION_QUAD && row->type != OPTION_ENUM &&
		   row->type != OPTION_SORT) {
		sum = g_strconcat(before, text, NULL);
	} else {
		context_error(context, COMMAND_ERROR_VALUE,
			      _("%s: its kind of value takes no %c="),
			      row->name, operator);
		return;
	}
	assign(context, row, sum);
}

static void echo_value(struct context *context, const struct option_row *row)
{
	g_autofree char *line =
		value_line(context->config, context->scope, row);

	context_echo(context, line);
}

static void reset_option(struct context *context, const struct option_row *row)
{
	value_reset(context->scope, row);
	context_changed(context, row);
}

/* What `unset` gives: the value that means nothing in its type. */
static void unset_option(struct context *context, const struct option_row *row)
{
	switch (row->type) {
	case OPTION_BOOL:
	case OPTION_QUAD:
		assign(context, row, "no");
		break;
	case OPTION_ENUM:
		if (row->flags & OPTION_SWITCH)
			assign(context, row, "no");
		else
			reset_option(context, row);
		break;
	case OPTION_SORT:
		context_error(context, COMMAND_ERROR_VALUE,
			      _("%s: a sort order cannot be unset"),
			      row->name);
		break;
	default:
		assign(context, row, "");
	}
}

static void toggle_option(struct context *context,
			  const struct option_row *row)
{
	static const char *const opposite[] = {
		[QUAD_NO] = "yes",
		[QUAD_YES] = "no",
		[QUAD_ASK_NO] = "ask-yes",
		[QUAD_ASK_YES] = "ask-no",
	};
	const struct option_value *value =
		value_get(context->config, context->scope, row);

	if (row->type == OPTION_BOOL || row->type == OPTION_QUAD)
		assign(context, row, opposite[value->number]);
	else if (row->flags & OPTION_SWITCH)
		/* From "auto" too the first toggle hides what is shown. */
		assign(context, row,
		       strcmp(value->text, "no") == 0 ? "yes" : "no");
	else
		context_error(context, COMMAND_ERROR_VALUE,
			      _("%s has more values than two: it cannot be "
				"toggled"), row->name);
}

/* `set NAME` without a value: on, or what is it? */
static void turn_on(struct context *context, const struct option_row *row)
{
	if (row->type == OPTION_BOOL || row->type == OPTION_QUAD ||
	    (row->flags & OPTION_SWITCH))
		assign(context, row, "yes");
	else
		echo_value(context, row);
}

static void act(struct context *context, const struct setting *setting,
		const struct option_row *row)
{
	if (setting->query)
		echo_value(context, row);
	else if (setting->reset || setting->mode == SET_RESET)
		reset_option(context, row);
	else if (setting->invert || setting->mode == SET_TOGGLE)
		toggle_option(context, row);
	else if (setting->mode == SET_UNSET)
		unset_option(context, row);
	else
		turn_on(context, row);
}

/* ---- my_ variables ---- */

static void set_my(struct context *context, const struct setting *setting,
		   const char *value, char operator)
{
	GHashTable *my = context->scope->my;
	const char *old = g_hash_table_lookup(my, setting->name);

	if (value != NULL) {
		g_hash_table_insert(my, g_strdup(setting->name),
				    g_strconcat(operator == '+' && old != NULL ?
							old : "",
						value, NULL));
	} else if (setting->mode != SET_SET || setting->reset) {
		g_hash_table_remove(my, setting->name);
	} else {
		g_autofree char *line = config_query(
			context->config, context->scope->name, setting->name,
			NULL);
		if (line != NULL)
			context_echo(context, line);
		else
			unknown_option(context, setting->name);
	}
}

/* ---- the command ---- */

static char next_char(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;

	return at < lexer->text->len ? lexer->text->str[at] : '\0';
}

/* After a name: `=`, `+=`, `-=` or none (0); reads past it. */
static char take_operator(struct lexer *lexer)
{
	size_t start = lexer->at;
	char c;

	while (g_ascii_isspace(next_char(lexer, 0)))
		lexer->at++;
	c = next_char(lexer, 0);
	if (c == '=') {
		lexer->at++;
		return '=';
	}
	if ((c == '+' || c == '-') && next_char(lexer, 1) == '=') {
		lexer->at += 2;
		return c;
	}
	lexer->at = start;
	return '\0';
}

static void apply(struct context *context, const struct setting *setting,
		  const char *value, char operator)
{
	const struct option_row *row;

	if (is_my(setting->name)) {
		set_my(context, setting, value, operator);
		return;
	}
	row = option_find(setting->name);
	if (row == NULL)
		unknown_option(context, setting->name);
	else if (!setting->query && !check_scope(context, row))
		return;
	else if (value == NULL)
		act(context, setting, row);
	else if (operator == '=')
		assign(context, row, value);
	else
		assign_more(context, row, value, operator);
}

static bool set_value(struct context *context, struct lexer *lexer,
		      const struct setting *setting, char operator)
{
	/* An empty value is the end of the command or of the line. */
	if (!lexer_more(lexer)) {
		apply(context, setting, "", operator);
		return true;
	}
	if (!lexer_word(lexer, 0))
		return false;
	if (setting->mode != SET_SET || setting->invert || setting->query ||
	    setting->reset) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("a value cannot be given to '%s' here"),
			      setting->name);
		return true;
	}
	apply(context, setting, lexer->word->str, operator);
	return true;
}

static bool reset_all(struct context *context, const struct setting *setting)
{
	const struct option_row *row = NULL;

	if (setting->mode != SET_RESET || strcmp(setting->name, "all") != 0)
		return false;
	while ((row = option_next(row)) != NULL)
		if (g_hash_table_contains(context->scope->values, row))
			reset_option(context, row);
	return true;
}

static bool set_one(struct context *context, struct lexer *lexer,
		    enum set_mode mode)
{
	struct setting setting = { .mode = mode };
	char operator;
	bool good = true;

	if (!lexer_word(lexer, LEX_EQUAL | LEX_QUERY))
		return false;
	if (lexer->word->len == 0) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the name of an option is missing"));
		return false;
	}
	take_prefix(&setting, lexer->word->str);
	if (next_char(lexer, 0) == '?') {
		setting.query = true;
		lexer->at++;
	}
	operator = take_operator(lexer);
	if (operator != '\0')
		good = set_value(context, lexer, &setting, operator);
	else if (!reset_all(context, &setting))
		apply(context, &setting, NULL, '\0');
	g_free(setting.name);
	return good;
}

bool command_set(struct context *context, struct lexer *lexer, int mode)
{
	if (!lexer_more(lexer)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("the name of an option is missing"));
		return false;
	}
	while (lexer_more(lexer))
		if (!set_one(context, lexer, (enum set_mode)mode))
			return false;
	return true;
}
