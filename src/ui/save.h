/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts into files of the user's choice. */
#ifndef SMEW_UI_SAVE_H
#define SMEW_UI_SAVE_H

#include "app.h"

/*
 * Asks for a file name and writes 'text' (taken over) to it in a worker: 0600,
 * and nothing is overwritten without asking.
 */
void save_ask(struct app *app, const char *label, char *text);
/* Appends 'text' (taken over) to a file of the user's, made when there is
 * none, and says so. */
void save_append(struct app *app, const char *path, char *text);
/* APP_SAVED; owns it. */
void save_done(struct app *app, struct post *post);

#endif
