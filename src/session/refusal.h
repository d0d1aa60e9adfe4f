/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a server means when it refuses: its response code (RFC 5530) and the
 * words of servers that have no code for it. Pure; any thread.
 */
#ifndef SMEW_SESSION_REFUSAL_H
#define SMEW_SESSION_REFUSAL_H

#include "smew/imap.h"

enum refusal_kind {
	REFUSAL_OTHER,	     /* nothing is known but the words */
	REFUSAL_TEMPORARY,   /* the same may work later */
	REFUSAL_THROTTLED,   /* too much was asked of it: wait 'delay' */
	REFUSAL_CONNECTIONS, /* the account has too many of them */
	REFUSAL_CREDENTIALS, /* the password or token is wrong */
	REFUSAL_EXPIRED,     /* it was right once: a new one is needed */
	REFUSAL_FORBIDDEN,   /* the user must do something: tell them */
	REFUSAL_BINDING,     /* of the sign-in to the TLS connection */
	REFUSAL_NO_MAILBOX,  /* signed in, and nothing can be done with it */
};

struct refusal {
	enum refusal_kind kind;
	unsigned delay; /* try again after so many milliseconds at least; 0:
			   as after any failure */
};

/* Of a NO, BAD or BYE: its code and text, 'text' not NULL. */
struct refusal refusal_of(enum imap_code code, const char *text);
/* Whether a refused sign-in says that other credentials are needed. */
bool refusal_asks_again(enum refusal_kind kind);

#endif
