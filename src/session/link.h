/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One connection: stream, protocol engine and watchdogs. The rest of the
 * session sends commands through it and learns their ends; untagged data goes
 * to events.h, whatever command is running.
 */
#ifndef SMEW_SESSION_LINK_H
#define SMEW_SESSION_LINK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "smew/session.h"
#include "smew/store.h"

struct account;
struct box;
struct imap_set;
struct link;

enum link_state {
	LINK_OPENING,	/* the stream is being made */
	LINK_GREETING,	/* waiting for the server's first line */
	LINK_SIGNIN,	/* TLS and signing in: signin.h */
	LINK_SETUP,	/* asking what it can do */
	LINK_READY,	/* commands may be sent */
	LINK_LEAVING,	/* LOGOUT was sent */
	LINK_DEAD,	/* over; account_lost() comes from the loop */
};

enum link_result {
	LINK_OK,
	LINK_NO,
	LINK_BAD,
	LINK_GONE, /* the connection ended before the command did */
};

/* How a command ended; borrowed during the call. */
struct link_end {
	enum link_result result;
	const char *text; /* the server's or ours, sanitised, for the reader */
	bool temporary;	  /* of LINK_NO and LINK_BAD: the same may work later */
	bool holds;	  /* of that: other commands may go meanwhile; else
			     nothing is sent for a while */
	unsigned delay;	  /* and it, in milliseconds, not before */
	bool too_many;	  /* of LINK_NO: fewer at once may work */
	bool try_create;  /* of LINK_NO: there is no such mailbox yet */
	bool exists;	  /* of LINK_NO: there is such a mailbox */
	/* of link_copy(), where the server says it: these UIDs became those, one
	 * by one, under 'uidvalidity'; of link_append() 'uids' alone; else
	 * NULL */
	const struct imap_set *source, *uids;
	uint64_t uidvalidity;
};

/* Comes exactly once for every command, also when the link ends. */
typedef void (*link_ended)(struct account *account, const struct link_end *end,
			   void *user);

/* Starts connecting; account_online() or account_lost() follows. An 'extra'
 * one has another beside it that has signed in: it asks the user nothing. */
struct link *link_open(struct account *account, bool extra);
void link_free(struct link *link);
struct account *link_account(const struct link *link);
bool link_is_extra(const struct link *link);
/* Whether it ever was LINK_READY. */
bool link_was_ready(const struct link *link);
/* What is under way on it may take long. */
bool link_is_slow(const struct link *link);
/* Its mailbox is left while data for it are under way. */
void link_drain(struct link *link);
/* These have not come yet. */
bool link_drains(const struct link *link);
/* From 1 on, in the order of connecting. */
unsigned link_number(const struct link *link);
/* The mailbox it serves; NULL: none. Borrowed. */
struct box *link_box(const struct link *link);
/* Without a box: the mailbox (its id in the cache) that is open for bodies;
 * 0: none. */
int64_t link_visited(const struct link *link);
void link_set_visited(struct link *link, int64_t mbox);
/* How long nothing needs it. */
struct timer *link_spare_timer(struct link *link);
void link_set_box(struct link *link, struct box *box);
enum link_state link_state(const struct link *link);
/* Who can read what goes over it. */
enum session_security link_security(const struct link *link);
/* Ends the connection for 'reason' (for the reader); account_lost() follows
 * when the loop turns. */
void link_fail(struct link *link, const char *reason);
/* Says LOGOUT; false when there is nobody to say it to. */
bool link_logout(struct link *link);
/* The way to the server may have changed: it must answer within
 * LIMIT_PROBE, or it is given up. */
void link_probe(struct link *link);

bool link_offers_idle(const struct link *link);
/* LIST with options; LIST that gives the counts, too. */
bool link_offers_extended_list(const struct link *link);
bool link_offers_list_status(const struct link *link);
bool link_offers_move(const struct link *link);
bool link_offers_uidplus(const struct link *link);
bool link_offers_condstore(const struct link *link);
bool link_offers_qresync(const struct link *link);
/* The server refused it: not used again on this connection. */
void link_forget_qresync(struct link *link);
/* Commands under way, but for IDLE. */
unsigned link_in_flight(const struct link *link);
/* Messages in the selected mailbox, as the server says. */
uint32_t link_exists(const struct link *link);
/* Whether one that was there still is. */
bool link_has(const struct link *link, uint32_t uid);
/* Tells the engine the UIDs (of uint32_t, ascending) of all messages. */
void link_seed_uids(struct link *link, const GArray *uids);

/* ---- commands; names of mailboxes in wire form ---- */

/* 'modseq' 0: without QRESYNC. 'condstore': ask for MODSEQ. */
void link_select(struct link *link, const char *mailbox, uint64_t uidvalidity,
		 uint64_t modseq, bool condstore, link_ended ended, void *user);
void link_noop(struct link *link, link_ended ended, void *user);
/* UID SEARCH ALL: events_uids() gets what there is. */
void link_list_uids(struct link *link, link_ended ended, void *user);
/* The UIDs that answers have told of so far, of uint32_t; owned. */
GArray *link_known_uids(const struct link *link);
/* Index rows by UIDs, or by sequence numbers. */
void link_fetch_rows(struct link *link, const char *set, bool by_uid,
		     link_ended ended, void *user);
/* 'changed_since' 0: all of them. */
void link_fetch_flags(struct link *link, const char *uids,
		      uint64_t changed_since, link_ended ended, void *user);
/* EXAMINE for bodies alone: data of the mailbox are not looked at. The end
 * fails too when its UIDVALIDITY is not 'uidvalidity'. */
void link_visit(struct link *link, const char *mailbox, uint64_t uidvalidity,
		link_ended ended, void *user);
/* The UIDVALIDITY that the server said last. */
uint64_t link_visit_validity(const struct link *link);
/* Sections ("" the whole, "HEADER", "1.2") of one message. 'structure': ask
 * for the BODYSTRUCTURE too. */
void link_fetch_body(struct link *link, uint32_t uid, bool structure,
		     const char *const *sections, size_t n, link_ended ended,
		     void *user);
/* 'length' octets of one section from 'offset' on; body_fetched() gets them
 * as a piece. */
void link_fetch_piece(struct link *link, uint32_t uid, const char *section,
		      uint32_t offset, uint32_t length, link_ended ended,
		      void *user);
/* 'flags' are of enum store_flag; those the server has no name for are left
 * out. False when nothing remains to be sent. */
bool link_store(struct link *link, const char *uids, bool add, uint32_t flags,
		link_ended ended, void *user);
/* Adds or removes one keyword. */
void link_label(struct link *link, const char *uids, bool add,
		const char *keyword, link_ended ended, void *user);
/* Identities of messages: actions_fetched() gets them. */
void link_identify(struct link *link, const char *uids, link_ended ended,
		   void *user);
/* Asks for the UIDNEXT of another mailbox ('ended' may be NULL); what the last answer told of
 * 'mailbox', 0: nothing. */
void link_ask_uidnext(struct link *link, const char *mailbox, link_ended ended,
		      void *user);
uint32_t link_told_uidnext(const struct link *link, const char *mailbox);
/* COPY to 'mailbox', or MOVE, which must be offered. */
void link_copy(struct link *link, const char *uids, const char *mailbox,
	       bool move, link_ended ended, void *user);
/* UIDPLUS must be offered. */
void link_expunge(struct link *link, const char *uids, link_ended ended,
		  void *user);
/* Messages with this Message-ID: actions_found() gets their UIDs. */
void link_find(struct link *link, const char *message_id, link_ended ended,
	       void *user);
/* EXPUNGE, of what anybody has marked. */
void link_expunge_marked(struct link *link, link_ended ended, void *user);
/* UID SEARCH of a key, "ALL" or the like, for one's own use: '*uids' (of
 * uint32_t, owned by the caller) is set before the end comes, or when it
 * fails. */
void link_search_key(struct link *link, const char *key, GArray **uids,
		     link_ended ended, void *user);
/* MYRIGHTS and GETQUOTAROOT where offered: standing.h gets what is said.
 * False: neither is. */
bool link_ask_standing(struct link *link, const char *mailbox);
/* UNSELECT where offered: without it the mailbox stays selected and its data
 * count no more. False: nothing is selected, 'ended' does not come. */
bool link_leave(struct link *link, link_ended ended, void *user);
/* 'role' goes along where CREATE-SPECIAL-USE is offered. */
void link_create(struct link *link, const char *mailbox, enum store_role role,
		 link_ended ended, void *user);
void link_delete(struct link *link, const char *mailbox, link_ended ended,
		 void *user);
void link_rename(struct link *link, const char *mailbox, const char *name,
		 link_ended ended, void *user);
void link_subscribe(struct link *link, const char *mailbox, bool subscribe,
		    link_ended ended, void *user);
/* The same for others: 'found' gets them, of uint32_t, borrowed. */
typedef void (*link_found)(const GArray *uids, void *user);
void link_look_for(struct link *link, const char *message_id, link_found found,
		   link_ended ended, void *user);
/* A message to be put into a mailbox; all is borrowed. */
struct link_message {
	const char *mailbox;
	uint32_t flags;	      /* enum store_flag */
	const char *keywords; /* with blanks between, or NULL */
	int64_t received;     /* seconds; 0: now */
	uint64_t size;
	bool acts;	      /* for the journal, which can wait */
};
/* APPEND of the octets that 'source' gives, a piece at a time: until 'ended',
 * which is told 'uids' where the server says them. */
void link_append(struct link *link, const struct link_message *message,
		 ssize_t (*source)(char *, size_t, void *), link_ended ended,
		 void *user);
/* Whether the server is one that files what is sent through it. */
bool link_keeps_sent(const struct link *link);
/* LIST or LSUB, 'extended' with what is offered beyond RFC 3501:
 * folders_listed() and folders_counted() get what there is. */
void link_list(struct link *link, bool subscribed, bool extended,
	       link_ended ended, void *user);
/* COMPRESS where offered, wanted and not tried yet: whether it was sent. What
 * follows waits for its answer, so it goes last in a flight: when the first
 * screen has been asked for. */
bool link_compress(struct link *link);
/* Whether index rows have been asked for on this connection. */
bool link_asked_rows(const struct link *link);
/* NAMESPACE where offered: folders_namespaces() gets it. */
void link_namespace(struct link *link);
/* Whether it is there: manage_listed() gets what there is. */
void link_list_one(struct link *link, const char *mailbox, link_ended ended,
		   void *user);
void link_status(struct link *link, const char *mailbox, link_ended ended,
		 void *user);

/* NOTIFY (RFC 5465): STATUS comes by itself for every mailbox but the
 * selected one, which is told of as before. Whether it was sent: once. */
bool link_notify(struct link *link);
/* Whether it was sent and not refused. */
bool link_has_notified(const struct link *link);

/* IDLE: whether it runs; stop is a no-op when it does not. 'ended' of start
 * comes when it is over for whatever reason. */
void link_idle_start(struct link *link, link_ended ended, void *user);
void link_idle_stop(struct link *link);
bool link_is_idle(const struct link *link);

#endif
