/* SPDX-License-Identifier: GPL-3.0-or-later */
/* labels: the keywords of messages, asked for and changed. */
#ifndef SMEW_UI_LABELS_H
#define SMEW_UI_LABELS_H

#include "selection.h"

/* Asks which labels the messages are to have: all of them (edit-label), or
 * what is to be added and removed (modify-labels). */
void labels_ask(struct app *app, enum selection_kind kind, bool all);

#endif
