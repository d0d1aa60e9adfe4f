/* SPDX-License-Identifier: GPL-3.0-or-later */
/* simple: plain words, as mutt's simple searches. */
#include "config.h"

#include <string.h>

#include "private.h"

static const struct {
	const char *word, *pattern;
	bool exact; /* case counts */
} words[] = {
	{ "all", "~A", false },	 { ".", "~A", true },
	{ "^", "~A", true },	 { "del", "~D", false },
	{ "flag", "~F", false }, { "new", "~N", false },
	{ "old", "~O", false },	 { "repl", "~Q", false },
	{ "read", "~R", false }, { "tag", "~T", false },
	{ "unread", "~U", false },
};

static bool is_pattern(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (strchr("~=%", *text) != NULL)
			return true;
	}
	return false;
}

static char *quote(const char *text)
{
	GString *out = g_string_new("\"");

	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *text);
	}
	g_string_append_c(out, '"');
	return g_string_free(out, FALSE);
}

char *simple_expand(const char *text, const char *simple)
{
	g_autofree char *quoted = NULL;
	g_auto(GStrv) parts = NULL;

	if (is_pattern(text))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (words[i].exact ? strcmp(text, words[i].word) == 0
				   : g_ascii_strcasecmp(text,
							words[i].word) == 0)
			return g_strdup(words[i].pattern);
	quoted = quote(text);
	parts = g_strsplit(simple, "%s", -1);
	if (parts[0] == NULL || parts[1] == NULL)
		return g_strconcat(simple, " ", quoted, NULL);
	return g_strjoinv(quoted, parts);
}
