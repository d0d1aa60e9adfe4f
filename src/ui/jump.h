/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mailbox of any account, by some letters of its name. */
#ifndef SMEW_UI_JUMP_H
#define SMEW_UI_JUMP_H

#include "app.h"

void jump_ask(struct app *app);

#endif
