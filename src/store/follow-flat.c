/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow-flat: brings an order by messages up to what the log says. */
#include "config.h"

#include "follow.h"
#include "ids.h"

/* A message by the keys of the order. */
struct flat_row {
	int64_t id;
	struct ranks_value key, aux; /* their texts are owned */
	uint32_t uid, flags;
};

static void row_clear_texts(void *row)
{
	struct flat_row *r = row;

	g_clear_pointer(&r->key.text, g_free);
	g_clear_pointer(&r->aux.text, g_free);
}

static int compare_rows(const void *first, const void *second, void *user)
{
	const struct flat_row *a = first, *b = second;
	const struct view_order *by = user;
	int order = ranks_compare((enum view_key)by->key, &a->key, &b->key);

	if (order != 0)
		return by->reverse ? -order : order;
	order = ranks_compare((enum view_key)by->aux, &a->aux, &b->aux);
	if (order != 0)
		return by->reverse_aux ? -order : order;
	order = (a->uid > b->uid) - (a->uid < b->uid);
	return by->reverse ? -order : order;
}

/* What following needs. */
struct flat {
	struct order *order;	   /* borrowed */
	struct sql *sql;	   /* borrowed */
	struct ids_prefix *prefix; /* owned, or NULL: the default */
	guint probed;		   /* the place whose row is 'row' */
	struct flat_row row;
	const struct flat_row *fresh; /* that is put in; borrowed */
	bool ok;
};

/* After RANKS_COLUMNS: shown. */
static void read_row(struct flat *flat, int64_t id, struct flat_row *row)
{
	const struct view_order *by = &flat->order->by;
	sqlite3_stmt *s = sql_query(flat->sql,
				    "SELECT " RANKS_COLUMNS ", m.shown"
				    " FROM msg m JOIN hdr h ON h.id = m.id"
				    " WHERE m.id = ?",
				    "i", id);

	*row = (struct flat_row){ .id = id };
	if (sql_step(flat->sql, s, NULL) != SQL_ROW) {
		flat->ok = false;
		return;
	}
	row->uid = (uint32_t)sqlite3_column_int64(s, 2);
	row->flags = (uint32_t)sqlite3_column_int64(s, 8);
	row->key = ranks_read(s, (enum view_key)by->key, flat->prefix);
	row->aux = ranks_read(s, (enum view_key)by->aux, flat->prefix);
	sql_end(s);
}

/* Whether the message at 'place' stands before the one that is put in. */
static bool row_is_before(guint place, void *user)
{
	struct flat *flat = user;
	struct order *order = flat->order;

	if (flat->probed != place) {
		row_clear_texts(&flat->row);
		read_row(flat, place_id(order, place), &flat->row);
		flat->probed = place;
	}
	return flat->ok &&
	       compare_rows(&flat->row, flat->fresh, &order->by) < 0;
}

/* Those that are new, from top to bottom. */
static GArray *read_fresh_rows(struct flat *flat, const GArray *fresh)
{
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct flat_row));

	g_array_set_clear_func(rows, row_clear_texts);
	for (guint i = 0; flat->ok && i < fresh->len; i++) {
		struct flat_row row;

		read_row(flat, g_array_index(fresh, int64_t, i), &row);
		g_array_append_val(rows, row);
	}
	g_array_sort_with_data(rows, compare_rows, &flat->order->by);
	return rows;
}

/* The new rows as an order of their own, with what the limits say of them. */
static bool judge_rows(struct order *fresh, const GArray *rows,
		       const struct order_limits *limits)
{
	for (guint i = 0; i < rows->len; i++) {
		const struct flat_row *row =
			&g_array_index(rows, struct flat_row, i);
		uint32_t mark = MARK(0u, row->flags);

		if (!follow_judge(limits, row->id, &mark) ||
		    !order_append(fresh, row->id, mark))
			return false;
	}
	return true;
}

static bool put_rows(struct flat *flat, const struct order *fresh,
		     const GArray *rows)
{
	g_autoptr(GArray) pieces =
		g_array_new(FALSE, FALSE, sizeof(struct piece));
	struct piece piece = { 0, 0, 1 };

	for (guint i = 0; flat->ok && i < rows->len; i++) {
		piece.from = i;
		flat->fresh = &g_array_index(rows, struct flat_row, i);
		piece.at = follow_find(piece.at, flat->order->ids->len,
				       row_is_before, flat);
		g_array_append_val(pieces, piece);
	}
	if (!flat->ok)
		return false;
	follow_weave(flat->order->ids, fresh->ids, pieces);
	follow_weave(flat->order->marks, fresh->marks, pieces);
	return true;
}

static bool put_messages(struct flat *flat, const GArray *ids,
			 const struct order_limits *limits)
{
	struct order *order = flat->order;
	g_autoptr(GArray) rows = read_fresh_rows(flat, ids);
	struct order *fresh = order_new(order->mbox, &order->by);
	bool ok;

	fresh->base = order->base;
	ok = flat->ok && judge_rows(fresh, rows, limits) &&
	     put_rows(flat, fresh, rows);
	order_free(fresh);
	return ok;
}

/* Place 'at' is gone. */
static void cut(struct order *order, guint at)
{
	g_array_remove_index(order->ids, at);
	g_array_remove_index(order->marks, at);
}

bool follow_flat(struct order *order, struct sql *sql, const struct news *news,
		 const struct order_limits *limits)
{
	struct flat flat = {
		.order = order,
		.sql = sql,
		.probed = G_MAXUINT,
		.ok = true,
	};
	bool ok;

	for (guint i = 0; i < news->gone->len; i++) {
		int64_t id = g_array_index(news->gone, int64_t, i);
		int64_t place = order_place_of(order, id);

		if (place < 0)
			continue;
		follow_bury(order, news->gone, (guint)place, (guint)place + 1);
		cut(order, (guint)place);
	}
	if (news->fresh->len == 0)
		return true;
	flat.prefix = ids_prefix_new(order->by.reply);
	ok = put_messages(&flat, news->fresh, limits);
	row_clear_texts(&flat.row);
	ids_prefix_free(flat.prefix);
	return ok;
}
