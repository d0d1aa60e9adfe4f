/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of options: checked, kept a scope, printed. */
#include "private.h"

#include <inttypes.h>
#include <string.h>

G_DEFINE_QUARK(smew-command-error, command_error)

void value_free(struct option_value *value)
{
	if (value == NULL)
		return;
	g_free(value->text);
	g_free(value->expanded);
	if (value->secret != NULL)
		secret_free(value->secret);
	g_free(value);
}

/* ---- checking ---- */

static bool wrong(GError **error, const struct option_row *row,
		  const char *text, const char *expected)
{
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
		    _("%s: '%s' is not %s"), row->name,
		    row->flags & OPTION_SECRET ? "..." : text, expected);
	return false;
}

/* The words for no and yes that mutt and neomutt take; -1 for others. */
static int parse_switch(const char *text)
{
	static const char *const words[] = {
		"no", "yes", "n", "y", "false", "true", "0", "1", "off", "on",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(text, words[i]) == 0)
			return (int)(i % 2);
	return -1;
}

static bool parse_bool(const struct option_row *row, const char *text,
		       struct option_value *value, GError **error)
{
	value->number = parse_switch(text);
	if (value->number < 0)
		return wrong(error, row, text, _("yes or no"));
	value->text = g_strdup(value->number ? "yes" : "no");
	return true;
}

static const char *const quad_names[] = {
	[QUAD_NO] = "no",
	[QUAD_YES] = "yes",
	[QUAD_ASK_NO] = "ask-no",
	[QUAD_ASK_YES] = "ask-yes",
};

static bool parse_quad(const struct option_row *row, const char *text,
		       struct option_value *value, GError **error)
{
	value->number = parse_switch(text);
	for (int i = QUAD_ASK_NO; i <= QUAD_ASK_YES; i++)
		if (g_ascii_strcasecmp(text, quad_names[i]) == 0)
			value->number = i;
	if (value->number < 0)
		return wrong(error, row, text,
			     _("yes, no, ask-yes or ask-no"));
	value->text = g_strdup(quad_names[value->number]);
	return true;
}

static bool parse_number(const struct option_row *row, const char *text,
			 struct option_value *value, GError **error)
{
	if (*text == '\0')
		text = "0";
	if (!g_ascii_string_to_signed(text, 10, row->min, row->max,
				      &value->number, NULL)) {
		g_autofree char *range = g_strdup_printf(
			_("a number from %ld to %ld"), (long)row->min,
			(long)row->max);
		return wrong(error, row, text, range);
	}
	value->text = g_strdup_printf("%" PRId64, value->number);
	return true;
}

/* The index of 'text' in "a|b|c", and the table's spelling of it. */
static int find_choice(const char *choices, const char *text, char **spelling)
{
	g_auto(GStrv) names = g_strsplit(choices, "|", -1);

	for (int i = 0; names[i] != NULL; i++) {
		if (g_ascii_strcasecmp(names[i], text) != 0)
			continue;
		*spelling = g_strdup(names[i]);
		return i;
	}
	return -1;
}

static bool wrong_choice(const struct option_row *row, const char *text,
			 GError **error)
{
	g_auto(GStrv) names = g_strsplit(row->choices, "|", -1);
	g_autofree char *list = g_strjoinv(", ", names);
	g_autofree char *expected = g_strdup_printf(_("one of: %s"), list);

	return wrong(error, row, text, expected);
}

static bool parse_enum(const struct option_row *row, const char *text,
		       struct option_value *value, GError **error)
{
	int on = row->flags & OPTION_SWITCH ? parse_switch(text) : -1;

	value->number = find_choice(row->choices,
				    on < 0 ? text : on ? "yes" : "no",
				    &value->text);
	return value->number >= 0 || wrong_choice(row, text, error);
}

/* mutt's order words: any of the choices behind "reverse-" and "last-". */
static bool parse_sort(const struct option_row *row, const char *text,
		       struct option_value *value, GError **error)
{
	const char *word = text;
	bool reverse = false, last = false;
	g_autofree char *spelling = NULL;

	for (;;) {
		if (!reverse && g_str_has_prefix(word, "reverse-"))
			reverse = true, word += strlen("reverse-");
		else if (!last && g_str_has_prefix(word, "last-"))
			last = true, word += strlen("last-");
		else
			break;
	}
	value->number = find_choice(row->choices, word, &spelling);
	if (value->number < 0)
		return wrong_choice(row, text, error);
	value->text = g_strconcat(reverse ? "reverse-" : "",
				  last ? "last-" : "", spelling, NULL);
	return true;
}

static bool parse_regex(const struct option_row *row, const char *text,
			struct option_value *value, GError **error)
{
	g_autoptr(GError) why = NULL;
	/* mutt's `mask` may begin with ! for "not". */
	const char *expression = text[0] == '!' ? text + 1 : text;
	g_autoptr(GRegex) regex = g_regex_new(expression, 0, 0, &why);

	if (regex == NULL) {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("%s: the regular expression '%s' is wrong: %s"),
			    row->name, text, why->message);
		return false;
	}
	value->text = g_strdup(text);
	return true;
}

static bool has_controls(const char *text)
{
	for (; *text != '\0'; text++)
		if (g_ascii_iscntrl(*text))
			return true;
	return false;
}

static bool parse_address(const struct option_row *row, const char *text,
			  struct option_value *value, GError **error)
{
	if (has_controls(text))
		return wrong(error, row, text, _("an address"));
	value->text = g_strdup(text);
	return true;
}

static void parse_text(const struct option_row *row, const char *text,
		       struct option_value *value)
{
	if (row->flags & OPTION_SECRET)
		value->secret = secret_new(text, -1);
	else
		value->text = g_strdup(text);
	if (row->type == OPTION_PATH && text[0] == '~')
		value->expanded = path_expand(text);
}

bool value_parse(const struct option_row *row, const char *text,
		 struct option_value *value, GError **error)
{
	switch (row->type) {
	case OPTION_BOOL:
		return parse_bool(row, text, value, error);
	case OPTION_QUAD:
		return parse_quad(row, text, value, error);
	case OPTION_NUMBER:
		return parse_number(row, text, value, error);
	case OPTION_ENUM:
		return parse_enum(row, text, value, error);
	case OPTION_SORT:
		return parse_sort(row, text, value, error);
	case OPTION_REGEX:
		return parse_regex(row, text, value, error);
	case OPTION_ADDRESS:
		return parse_address(row, text, value, error);
	case OPTION_STRING:
	case OPTION_PATH:
		parse_text(row, text, value);
		return true;
	}
	g_assert_not_reached();
}

/* ---- keeping ---- */

const struct option_value *value_get(const struct config *config,
				     const struct scope *scope,
				     const struct option_row *row)
{
	const struct scope *global = config->scopes->pdata[0];
	const struct option_value *value = NULL;
	bool own = (row->flags & OPTION_OWN) && scope != NULL &&
		   scope->name != NULL && strcmp(scope->name, "default") != 0;

	if (scope != NULL)
		value = g_hash_table_lookup(scope->values, row);
	if (value == NULL && !own)
		value = g_hash_table_lookup(global->values, row);
	if (value == NULL)
		value = g_hash_table_lookup(config->defaults, row);
	g_assert(value != NULL);
	return value;
}

bool value_set(struct scope *scope, const struct option_row *row,
	       const char *text, GError **error)
{
	struct option_value *value = g_new0(struct option_value, 1);

	if (!value_parse(row, text, value, error)) {
		value_free(value);
		return false;
	}
	g_hash_table_insert(scope->values, (gpointer)row, value);
	return true;
}

void value_reset(struct scope *scope, const struct option_row *row)
{
	g_hash_table_remove(scope->values, row);
}

/* ---- printing ---- */

char *quote_word(const char *value)
{
	GString *out = g_string_new("\"");

	for (; *value != '\0'; value++) {
		switch (*value) {
		case '\n':
			g_string_append(out, "\\n");
			continue;
		case '\r':
			g_string_append(out, "\\r");
			continue;
		case '\t':
			g_string_append(out, "\\t");
			continue;
		case '"':
		case '\\':
		case '$':
		case '`':
			g_string_append_c(out, '\\');
		}
		if (g_ascii_iscntrl(*value))
			g_string_append_printf(out, "\\%03o", *value);
		else
			g_string_append_c(out, *value);
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

/* A URL's password is not for printing either. */
static char *redact_url(const char *text)
{
	const char *start = strstr(text, "://");
	const char *at, *colon;

	if (start == NULL)
		return g_strdup(text);
	start += 3;
	at = g_strrstr_len(start, (gssize)strcspn(start, "/"), "@");
	colon = at == NULL ? NULL : memchr(start, ':', (size_t)(at - start));
	if (colon == NULL)
		return g_strdup(text);
	return g_strdup_printf("%.*s:<set>%s", (int)(colon - text), text, at);
}

static char *value_shown(const struct option_row *row,
			 const struct option_value *value)
{
	if (row->flags & OPTION_SECRET) {
		size_t length;

		secret_data(value->secret, &length);
		return g_strdup(length > 0 ? "<set>" : "");
	}
	return redact_url(value->text);
}

char *value_line(const struct config *config, const struct scope *scope,
		 const struct option_row *row)
{
	const struct option_value *value = value_get(config, scope, row);
	g_autofree char *shown = NULL;
	g_autofree char *quoted = NULL;

	if (row->type == OPTION_BOOL)
		return g_strdup_printf("%s is %s", row->name,
				       value->number ? "set" : "unset");
	shown = value_shown(row, value);
	if (row->type == OPTION_NUMBER)
		return g_strdup_printf("%s=%s", row->name, shown);
	quoted = quote_word(shown);
	return g_strdup_printf("%s=%s", row->name, quoted);
}

char *value_expansion(const struct option_row *row,
		      const struct option_value *value)
{
	if (row->flags & OPTION_SECRET) {
		size_t length;

		return g_strdup(secret_data(value->secret, &length));
	}
	return g_strdup(value->expanded != NULL ? value->expanded :
						  value->text);
}
