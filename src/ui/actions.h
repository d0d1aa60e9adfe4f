/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does with messages, and taking it back. */
#ifndef SMEW_UI_ACTIONS_H
#define SMEW_UI_ACTIONS_H

#include "prompt.h"
#include "selection.h"

/* Does what the function says; false: it is none of these. */
bool actions_run(struct app *app, enum function_op op);
/* How a message of 'mailbox' (wire name) is deleted. */
struct deed actions_delete_deed(struct app *app, struct account *account,
				const char *mailbox);
/* Asks whether to purge what is marked as deleted, as $delete says; the answer
 * is "yes", "no" or NULL. */
void actions_ask_purge(struct app *app, prompt_done done, void *user);
/* A request of the session ended, the list of mailboxes came: messages may wait
 * for the one they are to go to. */
void actions_done(struct account *account, const struct session_done *done);
void actions_folders(struct account *account);
void actions_forget_errand(struct account *account);
/*
 * Where each message goes by its date (deed->dated): 'parts' (of struct
 * session_part, owned, its ids too) stays valid while the list of mailboxes
 * does. False: a mailbox has to be made first, which is asked.
 */
bool actions_divide(struct app *app, enum selection_kind kind,
		    const struct deed *deed, const int64_t *ids,
		    const int64_t *dates, size_t n, GArray **parts);
/* Purges it: to the trash, or for good where there is none. */
void actions_purge(struct app *app);

#endif
