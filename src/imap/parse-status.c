/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OK, NO, BAD, BYE, PREAUTH and their codes (RFC 9051 7.1, RFC 5530). */
#include "parse.h"

#include <string.h>

#include "smew/base.h"

/* How the argument of a code is read. */
enum argument { ARG_NONE, ARG_NUMBER, ARG_FLAGS, ARG_APPENDUID, ARG_COPYUID,
		ARG_SET };

static const struct {
	const char *name;
	enum imap_code code;
	enum argument argument;
} codes[] = {
	{ "ALERT", IMAP_CODE_ALERT, ARG_NONE },
	{ "ALREADYEXISTS", IMAP_CODE_ALREADYEXISTS, ARG_NONE },
	{ "APPENDUID", IMAP_CODE_APPENDUID, ARG_APPENDUID },
	{ "AUTHENTICATIONFAILED", IMAP_CODE_AUTHENTICATIONFAILED, ARG_NONE },
	{ "AUTHORIZATIONFAILED", IMAP_CODE_AUTHORIZATIONFAILED, ARG_NONE },
	{ "BADCHARSET", IMAP_CODE_BADCHARSET, ARG_NONE },
	{ "CANNOT", IMAP_CODE_CANNOT, ARG_NONE },
	{ "CAPABILITY", IMAP_CODE_CAPABILITY, ARG_NONE },
	{ "CLIENTBUG", IMAP_CODE_CLIENTBUG, ARG_NONE },
	{ "CLOSED", IMAP_CODE_CLOSED, ARG_NONE },
	{ "COMPRESSIONACTIVE", IMAP_CODE_COMPRESSIONACTIVE, ARG_NONE },
	{ "CONTACTADMIN", IMAP_CODE_CONTACTADMIN, ARG_NONE },
	{ "COPYUID", IMAP_CODE_COPYUID, ARG_COPYUID },
	{ "CORRUPTION", IMAP_CODE_CORRUPTION, ARG_NONE },
	{ "EXPIRED", IMAP_CODE_EXPIRED, ARG_NONE },
	{ "EXPUNGEISSUED", IMAP_CODE_EXPUNGEISSUED, ARG_NONE },
	{ "HASCHILDREN", IMAP_CODE_HASCHILDREN, ARG_NONE },
	{ "HIGHESTMODSEQ", IMAP_CODE_HIGHESTMODSEQ, ARG_NUMBER },
	{ "INUSE", IMAP_CODE_INUSE, ARG_NONE },
	{ "LIMIT", IMAP_CODE_LIMIT, ARG_NONE },
	{ "MODIFIED", IMAP_CODE_MODIFIED, ARG_SET },
	{ "NOMODSEQ", IMAP_CODE_NOMODSEQ, ARG_NONE },
	{ "NONEXISTENT", IMAP_CODE_NONEXISTENT, ARG_NONE },
	{ "NOPERM", IMAP_CODE_NOPERM, ARG_NONE },
	{ "NOTIFICATIONOVERFLOW", IMAP_CODE_NOTIFICATIONOVERFLOW, ARG_NONE },
	{ "OVERQUOTA", IMAP_CODE_OVERQUOTA, ARG_NONE },
	{ "PARSE", IMAP_CODE_PARSE, ARG_NONE },
	{ "PERMANENTFLAGS", IMAP_CODE_PERMANENTFLAGS, ARG_FLAGS },
	{ "PRIVACYREQUIRED", IMAP_CODE_PRIVACYREQUIRED, ARG_NONE },
	{ "READ-ONLY", IMAP_CODE_READ_ONLY, ARG_NONE },
	{ "READ-WRITE", IMAP_CODE_READ_WRITE, ARG_NONE },
	{ "SERVERBUG", IMAP_CODE_SERVERBUG, ARG_NONE },
	{ "THROTTLED", IMAP_CODE_THROTTLED, ARG_NONE }, /* Google */
	{ "TOOBIG", IMAP_CODE_TOOBIG, ARG_NONE },
	{ "TRYCREATE", IMAP_CODE_TRYCREATE, ARG_NONE },
	{ "UIDNEXT", IMAP_CODE_UIDNEXT, ARG_NUMBER },
	{ "UIDNOTSTICKY", IMAP_CODE_UIDNOTSTICKY, ARG_NONE },
	{ "UIDVALIDITY", IMAP_CODE_UIDVALIDITY, ARG_NUMBER },
	{ "UNAVAILABLE", IMAP_CODE_UNAVAILABLE, ARG_NONE },
	{ "UNKNOWN-CTE", IMAP_CODE_UNKNOWN_CTE, ARG_NONE },
	{ "UNSEEN", IMAP_CODE_UNSEEN, ARG_NUMBER },
};

static const struct {
	const char *name;
	enum imap_condition condition;
} conditions[] = {
	{ "OK", IMAP_OK },   { "NO", IMAP_NO },		  { "BAD", IMAP_BAD },
	{ "BYE", IMAP_BYE }, { "PREAUTH", IMAP_PREAUTH },
};

struct imap_set *parse_set(struct lexer *lex, const struct token *token)
{
	struct imap_set *set;

	if (token->s == NULL)
		return NULL;
	set = imap_set_parse(token->s, (gssize)token->n, lex->limits->line,
			     NULL);
	return set == NULL ? NULL : arena_set(lex->arena, set);
}

/* Sanitised text of the arena. */
static const char *clean(struct lexer *lex, const char *start, const char *end)
{
	char *text = sanitise_line(start, end - start);
	const char *copy = arena_string(lex->arena, text, strlen(text));

	g_free(text);
	return copy;
}

/* A set that may be missing or empty (Outlook.com). */
static const struct imap_set *optional_set(struct lexer *lex)
{
	struct token token;

	return !lex_at_end(lex) && lex_token(lex, &token) ?
		       parse_set(lex, &token) :
		       NULL;
}

/* Arguments that cannot be read leave their fields empty. */
static void read_argument(struct lexer *lex, enum argument kind,
			  struct imap_status *status)
{
	bool ok;

	if (lex_at_end(lex))
		return;
	switch (kind) {
	case ARG_NONE:
		break;
	case ARG_FLAGS:
		lex_flags(lex, &status->flags);
		break;
	case ARG_SET:
		status->uids = optional_set(lex);
		break;
	case ARG_NUMBER:
	case ARG_APPENDUID:
	case ARG_COPYUID:
		if (!lex_number(lex, &status->number, &ok) ||
		    kind == ARG_NUMBER)
			break;
		if (kind == ARG_COPYUID)
			status->source = optional_set(lex);
		status->uids = optional_set(lex);
		break;
	}
}

/* The "]" of a code: keywords in a list may hold brackets themselves. */
static const char *code_end(const struct lexer *lex)
{
	const char *first = NULL;
	int depth = 0;
	bool quoted = false;

	for (const char *p = lex->p; p < lex->end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			;
		else if (*p == '(')
			depth++;
		else if (*p == ')')
			depth--;
		if (*p != ']')
			continue;
		if (first == NULL)
			first = p;
		if (depth <= 0 && !quoted)
			return p;
	}
	return first;
}

static void read_code(struct lexer *lex, struct imap_status *status)
{
	const char *end = code_end(lex);
	struct lexer inside = lexer_inside(lex, lex->p + 1, end);
	struct token token;
	char *name;

	lex->p = end + 1;
	if (!lex_atom(&inside, &token))
		return;
	name = token_string(&inside, &token);
	for (char *p = name; *p != '\0'; p++)
		*p = g_ascii_toupper(*p);
	status->name = clean(lex, name, name + token.n);
	status->code = IMAP_CODE_UNKNOWN;
	lex_at_end(&inside);
	status->argument = clean(lex, inside.p, inside.end);
	for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (strcmp(codes[i].name, name) != 0)
			continue;
		status->code = codes[i].code;
		read_argument(&inside, codes[i].argument, status);
		break;
	}
}

bool parse_status(struct lexer *lex, struct imap_status *status)
{
	struct token token;
	size_t i;

	memset(status, 0, sizeof(*status));
	status->name = status->argument = "";
	if (!lex_atom(lex, &token))
		return lex_fail(lex, "a response without a word");
	for (i = 0; i < G_N_ELEMENTS(conditions); i++) {
		if (token_is(&token, conditions[i].name))
			break;
	}
	if (i == G_N_ELEMENTS(conditions))
		return lex_fail(lex, "no OK, NO or BAD");
	status->condition = conditions[i].condition;
	if (lex_peek(lex, '[') && code_end(lex) != NULL)
		read_code(lex, status);
	lex_at_end(lex);
	status->text = clean(lex, lex->p, lex->end);
	return true;
}
