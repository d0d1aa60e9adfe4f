/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The functions that belong to no pane. */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "background.h"
#include "completion.h"
#include "compose.h"
#include "connections.h"
#include "folders.h"
#include "index.h"
#include "jump.h"
#include "journal.h"
#include "keys.h"
#include "leave.h"
#include "limit.h"
#include "message.h"
#include "pager.h"
#include "outbox.h"
#include "prompt.h"
#include "selection.h"
#include "sidebar.h"
#include "sort.h"
#include "tags.h"
#include "terminal.h"
#include "viewer.h"
#include "wire.h"

/* ---- prompts ---- */

static void command_typed(struct app *app, const char *answer, void *user)
{
	g_autoptr(GError) error = NULL;

	(void)user;
	if (answer != NULL && *answer != '\0' &&
	    !config_run(app->config, answer, &error))
		message_error(app, error->message);
}

static char **complete_command(struct app *app, const char *line,
			       size_t cursor, size_t *start)
{
	char **names = completion_command(app, line, cursor, start);

	return names != NULL ?
		       names :
		       config_complete(app->config, line, cursor, start);
}

static void enter_command(struct app *app)
{
	const struct prompt_line line = {
		.label = ":",
		.history = HISTORY_COMMAND,
		.complete = complete_command,
		.done = command_typed,
	};

	prompt_ask(app, &line);
}

static void folder_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		account_open_text(app, answer);
}

static void change_folder(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Open mailbox: "),
		.history = HISTORY_MAILBOX,
		.complete = completion_folder,
		.done = folder_typed,
	};

	prompt_ask(app, &line);
}

static void shell_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer == NULL)
		return;
	app_run_child(app, *answer != '\0'
				   ? answer
				   : config_string(app->config, NULL, "shell"));
}

static void shell_escape(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Shell command: "),
		.history = HISTORY_SHELL,
		.done = shell_typed,
	};

	prompt_ask(app, &line);
}

/* ---- the palette: any function by its name ---- */

static void palette_chosen(struct app *app, const char *answer, void *user)
{
	const struct function_row *row;

	(void)user;
	if (answer == NULL || *answer == '\0')
		return;
	row = function_find(answer);
	if (row == NULL)
		message_format(app, _("There is no function %s."), answer);
	else if (row->planned)
		message_format(app, _("%s is not available yet"), answer);
	else
		app_run(app, row->op, 0);
}

static char **complete_function(struct app *app, const char *line,
				size_t cursor, size_t *start)
{
	g_autofree char *typed = g_strndup(line, cursor);
	enum keymap map = app_target(app)->ops->map;
	GPtrArray *names = g_ptr_array_new();
	size_t n;
	const struct function_row *table = function_table(&n);

	*start = 0;
	for (size_t i = 0; i < n; i++) {
		if (!table[i].planned && table[i].op != OP_NULL &&
		    (table[i].maps & (1u << map | 1u << MAP_GENERIC)) &&
		    strstr(table[i].name, typed) != NULL)
			g_ptr_array_add(names, g_strdup(table[i].name));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static void palette(struct app *app)
{
	const struct prompt_line line = {
		.label = _("Function (Tab lists them): "),
		.history = HISTORY_SEARCH,
		.complete = complete_function,
		.done = palette_chosen,
	};

	prompt_ask(app, &line);
}

/* ---- cancelling ---- */

void app_cancel(struct app *app)
{
	struct account *account = index_account(app);

	tags_forget_prefix(app);
	if (leave_cancel(app) || compose_cancel(app))
		return;
	if (limit_cancel(app) || selection_cancel(app) || folders_cancel(app))
		return;
	if (account != NULL &&
	    (message_acts(account) || selection_pending_many(app))) {
		session_halt(account->session);
		return;
	}
	if (pager_cancel(app)) {
		message_show(app, _("The message is not fetched any more."));
	} else if (account != NULL && account->session != NULL &&
		   account->works[SESSION_WORK_HEADERS].what != NULL) {
		session_stop(account->session);
		message_show(app, _("Stopped: the rest of the headers comes "
				    "with the next check for mail."));
	}
}

/* ---- others ---- */

static void move_focus(struct app *app, int step)
{
	struct pane *const panes[] = { app->sidebar, app->index, app->pager };
	int here = 0, n = (int)G_N_ELEMENTS(panes);

	while (panes[here] != app->focus)
		here++;
	for (int i = 1; i <= n; i++) {
		struct pane *next = panes[((here + i * step) % n + n) % n];

		if (next == app->pager && !app_pager_shown(app))
			continue;
		if (next->area.h > 0 && next->area.w > 0) {
			app_focus(app, next);
			return;
		}
	}
}

static void toggle_sidebar(struct app *app)
{
	bool shown = app->layout.sidebar.w > 0;

	config_run(app->config,
		   shown ? "set sidebar_visible=no" : "set sidebar_visible=yes",
		   NULL);
}

/* mutt has a list in the place of the index; here the folder pane is it. */
static void browse_mailboxes(struct app *app)
{
	if (app->layout.sidebar.w == 0)
		toggle_sidebar(app);
	app_focus(app, app->sidebar);
}

static void reconnect(struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		/* Where mail can be read, sending may have failed. */
		if (account->session != NULL)
			session_reconnect(account->session);
	}
}

static void check_new(struct app *app)
{
	struct account *account = index_account(app);

	if (account != NULL && account->session != NULL)
		account->check_request = session_check(account->session);
}

static void display_address(struct app *app)
{
	const struct view_row *row = index_current(app);

	if (row != NULL)
		message_show(app, row->from);
}

/* ---- lines of lists ---- */

static void line_answered(struct app *app, const char *answer, void *user)
{
	struct pane *pane = app_target(app);
	gint64 line;

	/* The list may be gone meanwhile. */
	if (answer == NULL || *answer == '\0' || pane != user)
		return;
	if (!g_ascii_string_to_signed(answer, 10, 1,
				      MAX(pane->ops->count(pane), 1), &line,
				      NULL))
		message_error(app, _("There is no line of that number."));
	else if (pane->ops->count(pane) > 0)
		pane->ops->to_line(pane, (int)line - 1);
}

/* The digit typed is the first one of the number, as in the index. */
static void ask_line(struct app *app, int key)
{
	const char digit[2] = { g_ascii_isdigit(key) ? (char)key : '\0' };
	const struct prompt_line line = {
		.label = _("Jump to: "),
		.text = digit,
		.history = HISTORY_NONE,
		.done = line_answered,
		.user = app_target(app),
	};

	if (app_target(app)->ops->count != NULL)
		prompt_ask(app, &line);
	else
		message_show(app, _("That is not possible here."));
}

void functions_run(struct app *app, enum function_op op, int key)
{
	if (op == OP_UNDO && compose_take_back(app))
		return;
	if (sidebar_run(app, op) || sort_run(app, op))
		return;
	if (app->viewer == NULL && (actions_run(app, op) ||
				    tags_run(app, op) || compose_run(app, op)))
		return;
	if (folders_run(app, op))
		return;
	switch (op) {
	case OP_HELP:
		viewer_open_help(app);
		break;
	case OP_ENTER_COMMAND:
		enter_command(app);
		break;
	case OP_SHELL_ESCAPE:
		shell_escape(app);
		break;
	case OP_REFRESH:
		terminal_redraw(app->terminal);
		app_relayout(app);
		break;
	case OP_QUIT:
		leave(app);
		break;
	case OP_EXIT:
		leave_exit(app);
		break;
	case OP_SHOW_VERSION:
		message_show(app, PACKAGE_STRING);
		break;
	case OP_WHAT_KEY:
		keys_tell(app);
		break;
	case OP_OUTBOX:
		outbox_open_pane(app);
		break;
	case OP_BACKGROUND_COMPOSE_MENU:
		background_open(app);
		break;
	case OP_ERROR_HISTORY:
		viewer_open_messages(app);
		break;
	case OP_WIRE:
		wire_open(app);
		break;
	case OP_JOURNAL:
		journal_open_pane(app);
		break;
	case OP_OFFLINE:
	case OP_ONLINE:
		accounts_go_offline(app, op == OP_OFFLINE);
		break;
	case OP_CONNECTIONS:
		connections_open(app);
		break;
	case OP_FOCUS_NEXT:
		move_focus(app, 1);
		break;
	case OP_FOCUS_PREVIOUS:
		move_focus(app, -1);
		break;
	case OP_COMMAND_PALETTE:
		palette(app);
		break;
	case OP_CHANGE_FOLDER:
	case OP_CHANGE_FOLDER_READONLY:
		change_folder(app);
		break;
	case OP_CHANGE_FOLDER_FUZZY:
		jump_ask(app);
		break;
	case OP_JUMP:
		ask_line(app, key);
		break;
	case OP_CHECK_NEW:
	case OP_IMAP_FETCH_MAIL:
		check_new(app);
		break;
	case OP_RETRY_CONNECTION:
		reconnect(app);
		break;
	case OP_SIDEBAR_TOGGLE_VISIBLE:
		toggle_sidebar(app);
		break;
	case OP_BROWSE_MAILBOXES:
		browse_mailboxes(app);
		break;
	case OP_DISPLAY_ADDRESS:
		display_address(app);
		break;
	default:
		message_show(app, _("That is not possible here."));
		break;
	}
}
