/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "order-private.h"

#include <string.h>

#include "internal.h"
#include "rethread.h"

bool order_threaded(const struct view_order *by)
{
	return by->key == VIEW_BY_THREAD;
}

bool order_descends(const struct view_order *by)
{
	return order_threaded(by) ? by->reverse != lay_descends(by)
				  : by->reverse;
}

bool order_is_stored(const struct view_order *by)
{
	bool group = by->group != VIEW_BY_THREAD;

	return order_threaded(by) && by->rules == 0 && !rethread_needed(by) &&
	       (group ? by->group : by->aux) == VIEW_BY_RECEIVED &&
	       (group ? by->last_group : by->last_aux);
}

bool order_follows(const struct view_order *by)
{
	return !order_threaded(by) ||
	       (ranks_are_plain((enum view_key)by->aux) &&
		ranks_are_plain((enum view_key)by->group) &&
		!rethread_needed(by));
}

bool order_is(const struct order *order, int64_t mbox,
	      const struct view_order *by)
{
	const struct view_order *o = &order->by;

	return order->mbox == mbox && o->key == by->key &&
	       o->aux == by->aux && o->group == by->group &&
	       o->reverse == by->reverse && o->reverse_aux == by->reverse_aux &&
	       o->last_aux == by->last_aux &&
	       o->reverse_group == by->reverse_group &&
	       o->last_group == by->last_group && o->rules == by->rules &&
	       o->reply == by->reply;
}

struct order *order_new(int64_t mbox, const struct view_order *by)
{
	struct order *order = g_new0(struct order, 1);

	order->mbox = mbox;
	order->by = *by;
	order->ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
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
	const uint32_t *ids = (const uint32_t *)(void *)order->ids->data;
	uint32_t wanted = (uint32_t)(id - order->base);

	if (id < order->base || id - order->base > UINT32_MAX)
		return -1;
	for (guint i = 0; i < order->ids->len; i++)
		if (ids[i] == wanted)
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

bool order_append(struct order *order, int64_t id, uint32_t mark)
{
	uint32_t kept = (uint32_t)(id - order->base);

	if (id < order->base || id - order->base > UINT32_MAX)
		return false;
	g_array_append_val(order->ids, kept);
	g_array_append_val(order->marks, mark);
	return true;
}

bool order_append_thread(struct order *order, int64_t thread,
			 const struct lay_thread *laid)
{
	struct segment new = { .thread = thread,
			       .start = order->ids->len,
			       .n = (uint32_t)laid->n & 0x7fffffff };

	g_array_append_val(order->threads, new);
	for (size_t i = 0; i < laid->n; i++) {
		const struct lay_row *row =
			&laid->rows[order->by.reverse ? laid->n - 1 - i : i];

		if (!order_append(order, row->id, MARK(row->look, row->flags)))
			return false;
	}
	return true;
}

static bool read_seq(struct order *order, struct sql *sql)
{
	if (!sql_value(sql, &order->most, 0, NULL,
		       "SELECT seq FROM sqlite_sequence WHERE name = 'msg'",
		       ""))
		return false;
	order->base = MAX(0, order->most - (int64_t)(UINT32_MAX / 2));
	return sql_value(sql, &order->seq, 0, NULL, "SELECT max(seq) FROM log",
			 "");
}

/* ---- by messages ---- */

/* Which comes first, by the order's keys. */
struct flat_row {
	int64_t id, key, aux;
	uint32_t uid, flags;
};

static int compare_rows(const void *first, const void *second, void *user)
{
	const struct flat_row *a = first, *b = second;
	const struct view_order *by = user;
	int order = (a->key > b->key) - (a->key < b->key);

	if (order != 0)
		return by->reverse ? -order : order;
	order = (a->aux > b->aux) - (a->aux < b->aux);
	if (order != 0)
		return by->reverse_aux ? -order : order;
	order = (a->uid > b->uid) - (a->uid < b->uid);
	return by->reverse ? -order : order;
}

/* Columns: id, uid, sent, recv, shown. */
static struct ranks_row read_flat_columns(sqlite3_stmt *s,
					 struct flat_row *row)
{
	const struct ranks_row of = {
		.id = sqlite3_column_int64(s, 0),
		.uid = (uint32_t)sqlite3_column_int64(s, 1),
		.sent = sqlite3_column_int64(s, 2),
		.received = sqlite3_column_int64(s, 3),
	};

	row->id = of.id;
	row->uid = of.uid;
	row->flags = (uint32_t)sqlite3_column_int64(s, 4);
	return of;
}

static bool read_flat(struct order *order, struct sql *sql,
		      const struct ranks *key, const struct ranks *aux)
{
	g_autoptr(GArray) rows =
		g_array_new(FALSE, FALSE, sizeof(struct flat_row));
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT id, uid, sent, recv, shown"
				    " FROM msg INDEXED BY msg_order"
				    " WHERE mbox = ?",
				    "i", order->mbox);
	enum sql_result got;
	bool ok = true;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct flat_row row;
		struct ranks_row of = read_flat_columns(s, &row);

		row.key = ranks_of(key, &of);
		row.aux = ranks_of(aux, &of);
		g_array_append_val(rows, row);
	}
	g_array_sort_with_data(rows, compare_rows, &order->by);
	for (guint i = 0; ok && i < rows->len; i++) {
		const struct flat_row *row =
			&g_array_index(rows, struct flat_row, i);

		ok = order_append(order, row->id, MARK(0u, row->flags));
	}
	return ok && got == SQL_DONE;
}

/* ---- by threads ---- */

/* A thread that waits to be put in its place. */
struct waiting {
	struct lay_key key;
	uint32_t thread; /* number of its segment */
};

/* Threads in the order in which they were read. */
struct gathered {
	struct order *order; /* not sorted */
	GArray *waiting;     /* of struct waiting */
	struct lay *lay;
	int64_t thread;	     /* that is laid out */
	bool ok;
};

static void gather(const struct lay_thread *thread, void *user)
{
	struct gathered *g = user;
	struct waiting waiting = { thread->key, g->waiting->len };

	g->ok = g->ok && order_append_thread(g->order, g->thread, thread);
	g_array_append_val(g->waiting, waiting);
}

static void gather_rows(int64_t thread, const struct lay_row *rows, size_t n,
			void *user)
{
	struct gathered *g = user;

	g->thread = thread;
	lay_rows(g->lay, rows, n, gather, g);
}

/* Columns: thread, id, look, shown, uid, recv, sent. */
static struct lay_row read_columns(sqlite3_stmt *s, const struct ranks *aux,
				   const struct ranks *group)
{
	const struct ranks_row of = {
		.id = sqlite3_column_int64(s, 1),
		.uid = (uint32_t)sqlite3_column_int64(s, 4),
		.received = sqlite3_column_int64(s, 5),
		.sent = sqlite3_column_int64(s, 6),
	};

	return (struct lay_row){
		.id = of.id,
		.aux = ranks_of(aux, &of),
		.group = ranks_of(group, &of),
		.uid = of.uid,
		.flags = (uint32_t)sqlite3_column_int64(s, 3),
		.look = (uint32_t)sqlite3_column_int64(s, 2),
	};
}

bool order_read_thread(struct sql *sql, int64_t mbox, int64_t thread,
		       const struct ranks *aux, const struct ranks *group,
		       GArray *rows)
{
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT thr, id, look, shown, uid, recv,"
				    " sent FROM msg INDEXED BY msg_order"
				    " WHERE mbox = ? AND thr = ? ORDER BY ord",
				    "ii", mbox, thread);
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct lay_row row = read_columns(s, aux, group);

		g_array_append_val(rows, row);
	}
	return got == SQL_DONE;
}

static bool gather_stored(struct gathered *g, struct sql *sql,
			  const struct ranks *aux, const struct ranks *group)
{
	g_autoptr(GArray) rows =
		g_array_new(FALSE, FALSE, sizeof(struct lay_row));
	sqlite3_stmt *s = sql_query(sql,
				    "SELECT thr, id, look, shown, uid, recv,"
				    " sent FROM msg INDEXED BY msg_order"
				    " WHERE mbox = ? ORDER BY thr, ord",
				    "i", g->order->mbox);
	int64_t thread = 0;
	enum sql_result got;

	while ((got = sql_step(sql, s, NULL)) == SQL_ROW) {
		struct lay_row row = read_columns(s, aux, group);
		int64_t next = sqlite3_column_int64(s, 0);

		if (next != thread && rows->len > 0) {
			gather_rows(thread,
				    (const struct lay_row *)(void *)rows->data,
				    rows->len, g);
			g_array_set_size(rows, 0);
		}
		thread = next;
		g_array_append_val(rows, row);
	}
	if (rows->len > 0)
		gather_rows(thread, (const struct lay_row *)(void *)rows->data,
			    rows->len, g);
	return got == SQL_DONE && g->ok;
}

static int by_key(const void *a, const void *b)
{
	return lay_compare(&((const struct waiting *)a)->key,
			   &((const struct waiting *)b)->key);
}

static void append_segment(struct order *to, const struct order *from,
			   const struct segment *s)
{
	struct segment new = *s;

	new.start = to->ids->len;
	g_array_append_val(to->threads, new);
	g_array_append_vals(to->ids,
			    &g_array_index(from->ids, uint32_t, s->start),
			    s->n);
	g_array_append_vals(to->marks,
			    &g_array_index(from->marks, uint32_t, s->start),
			    s->n);
}

/* Into the arrays of 'order', which have just the room they need. */
static void put_in_order(struct order *order, struct gathered *g)
{
	const struct order *from = g->order;
	bool down = order_descends(&order->by);
	guint n = g->waiting->len;

	g_array_sort(g->waiting, by_key);
	g_array_set_size(order->ids, from->ids->len);
	g_array_set_size(order->ids, 0);
	g_array_set_size(order->marks, from->ids->len);
	g_array_set_size(order->marks, 0);
	g_array_set_size(order->threads, n);
	g_array_set_size(order->threads, 0);
	for (guint i = 0; i < n; i++) {
		const struct waiting *w = &g_array_index(
			g->waiting, struct waiting, down ? n - 1 - i : i);

		append_segment(order, from,
			       &g_array_index(from->threads, struct segment,
					      w->thread));
	}
}

static bool read_threads(struct order *order, struct sql *sql,
			 const struct ranks *aux, const struct ranks *group)
{
	struct gathered g = {
		.order = order_new(order->mbox, &order->by),
		.waiting = g_array_new(FALSE, FALSE, sizeof(struct waiting)),
		.lay = lay_new(&order->by),
		.ok = true,
	};
	bool ok;

	g.order->base = order->base;
	ok = rethread_needed(&order->by)
		     ? rethread(sql, order->mbox, &order->by, aux, group,
				gather_rows, &g) &&
			       g.ok
		     : gather_stored(&g, sql, aux, group);
	if (ok)
		put_in_order(order, &g);
	order_free(g.order);
	g_array_unref(g.waiting);
	lay_free(g.lay);
	return ok;
}

/* ---- both ---- */

static bool read_all(struct order *order, struct sql *sql)
{
	const struct view_order *by = &order->by;
	bool threaded = order_threaded(by);
	struct ranks *aux = ranks_new(sql, order->mbox, (enum view_key)by->aux,
				    by->reply);
	struct ranks *key = ranks_new(
		sql, order->mbox,
		(enum view_key)(threaded ? by->group : by->key), by->reply);
	bool ok = aux != NULL && key != NULL &&
		  (threaded ? read_threads(order, sql, aux, key)
			    : read_flat(order, sql, key, aux));

	ranks_free(aux);
	ranks_free(key);
	return ok;
}

struct order *order_build(struct sql *sql, int64_t mbox,
			  const struct view_order *by)
{
	struct order *order = order_new(mbox, by);

	if (read_seq(order, sql) && read_all(order, sql))
		return order;
	order_free(order);
	return NULL;
}
