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

/* Gets them from wherever they come; 'ready' may come from inside. A second
 * call replaces the first, whose 'ready' never comes. */
void credentials_get(struct account *account, credentials_ready ready,
		     void *user);
/* Nobody waits for 'ready' any more. */
void credentials_leave(struct account *account);
/* Borrowed; NULL when it is the other one, or not known. */
const struct secret *credentials_password(const struct credentials *credentials);
const struct secret *credentials_token(const struct credentials *credentials);
/*
 * The server refused them with 'words': they are forgotten. True when the
 * next attempt may come at once (a token that is renewed, once); otherwise
 * the user is asked and the account waits.
 */
bool credentials_refused(struct account *account, const char *words);
/* It was signed in with them. */
void credentials_accepted(struct account *account);
/* What the user answered (taken over); NULL: nothing. */
void credentials_answer(struct account *account, struct secret *secret);
/* The user has been asked and has not answered. */
bool credentials_waiting(const struct credentials *credentials);

#endif
