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

/* What one message is compared by, without the others. */
struct ranks_value {
	char *text; /* owned; NULL: compared by 'number' */
	int64_t number;
};

struct ids_prefix;

/* Of msg m and hdr h; the first columns of the statement. */
#define RANKS_COLUMNS                                                    \
	"m.sent, m.recv, m.uid, m.size, h.subject, h.sender_name,"      \
	" h.recipient_name, h.keywords"
/* Its strings are the caller's. */
struct ranks_value ranks_read(sqlite3_stmt *row, enum view_key key,
			      const struct ids_prefix *prefix);
/* As the ranks of both would compare. */
int ranks_compare(enum view_key key, const struct ranks_value *a,
		  const struct ranks_value *b);

#endif
