/* SPDX-License-Identifier: GPL-3.0-or-later */
/* news: what the log of changes says since a reader's last look. */
#ifndef STORE_NEWS_H
#define STORE_NEWS_H

#include "sql.h"

/* All lists are of int64_t, sorted, without doubles. */
struct news {
	GArray *threads; /* laid out again, or gone */
	GArray *flags;	 /* messages */
	GArray *gone;	 /* messages */
	GArray *fresh;	 /* messages that were not there */
	int64_t seq;	 /* of the last entry that was read */
	int64_t most;	 /* the greatest id of any mailbox */
	bool all;	 /* more than can be named: everything */
};

void news_init(struct news *news);
void news_clear(struct news *news);
/* From entry 'seq' and message 'most' on, without them. New messages are read
 * when 'fresh'. */
bool news_read(struct news *news, struct sql *sql, int64_t mbox, int64_t seq,
	       int64_t most, bool fresh);
bool news_has(const GArray *list, int64_t id);

/* Positive numbers as one entry of the log keeps them; sorts the list. */
GByteArray *news_pack(GArray *list);

#endif
