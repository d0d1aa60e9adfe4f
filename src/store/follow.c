/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: brings an order up to what the log says. */
#include "config.h"

#include <stdlib.h>

#include "internal.h"
#include "matcher.h"
#include "order-private.h"

/* As many vanished messages are remembered for who still points at them. */
#define GRAVES_MAX 20000

/* ---- following changes ---- */

/* What the log says since the last look. */
struct news {
	GHashTable *threads; /* set of int64_t */
	GHashTable *flags;   /* set of int64_t */
	int64_t least, most; /* of the ids in 'flags' */
	int64_t seq;
	bool all;
};

static void news_init(struct news *news)
{
	*news = (struct news){
		.threads = g_hash_table_new_full(g_int64_hash, g_int64_equal,
						 g_free, NULL),
		.flags = g_hash_table_new_full(g_int64_hash, g_int64_equal,
					       g_free, NULL),
		.least = INT64_MAX,
		.most = INT64_MIN,
	};
}

static void news_clear(struct news *news)
{
	g_hash_table_unref(news->threads);
	g_hash_table_unref(news->flags);
}

static void note(struct news *news, int kind, int64_t ref)
{
	if (kind == CHANGE_THREAD) {
		g_hash_table_add(news->threads, g_memdup2(&ref, sizeof(ref)));
	} else if (kind == CHANGE_FLAGS) {
		g_hash_table_add(news->flags, g_memdup2(&ref, sizeof(ref)));
		news->least = MIN(news->least, ref);
		news->most = MAX(news->most, ref);
	} else {
		news->all = true;
	}
}

static bool read_news(struct order *order, struct sql *sql, struct news *news)
{
	int64_t oldest;
	sqlite3_stmt *s;
	enum sql_result got;

	if (!sql_value(sql, &oldest, 0, NULL, "SELECT min(seq) FROM log",
		       "") ||
	    !sql_value(sql, &news->seq, 0, NULL, "SELECT max(seq) FROM log",
		       ""))
		return false;
	news->all = oldest > order->seq + 1 || news->seq < order->seq;
	if (news->all || news->seq == order->seq)
		return true;
	s = sql_query(sql, "SELECT mbox, kind, ref FROM log WHERE seq > ?",
		      "i", order->seq);
	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		if (sqlite3_column_int64(s, 0) == order->mbox)
			note(news, sqlite3_column_int(s, 1),
			     sqlite3_column_int64(s, 2));
	return got == SQL_DONE;
}

/* Reads a changed thread into 'rows'; one that is gone gives none. */
static bool read_thread(const struct order *order, struct sql *sql,
			int64_t thread, struct order *rows)
{
	struct segment new = { .thread = thread, .start = rows->ids->len };
	sqlite3_stmt *s;
	enum sql_result got;

	s = sql_query(sql, order_key_queries(&order->by)[1], "ii", order->mbox, thread);
	got = sql_step(sql, s, NULL);
	if (got != SQL_ROW)
		return got == SQL_DONE;
	new.key = sqlite3_column_int64(s, 0);
	sql_end(s);
	s = sql_query(sql,
		      "SELECT id, depth, shown FROM msg INDEXED BY msg_order"
		      " WHERE mbox = ? AND thr = ? ORDER BY ord",
		      "ii", order->mbox, thread);
	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		order_append(rows, sqlite3_column_int64(s, 0),
		       MARK((uint32_t)sqlite3_column_int64(s, 1),
			    (uint32_t)sqlite3_column_int64(s, 2)));
		new.n++;
	}
	if (new.n > 0)
		g_array_append_val(rows->threads, new);
	return got == SQL_DONE;
}

static int by_key(const void *a, const void *b, void *descends)
{
	const struct segment *x = a, *y = b;
	int result = (x->key > y->key) - (x->key < y->key);

	if (result == 0)
		result = (x->thread > y->thread) - (x->thread < y->thread);
	return descends != NULL ? -result : result;
}

/* Old threads that did not change and the changed ones of 'rows' into
 * 'merged', in order. */
static void merge(const struct order *order, const struct order *rows,
		  GHashTable *changed, struct order *merged)
{
	void *down = order_descends(&order->by) ? merged : NULL;
	guint next = 0;

	g_array_sort_with_data(rows->threads, by_key, down);
	for (guint i = 0; i < order->threads->len; i++) {
		const struct segment *old =
			&g_array_index(order->threads, struct segment, i);

		if (g_hash_table_contains(changed, &old->thread))
			continue;
		for (; next < rows->threads->len; next++) {
			const struct segment *new = &g_array_index(
				rows->threads, struct segment, next);

			if (by_key(new, old, down) > 0)
				break;
			order_append_segment(merged, rows, new);
		}
		order_append_segment(merged, order, old);
	}
	for (; next < rows->threads->len; next++)
		order_append_segment(merged, rows,
			       &g_array_index(rows->threads, struct segment,
					      next));
}

/* The survivor 0 stands for the last row, whichever that is. */
static void bury_row(struct order *order, int64_t id, int64_t survivor)
{
	if (g_hash_table_size(order->graves) < GRAVES_MAX)
		g_hash_table_insert(order->graves,
				    g_memdup2(&id, sizeof(id)),
				    g_memdup2(&survivor, sizeof(survivor)));
}

/* Rows from 'start' to 'end', upwards; the new survivor. */
static int64_t bury_rows(struct order *order, GHashTable *alive, guint start,
			 guint end, int64_t survivor)
{
	while (end-- > start) {
		int64_t id = place_id(order, end);

		if (g_hash_table_contains(alive, &id))
			survivor = id;
		else
			bury_row(order, id, survivor);
	}
	return survivor;
}

/*
 * Remembers, before 'order' takes other rows, for each of its rows that will
 * not be there the survivor below it. 'rows' are the new ones: of all threads
 * or, with 'changed', of those.
 */
static void bury(struct order *order, const struct order *rows,
		 GHashTable *changed)
{
	g_autoptr(GHashTable) alive =
		g_hash_table_new(g_int64_hash, g_int64_equal);
	int64_t survivor = 0;

	for (guint i = 0; i < rows->ids->len; i++)
		g_hash_table_add(alive,
				 &g_array_index(rows->ids, int64_t, i));
	if (g_hash_table_size(order->graves) >= GRAVES_MAX)
		g_hash_table_remove_all(order->graves);
	if (changed == NULL) {
		bury_rows(order, alive, 0, order->ids->len, 0);
		return;
	}
	for (guint i = order->threads->len; i-- > 0;) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (g_hash_table_contains(changed, &s->thread))
			survivor = bury_rows(order, alive, s->start,
					     s->start + s->n, survivor);
		else
			survivor = place_id(order, s->start);
	}
}

/* ---- what rows were before ---- */

/* A message with the marks it had. */
struct known {
	int64_t id;
	uint32_t marks;
};

/* What new rows take over: marks by message, folds by thread. */
struct past {
	GArray *known; /* of struct known, sorted by id */
	GHashTable *folded; /* of int64_t threads, borrowed from the order */
};

static bool needs_past(const struct order *order,
		       const struct order_limits *limits)
{
	return order->limit != 0 || order->folded > 0 || limits->in != NULL ||
	       limits->found != NULL;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct known *)a)->id;
	int64_t y = ((const struct known *)b)->id;

	return (x > y) - (x < y);
}

static void know(struct past *past, const struct order *order, guint start,
		 guint end)
{
	for (guint i = start; i < end; i++) {
		struct known known = { place_id(order, i),
				       *place_mark(order, i) &
					       (MARK_IN | MARK_FOUND) };

		g_array_append_val(past->known, known);
	}
}

/* Of all threads or, with 'changed', of those. */
static void past_read(struct past *past, const struct order *order,
		      GHashTable *changed)
{
	past->known = g_array_new(FALSE, FALSE, sizeof(struct known));
	past->folded = g_hash_table_new(g_int64_hash, g_int64_equal);
	if (changed == NULL)
		know(past, order, 0, order->ids->len);
	for (guint i = 0; i < order->threads->len; i++) {
		struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (changed != NULL &&
		    !g_hash_table_contains(changed, &s->thread))
			continue;
		if (changed != NULL)
			know(past, order, s->start, s->start + s->n);
		if (s->folded)
			g_hash_table_add(past->folded, &s->thread);
	}
	g_array_sort(past->known, by_id);
}

static void past_clear(struct past *past)
{
	g_array_unref(past->known);
	g_hash_table_unref(past->folded);
}

static const struct known *past_find(const struct past *past, int64_t id)
{
	struct known wanted = { id, 0 };

	/* bsearch() of nothing may not be given NULL. */
	if (past->known->len == 0)
		return NULL;
	return bsearch(&wanted, past->known->data, past->known->len,
		       sizeof(wanted), by_id);
}

/* What a message that was not there before is to the limits. */
static bool judge(const struct order_limits *limits, int64_t id,
		  uint32_t *mark)
{
	bool in = false, found = false;

	if ((limits->in != NULL && !matcher_one(limits->in, id, &in)) ||
	    (limits->found != NULL && !matcher_one(limits->found, id, &found)))
		return false;
	*mark |= (in ? MARK_IN : 0) | (found ? MARK_FOUND : 0);
	return true;
}

/* Marks rows of 'rows' as they were; '*fresh' tells of one that is new. */
static bool inherit_marks(struct order *rows, guint start, guint end,
			  const struct past *past,
			  const struct order_limits *limits, bool *fresh)
{
	*fresh = false;
	for (guint i = start; i < end; i++) {
		const struct known *known = past_find(past, place_id(rows, i));

		if (known != NULL)
			*place_mark(rows, i) |= known->marks;
		else if (!judge(limits, place_id(rows, i), place_mark(rows, i)))
			return false;
		*fresh |= known == NULL;
	}
	return true;
}

static bool inherit(struct order *rows, const struct past *past,
		    const struct order_limits *limits)
{
	bool fresh;

	if (rows->threads->len == 0)
		return inherit_marks(rows, 0, rows->ids->len, past, limits,
				     &fresh);
	for (guint i = 0; i < rows->threads->len; i++) {
		struct segment *s =
			&g_array_index(rows->threads, struct segment, i);

		if (!inherit_marks(rows, s->start, s->start + s->n, past,
				   limits, &fresh))
			return false;
		s->folded = g_hash_table_contains(past->folded, &s->thread) &&
			    (!fresh || rows->by.stay_folded);
	}
	return true;
}

bool order_inherit(struct order *order, const struct order *old,
		   const struct order_limits *limits)
{
	struct past past;
	bool ok;

	if (!needs_past(old, limits))
		return true;
	past_read(&past, old, NULL);
	ok = inherit(order, &past, limits);
	past_clear(&past);
	order->limit = old->limit;
	order_show(order);
	return ok;
}

/* ---- taking changes over ---- */

static void swap(GArray **a, GArray **b)
{
	GArray *kept = *a;

	*a = *b;
	*b = kept;
}

static void take(struct order *order, struct order *from)
{
	swap(&order->ids, &from->ids);
	swap(&order->marks, &from->marks);
	swap(&order->threads, &from->threads);
}

static bool rebuild(struct order *order, struct sql *sql,
		    const struct order_limits *limits)
{
	struct order *new = order_build(sql, order->mbox, &order->by);

	if (new == NULL)
		return false;
	if (!order_inherit(new, order, limits)) {
		order_free(new);
		return false;
	}
	bury(order, new, NULL);
	take(order, new);
	order->seq = new->seq;
	order_free(new);
	return true;
}

/* The changed threads as they are now, with the marks of before. */
static bool read_changed(const struct order *order, struct sql *sql,
			 GHashTable *changed, struct order *rows,
			 const struct order_limits *limits)
{
	struct past past;
	GHashTableIter iter;
	gpointer key;
	bool ok;

	g_hash_table_iter_init(&iter, changed);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		if (!read_thread(order, sql, *(int64_t *)key, rows))
			return false;
	if (!needs_past(order, limits))
		return true;
	past_read(&past, order, changed);
	ok = inherit(rows, &past, limits);
	past_clear(&past);
	return ok;
}

static bool follow_threads(struct order *order, struct sql *sql,
			   const struct news *news,
			   const struct order_limits *limits)
{
	struct order *rows = order_new(order->mbox, &order->by);
	struct order *merged = order_new(order->mbox, &order->by);
	bool ok = read_changed(order, sql, news->threads, rows, limits);

	if (ok) {
		merge(order, rows, news->threads, merged);
		if (merged->ids->len < order->ids->len + rows->ids->len)
			bury(order, rows, news->threads);
		take(order, merged);
	}
	order_free(rows);
	order_free(merged);
	return ok;
}

static bool follow_flags(struct order *order, struct sql *sql,
			 const struct news *news)
{
	for (guint i = 0; i < order->ids->len; i++) {
		int64_t id = place_id(order, i), shown;
		uint32_t *mark = &g_array_index(order->marks, uint32_t, i);

		if (id < news->least || id > news->most ||
		    !g_hash_table_contains(news->flags, &id))
			continue;
		if (!sql_value(sql, &shown, 0, NULL,
			       "SELECT shown FROM msg WHERE id = ?", "i", id))
			return false;
		*mark = (*mark & ~MARK_FLAGS) |
			((uint32_t)shown & MARK_FLAGS);
	}
	return true;
}

bool order_refresh(struct order *order, struct sql *sql,
		   const struct order_limits *limits)
{
	struct news news;
	guint changed;
	bool ok;

	news_init(&news);
	ok = read_news(order, sql, &news);
	changed = g_hash_table_size(news.threads);
	if (ok && (news.all || changed > order->threads->len / 2 ||
		   (changed > 0 && !order_threaded(&order->by)))) {
		ok = rebuild(order, sql, limits);
	} else if (ok) {
		if (changed > 0)
			ok = follow_threads(order, sql, &news, limits);
		if (ok && g_hash_table_size(news.flags) > 0)
			ok = follow_flags(order, sql, &news);
		order->seq = news.seq;
	}
	if (ok && changed + news.all > 0)
		order_show(order);
	news_clear(&news);
	return ok;
}
