/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of mailboxes, and the counts of those that are not open. */
#ifndef SMEW_SESSION_FOLDERS_H
#define SMEW_SESSION_FOLDERS_H

#include "account.h"
#include "link.h"

struct folders;

struct folders *folders_new(void);
void folders_free(struct folders *folders);
/* A connection is ready: the list and the counts are due. */
void folders_online(struct account *account);
void folders_lost(struct account *account);
/* Asks again, at once. */
void folders_check(struct account *account);
/* One connection is gone, others live. */
void folders_link_lost(struct account *account, const struct link *link);
/* NOTIFY has begun, or there is none any more: counts are told of, or asked
 * for now and then. */
void folders_notify(struct account *account);
bool folders_step(struct link *link);
/* A list has come since the start, and no other one is due. */
bool folders_known(const struct account *account);
/* Names are known, from the server or as the cache recalls them. */
bool folders_names_known(const struct account *account);
/* What the cache says of names, before the server does. */
void folders_recall(struct account *account);
/* A LIST is under way: it tells of the names as they were. */
bool folders_listing(const struct account *account);

/* ---- what is known of names ---- */

struct name_rules;
/* Borrowed until the next list or NAMESPACE. 'known': whether the server said
 * below which prefix the user's mailboxes are. */
void folders_rules(const struct account *account, struct name_rules *rules,
		   bool *known);
/* Whether all but INBOX is below INBOX, as far as the list tells. */
bool folders_below_inbox(const struct account *account);
/* Subscribed names (of char *, owned) within 'mailbox'. */
GPtrArray *folders_subscribed(const struct account *account,
			      const char *mailbox);

/* ---- untagged data ---- */

/* A LIST or LSUB line; takes over 'mailbox'. */
void folders_listed(struct account *account, struct store_mailbox *mailbox);
/* Something changed in a mailbox that is not open (NOTIFY): its counts are
 * asked for. */
void folders_told(struct account *account, const char *mailbox);
struct imap_namespaces;
void folders_namespaces(struct account *account,
			const struct imap_namespaces *namespaces);
void folders_counted(struct account *account, const char *mailbox,
		     uint32_t messages, uint32_t unseen);

#endif
