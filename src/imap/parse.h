/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parsers of responses: pure functions from tokens to the structs of imap.h,
 * whose memory is the lexer's arena. False: the response is lost, lex->why
 * says why.
 */
#ifndef SMEW_IMAP_PARSE_H
#define SMEW_IMAP_PARSE_H

#include "lexer.h"

/* Behind "* n FETCH"; 'fetch' has its seq. */
bool parse_fetch(struct lexer *lex, struct imap_fetch *fetch);
/*
 * The name of a body section in [name, end): "BODY[1.2]<0>", "RFC822" ...
 * False when it is none. Fills section, binary, whole and origin.
 */
bool parse_section_name(struct arena *arena, const char *name, const char *end,
			struct imap_section *section);
bool parse_body(struct lexer *lex, const struct imap_body **body);
bool parse_envelope(struct lexer *lex, const struct imap_envelope **envelope);
bool parse_params(struct lexer *lex, const struct imap_param **params,
		  size_t *n);
/* "17-Jul-1996 02:44:25 -0700" */
bool parse_date(const struct token *token, int64_t *unix_time, int *zone);

/* "OK [CODE argument] text"; text and argument are sanitised. */
bool parse_status(struct lexer *lex, struct imap_status *status);
bool parse_list(struct lexer *lex, struct imap_list *list);
bool parse_mailbox_status(struct lexer *lex,
			  struct imap_mailbox_status *status);
bool parse_namespaces(struct lexer *lex, struct imap_namespaces *all);
bool parse_quota(struct lexer *lex, struct imap_quota *quota);
bool parse_quotaroot(struct lexer *lex, struct imap_quotaroot *quotaroot);
bool parse_myrights(struct lexer *lex, struct imap_rights *rights);
/*
 * A mailbox name; NIL is one too. Names that are not quoted may hold spaces
 * and tabs all the same (Exchange): such a one reaches up to the list that
 * begins at 'stop', or to the end.
 */
bool parse_mailbox(struct lexer *lex, const char *stop, const char **name);
bool parse_search(struct lexer *lex, struct imap_search *search);
bool parse_esearch(struct lexer *lex, struct imap_esearch *search);
bool parse_vanished(struct lexer *lex, bool *earlier,
		    const struct imap_set **uids);

/* A set in an atom, strict; NULL when it is none. Owned by the arena. */
struct imap_set *parse_set(struct lexer *lex, const struct token *token);

#endif
