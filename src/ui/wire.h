/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said over the connections, as it happens. */
#ifndef SMEW_UI_WIRE_H
#define SMEW_UI_WIRE_H

#include "app.h"

/* Opens the pane; no-op when it is there. */
void wire_open(struct app *app);
/* Lines that came; the text of them is taken over. */
void wire_take(struct app *app, struct session_wire *post);

#endif
