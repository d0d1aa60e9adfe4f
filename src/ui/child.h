/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child that has the terminal: the editor, or what `!` runs. */
#ifndef SMEW_UI_CHILD_H
#define SMEW_UI_CHILD_H

#include <glib.h>
#include <stdbool.h>

/*
 * Runs a shell command on the terminal, which has been left, until it ends;
 * with 'wait' until Enter is pressed behind it. Returns the status it ended
 * with, -1 with an error: it could not be started.
 *
 * When smew is to end meanwhile ('end_fd' is readable, or the terminal is gone)
 * the child is told so by SIGHUP, by which editors keep what they have, and has
 * two seconds for it. Then '*over' is set, and -1 means that the child is left
 * alone.
 */
int child_run(const char *command, bool wait, int end_fd, bool *over,
	      GError **error);

#endif
