/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "lineedit.h"
#include "smew/base.h"

/* No prompt needs more; a paste of a whole file stops here. */
enum { MAX_OCTETS = 8192 };

void lineedit_init(struct lineedit *edit, const char *text)
{
	edit->text = g_string_new(text);
	edit->cursor = edit->text->len;
}

void lineedit_release(struct lineedit *edit)
{
	g_string_free(edit->text, TRUE);
	edit->text = NULL;
}

void lineedit_set(struct lineedit *edit, const char *text)
{
	g_string_assign(edit->text, text);
	edit->cursor = edit->text->len;
}

bool lineedit_insert(struct lineedit *edit, gunichar c)
{
	char octets[6];
	int n;

	if (c < 32 || (c >= 0x7f && c < 0xa0) || !g_unichar_validate(c) ||
	    edit->text->len >= MAX_OCTETS)
		return false;
	n = g_unichar_to_utf8(c, octets);
	g_string_insert_len(edit->text, (gssize)edit->cursor, octets, n);
	edit->cursor += (size_t)n;
	return true;
}

void lineedit_replace(struct lineedit *edit, size_t start, const char *text)
{
	start = MIN(start, edit->cursor);
	g_string_erase(edit->text, (gssize)start,
		       (gssize)(edit->cursor - start));
	g_string_insert(edit->text, (gssize)start, text);
	edit->cursor = start + strlen(text);
}

/* The beginning of the cluster before 'at': what combines goes with it. */
static size_t cluster_before(const struct lineedit *edit, size_t at)
{
	const char *text = edit->text->str, *p = text, *end = text + at;

	while (p < end) {
		int cells;
		size_t n = text_cluster(p, end, &cells);

		if (n == 0 || p + n >= end)
			break;
		p += n;
	}
	return (size_t)(p - text);
}

static size_t cluster_after(const struct lineedit *edit, size_t at)
{
	int cells;

	return at + text_cluster(edit->text->str + at,
				 edit->text->str + edit->text->len, &cells);
}

static bool is_space(const struct lineedit *edit, size_t at)
{
	return g_unichar_isspace(g_utf8_get_char(edit->text->str + at));
}

static size_t word_before(const struct lineedit *edit)
{
	size_t at = edit->cursor;

	while (at > 0 && is_space(edit, cluster_before(edit, at)))
		at = cluster_before(edit, at);
	while (at > 0 && !is_space(edit, cluster_before(edit, at)))
		at = cluster_before(edit, at);
	return at;
}

static size_t word_after(const struct lineedit *edit)
{
	size_t at = edit->cursor;

	while (at < edit->text->len && is_space(edit, at))
		at = cluster_after(edit, at);
	while (at < edit->text->len && !is_space(edit, at))
		at = cluster_after(edit, at);
	return at;
}

static void erase(struct lineedit *edit, size_t from, size_t to)
{
	g_string_erase(edit->text, (gssize)from, (gssize)(to - from));
	edit->cursor = from;
}

static void transpose(struct lineedit *edit)
{
	size_t middle, from, to;
	g_autofree char *left = NULL;

	if (edit->cursor == edit->text->len)
		edit->cursor = cluster_before(edit, edit->cursor);
	middle = edit->cursor;
	if (middle == 0)
		return;
	from = cluster_before(edit, middle);
	to = cluster_after(edit, middle);
	left = g_strndup(edit->text->str + from, middle - from);
	g_string_insert(edit->text, (gssize)to, left);
	g_string_erase(edit->text, (gssize)from, (gssize)(middle - from));
	edit->cursor = to;
}

static char *cased(const char *word, enum function_op op)
{
	const char *rest;
	g_autofree char *head = NULL, *first = NULL, *tail = NULL;

	if (op == OP_EDITOR_UPCASE_WORD)
		return g_utf8_strup(word, -1);
	if (op == OP_EDITOR_DOWNCASE_WORD)
		return g_utf8_strdown(word, -1);
	for (rest = word; g_unichar_isspace(g_utf8_get_char(rest));)
		rest = g_utf8_next_char(rest);
	if (*rest == '\0')
		return g_strdup(word);
	head = g_strndup(word,
			 (gsize)(g_utf8_next_char(rest) - word));
	first = g_utf8_strup(head, -1);
	tail = g_utf8_strdown(g_utf8_next_char(rest), -1);
	return g_strconcat(first, tail, NULL);
}

static void change_case(struct lineedit *edit, enum function_op op)
{
	size_t end = word_after(edit), start = edit->cursor;
	g_autofree char *word = g_strndup(edit->text->str + start, end - start);
	g_autofree char *changed = cased(word, op);

	edit->cursor = end;
	lineedit_replace(edit, start, changed);
}

static bool move(struct lineedit *edit, enum function_op op)
{
	switch (op) {
	case OP_EDITOR_BOL:
		edit->cursor = 0;
		return true;
	case OP_EDITOR_EOL:
		edit->cursor = edit->text->len;
		return true;
	case OP_EDITOR_BACKWARD_CHAR:
		edit->cursor = cluster_before(edit, edit->cursor);
		return true;
	case OP_EDITOR_FORWARD_CHAR:
		edit->cursor = cluster_after(edit, edit->cursor);
		return true;
	case OP_EDITOR_BACKWARD_WORD:
		edit->cursor = word_before(edit);
		return true;
	case OP_EDITOR_FORWARD_WORD:
		edit->cursor = word_after(edit);
		return true;
	default:
		return false;
	}
}

bool lineedit_do(struct lineedit *edit, enum function_op op)
{
	size_t at = edit->cursor;

	switch (op) {
	case OP_EDITOR_KILL_LINE:
		erase(edit, 0, edit->text->len);
		return true;
	case OP_EDITOR_KILL_EOL:
		erase(edit, at, edit->text->len);
		return true;
	case OP_EDITOR_KILL_EOW:
		erase(edit, at, word_after(edit));
		return true;
	case OP_EDITOR_KILL_WORD:
		erase(edit, word_before(edit), at);
		return true;
	case OP_EDITOR_DELETE_CHAR:
		erase(edit, at, cluster_after(edit, at));
		return true;
	case OP_EDITOR_BACKSPACE:
		erase(edit, cluster_before(edit, at), at);
		return true;
	case OP_EDITOR_TRANSPOSE_CHARS:
		transpose(edit);
		return true;
	case OP_EDITOR_UPCASE_WORD:
	case OP_EDITOR_DOWNCASE_WORD:
	case OP_EDITOR_CAPITALIZE_WORD:
		change_case(edit, op);
		return true;
	default:
		return move(edit, op);
	}
}

int lineedit_view(const struct lineedit *edit, int cells, size_t *from)
{
	size_t start = 0;
	int width = text_width(edit->text->str, (gssize)edit->cursor);

	/* One cell stays free for a cursor at the end. */
	while (width >= cells && start < edit->cursor) {
		int w;

		start += text_cluster(edit->text->str + start,
				      edit->text->str + edit->cursor, &w);
		width -= w;
	}
	*from = start;
	return width;
}
