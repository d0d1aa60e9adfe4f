/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "index.h"
#include "leave.h"
#include "message.h"
#include "outbox.h"
#include "prompt.h"
#include "selection.h"

/* As long as carrying out may keep the user. */
#define LONGEST_MS 5000

/* ---- waiting for what was done ---- */

static unsigned waiting(const struct app *app)
{
	unsigned n = 0;

	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (a->session != NULL && a->phase == SESSION_ONLINE)
			n += a->waiting;
		if (app->leaving_sends)
			n += a->outbox.soon;
	}
	return n;
}

/* Something is out of our hands, and what became of it not known yet. */
static bool delivers(const struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (a->outbox.delivering)
			return true;
	}
	return false;
}

static void stop(struct app *app)
{
	app->leaving = app->leaving_sends = app->leaving_now = false;
	message_progress(app, NULL, 0);
	if (app->leave_timer == NULL)
		return;
	g_source_destroy(app->leave_timer);
	g_clear_pointer(&app->leave_timer, g_source_unref);
}

void leave_look(struct app *app)
{
	g_autofree char *text = NULL;
	unsigned n = app->leaving_now ? 0 : waiting(app);

	if (!app->leaving)
		return;
	if (n == 0 && delivers(app)) {
		message_progress(app,
				 _("Leaving when the message has gone out; q "
				   "again: at once"),
				 -1);
		return;
	}
	if (n == 0 && (app->leaving_now || !selection_pending(app))) {
		stop(app);
		app_quit(app);
		return;
	}
	text = g_strdup_printf(ngettext("Leaving when %u action is done",
					"Leaving when %u actions are done", n),
			       n);
	message_progress(app, text, -1);
}

static gboolean too_long(gpointer user)
{
	app_quit(user);
	return G_SOURCE_REMOVE;
}

static void begin(struct app *app)
{
	app->leaving = true;
	/* What is being sent takes its time; ^C ends the waiting. */
	if (!app->leaving_sends && app->leave_timer == NULL) {
		app->leave_timer = g_timeout_source_new(LONGEST_MS);
		g_source_set_callback(app->leave_timer, too_long, app, NULL);
		g_source_attach(app->leave_timer, NULL);
	}
	leave_look(app);
}

void leave_end(struct app *app, bool blind)
{
	app->blind = app->blind || blind;
	app->leaving_now = true;
	app->leaving_sends = false;
	message_clear(app);
	begin(app);
}

bool leave_cancel(struct app *app)
{
	bool now = app->leaving_now;

	if (!app->leaving)
		return false;
	stop(app);
	if (now)
		app_quit(app);
	else
		message_show(app, _("Not leaving."));
	return true;
}

void leave_clear(struct app *app)
{
	stop(app);
}

/* ---- questions ---- */

static void ask_purge(struct app *app);

static void sending_answered(struct app *app, const char *answer, void *user)
{
	/* TRANSLATORS: the letters of (s)end and (l)eave. */
	const char *now = _("sS"), *later = _("lL");

	(void)user;
	if (answer == NULL || *answer == '\0')
		return;
	if (strchr(now, *answer) != NULL) {
		app->leaving_sends = true;
		outbox_send_all(app);
		ask_purge(app);
	} else if (strchr(later, *answer) != NULL) {
		ask_purge(app);
	}
}

/* What waits for second thoughts would wait for the next start. */
static void ask_sending(struct app *app)
{
	unsigned n = outbox_soon(app);
	g_autofree char *label = NULL;

	if (n == 0) {
		ask_purge(app);
		return;
	}
	label = g_strdup_printf(
		ngettext("%u message is not sent yet: (s)end it now, (l)eave "
			 "it in the outbox? ",
			 "%u messages are not sent yet: (s)end them now, "
			 "(l)eave them in the outbox? ",
			 n),
		n);
	prompt_one_key(app, label, sending_answered, NULL);
}

static void purge_answered(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer == NULL)
		return;
	if (strcmp(answer, "yes") == 0)
		actions_purge(app);
	begin(app);
}

/* Something is marked as deleted in the open mailbox, and can be purged. */
static bool may_purge(const struct app *app)
{
	const struct account *account = index_account(app);

	return account != NULL && account->session != NULL &&
	       !index_facts(app).read_only && index_facts(app).deleted > 0;
}

static void ask_purge(struct app *app)
{
	if (may_purge(app))
		actions_ask_purge(app, purge_answered, NULL);
	else
		begin(app);
}

static void leave_editors(struct app *app, bool exits)
{
	if (exits)
		leave_end(app, false);
	else
		ask_sending(app);
}

static void editors_answered(struct app *app, const char *answer, void *user)
{
	if (g_strcmp0(answer, "yes") == 0)
		leave_editors(app, user != NULL);
}

/* Their texts stay, and the next start finds them. */
static void ask_editors(struct app *app, bool exits)
{
	unsigned n = app->background->len;
	g_autofree char *question = NULL;

	if (n == 0 ||
	    !config_bool(app->config, NULL, "background_confirm_quit")) {
		leave_editors(app, exits);
		return;
	}
	question = g_strdup_printf(
		ngettext("%u message is edited in the background. Leave?",
			 "%u messages are edited in the background. Leave?", n),
		n);
	prompt_yes_no(app, question, false, editors_answered,
		      exits ? app : NULL);
}

static void quit_answered(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (g_strcmp0(answer, "yes") == 0)
		ask_editors(app, false);
}

void leave(struct app *app)
{
	enum quad quad = config_quad(app->config, NULL, "quit");

	if (app->leaving)
		app_quit(app);
	else if (quad == QUAD_YES)
		ask_editors(app, false);
	else if (quad == QUAD_NO)
		message_show(app, _("Not leaving: quit is set to no."));
	else
		prompt_yes_no(app, _("Leave smew?"), quad == QUAD_ASK_YES,
			      quit_answered, NULL);
}

void leave_exit(struct app *app)
{
	if (app->leaving)
		app_quit(app);
	else
		ask_editors(app, true);
}

/* ---- one mailbox for another ---- */

/* Where to, when the question is answered. */
struct way {
	struct account *account;
	char *name, *display; /* owned */
};

static void left(struct app *app, const char *answer, void *user)
{
	struct way *way = user;

	if (g_strcmp0(answer, "yes") == 0)
		actions_purge(app);
	if (answer != NULL)
		account_enter(way->account, way->name, way->display);
	g_free(way->name);
	g_free(way->display);
	g_free(way);
}

void leave_mailbox(struct account *account, const char *name,
		   const char *display)
{
	struct app *app = account->app;
	bool stays = index_account(app) == account &&
		     g_strcmp0(index_mailbox(app), name) == 0;
	struct way *way;

	if (stays || !may_purge(app)) {
		account_enter(account, name, display);
		return;
	}
	way = g_new0(struct way, 1);
	way->account = account;
	way->name = g_strdup(name);
	way->display = g_strdup(display);
	actions_ask_purge(app, left, way);
}
