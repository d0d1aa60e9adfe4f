/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "anchor.h"

void anchor_init(struct anchor *anchor)
{
	memset(anchor, 0, sizeof(*anchor));
	anchor->cursor = -1;
}

static void drop_rows(struct anchor *anchor)
{
	for (size_t i = 0; i < anchor->n; i++)
		view_row_clear(&anchor->rows[i]);
	g_free(anchor->rows);
	anchor->rows = NULL;
	anchor->n = 0;
}

void anchor_release(struct anchor *anchor)
{
	drop_rows(anchor);
}

struct view_row *anchor_row(const struct anchor *anchor, int64_t row)
{
	if (row < anchor->first || row >= anchor->first + (int64_t)anchor->n)
		return NULL;
	return &anchor->rows[row - anchor->first];
}

struct view_row *anchor_current(const struct anchor *anchor)
{
	return anchor_row(anchor, anchor->cursor);
}

/* The greatest row number that the first screen line may have. */
static int64_t last_top(const struct anchor *anchor)
{
	return MAX(anchor->total - MAX(anchor->height, 1), 0);
}

/* Scrolls by as many lines, or pages, as bring the cursor into sight. */
static void follow_cursor(struct anchor *a)
{
	int64_t h = MAX(a->height, 1);
	int64_t c = CLAMP(a->context, 0, (h - 1) / 2);
	int64_t above = a->top + c - a->cursor;
	int64_t below = a->cursor - (a->top + h - 1 - c);

	if (!a->move_off && a->total <= h)
		a->top = 0;
	else if (a->scroll || (a->context > 0 && a->context > c)) {
		if (above > 0)
			a->top -= above;
		else if (below > 0)
			a->top += below;
	} else {
		int64_t page = MAX(h - c, 1);

		if (above > 0)
			a->top -= (above + page - 1) / page * page;
		else if (below > 0)
			a->top += (below + page - 1) / page * page;
	}
	if (!a->move_off)
		a->top = MIN(a->top, last_top(a));
	/* Whatever the rules said, the cursor is on the screen. */
	a->top = CLAMP(a->top, MAX(a->cursor - h + 1, 0), MAX(a->cursor, 0));
}

static void learn_id(struct anchor *anchor)
{
	const struct view_row *row = anchor_current(anchor);

	anchor->id = row != NULL ? row->id : 0;
}

void anchor_move_to(struct anchor *anchor, int64_t row)
{
	if (anchor->total <= 0)
		return;
	anchor->cursor = CLAMP(row, 0, anchor->total - 1);
	anchor->placed = true;
	learn_id(anchor);
	follow_cursor(anchor);
}

void anchor_scroll(struct anchor *anchor, int64_t lines)
{
	int64_t h = MAX(anchor->height, 1), limit;

	if (anchor->total <= 0)
		return;
	limit = anchor->move_off ? anchor->total - 1 : last_top(anchor);
	/* An anchored screen may stand further down than a scrolled one. */
	limit = MAX(limit, anchor->top);
	anchor->top = CLAMP(anchor->top + lines, 0, limit);
	anchor->cursor = CLAMP(anchor->cursor, anchor->top,
			       MIN(anchor->top + h, anchor->total) - 1);
	learn_id(anchor);
}

void anchor_set_line(struct anchor *anchor, int line)
{
	if (anchor->cursor >= 0)
		anchor->top = MAX(anchor->cursor - line, 0);
}

void anchor_resize(struct anchor *anchor, int height)
{
	int64_t line = anchor->cursor - anchor->top;
	bool grown = height > anchor->height, first = anchor->height <= 0;

	if (height == anchor->height)
		return;
	anchor->height = height;
	if (anchor->cursor < 0 || height <= 0)
		return;
	/* The list was there before the screen: place it as if just opened. */
	if (first && !anchor->touched) {
		anchor->top = 0;
		follow_cursor(anchor);
		return;
	}
	if (line >= height)
		anchor->top = anchor->cursor - height + 1;
	/* A larger pane shows rows, not blank lines. */
	if (grown && !anchor->move_off)
		anchor->top = MIN(anchor->top, last_top(anchor));
	anchor->top = CLAMP(anchor->top, 0, anchor->cursor);
}

void anchor_expect(struct anchor *a, int64_t id)
{
	a->lost[a->n_lost++ % ANCHOR_LOST] = id;
}

/* Whether it was lost, which is forgotten. */
static bool comes_back(struct anchor *a, int64_t id)
{
	for (unsigned i = 0; i < MIN(a->n_lost, (unsigned)ANCHOR_LOST); i++) {
		if (a->lost[i] != id)
			continue;
		a->lost[i] = 0;
		return true;
	}
	return false;
}

static bool any_comes_back(struct anchor *a)
{
	bool any = false;

	for (size_t i = 0; a->n_lost > 0 && i < a->n; i++)
		any = comes_back(a, a->rows[i].id) || any;
	return any;
}

void anchor_drop(struct anchor *a,
		 bool (*gone)(const struct view_row *row, const void *user),
		 const void *user)
{
	int64_t line = a->cursor - a->top, before = a->cursor, dropped = 0;
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		struct view_row row = a->rows[i];

		if (gone(&row, user)) {
			if (a->first + (int64_t)i < before)
				a->cursor--;
			anchor_expect(a, row.id);
			view_row_clear(&row);
			dropped++;
			continue;
		}
		row.number -= dropped;
		a->rows[n++] = row;
	}
	a->n = n;
	a->total -= dropped;
	if (dropped == 0)
		return;
	a->touched = true;
	a->placed = a->total > 0;
	a->cursor = MIN(a->cursor, a->total - 1);
	a->top = MAX(MIN(a->cursor - line, last_top(a)), 0);
	learn_id(a);
}

/* What the screen looked like before an answer, to keep it so. */
struct stance {
	int64_t line;	  /* of the cursor on the screen */
	bool at_last;	  /* on the newest row, which is the last one */
	bool at_first;	  /* on the newest row, which is the first one */
};

static struct stance stance_of(const struct anchor *a)
{
	struct stance s = {.line = a->cursor - a->top};

	s.at_last = !a->newest_first && a->cursor == a->total - 1;
	s.at_first = a->newest_first && a->cursor == 0 && a->top == 0;
	return s;
}

static void take_rows(struct anchor *anchor, struct view_window *window)
{
	drop_rows(anchor);
	anchor->rows = window->rows;
	anchor->n = window->n;
	anchor->first = window->first;
	anchor->total = window->total;
	window->rows = NULL;
	window->n = 0;
}

static int64_t find_id(const struct view_window *window, int64_t id)
{
	for (size_t i = 0; i < window->n; i++)
		if (window->rows[i].id == id)
			return window->first + (int64_t)i;
	return -1;
}

/*
 * Scrolls new rows in behind a cursor that stands at the end where they
 * appear, as far as the cursor stays in sight. A screen the user has not
 * touched yet is filled up as the list comes in; so it is with what comes
 * back, by an undo or a refusal, above a list that leaves lines blank, and
 * with what the user puts elsewhere.
 */
static void scroll_in(struct anchor *a, const struct stance *was,
		      int64_t total_before)
{
	bool back = any_comes_back(a) || a->returns;

	if (a->refits && a->total <= a->height)
		a->top = 0;
	if (a->total <= total_before)
		return;
	a->returns = false;
	if (was->at_last && a->cursor < a->total - 1)
		a->top = MIN(MAX(a->top, last_top(a)), a->cursor);
	else if (was->at_first && a->cursor > 0)
		a->top = MAX(a->cursor - MAX(a->height, 1) + 1, 0);
	if (!a->touched || back)
		a->top = MIN(a->top, last_top(a));
}

static void keep_line(struct anchor *a, const struct stance *was)
{
	a->top = a->cursor - was->line;
	a->top = CLAMP(a->top, 0, MAX(a->cursor, 0));
}

static void merge_nothing(struct anchor *anchor, struct view_window *window)
{
	take_rows(anchor, window);
	anchor->total = 0;
	anchor->cursor = -1;
	anchor->top = anchor->id = 0;
	anchor->placed = anchor->touched = false;
}

/*
 * The row the cursor's message has in the answer, or -1 when the answer does
 * not tell.
 */
static int64_t answered_row(const struct anchor *a,
			    const struct view_window *window,
			    enum anchor_ask ask, int64_t id)
{
	int64_t row = a->id != 0 ? find_id(window, a->id) : -1;

	if (row >= 0)
		return row;
	if (ask == ANCHOR_KEEP && id == a->id)
		return window->at;
	if (ask == ANCHOR_FILL && a->id == 0)
		return a->cursor;
	return -1;
}

bool anchor_loses(const struct anchor *anchor,
		  const struct view_window *window)
{
	return anchor->placed && anchor->id != 0 && window->total > 0 &&
	       find_id(window, anchor->id) < 0;
}

enum anchor_merge anchor_merge(struct anchor *a, struct view_window *window,
			       enum anchor_ask ask, int64_t id)
{
	struct stance was = stance_of(a);
	int64_t total_before = a->total, row;

	if (window->total <= 0) {
		merge_nothing(a, window);
		return ANCHOR_MERGED;
	}
	if (ask == ANCHOR_JUMP || !a->placed) {
		take_rows(a, window);
		anchor_move_to(a, window->at);
		return ANCHOR_MERGED;
	}
	row = answered_row(a, window, ask, id);
	if (row < 0)
		return ANCHOR_STALE;
	take_rows(a, window);
	a->cursor = CLAMP(row, 0, a->total - 1);
	learn_id(a);
	keep_line(a, &was);
	scroll_in(a, &was, total_before);
	return ANCHOR_MERGED;
}

/* Whether the rows from..to, as far as they exist, are in memory. */
static bool has(const struct anchor *a, int64_t from, int64_t to)
{
	from = MAX(from, 0);
	to = MIN(to, a->total);
	return from >= to || (from >= a->first &&
			      to <= a->first + (int64_t)a->n);
}

bool anchor_hungry(const struct anchor *anchor)
{
	int64_t h = MAX(anchor->height, 1);

	if (anchor->total <= 0)
		return false;
	return !has(anchor, anchor->top - h / 2,
		    anchor->top + h + h / 2);
}

int64_t anchor_centre(const struct anchor *anchor)
{
	return MAX(anchor->top + anchor->height / 2, 0);
}
