/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session thread's side of one account: what it knows and wants. The
 * connections are in links.h, mailboxes that are kept up to date in box.h. Everything here is used
 * by the session thread alone.
 */
#ifndef SMEW_SESSION_ACCOUNT_H
#define SMEW_SESSION_ACCOUNT_H

#include "report.h"
#include "request.h"
#include "retry.h"
#include "smew/session.h"
#include "smew/store.h"
#include "timer.h"

struct actions;
struct arrivals;
struct outgoing;
struct wire;
struct link;

struct account {
	/* options: copies, strings owned */
	char *name, *cache_dir, *tunnel, *user, *host, *first_mailbox;
	uint16_t port;
	bool implicit_tls, check_subscribed;
	bool idle, condstore, qresync, mark_old, send_id;
	int poll_seconds;
	unsigned keepalive_seconds;
	unsigned connect_seconds; /* 0: no limit */
	bool force_tls, starttls, tunnel_is_secure, sasl_ir, deflate;
	bool read_only;
	unsigned window; /* rows that a cold start fetches first */
	char *authenticators, *ca_file, *client_certificate, *state_dir;

	struct reporter report;
	struct postbox *in; /* borrowed */
	GMainLoop *loop;
	struct store *store;	/* NULL: there can be no cache */
	bool quitting;

	/* the connections */
	enum session_phase phase;
	char *reason;	  /* why offline; owned, or NULL */
	int64_t retry_at; /* monotonic, 0: no time planned */
	struct retry retry;
	struct timer retry_timer, quit_timer;
	struct net_watch *watch; /* owned, while the thread runs */
	unsigned alerts;  /* of this connection */
	struct wire *wire; /* what connections said; owned */
	GPtrArray *links;  /* of struct link: links.h; owned */
	unsigned most_links;  /* at a time */
	int64_t extra_after;  /* monotonic: no further one before */
	unsigned extra_wait;  /* seconds, after the next failure of one */
	bool gmail;	   /* X-GM-EXT-1: mailboxes are labels */
	bool no_notify;	   /* refused, or too much for the server */
	struct timer settle_timer, drain_timer;
	struct credentials *credentials; /* owned */
	char *accepted_key; /* of the server, for this run; owned, or NULL */
	bool unplugged;	 /* the user wants to be offline */
	bool foreign;	 /* the cache is another server's: replace it */
	bool distrusted; /* the user is asked about its certificate */

	/* what is wanted of it */
	struct box *box;	/* the open mailbox, or NULL; owned */
	struct box *inbox;	/* INBOX behind it, or NULL; owned */
	struct filewatch *shared; /* of the cache's file; owned, or NULL */
	struct box *errand;	/* where actions wait, or somebody looks, and no
				   other box is; or NULL; owned */
	GPtrArray *deeds;	/* of struct journal_deed: what waits; owned;
				   NULL before the journal was read */
	GPtrArray *renames;	/* of struct deeds_rename, the last ones; owned,
				   or NULL */
	struct actions *actions; /* owned; NULL before the cache is open */
	struct arrivals *arrivals; /* from other accounts; owned */
	struct sender *sender;	/* owned, or NULL: it has nothing to send by */
	struct outgoing *outgoing; /* owned; NULL before it has begun */
	enum session_keeps keeps_sent;
	unsigned openings;	/* of mailboxes since the start */
	GQueue fetches;		/* of struct body_job, in order; owned */
	unsigned jobs;		/* of struct body_job since the start */
	GQueue checks;		/* of struct request: REQUEST_CHECK; owned */
	GQueue looks;		/* of struct request: REQUEST_LOOK; owned */
	bool pumping;		/* work_pump() is on the stack */
	int64_t paused_until;	/* monotonic: nothing new is sent before */
	struct timer pause_timer;
	unsigned refusals;	/* one after the other, "later" by their words */
	struct folders *folders; /* owned */
	struct manage *manage;	/* owned */
	struct standing *standing; /* owned */
};

struct account *account_new(const struct session_config *config,
			    struct postbox *in, struct postbox *ui);
/* The thread's whole life: returns after REQUEST_QUIT. */
void account_run(struct account *account);
/* After account_run(), any thread. */
void account_free(struct account *account);

/* Tells the UI how the connection stands. */
void account_say_state(struct account *account);
/* Ends a request: tells the UI and frees it. 'text' NULL unless failed. */
void account_done(struct account *account, struct request *request,
		  enum session_result result, const char *text);
/* Shows a line about 'mailbox' (or NULL); takes what 'error' says. */
void account_complain(struct account *account, const char *mailbox,
		      GError **error);
/* "offline: REASON", owned by the caller. */
char *account_offline_text(const struct account *account);

struct net_certificate;
/* The server's certificate was refused: asks the user. */
void account_distrust(struct account *account,
		      const struct net_certificate *certificate);
/* Whether the cache is of the server that was reached. A tunnel's command says
 * little about that before it has been: until then the cache is shown. */
bool account_owns_cache(struct account *account);
/* The server is Gmail, or one like it: remembered with the cache. */
void account_is_gmail(struct account *account);
/* A link came up, or is gone for 'reason' (for the reader). */
void account_online(struct link *link);
void account_lost(struct link *link, const char *reason);

#endif
