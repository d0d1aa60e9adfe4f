/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matcher: a query as SQL on one connection. Conditions on flags, dates and
 * sizes are SQLite's; texts are given to the query. The view's thread.
 */
#ifndef STORE_MATCHER_H
#define STORE_MATCHER_H

#include "sql.h"

#include "smew/query.h"

struct matcher;

/* The function that the statements call; once a connection. */
void matcher_prepare(struct sql *sql);

/*
 * For messages of 'mbox'. The query is borrowed for as long; 'folded' (of
 * int64_t threads) and 'tagged' (of int64_t messages), sorted, are taken. NULL
 * when it is too long for SQLite. To be freed before the connection is closed.
 */
struct matcher *matcher_new(struct sql *sql, const struct query *query,
			    int64_t mbox, GArray *folded, GArray *tagged);
void matcher_free(struct matcher *matcher);

/*
 * Appends the ids (int64_t) from 'first' to 'last' that match. Where the
 * mailbox has most of those ids anyway ('dense'), ids of other mailboxes may
 * be among them. False when the reading fails.
 */
bool matcher_range(struct matcher *matcher, int64_t first, int64_t last,
		   bool dense, GArray *ids);
/* Whether message 'id' matches. */
bool matcher_one(struct matcher *matcher, int64_t id, bool *matches);

#endif
