/* SPDX-License-Identifier: GPL-3.0-or-later */
/* follow: what bringing an order up to the log needs, by threads or not. */
#ifndef STORE_FOLLOW_H
#define STORE_FOLLOW_H

#include "news.h"
#include "order-private.h"

/* 'n' elements from 'from' on that belong before element 'at'. */
struct piece {
	guint at, from, n;
};

/* Puts 'pieces' of 'from', which are all of it and ascend by 'at', into 'to';
 * what is behind the last one does not move far, what is before the first one
 * not at all. */
void follow_weave(GArray *to, const GArray *from, const GArray *pieces);

/*
 * The first of the places from 'from' to before 'end' of which 'before' is
 * false, 'end' when there is none: 'before' is true of all up to there. Mostly
 * it is not far: new mail is behind everything, what a fill brings lies
 * together.
 */
guint follow_find(guint from, guint end,
		  bool (*before)(guint place, void *user), void *user);

/* Those of 'gone' among the rows from 'start' to 'end'; their heir is the
 * row below, which may be gone too. */
void follow_bury(struct order *order, const GArray *gone, guint start,
		 guint end);

/* What a message that was not there before is to the limits. */
bool follow_judge(const struct order_limits *limits, int64_t id,
		  uint32_t *mark);

/* An order by messages: those that are gone, and those that are new. */
bool follow_flat(struct order *order, struct sql *sql, const struct news *news,
		 const struct order_limits *limits);

#endif
