/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: the background layer. One thread an account owns its connections
 * and is the only writer of its cache. The UI thread makes the calls below;
 * none of them blocks; what comes of them arrives as posts.
 */
#ifndef SMEW_SESSION_H
#define SMEW_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "smew/base.h"
#include "smew/send.h"

/* A snapshot of an account's options; all strings borrowed during the call. */
struct session_config {
	const char *account;	/* name, [A-Za-z0-9_-]{1,32} */
	const char *cache_dir;	/* path_cache_dir() */
	const char *tunnel;	/* command, or NULL */
	const char *user, *host; /* NULL with a tunnel */
	uint16_t port;
	bool implicit_tls;	/* imaps */
	bool check_subscribed;	/* imap_check_subscribed: LSUB instead of LIST */
	bool idle, condstore, qresync, mark_old, send_id;
	int poll_seconds;	/* imap_poll_timeout, mail_check */
	unsigned keepalive_seconds; /* imap_keepalive: IDLE is renewed */
	/* TLS and signing in; strings NULL or "" where not set */
	bool force_tls;		/* ssl_force_tls: nothing secret goes open */
	bool starttls;		/* ssl_starttls: upgrade imap:// where offered */
	bool tunnel_is_secure;
	unsigned connect_seconds; /* connect_timeout; 0: no limit */
	bool sasl_ir;		/* imap_sasl_ir */
	bool deflate;		/* imap_deflate */
	bool read_only;		/* -R: EXAMINE instead of SELECT */
	unsigned connections;	/* imap_connections: at most, at least 1 */
	unsigned screen_rows;	/* of the terminal: what a cold start fetches
				   first; 0: not known */
	const char *password;	/* imap_pass; copied to locked memory */
	const char *password_command; /* its first line is the password */
	const char *token_command; /* imap_oauth_refresh_command */
	const char *authenticators; /* imap_authenticators */
	const char *ca_file;	/* ssl_ca_certificates_file */
	const char *client_certificate; /* ssl_client_cert */
	const char *state_dir;	/* path_state_dir(): where pins are */
	const char *first_mailbox; /* wire name to open at the start, or NULL */
	const struct sender_config *sending; /* NULL: nothing is ever sent */
	/* server_keeps_sent: whether the server itself files what is sent. */
	enum session_keeps { SESSION_KEEPS_AUTO, SESSION_KEEPS_YES,
			     SESSION_KEEPS_NO } keeps_sent;
};

/* Whose the journal and the outbox of an account are; strings may be NULL.
 * Owned. */
char *session_identity(const char *user, const char *host, uint16_t port,
		       const char *tunnel);

struct session;

/* Starts the thread, which opens the cache and connects by itself. */
struct session *session_new(const struct session_config *config,
			    struct postbox *ui);
/*
 * Ends cleanly: LOGOUT with a limit of 500 ms, cache closed, thread joined.
 */
void session_free(struct session *session);

/*
 * Requests. Each returns an id other than 0 and ends in exactly one
 * SESSION_DONE post with that id.
 */

/* Makes 'mailbox' (wire name) the open one: synchronises it, then keeps it so
 * by IDLE. The mailbox that was open before is left. */
uint32_t session_open(struct session *session, const char *mailbox);
/* Brings the cache up to date with a mailbox that is not the open one, once:
 * ends when its first rows are there. Nobody need have opened it before. */
uint32_t session_look(struct session *session, const char *mailbox);
/* Fetches what showing message 'id' of the open mailbox needs: the whole when
 * it is small, else header and shown parts. At once done when cached. */
uint32_t session_fetch(struct session *session, const char *mailbox, int64_t id);
/* The same for all of the message in one piece, attachments too, in any
 * mailbox. */
uint32_t session_fetch_whole(struct session *session, const char *mailbox,
			     int64_t id);

/*
 * What the user does with messages: on the disk when it is done, in the cache
 * at once, on the server when it can be reached. One call is one step of undo.
 */
enum session_verb {
	SESSION_FLAG,  /* adds and removes flags */
	SESSION_MOVE,  /* to 'target', flags added and removed before */
	SESSION_COPY,  /* to 'target' */
	SESSION_PURGE, /* all that is shown as deleted in 'mailbox': to
			  'target', or for good when that is NULL */
	SESSION_EXPUNGE, /* for good */
	SESSION_LABEL, /* 'labels' */
	SESSION_DECODE_COPY, /* a decoded copy to 'target'; 'labels': what of
			  the header stays, as mail_decoded() has it */
	SESSION_DECODE_SAVE, /* the same, and then it is marked deleted */
	SESSION_RELINK, /* they become replies to the message with the
			  Message-ID 'labels'; "": replies to none. Another
			  message takes the place of each; not on Gmail */
};
/* Messages with a target of their own. */
struct session_part {
	const int64_t *ids;
	size_t n;
	const char *target; /* wire name */
};
struct session_act {
	enum session_verb verb;
	const char *mailbox;	/* wire name */
	const int64_t *ids;	/* of messages */
	size_t n;
	const int64_t *opposite; /* messages that lose 'add' and get 'del' */
	size_t n_opposite;
	const struct session_part *parts; /* of a SESSION_MOVE, in the place
				of 'ids' and 'target' */
	size_t n_parts;
	const struct session *to; /* of SESSION_MOVE and SESSION_COPY: of the
				account that 'target' is a mailbox of; NULL: of
				this one. Borrowed during the call */
	uint32_t add, del;	/* enum store_flag */
	const char *labels;	/* "+add -remove !toggle", or "=these alone" */
	const char *target;	/* wire name, or NULL */
	const char *what;	/* names it for the reader, when it is undone;
				   NULL: it is no step of undo */
};
/* All is copied. Where mailboxes are labels (Gmail) to mark a message deleted
 * or to remove it for good takes the label away and nothing else: that fails
 * but for the trash and junk. */
uint32_t session_act(struct session *session, const struct session_act *act);
/* The last step is taken back, or what was taken back last is done again;
 * a SESSION_NOTICE says what. Fails when there is none. */
uint32_t session_undo(struct session *session, bool redo);
/* What waits of the last step is given up: its messages are as they were; what
 * was done or sent stays. A SESSION_NOTICE says how many. Fails when nothing
 * waits. */
uint32_t session_halt(struct session *session);
/* Asks for SESSION_ACTION_LIST. */
uint32_t session_ask_actions(struct session *session);
/* The same for one step of that list, whatever was done since. */
uint32_t session_undo_step(struct session *session, int64_t step);
/* What was refused or put off of an entry is tried again now; or what was
 * refused or was not sent yet is given up. */
uint32_t session_again(struct session *session, int64_t entry, bool give_up);
/*
 * What the session of one account asks of another's, or answers: it is posted
 * to the UI thread, which hands it on to the session of the account 'to'.
 */
struct session_parcel;
/* The account's name, borrowed. */
const char *session_parcel_to(const struct session_parcel *parcel);
/* 'session' is that account's; NULL: it has none. The parcel is given away;
 * one that could not be delivered comes back, for the account that it now
 * names as its 'to'; NULL: there is nothing more to do. */
struct session_parcel *session_hand_on(struct session *session,
				       struct session_parcel *parcel);

/* Lets go of the server until it is called with false. */
uint32_t session_offline(struct session *session, bool offline);

/*
 * Mailboxes as such. What is made of them is an action as those above: it ends
 * when it is in the journal and shown, or cannot be wanted; a SESSION_NOTICE
 * tells when the server has done or refused it. Counts come from the cache
 * when the server cannot be asked, and it is emptied by what the cache knows.
 */
enum session_folder_verb {
	SESSION_CREATE, /* 'name', as 'role' where the server knows roles */
	SESSION_RENAME, /* 'mailbox' and what is below it to 'name' */
	SESSION_DELETE, /* when it has not more than 'count' messages */
	SESSION_SUBSCRIBE,
	SESSION_UNSUBSCRIBE,
	SESSION_COUNT,	/* how many messages there are now: in the end */
	SESSION_EMPTY,	/* removes all for good, when there are not more than
			   'count'; cancelled between two portions */
	SESSION_COUNT_MARKED, /* how many are marked deleted, by anybody */
	SESSION_EXPUNGE_MARKED, /* removes those for good, as SESSION_EMPTY;
				   where the server cannot remove single
				   messages those that are marked meanwhile,
				   too */
};
struct session_folder {
	enum session_folder_verb verb;
	const char *mailbox; /* wire name; NULL with SESSION_CREATE, and to
				subscribe to what is not on the list */
	const char *name;    /* as the user typed it (UTF-8), or NULL */
	uint32_t role;	     /* enum store_role, or 0 */
	uint32_t count;	     /* UINT32_MAX: any number */
	bool quiet;	     /* of SESSION_CREATE: it is done for something else,
				no SESSION_NOTICE tells of it */
};
/* All is copied. */
uint32_t session_folder(struct session *session,
			const struct session_folder *folder);

/* ---- sending; outbox.h says what becomes of a message ---- */

/* Puts a message into the outbox. All is copied; the file is taken over when
 * it succeeds, and stays the caller's when not. SESSION_DONE with its 'item'
 * says that it is safe there. */
uint32_t session_send_mail(struct session *session,
			   const struct outbox_mail *mail);
enum session_outgoing {
	SESSION_RETRY,	      /* now, or at a time */
	SESSION_RETRY_PARTLY, /* to those who are not refused */
	SESSION_TAKE_BACK,    /* SESSION_TAKEN_BACK comes before the end */
	SESSION_DROP,	      /* given up; also when what was taken back is safe
				 elsewhere */
	SESSION_STOP_SENDING, /* it waits for the user then */
	SESSION_IS_SENT,      /* the user knows that it was: UNCERTAIN ends */
	SESSION_SEND_ALL,     /* all that waits without a time of the user's, now;
				 'item' does not matter */
};
/* For 'item': the newest that waits. */
#define SESSION_NEWEST ((int64_t)-1)
/* 'not_before' (wall clock, seconds) is for SESSION_RETRY; 0: now. */
uint32_t session_outgoing(struct session *session, enum session_outgoing what,
			  int64_t item, int64_t not_before);
/* Asks for SESSION_OUTBOX_LIST. */
uint32_t session_ask_outbox(struct session *session);
/* As below, for questions with 'sending'. */
void session_sending_password(struct session *session,
			      struct secret *password);

/* Looks for news now: NOOP on the open mailbox, the folder list and counts. */
uint32_t session_check(struct session *session);
/* Tries to connect now instead of at the next planned time. */
uint32_t session_reconnect(struct session *session);
/*
 * Answers to SESSION_PASSWORD and SESSION_CERTIFICATE; the session connects
 * again by itself. No SESSION_DONE comes of them.
 */
/* 'password' is given away; NULL: the user gave none. */
void session_password(struct session *session, struct secret *password);
enum session_trust { SESSION_TRUST_NO, SESSION_TRUST_ONCE, SESSION_TRUST_ALWAYS };
/* 'key' as in the question: that key and no other is meant. "Always" pins it
 * to host and port. */
void session_certificate(struct session *session, const char *key,
			 enum session_trust trust);
void session_sending_certificate(struct session *session, const char *key,
				 enum session_trust trust);

/*
 * Lets SESSION_WIRE come: first the lines that were kept so far, then each
 * that follows, until it is called with 'on' false. Returns what the posts
 * bear as 'watch'; 0 when off. No SESSION_DONE comes of it.
 */
uint32_t session_watch_wire(struct session *session, bool on);
/* Asks for one SESSION_CONNECTIONS. */
void session_ask_connections(struct session *session);
/* Stops fetching the rows of the open mailbox: what has come stays and is
 * kept up to date; session_check() goes on with the rest. Fails when nothing
 * is being fetched. */
uint32_t session_stop(struct session *session);
/* The reader looks at the oldest end of the open mailbox: while its rows are
 * being fetched, those are what is fetched next. Fails when nothing is. */
uint32_t session_oldest(struct session *session, const char *mailbox);
/* The process was stopped for a while (SIGCONT): connections that have gone
 * meanwhile are noticed within seconds. A suspend is noticed without it. */
void session_wake(struct session *session);
/* Ends a request with cancelled; no-op when it has ended. */
void session_cancel(struct session *session, uint32_t request);

enum session_post {
	SESSION_DONE = 0x200,	/* struct session_done */
	SESSION_STATE,		/* struct session_state; merged */
	SESSION_FOLDERS_CHANGED, /* struct session_event; merged: ask the view */
	SESSION_MAILBOX_CHANGED, /* struct session_event; merged: ask the view */
	SESSION_NEW_MAIL,	/* struct session_event: 'count' in 'mailbox' */
	SESSION_PROGRESS,	/* struct session_progress; merged */
	SESSION_NOTICE,		/* struct session_event with 'text' */
	SESSION_PASSWORD,	/* struct session_password_wanted */
	SESSION_CERTIFICATE,	/* struct session_certificate_refused */
	SESSION_WIRE,		/* struct session_wire */
	SESSION_CONNECTIONS,	/* struct session_connections; merged */
	SESSION_ACTIONS,	/* struct session_actions; merged */
	SESSION_ACTION_LIST,	/* struct session_action_list; merged */
	SESSION_RENAMED,	/* struct session_renamed */
	SESSION_GMAIL,		/* struct session_event: mailboxes are labels,
				   see session_act() */
	SESSION_RIGHTS,		/* struct session_event: 'text' has a letter for
				   each (RFC 4314) */
	SESSION_QUOTA,		/* struct session_quota; merged */
	SESSION_MAILBOX_DELETED, /* struct session_event: by ourselves */
	SESSION_OUTBOX,		/* struct session_outbox; merged */
	SESSION_OUTBOX_LIST,	/* struct session_outbox_list; merged */
	SESSION_TAKEN_BACK,	/* struct session_taken_back */
	SESSION_PARCEL,		/* struct session_parcel: session_hand_on() */
};

enum session_result { SESSION_OK, SESSION_FAILED, SESSION_CANCELLED };

struct session_done {
	struct post post;
	uint32_t request;
	char *account;
	enum session_result result;
	char *text; /* why it failed, for the reader; NULL when it did not */
	uint32_t count; /* of SESSION_COUNT, SESSION_COUNT_MARKED */
	uint32_t own;	/* of SESSION_COUNT_MARKED: what smew left marked */
	char *display;	/* of SESSION_CREATE: the mailbox that is made */
	int64_t item; /* of the outbox; 0: none */
};

/* A mailbox has another name, its messages and their ids are the same. */
struct session_renamed {
	struct post post;
	char *account;
	char *mailbox, *name; /* wire names: the old one, the new one */
	char *display;	      /* the new one for the reader */
};

/* How much of the fullest quota of the open mailbox is used. */
struct session_quota {
	struct post post;
	char *account, *mailbox;
	uint64_t used, limit; /* octets, or messages; limit 0: there is none */
	unsigned percent;
	bool messages;
};

enum session_phase { SESSION_OFFLINE, SESSION_CONNECTING, SESSION_ONLINE };

/* Who can read what goes over the connections; from all to one. */
enum session_security {
	SESSION_UNCONNECTED,
	SESSION_CLEAR,	/* everybody on the way */
	SESSION_TUNNEL, /* who can read the tunnel command's pipes */
	SESSION_TLS,	/* the server alone */
};

struct session_state {
	struct post post;
	char *account;
	enum session_phase phase;
	char *reason;	    /* why offline, for the reader; NULL otherwise */
	int64_t retry_at;   /* g_get_monotonic_time() of the next try, 0: none */
	bool read_only;	    /* the open mailbox */
	enum session_security security; /* the worst connection's */
};

struct session_event {
	struct post post;
	char *account;
	char *mailbox; /* wire name, or NULL */
	char *text;    /* for the reader, or NULL */
	uint32_t count;
};

/* The account waits, offline or not, until session_password() comes. */
struct session_password_wanted {
	struct post post;
	char *account, *user, *host;
	char *words; /* why the last one was refused, by the server; or NULL */
	bool sending; /* the server that mail is sent through */
};

/* The account waits, offline, until session_certificate() comes. */
struct session_certificate_refused {
	struct post post;
	char *account, *host;
	uint16_t port;
	char *reason;	/* for the reader */
	char *subject, *issuer, *names, *not_before, *not_after;
	char *fingerprint; /* SHA-256 of the certificate */
	char *key;	/* SHA-256 of its public key */
	char *pinned_key; /* the one accepted before, or NULL */
	bool sending;	/* the server that mail is sent through */
};

/* Messages for which something is to be done yet. */
struct session_actions {
	struct post post;
	char *account;
	unsigned waiting;
	unsigned refused; /* these wait for the user */
	unsigned foreign; /* of another server: they wait for that one */
};

/* What is on its way out. */
struct session_outbox {
	struct post post;
	char *account;
	unsigned waiting;   /* will go by itself, or has to be filed yet */
	unsigned attention; /* refused or uncertain: these wait for the user */
	unsigned soon;	    /* of those waiting: for their delay, or being sent */
	unsigned foreign;   /* of another server */
	int64_t item;	    /* being sent, 0: none */
	bool delivering;    /* that one: to end now would leave a doubt */
	int64_t due;	    /* wall clock, seconds: the next; 0: none */
};

/* The newest first. */
struct session_outbox_list {
	struct post post;
	char *account;
	GPtrArray *items; /* of struct outbox_item *; owned */
};

/* A message that was in the outbox, and that compose has now. */
struct session_taken_back {
	struct post post;
	char *account;
	uint32_t request;
	struct outbox_item *item; /* owned */
};

/* First what waits or was refused, then the rest, the newest of each first. */
struct session_action_list {
	struct post post;
	char *account;
	struct session_action {
		int64_t entry;	/* for session_again() */
		int64_t step;	/* for session_undo_step(); 0: not by itself */
		int64_t made;	/* wall clock, seconds */
		char *what;
		char *mailbox, *target; /* wire names, of other accounts as
					   journal_abroad() makes them;
					   target "" without */
		char *reason;	/* "" without */
		unsigned waiting, refused, done, cancelled; /* messages */
		bool foreign, undone;
		bool back;	/* it takes back what it is called after */
		int64_t hold;	/* seconds: what waits is not tried before; 0 */
	} *list;
	size_t n;
};

/* One of each may run at a time. */
enum session_work {
	SESSION_WORK_HEADERS,
	SESSION_WORK_MESSAGE,
	SESSION_WORK_MAILBOX, /* it is emptied */
	SESSION_WORK_SENDING,
	SESSION_WORKS
};

struct session_progress {
	struct post post;
	char *account;
	enum session_work work;
	char *mailbox;
	char *what;	/* "Fetching headers", for the reader */
	uint64_t done, total; /* total 0: it has ended, remove the line */
};

/* Text of all that follows is sanitised. */

enum session_wire_kind {
	SESSION_WIRE_SERVER,
	SESSION_WIRE_CLIENT,
	SESSION_WIRE_NOTE, /* a state of the connection, for the reader */
};

struct session_wire_line {
	int64_t time;	     /* wall clock, microseconds */
	uint32_t connection; /* unique in this run, from 1 on */
	enum session_wire_kind kind;
	char *text;	     /* owned */
};

struct session_wire {
	struct post post;
	char *account;
	uint32_t watch;	 /* of session_watch_wire() */
	uint64_t missed; /* lines before these that came too fast */
	struct session_wire_line *lines;
	size_t n;
};

/* A command that was not answered yet. */
struct session_command {
	char *text;  /* redacted and cut */
	int64_t age; /* microseconds since it was sent */
};

/* One connection. Strings are owned, and NULL where nothing is known. */
struct session_connection {
	uint32_t number;	/* as in struct session_wire_line */
	char *state;		/* for the reader */
	char *mailbox;		/* selected, as the reader knows it */
	bool idle;		/* waits for news in IDLE */
	struct session_command *commands; /* in flight */
	size_t n_commands;
	unsigned waiting;	/* commands not sent yet */
	char *waits_for;	/* what the first of them waits for, in N_() */
	uint64_t octets_in, octets_out; /* on the wire */
	int64_t last_answer;	/* microseconds; -1: none yet */
	int64_t least_answer;
	char *tls, *cipher;	/* "TLSv1.3"; NULL without TLS */
	bool tunnel, secure;
	char *mechanism;	/* signed in with; "" with PREAUTH */
	char *in_use, *offered; /* extensions, by blanks */
	int64_t since;		/* wall clock, microseconds */
};

struct session_connections {
	struct post post;
	char *account;
	char *where;	 /* host and port, or the word for the tunnel */
	char *server;	 /* what it says about itself (ID); NULL: nothing */
	char **learned;	 /* what it refuses and is spared; NULL-terminated */
	struct session_connection *list;
	size_t n;
};

#endif
