/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of postponed messages. */
#ifndef SMEW_UI_RECALL_H
#define SMEW_UI_RECALL_H

#include "app.h"

/* Shows what is in $postponed. The session looks there meanwhile; when it
 * knows, one message alone is taken up, and none closes the menu. */
void recall_open(struct app *app);
/* VIEW_LISTED; owns it. */
void recall_take(struct app *app, struct view_listed *listed);
/* A request of the session ended; false: it is none of these. */
bool recall_done(struct app *app, const struct session_done *done);
/* A mailbox changed; the list of mailboxes or the state of the session came. */
void recall_changed(struct app *app, const struct account *account,
		    const char *mailbox);
void recall_known(struct app *app, const struct account *account);

#endif
