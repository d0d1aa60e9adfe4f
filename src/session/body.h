/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies on demand (DESIGN 9.3): what session_fetch() asks for. */
#ifndef SMEW_SESSION_BODY_H
#define SMEW_SESSION_BODY_H

#include "account.h"
#include "events.h"
#include "link.h"

/* Takes the request. */
void body_request(struct account *account, struct request *request);
/* Whether it was there. */
bool body_cancel(struct account *account, uint32_t id);
bool body_step(struct link *link);
/* A FETCH answer with sections of a body. */
void body_fetched(struct link *link, const struct events_fetch *fetch);
/* The connections are gone: what was tried often enough fails. */
void body_lost(struct account *account);
/* One is gone (already freed), others live. */
void body_link_lost(struct account *account, const struct link *link);
/* The mailbox cannot be opened. */
void body_refused(struct account *account, const char *mailbox,
		  const char *text);
/* Whether a message of this mailbox is wanted. */
bool body_waits(const struct account *account, const char *mailbox);
/* A mailbox that is not open, with a message that is wanted; NULL: none. */
const char *body_errand(const struct account *account);
/* Another mailbox is open now. */
void body_left(struct account *account);
void body_quit(struct account *account);

#endif
