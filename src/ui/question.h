/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sessions ask the user: passwords, and certificates in question. */
#ifndef SMEW_UI_QUESTION_H
#define SMEW_UI_QUESTION_H

#include "app.h"

/* Queues a SESSION_PASSWORD or SESSION_CERTIFICATE post; owns it. */
void question_add(struct app *app, struct post *post);
/* Asks the next one, unless the user is answering something else. */
void question_next(struct app *app);

#endif
