/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree: the lines left of the subjects of a thread, as mutt draws them. Only
 * messages of the limit have some; others and missing ones hold a place where
 * several of those that are shown meet below them.
 */
#ifndef STORE_TREE_H
#define STORE_TREE_H

#include "order.h"

/* Deeper levels are drawn as this one. */
#define TREE_DEPTH_MAX 62

/*
 * Fills 'tree' and 'same_subject' of rows 'first' to 'end' (one beyond) of an
 * order by threads in; 'rows' begins with row 'first'.
 */
void tree_draw(const struct order *order, int64_t first, int64_t end,
	       struct view_row *rows);

#endif
