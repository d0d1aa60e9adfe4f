/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limit: limits, searches and folded threads of the index. */
#ifndef SMEW_UI_LIMIT_H
#define SMEW_UI_LIMIT_H

#include "app.h"

struct index;

/* Does what the function says; false: it is not about any of these. */
bool limit_run(struct app *app, enum function_op op);
/* ^G: gives up what the view is doing for the index; false: nothing. */
bool limit_cancel(struct app *app);

/* What the user typed as a pattern; NULL and the reason on the screen when it
 * cannot be read. */
struct query *limit_read(struct index *index, const char *text);

/* What the view answered. */
void limit_answer(struct app *app, const struct view_limited *answer);
void limit_found(struct app *app, const struct view_found *answer);

/* For index.c: a window came, which shows a limit or not. */
void limit_follow(struct index *index, const struct view_window *window);
/* It was asked for what is not there. */
void limit_not_found(struct index *index, bool jump);
/* Rows came: folds them when they are the first. True: asked the view. */
bool limit_opened(struct index *index);
/* Another mailbox is opened. */
void limit_forget(struct index *index);
/* The mailbox has another name: it is made again. */
void limit_renamed(struct index *index);
/* At the end, when there are no accounts any more. */
void limit_clear(struct index *index);
/* The pattern that the rows are by, or NULL. */
const char *limit_pattern(const struct index *index);

#endif
