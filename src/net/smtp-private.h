/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp-private: what the files of the SMTP client share. */
#ifndef SMEW_NET_SMTP_PRIVATE_H
#define SMEW_NET_SMTP_PRIVATE_H

#include "content.h"
#include "reply.h"
#include "smew/smtp.h"

/* The order in which a message goes out. */
enum smtp_state {
	SMTP_OPENING,  /* until connected, and TLS with implicit TLS */
	SMTP_GREETING,
	SMTP_EHLO,
	SMTP_HELO,     /* for servers that know no EHLO */
	SMTP_STARTTLS,
	SMTP_SHAKING,  /* hands */
	SMTP_AUTH,
	SMTP_SCANNING, /* for octets above 127 */
	SMTP_ENVELOPE, /* MAIL and RCPT */
	SMTP_DATA,
	SMTP_CONTENT,
	SMTP_ANSWER,   /* to the content: the one that counts */
	SMTP_BYE,      /* there is an outcome */
	SMTP_OVER,
};

/* What EHLO told. */
struct smtp_extensions {
	bool starttls, pipelining, eight_bit, utf8, dsn;
	bool size;
	uint64_t size_limit; /* 0: none */
	GPtrArray *mechanisms; /* of char *, NULL at the end; owned */
};

struct smtp {
	struct smtp_server server;	/* its strings are borrowed */
	struct smtp_message message;	/* so are these */
	struct smtp_handler handler;
	void *user;
	struct stream *stream; /* owned */
	struct reply_reader in;
	enum smtp_state state;
	struct smtp_extensions offers;
	bool encrypted;
	bool lost;	    /* nothing can be said any more */
	GSource *timer;	    /* owned, or NULL */
	GSource *turn;	    /* tells, or reads on; owned, or NULL */

	struct sasl *sasl;  /* owned, or NULL */
	uint8_t binding[NET_BINDING_MAX];

	GPtrArray *envelope; /* of char *: MAIL and RCPT lines; owned */
	guint asked, answered; /* of these */
	guint taken, temporary, permanent; /* recipients */
	GPtrArray *refused; /* of char *; owned */

	struct content content;
	bool has_8bit;
	uint64_t sent;	    /* octets of the content handed over */

	enum smtp_result result;
	char *words;	    /* owned, or NULL */
};

/* Sends a line; CRLF is added. Logged, so no secrets. */
void smtp_say(struct smtp *smtp, const char *line);
/* Anew: how long the server may say nothing. */
void smtp_patience(struct smtp *smtp, unsigned seconds);
/* There is an outcome; 'words' is copied. The owner hears of it soon. */
void smtp_end(struct smtp *smtp, enum smtp_result result, const char *words);
/* The same with what the server said. */
void smtp_end_reply(struct smtp *smtp, enum smtp_result result,
		    const char *what, const struct reply *reply);
void smtp_enter(struct smtp *smtp, enum smtp_state state);
/* Calls 'turn' from the loop. */
void smtp_soon(struct smtp *smtp, void (*turn)(struct smtp *smtp));

/* ---- signing in: smtp-auth.c ---- */

/* After EHLO. Goes on with smtp_envelope_begin(). */
void smtp_auth_begin(struct smtp *smtp);
void smtp_auth_reply(struct smtp *smtp, const struct reply *reply);

/* ---- the envelope: smtp-envelope.c ---- */

void smtp_envelope_begin(struct smtp *smtp);
void smtp_envelope_reply(struct smtp *smtp, const struct reply *reply);

#endif
