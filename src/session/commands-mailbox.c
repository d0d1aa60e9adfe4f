/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about mailboxes as such. */
#include "config.h"

#include "calls.h"

bool link_leave(struct link *link, link_ended ended, void *user)
{
	if (link->selection == 0)
		return false;
	link->selection = 0;
	if (imap_has(link->imap, IMAP_CAP_UNSELECT))
		call_send(link, imap_cmd_unselect(), NULL, ended, user);
	else
		link_noop(link, ended, user);
	return true;
}

static const struct {
	enum store_role role;
	uint32_t use;
} uses[] = {
	{ STORE_ROLE_ALL, IMAP_ATTR_ALL },
	{ STORE_ROLE_ARCHIVE, IMAP_ATTR_ARCHIVE },
	{ STORE_ROLE_DRAFTS, IMAP_ATTR_DRAFTS },
	{ STORE_ROLE_FLAGGED, IMAP_ATTR_FLAGGED },
	{ STORE_ROLE_JUNK, IMAP_ATTR_JUNK },
	{ STORE_ROLE_SENT, IMAP_ATTR_SENT },
	{ STORE_ROLE_TRASH, IMAP_ATTR_TRASH },
	{ STORE_ROLE_IMPORTANT, IMAP_ATTR_IMPORTANT },
};

void link_create(struct link *link, const char *mailbox, enum store_role role,
		 link_ended ended, void *user)
{
	GError *error = NULL;
	uint32_t use = 0;
	struct imap_command *command;

	for (size_t i = 0; i < G_N_ELEMENTS(uses); i++)
		if (uses[i].role == role &&
		    imap_has(link->imap, IMAP_CAP_CREATE_SPECIAL_USE))
			use = uses[i].use;
	command = imap_cmd_create(mailbox, use, &error);
	call_send(link, command, error, ended, user);
}

void link_delete(struct link *link, const char *mailbox, link_ended ended,
		 void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_delete(mailbox, &error);

	call_send(link, command, error, ended, user);
}

void link_rename(struct link *link, const char *mailbox, const char *name,
		 link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_rename(mailbox, name, &error);

	call_send(link, command, error, ended, user);
}

void link_subscribe(struct link *link, const char *mailbox, bool subscribe,
		    link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command =
		imap_cmd_subscribe(mailbox, subscribe, &error);

	call_send(link, command, error, ended, user);
}

void link_list(struct link *link, bool subscribed, bool extended,
	       link_ended ended, void *user)
{
	GError *error = NULL;
	struct imap_command *command;
	unsigned options = 0;

	if (extended) {
		options = IMAP_LIST_CHILDREN | IMAP_LIST_SUBSCRIBED;
		if (imap_has(link->imap, IMAP_CAP_SPECIAL_USE))
			options |= IMAP_LIST_SPECIAL_USE;
		if (link_offers_list_status(link))
			options |= IMAP_LIST_STATUS;
		if (subscribed)
			options |= IMAP_LIST_SUBSCRIBED_ONLY;
	}
	if (subscribed && !extended)
		command = imap_cmd_lsub("", "*", &error);
	else
		command = imap_cmd_list(
			"", "*", options,
			IMAP_STATUS_MESSAGES | IMAP_STATUS_UNSEEN, &error);
	call_send(link, command, error, ended, user);
}

void link_list_one(struct link *link, const char *mailbox, link_ended ended,
		   void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_list("", mailbox, 0, 0, &error);

	call_send(link, command, error, ended, user);
}

void link_status(struct link *link, const char *mailbox, link_ended ended,
		 void *user)
{
	GError *error = NULL;
	struct imap_command *command = imap_cmd_status(
		mailbox, IMAP_STATUS_MESSAGES | IMAP_STATUS_UNSEEN, &error);

	call_send(link, command, error, ended, user);
}

void link_namespace(struct link *link)
{
	if (imap_has(link->imap, IMAP_CAP_NAMESPACE))
		call_send(link, imap_cmd_namespace(), NULL, NULL, NULL);
}

bool link_ask_standing(struct link *link, const char *mailbox)
{
	bool rights = imap_has(link->imap, IMAP_CAP_ACL);
	bool quota = imap_has(link->imap, IMAP_CAP_QUOTA);
	GError *error = NULL;
	struct imap_command *command;

	if (rights) {
		command = imap_cmd_myrights(mailbox, &error);
		call_send(link, command, error, NULL, NULL);
		error = NULL;
	}
	if (quota) {
		command = imap_cmd_getquotaroot(mailbox, &error);
		call_send(link, command, error, NULL, NULL);
	}
	return rights || quota;
}
