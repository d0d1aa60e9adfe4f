/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that come from other accounts, on the side of the account that they
 * come to: one after the other, on a connection that nothing urgent waits for.
 * Nothing of it is kept here over a restart: what became of a message whose
 * end is not known is asked again by the account that it comes from.
 */
#ifndef SMEW_SESSION_ARRIVAL_H
#define SMEW_SESSION_ARRIVAL_H

#include "account.h"
#include "events.h"

struct arrivals;
struct session_parcel;

struct arrivals *arrivals_new(void);
void arrivals_free(struct arrivals *arrivals);
/* Takes a parcel that asks for something. */
void arrival_take(struct account *account, struct session_parcel *parcel);
/* A step of the work queue (work.h). */
bool arrival_step(struct link *link);
/* The account is offline. */
void arrivals_lost(struct account *account);
/* It is online, or a mailbox was made: those who were told that it cannot be
 * now are told to ask again. */
void arrivals_ready(struct account *account);
/* A mailbox is looked into on this connection: none is opened on it. */
bool arrival_looks_on(const struct link *link);
/* An answer that tells of a message's identity. */
void arrival_fetched(struct link *link, const struct events_fetch *fetch);
/* Whether a message with this id came from another account in this run. */
bool arrival_brought(const struct account *account, const char *message_id);

#endif
