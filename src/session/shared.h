/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shared: what another process on the same account writes into the cache is
 * seen here, too. The server tells this one nothing new then: its own news are
 * in the cache already when they come.
 */
#ifndef SMEW_SESSION_SHARED_H
#define SMEW_SESSION_SHARED_H

struct account;

/* With the account's cache open; where files cannot be watched, nothing. */
void shared_open(struct account *account);
void shared_close(struct account *account);

#endif
