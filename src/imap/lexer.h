/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tokens of one complete response (RFC 9051 section 9), read where they stand:
 * a token points into the response or, where it had to be unescaped, into the
 * arena. Tolerant: what servers get wrong is in the comments.
 */
#ifndef SMEW_IMAP_LEXER_H
#define SMEW_IMAP_LEXER_H

#include "arena.h"

/* A literal that went to the caller instead of into the response. */
struct streamed {
	size_t offset; /* where in the response its octets would begin */
	uint64_t length;
	bool taken; /* the caller wanted it */
};

struct lexer {
	const char *start, *p, *end;
	struct arena *arena;		 /* borrowed */
	const struct imap_limits *limits; /* borrowed */
	const struct streamed *streamed; /* borrowed, in order */
	size_t n_streamed;
	size_t elements; /* made so far, against limits->elements */
	unsigned depth;	 /* of lists now open */
	bool skipping;	 /* what is read is dropped: however deep it is */
	const char *why; /* what made it fail; a constant */
};

enum token_kind { TOKEN_ATOM, TOKEN_QUOTED, TOKEN_LITERAL, TOKEN_STREAMED };

struct token {
	enum token_kind kind;
	const char *s; /* borrowed, not NUL-terminated; NULL when streamed */
	size_t n;
	const struct streamed *streamed;
};

/* A lexer over [start, end) that shares memory and limits with 'parent'. */
struct lexer lexer_inside(const struct lexer *parent, const char *start,
			  const char *end);

/* Remembers why and returns false. */
bool lex_fail(struct lexer *lex, const char *why);
/* Skips spaces and tabs; says whether nothing is left. */
bool lex_at_end(struct lexer *lex);
/* Skips spaces; whether 'c' comes next. lex_take() also moves behind it. */
bool lex_peek(struct lexer *lex, char c);
bool lex_take(struct lexer *lex, char c);
/* "(" and ")" with the depth counted. lex_open fails above the limit. */
bool lex_open(struct lexer *lex);
bool lex_close(struct lexer *lex);
/* Counts one more element; false above the limit. */
bool lex_count(struct lexer *lex);

/* An atom, quoted string or literal. False at "(", ")" or the end. */
bool lex_token(struct lexer *lex, struct token *token);
/* Only an atom: up to a space or a parenthesis. */
bool lex_atom(struct lexer *lex, struct token *token);
/* Any value, lists included, to be ignored. */
bool lex_skip(struct lexer *lex);
/* Values up to and with the ")" that closes the list now open. */
bool lex_skip_rest(struct lexer *lex);

/* A string or NIL; a list in its place is skipped and NULL. Owned by the
 * arena. False only when nothing more can be read. */
bool lex_nstring(struct lexer *lex, const char **string);
/*
 * A number that may be anything: 'value' only set when it is decimal digits
 * within 64 bits, and then 'ok' is true. False when there is no token.
 */
bool lex_number(struct lexer *lex, uint64_t *value, bool *ok);

bool token_is(const struct token *token, const char *word);
bool token_is_nil(const struct token *token);
bool token_number(const struct token *token, uint64_t *value);
char *token_string(const struct lexer *lex, const struct token *token);

/* A list of flags, or NIL; tolerant of quotes, case and missing "\". */
bool lex_flags(struct lexer *lex, struct imap_flags *flags);

#endif
