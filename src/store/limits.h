/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits: the limit of the open mailbox, the one that is being made, and the
 * search that is under way, with their answers to the screen. The view's
 * thread.
 */
#ifndef STORE_LIMITS_H
#define STORE_LIMITS_H

#include "order.h"

struct limits;

/* Both are borrowed. */
struct limits *limits_new(const char *account, struct postbox *ui);
void limits_free(struct limits *limits);

/* What a request for a limit or a search says. */
struct find_request {
	uint32_t number;
	const char *mailbox; /* borrowed */
	struct query *query; /* taken; NULL: no limit */
	int64_t id;
	bool backwards, wrap;
};

/* Begins; what was under way of the same kind is cancelled. 'order' NULL: it
 * fails at once. */
void limits_make(struct limits *limits, struct sql *sql, struct order *order,
		 const struct find_request *request);
void limits_search(struct limits *limits, struct sql *sql,
		   struct order *order, const struct find_request *request);

/* Gives up what is under way. 'order' may be NULL. */
void limits_cancel(struct limits *limits, struct order *order);
/* Another mailbox, or the connection is to be closed: gives up everything. */
void limits_clear(struct limits *limits);

/* Whether there is something to be done in limits_advance(). */
bool limits_busy(const struct limits *limits);
/* Does a portion of it. False when the reading failed. */
bool limits_advance(struct limits *limits, struct order *order);

/* For order_refresh(). */
struct order_limits limits_now(const struct limits *limits);
/* Whether there is a limit, or one is shown while it is made. */
bool limits_shown(const struct limits *limits);

#endif
