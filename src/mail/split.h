/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * split: a whole message into its structure and the octets of its parts.
 * GMime gives no parts and no body where the boundary is missing; here such a
 * multipart keeps its body, and so do parts of a type that cannot be read.
 */
#ifndef SMEW_MAIL_SPLIT_H
#define SMEW_MAIL_SPLIT_H

#include "smew/mail.h"

struct split {
	struct mail_part *root; /* owned */
	GHashTable *sections;	/* char * to GBytes *, owned: leaves, N.HEADER
				   of messages, TEXT of broken multiparts */
	bool cut; /* there were more parts than are read */
};

/*
 * Borrows 'whole', whose octets the sections share. Bounded by the limits of
 * part.h; release with split_release().
 */
void split_message(struct split *split, GBytes *whole);
void split_release(struct split *split);

#endif
