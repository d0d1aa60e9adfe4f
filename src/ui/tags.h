/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tags: setting them, and the prefix that makes a function act on them. */
#ifndef SMEW_UI_TAGS_H
#define SMEW_UI_TAGS_H

#include "selection.h"

/* Does what the function says; false: it is none of these. */
bool tags_run(struct app *app, enum function_op op);
/* A function is about to be run: a prefix before it counts for it alone. */
void tags_begin(struct app *app);
/* What was typed after the prefix is no function. */
void tags_forget_prefix(struct app *app);
/* The function that runs is about the tagged messages. */
bool tags_are_meant(const struct app *app);
/* Tags them or takes their tags away. */
void tags_set(struct app *app, enum selection_kind kind, bool tag);

#endif
