/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>

#include "limits.h"
#include "pace.h"

void pace_begin(struct pace *pace)
{
	if (pace->chunk == 0)
		pace->chunk = LIMIT_CHUNK_FIRST;
	pace->row_at = 0;
}

void pace_row(struct pace *pace, int64_t now)
{
	if (pace->row_at != 0)
		pace->receiving += now - pace->row_at;
	pace->row_at = now;
	pace->came++;
}

void pace_end(struct pace *pace)
{
	pace->row_at = 0;
}

/* Rows in 'target' ms, when so many took so many us. */
static uint64_t fits(uint64_t rows, int64_t us, unsigned target)
{
	return rows * target * 1000 / (uint64_t)MAX(us, 1);
}

unsigned pace_next(struct pace *pace, bool idle, int64_t now)
{
	uint64_t most = MIN(2 * (uint64_t)pace->chunk, LIMIT_CHUNK_MOST);
	uint64_t next = pace->chunk, slow;

	if (pace->came > 0 && !idle) {
		next = fits(pace->came, pace->receiving, LIMIT_CHUNK_MS);
		slow = fits(pace->came, now - pace->asked, LIMIT_CHUNK_SLOW);
		next = MIN(next, MAX(slow, LIMIT_CHUNK_FIRST));
	}
	pace->chunk = (unsigned)CLAMP(next, LIMIT_CHUNK_LEAST,
				      MAX(most, LIMIT_CHUNK_LEAST));
	pace->asked = now;
	pace->came = 0;
	pace->receiving = 0;
	return pace->chunk;
}
