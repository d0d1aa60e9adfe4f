/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between link.c (its life), what sends commands, and untagged.c (in). */
#ifndef SMEW_SESSION_LINK_PRIVATE_H
#define SMEW_SESSION_LINK_PRIVATE_H

#include "account.h"
#include "link.h"
#include "smew/imap.h"
#include "smew/net.h"
#include "timer.h"
#include "wire.h"

struct link {
	struct account *account; /* borrowed */
	struct box *box;	 /* borrowed, or NULL */
	bool extra, was_ready;
	bool draining;		 /* data for a mailbox that was left */
	int64_t drain_since;	 /* monotonic */
	enum link_state state;
	struct stream *stream;	 /* owned */
	struct imap *imap;	 /* owned */
	char *reason;		 /* of LINK_DEAD, owned */
	int64_t progress;	 /* monotonic time of the last octet */
	struct timer greeting, silence, idle, ending;
	struct timer spare;	 /* how long nothing needs it */
	struct timer poll;	 /* of NOOP, where there is no IDLE */
	struct timer probe;
	bool check_due, checking; /* a NOOP */
	unsigned in_flight;
	bool idling;		 /* an IDLE was submitted and has not ended */
	bool confirmed;		 /* and its "+" has come */
	bool stopping;		 /* and is to end */
	bool renewing;		 /* so that another one begins */
	bool calm;		 /* it has been renewed since the last command */
	int64_t idle_since;	 /* monotonic */
	bool no_qresync;	 /* refused, or not wanted */
	uint32_t selection;	 /* whose data count; 0: of none */
	uint32_t left;		 /* the selection before the SELECT under way */
	unsigned selecting;	 /* SELECTs not answered yet */
	bool condstore;		 /* MODSEQ may be asked for */
	GArray *uids;		 /* of uint32_t: what SEARCH found; owned */
	bool searching;
	struct imap_set *copied_from, *copied_to; /* of COPYUID; owned, or
				    NULL */
	uint64_t copied_validity;
	char *asked_uidnext;	 /* mailbox that link_ask_uidnext() asks of;
				    owned, or NULL */
	uint32_t told_uidnext;
	GPtrArray *streamed;	 /* of GByteArray or NULL: streamed sections of
				    the FETCH to come; owned */
	GByteArray *streaming;	 /* the last of them, under way; borrowed */

	bool compressing;	 /* COMPRESS was sent, whatever came of it */
	bool compressed;
	bool asked_rows;
	bool notified;		 /* NOTIFY was sent, and not refused */

	/* visiting a mailbox without a box: body.c */
	int64_t visit;		 /* its id in the cache; 0: none */
	uint64_t visit_validity; /* what the server said */

	/* signin.c */
	bool secure;		 /* nobody can read what is sent */
	bool want_tls;		 /* STARTTLS was agreed on */
	struct timer patience;	 /* with the user */
	struct sasl *sasl;	 /* owned, or NULL */
	char *sasl_problem;	 /* why the exchange was given up; owned */
	uint8_t binding[NET_BINDING_MAX];
	size_t binding_length;	 /* 0: nothing to bind to */
	bool rebound;		 /* another binding was tried already */
	bool used_secret;	 /* a password or a token was sent */
	unsigned serial;	 /* of credentials.c */

	struct wire_tap wire;	 /* what the reader sees of it */
};

/* ---- setup.c ---- */

void link_setup_begin(struct link *link);

/* ---- listen.c ---- */

/* Something came: it may have been the "+" of IDLE. */
void link_idle_heard(struct link *link);
/* The server says that NOTIFY is too much for it. */
void link_notify_overflow(struct link *link);

/* ---- untagged.c ---- */

/* COPYUID: kept until the next COPY or MOVE. */
void link_keep_copied(struct link *link, const struct imap_status *status);
void link_forget_copied(struct link *link);

void link_untagged(const struct imap_response *response, void *user);
bool link_body_begin(uint32_t seq, const struct imap_section *section,
		     void *user);
void link_body_data(const uint8_t *data, size_t length, void *user);
void link_body_end(bool complete, void *user);

/* ---- link.c ---- */

/* signin.c: the server knows who we are. */
void link_signed_in(struct link *link);

/* The one function that changes the state. */
void link_set_state(struct link *link, enum link_state state);
/* One more command is in flight: its silence is watched. */
void link_watch(struct link *link);

#endif
