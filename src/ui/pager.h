/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message that is read. */
#ifndef SMEW_UI_PAGER_H
#define SMEW_UI_PAGER_H

#include "app.h"

struct pane *pager_new(struct app *app);

/* Opens the message under the index's cursor. */
void pager_open(struct app *app);
/* The account is online again: what could not be fetched is asked for anew. */
void pager_online(struct app *app, const struct account *account);
/* Posts that may be about it; each says whether it was. */
bool pager_answer(struct app *app, struct view_message *answer);
/* Ends the fetch under way and closes the pager; false: there is none. */
bool pager_cancel(struct app *app);
bool pager_fetched(struct app *app, const struct session_done *done);
void pager_rendered(struct app *app, struct post *result);
/* Options that concern the text have changed. */
void pager_options(struct app *app);
void pager_draw_status(struct app *app);

#endif
