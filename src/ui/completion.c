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
