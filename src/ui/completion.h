/* SPDX-License-Identifier: GPL-3.0-or-later */
/* completion: what Tab offers in prompts. */
#ifndef SMEW_UI_COMPLETION_H
#define SMEW_UI_COMPLETION_H

#include "app.h"

/* Mailboxes; a prompt_complete. */
char **completion_folder(struct app *app, const char *line, size_t cursor,
			 size_t *start);

/* Names of files; another. */
char **completion_file(struct app *app, const char *line, size_t cursor,
		       size_t *start);

/* Mailboxes for a command line that is about them; NULL: it is not. */
char **completion_command(struct app *app, const char *line, size_t cursor,
			  size_t *start);

#endif
