/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The connections of an account (DESIGN 9.5): which of them serves which
 * mailbox, and when there are more or fewer.
 *
 * The first one serves the open mailbox. INBOX is kept up to date behind it on
 * another. Large bodies, and bodies during a fill, go over one that no mailbox
 * needs: the spare one. The roles are not fixed: a mailbox takes whatever
 * connection has nothing to do.
 */
#ifndef SMEW_SESSION_LINKS_H
#define SMEW_SESSION_LINKS_H

#include "account.h"
#include "link.h"

/* Opens the first connection. */
void links_connect(struct account *account);
/* Whether messages are put into mailboxes on this one. */
bool links_for_upload(const struct link *link);
/* Gives mailboxes to connections, opens what is wanted, closes what is not.
 * Whether anything was changed. */
bool links_settle(struct account *account);
/* A ready one that no mailbox needs and on which nothing is under way. */
struct link *links_spare(const struct account *account);
/* Work would rather have a spare one: it is opened where that is possible.
 * False: there is none and there will not be one soon. */
bool links_want_spare(struct account *account);
/* Of the open mailbox, or the first ready one; NULL: none is ready. */
struct link *links_main(const struct account *account);
/* Where there will be no other connection the open mailbox lends its own, when
 * nothing is under way there; it asks for one again at the next turn. NULL: it
 * cannot now. */
struct link *links_borrow(struct account *account);
/* Who can read along: of the ready ones the least protected counts. */
enum session_security links_security(const struct account *account);
/* Where lists and counts are asked for. */
struct link *links_for_chores(const struct account *account);
/* An extra one ended for 'reason': what it did is done elsewhere. False when
 * there is no other one left that works. */
bool links_lose(struct account *account, struct link *link,
		const char *reason);
void links_free_all(struct account *account);
/* Says LOGOUT on all; false when there is nobody to say it to. */
bool links_logout(struct account *account);
/* The way to the server may have changed. */
void links_probe(struct account *account);

#endif
