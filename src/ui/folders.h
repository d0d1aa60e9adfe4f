/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes as such: what is asked before they are made, renamed, deleted or
 * emptied, and what comes of it. */
#ifndef SMEW_UI_FOLDERS_H
#define SMEW_UI_FOLDERS_H

#include "app.h"

/* Does what the function says; false: it is none of them. */
bool folders_run(struct app *app, enum function_op op);
/* The commands, for struct command_host. */
bool folders_command(void *app, enum command_folder what, const char *mailbox,
		     const char *name, GError **error);
/* A request ended: whether it was one of these. */
bool folders_done(struct app *app, const struct account *account,
		  const struct session_done *done);
void folders_renamed(struct app *app, const struct account *account,
		     const struct session_renamed *renamed);
void folders_deleted(struct app *app, struct account *account,
		     const char *mailbox);
/* Stops what is being emptied; false: nothing is. */
bool folders_cancel(struct app *app);
void folders_release(struct app *app);

#endif
