/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that go to mailboxes of other accounts, on the side of the account
 * that they come from: its journal alone says how far they are. What has to be
 * done over there is asked of that account's session by parcels.
 *
 * The message is fetched by a run in its mailbox, like all that is made anew
 * (remake.c). While it is not known whether its copy is there, and when
 * something is to be done with a message that is there already, the place of
 * an item is the mailbox over there: carry_step() goes on with these.
 */
#ifndef SMEW_SESSION_CARRY_H
#define SMEW_SESSION_CARRY_H

#include "account.h"
#include "events.h"

struct session_parcel;

/* Begins what waits at a place abroad; one at a time. */
void carry_step(struct account *account);
/* An answer, or that an account can be reached again; takes it. */
void carry_parcel(struct account *account, struct session_parcel *parcel);
/* Runs that wait for an answer end: none will come any more. */
void carry_close(struct account *account);

#endif
