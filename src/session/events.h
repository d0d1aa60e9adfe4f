/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one place all untagged data passes on its way into the cache, whatever
 * command was running when it came (imap-traps 1 to 8).
 *
 * Changes are collected and written by events_settle(), which the link calls
 * when it has read what was there: one transaction and one post for many.
 */
#ifndef SMEW_SESSION_EVENTS_H
#define SMEW_SESSION_EVENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "smew/mail.h"

struct box;

struct events_section {
	const char *name;    /* "", "HEADER", "HEADER.FIELDS (DATE ...)", "1" */
	const uint8_t *data; /* NULL: too large, or the server has none */
	size_t length;
	bool too_large;
	uint64_t origin;     /* it begins with this octet of the section */
};

/* A FETCH answer; all borrowed. */
struct events_fetch {
	uint32_t uid;	  /* 0: not said and not known */
	bool own_uid;	  /* the answer itself said it */
	bool has_flags;
	uint32_t flags;	  /* enum store_flag */
	const char *keywords;
	uint64_t modseq;  /* 0: not said */
	bool has_size;
	uint64_t size;
	int64_t received; /* INTERNALDATE, 0: not said or unreadable */
	const struct mail_part *structure; /* NULL: not said or broken */
	const struct events_section *sections;
	size_t n;
};

void events_exists(struct box *box);
/* A message is gone; 'uid' 0: not known which. */
void events_gone(struct box *box, uint32_t uid);
/* What the server says contradicts itself: to be compared in full. */
void events_suspect(struct box *box);
/* UIDs from 'low' to 'high' are gone, known to us or not. */
void events_vanished(struct box *box, uint32_t low, uint32_t high);
void events_fetch(struct box *box, const struct events_fetch *fetch);
/* What UID SEARCH ALL found: of uint32_t, any order; taken over. */
void events_uids(struct box *box, GArray *uids);
/* Response codes of the mailbox. */
void events_uidvalidity(struct box *box, uint64_t value);
void events_uidnext(struct box *box, uint64_t value);
void events_highestmodseq(struct box *box, uint64_t value);
/* Flags that the server does not keep: of enum store_flag. */
void events_fleeting(struct box *box, uint32_t flags);
/* The keywords that can be set; taken over, NULL: any. */
void events_keywords(struct box *box, char *keywords);
void events_read_only(struct box *box, bool read_only);
/* A line the server wants to be seen ([ALERT]), sanitised. */
void events_alert(struct account *account, const char *text);

/* Writes what was collected. */
void events_flush(struct box *box);
/* The same after some input; a few rows may wait for the end of the command
 * that brings more of them. */
void events_settle(struct box *box);

#endif
