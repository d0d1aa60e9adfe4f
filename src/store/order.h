/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * order: all messages of a mailbox in an order, as arrays: from them come row
 * numbers, places and what is next. Built in bulk, then kept in step by the
 * log. The view's thread, inside a read transaction.
 */
#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include "sql.h"

#include "smew/store.h"

struct order;

/* NULL when the reading fails or is interrupted. */
struct order *order_build(struct sql *sql, int64_t mbox,
			  const struct view_order *by);
void order_free(struct order *order);

/* Whether it is the order of this mailbox by these keys. */
bool order_is(const struct order *order, int64_t mbox,
	      const struct view_order *by);
/* Whether rows are grouped in threads, and the latest thread comes first. */
bool order_threaded(const struct view_order *by);
bool order_descends(const struct view_order *by);

/* Follows what changed in the cache. On failure the order is of no use. */
bool order_refresh(struct order *order, struct sql *sql);

int64_t order_count(const struct order *order);
int64_t order_id(const struct order *order, int64_t row);
uint32_t order_flags(const struct order *order, int64_t row);
uint32_t order_depth(const struct order *order, int64_t row);
/* The row of message 'id', or -1. */
int64_t order_row(const struct order *order, int64_t id);
/* The row that took the place of a message that is gone, or -1. */
int64_t order_heir(const struct order *order, int64_t id);

/* The rows of the thread of 'row': first, and one beyond the last. */
int64_t order_thread_start(const struct order *order, int64_t row);
int64_t order_thread_end(const struct order *order, int64_t row);

#endif
