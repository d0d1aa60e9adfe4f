/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "lines.h"
#include "smew/base.h"

#define TAB_WIDTH 8

static char *expand_tabs(const char *text, size_t length)
{
	const char *end = text + length, *tab;
	GString *out;
	int column = 0;

	if (memchr(text, '\t', length) == NULL)
		return g_strndup(text, length);
	out = g_string_sized_new(length + TAB_WIDTH);
	while ((tab = memchr(text, '\t', (size_t)(end - text))) != NULL) {
		int blanks;

		column += text_width(text, tab - text);
		blanks = TAB_WIDTH - column % TAB_WIDTH;
		g_string_append_len(out, text, tab - text);
		for (int i = 0; i < blanks; i++)
			g_string_append_c(out, ' ');
		column += blanks;
		text = tab + 1;
	}
	g_string_append_len(out, text, end - text);
	return g_string_free(out, FALSE);
}

static void append(struct lines *lines, enum mail_style style, unsigned level,
		   char *text)
{
	struct mail_line line = {
		.text = text,
		.style = (uint8_t)style,
		.level = (uint8_t)MIN(level, 255),
	};

	g_array_append_val(lines->array, line);
}

void lines_add(struct lines *lines, enum mail_style style, unsigned level,
	       const char *text, size_t length)
{
	/* An empty line takes memory as well. */
	size_t cost = length + sizeof(struct mail_line);

	if (lines->full || cost > LINES_LIMIT - lines->used) {
		lines->full = true;
		return;
	}
	lines->used += cost;
	append(lines, style, level, expand_tabs(text, length));
}

void lines_gap(struct lines *lines)
{
	const struct mail_line *last;

	if (lines->array->len == 0)
		return;
	last = &g_array_index(lines->array, struct mail_line,
			      lines->array->len - 1);
	if (*last->text != '\0')
		append(lines, MAIL_BODY, 0, g_strdup(""));
}

void lines_note(struct lines *lines, const char *text)
{
	append(lines, MAIL_NOTE, 0, g_strdup_printf("[-- %s --]", text));
}

void lines_attachment(struct lines *lines, const char *text)
{
	append(lines, MAIL_ATTACHMENT, 0, g_strdup_printf("[-- %s --]", text));
}
