/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the user does with mailboxes as such: into the journal at once and
 * shown, to the server (manage.c) when it is its turn.
 */
#ifndef SMEW_SESSION_DEEDS_H
#define SMEW_SESSION_DEEDS_H

#include "account.h"
#include "manage.h"

/* Takes the request: REQUEST_FOLDER of a verb that goes into the journal. */
void deeds_request(struct account *account, struct request *request);
/* What a reader asks may name a mailbox as it was called a moment ago. */
void deeds_follow(struct account *account, struct request *request);
/* All that is known to be in the mailbox is removed later: SESSION_EMPTY
 * without a server. Takes the request. */
void deeds_empty(struct account *account, struct request *request);
/* The journal has changed: what waits is read anew and shown. */
void deeds_changed(struct account *account);
/* The next one whose turn it is, as a job without a request; NULL: none. */
struct job *deeds_next(struct account *account);
/* Notes that its command goes out. False: it was taken back. */
bool deeds_claim(const struct job *job);
/* The mailbox has yet to be made: nobody can select it. */
bool deeds_makes(const struct account *account, const char *mailbox);

/* ---- its end ---- */

/* Done; with 'from' the server has given that mailbox the name 'to'. */
void deeds_done(struct job *job, const char *from, const char *to);
void deeds_refused(const struct job *job, const char *reason);
/* It waits on; after a while, when the server said so. */
void deeds_put_off(const struct job *job, const struct link_end *end);

#endif
