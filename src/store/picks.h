/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * picks: which messages of the open mailbox are meant, answered to the screen.
 * One that a pattern decides about is made in portions. The view's thread.
 */
#ifndef STORE_PICKS_H
#define STORE_PICKS_H

#include "order.h"

struct picks;

/* Both are borrowed. */
struct picks *picks_new(const char *account, struct postbox *ui);
void picks_free(struct picks *picks);

struct pick_request {
	uint32_t number;
	const char *mailbox; /* borrowed */
	struct view_pick pick; /* its query is taken */
};

/* Answers, or begins with what takes longer: what was under way is brought to
 * its end first. 'order' NULL: it fails at once. */
void picks_make(struct picks *picks, struct sql *sql, struct order *order,
		const struct pick_request *request);
bool picks_busy(const struct picks *picks);
/* Does a portion. False when the reading failed. */
bool picks_advance(struct picks *picks, struct order *order);
/* Gives up what is under way. */
void picks_cancel(struct picks *picks);

#endif
