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

/* ---- all of a mailbox ---- */

struct sweep {
	struct matcher *matcher; /* borrowed */
	bool dense, down;	 /* of the ids */
	int64_t least, most;	 /* ids that are left, while least <= most */
	int64_t span, range;	 /* of all, of the next step */
};

/* Messages come in newest first when a mailbox is new: then the newest have
 * the least ids. */
static bool newest_are_greatest(const struct order *order)
{
	int64_t n = order_all(order);

	return n == 0 || order_id_at(order, n - 1) >= order_id_at(order, 0);
}

struct sweep *sweep_new(struct matcher *matcher, const struct order *order)
{
	struct sweep *sweep = g_new0(struct sweep, 1);

	sweep->matcher = matcher;
	sweep->range = RANGE_FIRST;
	sweep->down = newest_are_greatest(order);
	if (!order_span(order, &sweep->least, &sweep->most)) {
		sweep->least = 1;
		sweep->most = 0;
	}
	sweep->span = sweep->most - sweep->least + 1;
	sweep->dense = order_all(order) * 2 > sweep->span;
	return sweep;
}

void sweep_free(struct sweep *sweep)
{
	g_free(sweep);
}

/* The next range; its length follows what the last one took. */
enum find_result sweep_step(struct sweep *sweep, GArray *ids)
{
	int64_t started = g_get_monotonic_time(), took;
	int64_t n = MIN(sweep->range, sweep->most - sweep->least + 1);
	int64_t first = sweep->down ? sweep->most - n + 1 : sweep->least;

	if (n <= 0)
		return FIND_END;
	if (!matcher_range(sweep->matcher, first, first + n - 1, sweep->dense,
			   ids))
		return FIND_FAIL;
	if (sweep->down)
		sweep->most -= n;
	else
		sweep->least += n;
	took = g_get_monotonic_time() - started;
	if (took < PORTION_USEC / 2)
		sweep->range = MIN(sweep->range * 2, RANGE_MOST);
	else if (took > PORTION_USEC)
		sweep->range = MAX(sweep->range / 2, ROWS_AT_ONCE);
	return sweep->least <= sweep->most ? FIND_MORE : FIND_END;
}

int sweep_percent(const struct sweep *sweep)
{
	int64_t left = sweep->most - sweep->least + 1;

	return sweep->span > 0
		       ? (int)((sweep->span - left) * 100 / sweep->span)
		       : 100;
}

/* ---- limits ---- */

struct limiter {
	struct matcher *matcher; /* borrowed */
	int64_t id;		 /* where it begins */
	bool begun;		 /* the rows around it are done */
	struct sweep *sweep;	 /* owned */
	GArray *ids;		 /* of int64_t, owned: scratch */
};

struct limiter *limiter_new(struct matcher *matcher, struct order *order,
			    int64_t id)
{
	struct limiter *limiter = g_new0(struct limiter, 1);

	limiter->matcher = matcher;
	limiter->id = id;
	limiter->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	limiter->sweep = sweep_new(matcher, order);
	order_limit_begin(order);
	return limiter;
}

void limiter_free(struct limiter *limiter)
{
	if (limiter == NULL)
		return;
	g_array_unref(limiter->ids);
	sweep_free(limiter->sweep);
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

enum find_result limiter_step(struct limiter *limiter, struct order *order)
{
	enum find_result result = FIND_MORE;

	g_array_set_size(limiter->ids, 0);
	if (limiter->begun)
		result = sweep_step(limiter->sweep, limiter->ids);
	else if (!look_near(limiter, order))
		result = FIND_FAIL;
	limiter->begun = true;
	if (result != FIND_FAIL)
		order_limit_add(order, limiter->ids);
	return result;
}

int limiter_percent(const struct limiter *limiter)
{
	return sweep_percent(limiter->sweep);
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
