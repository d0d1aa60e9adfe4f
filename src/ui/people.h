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

/* create-alias: for the sender of the message under the cursor. */
void people_create_alias(struct app *app);

#endif
