/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "finder.h"

/* A portion should take no longer, and a range of ids not much less. */
#define PORTION_USEC 8000
/* Rows on each side of the cursor that come first. */
#define NEAR 300
/* Between two looks at the clock. */
#define ROWS_AT_ONCE 16
/* Ids in one range, at first and at most. */
#define RANGE_FIRST 1000
#define RANGE_MOST 50000

static bool is_over(int64_t started)
{
	return g_get_monotonic_time() - started >= PORTION_USEC;
}

/* ---- limits ---- */

struct limiter {
	struct matcher *matcher; /* borrowed */
	int64_t id;		 /* where it begins */
	bool begun;		 /* the rows around it are done */
	bool dense, down;	 /* of the ids */
	int64_t least, most;	 /* ids that are left, while least <= most */
	int64_t span, range;	 /* of all, of the next step */
	GArray *ids;		 /* of int64_t, owned: scratch */
};

/* Messages come in newest first when a mailbox is new: then the newest have
 * the least ids. */
static bool newest_are_greatest(const struct order *order)
{
	int64_t n = order_all(order);

	return n == 0 || order_id_at(order, n - 1) >= order_id_at(order, 0);
}

struct limiter *limiter_new(struct matcher *matcher, struct order *order,
			    int64_t id)
{
	struct limiter *limiter = g_new0(struct limiter, 1);

	limiter->matcher = matcher;
	limiter->id = id;
	limiter->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	limiter->range = RANGE_FIRST;
	limiter->down = newest_are_greatest(order);
	if (order_span(order, &limiter->least, &limiter->most))
		limiter->span = limiter->most - limiter->least + 1;
	limiter->dense = order_all(order) * 2 > limiter->span;
	order_limit_begin(order);
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	g_array_unref(limiter->ids);
	g_free(limiter);
}

/* Rows of the list as it is: nearest to the cursor first. */
static bool look_near(struct limiter *limiter, const struct order *order)
{
	int64_t started = g_get_monotonic_time();
	int64_t place = order_place_of(order, limiter->id);

	if (place < 0)
		place = order_all(order) - 1;
	for (int64_t i = 0; i < 2 * NEAR; i++) {
		int64_t there = i % 2 == 0 ? place - i / 2 : place + i / 2 + 1;
		int64_t id;
		bool matches;

		if (there < 0 || there >= order_all(order))
			continue;
		id = order_id_at(order, there);
		if (!matcher_one(limiter->matcher, id, &matches))
			return false;
		if (matches)
			g_array_append_val(limiter->ids, id);
		if (i % ROWS_AT_ONCE == 0 && is_over(started))
			break;
	}
	return true;
}

/* The next range; its length follows what the last one took. */
static bool look_at_range(struct limiter *limiter)
{
	int64_t started = g_get_monotonic_time(), took;
	int64_t n = MIN(limiter->range, limiter->most - limiter->least + 1);
	int64_t first = limiter->down ? limiter->most - n + 1 : limiter->least;

	if (!matcher_range(limiter->matcher, first, first + n - 1,
			   limiter->dense, limiter->ids))
		return false;
	if (limiter->down)
		limiter->most -= n;
	else
		limiter->least += n;
	took = g_get_monotonic_time() - started;
	if (took < PORTION_USEC / 2)
		limiter->range = MIN(limiter->range * 2, RANGE_MOST);
	else if (took > PORTION_USEC)
		limiter->range = MAX(limiter->range / 2, ROWS_AT_ONCE);
	return true;
}

enum find_result limiter_step(struct limiter *limiter, struct order *order)
{
	bool ok;

	g_array_set_size(limiter->ids, 0);
	ok = limiter->begun ? look_at_range(limiter)
			    : look_near(limiter, order);
	limiter->begun = true;
	if (!ok)
		return FIND_FAIL;
	order_limit_add(order, limiter->ids);
	return limiter->least <= limiter->most ? FIND_MORE : FIND_END;
}

int limiter_percent(const struct limiter *limiter)
{
	int64_t left = limiter->most - limiter->least + 1;

	return limiter->span > 0
		       ? (int)((limiter->span - left) * 100 / limiter->span)
		       : 100;
}

/* ---- searches ---- */

struct searcher {
	struct matcher *matcher; /* borrowed */
	int64_t id;		 /* the last one that was looked at */
	int64_t looked;		 /* at as many rows */
	int step;		 /* 1 or -1 */
	bool wrap, wrapped;
};

struct searcher *searcher_new(struct matcher *matcher, int64_t id,
			      bool backwards, bool wrap)
{
	struct searcher *searcher = g_new0(struct searcher, 1);

	searcher->matcher = matcher;
	searcher->id = id;
	searcher->step = backwards ? -1 : 1;
	searcher->wrap = wrap;
	return searcher;
}

void searcher_free(struct searcher *searcher)
{
	g_free(searcher);
}

/* The row after 'row', at the other end when there is none; -1: the end. */
static int64_t next_row(struct searcher *searcher, const struct order *order,
			int64_t row)
{
	int64_t n = order_count(order);

	row += searcher->step;
	if (row >= 0 && row < n)
		return row;
	if (!searcher->wrap)
		return -1;
	searcher->wrapped = true;
	return row < 0 ? n - 1 : 0;
}

enum find_result searcher_step(struct searcher *searcher,
			       const struct order *order, int64_t *id,
			       bool *wrapped)
{
	int64_t started = g_get_monotonic_time();
	int64_t row = order_row(order, searcher->id);

	*id = 0;
	if (row < 0)
		row = order_heir(order, searcher->id);
	if (row < 0)
		row = searcher->step > 0 ? -1 : order_count(order);
	do {
		bool matches;

		row = next_row(searcher, order, row);
		if (row < 0 || searcher->looked++ >= order_count(order))
			return FIND_END;
		searcher->id = order_id(order, row);
		if (!matcher_one(searcher->matcher, searcher->id, &matches))
			return FIND_FAIL;
		if (matches) {
			*id = searcher->id;
			*wrapped = searcher->wrapped;
			return FIND_END;
		}
	} while (searcher->looked % ROWS_AT_ONCE != 0 || !is_over(started));
	return FIND_MORE;
}
