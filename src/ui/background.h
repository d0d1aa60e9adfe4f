/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Editors that run beside smew, in windows of their own ($background_edit).
 * A script in the draft's directory runs the editor and holds the pipe beside
 * it open; when the pipe is closed the editor has ended, whoever closed its
 * window. A smew that starts anew finds by the same pipe that it still runs.
 */
#ifndef SMEW_UI_BACKGROUND_H
#define SMEW_UI_BACKGROUND_H

#include "app.h"

struct compose;
struct compose_job;

/* The script, with the pipe's name (quoted) and the editor's command. */
#define BACKGROUND_SCRIPT                                                  \
	"# Made by smew: the editor of a message, in a window of its own.\n" \
	"exec 9<>%s || exit 1\n"                                           \
	"echo \"pid $$\" >&9\n"                                            \
	"trap : INT QUIT\n"                                                \
	"(\n%s\n) 9>&-\n"                                                  \
	"echo \"end $?\" >&9\n"

/* Opens the window, by a job that has prepared it; the message leaves the
 * screen until the editor ends. */
void background_start(struct compose *c, struct compose_job *job);
/* One that was left, whose editor still runs. */
void background_adopt(struct compose *c, struct compose_job *job);
/* Takes the message out of the list, when it ends. */
void background_release(struct compose *c);
/* The list; one message alone that can go on does so. */
void background_open(struct app *app);

#endif
