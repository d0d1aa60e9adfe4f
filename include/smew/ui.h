/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ui: the screen. One thread, the main one, with one loop over keys, signals,
 * the postbox and timers. It calls no database and waits for nothing: what it
 * draws is in memory, what it wants is asked of view and session threads.
 */
#ifndef SMEW_UI_H
#define SMEW_UI_H

#include <glib.h>
#include <stdbool.h>

#include "smew/command.h"

struct mail_draft;

struct ui_options {
	struct config *config;	/* borrowed; its host becomes the ui */
	const char *mailbox;	/* -f, or NULL for the spool file */
	bool read_only;		/* -R */
	bool folders;		/* -y: the folder list has the focus */
	const GPtrArray *notices; /* of char *: shown at the start, or NULL */
	/* A message to begin with, taken over when ui_run() succeeds in
	 * starting; or NULL. */
	struct mail_draft *draft;
	bool recall;		/* -p: goes on with what was postponed */
};

/*
 * Takes the terminal over, starts a session and a view for each account and
 * runs until the user quits, the terminal hangs up or a signal ends it.
 * Returns the exit status of the program. Fails (1, error set) only before
 * anything was drawn: no terminal, one that cannot place the cursor, no
 * account, a mailbox name that cannot be one.
 */
int ui_run(const struct ui_options *options, GError **error);

/* ---- what the screen and a batch begin alike ---- */

struct postbox;
struct sender;
struct session;

/* What sends for an account; not started yet. NULL when its options are
 * wrong. */
struct sender *ui_sender_new(const struct config *config, const char *account,
			     GError **error);
/* The session of an account, which has a server for its mail. 'rows': of the
 * screen; 0: there is none. */
struct session *ui_session_new(const struct config *config,
			       const char *account, bool read_only,
			       unsigned rows, struct postbox *box,
			       GError **error);

#endif
