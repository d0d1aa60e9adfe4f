/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each kind of text looks like on this terminal. */
#ifndef SMEW_UI_THEME_H
#define SMEW_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>

#include "smew/command.h"
#include "smew/query.h"

enum style {
	STYLE_NORMAL,
	STYLE_INDICATOR,
	STYLE_STATUS,
	STYLE_HELP,
	STYLE_TREE,
	STYLE_MESSAGE,
	STYLE_ERROR,
	STYLE_WARNING,
	STYLE_PROMPT,
	STYLE_PROGRESS,
	STYLE_HEADER,
	STYLE_HEADER_NAME,
	STYLE_QUOTED, /* and nine more levels */
	STYLE_QUOTED_LAST = STYLE_QUOTED + 9,
	STYLE_SIGNATURE,
	STYLE_ATTACHMENT,
	STYLE_NOTE,
	STYLE_SEARCH,
	STYLE_TILDE,
	STYLE_MARKERS,
	STYLE_TITLE,
	STYLE_WIRE_SERVER,
	STYLE_WIRE_CLIENT,
	STYLE_WIRE_NOTE,
	STYLE_INDEX_NEW,
	STYLE_INDEX_DELETED,
	STYLE_INDEX_FLAGGED,
	STYLE_SIDEBAR,
	STYLE_SIDEBAR_NEW,
	STYLE_SIDEBAR_FLAGGED,
	STYLE_SIDEBAR_OPEN,	 /* the mailbox that is open */
	STYLE_SIDEBAR_HIGHLIGHT, /* the one the cursor is on */
	STYLE_SIDEBAR_DIVIDER,
	STYLE_COUNT,
};

/* What the terminal can do. */
struct theme_depth {
	int colors;	 /* 0: none */
	bool direct;	 /* colour numbers are 0xrrggbb above the first 8 */
	bool defaults;	 /* -1 is the terminal's own colour */
};

/* A style in numbers the terminal understands. */
struct look {
	int fg, bg;	 /* -1: the default */
	unsigned attributes; /* ATTR_ bits */
};

/* Brings a colour of a rule to what 'depth' has. Pure. */
int theme_color(int color, const struct theme_depth *depth, bool *brighten);

struct theme;
/* Reads the colour rules; call again after they changed. */
struct theme *theme_new(const struct config *config,
			const struct theme_depth *depth);
void theme_free(struct theme *theme);
struct look theme_look(const struct theme *theme, enum style style);
/* The look of a header field by `color header` rules, else STYLE_HEADER. */
struct look theme_header(const struct theme *theme, const char *field);
/* The look of a message in the index by `color index` rules; false when none
 * is about it. */
bool theme_row(const struct theme *theme, const struct query_message *message,
	       struct look *look);

#endif
