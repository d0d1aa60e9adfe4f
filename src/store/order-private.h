/* SPDX-License-Identifier: GPL-3.0-or-later */
/* order-private: what an order is made of, for order.c, follow.c and show.c. */
#ifndef STORE_ORDER_PRIVATE_H
#define STORE_ORDER_PRIVATE_H

#include "order.h"

#include "ranks.h"
#include "lay.h"
#include "thread.h"

/*
 * A message in an order: where it stands in its thread (THREAD_LOOK()),
 * whether it is in the limit (and in the one that is being made), whether it
 * is tagged, or away because the user sent it elsewhere, and those of its
 * flags that places depend on, in one word.
 */
#define MARK_FLAGS \
	(STORE_SEEN | STORE_ANSWERED | STORE_FLAGGED | STORE_DELETED | STORE_OLD)
#define MARK_TAGGED 0x10u
#define MARK_AWAY 0x20u
#define MARK_FOUND 0x800u
#define MARK_IN 0x1000u
/* What the cache does not know: it stays when rows are read anew. */
#define MARK_KEPT (MARK_IN | MARK_FOUND | MARK_TAGGED | MARK_AWAY)
#define MARK_LOOK_SHIFT 13
#define MARK(look, flags) ((look) << MARK_LOOK_SHIFT | ((flags) & MARK_FLAGS))
#define MARK_LOOK(mark) ((mark) >> MARK_LOOK_SHIFT)
#define MARK_LEVEL(mark) THREAD_LEVEL(MARK_LOOK(mark))

struct segment {
	int64_t thread;
	uint32_t start; /* its first place */
	uint32_t n : 31;
	uint32_t folded : 1;
};

/*
 * A place is the number of a message among all, a row its number among those
 * that are shown. Threads stand on their heads when 'by.reverse'.
 */
struct order {
	int64_t mbox;
	struct view_order by;
	int64_t seq;	 /* the log was read up to here */
	int64_t base;	 /* what 'ids' count from */
	int64_t most;	 /* the greatest id of any mailbox then */
	GArray *ids;	 /* of uint32_t, by place */
	GArray *marks;	 /* of uint32_t, by place: MARK() */
	GArray *threads; /* of struct segment; empty when not by thread */
	GHashTable *graves; /* int64_t id to int64_t id of the next survivor */
	GArray *shown;	 /* of uint32_t: the place of each row; NULL: all are */
	uint32_t limit;	 /* the mark that rows must have, 0: none */
	guint folded;	 /* threads that are */
	guint tagged, away; /* messages that are */
};

struct order *order_new(int64_t mbox, const struct view_order *by);
/* Its thread in an order by threads. */
struct segment *order_segment(const struct order *order, int64_t place);

static inline int64_t place_id(const struct order *order, int64_t place)
{
	return order->base + g_array_index(order->ids, uint32_t, place);
}

static inline uint32_t *place_mark(const struct order *order, int64_t place)
{
	return &g_array_index(order->marks, uint32_t, place);
}

/* The place of the first message of a thread: the last one, on its head. */
static inline guint segment_root(const struct order *order,
				 const struct segment *s)
{
	return order->by.reverse ? s->start + s->n - 1 : s->start;
}

static inline bool order_is_in(const struct order *order, int64_t place)
{
	uint32_t mark = *place_mark(order, place);

	return (order->limit == 0 || (mark & order->limit) != 0) &&
	       !(mark & MARK_AWAY);
}

/* False when the id is too far from the others to be kept. */
bool order_append(struct order *order, int64_t id, uint32_t mark);
/* A thread to the end; its rows as lay_rows() gives them. */
bool order_append_thread(struct order *order, int64_t thread,
			 const struct lay_thread *laid);

/*
 * Reads a stored thread for lay_rows(), appended to 'rows' (of struct
 * lay_row). One that is gone gives none.
 */
bool order_read_thread(struct sql *sql, int64_t mbox, int64_t thread,
		       const struct ranks *aux, const struct ranks *group,
		       GArray *rows);

/* Whether changes can be followed without reading everything anew. */
bool order_follows(const struct view_order *by);

/* The row of a place, -1: it is not shown. */
int64_t order_row_of_place(const struct order *order, int64_t place);

/* Makes 'shown' anew after marks, threads or folds have changed. */
void order_show(struct order *order);
/* Counts anew what is tagged and away, after messages came or went. */
void order_count_marks(struct order *order);

#endif
