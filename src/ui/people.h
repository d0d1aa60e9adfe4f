/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is who: one's own addresses, lists, aliases, and completing names. */
#ifndef SMEW_UI_PEOPLE_H
#define SMEW_UI_PEOPLE_H

#include "app.h"
#include "smew/mail.h"

/* What reply rules ask; 'people' keeps what it needs until released. */
struct people {
	struct mail_people rules;
	GPtrArray *me, *not_me;	/* of struct query_regex */
	GPtrArray *lists, *not_lists, *subscribed, *not_subscribed;
	GPtrArray *from;	/* of struct mail_address */
};
void people_init(struct people *people, const struct app *app,
		 const char *account);
void people_release(struct people *people);

/* "Name <address>" of $from and $realname. Owned. */
char *people_from(const struct app *app, const char *account);
/* The account that an address belongs to by its $from; or NULL. */
struct account *people_account(const struct app *app, const char *from);
/*
 * A list of addresses as typed, aliases replaced, and, unless $use_domain is
 * off, local names completed by the domain of $from. Owned.
 */
char *people_expand(const struct app *app, const char *account,
		    const char *text);

/* Completes an address in a prompt: aliases, then addresses written to. */
char **people_complete(struct app *app, const char *line, size_t cursor,
		       size_t *start);

/* ---- people-known.c: who is known from the mail ---- */

struct known_person {
	char *text;   /* "Name <address>" */
	char *folded; /* for comparing */
};
/* Asks the view whom the account writes to, before names are completed. */
void people_ask(struct account *account);
bool people_answer(struct app *app, struct view_people *answer);
/* APP_PEOPLE; owns it. */
void people_ranked(struct app *app, struct post *post);
/* Adds copies of the texts of all who are meant by what was typed. */
void people_match(const struct app *app, const char *typed, GPtrArray *found);

/* ---- people-query.c: $query_command ---- */

/* complete-query, in a prompt for addresses: asks the program. */
void people_query_prompt(struct app *app, const char *line, size_t cursor);
/* query: asks for words, and begins a message to who is found. */
void people_query(struct app *app);
/* APP_QUERY; owns it. */
void people_queried(struct app *app, struct post *post);

/* ---- people.c ---- */

/* Where the address begins that ends at the cursor. */
size_t people_address_start(const char *line, size_t cursor);
/* create-alias: for the sender of the message under the cursor. */
void people_create_alias(struct app *app);

#endif
