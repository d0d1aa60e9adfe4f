/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "order-private.h"

#include <string.h>

#include "internal.h"

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

struct order *order_new(int64_t mbox, const struct view_order *by)
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
	g_clear_pointer(&order->shown, g_array_unref);
	g_free(order);
}

int64_t order_place_of(const struct order *order, int64_t id)
{
	const int64_t *ids = (const int64_t *)(void *)order->ids->data;

	for (guint i = 0; i < order->ids->len; i++)
		if (ids[i] == id)
			return i;
	return -1;
}

struct segment *order_segment(const struct order *order, int64_t place)
{
	guint low = 0, high = order->threads->len;

	while (high - low > 1) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(order->threads, struct segment, middle)
			    .start <= place)
			low = middle;
		else
			high = middle;
	}
	return &g_array_index(order->threads, struct segment, low);
}

/* ---- building ---- */

void order_append(struct order *order, int64_t id, uint32_t mark)
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
		order_append(order, sqlite3_column_int64(s, 0),
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
const char *const *order_key_queries(const struct view_order *by)
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
		order_append(order, sqlite3_column_int64(s, 1),
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

void order_append_segment(struct order *to, const struct order *from,
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
		sql_query(sql, order_key_queries(&order->by)[0], "i", order->mbox);
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
		order_append_segment(order, rows,
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
