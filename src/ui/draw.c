/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <curses.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "draw.h"
#include "smew/base.h"

enum {
	MAX_COMBINING = CCHARW_MAX - 1,
	ZWJ = 0x200d,
	UNKNOWN = 0xfffd,
};

struct draw {
	const struct theme *theme; /* borrowed */
	struct theme_depth depth;
	bool unicode;		   /* the locale is UTF-8 */
	bool ascii;		   /* $ascii_chars */
	GHashTable *pairs;	   /* colours to a pair number */
	int next_pair;
	int rows, cols;
	int cursor_y, cursor_x;
	bool cursor_visible;
};

struct draw *draw_new(const struct theme *theme, struct theme_depth depth)
{
	struct draw *draw = g_new0(struct draw, 1);

	draw->theme = theme;
	draw->depth = depth;
	draw->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	draw->pairs = g_hash_table_new(NULL, NULL);
	draw->next_pair = 1;
	return draw;
}

void draw_free(struct draw *draw)
{
	if (draw == NULL)
		return;
	g_hash_table_unref(draw->pairs);
	g_free(draw);
}

void draw_theme(struct draw *draw, const struct theme *theme, bool ascii)
{
	draw->ascii = ascii;
	draw->theme = theme;
}

/* ---- looks ---- */

/* Pairs are made as they are needed; when there are no more, no colour. */
static int pair_of(struct draw *draw, int fg, int bg)
{
	gint64 key = ((gint64)(fg + 1) << 25 | (gint64)(bg + 1)) + 1;
	gpointer known = g_hash_table_lookup(draw->pairs,
					     (gpointer)(gintptr)key);
	int pair = draw->next_pair;

	if (fg < 0 && bg < 0)
		return 0;
	if (known != NULL)
		return GPOINTER_TO_INT(known);
	if (pair >= COLOR_PAIRS || init_extended_pair(pair, fg, bg) == ERR)
		return 0;
	draw->next_pair++;
	g_hash_table_insert(draw->pairs, (gpointer)(gintptr)key,
			    GINT_TO_POINTER(pair));
	return pair;
}

static attr_t attributes_of(unsigned attributes)
{
	static const struct {
		unsigned ours;
		attr_t theirs;
	} map[] = {
		{ATTR_BOLD, A_BOLD},	   {ATTR_UNDERLINE, A_UNDERLINE},
		{ATTR_REVERSE, A_REVERSE}, {ATTR_BLINK, A_BLINK},
		{ATTR_ITALIC, A_ITALIC},   {ATTR_STANDOUT, A_STANDOUT},
	};
	attr_t result = A_NORMAL;

	for (size_t i = 0; i < G_N_ELEMENTS(map); i++)
		if (attributes & map[i].ours)
			result |= map[i].theirs;
	return result;
}

/* ---- cells ---- */

/* A look as curses wants it. */
struct ink {
	attr_t attributes;
	int pair;
};

static struct ink ink_of(struct draw *draw, struct look look)
{
	struct ink ink = {attributes_of(look.attributes), 0};

	if (draw->depth.colors >= 8)
		ink.pair = pair_of(draw, look.fg, look.bg);
	return ink;
}

static void put(int y, int x, const wchar_t *text, struct ink ink)
{
	cchar_t cell;

	if (setcchar(&cell, text, ink.attributes, 0, &ink.pair) == OK)
		mvadd_wch(y, x, &cell);
}

static void put_ascii(int y, int x, wchar_t c, struct ink ink)
{
	const wchar_t text[2] = {c, L'\0'};

	put(y, x, text, ink);
}

static void put_glyph(struct draw *draw, int y, int x, gunichar glyph,
		      struct ink ink)
{
	static const struct {
		wchar_t unicode;
		char ascii;
	} shapes[] = {
		{0x2502, '|'}, {0x251c, '|'}, {0x2514, '`'},
		{0x2500, '-'}, {'>', '>'},    {'?', '?'},
		{'*', '*'},    {0x250c, ','}, {0x252c, '-'},
		{0x2534, '-'}, {'=', '='},    {'&', '&'},
		{0x25b8, '+'}, {0x25be, '-'},
	};
	wchar_t shape;

	glyph -= GLYPH_FIRST;
	shape = draw->unicode && !draw->ascii
			? shapes[glyph].unicode
			: (wchar_t)shapes[glyph].ascii;
	put_ascii(y, x, shape, ink);
}

/* Whether the locale and the C library can show the character at all. */
static bool showable(const struct draw *draw, gunichar c)
{
	char octets[MB_LEN_MAX];
	mbstate_t state = {0};

	if (c < 32 || (c >= 0x7f && c < 0xa0))
		return false;
	if (draw->unicode)
		return wcwidth((wchar_t)c) >= 0;
	return wcrtomb(octets, (wchar_t)c, &state) != (size_t)-1;
}

/*
 * One cluster of 'cells' cells. Terminals differ in what they make of joined
 * emoji, so only the first picture is shown, and curses and the terminal
 * agree on where the next cell is. Characters that take a cell of their own
 * (the two halves of a flag) get one.
 */
static void put_cluster(struct draw *draw, int y, int x, int cells,
			const char *text, const char *end, struct ink ink)
{
	wchar_t cell[MAX_COMBINING + 2];
	int n = 0, used = 0, at = x;

	for (; text < end; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);
		int width;

		if (c == ZWJ)
			break;
		if (!showable(draw, c))
			c = n == 0 && used == 0 ? '?' : 0;
		width = c == 0 ? 0 : wcwidth((wchar_t)c);
		if (width > 0 && used + width > cells)
			break;
		if (width > 0) {
			if (n > 0) {
				cell[n] = L'\0';
				put(y, at, cell, ink);
			}
			at = x + used;
			used += width;
			cell[0] = (wchar_t)c;
			n = 1;
		} else if (c != 0 && n > 0 && n < MAX_COMBINING &&
			   c != 0xfe0f) {
			cell[n++] = (wchar_t)c;
		}
	}
	if (n > 0) {
		cell[n] = L'\0';
		put(y, at, cell, ink);
	}
	for (; used < cells; used++)
		put_ascii(y, x + used, L' ', ink);
}

static bool is_glyph(gunichar c)
{
	return c >= GLYPH_FIRST && c <= GLYPH_LAST;
}

int draw_text(struct draw *draw, int y, int x, int cells, const char *text,
	      gssize length, struct look look)
{
	const char *end = text + (length < 0 ? (gssize)strlen(text) : length);
	struct ink ink = ink_of(draw, look), tree = ink;
	int used = 0, width;
	size_t n;

	if (y < 0 || y >= draw->rows || x < 0)
		return 0;
	cells = MIN(cells, draw->cols - x);
	if (!(look.attributes & (ATTR_REVERSE | ATTR_STANDOUT)) && look.bg < 0)
		tree = ink_of(draw, theme_look(draw->theme, STYLE_TREE));
	for (; text < end && used < cells; text += n) {
		gunichar c = (unsigned char)*text;

		if (c >= 32 && c < 127 &&
		    (text + 1 == end || !((unsigned char)text[1] & 0x80))) {
			put_ascii(y, x + used++, (wchar_t)c, ink);
			n = 1;
			continue;
		}
		n = text_cluster(text, end, &width);
		if (n == 0 || used + width > cells)
			break;
		c = g_utf8_get_char(text);
		if (is_glyph(c))
			put_glyph(draw, y, x + used, c, tree);
		else if (width > 0)
			put_cluster(draw, y, x + used, width, text, text + n,
				    ink);
		used += is_glyph(c) ? 1 : width;
	}
	return used;
}

int draw_styled(struct draw *draw, int y, int x, int cells, const char *text,
		gssize length, enum style style)
{
	return draw_text(draw, y, x, cells, text, length,
			 theme_look(draw->theme, style));
}

static void fill(struct draw *draw, const struct rect *area, struct look look)
{
	struct ink ink = ink_of(draw, look);

	for (int y = area->y; y < MIN(area->y + area->h, draw->rows); y++)
		for (int x = area->x; x < MIN(area->x + area->w, draw->cols);
		     x++)
			put_ascii(y, x, L' ', ink);
}

void draw_fill(struct draw *draw, const struct rect *area, enum style style)
{
	fill(draw, area, theme_look(draw->theme, style));
}

void draw_row_look(struct draw *draw, const struct rect *area, int row,
		   const char *text, struct look look)
{
	struct rect line = {area->y + row, area->x, 1, area->w};

	if (row < 0 || row >= area->h)
		return;
	fill(draw, &line, look);
	draw_text(draw, line.y, line.x, line.w, text, -1, look);
}

void draw_row(struct draw *draw, const struct rect *area, int row,
	      const char *text, enum style style)
{
	draw_row_look(draw, area, row, text, theme_look(draw->theme, style));
}

/* ---- frames ---- */

void draw_begin(struct draw *draw, int rows, int cols)
{
	struct look normal = theme_look(draw->theme, STYLE_NORMAL);
	struct ink ink = ink_of(draw, normal);
	cchar_t blank;

	draw->rows = rows;
	draw->cols = cols;
	draw->cursor_visible = false;
	draw->cursor_y = rows - 1;
	draw->cursor_x = 0;
	if (setcchar(&blank, L" ", ink.attributes, 0, &ink.pair) == OK)
		bkgrndset(&blank);
	erase();
}

void draw_end(struct draw *draw)
{
	curs_set(draw->cursor_visible ? 1 : 0);
	move(CLAMP(draw->cursor_y, 0, draw->rows - 1),
	     CLAMP(draw->cursor_x, 0, draw->cols - 1));
	wnoutrefresh(stdscr);
}

void draw_cursor(struct draw *draw, int y, int x, bool visible)
{
	draw->cursor_y = y;
	draw->cursor_x = x;
	draw->cursor_visible = visible;
}

void draw_append_glyph(GString *out, enum glyph glyph)
{
	g_string_append_unichar(out, (gunichar)glyph);
}

void draw_append(GString *out, const char *text)
{
	/* U+F8xx begins with these octets: nearly always there is none. */
	if (strstr(text, "\xef\xa3") == NULL) {
		g_string_append(out, text);
		return;
	}
	for (; *text != '\0'; text = g_utf8_next_char(text)) {
		gunichar c = g_utf8_get_char(text);

		g_string_append_unichar(out, is_glyph(c) ? UNKNOWN : c);
	}
}
