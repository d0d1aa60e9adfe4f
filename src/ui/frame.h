/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When and how the screen is drawn. */
#ifndef SMEW_UI_FRAME_H
#define SMEW_UI_FRAME_H

#include "app.h"

/* Draws now, if the terminal has taken the last frame. */
void frame_draw(struct app *app);
/* Ends the sources. */
void frame_stop(struct app *app);

#endif
