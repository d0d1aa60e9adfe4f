/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smtp: hands one message to a submission server (RFC 6409) over a stream of
 * net: the same TLS, verification, pins and signing in as IMAP has. Belongs
 * to the module net. Works in the thread's default GMainContext; no call
 * blocks but for reading the message's file.
 */
#ifndef SMEW_SMTP_H
#define SMEW_SMTP_H

#include "smew/net.h"

struct secret;

/* Where and as whom; everything is borrowed until smtp_free(). */
struct smtp_server {
	const char *host;
	uint16_t port;
	bool implicit_tls;	/* smtps:// */
	bool force_tls;		/* ssl_force_tls: no STARTTLS, no mail */
	bool starttls;		/* ssl_starttls: used where it is offered */
	unsigned connect_seconds; /* 0: no limit */
	const char *ca_file, *client_certificate; /* as net_tls_options */
	const char *pin, *accepted_key;		  /* as net_tls_options */
	const char *name;	/* for EHLO; NULL: one that tells nothing */
	const char *user;	/* NULL or "": does not sign in */
	bool has_token;
	const struct secret *password, *token;
	const char *authenticators; /* smtp_authenticators, or NULL */
};

/* What to send; everything is borrowed until smtp_free(). */
struct smtp_message {
	int fd;			/* of the message; stays the caller's */
	uint64_t size;
	const char *sender;	/* "" is the null sender */
	const char *const *recipients;
	bool partly;		/* although some recipients are refused */
	const char *notify, *ret; /* DSN (RFC 3461): "never" or some of
				     "failure,delay,success"; "hdrs" or "full" */
	const char *envid;	/* for DSN: printable ASCII, or NULL */
};

enum smtp_result {
	SMTP_ACCEPTED,	  /* the server has taken the responsibility */
	SMTP_LATER,	  /* it has not: safe to be repeated by itself */
	SMTP_REFUSED,	  /* it has not, and will not */
	SMTP_UNCERTAIN,	  /* broke off after it had asked for the content */
	SMTP_SIGNIN,	  /* user or password are wrong; nothing was sent */
	SMTP_CERTIFICATE, /* see smtp_certificate(); nothing was sent */
	SMTP_STOPPED,	  /* `delivering` said no; nothing was sent */
};

struct smtp_outcome {
	enum smtp_result result;
	/* For the reader, the server's own words among them; sanitised. With
	 * SMTP_ACCEPTED what it answered. */
	const char *words;
	/* Recipients that were refused, each with why, of char *. With
	 * SMTP_ACCEPTED the message did not go to these. */
	const GPtrArray *refused;
};

/* Called from the loop, never from inside a call of the owner's. */
struct smtp_handler {
	/* The server waits for the content: the last instant at which there
	 * is no doubt. False: it is not sent. */
	bool (*delivering)(void *user);
	/* Octets of the content that have been handed to the system. */
	void (*progress)(uint64_t done, uint64_t total, void *user);
	/* Exactly once. The owner calls smtp_free() here or later: what says
	 * goodbye to the server goes on until then or `gone`. */
	void (*ended)(const struct smtp_outcome *outcome, void *user);
	/* After `ended`, once: nothing goes on any more. */
	void (*gone)(void *user);
};

struct smtp;

struct smtp *smtp_send(const struct smtp_server *server,
		       const struct smtp_message *message,
		       const struct smtp_handler *handler, void *user);
/* Ends at once. Before `ended` nothing more is heard of it: what is not known
 * then is the caller's to know (whether `delivering` was called). */
void smtp_free(struct smtp *smtp);
/* After SMTP_CERTIFICATE, until smtp_free(). */
const struct net_certificate *smtp_certificate(const struct smtp *smtp);

#endif
