/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which messages of a mailbox are still to be fetched, and in what portions.
 * Pure: knows UIDs, no server and no cache.
 */
#ifndef SMEW_SESSION_PLAN_H
#define SMEW_SESSION_PLAN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct plan;

/* A portion: messages asked for by one FETCH. */
struct portion {
	char *set;	/* UIDs in the form of a command: "3:9,12" */
	uint32_t low, high;
	size_t count;	/* messages that are expected */
	void *entries;	/* the plan's, for portion_split() */
};

void portion_free(struct portion *portion);
/* Halves of what failed, newer one first; false when it is one message. */
bool portion_split(const struct portion *portion, struct portion **newer,
		   struct portion **older);

/*
 * What 'server' has and 'cache' has not (both of uint32_t, ascending). NULL
 * when that is nothing.
 */
struct plan *plan_new(const GArray *server, const GArray *cache);
void plan_free(struct plan *plan);
/* Messages not taken yet. */
size_t plan_left(const struct plan *plan);
/* The newest 'count' of them at most; NULL when there are no more. Owned by
 * the caller. A range may span UIDs the server does not have, never one that
 * the cache has. */
struct portion *plan_take(struct plan *plan, size_t count);
/* The same from the other end. */
struct portion *plan_take_oldest(struct plan *plan, size_t count);

/* What 'cache' has and 'server' has not: of uint32_t, owned by the caller. */
GArray *plan_gone(const GArray *server, const GArray *cache);

#endif
