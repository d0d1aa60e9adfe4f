/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rethread: threads by other rules than those of the cache. */
#ifndef STORE_RETHREAD_H
#define STORE_RETHREAD_H

#include "ranks.h"
#include "lay.h"

/* Whether the threads of the cache are not those of the order. */
bool rethread_needed(const struct view_order *by);

/*
 * Reads a whole mailbox and joins it by the rules of 'by'. 'give' gets the
 * rows of each thread, in the order of lay_rows(), and its id: that of the
 * stored thread of its first message.
 */
bool rethread(struct sql *sql, int64_t mbox, const struct view_order *by,
	      const struct ranks *aux, const struct ranks *group,
	      void (*give)(int64_t thread, const struct lay_row *rows,
			   size_t n, void *user),
	      void *user);

#endif
