/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands about mailboxes as such: made, renamed, deleted, subscribed to. */
#include "private.h"

#include <string.h>

/* The next word, owned; NULL: there is none, which is an error. */
static char *name_word(struct context *context, struct lexer *lexer,
		       const char *what)
{
	if (!lexer_more(lexer)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("%s is missing"), what);
		return NULL;
	}
	return lexer_word(lexer, 0) ? g_strdup(lexer->word->str) : NULL;
}

static bool ask_host(struct context *context, enum command_folder what,
		     const char *mailbox, const char *name)
{
	const struct command_host *host = &context->config->host;
	GError *error = NULL;

	if (host->folder == NULL) {
		context_error(context, COMMAND_ERROR_SCOPE,
			      _("that is for the prompt: there is no server "
				"yet"));
		return false;
	}
	if (host->folder(host->user, what, mailbox, name, &error))
		return true;
	context_fail(context, error);
	return false;
}

bool command_folder(struct context *context, struct lexer *lexer, int what)
{
	g_autofree char *mailbox = NULL, *name = NULL;

	if ((what != COMMAND_FOLDER_EMPTY && what != COMMAND_FOLDER_EXPUNGE) ||
	    lexer_more(lexer)) {
		mailbox = name_word(context, lexer, _("the mailbox"));
		if (mailbox == NULL)
			return false;
	}
	if (what == COMMAND_FOLDER_RENAME ||
	    (what == COMMAND_FOLDER_CREATE && lexer_more(lexer))) {
		name = name_word(context, lexer, _("the new name"));
		if (name == NULL)
			return false;
	}
	return ask_host(context, (enum command_folder)what, mailbox, name);
}
