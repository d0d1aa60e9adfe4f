/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "limits.h"
#include "smew/base.h"
#include "smew/store.h"
#include "structure.h"

/* ---- body structure ---- */

static void take(char **field, char *value)
{
	g_free(*field);
	*field = value;
}

static const char **parameters(const struct imap_param *params, size_t n)
{
	const char **list = g_new0(const char *, 2 * n + 1);
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (params[i].value == NULL)
			continue;
		list[used++] = params[i].name;
		list[used++] = params[i].value;
	}
	return list;
}

static void take_parameters(struct mail_part *part,
			    const struct imap_body *body)
{
	g_autofree const char **type =
		parameters(body->params, body->n_params);
	g_autofree const char **disposition = parameters(
		body->disposition_params, body->n_disposition_params);

	mail_part_parameters(part, type, disposition);
}

static char *without_brackets(const char *id)
{
	g_autofree char *line = sanitise_line(id != NULL ? id : "", -1);
	char *text = g_strstrip(line);
	size_t length = strlen(text);

	if (length >= 2 && text[0] == '<' && text[length - 1] == '>')
		return g_strndup(text + 1, length - 2);
	return g_strdup(text);
}

static struct mail_part *convert(const struct imap_body *body,
				 const struct imap_body *parent, unsigned depth,
				 unsigned *left)
{
	struct mail_part *part;
	bool message = strcmp(body->type, "message") == 0;

	if (depth > LIMIT_PART_DEPTH || *left == 0)
		return NULL;
	--*left;
	part = mail_part_new();
	/* The multipart of an attached message has no number of its own. */
	if (parent != NULL && strcmp(parent->type, "message") == 0 &&
	    strcmp(body->type, "multipart") == 0)
		take(&part->section, g_strconcat(parent->section, ".TEXT", NULL));
	else
		take(&part->section, g_strdup(body->section));
	take(&part->type, sanitise_line(body->type, -1));
	take(&part->subtype, sanitise_line(body->subtype, -1));
	take(&part->encoding, sanitise_line(body->encoding, -1));
	take(&part->disposition, sanitise_line(body->disposition, -1));
	take(&part->content_id, without_brackets(body->id));
	take(&part->description, mail_decode(body->description != NULL ?
						     body->description : "",
					     -1));
	take_parameters(part, body);
	part->size = body->octets;
	if (body->n_parts == 0 && !message && strcmp(body->type, "multipart"))
		return part;
	if (part->children == NULL)
		part->children = g_ptr_array_new_with_free_func(
			(GDestroyNotify)mail_part_free);
	for (size_t i = 0; i < body->n_parts; i++) {
		struct mail_part *child =
			convert(body->parts[i], body, depth + 1, left);

		if (child == NULL) {
			mail_part_free(part);
			return NULL;
		}
		g_ptr_array_add(part->children, child);
	}
	return part;
}

struct mail_part *structure_from_imap(const struct imap_body *body)
{
	unsigned left = LIMIT_PARTS;

	return body != NULL ? convert(body, NULL, 0, &left) : NULL;
}

/* ---- flags ---- */

static const struct {
	uint32_t imap, store;
} system_flags[] = {
	{ IMAP_FLAG_SEEN, STORE_SEEN },
	{ IMAP_FLAG_ANSWERED, STORE_ANSWERED },
	{ IMAP_FLAG_FLAGGED, STORE_FLAGGED },
	{ IMAP_FLAG_DELETED, STORE_DELETED },
	{ IMAP_FLAG_DRAFT, STORE_DRAFT },
};

static const struct {
	const char *keyword;
	uint32_t store;
} keyword_flags[] = {
	{ "$Forwarded", STORE_FORWARDED },
	{ "$Junk", STORE_JUNK },
};

static uint32_t keyword_flag(const char *keyword)
{
	for (size_t i = 0; i < G_N_ELEMENTS(keyword_flags); i++)
		if (g_ascii_strcasecmp(keyword, keyword_flags[i].keyword) == 0)
			return keyword_flags[i].store;
	return 0;
}

uint32_t flags_from_imap(const struct imap_flags *flags, GString *keywords)
{
	uint32_t result = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(system_flags); i++)
		if (flags->system & system_flags[i].imap)
			result |= system_flags[i].store;
	for (size_t i = 0; i < flags->n; i++) {
		uint32_t flag = keyword_flag(flags->keywords[i]);
		g_autofree char *word = NULL;

		result |= flag;
		if (flag != 0)
			continue;
		word = sanitise_line(flags->keywords[i], -1);
		if (keywords->len > 0)
			g_string_append_c(keywords, ' ');
		g_string_append(keywords, word);
	}
	return result;
}

uint32_t flags_fleeting(const struct imap_flags *permanent)
{
	GString *others = g_string_new(NULL);
	uint32_t kept = flags_from_imap(permanent, others);
	uint32_t all = 0;

	g_string_free(others, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(system_flags); i++)
		all |= system_flags[i].store;
	/* With "\*" any keyword lasts. */
	if (!(permanent->system & IMAP_FLAG_STAR))
		for (size_t i = 0; i < G_N_ELEMENTS(keyword_flags); i++)
			all |= keyword_flags[i].store;
	return all & ~kept;
}

char *flags_lasting(const struct imap_flags *permanent)
{
	GString *keywords;

	if (permanent->system & IMAP_FLAG_STAR)
		return NULL;
	keywords = g_string_new(NULL);
	flags_from_imap(permanent, keywords);
	return g_string_free(keywords, FALSE);
}

uint32_t flags_to_imap(uint32_t flags, const char *keywords[3])
{
	uint32_t result = 0;
	size_t n = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(system_flags); i++)
		if (flags & system_flags[i].store)
			result |= system_flags[i].imap;
	for (size_t i = 0; i < G_N_ELEMENTS(keyword_flags); i++)
		if (flags & keyword_flags[i].store)
			keywords[n++] = keyword_flags[i].keyword;
	keywords[n] = NULL;
	return result;
}
