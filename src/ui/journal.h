/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journal: what the user did, what waits and what was refused, in a pane. */
#ifndef SMEW_UI_JOURNAL_H
#define SMEW_UI_JOURNAL_H

#include "app.h"

/* Shows it, or comes back to it. */
void journal_open_pane(struct app *app);
/* Takes a SESSION_ACTION_LIST over. */
void journal_take(struct app *app, struct session_action_list *list);
/* What 'account' has to do changed. */
void journal_changed_in(struct app *app, struct account *account);

#endif
