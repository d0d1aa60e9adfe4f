/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox: what is on its way out, in a pane, and what the user decides. */
#ifndef SMEW_UI_OUTBOX_H
#define SMEW_UI_OUTBOX_H

#include "app.h"

/* Shows it, or comes back to it. */
void outbox_open_pane(struct app *app);
void outbox_close_pane(struct app *app);
/* SESSION_OUTBOX: borrowed. */
void outbox_changed_in(struct app *app, const struct session_outbox *post);
/* SESSION_OUTBOX_LIST: taken over. */
void outbox_take(struct app *app, struct session_outbox_list *list);
/* A SESSION_DONE: whether it was about a request of the pane's. */
bool outbox_done(struct app *app, const struct session_done *done);
/* The command: see struct command_host. */
bool outbox_send_later(void *app, int64_t when, GError **error);
/* Messages of all accounts that wait for their delay, or are being sent. */
unsigned outbox_soon(const struct app *app);
/* Sends these now. */
void outbox_send_all(struct app *app);

#endif
