/* SPDX-License-Identifier: GPL-3.0-or-later */
/* outbox-mail: copies of what is to be sent. */
#include "config.h"

#include "smew/outbox.h"

struct outbox_mail *outbox_mail_copy(const struct outbox_mail *mail)
{
	struct outbox_mail *copy = g_memdup2(mail, sizeof(*mail));

	copy->path = g_strdup(mail->path);
	copy->sender = g_strdup(mail->sender);
	copy->recipients = (const char *const *)g_strdupv(
		(char **)(uintptr_t)mail->recipients);
	copy->subject = g_strdup(mail->subject);
	copy->message_id = g_strdup(mail->message_id);
	copy->fcc = g_strdup(mail->fcc);
	copy->fcc_header = g_strdup(mail->fcc_header);
	copy->original.mailbox = g_strdup(mail->original.mailbox);
	copy->original.message_id = g_strdup(mail->original.message_id);
	copy->draft.mailbox = g_strdup(mail->draft.mailbox);
	copy->draft.message_id = g_strdup(mail->draft.message_id);
	copy->dsn_notify = g_strdup(mail->dsn_notify);
	copy->dsn_return = g_strdup(mail->dsn_return);
	return copy;
}

void outbox_mail_free(struct outbox_mail *copy)
{
	const char *strings[11];

	if (copy == NULL)
		return;
	strings[0] = copy->path;
	strings[1] = copy->sender;
	strings[2] = copy->subject;
	strings[3] = copy->message_id;
	strings[4] = copy->fcc;
	strings[5] = copy->fcc_header;
	strings[6] = copy->original.mailbox;
	strings[7] = copy->original.message_id;
	strings[8] = copy->draft.mailbox;
	strings[9] = copy->draft.message_id;
	strings[10] = copy->dsn_notify;
	for (size_t i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free((gpointer)strings[i]);
	g_free((gpointer)copy->dsn_return);
	g_strfreev((char **)(uintptr_t)copy->recipients);
	g_free(copy);
}
