/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks: the commands that the configuration has for mailboxes and messages. */
#ifndef SMEW_UI_HOOKS_H
#define SMEW_UI_HOOKS_H

#include "app.h"
#include "smew/mail.h"
#include "smew/query.h"

/* What patterns may ask of a row; borrows its texts. */
struct query_message hooks_row(const struct view_row *row);
/* folder-hook, before the mailbox with this name is opened. */
void hooks_folder(struct account *account, const char *display);
/* reply-hook, send-hook, send2-hook, for a message. */
void hooks_message(struct account *account, enum hook_kind kind,
		   const struct query_message *message);
/* fcc-hook, save-hook: the mailbox of the first that matches, or NULL; owned. */
char *hooks_mailbox(struct account *account, enum hook_kind kind,
		    const struct query_message *message);

/*
 * The mailbox that a message is proposed to be saved to: by save-hook, else by
 * $save_address; "" where neither says so. Owned.
 */
char *hooks_save(struct account *account, const struct view_row *row);
/*
 * The mailbox named after the first of 'addresses', for $save_name,
 * $force_name and $save_address; NULL: there is no address. Owned.
 */
char *hooks_named_after(const struct account *account, const char *addresses);

#endif
