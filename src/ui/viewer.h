/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of smew's own over the whole screen: help, lists of messages. */
#ifndef SMEW_UI_VIEWER_H
#define SMEW_UI_VIEWER_H

#include "app.h"
#include "text.h"

/* Shows 'text' (taken over) until the user leaves it. */
struct pane *viewer_open(struct app *app, const char *title, struct text *text);
/* Where rows begin that go on with a line, if the pane is wide enough. */
void viewer_set_indent(struct pane *pane, int cells);
/* What is called when it has been closed. */
void viewer_on_close(struct pane *pane, void (*closed)(void *user), void *user);
/* A newer text of the same, at the place where the user is. */
void viewer_replace(struct pane *pane, struct text *text);
/* Any pane in that place; it is owned. It lies over the one that is there. */
void viewer_show(struct app *app, struct pane *pane);
/* Closes the uppermost; what lay below it is seen again. */
void viewer_close(struct app *app);
/* Takes one out, wherever it lies; it stays the caller's. */
void viewer_remove(struct app *app, struct pane *pane);
/* Closes all above this one. */
void viewer_raise(struct app *app, const struct pane *pane);
/* Every key of the pane that has the focus, from the tables. */
void viewer_open_help(struct app *app);
/* What the message line has shown so far. */
void viewer_open_messages(struct app *app);

#endif
