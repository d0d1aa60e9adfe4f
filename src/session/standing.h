/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the reader may do in the open mailbox (RFC 4314), and how much room is
 * left (RFC 9208). Asked for when its first rows are there, in the flight of
 * whatever comes next; nothing waits for it.
 */
#ifndef SMEW_SESSION_STANDING_H
#define SMEW_SESSION_STANDING_H

#include "account.h"
#include "link.h"

struct imap_quota;
struct imap_quotaroot;
struct imap_rights;
struct standing;

struct standing *standing_new(void);
void standing_free(struct standing *standing);
/* The room that is left may be another one now. */
void standing_changed(struct account *account);
bool standing_step(struct link *link);

/* ---- untagged data ---- */

void standing_rights(struct account *account, const struct imap_rights *rights);
void standing_roots(struct account *account,
		    const struct imap_quotaroot *roots);
void standing_quota(struct account *account, const struct imap_quota *quota);

/* How full, in percent, whatever the numbers (imap-traps 100). */
unsigned standing_percent(uint64_t usage, uint64_t limit);

#endif
