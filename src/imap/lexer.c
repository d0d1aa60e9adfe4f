/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lexer.h"

#include <string.h>

struct lexer lexer_inside(const struct lexer *parent, const char *start,
			  const char *end)
{
	struct lexer lex = *parent;

	lex.p = start;
	lex.end = end;
	lex.n_streamed = 0;
	lex.why = NULL;
	return lex;
}

bool lex_fail(struct lexer *lex, const char *why)
{
	if (lex->why == NULL)
		lex->why = why;
	return false;
}

static void skip_spaces(struct lexer *lex)
{
	while (lex->p < lex->end && (*lex->p == ' ' || *lex->p == '\t'))
		lex->p++;
}

bool lex_at_end(struct lexer *lex)
{
	skip_spaces(lex);
	return lex->p == lex->end;
}

bool lex_peek(struct lexer *lex, char c)
{
	skip_spaces(lex);
	return lex->p < lex->end && *lex->p == c;
}

bool lex_take(struct lexer *lex, char c)
{
	if (!lex_peek(lex, c))
		return false;
	lex->p++;
	return true;
}

bool lex_open(struct lexer *lex)
{
	if (!lex_take(lex, '('))
		return false;
	if (++lex->depth > lex->limits->nesting && !lex->skipping)
		return lex_fail(lex, "lists nested too deeply");
	return true;
}

bool lex_close(struct lexer *lex)
{
	if (!lex_take(lex, ')'))
		return false;
	if (lex->depth > 0)
		lex->depth--;
	return true;
}

bool lex_count(struct lexer *lex)
{
	if (++lex->elements > lex->limits->elements)
		return lex_fail(lex, "too many elements");
	return true;
}

static bool is_delimiter(char c)
{
	return c == ' ' || c == '(' || c == ')' || c == '\t' || c == ']';
}

/*
 * The end of a quoted string, at its closing quote. Servers forget to escape
 * quotes inside (Domino), so a quote closes only where a delimiter follows.
 */
static const char *quote_end(const struct lexer *lex, bool *escaped)
{
	const char *p = lex->p + 1;

	*escaped = false;
	for (; p < lex->end; p++) {
		if (*p == '\\' && p + 1 < lex->end) {
			*escaped = true;
			p++;
		} else if (*p == '"' &&
			   (p + 1 == lex->end || is_delimiter(p[1]))) {
			return p;
		}
	}
	return NULL;
}

static const char *unescape(const struct lexer *lex, const char *s,
			    const char *end, size_t *n)
{
	char *copy = arena_string(lex->arena, s, (size_t)(end - s));
	char *to = copy;

	for (; s < end; s++) {
		/* Only \" and \\ are escapes; another is a forgotten one. */
		if (*s == '\\' && s + 1 < end && (s[1] == '"' || s[1] == '\\'))
			s++;
		*to++ = *s;
	}
	*to = '\0';
	*n = (size_t)(to - copy);
	return copy;
}

static bool read_quoted(struct lexer *lex, struct token *token)
{
	bool escaped;
	const char *end = quote_end(lex, &escaped);

	if (end == NULL)
		return lex_fail(lex, "a quoted string without an end");
	token->kind = TOKEN_QUOTED;
	token->s = lex->p + 1;
	token->n = (size_t)(end - token->s);
	if (escaped)
		token->s = unescape(lex, token->s, end, &token->n);
	lex->p = end + 1;
	return true;
}

static const struct streamed *find_streamed(const struct lexer *lex)
{
	size_t offset = (size_t)(lex->p - lex->start);

	for (size_t i = 0; i < lex->n_streamed; i++) {
		if (lex->streamed[i].offset == offset)
			return &lex->streamed[i];
	}
	return NULL;
}

/* The framer has already seen that the count is sound and all is there. */
static bool read_literal(struct lexer *lex, struct token *token)
{
	const char *p = lex->p + 1;
	uint64_t n = 0;

	for (; p < lex->end && g_ascii_isdigit(*p) && n < UINT32_MAX; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	if (p < lex->end && *p == '+')
		p++;
	if (p == lex->end || *p++ != '}')
		return lex_fail(lex, "a damaged literal");
	if (p < lex->end && *p == '\r')
		p++;
	if (p == lex->end || *p++ != '\n')
		return lex_fail(lex, "a damaged literal");
	lex->p = p;
	token->streamed = find_streamed(lex);
	if (token->streamed != NULL) {
		token->kind = TOKEN_STREAMED;
		token->s = NULL;
		token->n = 0;
		return true;
	}
	if ((uint64_t)(lex->end - p) < n)
		return lex_fail(lex, "a damaged literal");
	token->kind = TOKEN_LITERAL;
	token->s = p;
	token->n = (size_t)n;
	lex->p += n;
	return true;
}

bool lex_atom(struct lexer *lex, struct token *token)
{
	skip_spaces(lex);
	token->kind = TOKEN_ATOM;
	token->s = lex->p;
	while (lex->p < lex->end && *lex->p != ' ' && *lex->p != '(' &&
	       *lex->p != ')' && *lex->p != '\t')
		lex->p++;
	token->n = (size_t)(lex->p - token->s);
	return token->n > 0;
}

bool lex_token(struct lexer *lex, struct token *token)
{
	skip_spaces(lex);
	token->streamed = NULL;
	if (lex->p == lex->end)
		return lex_fail(lex, "an early end");
	if (*lex->p == '"')
		return read_quoted(lex, token);
	if (*lex->p == '~' && lex->p + 1 < lex->end && lex->p[1] == '{')
		lex->p++;
	if (*lex->p == '{')
		return read_literal(lex, token);
	return lex_atom(lex, token) ||
	       lex_fail(lex, "a list where a value is due");
}

bool lex_skip(struct lexer *lex)
{
	unsigned depth = lex->depth;
	struct token token;

	do {
		if (lex_peek(lex, '(')) {
			if (!lex_open(lex))
				return false;
		} else if (lex->depth > depth && lex_peek(lex, ')')) {
			lex_close(lex);
		} else if (!lex_token(lex, &token)) {
			return false;
		}
	} while (lex->depth > depth);
	return true;
}

bool lex_skip_rest(struct lexer *lex)
{
	while (!lex_peek(lex, ')')) {
		if (!lex_skip(lex))
			return false;
	}
	return lex_close(lex);
}

bool lex_nstring(struct lexer *lex, const char **string)
{
	struct token token;

	*string = NULL;
	if (lex_peek(lex, '('))
		return lex_skip(lex);
	if (!lex_token(lex, &token))
		return false;
	if (!token_is_nil(&token) && token.kind != TOKEN_STREAMED)
		*string = token_string(lex, &token);
	return true;
}

bool lex_number(struct lexer *lex, uint64_t *value, bool *ok)
{
	struct token token;

	*ok = false;
	if (!lex_token(lex, &token))
		return false;
	*ok = token_number(&token, value);
	return true;
}

bool token_is(const struct token *token, const char *word)
{
	return token->s != NULL && strlen(word) == token->n &&
	       g_ascii_strncasecmp(token->s, word, token->n) == 0;
}

bool token_is_nil(const struct token *token)
{
	return token->kind == TOKEN_ATOM && token_is(token, "NIL");
}

bool token_number(const struct token *token, uint64_t *value)
{
	uint64_t n = 0;

	if (token->n == 0 || token->s == NULL)
		return false;
	for (size_t i = 0; i < token->n; i++) {
		unsigned digit = (unsigned)(token->s[i] - '0');

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*value = n;
	return true;
}

char *token_string(const struct lexer *lex, const struct token *token)
{
	return arena_string(lex->arena, token->s, token->n);
}

static uint32_t system_flag(const struct token *token)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} table[] = {
		{ "\\Seen", IMAP_FLAG_SEEN },
		{ "\\Answered", IMAP_FLAG_ANSWERED },
		{ "\\Flagged", IMAP_FLAG_FLAGGED },
		{ "\\Deleted", IMAP_FLAG_DELETED },
		{ "\\Draft", IMAP_FLAG_DRAFT },
		{ "\\Recent", IMAP_FLAG_RECENT },
		{ "\\*", IMAP_FLAG_STAR },
	};

	if (token->n == 0 || token->s[0] != '\\')
		return 0;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (token_is(token, table[i].name))
			return table[i].flag;
	}
	return 0;
}

static bool add_flag(struct lexer *lex, struct imap_flags *flags,
		     const struct token *token, void **keywords)
{
	uint32_t flag = system_flag(token);

	if (token->s == NULL || token->n == 0 || token_is_nil(token))
		return true;
	flags->system |= flag;
	if (flag != 0)
		return true;
	if (!lex_count(lex))
		return false;
	*(char **)arena_push(lex->arena, keywords, &flags->n,
			     sizeof(char *)) = token_string(lex, token);
	return true;
}

static bool read_flag_list(struct lexer *lex, struct imap_flags *flags,
			   void **keywords)
{
	struct token token;

	if (!lex_open(lex))
		return false;
	while (!lex_close(lex)) {
		if (!lex_token(lex, &token) ||
		    !add_flag(lex, flags, &token, keywords))
			return false;
	}
	return true;
}

static bool read_flags(struct lexer *lex, struct imap_flags *flags,
		       void **keywords)
{
	struct token token;

	if (lex_peek(lex, '('))
		return read_flag_list(lex, flags, keywords);
	/* NIL, or one flag that stands alone. */
	return lex_token(lex, &token) && add_flag(lex, flags, &token, keywords);
}

bool lex_flags(struct lexer *lex, struct imap_flags *flags)
{
	void *keywords = NULL;
	size_t n;

	memset(flags, 0, sizeof(*flags));
	if (!read_flags(lex, flags, &keywords)) {
		memset(flags, 0, sizeof(*flags));
		return false;
	}
	if (flags->n == 0)
		return true;
	n = flags->n;
	arena_push(lex->arena, &keywords, &n, sizeof(char *)); /* the NULL */
	flags->keywords = (const char *const *)keywords;
	return true;
}
