/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>

#include "layout.h"

enum {
	MIN_LIST = 3,	   /* rows of a list worth having */
	MIN_TEXT = 20,	   /* columns an index or a text needs beside a sidebar */
	MIN_HELP_ROWS = 8, /* below that a help line costs too much */
};

/* Cuts the sidebar and its divider off the area, if both fit. */
static void cut_sidebar(struct layout *l, const struct layout_wish *wish,
			struct rect *area)
{
	int divider = wish->divider_width;
	int width = MIN(wish->sidebar_width, area->w - divider - MIN_TEXT);
	int total = width + divider;

	if (wish->sidebar_width <= 0 || width < 4 || area->h < 1)
		return;
	l->sidebar = l->divider = *area;
	l->sidebar.w = width;
	l->divider.w = divider;
	area->w -= total;
	if (wish->sidebar_right) {
		l->divider.x = area->x + area->w;
		l->sidebar.x = l->divider.x + divider;
	} else {
		l->divider.x = area->x + width;
		area->x += total;
	}
}

/* How many rows of 'height' the index keeps above an open message. */
static int index_rows(const struct layout_wish *wish, int height)
{
	int rows = wish->pager_index_lines;

	if (rows < 0)
		rows = wish->rows / 3;
	/* Two status lines and a readable bit of the message come first. */
	if (height - rows - 2 < MIN_LIST)
		rows = height - 2 - MIN_LIST;
	return rows < 1 ? 0 : rows;
}

/* A list with its status line below it, or above. */
static void place_list(const struct rect *area, bool on_top, struct rect *list,
		       struct rect *status)
{
	*list = *status = *area;
	if (area->h < 2) {
		status->h = 0;
		return;
	}
	status->h = 1;
	list->h--;
	if (on_top)
		list->y++;
	else
		status->y += area->h - 1;
}

struct layout layout_make(const struct layout_wish *wish)
{
	struct layout l = {0};
	struct rect area = {0, 0, MAX(wish->rows, 0), MAX(wish->cols, 0)};
	int rows;

	if (area.h > 1) {
		l.message = (struct rect){area.h - 1, 0, 1, area.w};
		area.h--;
	}
	if (wish->help && wish->rows >= MIN_HELP_ROWS) {
		l.help = (struct rect){0, 0, 1, area.w};
		if (wish->status_on_top)
			l.help.y = area.h - 1;
		else
			area.y++;
		area.h--;
	}
	cut_sidebar(&l, wish, &area);
	if (!wish->pager) {
		place_list(&area, wish->status_on_top, &l.index,
			   &l.index_status);
		return l;
	}
	rows = index_rows(wish, area.h);
	if (rows > 0) {
		struct rect top = area;

		top.h = rows + 1;
		place_list(&top, wish->status_on_top, &l.index,
			   &l.index_status);
		area.y += top.h;
		area.h -= top.h;
	}
	place_list(&area, wish->status_on_top, &l.pager, &l.pager_status);
	return l;
}
