/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "formats.h"
#include "hooks.h"
#include "message.h"
#include "people.h"

/* A hook may open a mailbox, whose hooks may open another. */
enum { DEPTH_MAX = 3 };

static void run(struct app *app, const char *command)
{
	g_autoptr(GError) error = NULL;

	if (!config_run(app->config, command, &error))
		message_error(app, error->message);
}

/* Copies of the commands: running one may change the list. */
static GPtrArray *commands_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

static void run_all(struct app *app, const GPtrArray *commands)
{
	for (guint i = 0; i < commands->len; i++)
		run(app, g_ptr_array_index(commands, i));
}

/* ---- mailboxes ---- */

static bool finds(const struct query_regex *regex, const char *text)
{
	size_t start, end;

	return query_regex_find(regex, text, strlen(text), 0, &start, &end);
}

/* By any of the names that a user may have for it. */
static bool folder_matches(const struct account *account,
			   const struct config_hook *hook, const char *display)
{
	struct query_regex *regex = query_regex_new(hook->pattern, NULL);
	g_autofree char *equal = g_strconcat("=", display, NULL);
	g_autofree char *plus = g_strconcat("+", display, NULL);
	g_autofree char *named =
		g_strconcat(account->name, ":", display, NULL);
	bool found = strcmp(hook->pattern, equal) == 0 ||
		     strcmp(hook->pattern, plus) == 0;

	if (regex != NULL)
		found = found || finds(regex, display) ||
			finds(regex, equal) || finds(regex, named);
	query_regex_free(regex);
	return found != hook->not;
}

void hooks_folder(struct account *account, const char *display)
{
	struct app *app = account->app;
	g_autoptr(GPtrArray) hooks =
		config_hooks(app->config, account->name, HOOK_FOLDER);
	g_autoptr(GPtrArray) commands = commands_new();

	if (app->hooks_depth >= DEPTH_MAX)
		return;
	for (guint i = 0; i < hooks->len; i++) {
		const struct config_hook *hook = g_ptr_array_index(hooks, i);

		if (folder_matches(account, hook, display))
			g_ptr_array_add(commands, g_strdup(hook->command));
	}
	app->hooks_depth++;
	run_all(app, commands);
	app->hooks_depth--;
}

/* ---- messages ---- */

struct query_message hooks_row(const struct view_row *row)
{
	return (struct query_message){
		.from = row->from,
		.to = row->to,
		.cc = row->cc,
		.subject = row->subject,
		.list = row->list_id,
		.label = row->keywords,
		.sent = row->sent,
		.received = row->received,
		.size = row->size,
		.id = row->message_id,
	};
}

static bool message_matches(const struct account *account,
			    const struct config_hook *hook,
			    const struct query_message *message)
{
	struct app *app = account->app;
	g_autofree char *from = people_from(app, account->name);
	g_autoptr(GPtrArray) list = mail_addresses_read(from);
	const struct mail_address *own =
		list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
	const char *const mine[] = { own != NULL ? own->email : NULL, NULL };
	const struct query_context context = {
		.now = g_get_real_time() / G_USEC_PER_SEC,
		.simple = config_string(app->config, NULL, "default_hook"),
		.mine = mine,
		.group = config_group,
		.user = app->config,
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(query_t) query = NULL;

	/* mutt's word for every message. */
	if (strcmp(hook->pattern, ".") == 0)
		return !hook->not;
	query = query_new(hook->pattern, &context, &error);
	if (query == NULL) {
		message_error(app, error->message);
		return false;
	}
	return query_matches(query, message) != hook->not;
}

void hooks_message(struct account *account, enum hook_kind kind,
		   const struct query_message *message)
{
	struct app *app = account->app;
	g_autoptr(GPtrArray) hooks =
		config_hooks(app->config, account->name, kind);
	g_autoptr(GPtrArray) commands = commands_new();

	for (guint i = 0; i < hooks->len; i++) {
		const struct config_hook *hook = g_ptr_array_index(hooks, i);

		if (message_matches(account, hook, message))
			g_ptr_array_add(commands, g_strdup(hook->command));
	}
	run_all(app, commands);
}

char *hooks_mailbox(struct account *account, enum hook_kind kind,
		    const struct query_message *message)
{
	g_autoptr(GPtrArray) hooks =
		config_hooks(account->app->config, account->name, kind);

	for (guint i = 0; i < hooks->len; i++) {
		const struct config_hook *hook = g_ptr_array_index(hooks, i);

		if (message_matches(account, hook, message))
			return g_strdup(hook->command);
	}
	return NULL;
}

/* ---- mailboxes for messages ---- */

char *hooks_named_after(const struct account *account, const char *addresses)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(addresses);
	const struct mail_address *a =
		list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
	g_autofree char *folded = NULL;
	bool whole = config_bool(account->app->config, account->name,
				 "save_address");

	if (a == NULL || *a->email == '\0')
		return NULL;
	folded = g_utf8_strdown(a->email, -1);
	/* No address makes a mailbox below another one. */
	g_strdelimit(folded, "/", '_');
	return whole ? g_steal_pointer(&folded)
		     : g_strndup(folded, strcspn(folded, "@"));
}

char *hooks_save(struct account *account, const struct view_row *row)
{
	const struct query_message message = hooks_row(row);
	g_autofree char *hook = hooks_mailbox(account, HOOK_SAVE, &message);
	g_autofree char *name = NULL;

	/* As in mutt the name may be made of what the message is. */
	if (hook != NULL)
		return strchr(hook, '%') != NULL
			       ? format_message(account->app, hook, row)
			       : g_steal_pointer(&hook);
	if (!config_bool(account->app->config, account->name, "save_address"))
		return g_strdup("");
	name = hooks_named_after(account, row->from);
	return name != NULL ? g_strconcat("=", name, NULL) : g_strdup("");
}
