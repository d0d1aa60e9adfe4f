/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * key: the password or token that a sender signs in with: from the options,
 * from a command, from the account's mailbox, or from the user.
 */
#ifndef SMEW_SEND_KEY_H
#define SMEW_SEND_KEY_H

#include <glib.h>
#include <stdbool.h>

#include "smew/base.h"

struct key;

struct key_host {
	/* It can be asked for again: key_ready() may be true now, or 'problem'
	 * says why not. */
	void (*changed)(const char *problem, void *user);
	/* Asks the user; false: there is none. */
	bool (*ask)(const char *words, void *user);
	const struct secret *(*lend)(void *user); /* may be NULL */
};

/* Strings are copied; NULL or "" where not set. */
struct key *key_new(const char *password, const char *password_command,
		    const char *token_command, const struct key_host *host,
		    void *user);
void key_free(struct key *key);

/* Whether it is there; when not, it is being gotten, or asked for. */
bool key_ready(struct key *key);
bool key_asks(const struct key *key);
bool key_is_token(const struct key *key);
/* Borrowed; NULL when it is the other one. */
const struct secret *key_password(const struct key *key);
const struct secret *key_token(const struct key *key);
/* The server said no. True: the next try may be made at once. */
bool key_refused(struct key *key, const char *words);
void key_accepted(struct key *key);
/* What the user gave (taken over); NULL: nothing. */
void key_answer(struct key *key, struct secret *secret);

#endif
