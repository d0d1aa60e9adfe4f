/* SPDX-License-Identifier: GPL-3.0-or-later */
/* order-private: what an order is made of, for order.c, follow.c and show.c. */
#ifndef STORE_ORDER_PRIVATE_H
#define STORE_ORDER_PRIVATE_H

#include "order.h"

/*
 * A message in an order: its depth, whether it is in the limit (and in the
 * one that is being made), and its flags, in one word.
 */
#define MARK_FLAGS 0x3fffu
#define MARK_FOUND 0x4000u
#define MARK_IN 0x8000u
#define MARK(depth, flags) \
	(MIN(depth, 0xffffu) << 16 | ((flags) & MARK_FLAGS))

struct segment {
	int64_t key, thread;
	uint32_t start; /* its first place */
	uint32_t n : 31;
	uint32_t folded : 1;
};

/*
 * A place is the number of a message among all, a row its number among those
 * that are shown.
 */
struct order {
	int64_t mbox;
	struct view_order by;
	int64_t seq;	 /* the log was read up to here */
	GArray *ids;	 /* of int64_t, by place */
	GArray *marks;	 /* of uint32_t, by place: MARK() */
	GArray *threads; /* of struct segment; empty when not by thread */
	GHashTable *graves; /* int64_t id to int64_t id of the next survivor */
	GArray *shown;	 /* of uint32_t: the place of each row; NULL: all are */
	uint32_t limit;	 /* the mark that rows must have, 0: none */
	guint folded;	 /* threads that are */
};

struct order *order_new(int64_t mbox, const struct view_order *by);
/* Its thread in an order by threads. */
struct segment *order_segment(const struct order *order, int64_t place);

static inline int64_t place_id(const struct order *order, int64_t place)
{
	return g_array_index(order->ids, int64_t, place);
}

static inline uint32_t *place_mark(const struct order *order, int64_t place)
{
	return &g_array_index(order->marks, uint32_t, place);
}

void order_append(struct order *order, int64_t id, uint32_t mark);
/* Copies rows of 'from' to the end of 'to' as thread 's' of it. */
void order_append_segment(struct order *to, const struct order *from,
			  const struct segment *s);
/* The queries for the key that threads are sorted by: all, one. */
const char *const *order_key_queries(const struct view_order *by);

/* Makes 'shown' anew after marks, threads or folds have changed. */
void order_show(struct order *order);

#endif
