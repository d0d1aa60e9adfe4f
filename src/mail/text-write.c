/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text-write: the text of a message on its way out. */
#include "config.h"

#include <string.h>

#include "charset.h"
#include "draft.h"

/* 'text' in 'charset', or NULL when something of it would be lost. */
static GBytes *convert(const char *text, const char *charset)
{
	gsize written = 0;
	char *octets = g_convert(text, -1, charset, "UTF-8", NULL, &written,
				 NULL);

	if (octets == NULL)
		return NULL;
	/* What is not a superset of ASCII (UTF-16) would hold NULs. */
	if (memchr(octets, '\0', written) != NULL) {
		g_free(octets);
		return NULL;
	}
	return g_bytes_new_take(octets, written);
}

static char *found(const char *name, GBytes *bytes, GBytes **octets)
{
	if (octets != NULL)
		*octets = bytes;
	else
		g_bytes_unref(bytes);
	return g_ascii_strdown(name, -1);
}

char *text_charset(const char *text, const char *charsets, GBytes **octets)
{
	g_auto(GStrv) names = g_strsplit(charsets != NULL ? charsets : "", ":",
					 -1);

	if (g_str_is_ascii(text))
		return found("us-ascii", g_bytes_new(text, strlen(text)),
			     octets);
	for (char **name = names; *name != NULL; name++) {
		g_autofree char *known = charset_resolve(*name);
		GBytes *bytes;

		if (g_ascii_strcasecmp(*name, "utf-8") == 0)
			break;
		if (known == NULL)
			continue;
		/* windows-1252 is read for it, and must not be sent for it. */
		bytes = convert(text, *name);
		if (bytes != NULL)
			return found(*name, bytes, octets);
	}
	return found("utf-8", g_bytes_new(text, strlen(text)), octets);
}

char *text_stuff(const char *text)
{
	GString *out = g_string_sized_new(strlen(text) + 64);

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		if (*text == ' ' || g_str_has_prefix(text, "From "))
			g_string_append_c(out, ' ');
		g_string_append_len(out, text, (gssize)n);
		text += n;
		if (*text == '\n') {
			g_string_append_c(out, '\n');
			text++;
		}
	}
	return g_string_free(out, FALSE);
}
