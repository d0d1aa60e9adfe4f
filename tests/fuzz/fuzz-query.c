/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pattern, a NUL, and the text that a message has in all of its fields.
 * Whatever is read matches or does not, its opposite the other way round.
 */
#include "config.h"

#include <string.h>

#include "smew/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool matches(const char *pattern, const struct query_context *context,
		    const struct query_message *message, bool *gave_up)
{
	g_autoptr(query_t) query = query_new(pattern, context, NULL);
	bool result = query != NULL && query_matches(query, message);

	*gave_up = query != NULL && query_gave_up(query);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const mine[] = { "anna@example.org", NULL };
	const struct query_context context = {
		.now = 1795000000,
		.simple = "~f %s | ~s %s",
		.mine = mine,
	};
	g_autofree char *pattern = g_strndup((const char *)data, size);
	size_t length = strlen(pattern);
	g_autofree char *text =
		length < size ? g_strndup((const char *)data + length + 1,
					  size - length - 1)
			      : g_strdup("");
	const struct query_message message = {
		.from = text, .to = text, .cc = text, .subject = text,
		.id = text, .label = text, .list = text,
		.sent = 1, .received = 2, .size = 3,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(query_t) query = query_new(pattern, &context, &error);
	g_autofree char *opposite = g_strconcat("!(", pattern, ")", NULL);
	bool gave_up, gave_up_too, yes;

	/* Either a tree or a reason, never both. */
	if ((query == NULL) != (error != NULL))
		__builtin_trap();
	if (query == NULL || strpbrk(pattern, "()\"'\\") != NULL ||
	    strpbrk(pattern, "~=%") == NULL)
		return 0;
	yes = matches(pattern, &context, &message, &gave_up);
	if (strlen(opposite) <= QUERY_LENGTH_MAX &&
	    matches(opposite, &context, &message, &gave_up_too) == yes &&
	    !gave_up && !gave_up_too)
		__builtin_trap();
	return 0;
}
