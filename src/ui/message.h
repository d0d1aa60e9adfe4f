/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last line: notices, errors, progress, why an account is offline. */
#ifndef SMEW_UI_MESSAGE_H
#define SMEW_UI_MESSAGE_H

#include "app.h"

/* As many messages: what is done to them may take a while. */
#define MESSAGE_MANY 50

struct message *message_new(void);
void message_free(struct message *message);

/* Shown until a key is typed. 'text' is the reader's language, any origin. */
void message_show(struct app *app, const char *text);
void message_error(struct app *app, const char *text);
void message_format(struct app *app, const char *format, ...)
	G_GNUC_PRINTF(2, 3);
/* A key was typed: what was shown has been seen. */
void message_clear(struct app *app);
/* Something that lasts is to be seen: a notice goes, an error stays. */
void message_yield(struct app *app);
/* What smew is doing, while nothing else is to be said; NULL: it is done. How
 * far is left out when 'percent' is below 0. */
void message_progress(struct app *app, const char *what, int percent);
/* What keys may follow, while a sequence is incomplete; NULL: none does. */
void message_hint(struct app *app, const char *hint);
/* What has been shown so far, oldest first (of char *), borrowed. */
const GPtrArray *message_history(const struct app *app);
/* What is carried out is so much that the line tells how far it is. */
bool message_acts(const struct account *account);
void message_draw(struct app *app);
/* Whether the line changes by itself (a countdown runs). */
bool message_ticks(const struct app *app);

#endif
