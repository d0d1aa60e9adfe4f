/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts' sessions and views, and what they post. */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "compose.h"
#include "connections.h"
#include "folders.h"
#include "hooks.h"
#include "index.h"
#include "journal.h"
#include "lag.h"
#include "leave.h"
#include "limit.h"
#include "message.h"
#include "outbox.h"
#include "pager.h"
#include "people.h"
#include "question.h"
#include "recall.h"
#include "rights.h"
#include "save.h"
#include "selection.h"
#include "sidebar.h"
#include "terminal.h"
#include "wire.h"

/* ---- life ---- */

static void account_free(gpointer data)
{
	struct account *account = data;

	/* The writer goes last: it folds the cache into one file. */
	view_free(account->view);
	session_free(account->session);
	g_clear_pointer(&account->folders, g_ptr_array_unref);
	g_free(account->name);
	g_free(account->wanted);
	g_clear_pointer(&account->people, g_ptr_array_unref);
	actions_forget_errand(account);
	g_free(account->reason);
	rights_release(account);
	for (int i = 0; i < SESSION_WORKS; i++)
		g_free(account->works[i].what);
	g_free(account);
}

/* Mail can be read without a way to send it. */
static void check_sending(struct app *app, const char *name)
{
	struct account_sending way;
	g_autoptr(GError) error = NULL;

	if (!config_account_sending(app->config, name, &way, &error))
		message_error(app, error->message);
	account_sending_clear(&way);
}

static void account_start(struct app *app, const char *name)
{
	struct account *account = g_new0(struct account, 1);
	g_autofree char *dir = path_cache_dir(name);
	g_autoptr(GError) error = NULL;
	int rows, cols;

	terminal_size(app->terminal, &rows, &cols);
	account->app = app;
	account->name = g_strdup(name);
	account->view = view_new(name, dir, app->box);
	g_ptr_array_add(app->accounts, account);
	account->session = ui_session_new(app->config, name,
					  app->options->read_only,
					  (unsigned)rows, app->box, &error);
	if (account->session != NULL)
		account->phase = SESSION_CONNECTING;
	else
		message_error(app, error->message);
	check_sending(app, name);
	account->folders_request = view_folders(account->view);
}

void accounts_start(struct app *app)
{
	g_auto(GStrv) names = config_accounts(app->config);

	app->accounts = g_ptr_array_new_with_free_func(account_free);
	for (char **name = names; *name != NULL; name++)
		account_start(app, *name);
}

void accounts_stop(struct app *app)
{
	g_clear_pointer(&app->accounts, g_ptr_array_unref);
}

void accounts_wake(struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL)
			session_wake(account->session);
	}
}

unsigned account_waiting(const struct account *account)
{
	gint64 since = g_get_monotonic_time() - account->waits_since;

	return account->phase != SESSION_ONLINE || since > G_USEC_PER_SEC
		       ? account->waiting
		       : 0;
}

bool accounts_tick(const struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *account =
			g_ptr_array_index(app->accounts, i);

		if (account->waiting > 0 && account_waiting(account) == 0)
			return true;
	}
	return false;
}

void accounts_go_offline(struct app *app, bool offline)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (account->session != NULL)
			session_offline(account->session, offline);
	}
}

struct account *account_find(const struct app *app, const char *name)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);

		if (strcmp(account->name, name) == 0)
			return account;
	}
	return NULL;
}

/* ---- opening ---- */

const struct store_mailbox *account_mailbox(const struct account *account,
					    const char *name)
{
	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *mailbox =
			g_ptr_array_index(account->folders, i);

		if (strcmp(mailbox->name, name) == 0)
			return mailbox;
	}
	return NULL;
}

const struct store_mailbox *account_by_display(const struct account *account,
					       const char *display)
{
	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *m =
			g_ptr_array_index(account->folders, i);

		if (strcmp(m->display, display) == 0 ||
		    (m->role == STORE_ROLE_INBOX &&
		     g_ascii_strcasecmp(display, "INBOX") == 0))
			return m;
	}
	return NULL;
}

const struct store_mailbox *account_by_role(const struct account *account,
					    enum store_role role)
{
	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *m =
			g_ptr_array_index(account->folders, i);

		if (m->role == role)
			return m;
	}
	return NULL;
}

const struct store_mailbox *account_trash(const struct account *account)
{
	const struct app *app = account->app;
	const char *option =
		config_string(app->config, account->name, "trash");
	g_autofree char *owner = NULL, *name = NULL;
	g_autoptr(GError) error = NULL;
	const struct store_mailbox *trash;

	if (*option == '\0')
		return account_by_role(account, STORE_ROLE_TRASH);
	if (!config_mailbox_name(app->config, account->name, option, &owner,
				 &name, &error)) {
		message_error(account->app, error->message);
		return NULL;
	}
	if (strcmp(owner, account->name) != 0) {
		message_error(account->app,
			      _("That mailbox is of another account."));
		return NULL;
	}
	trash = account_by_display(account, name);
	if (trash == NULL)
		message_format(account->app, _("There is no mailbox %s."),
			       name);
	return trash;
}

void account_enter(struct account *account, const char *name,
		   const char *display)
{
	struct app *app = account->app;

	if (app_pager_shown(app))
		app_show_pager(app, false);
	g_clear_pointer(&account->wanted, g_free);
	hooks_folder(account, display);
	index_open(app, account, name, display);
	sidebar_follow(app);
	if (account->session != NULL)
		account->open_request = session_open(account->session, name);
}

void account_open_wire(struct account *account, const char *name,
		       const char *display)
{
	leave_mailbox(account, name, display);
}

/* Modified UTF-7 leaves plain ASCII as it is, but for `&`. */
static bool is_own_wire_name(const char *display)
{
	for (; *display != '\0'; display++) {
		if (*display < ' ' || *display > '~' || *display == '&')
			return false;
	}
	return true;
}

void account_open(struct account *account, const char *display)
{
	const struct store_mailbox *mailbox = account_by_display(account, display);

	if (g_ascii_strcasecmp(display, "INBOX") == 0)
		account_open_wire(account, "INBOX", "INBOX");
	else if (mailbox != NULL)
		account_open_wire(account, mailbox->name, mailbox->display);
	else if (is_own_wire_name(display))
		account_open_wire(account, display, display);
	else if (account->folders != NULL && account->folders->len > 0)
		message_format(account->app, _("There is no mailbox %s."),
			       display);
	else {
		g_free(account->wanted);
		account->wanted = g_strdup(display);
	}
}

void account_open_text(struct app *app, const char *text)
{
	struct account *current = index_account(app);
	g_autofree char *name = NULL, *mailbox = NULL;
	g_autoptr(GError) error = NULL;
	struct account *account;

	if (!config_mailbox_name(app->config,
				 current != NULL ? current->name : "default",
				 text, &name, &mailbox, &error)) {
		message_error(app, error->message);
		return;
	}
	account = account_find(app, name);
	if (account == NULL)
		message_format(app, _("There is no account %s."), name);
	else
		account_open(account, mailbox);
}

/* ---- posts ---- */

static void got_folders(struct account *account, struct view_folders *answer)
{
	struct app *app = account->app;
	g_autofree char *wanted = NULL;

	if (answer->request != account->folders_request)
		return;
	g_clear_pointer(&account->folders, g_ptr_array_unref);
	account->folders = g_ptr_array_ref(answer->list);
	sidebar_refresh(app);
	actions_folders(account);
	recall_known(app, account);
	if (account->wanted != NULL && account->folders->len > 0) {
		wanted = g_steal_pointer(&account->wanted);
		account_open(account, wanted);
	}
}

static void got_done(struct account *account, const struct session_done *done)
{
	struct app *app = account->app;

	if (outbox_done(app, done) || pager_fetched(app, done) ||
	    recall_done(app, done) ||
	    compose_fetched(app, done) || folders_done(app, account, done))
		return;
	selection_done(app, account, done);
	actions_done(account, done);
	if (done->request == account->check_request) {
		account->check_request = 0;
		if (done->result == SESSION_OK)
			message_show(app, _("Checked for new mail."));
	}
	if (done->result == SESSION_FAILED && done->text != NULL &&
	    account->phase == SESSION_ONLINE)
		message_error(app, done->text);
}

static void got_state(struct account *account, struct session_state *state)
{
	bool back = state->phase == SESSION_ONLINE &&
		    account->phase != SESSION_ONLINE;

	if (state->phase == SESSION_OFFLINE &&
	    account->phase == SESSION_ONLINE)
		message_yield(account->app);
	account->phase = state->phase;
	/* While it is tried again, why it went wrong stays to be read. */
	if (state->phase != SESSION_CONNECTING) {
		g_free(account->reason);
		account->reason = g_steal_pointer(&state->reason);
	}
	account->retry_at = state->retry_at;
	account->read_only = state->read_only;
	account->security = state->security;
	if (back)
		pager_online(account->app, account);
	recall_known(account->app, account);
	app_dirty(account->app);
}

static void got_progress(struct account *account,
			 struct session_progress *progress)
{
	struct work_state *work = &account->works[progress->work];

	g_free(work->what);
	work->what = progress->total > 0 ? g_steal_pointer(&progress->what)
					 : NULL;
	work->done = progress->done;
	work->total = progress->total;
	app_dirty(account->app);
}

static void got_actions(struct account *account,
			const struct session_actions *actions)
{
	if (account->waiting == 0)
		account->waits_since = g_get_monotonic_time();
	account->waiting = actions->waiting;
	account->refused = actions->refused;
	account->most_waiting =
		actions->waiting > 0
			? MAX(account->most_waiting, actions->waiting)
			: 0;
	journal_changed_in(account->app, account);
	app_dirty(account->app);
}

static void got_new_mail(struct account *account,
			 const struct session_event *event)
{
	struct app *app = account->app;
	const struct store_mailbox *mailbox =
		account_mailbox(account, event->mailbox);

	message_format(app, _("New mail in %s."),
		       mailbox != NULL ? mailbox->display : event->mailbox);
	if (config_bool(app->config, NULL, "beep_new"))
		terminal_beep(app->terminal);
}

static void got_event(struct account *account,
		      const struct session_event *event)
{
	struct app *app = account->app;

	switch (event->post.kind) {
	case SESSION_FOLDERS_CHANGED:
		account->folders_request = view_folders(account->view);
		/* The first time there was no cache to look into. */
		if (index_account(app) == account)
			index_refresh(app, account, index_mailbox(app));
		break;
	case SESSION_MAILBOX_CHANGED:
		index_refresh(app, account, event->mailbox);
		recall_changed(app, account, event->mailbox);
		account->folders_request = view_folders(account->view);
		break;
	case SESSION_NEW_MAIL:
		got_new_mail(account, event);
		break;
	case SESSION_GMAIL:
		account->gmail = true;
		break;
	case SESSION_RIGHTS:
		rights_got(account, event->mailbox, event->text);
		break;
	case SESSION_MAILBOX_DELETED:
		folders_deleted(app, account, event->mailbox);
		break;
	default:
		message_show(app, event->text);
		break;
	}
}

/* Every post of view and session has the account behind its head; where it
 * stands differs. */
static struct account *account_of(struct app *app, const struct post *post)
{
	switch (post->kind) {
	case VIEW_FOLDERS:
		return account_find(
			app, ((const struct view_folders *)post)->account);
	case SESSION_DONE:
		return account_find(
			app, ((const struct session_done *)post)->account);
	case SESSION_STATE:
		return account_find(
			app, ((const struct session_state *)post)->account);
	case SESSION_PROGRESS:
		return account_find(
			app, ((const struct session_progress *)post)->account);
	case SESSION_QUOTA:
		return account_find(
			app, ((const struct session_quota *)post)->account);
	case SESSION_RENAMED:
		return account_find(
			app, ((const struct session_renamed *)post)->account);
	default:
		return account_find(
			app, ((const struct session_event *)post)->account);
	}
}

static void account_handle(struct app *app, struct post *post)
{
	struct account *account = account_of(app, post);

	if (account == NULL)
		return;
	/* The list of actions is not shown yet. */
	if (post->kind == SESSION_ACTION_LIST)
		return;
	switch (post->kind) {
	case VIEW_FOLDERS:
		got_folders(account, (struct view_folders *)post);
		break;
	case SESSION_DONE:
		got_done(account, (struct session_done *)post);
		break;
	case SESSION_STATE:
		got_state(account, (struct session_state *)post);
		break;
	case SESSION_QUOTA:
		rights_got_quota(account, (struct session_quota *)post);
		break;
	case SESSION_RENAMED:
		folders_renamed(app, account, (struct session_renamed *)post);
		break;
	case SESSION_PROGRESS:
		got_progress(account, (struct session_progress *)post);
		break;
	case SESSION_ACTIONS:
		got_actions(account, (const struct session_actions *)post);
		break;
	default:
		got_event(account, (struct session_event *)post);
		break;
	}
	leave_look(app);
}

/* What sessions have for one another goes through this thread: it alone knows
 * which there are. */
static void hand_on(struct app *app, struct session_parcel *parcel)
{
	while (parcel != NULL) {
		struct account *to =
			account_find(app, session_parcel_to(parcel));

		parcel = session_hand_on(to != NULL ? to->session : NULL,
					 parcel);
	}
}

void account_post(struct post *post, void *user)
{
	struct app *app = user;

	app_assert_thread(app);
	lag_doing("post", post->kind);
	switch (post->kind) {
	case VIEW_WINDOW:
		index_answer(app, (struct view_window *)post);
		break;
	case VIEW_LIMITED:
		limit_answer(app, (struct view_limited *)post);
		break;
	case VIEW_FOUND:
		limit_found(app, (struct view_found *)post);
		break;
	case VIEW_LISTED:
		recall_take(app, (struct view_listed *)post);
		return;
	case VIEW_PICKED:
		selection_picked(app, (struct view_picked *)post);
		break;
	case VIEW_MESSAGE:
		if (!compose_answer(app, (struct view_message *)post))
			pager_answer(app, (struct view_message *)post);
		break;
	case SESSION_TAKEN_BACK:
		outbox_close_pane(app);
		compose_taken_back(app, (struct session_taken_back *)post);
		break;
	case VIEW_PEOPLE:
		people_answer(app, (struct view_people *)post);
		break;
	case APP_PEOPLE:
		people_ranked(app, post);
		return;
	case APP_QUERY:
		people_queried(app, post);
		return;
	case APP_COMPOSE:
		compose_job_done(app, post);
		return;
	case APP_DOCUMENT:
		pager_rendered(app, post);
		return;
	case APP_SAVED:
		save_done(app, post);
		return;
	case SESSION_PASSWORD:
	case SESSION_CERTIFICATE:
		question_add(app, post);
		return;
	case SESSION_WIRE:
		wire_take(app, (struct session_wire *)post);
		break;
	case SESSION_OUTBOX:
		outbox_changed_in(app, (struct session_outbox *)post);
		leave_look(app);
		break;
	case SESSION_OUTBOX_LIST:
		outbox_take(app, (struct session_outbox_list *)post);
		return;
	case SESSION_PARCEL:
		hand_on(app, (struct session_parcel *)post);
		return;
	case SESSION_CONNECTIONS:
		connections_take(app, (struct session_connections *)post);
		return;
	case SESSION_ACTION_LIST:
		journal_take(app, (struct session_action_list *)post);
		return;
	default:
		account_handle(app, post);
		break;
	}
	post_free(post);
}
