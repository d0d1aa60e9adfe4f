/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: which messages of an order are rows: limits and folded threads. */
#include "config.h"

#include <stdlib.h>

#include "internal.h"
#include "order-private.h"

/* ---- rows ---- */

static void show_stretch(struct order *order, guint start, guint end)
{
	for (guint place = start; place < end; place++)
		if (order_is_in(order, place))
			g_array_append_val(order->shown, place);
}

/* Of a folded thread: the first of its messages that is in the limit, as far
 * as the tree goes; -1: none is. */
static int64_t face_of(const struct order *order, const struct segment *s)
{
	for (guint i = 0; i < s->n; i++) {
		guint place = order->by.reverse ? s->start + s->n - 1 - i
						: s->start + i;

		if (order_is_in(order, place))
			return place;
	}
	return -1;
}

static void show_face(struct order *order, const struct segment *s)
{
	int64_t face = face_of(order, s);
	guint place = (guint)face;

	if (face >= 0)
		g_array_append_val(order->shown, place);
}

static guint count_folded(const struct order *order)
{
	guint n = 0;

	for (guint i = 0; i < order->threads->len; i++)
		n += g_array_index(order->threads, struct segment, i).folded;
	return n;
}

void order_show(struct order *order)
{
	order->folded = count_folded(order);
	g_clear_pointer(&order->shown, g_array_unref);
	if (order->limit == 0 && order->folded == 0 && order->away == 0)
		return;
	order->shown = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	if (order->threads->len == 0)
		show_stretch(order, 0, order->ids->len);
	for (guint i = 0; i < order->threads->len; i++) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (s->folded)
			show_face(order, s);
		else
			show_stretch(order, s->start, s->start + s->n);
	}
}

int64_t order_all(const struct order *order)
{
	return order->ids->len;
}

int64_t order_count(const struct order *order)
{
	return order->shown != NULL ? order->shown->len : order->ids->len;
}

int64_t order_place(const struct order *order, int64_t row)
{
	return order->shown != NULL
		       ? g_array_index(order->shown, uint32_t, row)
		       : row;
}

/* The first row at or after a place; the count when there is none. */
static int64_t row_from(const struct order *order, int64_t place)
{
	int64_t low = 0, high = order_count(order);

	if (order->shown == NULL)
		return place;
	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		if (order_place(order, middle) < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t order_row_at(const struct order *order, int64_t place)
{
	return MIN(row_from(order, place), order_count(order) - 1);
}

int64_t order_id_at(const struct order *order, int64_t place)
{
	return place_id(order, place);
}

int64_t order_id(const struct order *order, int64_t row)
{
	return place_id(order, order_place(order, row));
}

uint32_t order_depth(const struct order *order, int64_t row)
{
	return MARK_LEVEL(*place_mark(order, order_place(order, row)));
}

int64_t order_row_of_place(const struct order *order, int64_t place)
{
	int64_t row = row_from(order, place);

	return row < order_count(order) && order_place(order, row) == place
		       ? row
		       : -1;
}

int64_t order_row(const struct order *order, int64_t id)
{
	int64_t place = order_place_of(order, id);

	return place >= 0 ? order_row_of_place(order, place) : -1;
}

/* The row that stands for a message that is there but may be hidden. */
static int64_t row_for(const struct order *order, int64_t place)
{
	if (order->threads->len > 0) {
		const struct segment *s = order_segment(order, place);

		if (s->folded)
			place = MAX(face_of(order, s), (int64_t)s->start);
	}
	return order_row_at(order, place);
}

int64_t order_heir(const struct order *order, int64_t id)
{
	int64_t place = order_place_of(order, id);
	const int64_t *next;

	if (place >= 0)
		return row_for(order, place);
	next = g_hash_table_lookup(order->graves, &id);
	/* An heir may itself be gone; the chain only leads forward, but the
	 * count guards against a table that says otherwise. */
	for (guint i = g_hash_table_size(order->graves); next != NULL && i > 0;
	     i--) {
		if (*next == 0)
			return order_count(order) - 1;
		place = order_place_of(order, *next);
		if (place >= 0)
			return row_for(order, place);
		next = g_hash_table_lookup(order->graves, next);
	}
	return -1;
}

/* ---- threads ---- */

int64_t order_thread_start(const struct order *order, int64_t row)
{
	if (order->threads->len == 0)
		return row;
	return row_from(order, order_segment(order, order_place(order, row))
				       ->start);
}

int64_t order_thread_end(const struct order *order, int64_t row)
{
	const struct segment *s;

	if (order->threads->len == 0)
		return row + 1;
	s = order_segment(order, order_place(order, row));
	return row_from(order, (int64_t)s->start + s->n);
}

/*
 * Towards the root: the first row on a lesser level is above, once the level
 * of each missing message that is above is taken into account.
 */
int64_t order_parent(const struct order *order, int64_t row)
{
	int64_t place = order_place(order, row), root;
	uint32_t look = MARK_LOOK(*place_mark(order, place));
	uint32_t level = THREAD_LEVEL(look) - THREAD_GAP(look);
	int step = order->by.reverse ? 1 : -1;

	if (order->threads->len == 0)
		return -1;
	root = segment_root(order, order_segment(order, place));
	while (level > 0 && place != root) {
		place += step;
		look = MARK_LOOK(*place_mark(order, place));
		if (THREAD_LEVEL(look) < level)
			return order_row_of_place(order, place);
		level = MIN(level, THREAD_LEVEL(look) - THREAD_GAP(look));
	}
	return -1;
}

int64_t order_root(const struct order *order, int64_t row)
{
	if (order->threads->len == 0)
		return row;
	if (order->by.reverse)
		return order_thread_end(order, row) - 1;
	return order_thread_start(order, row);
}

bool order_upside_down(const struct order *order)
{
	return order->threads->len > 0 && order->by.reverse;
}

/* The thread of 'row' when it is folded, else NULL. */
static const struct segment *folded_at(const struct order *order, int64_t row)
{
	const struct segment *s;

	if (order->folded == 0)
		return NULL;
	s = order_segment(order, order_place(order, row));
	return s->folded ? s : NULL;
}

uint32_t order_flags(const struct order *order, int64_t row)
{
	const struct segment *s = folded_at(order, row);
	int64_t place = order_place(order, row);
	uint32_t flags = *place_mark(order, place) & MARK_FLAGS;

	for (guint i = s != NULL ? s->start : 0;
	     s != NULL && i < s->start + s->n; i++) {
		uint32_t hidden = *place_mark(order, i);

		if (!order_is_in(order, i))
			continue;
		if (is_unread(hidden))
			flags &= ~(uint32_t)STORE_SEEN;
		if (is_fresh(hidden))
			flags &= ~(uint32_t)(STORE_SEEN | STORE_OLD);
	}
	return flags;
}

/* ---- folding ---- */

bool order_is_folded(const struct order *order, int64_t row)
{
	return folded_at(order, row) != NULL;
}

int64_t order_hidden(const struct order *order, int64_t row)
{
	const struct segment *s = folded_at(order, row);
	int64_t n = -1;

	if (s == NULL)
		return 0;
	for (guint place = s->start; place < s->start + s->n; place++)
		n += order_is_in(order, place);
	return n;
}

static bool is_spared(const struct order *order, const struct segment *s,
		      unsigned spared)
{
	for (guint place = s->start; place < s->start + s->n; place++) {
		uint32_t mark = *place_mark(order, place);

		if ((spared & VIEW_FOLD_SPARE_UNREAD && is_unread(mark)) ||
		    (spared & VIEW_FOLD_SPARE_FLAGGED &&
		     mark & STORE_FLAGGED))
			return true;
	}
	return false;
}

static bool fold_one(struct order *order, struct segment *s, bool fold,
		     unsigned spared)
{
	if (s->folded == fold || s->n < 2 ||
	    (fold && is_spared(order, s, spared)))
		return false;
	s->folded = fold;
	return true;
}

bool order_fold(struct order *order, int64_t row, bool fold, unsigned spared)
{
	if (order->threads->len == 0 ||
	    !fold_one(order, order_segment(order, order_place(order, row)),
		      fold, spared))
		return false;
	order_show(order);
	return true;
}

bool order_fold_all(struct order *order, bool fold, unsigned spared)
{
	bool changed = false;

	for (guint i = 0; i < order->threads->len; i++)
		changed |= fold_one(order,
				    &g_array_index(order->threads,
						   struct segment, i),
				    fold, spared);
	if (changed)
		order_show(order);
	return changed;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

GArray *order_folded(const struct order *order)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < order->threads->len; i++) {
		const struct segment *s =
			&g_array_index(order->threads, struct segment, i);

		if (s->folded)
			g_array_append_val(list, s->thread);
	}
	g_array_sort(list, by_number);
	return list;
}

/* ---- limits ---- */

static void clear_marks(struct order *order, uint32_t which)
{
	for (guint i = 0; i < order->marks->len; i++)
		*place_mark(order, i) &= ~which;
}

void order_limit_begin(struct order *order)
{
	clear_marks(order, MARK_FOUND);
}

void order_limit_add(struct order *order, GArray *ids)
{
	const int64_t *sorted = (const int64_t *)(void *)ids->data;

	if (ids->len == 0)
		return;
	g_array_sort(ids, by_number);
	for (guint i = 0; i < order->ids->len; i++) {
		int64_t id = place_id(order, i);

		if (id >= sorted[0] && id <= sorted[ids->len - 1] &&
		    bsearch(&id, sorted, ids->len, sizeof(id), by_number))
			*place_mark(order, i) |= MARK_FOUND;
	}
}

void order_limit_show(struct order *order)
{
	order->limit = MARK_FOUND;
	order_show(order);
}

void order_limit_end(struct order *order)
{
	for (guint i = 0; i < order->marks->len; i++) {
		uint32_t *mark = place_mark(order, i);
		bool found = *mark & MARK_FOUND;

		*mark = (*mark & ~(MARK_FOUND | MARK_IN)) |
			(found ? MARK_IN : 0);
	}
	order->limit = MARK_IN;
	order_show(order);
}

void order_limit_drop(struct order *order, bool limited)
{
	clear_marks(order, MARK_FOUND);
	order->limit = limited ? MARK_IN : 0;
	order_show(order);
}

void order_limit_none(struct order *order)
{
	clear_marks(order, MARK_FOUND | MARK_IN);
	order->limit = 0;
	order_show(order);
}

int64_t order_limit_found(const struct order *order)
{
	int64_t n = 0;

	for (guint i = 0; i < order->marks->len; i++)
		n += (*place_mark(order, i) & MARK_FOUND) != 0;
	return n;
}

bool order_span(const struct order *order, int64_t *least, int64_t *most)
{
	*least = INT64_MAX;
	*most = INT64_MIN;
	for (guint i = 0; i < order->ids->len; i++) {
		*least = MIN(*least, place_id(order, i));
		*most = MAX(*most, place_id(order, i));
	}
	return order->ids->len > 0;
}

int64_t order_mailbox(const struct order *order)
{
	return order->mbox;
}

void order_adopt(struct order *order, const struct view_order *by)
{
	order->by.stay_folded = by->stay_folded;
	order->by.drawn = by->drawn;
}
