/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ids: what threads are made of: hashes of Message-IDs and of subjects. */
#ifndef STORE_IDS_H
#define STORE_IDS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* As many references as are kept of one message: its nearest ones. */
#define IDS_MAX 100

/*
 * The message's own id (0: it has none) and then the ids of its ancestors,
 * nearest first: In-Reply-To before References, as mutt walks them. Owned by
 * the caller, never empty.
 */
GArray *ids_of(const char *message_id, const char *in_reply_to,
	       const char *references);

/*
 * The subject without one reply prefix, by mutt's default reply_regexp
 * "^(re|aw)(\[[0-9]+\])*:[ \t]*"; borrowed from 'subject'. '*reply' tells
 * whether there was one.
 */
const char *ids_base_subject(const char *subject, bool *reply);
/* Hash of the base subject; 0 when it is empty. */
uint64_t ids_subject(const char *subject, bool *reply);

#endif
