/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of messages of the open mailbox. */
#ifndef SMEW_UI_INDEX_H
#define SMEW_UI_INDEX_H

#include "app.h"

struct pane *index_new(struct app *app);

/* Shows another mailbox: from the cache at once. 'display' is for people. */
void index_open(struct app *app, struct account *account, const char *mailbox,
		const char *display);
/* What the view answered; its rows are taken. False: it was stale. An answer
 * that puts another message under the cursor waits for the next frame: until
 * that is drawn a key means what is on the screen. */
bool index_answer(struct app *app, struct view_window *window);
/* Takes over what waited for this frame. */
void index_before_frame(struct app *app);
/* The cursor is on its way to a place the view has to find: what is typed
 * waits for it. */
bool index_jumps(const struct app *app);
/* The function is about the message under the cursor, whose row is on its
 * way: the cursor went faster than the view answers; or about what is not
 * known yet to have been done. */
bool index_awaits(const struct app *app, const struct function_row *row);
/* The cache has changed: asks the view again, the cursor stays. */
void index_refresh(struct app *app, const struct account *account,
		   const char *mailbox);
/* Options that concern the order or the rows have changed. */
void index_options(struct app *app);

/* The open mailbox has another name: nothing else of it changes. */
void index_renamed(struct app *app, const struct account *account,
		   const char *mailbox, const char *name, const char *display);
/* What is open; NULL when nothing is. */
struct account *index_account(const struct app *app);
const char *index_mailbox(const struct app *app);
/* The row under the cursor, or NULL while it is not known. Borrowed. */
const struct view_row *index_current(const struct app *app);
/* Its number from 1, 0: none. */
int64_t index_number(const struct app *app);

/* Moves as the function says; the pager follows when 'follow'. */
void index_move(struct app *app, enum function_op op, bool follow);
/* The cursor is on the last row. */
bool index_is_at_end(const struct app *app);
/* The user wants no changes in the mailbox, or wants them again. */
void index_toggle_write(struct app *app);
/* Asks for a number to jump to, which begins with 'key'. */
void index_ask_jump(struct app *app, int key);

void index_draw_status(struct app *app);

/* For the formats: what the status line tells of the mailbox. */
struct index_facts {
	const char *display; /* "" when nothing is open */
	const char *limit;   /* the pattern of the limit, or NULL */
	int64_t shown;	     /* rows */
	int64_t total, unread, fresh, old, flagged, deleted;
	uint64_t octets;
	int64_t tagged;
	int percent;	     /* of the list that is above the screen's end */
	bool all;	     /* the whole list is on the screen */
	bool at_top;
	bool read_only;
};
struct index_facts index_facts(const struct app *app);

#endif
