/* SPDX-License-Identifier: GPL-3.0-or-later */
/* find: searches in the texts that are shown, and shows what they find. */
#ifndef SMEW_UI_FIND_H
#define SMEW_UI_FIND_H

#include "app.h"
#include "text.h"

struct find *find_new(void);
void find_free(struct find *find);

/*
 * Does search, search-reverse, search-next, search-opposite and search-toggle
 * in the text of 'pane', which has the functions text() and go(). False: it is
 * none of them, or the pane shows no text.
 */
bool find_run(struct pane *pane, enum function_op op);

/*
 * draw_text() for the 'length' octets from 'offset' on of a line: what the
 * search found in it has the style of searches.
 */
int find_draw(struct app *app, int y, int x, int cells,
	      const struct text_line *line, size_t offset, size_t length,
	      struct look look);

#endif
