/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ids.h"

#include <string.h>

#include "smew/query.h"
#include "smew/store.h"

/* FNV-1a with a final mix; never 0, which means "none". */
static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	hash ^= hash >> 33;
	hash *= 0xff51afd7ed558ccdu;
	hash ^= hash >> 33;
	return hash != 0 ? hash : 1;
}

static void append(GArray *ids, const char *text, size_t length)
{
	uint64_t hash;

	while (length > 0 && strchr(" \t\r\n<", *text) != NULL) {
		text++;
		length--;
	}
	while (length > 0 && strchr(" \t\r\n>", text[length - 1]) != NULL)
		length--;
	if (length == 0)
		return;
	hash = hash_of(text, length);
	g_array_append_val(ids, hash);
}

/* Without angle brackets, as some servers and caches give them: by spaces,
 * words that look like an id. */
static void collect_bare(GArray *ids, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, " \t\r\n");

		if (memchr(text, '@', length) != NULL)
			append(ids, text, length);
		text += length;
		text += strspn(text, " \t\r\n");
	}
}

static GArray *collect(const char *text)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	const char *open = text != NULL ? strchr(text, '<') : NULL;

	if (text != NULL && open == NULL)
		collect_bare(ids, text);
	while (open != NULL) {
		const char *close = strchr(open, '>');

		if (close == NULL)
			break;
		append(ids, open, (size_t)(close - open));
		open = strchr(close, '<');
	}
	return ids;
}

static uint64_t nth_last(const GArray *ids, guint i)
{
	return g_array_index(ids, uint64_t, ids->len - 1 - i);
}

static void append_newest_first(GArray *to, const GArray *ids, guint from)
{
	for (guint i = from; i < ids->len && to->len <= IDS_MAX; i++) {
		uint64_t hash = nth_last(ids, i);

		g_array_append_val(to, hash);
	}
}

GArray *ids_of(const char *message_id, const char *in_reply_to,
	       const char *references)
{
	g_autoptr(GArray) own = collect(message_id);
	g_autoptr(GArray) irt = collect(in_reply_to);
	g_autoptr(GArray) refs = collect(references);
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	uint64_t first = 0;

	if (own->len > 0)
		first = g_array_index(own, uint64_t, 0);
	else if (message_id != NULL && *message_id != '\0')
		first = hash_of(message_id, strlen(message_id));
	g_array_append_val(ids, first);
	if (irt->len == 0 || refs->len == 0) {
		append_newest_first(ids, irt, 0);
		append_newest_first(ids, refs, 0);
		return ids;
	}
	first = nth_last(irt, 0);
	g_array_append_val(ids, first);
	append_newest_first(ids, refs, nth_last(refs, 0) == first ? 1 : 0);
	return ids;
}

struct ids_prefix {
	struct query_regex *regex; /* owned */
};

struct ids_prefix *ids_prefix_new(const char *expression)
{
	struct query_regex *regex =
		expression != NULL && strcmp(expression, VIEW_REPLY) != 0
			? query_regex_new(expression, NULL)
			: NULL;
	struct ids_prefix *prefix;

	if (regex == NULL)
		return NULL;
	prefix = g_new0(struct ids_prefix, 1);
	prefix->regex = regex;
	return prefix;
}

void ids_prefix_free(struct ids_prefix *prefix)
{
	if (prefix == NULL)
		return;
	query_regex_free(prefix->regex);
	g_free(prefix);
}

/* Octets of the default's match. */
static size_t length_of_re(const char *subject)
{
	const char *at = subject;

	if (g_ascii_strncasecmp(at, "re", 2) != 0)
		return 0;
	at += 2;
	while (*at == '[') {
		size_t digits = strspn(at + 1, "0123456789");

		if (digits == 0 || at[1 + digits] != ']')
			return 0;
		at += digits + 2;
	}
	if (*at != ':')
		return 0;
	at++;
	return (size_t)(at - subject) + strspn(at, " \t");
}

static size_t length_of_prefix(const struct ids_prefix *prefix,
			       const char *subject)
{
	size_t start, end;

	return query_regex_find(prefix->regex, subject, strlen(subject), 0,
				&start, &end)
		       ? end
		       : 0;
}

const char *ids_base_subject(const struct ids_prefix *prefix,
			     const char *subject, bool *reply)
{
	size_t length = prefix != NULL
				? length_of_prefix(prefix, subject)
				: length_of_re(subject);

	*reply = length > 0;
	return subject + length;
}

uint64_t ids_subject(const struct ids_prefix *prefix, const char *subject,
		     bool *reply)
{
	const char *base;

	*reply = false;
	if (subject == NULL || *subject == '\0')
		return 0;
	base = ids_base_subject(prefix, subject, reply);
	return hash_of(base, strlen(base));
}
