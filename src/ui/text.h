/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text of long lines seen through a window: wrapped where it is looked at
 * and nowhere else, so that a huge message costs what a screen costs.
 * No curses here.
 */
#ifndef SMEW_UI_TEXT_H
#define SMEW_UI_TEXT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_kind {
	TEXT_PLAIN,
	TEXT_HEADER,	/* 'mark' octets of field name come first */
	TEXT_QUOTED,	/* with a level from 1 on */
	TEXT_SIGNATURE,
	TEXT_ATTACHMENT,
	TEXT_NOTE,
	TEXT_TITLE,	/* a heading of the help pane */
	TEXT_SERVER,	/* a dialogue: 'mark' octets of time come first */
	TEXT_CLIENT,
	TEXT_STATE,
};

struct text_line {
	char *text;	/* owned, valid UTF-8 without line ends */
	uint32_t length, mark;
	uint8_t kind, level;
};

struct text;

/* A place: an octet of a line where a screen row begins. */
struct text_place {
	size_t line, offset;
};

/* 'columns' is the width for wrapping, at least 1. */
struct text *text_new(void);
void text_free(struct text *text);
/* Takes 'line' over; one that is very long is kept as several lines. */
void text_add(struct text *text, const struct text_line *line);
/* Copies 'string'. */
void text_append(struct text *text, enum text_kind kind, const char *string);
size_t text_lines(const struct text *text);
const struct text_line *text_line_at(const struct text *text, size_t line);

struct text_format {
	int columns;	   /* of the pane, at least 1 */
	int wrap;	   /* $wrap: 0 the pane, > 0 columns, < 0 right margin */
	bool smart;	   /* break at blanks */
	bool markers;	   /* a '+' before continued rows: one cell less */
	int indent;	   /* cells left free before continued rows */
	bool hide_quoted;
	int show_levels;   /* quote levels kept when quoted text is hidden */
};
void text_set_format(struct text *text, const struct text_format *format);

/* Whether the line is on the screen at all. */
bool text_visible(const struct text *text, size_t line);
/* The first visible row of the text, and the one at or after 'line'. */
struct text_place text_start(const struct text *text);
struct text_place text_at_line(const struct text *text, size_t line);
/*
 * The octets of the row that begins at 'place'; *next is where the following
 * row begins; returns false at the end of the text.
 */
bool text_row(const struct text *text, struct text_place place,
	      size_t *length, struct text_place *next);
/* 'rows' on (or back, when negative); stops at the ends. *moved: how far. */
struct text_place text_move(const struct text *text, struct text_place place,
			    int rows, int *moved);
/* The place from which 'rows' rows reach the end of the text. */
struct text_place text_last_page(const struct text *text, int rows);
/* The same octet after the format has changed: the row that holds it. */
struct text_place text_relocate(const struct text *text,
				struct text_place place);
/* How much of the text lies before 'place', in percent of octets. */
int text_percent(const struct text *text, struct text_place place);
/* -1, 0, 1 as a is before, at or after b. */
int text_compare(struct text_place a, struct text_place b);
/*
 * How many octets of 'text' make one row of 'cells' cells; *next is where the
 * rest begins (blanks at a break are swallowed when 'smart').
 */
size_t text_wrap(const char *text, size_t length, int cells, bool smart,
		 size_t *next);

#endif
