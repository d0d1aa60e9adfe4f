/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selection: the messages that a function is about, and what is done to them.
 * The view finds which they are; what is done to them is on the screen at
 * once, one step of undo however many they are.
 */
#ifndef SMEW_UI_SELECTION_H
#define SMEW_UI_SELECTION_H

#include "app.h"

struct index;

enum selection_kind {
	SELECT_CURRENT,	  /* the message under the cursor */
	SELECT_TAGGED,
	SELECT_THREAD,	  /* of the message under the cursor */
	SELECT_SUBTHREAD, /* it and what answers it */
	SELECT_PATTERN,
	SELECT_ALL,	  /* of the mailbox */
};

/* How the reader is told of it. */
enum deed_words {
	DEED_DELETED, DEED_UNDELETED, DEED_READ, DEED_UNREAD, DEED_FLAGGED,
	DEED_UNFLAGGED, DEED_CHANGED, DEED_MOVED, DEED_COPIED, DEED_PURGED,
	DEED_TAGGED, DEED_UNTAGGED, DEED_LABELLED, DEED_DECODED,
	DEED_LINKED, DEED_BROKEN,
};

/* What is done. Strings are borrowed, and copied where they are kept. */
struct deed {
	enum deed_words words;
	enum session_verb verb;
	enum view_mark tag; /* a tag is set or removed, nothing else is done */
	uint32_t add, del;  /* flags */
	uint32_t has; /* who has one of these loses 'add' and gets 'del'; 0:
			 all get the same */
	const char *labels;  /* as in struct session_act */
	int64_t but;	     /* this message is left out, or 0 */
	const char *target;  /* wire name, or NULL */
	const char *display; /* its name for people */
	const struct account *peer; /* whose mailbox it is; NULL: of the one
				       that is shown */
	const char *dated; /* strftime() format: each goes to that mailbox below
			      'display', by its date; or NULL */
	enum function_op then; /* moves on, by $resolve; of the message under
				  the cursor and its thread */
	bool untag;	     /* they are not tagged any more */
	bool quiet;	     /* no step of its own for undo: it only goes with
				what the user does */
};

/*
 * Does it, or has it done as soon as the view has said which messages are
 * meant. 'pattern' with SELECT_PATTERN only. False, and said so, when nothing
 * can be done here.
 */
bool selection_act(struct app *app, enum selection_kind kind,
		   const char *pattern, const struct deed *deed);

/* What is said of it, done to 'n' messages: in the message line and, when it is
 * undone, in the list of actions. Owned. */
char *selection_words(const struct deed *deed, unsigned n);

/* The last step is taken back, or done again; the cursor goes to the message
 * that comes back by it, unless the user does something first. */
void selection_undo(struct app *app, bool redo);
void selection_stay(struct app *app);

/* Tags the message under the cursor, or takes its tag. */
void selection_tag_current(struct app *app, bool tag);
int64_t selection_tags(const struct app *app);

/* What the view answered. */
void selection_picked(struct app *app, const struct view_picked *answer);
/* A request of the session ended. */
void selection_done(struct app *app, const struct account *account,
		    const struct session_done *done);
/* ^G: gives up looking for what a pattern means; false: nothing is. */
bool selection_cancel(struct app *app);
/* Messages are being looked for, or what was done to some is not in the
 * counts yet. */
bool selection_looks(const struct app *app);
/* A request of the session about messages was not answered yet. */
bool selection_pending(const struct app *app);
/* It is about many, so that one may want to stop it. */
bool selection_pending_many(const struct app *app);
/* This one, made elsewhere, changes the counts. */
void selection_expect(struct app *app, uint32_t request);
bool selection_unsettled(const struct app *app);
/* What is shown as deleted is about to go. */
void selection_purge(struct app *app);

/* For index.c: the life of what it keeps for this file. */
void selection_init(struct index *index);
void selection_clear(struct index *index);
/* Another mailbox is opened. */
void selection_forget(struct index *index);
/* What is wanted and not yet in the cache, put over rows that were read from
 * it. */
void selection_overlay(const struct index *index, struct view_window *window);
/* Rows came: goes to what undo brought back. */
void selection_return(struct index *index);

#endif
