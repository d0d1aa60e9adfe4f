/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions in the last line. One at a time; a new one cancels the old. */
#ifndef SMEW_UI_PROMPT_H
#define SMEW_UI_PROMPT_H

#include "app.h"

enum history {
	HISTORY_COMMAND,
	HISTORY_MAILBOX,
	HISTORY_SHELL,
	HISTORY_SEARCH,
	HISTORY_NONE,
};

/* The answer, borrowed; NULL when the user cancelled. The prompt is gone. */
typedef void (*prompt_done)(struct app *app, const char *answer, void *user);
/*
 * Candidates for the word that ends at octet 'cursor', NULL-terminated and
 * owned; *start is where it begins.
 */
typedef char **(*prompt_complete)(struct app *app, const char *line,
				  size_t cursor, size_t *start);

/*
 * What a line finds, the best first, NULL-terminated and owned. It is listed
 * above the line; the answer is the one that the arrows and Tab choose.
 */
typedef char **(*prompt_find)(struct app *app, const char *line);

struct prompt_line {
	const char *label;	  /* already translated */
	const char *text;	  /* to begin with */
	bool secret;		  /* not shown, kept nowhere, wiped */
	enum history history;
	prompt_complete complete; /* or NULL */
	prompt_find find;	  /* or NULL */
	prompt_done done;
	void *user;
};

/* Asks for a line of text. Borrowed members are copied. */
void prompt_ask(struct app *app, const struct prompt_line *line);
/* Asks for yes or no; the answer is "yes" or "no". */
void prompt_yes_no(struct app *app, const char *question, bool yes,
		   prompt_done done, void *user);
/* Asks for one key; the answer is the character. */
void prompt_one_key(struct app *app, const char *label, prompt_done done,
		    void *user);
void prompt_cancel(struct app *app);
/* Offers candidates (taken over) for what begins at octet 'start' in the line,
 * as completing does, unless it is another prompt or line than 'line' (NULL:
 * any) by now. */
void prompt_offer(struct app *app, const char *line, size_t start,
		  char **candidates);

/* From keys.c: a function of the editor's map, text, and keys the prompt
 * takes before any map. */
void prompt_run(struct app *app, enum function_op op, int key);
void prompt_type(struct app *app, int key);
bool prompt_wants(const struct app *app, int key);
void prompt_key(struct app *app, int key);

void prompt_draw(struct app *app);

#endif
