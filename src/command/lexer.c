/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of the command language: quotes, escapes, $name and `command`. */
#include "private.h"

#include <string.h>

void lexer_init(struct lexer *lexer, struct context *context, const char *text)
{
	*lexer = (struct lexer){
		.context = context,
		.text = g_string_new(text),
		.word = g_string_new(NULL),
	};
}

/* Words may have been passwords. */
static void wipe(GString *text)
{
	explicit_bzero(text->str, text->len);
	g_string_free(text, TRUE);
}

void lexer_clear(struct lexer *lexer)
{
	wipe(lexer->text);
	wipe(lexer->word);
}

static char peek(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;

	return at < lexer->text->len ? lexer->text->str[at] : '\0';
}

static bool at_end(const struct lexer *lexer)
{
	return lexer->at >= lexer->text->len;
}

static void add(struct lexer *lexer, char c)
{
	g_string_append_c(lexer->word, c);
}

bool lexer_more(struct lexer *lexer)
{
	while (!at_end(lexer) && g_ascii_isspace(peek(lexer, 0)))
		lexer->at++;
	return !at_end(lexer) && peek(lexer, 0) != ';' &&
	       peek(lexer, 0) != '#';
}

void lexer_skip_line(struct lexer *lexer)
{
	lexer->at = lexer->text->len;
}

void lexer_skip_command(struct lexer *lexer)
{
	while (lexer_more(lexer))
		if (!lexer_word(lexer, 0))
			lexer_skip_line(lexer);
	if (peek(lexer, 0) == '#')
		lexer_skip_line(lexer);
}

/* #rrggbb, or a comment? */
static bool hex_color(const struct lexer *lexer)
{
	for (size_t i = 1; i <= 6; i++)
		if (!g_ascii_isxdigit(peek(lexer, i)))
			return false;
	return !g_ascii_isalnum(peek(lexer, 7));
}

/* Whether what comes, unquoted, ends the word. */
static bool ends_word(const struct lexer *lexer, unsigned flags)
{
	char c = peek(lexer, 0);

	if (c == '#' && (flags & LEX_COLOR) && lexer->word->len == 0)
		return !hex_color(lexer);
	if (flags & LEX_BLANKS)
		return c == ';' || c == '#';
	if (g_ascii_isspace(c) || c == ';' || c == '#')
		return true;
	if ((flags & LEX_EQUAL) && (c == '=' || ((c == '+' || c == '-') &&
						 peek(lexer, 1) == '=')))
		return true;
	return (flags & LEX_QUERY) && c == '?' && lexer->word->len > 0;
}

static bool octal(const struct lexer *lexer)
{
	for (size_t i = 0; i < 3; i++)
		if (peek(lexer, i) < '0' || peek(lexer, i) > '7')
			return false;
	return peek(lexer, 0) <= '3';
}

static void read_octal(struct lexer *lexer)
{
	int code = (peek(lexer, 0) - '0') * 64 + (peek(lexer, 1) - '0') * 8 +
		   peek(lexer, 2) - '0';

	lexer->at += 3;
	/* \000 would end the word, \200 and above would not be UTF-8. */
	if (code >= 0x80)
		g_string_append_unichar(lexer->word, (gunichar)code);
	else if (code > 0)
		add(lexer, (char)code);
}

/* After a backslash. */
static void read_escape(struct lexer *lexer, unsigned flags)
{
	char c = peek(lexer, 0);

	if (at_end(lexer))
		return;
	if (octal(lexer)) {
		read_octal(lexer);
		return;
	}
	lexer->at++;
	switch (c) {
	case 'c':
	case 'C':
		c = g_ascii_toupper(peek(lexer, 0));
		if (c == '\0' || (unsigned char)c >= 0x80)
			return;
		lexer->at++;
		c = (char)((c - 64) & 0x7f);
		if (c != '\0')
			add(lexer, c);
		return;
	case 'n':
		add(lexer, flags & LEX_KEYS ? '\r' : '\n');
		return;
	case 'r':
		add(lexer, '\r');
		return;
	case 't':
		add(lexer, '\t');
		return;
	case 'f':
		add(lexer, '\f');
		return;
	case 'e':
		add(lexer, '\033');
		return;
	default:
		add(lexer, c);
	}
}

/* After a caret where keys are read. */
static void read_caret(struct lexer *lexer, char quote)
{
	char c = peek(lexer, 0);

	if (at_end(lexer) || c == quote ||
	    !(g_ascii_isalpha(c) || strchr("^[]\\_", c) != NULL)) {
		add(lexer, '^');
		return;
	}
	lexer->at++;
	add(lexer, c == '^' ? '^' : (char)(g_ascii_toupper(c) - 64));
}

/* The end of `...` from lexer->at, or NULL. */
static const char *backquote_end(const struct lexer *lexer)
{
	const char *p = lexer->text->str + lexer->at;

	for (; *p != '\0' && *p != '`'; p++)
		if (*p == '\\' && p[1] != '\0')
			p++;
	return *p == '`' ? p : NULL;
}

/* Replaces what is unread up to 'end' by 'text', to be read in its place. */
static bool splice(struct lexer *lexer, size_t start, size_t end,
		   const char *text)
{
	size_t length = strlen(text);

	if (++lexer->expansions > 100 ||
	    lexer->text->len + length > LIMIT_LINE) {
		context_error(lexer->context, COMMAND_ERROR_SYNTAX,
			      _("the line grows too long"));
		return false;
	}
	g_string_erase(lexer->text, (gssize)start, (gssize)(end - start));
	g_string_insert_len(lexer->text, (gssize)start, text, (gssize)length);
	lexer->at = start;
	return true;
}

/* A user's command: its first line of output, as mutt takes it. */
static char *command_output(struct lexer *lexer, const char *command)
{
	g_autoptr(GError) error = NULL;
	char *output;

	if (!lexer->context->config->shell) {
		context_error(lexer->context, COMMAND_ERROR_IO,
			      _("commands in backquotes are not run here"));
		return NULL;
	}
	output = spawn_output(command, LIMIT_OUTPUT, LIMIT_SECONDS * 1000,
			      &error);
	if (output == NULL) {
		context_error(lexer->context, COMMAND_ERROR_IO,
			      _("`%s`: %s"), command, error->message);
		return NULL;
	}
	output[strcspn(output, "\r\n")] = '\0';
	return output;
}

static bool read_backquotes(struct lexer *lexer, char quote)
{
	size_t start = lexer->at - 1;
	const char *end = backquote_end(lexer);
	g_autofree char *command = NULL;
	g_autofree char *output = NULL;
	size_t after;

	if (end == NULL) {
		context_error(lexer->context, COMMAND_ERROR_SYNTAX,
			      _("a backquote is not closed"));
		return false;
	}
	after = (size_t)(end - lexer->text->str) + 1;
	command = g_strndup(lexer->text->str + lexer->at,
			    after - 1 - lexer->at);
	output = command_output(lexer, command);
	if (output == NULL)
		return false;
	/* Outside of quotes the output is read as if it stood here. */
	if (quote == '\0')
		return splice(lexer, start, after, output);
	g_string_append(lexer->word, output);
	lexer->at = after;
	return true;
}

static char *variable(struct context *context, const char *name)
{
	const struct option_row *row;
	const char *found = g_getenv(name);
	GHashTable *own = context->scope->my;
	const struct scope *global = context->config->scopes->pdata[0];

	if (found == NULL)
		found = g_hash_table_lookup(own, name);
	if (found == NULL)
		found = g_hash_table_lookup(global->my, name);
	if (found != NULL)
		return g_strdup(found);
	row = option_find(name);
	if (row == NULL)
		return NULL;
	return value_expansion(row, value_get(context->config, context->scope,
					      row));
}

/* After a dollar sign: ${name} or $name. */
static void read_variable(struct lexer *lexer)
{
	bool braces = peek(lexer, 0) == '{';
	size_t start = lexer->at + braces, end = start;
	const char *text = lexer->text->str;
	g_autofree char *name = NULL;
	g_autofree char *value = NULL;

	while (end < lexer->text->len &&
	       (braces ? text[end] != '}' :
			 g_ascii_isalnum(text[end]) || text[end] == '_'))
		end++;
	name = g_strndup(text + start, end - start);
	lexer->at = MIN(end + braces, lexer->text->len);
	value = variable(lexer->context, name);
	lexer->from_value = true;
	if (value != NULL && g_utf8_validate(value, -1, NULL))
		g_string_append(lexer->word, value);
}

static bool starts_variable(const struct lexer *lexer)
{
	char c = peek(lexer, 0);

	return c == '{' || c == '_' || g_ascii_isalpha(c);
}

/* One character or what it stands for; '*quote' is the open quote or 0. */
static bool read_character(struct lexer *lexer, unsigned flags, char *quote)
{
	char c = lexer->text->str[lexer->at++];

	if ((flags & LEX_QUOTES) && (c == '"' || c == '\'') &&
	    (*quote == '\0' || *quote == c))
		add(lexer, c);
	if (c == *quote && c != '\0') {
		*quote = '\0';
	} else if (*quote == '\0' && (c == '"' || c == '\'')) {
		*quote = c;
		lexer->quoted = true;
	} else if (c == '\\' && *quote != '\'') {
		lexer->quoted = true;
		read_escape(lexer, flags);
	} else if (c == '^' && (flags & LEX_KEYS)) {
		read_caret(lexer, *quote);
	} else if (c == '`' && *quote != '\'') {
		return read_backquotes(lexer, *quote);
	} else if (c == '$' && *quote != '\'' && starts_variable(lexer)) {
		read_variable(lexer);
	} else {
		add(lexer, c);
	}
	return true;
}

bool lexer_word(struct lexer *lexer, unsigned flags)
{
	char quote = '\0';

	explicit_bzero(lexer->word->str, lexer->word->len);
	g_string_truncate(lexer->word, 0);
	lexer->quoted = lexer->from_value = false;
	/* A quote that is not closed ends with the line, as in mutt. */
	while (!at_end(lexer) && (quote != '\0' || !ends_word(lexer, flags))) {
		if (!read_character(lexer, flags, &quote))
			return false;
		if (lexer->word->len > LIMIT_LINE) {
			context_error(lexer->context, COMMAND_ERROR_SYNTAX,
				      _("a word is too long"));
			return false;
		}
	}
	return true;
}
