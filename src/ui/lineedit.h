/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a prompt and its cursor: no screen, no keys. */
#ifndef SMEW_UI_LINEEDIT_H
#define SMEW_UI_LINEEDIT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "smew/command.h"

struct lineedit {
	GString *text;	/* owned, valid UTF-8 */
	size_t cursor;	/* octets before it, at a character's beginning */
};

void lineedit_init(struct lineedit *edit, const char *text);
void lineedit_release(struct lineedit *edit);
/* Replaces all of it; the cursor goes to the end. */
void lineedit_set(struct lineedit *edit, const char *text);
/* Inserts a character at the cursor. Control characters are refused. */
bool lineedit_insert(struct lineedit *edit, gunichar c);
/* Replaces the octets from 'start' to the cursor. */
void lineedit_replace(struct lineedit *edit, size_t start, const char *text);
/*
 * Does what an OP_EDITOR_ function says to text and cursor. False when the
 * function is not about them (history, completion).
 */
bool lineedit_do(struct lineedit *edit, enum function_op op);
/*
 * What is seen of the text in 'cells' cells with the cursor inside: the first
 * octet in 'from'; returns the cell the cursor stands on.
 */
int lineedit_view(const struct lineedit *edit, int cells, size_t *from);

#endif
