/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lay: the messages of a stored thread in the order in which they are shown:
 * sorted among their siblings at every level, and divided where the order
 * joins nothing by subject. In memory alone.
 */
#ifndef STORE_LAY_H
#define STORE_LAY_H

#include <glib.h>

#include "smew/store.h"

/* What is compared: a value, then the UID. */
struct lay_key {
	int64_t value;
	uint32_t uid;
};

struct lay_row {
	int64_t id;
	int64_t aux, group; /* values of the keys within and among threads */
	uint32_t uid;
	uint32_t flags;
	uint32_t look; /* THREAD_LOOK() */
};

/* A thread as shown: 'key' is its place among the others. */
struct lay_thread {
	struct lay_key key;
	const struct lay_row *rows;
	size_t n;
};

typedef void (*lay_give)(const struct lay_thread *thread, void *user);

struct lay;

struct lay *lay_new(const struct view_order *by);
void lay_free(struct lay *lay);

/*
 * Gives the thread or threads that 'rows', a whole stored thread in stored
 * order, make. What is given is borrowed until the next call.
 */
void lay_rows(struct lay *lay, const struct lay_row *rows, size_t n,
	      lay_give give, void *user);

/* Natural order, of values and then of UIDs. */
int lay_compare(const struct lay_key *a, const struct lay_key *b);
/* Whether threads with greater keys come first in the array of the order. */
bool lay_descends(const struct view_order *by);

#endif
