/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "order.h"

#include <string.h>

#include "internal.h"

/* As many vanished messages are remembered for who still points at them. */
#define GRAVES_MAX 20000

/* A message in an order: its id, and depth and flags in one word. */
#define MARK(depth, flags) (MIN(depth, 0xffffu) << 16 | ((flags) & 0xffffu))

struct segment {
	int64_t key, thread;
	uint32_t start; /* its first row */
	uint32_t n;
};

struct order {
	int64_t mbox;
	struct view_order by;
	int64_t seq;	 /* the log was read up to here */
	GArray *ids;	 /* of int64_t */
	GArray *marks;	 /* of uint32_t: MARK() */
	GArray *threads; /* of struct segment; empty when not by thread */
	GHashTable *graves; /* int64_t id to int64_t id of the next survivor */
};

bool order_threaded(const struct view_order *by)
{
	return by->key == VIEW_BY_THREAD;
}

bool order_descends(const struct view_order *by)
{
	return order_threaded(by) ? by->reverse != by->reverse_aux
				  : by->reverse;
}

bool order_is(const struct order *order, int64_t mbox,
	      const struct view_order *by)
{
	return order->mbox == mbox && order->by.key == by->key &&
	       order->by.aux == by->aux && order->by.reverse == by->reverse &&
	       order->by.reverse_aux == by->reverse_aux &&
	       order->by.last_aux == by->last_aux;
}

static struct order *order_new(int64_t mbox, const struct view_order *by)
{
	struct order *order = g_new0(struct order, 1);

	order->mbox = mbox;
	order->by = *by;
	order->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	order->marks = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	order->threads = g_array_new(FALSE, FALSE, sizeof(struct segment));
	order->graves = g_hash_table_new_full(g_int64_hash, g_int64_equal,
					      g_free, g_free);
	return order;
}

void order_free(struct order *order)
{
	if (order == NULL)
		return;
	g_array_unref(order->ids);
	g_array_unref(order->marks);
	g_array_unref(order->threads);
	g_hash_table_unref(order->graves);
	g_free(order);
}

int64_t order_count(const struct order *order)
{
	return order->ids->len;
}

int64_t order_id(const struct order *order, int64_t row)
{
	return g_array_index(order->ids, int64_t, row);
}

static uint32_t mark_of(const struct order *order, int64_t row)
{
	return g_array_index(order->marks, uint32_t, row);
}

uint32_t order_flags(const struct order *order, int64_t row)
{
	return mark_of(order, row) & 0xffffu;
}

uint32_t order_depth(const struct order *order, int64_t row)
{
	return mark_of(order, row) >> 16;
}

int64_t order_row(const struct order *order, int64_t id)
{
	const int64_t *ids = (const int64_t *)(void *)order->ids->data;

	for (guint i = 0; i < order->ids->len; i++)
		if (ids[i] == id)
			return i;
	return -1;
}

int64_t order_heir(const struct order *order, int64_t id)
{
	const int64_t *next = g_hash_table_lookup(order->graves, &id);

	/* An heir may itself be gone; the chain only leads forward, but the
	 * count guards against a table that says otherwise. */
	for (guint i = g_hash_table_size(order->graves); next != NULL && i > 0;
	     i--) {
		int64_t row = *next != 0 ? order_row(order, *next)
					 : order_count(order) - 1;

		if (row >= 0)
			return row;
		next = g_hash_table_lookup(order->graves, next);
	}
	return -1;
}

static const struct segment *segment_at(const struct order *order,
					int64_t row)
{
	guint low = 0, high = order->threads->len;

	while (high - low > 1) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(order->threads, struct segment, middle)
			    .start <= row)
			low = middle;
		else
			high = middle;
	}
	return &g_array_index(order->threads, struct segment, low);
}

int64_t order_thread_start(const struct order *order, int64_t row)
{
	return order->threads->len > 0 ? segment_at(order, row)->start : row;
}

int64_t order_thread_end(const struct order *order, int64_t row)
{
	const struct segment *s;

	if (order->threads->len == 0)
		return row + 1;
	s = segment_at(order, row);
	return (int64_t)s->start + s->n;
}

/* ---- building ---- */

static void append(struct order *order, int64_t id, uint32_t mark)
{
	g_array_append_val(order->ids, id);
	g_array_append_val(order->marks, mark);
}

static bool read_seq(struct order *order, struct sql *sql)
{
	return sql_value(sql, &order->seq, 0, NULL,
			 "SELECT max(seq) FROM log", "");
}

static const char *flat_query(const struct view_order *by)
{
	switch ((enum view_key)by->key) {
	case VIEW_BY_RECEIVED:
		return "SELECT id, shown FROM msg WHERE mbox = ?"
		       " ORDER BY recv, uid";
	case VIEW_BY_FROM:
		return "SELECT m.id, shown FROM msg m JOIN hdr h ON h.id = m.id"
		       " WHERE mbox = ?"
		       " ORDER BY sender_name COLLATE NOCASE, sent, uid";
	case VIEW_BY_TO:
		return "SELECT m.id, shown FROM msg m JOIN hdr h ON h.id = m.id"
		       " WHERE mbox = ?"
		       " ORDER BY recipient_name COLLATE NOCASE, sent, uid";
	case VIEW_BY_SUBJECT:
		return "SELECT m.id, shown FROM msg m JOIN hdr h ON h.id = m.id"
		       " WHERE mbox = ?"
		       " ORDER BY subject COLLATE base_subject, sent, uid";
	case VIEW_BY_SIZE:
		return "SELECT id, shown FROM msg WHERE mbox = ?"
		       " ORDER BY size, uid";
	case VIEW_UNSORTED:
		return "SELECT id, shown FROM msg WHERE mbox = ?"
		       " ORDER BY uid";
	case VIEW_BY_DATE:
	case VIEW_BY_THREAD:
	default:
		return "SELECT id, shown FROM msg WHERE mbox = ?"
		       " ORDER BY sent, uid";
	}
}

static void reverse_rows(struct order *order)
{
	for (guint i = 0, j = order->ids->len; i + 1 < j; i++) {
		int64_t *ids = (int64_t *)(void *)order->ids->data;
		uint32_t *marks = (uint32_t *)(void *)order->marks->data;
		int64_t id = ids[i];
		uint32_t mark = marks[i];

		j--;
		ids[i] = ids[j];
		ids[j] = id;
		marks[i] = marks[j];
		marks[j] = mark;
	}
}

static bool read_flat(struct order *order, struct sql *sql)
{
	sqlite3_stmt *s =
		sql_query(sql, flat_query(&order->by), "i", order->mbox);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW)
		append(order, sqlite3_column_int64(s, 0),
		       MARK(0u, (uint32_t)sqlite3_column_int64(s, 1)));
	if (order_descends(&order->by))
		reverse_rows(order);
	return got == SQL_DONE;
}

/* The key that threads are sorted by: (text of the whole list, of one). */
static const char *const keys_query[][2] = {
	{ "SELECT id, last FROM thr WHERE mbox = ? ORDER BY last, id",
	  "SELECT last FROM thr WHERE mbox = ? AND id = ?" },
	{ "SELECT id, newest FROM thr WHERE mbox = ? ORDER BY newest, id",
	  "SELECT newest FROM thr WHERE mbox = ? AND id = ?" },
	{ "SELECT id, first FROM thr WHERE mbox = ? ORDER BY first, id",
	  "SELECT first FROM thr WHERE mbox = ? AND id = ?" },
};

/* Threads by anything but dates are by the date of their first message. */
static const char *const *key_of(const struct view_order *by)
{
	if (by->aux == VIEW_BY_RECEIVED)
		return keys_query[0];
	return keys_query[by->last_aux ? 1 : 2];
}

/* Rows grouped by thread, threads in the order of their ids. */
static bool read_groups(struct order *order, struct sql *sql, GArray *groups)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT thr, id, depth, shown FROM msg"
				    " INDEXED BY msg_order"
				    " WHERE mbox = ? ORDER BY thr, ord",
				    "i", order->mbox);
	struct segment *last = NULL;
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		int64_t thread = sqlite3_column_int64(s, 0);

		if (last == NULL || last->thread != thread) {
			struct segment new = { .thread = thread,
					       .start = order->ids->len };

			g_array_append_val(groups, new);
			last = &g_array_index(groups, struct segment,
					      groups->len - 1);
		}
		last->n++;
		append(order, sqlite3_column_int64(s, 1),
		       MARK((uint32_t)sqlite3_column_int64(s, 2),
			    (uint32_t)sqlite3_column_int64(s, 3)));
	}
	return got == SQL_DONE;
}

static struct segment *group_of(const GArray *groups, int64_t thread)
{
	guint low = 0, high = groups->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		struct segment *s =
			&g_array_index(groups, struct segment, middle);

		if (s->thread == thread)
			return s;
		if (s->thread < thread)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Copies rows of 'from' to the end of 'to' as thread 's' of it. */
static void append_segment(struct order *to, const struct order *from,
			   const struct segment *s)
{
	struct segment new = *s;

	new.start = to->ids->len;
	g_array_append_val(to->threads, new);
	g_array_append_vals(to->ids,
			    &g_array_index(from->ids, int64_t, s->start),
			    s->n);
	g_array_append_vals(to->marks,
			    &g_array_index(from->marks, uint32_t, s->start),
			    s->n);
}

static bool read_keys(struct order *order, struct sql *sql,
		      const GArray *groups, GArray *sorted)
{
	sqlite3_stmt *s =
		sql_query(sql, key_of(&order->by)[0], "i", order->mbox);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		const struct segment *group =
			group_of(groups, sqlite3_column_int64(s, 0));
		struct segment found;

		if (group == NULL)
			continue;
		found = *group;
		found.key = sqlite3_column_int64(s, 1);
		g_array_append_val(sorted, found);
	}
	return got == SQL_DONE;
}

static bool read_threads(struct order *order, struct sql *sql)
{
	struct order *rows = order_new(order->mbox, &order->by);
	g_autoptr(GArray) groups =
		g_array_new(FALSE, FALSE, sizeof(struct segment));
	g_autoptr(GArray) sorted =
		g_array_new(FALSE, FALSE, sizeof(struct segment));
	bool down = order_descends(&order->by);
	bool ok = read_groups(rows, sql, groups) &&
		  read_keys(order, sql, groups, sorted);

	for (guint i = 0; ok && i < sorted->len; i++)
		append_segment(order, rows,
			       &g_array_index(sorted, struct segment,
					      down ? sorted->len - 1 - i : i));
	order_free(rows);
	return ok;
}

struct order *order_build(struct sql *sql, int64_t mbox,
			  const struct view_order *by)
{
	struct order *order = order_new(mbox, by);
	bool ok = read_seq(order, sql) &&
		  (order_threaded(by) ? read_threads(order, sql)
				      : read_flat(order, sql));

	if (ok)
		return order;
	order_free(order);
	return NULL;
}

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

	s = sql_query(sql, key_of(&order->by)[1], "ii", order->mbox, thread);
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
		append(rows, sqlite3_column_int64(s, 0),
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
			append_segment(merged, rows, new);
		}
		append_segment(merged, order, old);
	}
	for (; next < rows->threads->len; next++)
		append_segment(merged, rows,
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
		int64_t id = order_id(order, end);

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
			survivor = order_id(order, s->start);
	}
}

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

static bool rebuild(struct order *order, struct sql *sql)
{
	struct order *new = order_build(sql, order->mbox, &order->by);

	if (new == NULL)
		return false;
	bury(order, new, NULL);
	take(order, new);
	order->seq = new->seq;
	order_free(new);
	return true;
}

static bool follow_threads(struct order *order, struct sql *sql,
			   const struct news *news)
{
	struct order *rows = order_new(order->mbox, &order->by);
	struct order *merged = order_new(order->mbox, &order->by);
	GHashTableIter iter;
	gpointer key;
	bool ok = true;

	g_hash_table_iter_init(&iter, news->threads);
	while (ok && g_hash_table_iter_next(&iter, &key, NULL))
		ok = read_thread(order, sql, *(int64_t *)key, rows);
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
		int64_t id = order_id(order, i), shown;
		uint32_t *mark = &g_array_index(order->marks, uint32_t, i);

		if (id < news->least || id > news->most ||
		    !g_hash_table_contains(news->flags, &id))
			continue;
		if (!sql_value(sql, &shown, 0, NULL,
			       "SELECT shown FROM msg WHERE id = ?", "i", id))
			return false;
		*mark = (*mark & 0xffff0000u) | ((uint32_t)shown & 0xffffu);
	}
	return true;
}

bool order_refresh(struct order *order, struct sql *sql)
{
	struct news news;
	guint changed;
	bool ok;

	news_init(&news);
	ok = read_news(order, sql, &news);
	changed = g_hash_table_size(news.threads);
	if (ok && (news.all || changed > order->threads->len / 2 ||
		   (changed > 0 && !order_threaded(&order->by)))) {
		ok = rebuild(order, sql);
	} else if (ok) {
		if (changed > 0)
			ok = follow_threads(order, sql, &news);
		if (ok && g_hash_table_size(news.flags) > 0)
			ok = follow_flags(order, sql, &news);
		order->seq = news.seq;
	}
	news_clear(&news);
	return ok;
}
