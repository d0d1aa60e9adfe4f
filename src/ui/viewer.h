/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of smew's own over the whole screen: help, lists of messages. */
#ifndef SMEW_UI_VIEWER_H
#define SMEW_UI_VIEWER_H

#include "app.h"
#include "text.h"

/* Shows 'text' (taken over) until the user leaves it. */
void viewer_open(struct app *app, const char *title, struct text *text);
void viewer_close(struct app *app);
/* Every key of the pane that has the focus, from the tables. */
void viewer_open_help(struct app *app);
/* What the message line has shown so far. */
void viewer_open_messages(struct app *app);

#endif
