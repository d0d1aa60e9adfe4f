/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The index as an anchored view (DESIGN 4, 11): the cursor is a message and
 * the screen line it stands on; a window of rows around it is in memory;
 * what arrives from the view is merged so that neither moves. Pure: no
 * screen, no thread, no request of its own.
 */
#ifndef SMEW_UI_ANCHOR_H
#define SMEW_UI_ANCHOR_H

#include <stdbool.h>
#include <stdint.h>

#include "smew/store.h"

/* Messages that are remembered after they were dropped. */
enum { ANCHOR_LOST = 256 };

struct anchor {
	int64_t total;	     /* rows of the mailbox in this order */
	int64_t first;	     /* row number of rows[0] */
	size_t n;
	struct view_row *rows; /* owned, contents too */

	int64_t cursor;	     /* row number, -1: the list is empty */
	int64_t id;	     /* its message; 0: not known yet */
	int64_t top;	     /* row number on the first screen line */
	int height;	     /* screen lines, may be 0 */
	bool placed;	     /* the cursor has been set once */
	bool touched;	     /* by the user, since the list was empty */
	bool newest_first;   /* new mail comes in at the top */
	bool returns;	     /* the user takes something back: what comes next
				is shown where there is room */
	bool refits;	     /* rows change their places by what the user does:
				no list that fits has some above the screen */
	int64_t lost[ANCHOR_LOST]; /* ids of what was dropped, which a refusal
				brings back; the oldest is replaced */
	unsigned n_lost;     /* so many ever; those that came back are 0 */

	bool scroll;	     /* $menu_scroll: by lines instead of pages */
	bool move_off;	     /* $menu_move_off: blank lines below the last */
	int context;	     /* $menu_context */
};

void anchor_init(struct anchor *anchor);
void anchor_release(struct anchor *anchor);

/* The row with this number, or NULL while it is not in memory. */
struct view_row *anchor_row(const struct anchor *anchor, int64_t row);
/* The row under the cursor, or NULL. */
struct view_row *anchor_current(const struct anchor *anchor);

/* The user moves the cursor: clamped, the screen follows by mutt's rules. */
void anchor_move_to(struct anchor *anchor, int64_t row);
/* The user scrolls the screen: the cursor stays inside it. */
void anchor_scroll(struct anchor *anchor, int64_t lines);
/* Puts the cursor's row on this screen line. */
void anchor_set_line(struct anchor *anchor, int line);
/* The pane has another height: the cursor keeps its message, its line too
 * where it still exists. */
void anchor_resize(struct anchor *anchor, int height);

/* Takes the rows that 'gone' is true for out of memory, and so off the screen:
 * what follows moves up. The cursor's line stays, on the next message when its
 * own is among them. */
void anchor_drop(struct anchor *anchor,
		 bool (*gone)(const struct view_row *row, const void *user),
		 const void *user);

/* The user sends the message away in another manner: should it come back it is
 * shown where there is room. */
void anchor_expect(struct anchor *anchor, int64_t id);

/* What a question to the view was about. */
enum anchor_ask {
	ANCHOR_JUMP,	/* the cursor is to go to the answered place */
	ANCHOR_KEEP,	/* rows around the message under the cursor */
	ANCHOR_FILL,	/* rows around a row number: nothing known there yet */
};

enum anchor_merge {
	ANCHOR_MERGED,
	ANCHOR_STALE,	/* it was about another place: ask again */
};

/* Whether the answer lacks the message under the cursor, so that merging it
 * puts the cursor on another one. */
bool anchor_loses(const struct anchor *anchor,
		  const struct view_window *window);
/*
 * Takes the rows of an answer over (the post keeps none). 'id' is the message
 * that an ANCHOR_KEEP question was about.
 */
enum anchor_merge anchor_merge(struct anchor *anchor,
			       struct view_window *window, enum anchor_ask ask,
			       int64_t id);

/*
 * Whether rows on the screen, or within a screen of it, are lacking from
 * memory though they exist.
 */
bool anchor_hungry(const struct anchor *anchor);
/* The row the next question should be centred on. */
int64_t anchor_centre(const struct anchor *anchor);

#endif
