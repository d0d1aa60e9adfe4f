/* SPDX-License-Identifier: GPL-3.0-or-later */
/* batch: a message sent without a screen. */
#ifndef SMEW_BATCH_H
#define SMEW_BATCH_H

#include <glib.h>
#include <stdbool.h>

#include "smew/command.h"

/* The command line; everything is borrowed. */
struct batch {
	const char *subject, *include, *draft; /* -s -i -H; or NULL */
	GPtrArray *cc, *bcc, *attach; /* of const char *; owned */
	GPtrArray *to;	/* of const char *: addresses and mailto: links */
	bool queue;	/* --queue: the outbox is enough */
};

/*
 * Sends what the command line and standard input say. Returns when the server
 * has accepted it and the copy is stored, or will be; with 'queue' when it is
 * in the outbox. False: it was not sent, and is not going to be by itself.
 */
bool batch_send(struct config *config, const struct batch *batch,
		GError **error);

struct mail_draft;
/* The same message to be begun on the screen: standard input is the user's.
 * Owned by the caller; NULL with an error. */
struct mail_draft *batch_draft(struct config *config,
			       const struct batch *batch, GError **error);

#endif
