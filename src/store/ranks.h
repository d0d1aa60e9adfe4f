/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ranks: what orders compare, as one number a message. */
#ifndef STORE_RANKS_H
#define STORE_RANKS_H

#include "sql.h"

#include "smew/store.h"

/* The columns of msg that are numbers of an order by themselves. */
struct ranks_row {
	int64_t id, sent, received;
	uint32_t uid;
};

struct ranks;

/*
 * Whether a message's key can be told from its row, without the others: an
 * order of nothing else follows changes at little cost.
 */
bool ranks_are_plain(enum view_key key);

/*
 * For the keys of one mailbox by 'key'; reads all that is needed at once.
 * NULL when that fails.
 */
struct ranks *ranks_new(struct sql *sql, int64_t mbox, enum view_key key,
		      const char *reply);
void ranks_free(struct ranks *ranks);
int64_t ranks_of(const struct ranks *ranks, const struct ranks_row *row);

#endif
