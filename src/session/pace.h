/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many rows are asked for at a time. Times are monotonic, in us. */
#ifndef SMEW_SESSION_PACE_H
#define SMEW_SESSION_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	unsigned chunk;	   /* rows of the next portion; 0: not begun */
	uint64_t came;	   /* rows that have, since the last portion */
	int64_t asked;	   /* was asked for */
	int64_t row_at;	   /* the last row of this answer; 0: none yet */
	int64_t receiving; /* between rows of one answer, since then */
};

/* For a new selection; what is known of the line is kept. */
void pace_begin(struct pace *pace);

/* A row came. */
void pace_row(struct pace *pace, int64_t now);

/* An answer ended: the time until the next row is the server's. */
void pace_end(struct pace *pace);

/*
 * The size of the portion that is asked for now. The rows should take
 * LIMIT_CHUNK_MS to come; what a command costs whatever it asks for does not
 * make it smaller, or small portions would be the slower the smaller they are.
 * A server that gives all rows at once when it has them gets no more than it
 * does in LIMIT_CHUNK_SLOW. 'idle': nothing was under way, for whatever reason.
 */
unsigned pace_next(struct pace *pace, bool idle, int64_t now);

#endif
