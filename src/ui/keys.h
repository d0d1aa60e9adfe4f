/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From keys to functions: sequences with their prefixes, macros, and the
 * queue of what is still to be read as if typed.
 */
#ifndef SMEW_UI_KEYS_H
#define SMEW_UI_KEYS_H

#include "app.h"

struct keys *keys_new(void);
void keys_free(struct keys *keys);
/* A key the user typed. */
void keys_typed_one(struct app *app, int key);
/* Text for keys_typed(): read before anything typed later. */
void keys_push(struct app *app, const char *text);
/* Reads what was pushed, until it is used up or something waits. */
void keys_run_pushed(struct app *app);
/* What waits for the row it is about is not done any more: another list is
 * shown. */
void keys_forget_held(struct app *app);
/* The key that runs a function in the index, as the user types it; NULL: none
 * does. Owned. */
char *keys_of(const struct app *app, enum function_op op);
/* Of what was pushed, leaves out all up to function 'op', or all when it is
 * not there. False: nothing was pushed. */
bool keys_skip(struct app *app, enum function_op op);
/* The next key is not looked up but told by name (what-key), until ^G. */
void keys_tell(struct app *app);

#endif
