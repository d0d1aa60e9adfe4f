/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of mailboxes of all accounts. */
#ifndef SMEW_UI_SIDEBAR_H
#define SMEW_UI_SIDEBAR_H

#include "app.h"

struct pane *sidebar_new(struct app *app);
/* The lists of the accounts have changed. */
void sidebar_refresh(struct app *app);
/* The functions that work without the focus; false: it is none. */
bool sidebar_run(struct app *app, enum function_op op);
/* The mailbox under the cursor and its account; NULL on the line of an account,
 * which is set all the same. Borrowed. */
const struct store_mailbox *sidebar_current(const struct app *app,
					    struct account **account);
/* Cursor and folds follow a mailbox that has another name now. */
void sidebar_renamed(struct app *app, const struct account *account,
		     const char *mailbox, const char *name);
/* Puts the cursor on the mailbox that is open. */
void sidebar_follow(struct app *app);

#endif
