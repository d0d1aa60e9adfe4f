/* SPDX-License-Identifier: GPL-3.0-or-later */
/* index-private: the list of messages, for index.c and limit.c. */
#ifndef SMEW_UI_INDEX_PRIVATE_H
#define SMEW_UI_INDEX_PRIVATE_H

#include "anchor.h"
#include "index.h"

struct index {
	struct pane pane;
	struct account *account; /* borrowed, NULL: nothing is open */
	char *mailbox, *display;
	struct anchor anchor;
	struct view_order order;
	uint32_t request;	 /* unanswered, 0: none */
	enum anchor_ask ask;	 /* what it is about */
	int64_t ask_id;
	bool again;		 /* something changed since it was asked */
	struct view_window *held; /* the answer, until the frame that shows
				     another message under the cursor; owned */
	bool follow;		 /* the pager shows where the jump goes */
	bool exists, answered;
	bool to_end;		 /* the cursor stays at the end it went to
				    while rows come there */
	bool beside_pager;	 /* the pane was made smaller for it */
	int64_t full_top;	 /* what was at the top before */
	int64_t unread, fresh, old, flagged, deleted;
	uint64_t octets;

	/* selection.c's */
	GArray *wishes;		 /* of struct wish, its own */
	GArray *waiting;	 /* of struct waiting, its own */
	GArray *past;		 /* of struct past, its own: steps of undo */
	guint done;		 /* of those have been done, the rest undone */
	char *returning;	 /* Message-ID that undo brings back; owned */
	int64_t replaced;	 /* another takes this message's place, with the
				    same Message-ID: not this one; or 0 */
	int64_t tagged;		 /* as the view last said */
	bool settle;		 /* the window asked for has all that was done */
	bool unsettled;		 /* the counts lack something that was done */
	bool tag_prefix;	 /* the next function is about what is tagged */
	bool after_prefix;	 /* the one that runs came after it */
	bool tags_meant;	 /* it is about what is tagged, for whatever
				    reason */
	bool no_write;		 /* toggle-write */

	/* limit.c's */
	int64_t all;		 /* messages, shown or not */
	bool limited;		 /* a limit decides which are shown */
	char *limit;		 /* its pattern, or NULL; owned */
	char *wanted;		 /* of the one that is being made; owned */
	uint32_t limit_request;	 /* unanswered, 0: none */
	bool limit_waits;	 /* the cache does not know the mailbox yet */
	bool limit_ready;	 /* it is made, its rows are on their way */
	bool showing;		 /* what it has found so far is shown */
	bool awaited;		 /* the rows asked for are its first, or all */
	int64_t before;		 /* the message that was current when the list
				    became empty, 0: none */
	char *search;		 /* the last pattern searched for; owned */
	bool backwards;		 /* it goes up */
	bool going_back;	 /* the one that is under way does */
	uint32_t search_request; /* unanswered, 0: none */
	int64_t found;		 /* what the cursor is on its way to, or 0 */
	int steps;		 /* searches to be done after that, up: below 0 */
	bool opened;		 /* its first rows have been there */
	bool folding;		 /* the window asked for is of a fold */
};

static inline struct index *index_of(const struct app *app)
{
	return (struct index *)app->index;
}

/* Rows around what is looked at now, the cursor's message being kept. */
void index_ask_here(struct index *index);
/* For whoever asks for a window in its place. */
void index_drop_held(struct index *index);
/* Goes to a place; its rows need not be in memory. */
void index_jump(struct index *index, enum view_at at, int64_t id, int64_t row,
		bool follow);

#endif
