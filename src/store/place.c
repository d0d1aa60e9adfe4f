/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place: which row a request means, by the arrays of the order alone. */
#include "config.h"

#include "internal.h"
#include "window.h"

typedef bool (*test)(uint32_t flags);

static bool is_new(uint32_t flags)
{
	return is_fresh(flags);
}

static bool is_not_read(uint32_t flags)
{
	return is_unread(flags);
}

static bool is_not_deleted(uint32_t flags)
{
	return !(flags & STORE_DELETED);
}

/* From 'row' on in steps of 'step' (1 or -1), without 'row'; or -1. */
static int64_t search(const struct order *order, int64_t row, int step,
		      test wanted)
{
	for (row += step; row >= 0 && row < order_count(order); row += step)
		if (wanted(order_flags(order, row)))
			return row;
	return -1;
}

/* As mutt's next-new: goes on at the other end. */
static int64_t search_around(const struct order *order, int64_t row, int step,
			     test wanted)
{
	int64_t found = search(order, row, step, wanted);

	if (found < 0)
		found = search(order, step > 0 ? -1 : order_count(order), step,
			       wanted);
	return found == row ? -1 : found;
}

static int64_t search_new_then_unread(const struct order *order, int64_t row,
				      int step)
{
	int64_t found = search_around(order, row, step, is_new);

	return found >= 0 ? found
			  : search_around(order, row, step, is_not_read);
}

static int64_t first_new(const struct order *order)
{
	int64_t found = search(order, -1, 1, is_new);

	if (found < 0)
		found = search(order, -1, 1, is_not_read);
	return found >= 0 ? found : order_count(order) - 1;
}

static int64_t next_thread(const struct order *order, int64_t row)
{
	int64_t next = order_thread_end(order, row);

	return next < order_count(order) ? order_root(order, next) : -1;
}

static int64_t previous_thread(const struct order *order, int64_t row)
{
	int64_t start = order_thread_start(order, row);

	return start > 0 ? order_root(order, start - 1) : -1;
}

/* Away from the root: the next row that is not below 'row'. */
static int64_t leave_subthread(const struct order *order, int64_t row,
			       int step)
{
	uint32_t depth = order_depth(order, row);

	for (row += step; row >= 0 && row < order_count(order); row += step)
		if (order_depth(order, row) <= depth)
			return row;
	return -1;
}

/* Towards the root: the elder sibling, else that of the parent and so on. */
static int64_t elder_subthread(const struct order *order, int64_t row,
			       int step)
{
	uint32_t depth = order_depth(order, row);

	for (row += step; row >= 0 && row < order_count(order); row += step) {
		if (order_depth(order, row) == depth)
			return row;
		depth = MIN(depth, order_depth(order, row));
	}
	return -1;
}

static int64_t beside_subthread(const struct order *order, int64_t row,
				int step)
{
	return (step < 0) != order_upside_down(order)
		       ? elder_subthread(order, row, step)
		       : leave_subthread(order, row, step);
}

/* Places that are seen from 'row'; -1 when there is none. */
static int64_t relative(const struct order *order, enum view_at at,
			int64_t row)
{
	switch (at) {
	case VIEW_AT_NEXT_NEW:
		return search_around(order, row, 1, is_new);
	case VIEW_AT_PREVIOUS_NEW:
		return search_around(order, row, -1, is_new);
	case VIEW_AT_NEXT_UNREAD:
		return search_around(order, row, 1, is_not_read);
	case VIEW_AT_PREVIOUS_UNREAD:
		return search_around(order, row, -1, is_not_read);
	case VIEW_AT_NEXT_NEW_THEN_UNREAD:
		return search_new_then_unread(order, row, 1);
	case VIEW_AT_PREVIOUS_NEW_THEN_UNREAD:
		return search_new_then_unread(order, row, -1);
	case VIEW_AT_NEXT_UNDELETED:
		return search(order, row, 1, is_not_deleted);
	case VIEW_AT_PREVIOUS_UNDELETED:
		return search(order, row, -1, is_not_deleted);
	case VIEW_AT_NEXT_THREAD:
		return next_thread(order, row);
	case VIEW_AT_PREVIOUS_THREAD:
		return previous_thread(order, row);
	case VIEW_AT_NEXT_SUBTHREAD:
		return beside_subthread(order, row, 1);
	case VIEW_AT_PREVIOUS_SUBTHREAD:
		return beside_subthread(order, row, -1);
	case VIEW_AT_PARENT:
		return order_parent(order, row);
	case VIEW_AT_ROOT:
		return order_root(order, row);
	default:
		return row;
	}
}

/* The row of the request's id, of its heir, or its row number at worst. */
static int64_t row_of_id(const struct order *order,
			 const struct window_request *request, bool *found)
{
	int64_t row = order_row(order, request->id);

	*found = row >= 0;
	if (row < 0)
		row = order_heir(order, request->id);
	if (row < 0)
		row = CLAMP(request->row, 0, order_count(order) - 1);
	return row;
}

int64_t place_find(const struct order *order,
		   const struct window_request *request, bool *found)
{
	int64_t row, other;

	*found = true;
	switch (request->at) {
	case VIEW_AT_NUMBER:
		row = order_row_at(order, request->row - 1);
		if (order_place(order, row) == request->row - 1)
			return row;
		row = row_of_id(order, request, found);
		*found = false;
		return row;
	case VIEW_AT_ROW:
		return CLAMP(request->row, 0, order_count(order) - 1);
	case VIEW_AT_FIRST:
		return 0;
	case VIEW_AT_LAST:
		return order_count(order) - 1;
	case VIEW_AT_FIRST_NEW:
		return first_new(order);
	default:
		row = row_of_id(order, request, found);
		if (request->at == VIEW_AT_ID)
			return row;
		other = relative(order, request->at, row);
		*found = other >= 0;
		return other >= 0 ? other : row;
	}
}
