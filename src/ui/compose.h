/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that are written: from the first question to the outbox. */
#ifndef SMEW_UI_COMPOSE_H
#define SMEW_UI_COMPOSE_H

#include "app.h"

struct mail_draft;

/* The functions of the index and the pager that begin a message; false: it is
 * none of these. */
bool compose_run(struct app *app, enum function_op op);
/* A message that somebody else has begun (a link, the command line): 'draft'
 * is taken over. */
void compose_open(struct app *app, struct mail_draft *draft);
/* Whose message one is that begins now; NULL: there is no account. */
struct account *compose_account(const struct app *app);
/* Where messages are postponed to, as the list has it; NULL: nowhere. */
const struct store_mailbox *compose_postponed(struct app *app,
					      struct account *account);
/* Goes on with the postponed message 'row' (copied) of 'mailbox' (wire name);
 * 'uidvalidity' is that of its UID. */
void compose_recall(struct app *app, struct account *account,
		    const char *mailbox, uint64_t uidvalidity,
		    const struct view_row *row);
/* Answers it may have waited for; each says whether it was. */
bool compose_answer(struct app *app, struct view_message *answer);
bool compose_fetched(struct app *app, const struct session_done *done);
/* Gives up what waits for the message it is to be about; false: nothing. */
bool compose_cancel(struct app *app);
/* APP_COMPOSE; owns it. */
void compose_job_done(struct app *app, struct post *post);
/* Looks for drafts that a crash left, and says so. */
void compose_look_for_left(struct app *app);
/* undo: takes the message back that was let go last, while it waits; false:
 * there is none. */
bool compose_take_back(struct app *app);
/* SESSION_TAKEN_BACK. */
void compose_taken_back(struct app *app, struct session_taken_back *back);
/* The program ends: what is being written stays on the disk. */
void compose_stop(struct app *app);
/* Writes what that has left to be written; after the workers have ended. */
void compose_save_last(struct app *app);

#endif
