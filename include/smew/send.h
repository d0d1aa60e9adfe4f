/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * send: gets what is in an account's outbox to those it is for, by SMTP or by
 * a program. A sender belongs to the thread that made it, works in that
 * thread's default GMainContext and never blocks it for long.
 */
#ifndef SMEW_SEND_H
#define SMEW_SEND_H

#include "smew/net.h"
#include "smew/outbox.h"

struct secret;

/* A snapshot of options; strings are borrowed during the call, NULL or ""
 * where not set. */
struct sender_config {
	const char *account;
	const char *state_dir;	/* path_state_dir(): outbox, journal, pins */
	/* by SMTP, when there is a host */
	const char *host, *user;
	uint16_t port;
	bool implicit_tls, force_tls, starttls;
	unsigned connect_seconds;
	const char *password;	/* smtp_pass; copied to locked memory */
	const char *password_command, *token_command;
	bool lends;		/* sender_host.lend may be asked */
	const char *authenticators; /* smtp_authenticators */
	const char *ca_file, *client_certificate;
	const char *name;	/* hostname: what EHLO says; or nothing */
	/* else by a program, run without a shell: words, quoted as for sh */
	const char *sendmail;
	bool envelope_from;	/* use_envelope_from: it gets -f */
};

enum sender_event {
	SENDER_SENT,	  /* accepted; the text also says who was left out */
	SENDER_LATER,	  /* not now: it will be tried again */
	SENDER_REFUSED,	  /* the user is needed */
	SENDER_UNCERTAIN, /* the user is needed */
};

/* What a sender tells and wants; called from the loop or inside calls. */
struct sender_host {
	/* What is in the outbox has changed. */
	void (*changed)(void *user);
	/* 'text' is for the message line. */
	void (*event)(enum sender_event event, const struct outbox_item *item,
		      const char *text, void *user);
	/* 'total' 0: it is over. */
	void (*progress)(const struct outbox_item *item, uint64_t done,
			 uint64_t total, void *user);
	/* sender_password() answers; 'words' NULL unless one was refused. NULL:
	 * there is nobody to ask, and waiting is the answer. */
	void (*password)(const char *user_name, const char *host,
			 const char *words, void *user);
	/* sender_trust() answers; NULL as above. */
	void (*certificate)(const char *host, uint16_t port,
			    const struct net_certificate *certificate,
			    void *user);
	/* Something that was accepted has a todo, or may have one that another
	 * process has left. May be NULL. */
	void (*left)(void *user);
	/* The password of the account's mailbox where it is known, used when
	 * no other one is set; borrowed, or NULL. May be NULL. */
	const struct secret *(*lend)(void *user);
};

struct sender;

/* Any thread; copies what it is given. */
struct sender *sender_new(const struct sender_config *config);
/*
 * Begins, in the thread that it belongs to from now on. '*notice' as
 * outbox_open() has it, which gets 'identity'. False when there can be no outbox: then it can only be
 * freed. 'host' is copied.
 */
bool sender_start(struct sender *sender, const char *identity,
		  const struct sender_host *host, void *user, char **notice,
		  GError **error);
/* What is being sent breaks off; the next start knows how it stood. */
void sender_free(struct sender *sender);

/* For adding, listing and decisions; borrowed. */
struct outbox *sender_outbox(struct sender *sender);
/* Something was added or decided, here or elsewhere. */
void sender_look(struct sender *sender);
/* The network is back: what waits because of it is tried now. */
void sender_hurry(struct sender *sender);
/* While it is true nothing is sent. */
void sender_offline(struct sender *sender, bool offline);
/* What is being sent is stopped, unless the server has asked for the content
 * already. False: it is not being sent, or too late. */
bool sender_stop(struct sender *sender, int64_t id);
/* The one that is being sent, 0: none. */
int64_t sender_busy(const struct sender *sender);
/* Whether that one is out of our hands: to end now would leave a doubt. */
bool sender_delivers(const struct sender *sender);

/* Whether the user was asked and has not answered. */
bool sender_asks(const struct sender *sender);
/* Taken over; NULL: none was given. */
void sender_password(struct sender *sender, struct secret *password);
/* 'key' as in net_certificate; NULL: it is not trusted. */
void sender_trust(struct sender *sender, const char *key, bool always);

/* ---- mailto (RFC 6068) ---- */

/* What a link wants written, decoded UTF-8 without control characters but for
 * line ends in the body; strings owned, NULL where not said. */
struct mailto {
	char *to, *cc, *bcc;	/* address lists as header text */
	char *subject, *body, *in_reply_to;
	GPtrArray *others;	/* of char *: "Name: value" that were allowed */
};

/*
 * Reads a mailto: URL. Header fields are taken when 'allowed' (names in lower
 * case, NULL-terminated; "*" allows all but attach) has them; `attach` and the
 * like never are. False with an error for what is no mailto URL or has CR, LF
 * or NUL where they have no place.
 */
bool mailto_parse(const char *url, const char *const *allowed,
		  struct mailto *mailto, GError **error);
void mailto_clear(struct mailto *mailto);
/* Adds what the link wants to a message. */
struct mail_draft;
void mailto_fill(const struct mailto *mailto, struct mail_draft *draft);

#endif
