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
 * What begins the subject of a reply. NULL stands for the default, VIEW_REPLY,
 * which is told without an expression; so does one that cannot be used.
 */
struct ids_prefix;
struct ids_prefix *ids_prefix_new(const char *expression);
void ids_prefix_free(struct ids_prefix *prefix);

/*
 * The subject without one such prefix; borrowed from 'subject'. '*reply'
 * tells whether there was one.
 */
const char *ids_base_subject(const struct ids_prefix *prefix,
			     const char *subject, bool *reply);
/* Hash of the base subject, which may be empty; 0 without a subject. */
uint64_t ids_subject(const struct ids_prefix *prefix, const char *subject,
		     bool *reply);

#endif
