/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each pane is on the screen: pure arithmetic. */
#ifndef SMEW_UI_LAYOUT_H
#define SMEW_UI_LAYOUT_H

#include <stdbool.h>

/* In cells; a pane without room has h or w 0. */
struct rect {
	int y, x, h, w;
};

struct layout_wish {
	int rows, cols;		 /* of the terminal */
	bool help;		 /* $help: a line of keys */
	bool status_on_top;
	bool pager;		 /* a message is open */
	int pager_index_lines;	 /* -1: a third of the height */
	int sidebar_width;	 /* 0: none */
	int divider_width;
	bool sidebar_right;
};

struct layout {
	struct rect help, sidebar, divider, index, index_status, pager,
		pager_status, message;
};

/*
 * Shares the screen out. On a small one, what is dispensable goes first: the
 * help line, the sidebar, the index beside an open message.
 */
struct layout layout_make(const struct layout_wish *wish);

/* From which width on sidebar_visible=auto shows the sidebar. */
#define LAYOUT_SIDEBAR_AUTO 100

#endif
