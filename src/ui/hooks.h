/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks: the commands that the configuration has for mailboxes and messages. */
#ifndef SMEW_UI_HOOKS_H
#define SMEW_UI_HOOKS_H

#include "app.h"
#include "smew/query.h"

/* folder-hook, before the mailbox with this name is opened. */
void hooks_folder(struct account *account, const char *display);
/* reply-hook, send-hook, for a message. */
void hooks_message(struct account *account, enum hook_kind kind,
		   const struct query_message *message);
/* fcc-hook: the mailbox of the first that matches, or NULL; owned. */
char *hooks_fcc(struct account *account, const struct query_message *message);

#endif
