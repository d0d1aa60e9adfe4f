/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ids.h"

#include <string.h>

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

const char *ids_base_subject(const char *subject, bool *reply)
{
	const char *at = subject;

	*reply = false;
	if (g_ascii_strncasecmp(at, "re", 2) != 0 &&
	    g_ascii_strncasecmp(at, "aw", 2) != 0)
		return subject;
	at += 2;
	while (*at == '[') {
		size_t digits = strspn(at + 1, "0123456789");

		if (digits == 0 || at[1 + digits] != ']')
			return subject;
		at += digits + 2;
	}
	if (*at != ':')
		return subject;
	*reply = true;
	at++;
	return at + strspn(at, " \t");
}

uint64_t ids_subject(const char *subject, bool *reply)
{
	const char *base;

	*reply = false;
	if (subject == NULL)
		return 0;
	base = ids_base_subject(subject, reply);
	return *base != '\0' ? hash_of(base, strlen(base)) : 0;
}
