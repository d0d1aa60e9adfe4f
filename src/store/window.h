/* SPDX-License-Identifier: GPL-3.0-or-later */
/* window: places in an order, and the rows around them. The view's thread. */
#ifndef STORE_WINDOW_H
#define STORE_WINDOW_H

#include "order.h"

struct window_request {
	char *mailbox; /* owned; NULL or "" for INBOX */
	struct view_order by;
	enum view_at at;
	int64_t id, row;
	int before, after;
};

/* A part of an order, read without the rest. */
struct stretch {
	int64_t first; /* row number of its first row in the whole */
	int64_t at;    /* row number of the place, in the whole */
	struct order *part; /* owned */
};

/*
 * The rows around an end or around the first new message, straight from the
 * index in a time that does not grow with the mailbox. False when this order
 * or place needs the whole order.
 */
bool stretch_read(struct sql *sql, int64_t mbox, int64_t total,
		  const struct window_request *request,
		  struct stretch *stretch);

/* The row that the request asks for in a whole order that is not empty. */
int64_t place_find(const struct order *order,
		   const struct window_request *request, bool *found);

/* Reads row 'id' into the zeroed '*row' but for its tree; false when it
 * cannot be read. */
bool row_read(struct sql *sql, int64_t id, struct view_row *row);

/* The answer to view_list(): an empty one, and what the cache has. */
struct view_listed *listed_new(void);
bool listed_read(struct sql *sql, struct view_listed *listed, int most);

/* Mailboxes sorted for display: INBOX first, children after their parents. */
void folders_sort(GPtrArray *list);

#endif
