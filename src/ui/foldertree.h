/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the folder pane: which, in what order, how deep. Pure. */
#ifndef SMEW_UI_FOLDERTREE_H
#define SMEW_UI_FOLDERTREE_H

#include <glib.h>
#include <stdbool.h>

#include "smew/store.h"

enum tree_order {
	TREE_AS_LISTED, /* INBOX first, by name without case */
	TREE_BY_COUNT,	/* the most first, as all that follow */
	TREE_BY_UNREAD,
	TREE_BY_FLAGGED,
	TREE_AS_NAMED,	/* in the order of 'named', then the others */
};

struct tree_rules {
	enum tree_order order;
	bool reverse;
	const GPtrArray *named; /* display names, or NULL; borrowed */
	const GPtrArray *pins;	/* display names of those that stand first, with
				   what is below them, or NULL; borrowed */
	bool (*shown)(const struct store_mailbox *mailbox, void *user);
	bool (*folded)(const struct store_mailbox *mailbox, void *user);
	void *user;
};

struct tree_line {
	const struct store_mailbox *mailbox; /* borrowed */
	int depth;
	bool parent, folded;
	/* of it and of what its fold hides */
	uint32_t unseen, flagged;
};

/* $sidebar_sort_method. */
enum tree_order tree_order_of(const char *option, bool *reverse);
/* Of struct tree_line, owned. 'list' has children right behind their parents,
 * as the view gives it. What is below a mailbox that is not shown stands where
 * that one would. */
GArray *tree_lines(const GPtrArray *list, const struct tree_rules *rules);

#endif
