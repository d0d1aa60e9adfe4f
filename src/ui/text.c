/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "text.h"

/*
 * A longer line is kept in pieces: finding the row before a place wraps the
 * line from its beginning.
 */
enum { MAX_LINE = 16384 };

struct text {
	GArray *lines;	   /* of struct text_line, owned */
	GArray *offsets;   /* of uint64_t: octets before each line */
	uint64_t total;	   /* octets of all, a line end counted as one */
	struct text_format format;
	int cells;	   /* of a row, from format */
};

static void line_clear(gpointer data)
{
	struct text_line *line = data;

	g_free(line->text);
}

struct text *text_new(void)
{
	struct text *text = g_new0(struct text, 1);

	text->lines = g_array_new(FALSE, FALSE, sizeof(struct text_line));
	g_array_set_clear_func(text->lines, line_clear);
	text->offsets = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	text->cells = text->format.columns = 80;
	return text;
}

void text_free(struct text *text)
{
	if (text == NULL)
		return;
	g_array_unref(text->lines);
	g_array_unref(text->offsets);
	g_free(text);
}

static void add_piece(struct text *text, const struct text_line *line)
{
	g_array_append_val(text->lines, *line);
	g_array_append_val(text->offsets, text->total);
	text->total += line->length + 1;
}

void text_add(struct text *text, const struct text_line *line)
{
	struct text_line rest = *line;
	char *whole = line->text;
	size_t at = 0, length = strlen(whole);

	if (length <= MAX_LINE) {
		rest.length = (uint32_t)length;
		add_piece(text, &rest);
		return;
	}
	while (at < length) {
		size_t n = MIN((size_t)MAX_LINE, length - at);
		struct text_line piece = rest;

		/* A piece ends at a character's end. */
		while (at + n < length && n > 1 &&
		       ((unsigned char)whole[at + n] & 0xc0) == 0x80)
			n--;
		piece.text = g_strndup(whole + at, n);
		piece.length = (uint32_t)n;
		add_piece(text, &piece);
		rest.mark = 0;
		at += n;
	}
	g_free(whole);
}

void text_append(struct text *text, enum text_kind kind, const char *string)
{
	struct text_line line = {.text = g_strdup(string),
				 .kind = (uint8_t)kind};

	text_add(text, &line);
}

size_t text_lines(const struct text *text)
{
	return text->lines->len;
}

const struct text_line *text_line_at(const struct text *text, size_t line)
{
	return &g_array_index(text->lines, struct text_line, line);
}

void text_set_format(struct text *text, const struct text_format *format)
{
	int cells = format->columns;

	text->format = *format;
	if (format->wrap > 0)
		cells = MIN(cells, format->wrap);
	else if (format->wrap < 0 && cells + format->wrap > 0)
		cells += format->wrap;
	text->cells = MAX(cells, 1);
}

bool text_visible(const struct text *text, size_t line)
{
	const struct text_line *l;

	if (line >= text->lines->len)
		return false;
	l = text_line_at(text, line);
	return !text->format.hide_quoted || l->kind != TEXT_QUOTED ||
	       l->level <= text->format.show_levels;
}

struct text_place text_at_line(const struct text *text, size_t line)
{
	while (line < text->lines->len && !text_visible(text, line))
		line++;
	return (struct text_place){line, 0};
}

struct text_place text_start(const struct text *text)
{
	return text_at_line(text, 0);
}

/* Where a row that is too long for 'fit' octets is best broken, or 0. */
static size_t blank_before(const char *text, size_t fit)
{
	size_t at = fit;

	while (at > 0 && text[at] != ' ')
		at--;
	/* A break inside the indentation would give an empty row. */
	if (strspn(text, " ") >= at)
		return 0;
	return at;
}

size_t text_wrap(const char *text, size_t length, int cells, bool smart,
		 size_t *next)
{
	size_t fit = text_fit(text, (gssize)length, cells, NULL), at;
	int width;

	if (fit >= length) {
		*next = length;
		return length;
	}
	/* A cluster wider than the row stands on it alone. */
	if (fit == 0)
		fit = text_cluster(text, text + length, &width);
	at = smart ? blank_before(text, fit) : 0;
	if (at == 0) {
		*next = fit;
		return fit;
	}
	*next = at + strspn(text + at, " ");
	while (at > 0 && text[at - 1] == ' ')
		at--;
	return at;
}

bool text_row(const struct text *text, struct text_place place,
	      size_t *length, struct text_place *next)
{
	const struct text_line *line;
	int cells = text->cells;
	int lost = text->format.indent + (text->format.markers ? 1 : 0);
	size_t after;

	if (place.line >= text->lines->len)
		return false;
	line = text_line_at(text, place.line);
	if (place.offset > 0)
		cells = MAX(cells - lost, 1);
	*length = text_wrap(line->text + place.offset,
			    line->length - place.offset, cells,
			    text->format.smart, &after);
	if (place.offset + after >= line->length)
		*next = text_at_line(text, place.line + 1);
	else
		*next = (struct text_place){place.line, place.offset + after};
	return true;
}

/* The last row of 'line' that begins before 'limit'. */
static struct text_place row_before(const struct text *text, size_t line,
				    size_t limit)
{
	struct text_place at = {line, 0}, next;
	size_t length;

	while (text_row(text, at, &length, &next) && next.line == line &&
	       next.offset < limit)
		at = next;
	return at;
}

static bool step_back(const struct text *text, struct text_place *place)
{
	size_t line = place->line;

	if (place->offset > 0) {
		*place = row_before(text, line, place->offset);
		return true;
	}
	while (line > 0) {
		line--;
		if (text_visible(text, line)) {
			*place = row_before(text, line, SIZE_MAX);
			return true;
		}
	}
	return false;
}

struct text_place text_move(const struct text *text, struct text_place place,
			    int rows, int *moved)
{
	struct text_place next;
	size_t length;
	int n = 0;

	for (; rows > 0; rows--, n++) {
		if (!text_row(text, place, &length, &next) ||
		    next.line >= text->lines->len)
			break;
		place = next;
	}
	for (; rows < 0; rows++, n--)
		if (!step_back(text, &place))
			break;
	if (moved != NULL)
		*moved = n;
	return place;
}

struct text_place text_last_page(const struct text *text, int rows)
{
	struct text_place end = {text->lines->len, 0};

	return text_move(text, end, -MAX(rows, 1), NULL);
}

struct text_place text_relocate(const struct text *text,
				struct text_place place)
{
	if (place.line >= text->lines->len)
		return text_last_page(text, 1);
	if (!text_visible(text, place.line)) {
		place = text_at_line(text, place.line);
		if (place.line >= text->lines->len)
			return text_last_page(text, 1);
		return place;
	}
	return row_before(text, place.line, place.offset + 1);
}

int text_percent(const struct text *text, struct text_place place)
{
	uint64_t before;

	if (place.line >= text->lines->len || text->total == 0)
		return 100;
	before = g_array_index(text->offsets, uint64_t, place.line) +
		 place.offset;
	return (int)(before * 100 / text->total);
}

int text_compare(struct text_place a, struct text_place b)
{
	if (a.line != b.line)
		return a.line < b.line ? -1 : 1;
	return (a.offset > b.offset) - (a.offset < b.offset);
}

