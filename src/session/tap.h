/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the dialogue of one connection tells about it: commands in flight and
 * since when, how long an answer takes, the mailbox, the mechanism. It reads
 * the lines the engine gives to the log, and sends nothing.
 */
#ifndef SMEW_SESSION_TAP_H
#define SMEW_SESSION_TAP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct tap_command {
	uint64_t tag;
	int64_t since;	/* monotonic */
	char text[64];	/* without the tag, cut, not sanitised */
	char *mailbox;	/* of SELECT and EXAMINE; owned, or NULL */
};

struct tap {
	GArray *flying;	     /* of struct tap_command, oldest first; owned */
	char *signing;	     /* the mechanism being tried; owned, or NULL */
	char *mechanism;     /* the one that was accepted; owned, or NULL */
	char *mailbox;	     /* wire name of what is selected; owned, or NULL */
	int64_t last, least; /* microseconds from command to answer; -1 */
};

/* What a line has changed. */
enum tap_event {
	TAP_NOTHING,
	TAP_SIGNING_IN, /* with 'signing' */
	TAP_SELECTED,	/* 'mailbox' */
	TAP_UNSELECTED, /* nothing is selected any more */
};

void tap_init(struct tap *tap);
void tap_release(struct tap *tap);
/* A line of the client's or the server's, at the monotonic time 'now'. */
enum tap_event tap_client(struct tap *tap, const char *line, int64_t now);
enum tap_event tap_server(struct tap *tap, const char *line, int64_t now);

#endif
