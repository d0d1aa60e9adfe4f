/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sort: the order of the list of messages, from the options and by a key. */
#ifndef SMEW_UI_SORT_H
#define SMEW_UI_SORT_H

#include "app.h"

/* The order that the options ask for; keeps 'stay_folded'. */
void sort_read(const struct config *config, struct view_order *order);
/* Whether new mail comes in above what is there. */
bool sort_is_newest_first(const struct view_order *order);
/* sort-mailbox, sort-reverse: asks for a letter and sets `sort`. */
bool sort_run(struct app *app, enum function_op op);

#endif
