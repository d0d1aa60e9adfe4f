/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FETCH responses (RFC 9051 section 7.5.2). */
#include "parse.h"

#include <string.h>

/* What a parser of one item needs. */
struct item {
	struct lexer *lex;
	struct imap_fetch *fetch;
	void *sections; /* growing */
};

static bool read_uid(struct item *item)
{
	uint64_t value;
	bool ok;

	if (!lex_number(item->lex, &value, &ok))
		return false;
	if (!ok || value > UINT32_MAX) {
		item->fetch->damaged = true;
		return true;
	}
	item->fetch->uid = (uint32_t)value;
	item->fetch->has |= IMAP_ITEM_UID;
	return true;
}

static bool read_flags(struct item *item)
{
	if (!lex_flags(item->lex, &item->fetch->flags))
		return false;
	item->fetch->has |= IMAP_ITEM_FLAGS;
	return true;
}

static bool read_size(struct item *item)
{
	bool ok;

	if (!lex_number(item->lex, &item->fetch->size, &ok))
		return false;
	if (ok)
		item->fetch->has |= IMAP_ITEM_SIZE;
	else
		item->fetch->damaged = true;
	return true;
}

/* 0 and -1 are what servers say that have none. */
static bool read_modseq(struct item *item)
{
	bool open = lex_open(item->lex), ok;
	uint64_t value;

	if (!lex_number(item->lex, &value, &ok))
		return false;
	if (ok && value > 0) {
		item->fetch->modseq = value;
		item->fetch->has |= IMAP_ITEM_MODSEQ;
	}
	return !open || lex_skip_rest(item->lex);
}

static bool read_internaldate(struct item *item)
{
	struct token token;

	if (!lex_token(item->lex, &token))
		return false;
	if (parse_date(&token, &item->fetch->internaldate, &item->fetch->zone))
		item->fetch->has |= IMAP_ITEM_INTERNALDATE;
	return true;
}

/* Runs a parser whose failure must cost its own value and nothing else. */
static bool guarded(struct item *item, bool ok, const char *start,
		    unsigned depth)
{
	if (ok)
		return true;
	item->fetch->damaged = true;
	item->lex->p = start;
	item->lex->depth = depth;
	item->lex->why = NULL;
	/* A sender can nest parts more deeply than is read: the message is to
	 * be seen all the same. */
	item->lex->skipping = true;
	ok = lex_skip(item->lex);
	item->lex->skipping = false;
	return ok;
}

static bool read_envelope(struct item *item)
{
	const char *start = item->lex->p;
	unsigned depth = item->lex->depth;
	const struct imap_envelope *envelope;
	bool ok = parse_envelope(item->lex, &envelope);

	if (ok && envelope != NULL) {
		item->fetch->envelope = envelope;
		item->fetch->has |= IMAP_ITEM_ENVELOPE;
	}
	return guarded(item, ok, start, depth);
}

static bool read_bodystructure(struct item *item)
{
	const char *start = item->lex->p;
	unsigned depth = item->lex->depth;
	const struct imap_body *body;
	bool ok = parse_body(item->lex, &body);

	if (ok && body != NULL) {
		item->fetch->body = body;
		item->fetch->has |= IMAP_ITEM_BODYSTRUCTURE;
	}
	return guarded(item, ok, start, depth);
}

static bool read_section(struct item *item, struct imap_section *section)
{
	struct token token;
	struct imap_section *place;

	if (!lex_token(item->lex, &token) || !lex_count(item->lex))
		return false;
	if (token.kind == TOKEN_STREAMED) {
		section->length = token.streamed->length;
		section->streamed = token.streamed->taken;
	} else if (token_is_nil(&token)) {
		section->nil = true;
	} else {
		section->length = token.n;
		section->data = (const uint8_t *)token.s;
	}
	place = arena_push(item->lex->arena, &item->sections,
			   &item->fetch->n_sections, sizeof(*place));
	*place = *section;
	item->fetch->sections = item->sections;
	return true;
}

static const struct {
	const char *name;
	bool (*read)(struct item *item);
} items[] = {
	{ "UID", read_uid },
	{ "FLAGS", read_flags },
	{ "INTERNALDATE", read_internaldate },
	{ "RFC822.SIZE", read_size },
	{ "MODSEQ", read_modseq },
	{ "ENVELOPE", read_envelope },
	{ "BODYSTRUCTURE", read_bodystructure },
	{ "BODY", read_bodystructure },
};

/* The end of "[...]", quotes respected; NULL without one. */
static const char *bracket_end(const char *p, const char *end)
{
	bool quoted = false;

	for (; p < end && *p != '\r' && *p != '\n'; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == ']' && !quoted)
			return p;
	}
	return NULL;
}

/* The name of an item: "FLAGS", "BODY[HEADER.FIELDS (A B)]<0>". */
static bool read_name(struct lexer *lex, struct token *name)
{
	const char *p;

	if (lex_at_end(lex))
		return lex_fail(lex, "an early end");
	for (p = lex->p; p < lex->end && *p != ' ' && *p != '(' && *p != ')';
	     p++) {
		if (*p != '[')
			continue;
		p = bracket_end(p, lex->end);
		if (p == NULL)
			return lex_fail(lex, "a damaged body section");
	}
	name->kind = TOKEN_ATOM;
	name->s = lex->p;
	name->n = (size_t)(p - lex->p);
	lex->p = p;
	return name->n > 0 || lex_fail(lex, "a list where an item is due");
}

static bool read_item(struct item *item)
{
	struct imap_section section;
	struct token name;

	if (!read_name(item->lex, &name))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(items); i++) {
		if (token_is(&name, items[i].name))
			return items[i].read(item);
	}
	if (parse_section_name(item->lex->arena, name.s, name.s + name.n,
			       &section))
		return read_section(item, &section);
	return lex_skip(item->lex);
}

/*
 * A response that breaks off keeps the values read so far, but no section: a
 * wrong literal count is the usual reason, and they may be cut wrongly.
 */
bool parse_fetch(struct lexer *lex, struct imap_fetch *fetch)
{
	struct item item = { .lex = lex, .fetch = fetch };

	if (!lex_open(lex))
		return lex_fail(lex, "a FETCH without a list");
	while (!lex_close(lex)) {
		if (read_item(&item))
			continue;
		fetch->damaged = true;
		fetch->n_sections = 0;
		return true;
	}
	return true;
}

/* "1.2.header.fields (\"Date\" From)" to "1.2.HEADER.FIELDS (DATE FROM)" */
static const char *section_text(struct arena *arena, const char *s,
				const char *end)
{
	char *text = arena_string(arena, s, (size_t)(end - s)), *to = text;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p != '"')
			*to++ = g_ascii_toupper(*p);
	}
	*to = '\0';
	return text;
}

static bool section_origin(const char *p, const char *end,
			   struct imap_section *section)
{
	struct token number;

	section->whole = true;
	if (p == end)
		return true;
	if (end - p < 3 || *p != '<' || end[-1] != '>')
		return false;
	number.kind = TOKEN_ATOM;
	number.s = p + 1;
	number.n = (size_t)(end - p - 2);
	if (!token_number(&number, &section->origin))
		return false;
	section->whole = section->origin == 0;
	return true;
}

static bool old_section(const char *name, size_t n,
			struct imap_section *section)
{
	static const struct {
		const char *name, *section;
	} table[] = {
		{ "RFC822", "" },
		{ "RFC822.HEADER", "HEADER" },
		{ "RFC822.TEXT", "TEXT" },
	};
	struct token token = { .kind = TOKEN_ATOM, .s = name, .n = n };

	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		if (token_is(&token, table[i].name)) {
			section->section = table[i].section;
			section->whole = true;
			return true;
		}
	}
	return false;
}

bool parse_section_name(struct arena *arena, const char *name, const char *end,
			struct imap_section *section)
{
	size_t n = (size_t)(end - name);
	const char *close;

	memset(section, 0, sizeof(*section));
	section->binary = n > 7 && g_ascii_strncasecmp(name, "BINARY[", 7) == 0;
	if (section->binary)
		name += 7;
	else if (n > 5 && g_ascii_strncasecmp(name, "BODY[", 5) == 0)
		name += 5;
	else
		return old_section(name, n, section);
	close = bracket_end(name, end);
	if (close == NULL || !section_origin(close + 1, end, section))
		return false;
	section->section = section_text(arena, name, close);
	return true;
}
