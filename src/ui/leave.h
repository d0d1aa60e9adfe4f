/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leave: quitting, and one mailbox for another: the questions. */
#ifndef SMEW_UI_LEAVE_H
#define SMEW_UI_LEAVE_H

#include "app.h"

/*
 * Asks what $quit and $delete say, and what is to become of messages that are
 * not sent yet, then ends: at once when no account that is
 * online has anything to be carried out, else when it has been, but within
 * seconds. Called again meanwhile it ends at once; what is left is done at the
 * next start.
 */
void leave(struct app *app);
/* Asks about messages whose editors run, then ends as leave_end() does; called
 * again meanwhile, at once. */
void leave_exit(struct app *app);
/*
 * Ends without a question: at once, or when a message that is being delivered
 * has got its answer, but within seconds. 'blind': nothing is drawn or read any
 * more.
 */
void leave_end(struct app *app, bool blind);
/* A session told something: it may have been what leaving waits for. */
void leave_look(struct app *app);
/* ^C: smew stays; or it ends at once, if it was told to end. False: it was not
 * about to end. */
bool leave_cancel(struct app *app);
/* Opens another mailbox (its wire name) after the question that $delete says,
 * as mutt does when it closes one. */
void leave_mailbox(struct account *account, const char *name,
		   const char *display);
/* At the end. */
void leave_clear(struct app *app);

#endif
