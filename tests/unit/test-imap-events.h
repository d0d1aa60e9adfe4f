/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An engine whose doings are written down as text: one line an event. What the
 * client sends is collected too, with its tags replaced by $1, $2 ... in the
 * order they appear, because real ones differ from run to run.
 */
#ifndef TEST_IMAP_EVENTS_H
#define TEST_IMAP_EVENTS_H

#include "smew/imap.h"

struct events {
	struct imap *imap;
	GString *lines;	  /* owned: the events */
	GString *sent;	  /* owned: client octets not yet looked at */
	GPtrArray *tags;  /* owned; of char *: [0] is $1 */
	GString *wire;	  /* owned: what the wire hook was given */
	GString *body;	  /* owned: what was streamed */
	bool refuse_body; /* body_begin says no */
	const char *const *answers; /* to challenges, borrowed; may be NULL */
	uint64_t last_id; /* of the last command submitted */
};

void events_init(struct events *events, const struct imap_limits *limits);
void events_release(struct events *events);
/* Submits; its end becomes an event "done NAME OK ...". */
void events_submit(struct events *events, const char *name,
		   struct imap_command *command);
/* Text in which $1, $2 ... stand for tags to real octets. Owned. */
GString *events_expand(struct events *events, const char *text);
/* The next line the client sent, with $1 for tags; NULL: none. Owned. */
char *events_sent_line(struct events *events);
/* Feeds text with $1 for tags; an error becomes an event and the end. */
bool events_feed(struct events *events, const char *octets, size_t length);
bool events_say(struct events *events, const char *text);

/* An engine behind a greeting that announces 'capabilities', logged in. */
void events_start(struct events *events, const struct imap_limits *limits,
		  const char *capabilities);
/* Selects a mailbox ($1) and forgets the events so far. */
void events_open(struct events *events, unsigned messages);
/* Releases; fails when the events are not 'expected' (NULL: any). */
void events_end(struct events *events, const char *expected);

#endif
