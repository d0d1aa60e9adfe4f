/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QUOTA and QUOTAROOT (RFC 9208), MYRIGHTS (RFC 4314). */
#include "parse.h"

/* Numbers of more than 64 bits, or none at all, cost this resource alone. */
static bool read_resource(struct lexer *lex, void **list, size_t *n)
{
	struct imap_resource resource;
	struct token name;
	bool usage, limit;

	if (!lex_count(lex) || !lex_token(lex, &name) ||
	    !lex_number(lex, &resource.usage, &usage) ||
	    !lex_number(lex, &resource.limit, &limit))
		return false;
	resource.name = token_string(lex, &name);
	if (usage && limit && resource.name != NULL)
		*(struct imap_resource *)arena_push(
			lex->arena, list, n, sizeof(resource)) = resource;
	return true;
}

bool parse_quota(struct lexer *lex, struct imap_quota *quota)
{
	void *list = NULL;

	if (!lex_nstring(lex, &quota->root))
		return lex_fail(lex, "a QUOTA without a root");
	if (quota->root == NULL)
		quota->root = "";
	if (!lex_open(lex))
		return lex_fail(lex, "a QUOTA without a list");
	while (!lex_close(lex)) {
		if (!read_resource(lex, &list, &quota->n))
			return false;
	}
	quota->resources = list;
	return true;
}

bool parse_quotaroot(struct lexer *lex, struct imap_quotaroot *quotaroot)
{
	void *list = NULL;
	struct token root;

	/* Atoms follow: only a quoted name may hold blanks here. */
	if (lex_at_end(lex) || !lex_token(lex, &root))
		return lex_fail(lex, "a QUOTAROOT without a mailbox");
	quotaroot->mailbox = token_is(&root, "INBOX") ?
				     "INBOX" :
				     token_string(lex, &root);
	while (!lex_at_end(lex)) {
		const char *name;

		if (!lex_count(lex) || !lex_nstring(lex, &name))
			return false;
		*(const char **)arena_push(lex->arena, &list, &quotaroot->n,
					   sizeof(char *)) =
			name != NULL ? name : "";
	}
	quotaroot->roots = list;
	return quotaroot->mailbox != NULL;
}

/* The rights are the last word, whatever the name has inside. */
bool parse_myrights(struct lexer *lex, struct imap_rights *rights)
{
	const char *stop = lex->end;
	struct token word;

	while (stop > lex->p && stop[-1] == ' ')
		stop--;
	while (stop > lex->p && stop[-1] != ' ')
		stop--;
	if (!parse_mailbox(lex, stop, &rights->mailbox))
		return false;
	if (lex_at_end(lex) || !lex_token(lex, &word))
		return lex_fail(lex, "MYRIGHTS without rights");
	rights->rights = token_string(lex, &word);
	return rights->rights != NULL;
}
