/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connections as they are, looked at again every second. */
#ifndef SMEW_UI_CONNECTIONS_H
#define SMEW_UI_CONNECTIONS_H

#include "app.h"

/* Opens the pane; no-op when it is there. */
void connections_open(struct app *app);
/* An answer of a session: taken over. */
void connections_take(struct app *app, struct session_connections *answer);

#endif
