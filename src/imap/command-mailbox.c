/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that work on mailboxes as such, and ask what one may there. */
#include "command.h"
#include "smew/base.h"

static struct imap_command *about(const char *name, const char *mailbox,
				  GError **error)
{
	struct imap_command *command =
		command_new(COMMAND_PLAIN, name, 0, STATES_LOGGED_IN);

	if (command_string(command, mailbox, error))
		return command;
	imap_command_free(command);
	return NULL;
}

/* Names of RFC 6154 and RFC 8457. */
static const struct {
	enum imap_attribute use;
	const char *name;
} uses[] = {
	{ IMAP_ATTR_ALL, "\\All" },	    { IMAP_ATTR_ARCHIVE, "\\Archive" },
	{ IMAP_ATTR_DRAFTS, "\\Drafts" },   { IMAP_ATTR_FLAGGED, "\\Flagged" },
	{ IMAP_ATTR_JUNK, "\\Junk" },	    { IMAP_ATTR_SENT, "\\Sent" },
	{ IMAP_ATTR_TRASH, "\\Trash" },	    { IMAP_ATTR_IMPORTANT,
					      "\\Important" },
};

struct imap_command *imap_cmd_create(const char *mailbox, uint32_t use,
				     GError **error)
{
	struct imap_command *command = about("CREATE", mailbox, error);

	for (size_t i = 0; command != NULL && i < G_N_ELEMENTS(uses); i++)
		if (use == uses[i].use)
			command_format(command, " (USE (%s))", uses[i].name);
	return command;
}

struct imap_command *imap_cmd_delete(const char *mailbox, GError **error)
{
	return about("DELETE", mailbox, error);
}

struct imap_command *imap_cmd_rename(const char *mailbox, const char *name,
				     GError **error)
{
	struct imap_command *command = about("RENAME", mailbox, error);

	if (command == NULL || command_string(command, name, error))
		return command;
	imap_command_free(command);
	return NULL;
}

struct imap_command *imap_cmd_subscribe(const char *mailbox, bool subscribe,
					GError **error)
{
	return about(subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE", mailbox, error);
}

struct imap_command *imap_cmd_getquotaroot(const char *mailbox, GError **error)
{
	return about("GETQUOTAROOT", mailbox, error);
}

struct imap_command *imap_cmd_myrights(const char *mailbox, GError **error)
{
	return about("MYRIGHTS", mailbox, error);
}
