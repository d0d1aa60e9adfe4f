/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the screen know of one another. */
#ifndef SMEW_UI_APP_H
#define SMEW_UI_APP_H

#include <glib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "draw.h"
#include "layout.h"
#include "smew/base.h"
#include "smew/command.h"
#include "smew/session.h"
#include "smew/store.h"
#include "smew/ui.h"
#include "text.h"

struct app;
struct prompt;
struct compose;
struct connections;
struct keys;
struct message;
struct pane;

/* Results of our own workers, beside the posts of view and session. */
enum app_post {
	APP_DOCUMENT = 0x300, /* struct pager_job, pager.c */
	APP_SAVED,	      /* struct save, save.c */
	APP_COMPOSE,	      /* struct compose_job, compose-job.c */
	APP_PEOPLE,	      /* struct ranking, people-known.c */
	APP_QUERY,	      /* struct query_job, people-query.c */
};

/*
 * Work that would keep the screen waiting: 'work' runs in a worker and sees
 * nothing but the job, which then comes back as a post.
 */
struct app_job {
	struct post post; /* kind: enum app_post */
	void (*work)(struct app_job *job);
};

/* ---- panes ---- */

/* What a pane can do; one const table a file. */
struct pane_ops {
	enum keymap map;
	const char *title; /* N_(), for the help pane */
	bool list;	   /* its text() has a line an entry: what is found is
			      gone to as it is, without $search_context */
	void (*draw)(struct pane *pane);
	/* Does what the function says; false: it is not the pane's. 'key' is
	 * the last key of the sequence, for functions that use it. */
	bool (*run)(struct pane *pane, enum function_op op, int key);
	/* pane->area has changed. */
	void (*resize)(struct pane *pane);
	void (*done)(struct pane *pane);
	/* Of panes that show a text, for searches (find.h): what is shown, or
	 * NULL, and the place of its first row; makes that another one. */
	const struct text *(*text)(struct pane *pane, struct text_place *top);
	void (*go)(struct pane *pane, struct text_place place);
	/* Of panes with a list: how many lines it has; the cursor goes to one
	 * of them, from 0. */
	int (*count)(const struct pane *pane);
	void (*to_line)(struct pane *pane, int line);
};

struct pane {
	const struct pane_ops *ops;
	struct app *app;
	struct rect area;
	struct pane *below; /* of a viewer: the one it was opened over */
};

/* ---- accounts ---- */

/* How much of the fullest quota is used. */
struct account_quota {
	char *mailbox;	      /* that it is of; owned, or NULL */
	uint64_t used, limit; /* octets, or messages */
	unsigned percent;
	bool messages;
};

struct account {
	struct app *app;
	char *name;
	struct view *view;	 /* owned */
	struct session *session; /* owned; NULL: its settings are wrong */
	GPtrArray *folders;	 /* of struct store_mailbox, owned, or NULL */
	uint32_t folders_request, open_request, check_request;
	uint32_t wire_watch;	 /* whose SESSION_WIRE counts; 0: none */
	char *wanted;		 /* display name to open when the list has it */
	uint32_t people_request; /* under way, 0: none */
	GPtrArray *people;	 /* of struct known_person, the likeliest first;
				    owned, or NULL */
	enum session_phase phase;
	char *reason;		 /* why offline, or NULL */
	int64_t retry_at;
	bool read_only;
	struct errand *errand;	 /* of actions.c, or NULL */
	bool gmail;		 /* mailboxes are labels */
	struct account_outbox {	 /* as it was last told */
		unsigned waiting, attention, soon;
		bool delivering;
	} outbox;
	unsigned waiting;	 /* messages for which something is to be done */
	unsigned most_waiting;	 /* since nothing was to be done */
	unsigned refused;	 /* these wait for the user */
	gint64 waits_since;	 /* monotonic */
	enum session_security security;
	char *rights_of, *rights; /* letters, and the mailbox they are of; owned,
				     or NULL */
	struct account_quota quota;
	struct work_state {
		char *what;	 /* for the reader; NULL: it does not run */
		uint64_t done, total;
	} works[SESSION_WORKS];
};

struct app {
	pthread_t thread;	  /* the only one that may use all this */
	const struct ui_options *options;
	struct config *config;	  /* borrowed */
	GMainLoop *loop;
	struct postbox *box;
	struct terminal *terminal;
	struct theme *theme;
	struct draw *draw;
	struct keys *keys;
	struct find *find;	  /* of searches in texts */
	struct message *message;
	GThreadPool *workers;
	GPtrArray *accounts;	  /* of struct account */
	GPtrArray *histories[4];  /* of char *, by enum history */

	struct pane *index, *sidebar, *pager;
	struct pane *viewer;	  /* help and lists over everything, or NULL;
				     owned */
	struct pane *wire;	  /* the one of them that is wire.c's, or NULL */
	struct pane *journal;	  /* or journal.c's */
	struct pane *outbox;	  /* the same of outbox.c */
	struct connections *connections; /* while they are shown, or NULL */
	struct compose *compose;  /* what is being written, or NULL */
	unsigned compose_serial;  /* of the last one */
	struct compose_job *last_save; /* what compose_stop() left to be done;
					  owned, or NULL */
	GPtrArray *background;	  /* of struct compose: their editors run beside
				     smew, or have ended; owned */
	struct pane *background_list; /* background.c's, or NULL */
	struct pane *recall;	  /* recall.c's, or NULL */
	gint64 last_key;	  /* monotonic */
	struct {
		struct account *account; /* NULL: none */
		int64_t item;
		gint64 until;	  /* monotonic: undo takes it back */
		unsigned behind;  /* actions since: undo takes those first */
	} sent;			  /* the message that was let go last */
	struct prompt *prompt;	  /* takes the keys while it is not NULL */
	GPtrArray *chores;	  /* of struct chore, folders.c; or NULL */
	GQueue questions;	  /* of struct post: sessions' questions that
				     wait for their turn; owned */
	struct pane *focus;	  /* index, sidebar or pager */
	struct layout layout;
	int rows, cols;

	bool dirty;		  /* something on the screen changed */
	bool relayout;		  /* the panes' sizes may have */
	bool pager_shown;
	bool options_changed;	  /* since the last frame */
	bool keyed, last_keyed;	  /* keys came before the next frame, and
				     before the last one */
	bool dirty_keyed;	  /* the next frame is planned for keys */
	struct keydecode *decode;
	GSource *frame, *output, *tick, *key_wait; /* NULL: none */
	gint64 last_frame;
	bool leaving;		  /* when what was done has been carried out */
	bool leaving_sends;	  /* and when what is in the outbox is sent */
	bool leaving_now;	  /* but for what would be left in doubt */
	bool blind;		  /* the terminal is gone, or another's */
	GSource *leave_timer;	  /* or NULL */
	int status;		  /* to exit with */
	bool ending;
	unsigned hooks_depth;	  /* hooks that run within hooks */
};

/* In debug builds: the caller is the UI thread. At the entries of ui: what
 * keys, posts and timers come in by. */
void app_assert_thread(const struct app *app);
/* Something to be drawn changed: a frame follows within 16 ms. */
void app_dirty(struct app *app);
/* What a key asked for has come: its frame follows at once. */
void app_answer(struct app *app);
/* Sizes of panes may have changed too. */
void app_relayout(struct app *app);
/* Ends the loop after what is being done. */
void app_quit(struct app *app);
/* Gives the focus to a pane. */
void app_focus(struct app *app, struct pane *pane);
/* Opens the pager beside the index, or closes it. */
void app_show_pager(struct app *app, bool show);
bool app_pager_shown(const struct app *app);
/* Lets a child have the terminal for as long as it runs. */
void app_run_child(struct app *app, const char *command);
/* The same for the user's editor: the status it ended with, -1: it could not
 * be started. */
int app_run_editor(struct app *app, const char *command);
void app_suspend(struct app *app);
/* The terminal's size may have changed. */
void app_check_size(struct app *app);

/* The pane that keys go to: the viewer, or the one with the focus. */
struct pane *app_target(const struct app *app);
/* Gives the job to a worker. */
void app_start_job(struct app *app, struct app_job *job);
/* Runs a function as if its key had been typed. */
void app_run(struct app *app, enum function_op op, int key);

/* ---- global functions: functions.c ---- */

/* ^G and ^C where there is nothing else to abort: ends what is running, the
 * message somebody waits for first. */
void app_cancel(struct app *app);

/* What no pane has done. */
void functions_run(struct app *app, enum function_op op, int key);

/* ---- accounts: account.c ---- */

/* Makes one of every account of the configuration. */
void accounts_start(struct app *app);
void accounts_stop(struct app *app);
/* The process was stopped for a while. */
void accounts_wake(struct app *app);
struct account *account_find(const struct app *app, const char *name);
/* Messages for which something waits or was refused, for the status line: what
 * is done at once is not worth a word. */
unsigned account_waiting(const struct account *account);
/* Whether that may change by time alone. */
bool accounts_tick(const struct app *app);
/* Lets go of all servers, or connects to them again. */
void accounts_go_offline(struct app *app, bool offline);
/* The entry of the list with this name (wire form), or NULL. */
const struct store_mailbox *account_mailbox(const struct account *account,
					    const char *name);
/* The same by the name that is shown; INBOX in any case. */
const struct store_mailbox *account_by_display(const struct account *account,
					       const char *display);
const struct store_mailbox *account_by_role(const struct account *account,
					    enum store_role role);
/* $trash, else what the server marks so; NULL: neither, and where the option
 * is wrong the screen says why. */
const struct store_mailbox *account_trash(const struct account *account);
/*
 * Opens a mailbox by the name a user gives it (UTF-8). The wire name comes
 * from the list; before that has arrived, plain ASCII is its own wire name.
 */
void account_open(struct account *account, const char *display);
/* The same without the question about what is marked as deleted. */
void account_enter(struct account *account, const char *name,
		   const char *display);
/* Opens by wire name. */
void account_open_wire(struct account *account, const char *name,
		       const char *display);
/* Opens what the user typed (=X, NAME:X, a URL); errors on the screen. */
void account_open_text(struct app *app, const char *text);
/* Handles a post of view, session or worker; owns it. */
void account_post(struct post *post, void *app);

#endif
