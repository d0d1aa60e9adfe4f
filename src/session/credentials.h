/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an account signs in with: from the configuration, from a command, or
 * from the user, who is asked at most once for each refusal.
 */
#ifndef SMEW_SESSION_CREDENTIALS_H
#define SMEW_SESSION_CREDENTIALS_H

#include "smew/base.h"
#include "smew/session.h"

struct account;
struct credentials;

/* 'problem' NULL: they are there; else why not, for the reader. */
typedef void (*credentials_ready)(const char *problem, void *user);

struct credentials *credentials_new(const struct session_config *config);
void credentials_free(struct credentials *credentials);

/* Whether an OAuth 2 token is used instead of a password. */
bool credentials_use_token(const struct credentials *credentials);
/* Gets them from wherever they come; 'ready' may come from inside. Every
 * connection may wait with a 'user' of its own. */
void credentials_get(struct account *account, credentials_ready ready,
		     void *user);
/* 'user' does not wait any more. */
void credentials_leave(struct account *account, void *user);
/* Borrowed; NULL when it is the other one, or not known. */
const struct secret *credentials_password(const struct credentials *credentials);
const struct secret *credentials_token(const struct credentials *credentials);
/* Counts what was gotten: tells whether it is still what was sent. */
unsigned credentials_serial(const struct credentials *credentials);
/*
 * The server refused those of 'serial' with 'words': they are forgotten. True
 * when the next attempt may come at once (a token that is renewed, once; or
 * newer ones are there); otherwise the user is asked for a password and the
 * account waits, or a token's problem is for the user to read.
 */
bool credentials_refused(struct account *account, unsigned serial,
			 const char *words);
/* It was signed in with them. */
void credentials_accepted(struct account *account);
/* What the user answered (taken over); NULL: nothing. */
void credentials_answer(struct account *account, struct secret *secret);
/* The user has been asked and has not answered. */
bool credentials_waiting(const struct credentials *credentials);

#endif
