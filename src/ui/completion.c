/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "completion.h"
#include "index.h"

/* "=NAME" of the current account, "ACCOUNT:NAME" of the others. */
static void add_names(const struct app *app, const struct account *account,
		      const char *typed, GPtrArray *names)
{
	bool here = index_account(app) == account;

	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *mailbox =
			g_ptr_array_index(account->folders, i);
		char *name = here ? g_strconcat("=", mailbox->display, NULL)
				  : g_strconcat(account->name, ":",
						mailbox->display, NULL);

		if (g_str_has_prefix(name, typed))
			g_ptr_array_add(names, name);
		else
			g_free(name);
	}
}

char **completion_folder(struct app *app, const char *line, size_t cursor,
			 size_t *start)
{
	g_autofree char *typed = g_strndup(line, cursor);
	g_autofree char *plain =
		strchr("=+", *typed) == NULL && strchr(typed, ':') == NULL
			? g_strconcat("=", typed, NULL)
			: g_strdup(typed);
	GPtrArray *names = g_ptr_array_new();

	if (*plain == '+')
		*plain = '=';
	*start = 0;
	for (guint i = 0; i < app->accounts->len; i++)
		add_names(app, g_ptr_array_index(app->accounts, i),
			  *plain != '\0' ? plain : "=", names);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static bool is_about_mailboxes(const char *command, size_t length)
{
	static const char *const commands[] = {
		"create",	     "delete",		    "rename",
		"empty-trash",	     "expunge-marked",	    "subscribe-to",
		"unsubscribe-from",  "sidebar_pin",	    "sidebar_unpin",
		"sidebar_whitelist", "unsidebar_whitelist",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (strlen(commands[i]) == length &&
		    strncmp(commands[i], command, length) == 0)
			return true;
	return false;
}

/* Names with blanks are quoted; the quote is kept where it was typed. */
char **completion_command(struct app *app, const char *line, size_t cursor,
			  size_t *start)
{
	const char *command = line + strspn(line, " ");
	size_t length = strcspn(command, " ");
	size_t word = cursor, from;
	bool quoted;
	char **names;

	if (command + length >= line + cursor ||
	    !is_about_mailboxes(command, length))
		return NULL;
	while (word > 0 && strchr(" \"'", line[word - 1]) == NULL)
		word--;
	quoted = word > 0 && line[word - 1] != ' ';
	names = completion_folder(app, line + word, cursor - word, &from);
	*start = word + from;
	for (char **name = names; *name != NULL && !quoted; name++) {
		char *whole = strchr(*name, ' ') != NULL ?
				      g_strdup_printf("\"%s\"", *name) :
				      g_strdup(*name);

		g_free(*name);
		*name = whole;
	}
	return names;
}

char **completion_file(struct app *app, const char *line, size_t cursor,
		       size_t *start)
{
	/* The names of files are completed as those of `source` are. */
	static const char before[] = "source ";
	g_autofree char *command = g_strconcat(before, line, NULL);
	char **found;

	found = config_complete(app->config, command,
				cursor + strlen(before), start);
	*start = *start >= strlen(before) ? *start - strlen(before) : 0;
	return found;
}
