/* SPDX-License-Identifier: GPL-3.0-or-later */
/* LIST, LSUB, STATUS, NAMESPACE, SEARCH, ESEARCH, VANISHED. */
#include "parse.h"

#include <string.h>

static const struct {
	const char *name;
	uint32_t attribute;
} attributes[] = {
	{ "\\Noselect", IMAP_ATTR_NOSELECT },
	{ "\\NonExistent", IMAP_ATTR_NONEXISTENT | IMAP_ATTR_NOSELECT },
	{ "\\Noinferiors", IMAP_ATTR_NOINFERIORS },
	{ "\\HasChildren", IMAP_ATTR_HASCHILDREN },
	{ "\\HasNoChildren", IMAP_ATTR_HASNOCHILDREN },
	{ "\\Marked", IMAP_ATTR_MARKED },
	{ "\\Unmarked", IMAP_ATTR_UNMARKED },
	{ "\\Subscribed", IMAP_ATTR_SUBSCRIBED },
	{ "\\Remote", IMAP_ATTR_REMOTE },
	{ "\\All", IMAP_ATTR_ALL },
	{ "\\AllMail", IMAP_ATTR_ALL },
	{ "\\Archive", IMAP_ATTR_ARCHIVE },
	{ "\\Drafts", IMAP_ATTR_DRAFTS },
	{ "\\Flagged", IMAP_ATTR_FLAGGED },
	{ "\\Starred", IMAP_ATTR_FLAGGED },
	{ "\\Junk", IMAP_ATTR_JUNK },
	{ "\\Spam", IMAP_ATTR_JUNK },
	{ "\\Sent", IMAP_ATTR_SENT },
	{ "\\Trash", IMAP_ATTR_TRASH },
	{ "\\Important", IMAP_ATTR_IMPORTANT },
};

static bool read_attributes(struct lexer *lex, uint32_t *mask)
{
	struct token token;

	if (!lex_peek(lex, '('))
		return lex_token(lex, &token) && token_is_nil(&token);
	if (!lex_open(lex))
		return false;
	while (!lex_close(lex)) {
		if (!lex_token(lex, &token))
			return false;
		for (size_t i = 0; i < G_N_ELEMENTS(attributes); i++) {
			if (token_is(&token, attributes[i].name))
				*mask |= attributes[i].attribute;
		}
	}
	return true;
}

/* One character, or NIL (also ""): names are flat. */
static bool read_delimiter(struct lexer *lex, char *delimiter)
{
	struct token token;

	*delimiter = '\0';
	if (!lex_token(lex, &token) || token.s == NULL)
		return false;
	if (token_is_nil(&token) || token.n == 0)
		return true;
	if (token.n != 1)
		return lex_fail(lex, "a damaged hierarchy delimiter");
	*delimiter = *token.s;
	return true;
}

static const char *mailbox_name(struct lexer *lex, const struct token *token)
{
	/* Only INBOX is the same in any case (RFC 9051 5.1). */
	if (token_is(token, "INBOX"))
		return "INBOX";
	return token_string(lex, token);
}

bool parse_mailbox(struct lexer *lex, const char *stop, const char **name)
{
	struct token token;

	if (lex_at_end(lex))
		return lex_fail(lex, "a mailbox without a name");
	if (*lex->p == '"' || *lex->p == '{') {
		if (!lex_token(lex, &token))
			return false;
	} else if (stop <= lex->p) {
		return lex_fail(lex, "a mailbox without a name");
	} else {
		token.kind = TOKEN_ATOM;
		token.s = lex->p;
		while (stop > lex->p && (stop[-1] == ' ' || stop[-1] == '\t'))
			stop--;
		token.n = (size_t)(stop - lex->p);
		lex->p = stop;
	}
	if (token.s == NULL || memchr(token.s, '\0', token.n) != NULL)
		return lex_fail(lex, "a mailbox name that cannot be one");
	*name = mailbox_name(lex, &token);
	return true;
}

/* Where extended data (("CHILDINFO" ...)) begins, or the end. */
static const char *extended_start(const struct lexer *lex)
{
	for (const char *p = lex->p; p + 2 < lex->end; p++) {
		size_t left = (size_t)(lex->end - p) - 2;

		if (p[0] != ' ' || p[1] != '(')
			continue;
		if (p[2] == '"' || p[2] == '(' ||
		    g_ascii_strncasecmp(p + 2, "CHILDINFO", MIN(9, left)) == 0)
			return p;
	}
	return lex->end;
}

bool parse_list(struct lexer *lex, struct imap_list *list)
{
	return read_attributes(lex, &list->attributes) &&
	       read_delimiter(lex, &list->delimiter) &&
	       parse_mailbox(lex, extended_start(lex), &list->name);
}

static const char *last_list(const struct lexer *lex)
{
	for (const char *p = lex->end; p > lex->p; p--) {
		if (p[-1] == '(')
			return p - 1;
	}
	return lex->end;
}

static uint64_t *status_field(struct imap_mailbox_status *status,
			      const struct token *name, uint32_t *item)
{
	const struct {
		const char *name;
		uint32_t item;
		uint64_t *field;
	} table[] = {
		{ "MESSAGES", IMAP_STATUS_MESSAGES, &status->messages },
		{ "RECENT", IMAP_STATUS_RECENT, &status->recent },
		{ "UIDNEXT", IMAP_STATUS_UIDNEXT, &status->uidnext },
		{ "UIDVALIDITY", IMAP_STATUS_UIDVALIDITY,
		  &status->uidvalidity },
		{ "UNSEEN", IMAP_STATUS_UNSEEN, &status->unseen },
		{ "HIGHESTMODSEQ", IMAP_STATUS_HIGHESTMODSEQ,
		  &status->highestmodseq },
		{ "SIZE", IMAP_STATUS_SIZE, &status->size },
		{ "DELETED", IMAP_STATUS_DELETED, &status->deleted },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (token_is(name, table[i].name)) {
			*item = table[i].item;
			return table[i].field;
		}
	}
	return NULL;
}

static bool read_status_item(struct lexer *lex,
			     struct imap_mailbox_status *status)
{
	struct token name;
	uint64_t *field;
	uint32_t item;
	bool ok;

	if (!lex_token(lex, &name))
		return false;
	field = status_field(status, &name, &item);
	if (field == NULL || lex_peek(lex, '('))
		return lex_skip(lex);
	if (!lex_number(lex, field, &ok))
		return false;
	if (ok)
		status->has |= item;
	return true;
}

bool parse_mailbox_status(struct lexer *lex,
			  struct imap_mailbox_status *status)
{
	if (!parse_mailbox(lex, last_list(lex), &status->name))
		return false;
	if (!lex_open(lex))
		return lex_fail(lex, "a STATUS without a list");
	while (!lex_close(lex)) {
		if (!read_status_item(lex, status))
			return false;
	}
	return true;
}

static bool read_namespace(struct lexer *lex, struct imap_namespace *space)
{
	if (!lex_open(lex))
		return lex_fail(lex, "a namespace that is no list");
	if (!lex_nstring(lex, &space->prefix) ||
	    !read_delimiter(lex, &space->delimiter))
		return false;
	if (space->prefix == NULL)
		space->prefix = "";
	return lex_skip_rest(lex);
}

static bool read_namespaces(struct lexer *lex,
			    const struct imap_namespace **list, size_t *n)
{
	void *spaces = NULL;
	struct token ignored;

	if (!lex_peek(lex, '('))
		return lex_token(lex, &ignored) && token_is_nil(&ignored);
	if (!lex_open(lex))
		return false;
	while (!lex_close(lex)) {
		if (!lex_count(lex) ||
		    !read_namespace(lex,
				    arena_push(lex->arena, &spaces, n,
					       sizeof(struct imap_namespace))))
			return false;
	}
	*list = spaces;
	return true;
}

bool parse_namespaces(struct lexer *lex, struct imap_namespaces *all)
{
	return read_namespaces(lex, &all->personal, &all->n_personal) &&
	       (lex_at_end(lex) ||
		read_namespaces(lex, &all->others, &all->n_others)) &&
	       (lex_at_end(lex) ||
		read_namespaces(lex, &all->shared, &all->n_shared));
}

static bool read_search_modseq(struct lexer *lex, uint64_t *modseq)
{
	struct token name;
	bool ok;

	return lex_open(lex) && lex_token(lex, &name) &&
	       lex_number(lex, modseq, &ok) && lex_skip_rest(lex);
}

bool parse_search(struct lexer *lex, struct imap_search *search)
{
	void *numbers = NULL;
	struct token token;
	uint64_t value;

	while (!lex_at_end(lex)) {
		if (lex_peek(lex, '(')) {
			if (!read_search_modseq(lex, &search->modseq))
				return false;
			continue;
		}
		if (!lex_token(lex, &token))
			return false;
		if (!token_number(&token, &value) || value == 0 ||
		    value > UINT32_MAX)
			continue;
		*(uint32_t *)arena_push(lex->arena, &numbers, &search->n,
					sizeof(uint32_t)) = (uint32_t)value;
	}
	search->numbers = numbers;
	return true;
}

static bool read_correlator(struct lexer *lex, struct imap_esearch *search)
{
	struct token name;

	if (!lex_open(lex) || !lex_token(lex, &name))
		return false;
	if (token_is(&name, "TAG") && !lex_nstring(lex, &search->tag))
		return false;
	if (search->tag == NULL)
		search->tag = "";
	return lex_skip_rest(lex);
}

static bool read_esearch_set(struct lexer *lex, struct imap_esearch *search)
{
	struct token token;

	if (!lex_token(lex, &token))
		return false;
	search->all = parse_set(lex, &token);
	return search->all != NULL || lex_fail(lex, "a damaged set");
}

static bool read_esearch_item(struct lexer *lex, struct imap_esearch *search)
{
	struct token name;
	uint64_t value;
	bool ok;

	if (!lex_token(lex, &name))
		return false;
	if (token_is(&name, "UID")) {
		search->uid = true;
		return true;
	}
	if (token_is(&name, "ALL"))
		return read_esearch_set(lex, search);
	if (token_is(&name, "MODSEQ"))
		return lex_number(lex, &search->modseq, &ok);
	if (token_is(&name, "COUNT"))
		return lex_number(lex, &search->count, &search->has_count);
	if (!token_is(&name, "MIN") && !token_is(&name, "MAX"))
		return lex_skip(lex);
	if (!lex_number(lex, &value, &ok))
		return false;
	if (!ok || value == 0 || value > UINT32_MAX)
		return true;
	if (token_is(&name, "MIN")) {
		search->min = (uint32_t)value;
		search->has_min = true;
	} else {
		search->max = (uint32_t)value;
		search->has_max = true;
	}
	return true;
}

bool parse_esearch(struct lexer *lex, struct imap_esearch *search)
{
	search->tag = "";
	if (lex_peek(lex, '(') && !read_correlator(lex, search))
		return false;
	while (!lex_at_end(lex)) {
		if (!read_esearch_item(lex, search))
			return false;
	}
	return true;
}

bool parse_vanished(struct lexer *lex, bool *earlier,
		    const struct imap_set **uids)
{
	struct token token;
	struct imap_set *set;

	*earlier = lex_open(lex);
	if (*earlier && (!lex_token(lex, &token) ||
			 !token_is(&token, "EARLIER") || !lex_close(lex)))
		return lex_fail(lex, "a damaged VANISHED");
	if (!lex_token(lex, &token))
		return false;
	set = parse_set(lex, &token);
	if (set == NULL || !lex_at_end(lex))
		return lex_fail(lex, "a damaged set");
	imap_set_normalise(set);
	*uids = set;
	return true;
}
