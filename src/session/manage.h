/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mailboxes as such: created, renamed, deleted, subscribed to, emptied. What
 * the user wants of them is in the journal (deeds.c); here it is carried out,
 * one after the other, on whatever connection has time. Before one is renamed
 * or deleted what is under way in it ends, and it is selected nowhere.
 */
#ifndef SMEW_SESSION_MANAGE_H
#define SMEW_SESSION_MANAGE_H

#include "account.h"
#include "link.h"

struct manage;

struct manage *manage_new(void);
void manage_free(struct manage *manage);
/* Takes the request: REQUEST_FOLDER. */
void manage_request(struct account *account, struct request *request);
bool manage_step(struct link *link);
/* All connections are gone, or are about to be: what was not answered is
 * looked at when there is one again, the rest fails. */
void manage_lost(struct account *account);
/* LIST told of a mailbox. */
void manage_listed(struct account *account,
		   const struct store_mailbox *mailbox);
/* The first list has come. */
void manage_names_known(struct account *account);
/* The end: what has not begun is cancelled. */
void manage_quit(struct account *account);
/* False: it is not known here, or cannot be cancelled any more. */
bool manage_cancel(struct account *account, uint32_t request);

/* ---- what others must know ---- */

/* Something is under way, or may have been done: what LIST says meanwhile may
 * be older, or is not understood yet. */
bool manage_runs(const struct account *account);
/* Nobody may select it now. */
bool manage_holds(const struct account *account, const char *mailbox);
/* No more of the journal may be begun now. */
bool manage_stops_actions(const struct account *account);
/* The link shall come to rest. */
bool manage_drains(const struct link *link);
/* A mailbox that is to be emptied; NULL: none. */
const char *manage_errand(const struct account *account);
/* The server does not open it. */
void manage_refused(struct account *account, const char *mailbox,
		    const char *text);

/* ---- between manage.c and empty.c ---- */

struct job {
	struct account *account;
	struct request *request; /* owned; NULL: of the journal */
	int64_t deed;		 /* its item there; 0: a question, or work in a
				    mailbox */
	unsigned tries;		 /* of it that were put off */
	bool quiet;		 /* nobody is told that it was done */
	uint32_t role, most;	 /* of what is created; messages that may be in
				    what is deleted */
	int verb;		 /* enum session_folder_verb */
	char *name, *to;	 /* wire names; owned, or NULL. Of what is
				    created 'name' is what it was to be
				    called, if it is called otherwise */
	bool named;		 /* 'to' is what NAMESPACE says */
	char delimiter;
	bool running, leaving;
	uint32_t count;		 /* of messages */
	uint32_t own;		 /* of them that smew left marked */
	unsigned open;		 /* commands that are not answered yet */
	GPtrArray *subscribed;	 /* of char *: names to be renamed; owned */

	struct link *link;	 /* on which it is emptied or deleted */

	/* its command was not answered */
	bool doubt;
	unsigned losses;	 /* how often */
	bool lost;		 /* the question what came of it, too */
	bool has_name, has_to;	 /* LIST told of them */
	char *refusal;		 /* of what was repeated; owned, or NULL */

	/* being emptied */
	GArray *uids;		 /* of uint32_t; owned, or NULL */
	guint done;		 /* of them */
	guint chunk;		 /* of the commands under way */
	unsigned serial;	 /* of the box */
	bool stopped;		 /* by the user */
	bool marked;		 /* some could only be marked */
};

/* Tells who asked that it cannot be done; 'name' (of the wire), NULL: as it was
 * typed. */
void manage_fail(struct account *account, const struct request *request,
		 const char *name, const char *reason);
/* There is no such mailbox any more. */
void manage_forget(struct account *account, const char *name);
/* The next portion, or its beginning. False: not on this link, or not now. */
bool empty_step(struct job *job, struct link *link);
/* Ends the job; the next one follows. 'text' is for the reader, or NULL. */
void job_end(struct job *job, enum session_result result, const char *text);
/* The name of a mailbox for the reader. Owned. */
char *job_display(const char *wire);
/* A notice for the reader. */
void job_say(struct job *job, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif
