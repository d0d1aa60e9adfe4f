/* SPDX-License-Identifier: GPL-3.0-or-later */
/* choose: messages of an order that are chosen; tags, and what is away. */
#include "config.h"

#include <stdlib.h>

#include "internal.h"
#include "order-private.h"

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* ---- which ---- */

static bool is_among(const GArray *ids, int64_t id)
{
	const int64_t *sorted = (const int64_t *)(void *)ids->data;

	return ids->len > 0 && id >= sorted[0] && id <= sorted[ids->len - 1] &&
	       bsearch(&id, sorted, ids->len, sizeof(id), by_number) != NULL;
}

/* The first place away from the root that is not below 'place'. */
static int64_t end_of_branch(const struct order *order,
			     const struct segment *s, int64_t place)
{
	uint32_t level = MARK_LEVEL(*place_mark(order, place));
	int step = order->by.reverse ? -1 : 1;

	for (place += step;
	     place >= s->start && place < (int64_t)s->start + s->n;
	     place += step)
		if (MARK_LEVEL(*place_mark(order, place)) <= level)
			break;
	return place;
}

/* The places 'first' to 'end' (one beyond) that a choice can be about. */
static void find_stretch(const struct order *order,
			 const struct order_choice *choice, int64_t *first,
			 int64_t *end)
{
	int64_t place = choice->root != 0
				? order_place_of(order, choice->root)
				: 0;
	const struct segment *s;

	*first = place;
	*end = choice->root == 0 ? order->ids->len : place + 1;
	if (place < 0)
		*end = place;
	if (choice->root == 0 || place < 0 || order->threads->len == 0)
		return;
	s = order_segment(order, place);
	*first = s->start;
	*end = (int64_t)s->start + s->n;
	if (choice->below && order->by.reverse) {
		*first = end_of_branch(order, s, place) + 1;
		*end = place + 1;
	} else if (choice->below) {
		*first = place;
		*end = end_of_branch(order, s, place);
	}
}

/* What is away is not there for anything but to come back. */
static bool is_chosen(const struct order *order,
		      const struct order_choice *choice, int64_t place,
		      enum view_mark how)
{
	uint32_t mark = *place_mark(order, place);

	return (how == VIEW_MARK_BACK || !(mark & MARK_AWAY)) &&
	       (!choice->tagged || mark & MARK_TAGGED) &&
	       (!choice->in_sight || order_is_in(order, place)) &&
	       (choice->ids == NULL ||
		is_among(choice->ids, place_id(order, place)));
}

/* ---- marks ---- */

static void set_mark(uint32_t *mark, enum view_mark how)
{
	switch (how) {
	case VIEW_MARK_NONE:
		break;
	case VIEW_MARK_TAG:
		*mark |= MARK_TAGGED;
		break;
	case VIEW_MARK_UNTAG:
		*mark &= ~MARK_TAGGED;
		break;
	case VIEW_MARK_AWAY:
		*mark |= MARK_AWAY;
		break;
	case VIEW_MARK_BACK:
		*mark &= ~MARK_AWAY;
		break;
	}
}

void order_count_marks(struct order *order)
{
	order->tagged = order->away = 0;
	for (guint i = 0; i < order->marks->len; i++) {
		uint32_t mark = *place_mark(order, i);

		order->tagged += (mark & MARK_TAGGED) != 0;
		order->away += (mark & MARK_AWAY) != 0;
	}
}

void order_choose(struct order *order, const struct order_choice *choice,
		  enum view_mark how, GArray *ids, GArray *flags)
{
	guint was_away = order->away;
	int64_t first, end;

	find_stretch(order, choice, &first, &end);
	for (int64_t place = first; place < end; place++) {
		int64_t id = place_id(order, place);
		uint32_t *mark = place_mark(order, place), old;

		if (!is_chosen(order, choice, place, how))
			continue;
		old = *mark & MARK_FLAGS;
		g_array_append_val(ids, id);
		g_array_append_val(flags, old);
		old = *mark;
		set_mark(mark, how);
		order->tagged += (*mark & MARK_TAGGED) / MARK_TAGGED -
				 (old & MARK_TAGGED) / MARK_TAGGED;
		order->away += (*mark & MARK_AWAY) / MARK_AWAY -
			       (old & MARK_AWAY) / MARK_AWAY;
	}
	if (order->away != was_away)
		order_show(order);
}

/* ---- what is known of them ---- */

bool order_is_tagged(const struct order *order, int64_t row)
{
	return *place_mark(order, order_place(order, row)) & MARK_TAGGED;
}

int64_t order_tags(const struct order *order)
{
	return order->tagged;
}

GArray *order_tagged(const struct order *order)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; order->tagged > 0 && i < order->marks->len; i++) {
		int64_t id = place_id(order, i);

		if (*place_mark(order, i) & MARK_TAGGED)
			g_array_append_val(list, id);
	}
	g_array_sort(list, by_number);
	return list;
}

int64_t order_present(const struct order *order)
{
	return (int64_t)order->ids->len - order->away;
}

int64_t order_number(const struct order *order, int64_t row)
{
	int64_t place = order_place(order, row), number = place;

	for (int64_t i = 0; order->away > 0 && i < place; i++)
		number -= (*place_mark(order, i) & MARK_AWAY) != 0;
	return number;
}
