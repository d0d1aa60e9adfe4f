/* SPDX-License-Identifier: GPL-3.0-or-later */
/* match: whether texts and messages match. */
#include "config.h"

#include <string.h>

#include "private.h"

static bool is_like(const struct query_node *node, const char *text,
		    size_t length)
{
	enum regex_result result;

	/* A field that is empty is no different from one that is missing. */
	if (length == 0)
		return false;
	result = regex_match(node->regex, text, length);
	if (result == REGEX_GAVE_UP)
		((struct query *)node->query)->gave_up = true;
	return result == REGEX_YES;
}

/* ---- addresses ---- */

static bool is_one_of(char **addresses, const char *email, size_t length)
{
	for (; addresses != NULL && *addresses != NULL; addresses++)
		if (strlen(*addresses) == length &&
		    g_ascii_strncasecmp(*addresses, email, length) == 0)
			return true;
	return false;
}

static bool is_in_group(const struct query_node *node, const char *email,
			size_t length)
{
	bool found = is_one_of(node->members, email, length);

	for (guint i = 0; i < node->expressions->len && !found; i++)
		found = regex_match(g_ptr_array_index(node->expressions, i),
				    email, length) == REGEX_YES;
	return found;
}

static bool address_fits(const struct query_node *node, const char *name,
			 size_t name_length, const char *email,
			 size_t email_length)
{
	if (node->mine)
		return is_one_of(node->query->mine, email, email_length);
	if (node->group)
		return is_in_group(node, email, email_length);
	return is_like(node, email, email_length) ||
	       is_like(node, name, name_length);
}

/* Where the address at 'at' ends: at ", " or at the end of the text. */
static const char *address_end(const char *at, const char **open,
			       const char **close)
{
	const char *end = strstr(at, ", ");
	const char *angle = strchr(at, '<');

	*open = *close = NULL;
	if (end == NULL)
		end = at + strlen(at);
	/* A comma before the angle belongs to a name without an '@'. */
	if (angle == NULL ||
	    (angle > end && memchr(at, '@', (size_t)(end - at)) != NULL))
		return end;
	*close = strchr(angle, '>');
	if (*close == NULL)
		return at + strlen(at);
	*open = angle;
	end = strstr(*close, ", ");
	return end != NULL ? end : at + strlen(at);
}

static size_t without_blanks(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return length;
}

/*
 * 1: an address settles it (one that fits, or with '^' one that does not), 0:
 * none does.
 */
static bool list_settles(const struct query_node *node, const char *at)
{
	while (*at != '\0') {
		const char *open, *close, *end = address_end(at, &open, &close);
		bool fits;

		if (open == NULL)
			fits = address_fits(node, "", 0, at,
					    (size_t)(end - at));
		else
			fits = address_fits(
				node, at,
				without_blanks(at, (size_t)(open - at)),
				open + 1, (size_t)(close - open - 1));
		if (fits != node->every)
			return true;
		at = *end != '\0' ? end + strlen(", ") : end;
	}
	return false;
}

static bool addresses_match(const struct query_node *node,
			    const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (texts[i] != NULL && list_settles(node, texts[i]))
			return !node->every;
	return node->every;
}

/* ---- other texts ---- */

static bool words_match(const struct query_node *node, const char *at)
{
	while (*at != '\0') {
		size_t length = strcspn(at, " ");

		if (is_like(node, at, length))
			return true;
		at += length;
		at += strspn(at, " ");
	}
	return false;
}

bool query_node_match(const struct query_node *node, const char *const *texts,
		      size_t n)
{
	switch (node->field) {
	case QUERY_FROM:
	case QUERY_TO:
	case QUERY_CC:
	case QUERY_RECIPIENT:
	case QUERY_ADDRESS:
		return addresses_match(node, texts, n);
	default:
		break;
	}
	for (size_t i = 0; i < n; i++) {
		const char *text = texts[i] != NULL ? texts[i] : "";

		if (node->field == QUERY_REFERENCES
			    ? words_match(node, text)
			    : is_like(node, text, strlen(text)))
			return true;
	}
	return false;
}

/* ---- messages in memory ---- */

static bool header_matches(const struct query_node *node,
			   const struct query_message *m)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "From: ", m->from },	     { "To: ", m->to },
		{ "Cc: ", m->cc },	     { "Subject: ", m->subject },
		{ "Message-ID: ", m->id },   { "List-Id: ", m->list },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *line = NULL;
		const char *text;

		if (fields[i].value == NULL || *fields[i].value == '\0')
			continue;
		text = line = g_strconcat(fields[i].name, fields[i].value,
					  NULL);
		if (query_node_match(node, &text, 1))
			return true;
	}
	return false;
}

static bool text_matches(const struct query_node *node,
			 const struct query_message *m)
{
	const char *all[] = { m->from, m->to, m->cc };

	switch (node->field) {
	case QUERY_FROM:
		return query_node_match(node, all, 1);
	case QUERY_TO:
		return query_node_match(node, all + 1, 1);
	case QUERY_CC:
		return query_node_match(node, all + 2, 1);
	case QUERY_RECIPIENT:
		return query_node_match(node, all + 1, 2);
	case QUERY_ADDRESS:
		return query_node_match(node, all, 3);
	case QUERY_SUBJECT:
		return query_node_match(node, &m->subject, 1);
	case QUERY_ID:
		return query_node_match(node, &m->id, 1);
	case QUERY_LABEL:
		return query_node_match(node, &m->label, 1);
	case QUERY_HEADER:
		return header_matches(node, m);
	case QUERY_REFERENCES:
	default:
		return false;
	}
}

static bool is_within(const struct query_node *node, int64_t value)
{
	return node->min <= value && value <= node->max;
}

static bool node_matches(const struct query_node *node,
			 const struct query_message *m);

/* All children true, or with 'any' one of them. */
static bool children_match(const struct query_node *node,
			   const struct query_message *m, bool any)
{
	for (guint i = 0; i < node->children->len; i++)
		if (node_matches(g_ptr_array_index(node->children, i), m) ==
		    any)
			return any;
	return !any;
}

static bool is_true(const struct query_node *node,
		    const struct query_message *m)
{
	switch (node->op) {
	case QUERY_ALL:
		return true;
	case QUERY_AND:
		return children_match(node, m, false);
	case QUERY_OR:
		return children_match(node, m, true);
	case QUERY_NEW:
		return !m->read && !m->old;
	case QUERY_OLD:
		return !m->read && m->old;
	case QUERY_READ:
		return m->read;
	case QUERY_UNREAD:
		return !m->read;
	case QUERY_FLAGGED:
		return m->flagged;
	case QUERY_DELETED:
		return m->deleted;
	case QUERY_REPLIED:
		return m->replied;
	case QUERY_TAGGED:
		return m->tagged;
	case QUERY_COLLAPSED:
		return m->collapsed;
	case QUERY_UNREFERENCED:
		return !m->answered;
	case QUERY_SENT:
		return is_within(node, m->sent);
	case QUERY_RECEIVED:
		return is_within(node, m->received);
	case QUERY_SIZE:
		return is_within(node, (int64_t)MIN(m->size,
						    (uint64_t)INT64_MAX));
	case QUERY_TEXT:
		return text_matches(node, m);
	case QUERY_THREAD:
	case QUERY_PARENT:
	case QUERY_CHILD:
	default:
		return false;
	}
}

static bool node_matches(const struct query_node *node,
			 const struct query_message *m)
{
	return is_true(node, m) != node->not;
}

bool query_matches(const struct query *query,
		   const struct query_message *message)
{
	return node_matches(query->root, message);
}
