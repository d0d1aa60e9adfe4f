/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies on demand (DESIGN 9.3): what session_fetch() asks for. */
#ifndef SMEW_SESSION_BODY_H
#define SMEW_SESSION_BODY_H

#include "account.h"
#include "events.h"

/* Takes the request. */
void body_request(struct account *account, struct request *request);
/* Whether it was there. */
bool body_cancel(struct account *account, uint32_t id);
bool body_step(struct account *account);
/* A FETCH answer with sections of a body. */
void body_fetched(struct account *account, const struct events_fetch *fetch);
/* The connection is gone: what was tried often enough fails. */
void body_lost(struct account *account);
/* Another mailbox is open now. */
void body_left(struct account *account);
void body_quit(struct account *account);

#endif
