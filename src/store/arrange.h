/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrange: brings messages into the threads of a mailbox: reads the threads
 * that are touched, lays them out together with what is new, writes what
 * came out differently. Inside a transaction.
 */
#ifndef STORE_ARRANGE_H
#define STORE_ARRANGE_H

#include "internal.h"

struct arrange;

struct arrange *arrange_new(struct store *store, int64_t mbox);
void arrange_free(struct arrange *arrange);

/* A message to be stored; borrowed until the end. */
bool arrange_add(struct arrange *arrange, const struct store_message *message,
		 GError **error);
/* Thread 'thread' lost a message whose ids were 'ids': its row is gone. */
bool arrange_removed(struct arrange *arrange, int64_t thread,
		     const uint64_t *ids, size_t n, GError **error);
/* Message 'id' is back in the mailbox, in no thread yet. */
bool arrange_restore(struct arrange *arrange, int64_t id, GError **error);
/* Lays out and writes; adds what was stored to 'counts'. */
bool arrange_finish(struct arrange *arrange, struct counts *counts,
		    GError **error);

#endif
