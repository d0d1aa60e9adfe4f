/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does with messages beside their flags, and taking it back. */
#ifndef SMEW_UI_ACTIONS_H
#define SMEW_UI_ACTIONS_H

#include "app.h"

/* Does what the function says; false: it is none of these. */
bool actions_run(struct app *app, enum function_op op);

#endif
