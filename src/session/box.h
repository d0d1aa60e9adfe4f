/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mailbox that is kept up to date: the open one, and INBOX behind it. From
 * SELECT over its synchronisation (select.c, sync.c, fill.c) to being kept so
 * (events.c, idle.c). links.h says on which connection.
 */
#ifndef SMEW_SESSION_BOX_H
#define SMEW_SESSION_BOX_H

#include "account.h"
#include "link.h"
#include "pace.h"
#include "plan.h"
#include "rows.h"

enum box_state {
	BOX_CLOSED,    /* wanted, but not selected on this connection */
	BOX_SELECTING,
	BOX_SELECTED,  /* to be synchronised: see the fields below */
	BOX_READY,     /* the cache is as the server; kept so */
	BOX_REFUSED,   /* the server does not open it */
};

/* How SELECT is asked; a server that says BAD gets the next. */
enum box_select { SELECT_QUICK, SELECT_CONDSTORE, SELECT_PLAIN };

/* What is left to do in BOX_SELECTED, in this order. */
struct box_todo {
	bool window;  /* fetch the newest by sequence number: a cold start */
	bool list;    /* ask for all UIDs */
	bool changes; /* fetch flags changed since the cache's MODSEQ */
	bool flags;   /* fetch all flags, once the UIDs are listed */
};

struct box {
	struct account *account;    /* borrowed */
	struct link *link;	    /* that it is selected on, or is to be;
				       NULL: none yet; borrowed */
	char *name;		    /* wire form; owned */
	unsigned serial;	    /* tells one opening from the next */
	struct store_mailbox *row;  /* the cache's; NULL: not in it; owned */
	enum box_state state;
	bool read_only;
	bool missed;		    /* said that the list has it no more */
	bool shown;		    /* its first rows are in the cache */
	int64_t opened_at;	    /* monotonic */
	uint32_t fleeting;	    /* enum store_flag: what the server does
				       not keep */
	char *keywords;		    /* that alone can be set here; owned,
				       NULL: any */
	bool acting;		    /* actions are under way: execute.c */
	bool errand;		    /* for actions alone: not synchronised */
	GQueue opening;		    /* of struct request: REQUEST_OPEN, _LOOK;
				       owned */

	/* what the server said on this connection */
	enum box_select how, least; /* "least": what was not refused */
	uint64_t uidvalidity, uidnext, modseq; /* 0: not said */
	uint64_t seen_modseq; /* the highest one of a FETCH answer */
	bool quick;	   /* selected with QRESYNC */
	bool list_by_fetch;   /* SEARCH does not list all UIDs */
	uint32_t list_exists; /* how many there were when they were asked for */
	bool listed;	   /* all UIDs were asked for, and no doubt since */
	bool counts;	   /* 'uids' is all there was when they were */
	bool asked_news;   /* the same for what is above the highest UID */
	unsigned failures; /* of commands that synchronise, or of SELECT */
	bool stopped;	   /* by the user: not complete, but kept so */

	/* what is to be done and under way */
	struct box_todo todo;
	bool news;		 /* fetch what is above the highest known UID */
	unsigned busy;		 /* synchronising commands in flight */
	uint32_t awaited;	 /* rows of the window that have not come */
	struct plan *plan;	 /* rows to be fetched, or NULL; owned */
	GQueue again;		 /* of struct portion, to be tried again; owned */
	GArray *flag_uids;	 /* of uint32_t: flags to be fetched; owned */
	struct pace pace;	 /* of portions */
	unsigned filling;	 /* portions whose OK has not come */
	uint64_t owed;		 /* their rows that have not come */
	bool urgent;		 /* the next one is what the reader looks at */
	unsigned skipped;	 /* that the server did not give */
	uint64_t done, total;	 /* of the progress line; total 0: none */
	uint64_t known_uidnext;	 /* messages from here on are new mail */
	unsigned fresh;		 /* new mail not yet told of */

	/* collected by events.c until events_flush() */
	struct rows *rows;	 /* owned */
	GArray *flags;		 /* of struct box_flags; owned */
	GArray *gone;		 /* of uint32_t; owned */
	bool row_changed;	 /* 'row' is to be written */
	struct timer telling;	 /* of a change that may wait */
	int64_t told;		 /* monotonic: of the last change */

	GArray *uids;		 /* of uint32_t ascending: what the mailbox
				    has as far as it is known, but for 'gone'
				    not yet taken out; owned */
};

struct box_flags {
	uint32_t uid, flags;
	char *keywords; /* owned; NULL: only the MODSEQ was told */
	uint64_t modseq;
};

/* Makes the mailbox of the request the open one. Takes the request, whose id
 * is 0 when nobody waits for it. */
void box_open(struct account *account, struct request *request);
void box_cancel(struct account *account, uint32_t id);
/* Begins to keep INBOX up to date behind the open mailbox. */
void box_open_behind(struct account *account);
void box_close_behind(struct account *account);
/* Opens a mailbox for the actions that wait there; or, when 'looks', to be
 * brought up to date. */
void box_open_errand(struct account *account, const char *mailbox, bool looks);
void box_close_errand(struct account *account);
/* The open mailbox does not exist any more: none is open. */
void box_drop(struct account *account);
/* It is selected nowhere, and has another name by now. */
void box_rename(struct box *box, const char *name);
/* Gives its connection up for a while. */
void box_lend(struct box *box);
/* Its connection is gone. */
void box_lost(struct box *box);
/* A clean end: requests are cancelled, messages marked old. */
void box_quit(struct account *account);
void box_close_all(struct account *account);
/* The one function that changes its state. */
void box_set_state(struct box *box, enum box_state state);
/* The first rows are there, or it failed with 'text' (NULL: it did not). */
void box_opened(struct box *box, const char *text);
bool box_is_selected(const struct box *box);
/* Whether it is what the reader looks at. */
bool box_is_front(const struct box *box);
/* The box of this name that is kept up to date and selected, or NULL. */
struct box *box_selected_as(const struct account *account,
			    const char *mailbox);
/* The box if it is still the one of 'serial' (as a pointer), or NULL. */
struct box *box_of(const struct account *account, const void *serial);
/* A FETCH answer had this UID: appended when it is above all others. */
void box_add_uid(struct box *box, uint32_t uid);
uint32_t box_highest(const struct box *box);
/* Whether the connection must have been told of the message: of what came
 * since, and another connection may know, a command would say OK and do
 * nothing (imap-traps 84). */
bool box_was_told(const struct box *box, uint32_t uid);
/* Ends the connection it is on for 'error', which keeps it from the cache. */
void box_fault(struct box *box, GError **error);

/* ---- steps of the work queue (work.h) ---- */

bool select_step(struct link *link);
bool sync_step(struct link *link);
bool fill_step(struct link *link);
bool news_step(struct link *link);

/* ---- between select.c, sync.c and fill.c ---- */

/* SELECT is done: decides what is to do. */
void sync_begin(struct box *box);
/* The list of all UIDs came; takes it over. */
void sync_listed(struct box *box, GArray *uids);
/*
 * Counts a failure of a synchronising command. True: often enough, what is
 * left is given up until the next connection.
 */
bool sync_failed(struct box *box, const struct link_end *end);
/* Called when a command has ended or the mailbox changed: looks whether the
 * cache is as the server, or what is to be done that it becomes so. */
void sync_check(struct box *box);
/* Gives up what is left to be fetched, until sync_go_on() or the next
 * connection. False: nothing was. */
bool sync_stop(struct box *box);
void sync_go_on(struct box *box);
void fill_begin(struct box *box, const GArray *server);
/* The reader looks at the oldest: they are what is fetched next. */
void fill_oldest(struct box *box);
/* A row has come. */
void fill_row(struct box *box);
/* Drops what is planned. */
void fill_clear(struct box *box);
void fill_progress(struct box *box);
void fill_progress_end(struct box *box);

#endif
