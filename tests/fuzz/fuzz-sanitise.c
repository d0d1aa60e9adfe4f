/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sanitiser and the width functions on any octets: what comes out is
 * valid UTF-8 without control or format characters, a second pass changes
 * nothing, and clusters cover the text exactly.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "smew/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not g_assert(): that can be compiled out. */
static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool is_number_sign(gunichar c)
{
	return (c >= 0x600 && c <= 0x605) || c == 0x6dd || c == 0x70f ||
	       c == 0x890 || c == 0x891 || c == 0x8e2 || c == 0x110bd ||
	       c == 0x110cd;
}

static bool may_be_shown(gunichar c, bool body)
{
	if (body && (c == '\n' || c == '\t'))
		return true;
	switch (g_unichar_type(c)) {
	case G_UNICODE_CONTROL:
	case G_UNICODE_SURROGATE:
	case G_UNICODE_LINE_SEPARATOR:
	case G_UNICODE_PARAGRAPH_SEPARATOR:
		return false;
	case G_UNICODE_FORMAT:
		return c == 0x200d || is_number_sign(c);
	default:
		return true;
	}
}

static void check_clusters(const char *text)
{
	const char *end = text + strlen(text);
	const char *p = text;
	int total = 0, cells;

	while (p < end) {
		size_t size = text_cluster(p, end, &cells);

		require(size > 0 && size <= (size_t)(end - p));
		require(cells >= 0 && cells <= 2);
		total += cells;
		p += size;
	}
	require(text_width(text, -1) == total);
	for (int room = 0; room < 8; room++) {
		int used;

		text_fit(text, -1, room, &used);
		require(used <= room);
	}
}

static void check(const uint8_t *data, size_t size, bool body)
{
	char *(*clean)(const char *, gssize) =
		body ? sanitise_text : sanitise_line;
	g_autofree char *once = clean((const char *)data, (gssize)size);
	g_autofree char *twice = clean(once, -1);

	require(g_utf8_validate(once, -1, NULL));
	require(strcmp(once, twice) == 0);
	for (const char *p = once; *p != '\0'; p = g_utf8_next_char(p))
		require(may_be_shown(g_utf8_get_char(p), body));
	check_clusters(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int cells;

	check(data, size, false);
	check(data, size, true);
	/* Text that was not sanitised must at least not be read beyond. */
	if (size > 0)
		text_cluster((const char *)data, (const char *)data + size,
			     &cells);
	return 0;
}
