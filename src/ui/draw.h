/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one place where text reaches curses: by clusters and cells, clipped,
 * and never a control character.
 */
#ifndef SMEW_UI_DRAW_H
#define SMEW_UI_DRAW_H

#include <glib.h>
#include <stdbool.h>

#include "layout.h"
#include "theme.h"

struct draw;

/* Line drawing stands in texts as these code points, a cell each. */
enum glyph {
	GLYPH_FIRST = 0xf8d0,
	GLYPH_VLINE = GLYPH_FIRST,
	GLYPH_TEE,
	GLYPH_CORNER,
	GLYPH_DASH,
	GLYPH_ARROW,
	GLYPH_MISSING,
	GLYPH_SUBJECT,
	GLYPH_UPPER,	 /* the corner of a tree on its head */
	GLYPH_DOWN,	 /* a line that begins here and goes down */
	GLYPH_UP,
	GLYPH_DUPLICATE,
	GLYPH_HIDDEN,
	GLYPH_FOLDED,
	GLYPH_UNFOLDED,
	GLYPH_LAST = GLYPH_UNFOLDED,
};

/* After the terminal was started. 'theme' is borrowed, see draw_theme(). */
struct draw *draw_new(const struct theme *theme, struct theme_depth depth);
void draw_free(struct draw *draw);
/* 'ascii': trees without line characters. */
void draw_theme(struct draw *draw, const struct theme *theme, bool ascii);

/* Begins a frame with an empty screen of this size. */
void draw_begin(struct draw *draw, int rows, int cols);
/* Ends it: the frame is ready for terminal_show(). */
void draw_end(struct draw *draw);

/* Fills an area with blanks. */
void draw_fill(struct draw *draw, const struct rect *area, enum style style);
/*
 * Writes valid UTF-8 ('length' -1: up to the NUL) into at most 'cells' cells;
 * returns how many were used. Glyphs get the style of the tree when the text
 * is in the normal style.
 */
int draw_text(struct draw *draw, int y, int x, int cells, const char *text,
	      gssize length, struct look look);
int draw_styled(struct draw *draw, int y, int x, int cells, const char *text,
		gssize length, enum style style);
/* A row of 'area' (0 is its first), text and blanks behind it. */
void draw_row(struct draw *draw, const struct rect *area, int row,
	      const char *text, enum style style);
void draw_row_look(struct draw *draw, const struct rect *area, int row,
		   const char *text, struct look look);
/* Where the terminal's cursor is when the frame is shown. */
void draw_cursor(struct draw *draw, int y, int x, bool visible);
/* Appends foreign text for draw_text(): glyphs in it become U+FFFD. */
void draw_append(GString *out, const char *text);
void draw_append_glyph(GString *out, enum glyph glyph);

#endif
