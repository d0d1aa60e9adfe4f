/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes that somebody looks into while another one is open. */
#ifndef SMEW_SESSION_LOOK_H
#define SMEW_SESSION_LOOK_H

#include "account.h"
#include "request.h"

struct box;

/* Takes the request: REQUEST_LOOK. */
void look_request(struct account *account, struct request *request);
/* Whether it was there. */
bool look_cancel(struct account *account, uint32_t id);
/* There is no connection, and none soon. */
void look_fail(struct account *account);
/* The mailbox to be looked into next that is not the open one; NULL: none. */
const char *look_errand(struct account *account);
/* 'box' is that mailbox: it ends the requests when its first rows are there. */
void look_take(struct account *account, struct box *box);

#endif
