/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * finder: makes a limit, or searches, in portions of some milliseconds, so
 * that whoever runs it can do other things in between. The view's thread,
 * each step inside a read transaction.
 */
#ifndef STORE_FINDER_H
#define STORE_FINDER_H

#include "matcher.h"
#include "order.h"

enum find_result { FIND_FAIL, FIND_MORE, FIND_END };

/* ---- all of a mailbox ---- */

struct sweep;

/* The matcher is borrowed. */
struct sweep *sweep_new(struct matcher *matcher, const struct order *order);
void sweep_free(struct sweep *sweep);
/* A portion: ids (int64_t) that match are appended; some may be of other
 * mailboxes. */
enum find_result sweep_step(struct sweep *sweep, GArray *ids);
int sweep_percent(const struct sweep *sweep);

/* ---- limits ---- */

struct limiter;

/* Begins around message 'id'; the matcher is borrowed. */
struct limiter *limiter_new(struct matcher *matcher, struct order *order,
			    int64_t id);
void limiter_free(struct limiter *limiter);
/* A portion: what it finds is marked in the order, which may be another one
 * of the same mailbox than the last time. */
enum find_result limiter_step(struct limiter *limiter, struct order *order);
int limiter_percent(const struct limiter *limiter);

/* ---- searches ---- */

struct searcher;

struct searcher *searcher_new(struct matcher *matcher, int64_t id,
			      bool backwards, bool wrap);
void searcher_free(struct searcher *searcher);
/* FIND_END: '*id' is what was found, 0 for nothing. */
enum find_result searcher_step(struct searcher *searcher,
			       const struct order *order, int64_t *id,
			       bool *wrapped);

#endif
