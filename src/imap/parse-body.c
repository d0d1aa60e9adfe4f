/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BODYSTRUCTURE and ENVELOPE (RFC 9051 section 7.5.2), as servers send them:
 * missing fields, NIL for a type, strings for lists. What cannot be made sense
 * of fails, and its reader falls back to the whole message.
 */
#include "parse.h"

#include <string.h>

/* ---- parts shared by both ---- */

static const char *or_empty(const char *s)
{
	return s == NULL ? "" : s;
}

/* A string in lower case, "" for NIL or a list. */
static bool read_lower(struct lexer *lex, const char **string)
{
	if (!lex_nstring(lex, string))
		return false;
	if (*string != NULL)
		*string = arena_lower(lex->arena, *string, strlen(*string));
	*string = or_empty(*string);
	return true;
}

static bool read_param(struct lexer *lex, void **params, size_t *n)
{
	struct imap_param *param;

	if (!lex_count(lex))
		return false;
	param = arena_push(lex->arena, params, n, sizeof(*param));
	if (!read_lower(lex, &param->name))
		return false;
	/* An odd number of strings: the last name has no value. */
	return lex_peek(lex, ')') || lex_nstring(lex, &param->value);
}

bool parse_params(struct lexer *lex, const struct imap_param **params,
		  size_t *n)
{
	void *list = NULL;
	struct token ignored;

	*params = NULL;
	*n = 0;
	if (!lex_peek(lex, '('))
		return lex_token(lex, &ignored);
	if (!lex_open(lex))
		return false;
	while (!lex_close(lex)) {
		if (!read_param(lex, &list, n))
			return false;
	}
	*params = list;
	return true;
}

/* ---- ENVELOPE ---- */

static bool read_address(struct lexer *lex, struct imap_address *address)
{
	const char *route;

	if (!lex_open(lex))
		return lex_fail(lex, "an address that is no list");
	if (!lex_nstring(lex, &address->name) || !lex_nstring(lex, &route) ||
	    !lex_nstring(lex, &address->mailbox) ||
	    !lex_nstring(lex, &address->host))
		return false;
	/* Servers' words for a missing host are none. */
	if (address->host != NULL &&
	    (g_ascii_strcasecmp(address->host, "MISSING_DOMAIN") == 0 ||
	     g_ascii_strcasecmp(address->host, ".MISSING-HOST-NAME.") == 0))
		address->host = "";
	return lex_skip_rest(lex);
}

static bool read_addresses(struct lexer *lex, struct imap_addresses *all)
{
	void *list = NULL;
	struct token ignored;

	if (!lex_peek(lex, '('))
		return lex_token(lex, &ignored);
	if (!lex_open(lex))
		return false;
	while (!lex_close(lex)) {
		if (!lex_peek(lex, '(')) {
			/* NIL among the addresses. */
			if (!lex_token(lex, &ignored))
				return false;
			continue;
		}
		if (!lex_count(lex) ||
		    !read_address(lex, arena_push(lex->arena, &list, &all->n,
						  sizeof(*all->list))))
			return false;
	}
	all->list = list;
	return true;
}

/* One string field; a list in its place or an early end is damage. */
static bool envelope_string(struct lexer *lex, struct imap_envelope *envelope,
			    const char **field)
{
	if (lex_peek(lex, ')')) {
		envelope->damaged = true;
		return true;
	}
	if (lex_peek(lex, '('))
		envelope->damaged = true;
	return lex_nstring(lex, field);
}

static bool envelope_addresses(struct lexer *lex,
			       struct imap_envelope *envelope,
			       struct imap_addresses *field)
{
	if (lex_peek(lex, ')')) {
		envelope->damaged = true;
		return true;
	}
	return read_addresses(lex, field);
}

static bool envelope_fields(struct lexer *lex, struct imap_envelope *envelope)
{
	struct imap_addresses *fields[] = {
		&envelope->from,     &envelope->sender, &envelope->reply_to,
		&envelope->to,	     &envelope->cc,	&envelope->bcc,
	};

	if (!envelope_string(lex, envelope, &envelope->date) ||
	    !envelope_string(lex, envelope, &envelope->subject))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		if (!envelope_addresses(lex, envelope, fields[i]))
			return false;
	}
	return envelope_string(lex, envelope, &envelope->in_reply_to) &&
	       envelope_string(lex, envelope, &envelope->message_id);
}

bool parse_envelope(struct lexer *lex, const struct imap_envelope **result)
{
	struct imap_envelope *envelope;
	struct token ignored;
	bool wrapped;

	*result = NULL;
	if (!lex_peek(lex, '('))
		return lex_token(lex, &ignored);
	if (!lex_open(lex))
		return false;
	/* Domino puts parentheses around it. */
	wrapped = lex_peek(lex, '(');
	if (wrapped && !lex_open(lex))
		return false;
	envelope = arena_alloc(lex->arena, sizeof(*envelope));
	if (!envelope_fields(lex, envelope) || !lex_skip_rest(lex) ||
	    (wrapped && !lex_skip_rest(lex)))
		return false;
	*result = envelope;
	return true;
}

/* ---- BODYSTRUCTURE ---- */

static bool read_body(struct lexer *lex, const char *section, bool in_message,
		      const struct imap_body **result);

static const char *below(struct lexer *lex, const char *parent,
			 const char *last)
{
	size_t n = strlen(parent), length = n + strlen(last) + 2;
	char *section = arena_alloc(lex->arena, length);

	g_snprintf(section, length, "%s%s%s", parent, n > 0 ? "." : "", last);
	return section;
}

/* "1" below "", "2.1" below "2" */
static const char *child_section(struct lexer *lex, const char *parent,
				 size_t number)
{
	char text[24];

	g_snprintf(text, sizeof(text), "%zu", number);
	return below(lex, parent, text);
}

static bool read_disposition(struct lexer *lex, struct imap_body *body)
{
	/* Exchange sends "inline" where a list is due. */
	if (!lex_peek(lex, '('))
		return read_lower(lex, &body->disposition);
	if (!lex_open(lex))
		return false;
	if (!read_lower(lex, &body->disposition))
		return false;
	if (!lex_peek(lex, ')') &&
	    !parse_params(lex, &body->disposition_params,
			  &body->n_disposition_params))
		return false;
	return lex_skip_rest(lex);
}

/* Behind the parts: subtype and extension data, each of which may lack. */
static bool read_multipart_end(struct lexer *lex, struct imap_body *body)
{
	body->subtype = "mixed";
	if (!lex_peek(lex, ')') && !read_lower(lex, &body->subtype))
		return false;
	if (!lex_peek(lex, ')') &&
	    !parse_params(lex, &body->params, &body->n_params))
		return false;
	if (!lex_peek(lex, ')') && !read_disposition(lex, body))
		return false;
	return lex_skip_rest(lex);
}

static bool read_multipart(struct lexer *lex, const char *parent,
			   struct imap_body *body)
{
	const struct imap_body *part, **place;
	void *parts = NULL;

	body->type = "multipart";
	while (lex_peek(lex, '(')) {
		const char *section =
			child_section(lex, parent, body->n_parts + 1);

		if (!read_body(lex, section, false, &part))
			return false;
		place = arena_push(lex->arena, &parts, &body->n_parts,
				   sizeof(*place));
		*place = part;
	}
	body->parts = parts;
	return read_multipart_end(lex, body);
}

/* The message inside: envelope, body and lines (type message/rfc822). */
static bool read_message(struct lexer *lex, struct imap_body *body)
{
	const struct imap_body **parts;
	bool ok;

	if (!parse_envelope(lex, &body->envelope))
		return false;
	if (!lex_peek(lex, '('))
		return lex_peek(lex, ')') || lex_skip(lex);
	parts = arena_alloc(lex->arena, sizeof(struct imap_body *));
	if (!read_body(lex, body->section, true, &parts[0]))
		return false;
	body->parts = parts;
	body->n_parts = 1;
	return lex_peek(lex, ')') || lex_number(lex, &body->lines, &ok);
}

/* Whether a string, number or NIL comes next. */
static bool is_value(struct lexer *lex)
{
	return !lex_peek(lex, ')') && !lex_peek(lex, '(');
}

/* What follows the fields every basic body has, up to its ")". */
static bool read_basic_end(struct lexer *lex, struct imap_body *body)
{
	bool text = strcmp(body->type, "text") == 0;
	bool message = strcmp(body->type, "message") == 0 &&
		       (strcmp(body->subtype, "rfc822") == 0 ||
			strcmp(body->subtype, "global") == 0);
	bool ok;

	/* Gmail describes an encoded message as a basic body: look first. */
	if (message && lex_peek(lex, '(') && !read_message(lex, body))
		return false;
	if (text && is_value(lex) && !lex_number(lex, &body->lines, &ok))
		return false;
	/* MD5. Without lines before it, the NIL above was it. */
	if (is_value(lex) && !lex_skip(lex))
		return false;
	if (!lex_peek(lex, ')') && !read_disposition(lex, body))
		return false;
	return lex_skip_rest(lex);
}

static bool is_multipart_subtype(const char *subtype)
{
	static const char *const names[] = {
		"mixed",  "alternative", "related", "digest",
		"signed", "encrypted",	 "report",  "parallel",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(subtype, names[i]) == 0)
			return true;
	}
	return false;
}

/* NIL where the type is due: a multipart without parts, or a missing type. */
static bool read_untyped(struct lexer *lex, struct imap_body *body)
{
	if (is_multipart_subtype(body->subtype)) {
		body->type = "multipart";
		return lex_skip_rest(lex);
	}
	body->type = "application";
	body->subtype = "octet-stream";
	return true;
}

static bool read_basic(struct lexer *lex, struct imap_body *body)
{
	bool ok;

	if (!read_lower(lex, &body->type) || !read_lower(lex, &body->subtype))
		return false;
	if (*body->type == '\0') {
		if (!read_untyped(lex, body))
			return false;
		if (strcmp(body->type, "multipart") == 0)
			return true;
	}
	if (!parse_params(lex, &body->params, &body->n_params) ||
	    !lex_nstring(lex, &body->id) ||
	    !lex_nstring(lex, &body->description) ||
	    !read_lower(lex, &body->encoding))
		return false;
	if (*body->encoding == '\0')
		body->encoding = "7bit";
	if (!lex_peek(lex, ')') && !lex_number(lex, &body->octets, &ok))
		return false;
	return read_basic_end(lex, body);
}

/*
 * Sections by RFC 9051 6.4.5: the parts of a multipart are numbered below the
 * multipart; the body of a message/rfc822 that is no multipart is its part 1,
 * one that is a multipart has no number of its own and is the TEXT.
 */
static const char *own_section(struct lexer *lex, const char *section,
			       bool in_message, bool multipart)
{
	if (!in_message)
		return section;
	if (!multipart)
		return child_section(lex, section, 1);
	if (*section == '\0')
		return section;
	return below(lex, section, "TEXT");
}

static bool read_body(struct lexer *lex, const char *section, bool in_message,
		      const struct imap_body **result)
{
	struct imap_body *body;
	bool multipart;

	if (!lex_open(lex) || !lex_count(lex))
		return false;
	body = arena_alloc(lex->arena, sizeof(*body));
	body->subtype = body->encoding = body->disposition = "";
	multipart = lex_peek(lex, '(');
	body->section = own_section(lex, section, in_message, multipart);
	*result = body;
	if (multipart)
		return read_multipart(lex, section, body);
	return read_basic(lex, body);
}

/* NIL for the type of the whole message is no description of it. */
static bool says_something(struct lexer *lex)
{
	struct lexer ahead = *lex;
	struct token type, subtype;

	return !lex_open(&ahead) || lex_peek(&ahead, '(') ||
	       lex_peek(&ahead, ')') || !lex_token(&ahead, &type) ||
	       lex_peek(&ahead, '(') || !lex_token(&ahead, &subtype) ||
	       !token_is_nil(&type) || !token_is_nil(&subtype);
}

bool parse_body(struct lexer *lex, const struct imap_body **body)
{
	struct token ignored;

	*body = NULL;
	if (!lex_peek(lex, '('))
		return lex_token(lex, &ignored);
	if (!says_something(lex))
		return lex_fail(lex, "a body without a type");
	if (read_body(lex, "", true, body))
		return true;
	*body = NULL;
	return false;
}
