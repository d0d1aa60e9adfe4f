/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * order: all messages of a mailbox in an order, as arrays: from them come row
 * numbers, places and what is next. Built in bulk, then kept in step by the
 * log. A limit and folded threads decide which of them are rows; everything
 * here counts in rows, but for order_place(). The view's thread, inside a
 * read transaction.
 */
#ifndef STORE_ORDER_H
#define STORE_ORDER_H

#include "sql.h"

#include "smew/store.h"

struct order;
struct matcher;

/* NULL when the reading fails or is interrupted. */
struct order *order_build(struct sql *sql, int64_t mbox,
			  const struct view_order *by);
void order_free(struct order *order);

/* Whether it is the order of this mailbox by these keys. */
bool order_is(const struct order *order, int64_t mbox,
	      const struct view_order *by);
int64_t order_mailbox(const struct order *order);
/* Takes over of 'by' what only matters for drawing and folding. */
void order_adopt(struct order *order, const struct view_order *by);
/* Whether rows are grouped in threads, and the greatest key comes first. */
bool order_threaded(const struct view_order *by);
bool order_descends(const struct view_order *by);
/* Whether it is the order of the cache's own threads by their last arrival. */
bool order_is_stored(const struct view_order *by);

/* What decides about messages that were not there before; borrowed. */
struct order_limits {
	struct matcher *in;    /* of the limit; NULL: there is none */
	struct matcher *found; /* of the one that is being made, or NULL */
};

/* Follows what changed in the cache. On failure the order is of no use. */
bool order_refresh(struct order *order, struct sql *sql,
		   const struct order_limits *limits);
/* Takes limit and folds over from another order of the same mailbox. */
bool order_inherit(struct order *order, const struct order *old,
		   const struct order_limits *limits);

int64_t order_count(const struct order *order);
int64_t order_id(const struct order *order, int64_t row);
/* Of a folded thread: unread and new when one of its hidden rows is. */
uint32_t order_flags(const struct order *order, int64_t row);
uint32_t order_depth(const struct order *order, int64_t row);
/* The row of message 'id', or -1. */
int64_t order_row(const struct order *order, int64_t id);
/* The row that took the place of a message that is gone or hidden, or -1. */
int64_t order_heir(const struct order *order, int64_t id);

/* The rows of the thread of 'row': first, and one beyond the last. */
int64_t order_thread_start(const struct order *order, int64_t row);
int64_t order_thread_end(const struct order *order, int64_t row);
/* The row of the message above it in its thread; -1: none, or not shown. */
int64_t order_parent(const struct order *order, int64_t row);
/* The row of the first message of its thread that is shown. */
int64_t order_root(const struct order *order, int64_t row);
/* Whether messages stand above what they answer. */
bool order_upside_down(const struct order *order);

/* All messages, shown or not; the number of a row's among them from 0. */
int64_t order_all(const struct order *order);
int64_t order_place(const struct order *order, int64_t row);
/* The same for the reader: without those that are away. */
int64_t order_present(const struct order *order);
int64_t order_number(const struct order *order, int64_t row);
int64_t order_id_at(const struct order *order, int64_t place);
/* The place of message 'id', or -1. */
int64_t order_place_of(const struct order *order, int64_t id);
/* The first row at or after this number; the last when there is none. */
int64_t order_row_at(const struct order *order, int64_t place);
/* The least and the greatest id. False when there are no messages. */
bool order_span(const struct order *order, int64_t *least, int64_t *most);

/* ---- messages that are chosen ---- */

/* Which; all that is given must be so. */
struct order_choice {
	const GArray *ids; /* of int64_t, sorted: these; NULL: any */
	int64_t root;	   /* in its thread; 0: in any */
	bool below;	   /* 'root' and what answers it, not the whole thread */
	bool tagged;
	bool in_sight;	   /* in the limit, folded or not */
};
/*
 * Appends their ids (of int64_t) and flags (of uint32_t), by place, and marks
 * them. Nothing when 'root' is not there.
 */
void order_choose(struct order *order, const struct order_choice *choice,
		  enum view_mark mark, GArray *ids, GArray *flags);
bool order_is_tagged(const struct order *order, int64_t row);
int64_t order_tags(const struct order *order);
/* Tagged messages, sorted (of int64_t); owned. */
GArray *order_tagged(const struct order *order);

/* ---- limits ---- */

/*
 * A limit is made beside the one in effect: begin, add what was found, show
 * it while it grows, end; or drop it, and what was before is back: a limit
 * or, when 'limited' is false, none.
 */
void order_limit_begin(struct order *order);
/* 'ids' (of int64_t) get sorted; those of other mailboxes do no harm. */
void order_limit_add(struct order *order, GArray *ids);
void order_limit_show(struct order *order);
void order_limit_end(struct order *order);
void order_limit_drop(struct order *order, bool limited);
/* No limit any more. */
void order_limit_none(struct order *order);
/* Messages in the limit that is being made. */
int64_t order_limit_found(const struct order *order);

/* ---- folding ---- */

/*
 * Folds or unfolds the thread of 'row', or all; one with a message of these
 * 'spared' flags (VIEW_FOLD_*) is left open. False when nothing changed.
 */
bool order_fold(struct order *order, int64_t row, bool fold, unsigned spared);
bool order_fold_all(struct order *order, bool fold, unsigned spared);
bool order_is_folded(const struct order *order, int64_t row);
/* Rows that are hidden behind 'row' because its thread is folded. */
int64_t order_hidden(const struct order *order, int64_t row);
/* Folded threads of several messages, sorted (of int64_t); owned. */
GArray *order_folded(const struct order *order);

#endif
