/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>
#include <stdarg.h>

#include "keys.h"
#include "message.h"

enum {
	MAX_HISTORY = 200,
	MIN_REASON = 30, /* cells */
};

struct message {
	char *notice;	/* sanitised, or NULL */
	bool is_error;
	char *hint;	/* or NULL */
	char *doing;	/* or NULL */
	GPtrArray *history;
};

struct message *message_new(void)
{
	struct message *message = g_new0(struct message, 1);

	message->history = g_ptr_array_new_with_free_func(g_free);
	return message;
}

void message_free(struct message *message)
{
	g_free(message->notice);
	g_free(message->hint);
	g_free(message->doing);
	g_ptr_array_unref(message->history);
	g_free(message);
}

bool message_acts(const struct account *account)
{
	return account->session != NULL && account->phase == SESSION_ONLINE &&
	       account->waiting > 0 && account->most_waiting >= MESSAGE_MANY;
}

static void set_notice(struct app *app, const char *text, bool is_error)
{
	struct message *m = app->message;
	GPtrArray *history = m->history;
	char *clean = sanitise_line(text, -1);

	g_free(m->notice);
	m->notice = clean;
	m->is_error = is_error;
	if (history->len == 0 ||
	    g_strcmp0(g_ptr_array_index(history, history->len - 1), clean) != 0)
		g_ptr_array_add(history, g_strdup(clean));
	if (history->len > MAX_HISTORY)
		g_ptr_array_remove_index(history, 0);
	app_dirty(app);
}

void message_show(struct app *app, const char *text)
{
	set_notice(app, text, false);
}

void message_error(struct app *app, const char *text)
{
	set_notice(app, text, true);
}

void message_format(struct app *app, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	message_show(app, text);
}

void message_clear(struct app *app)
{
	struct message *m = app->message;

	if (m->notice == NULL)
		return;
	g_clear_pointer(&m->notice, g_free);
	app_dirty(app);
}

void message_yield(struct app *app)
{
	if (!app->message->is_error)
		message_clear(app);
}

void message_hint(struct app *app, const char *hint)
{
	struct message *m = app->message;

	if (hint == NULL && m->hint == NULL)
		return;
	g_free(m->hint);
	m->hint = g_strdup(hint);
	app_dirty(app);
}

void message_progress(struct app *app, const char *what, int percent)
{
	struct message *m = app->message;

	g_clear_pointer(&m->doing, g_free);
	if (what != NULL)
		m->doing = percent >= 0
				   ? g_strdup_printf("%s: %d%%", what, percent)
				   : g_strdup(what);
	app_dirty(app);
}

const GPtrArray *message_history(const struct app *app)
{
	return app->message->history;
}

/* ---- what there is to say when nothing was just said ---- */

/* What the user did to many messages, while it is carried out. */
static char *actions_text(const struct account *account)
{
	unsigned most = account->most_waiting;
	unsigned done = most - MIN(account->waiting, most);

	if (!message_acts(account))
		return NULL;
	return g_strdup_printf(_("Carrying out: %'u of %'u (%u%%), ^C stops"),
			       done, most, (unsigned)(done * 100ul / most));
}

/* The message somebody waits for before the rows that come by themselves. */
static char *progress_text(const struct account *account)
{
	static const enum session_work order[] = { SESSION_WORK_MESSAGE,
						   SESSION_WORK_MAILBOX,
						   SESSION_WORK_SENDING,
						   SESSION_WORK_HEADERS };
	const struct work_state *work = NULL;
	unsigned percent;

	for (size_t i = G_N_ELEMENTS(order); i-- > 0;)
		if (account->works[order[i]].what != NULL)
			work = &account->works[order[i]];
	if (work == NULL || work->total == 0)
		return NULL;
	percent = (unsigned)(work->done * 100 / work->total);
	/* The apostrophe groups digits as the locale does. */
	return g_strdup_printf(_("%s: %'lu of %'lu (%u%%)"), work->what,
			       (unsigned long)work->done,
			       (unsigned long)work->total, MIN(percent, 100));
}

static char *offline_text(const struct app *app, const struct account *account)
{
	GString *text = g_string_new(NULL);

	if (app->accounts->len > 1)
		g_string_append_printf(text, "%s: ", account->name);
	g_string_append(text, _("offline"));
	if (account->reason != NULL)
		g_string_append_printf(text, ": %s", account->reason);
	return g_string_free(text, FALSE);
}

/* When smew tries again, and the key that makes it, in few words or fewer.
 * Owned. */
static char *retry_text(const struct app *app, const struct account *account,
			bool brief)
{
	gint64 left = (account->retry_at - g_get_monotonic_time() + 999999) /
		      G_USEC_PER_SEC;
	g_autofree char *key = keys_of(app, OP_RETRY_CONNECTION);
	GString *text = g_string_new(NULL);

	if (account->retry_at > 0 && left > 0 && brief)
		g_string_append_printf(text, _("  again in %ld s"), (long)left);
	else if (account->retry_at > 0 && left > 0)
		g_string_append_printf(text,
				       ngettext("  next try in %ld second",
						"  next try in %ld seconds",
						(unsigned long)left),
				       (long)left);
	if (key != NULL)
		g_string_append_printf(text,
				       brief ? " (%s)" : _("  (%s: now)"), key);
	return g_string_free(text, FALSE);
}

static bool is_offline(const struct account *account)
{
	return account->session != NULL &&
	       account->phase == SESSION_OFFLINE &&
	       (account->reason != NULL || account->retry_at > 0);
}

/* The first account that is offline, or NULL. */
static const struct account *offline_account(const struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (is_offline(a))
			return a;
	}
	return NULL;
}

static char *standing_text(const struct app *app)
{
	if (app->message->doing != NULL)
		return g_strdup(app->message->doing);
	for (guint i = 0; i < app->accounts->len; i++) {
		char *text =
			progress_text(g_ptr_array_index(app->accounts, i));

		if (text != NULL)
			return text;
	}
	for (guint i = 0; i < app->accounts->len; i++) {
		char *text = actions_text(g_ptr_array_index(app->accounts, i));

		if (text != NULL)
			return text;
	}
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (a->session != NULL && a->phase == SESSION_CONNECTING)
			return a->reason == NULL
				       ? g_strdup(_("Connecting..."))
				       : g_strdup_printf(
						 _("offline: %s - connecting "
						   "again..."),
						 a->reason);
	}
	return NULL;
}

/* Why may be long: the countdown has its place at the right,
 * as long as something of the reason can be read beside it. */
static void draw_offline(struct app *app, const struct account *account)
{
	const struct rect *area = &app->layout.message;
	g_autofree char *why = offline_text(app, account);
	g_autofree char *retry = retry_text(app, account, false);
	int width = text_width(retry, -1);
	struct rect left = *area;

	/* The reason needs the room more. */
	if (text_width(why, -1) + width > area->w) {
		g_free(retry);
		retry = retry_text(app, account, true);
		width = text_width(retry, -1);
	}
	draw_row(app->draw, area, 0, "", STYLE_ERROR);
	if (area->w - width >= MIN_REASON) {
		left.w -= width;
		draw_styled(app->draw, area->y, area->x + left.w, width, retry,
			    -1, STYLE_MESSAGE);
	}
	draw_row(app->draw, &left, 0, why, STYLE_ERROR);
}

void message_draw(struct app *app)
{
	const struct message *m = app->message;
	const struct rect *area = &app->layout.message;
	const struct account *offline;
	g_autofree char *standing = NULL;

	if (area->h == 0)
		return;
	if (m->hint != NULL) {
		draw_row(app->draw, area, 0, m->hint, STYLE_MESSAGE);
		return;
	}
	if (m->notice != NULL) {
		draw_row(app->draw, area, 0, m->notice,
			 m->is_error ? STYLE_ERROR : STYLE_MESSAGE);
		return;
	}
	standing = standing_text(app);
	offline = offline_account(app);
	if (standing == NULL && offline != NULL)
		draw_offline(app, offline);
	else if (standing != NULL)
		draw_row(app->draw, area, 0, standing, STYLE_PROGRESS);
}

bool message_ticks(const struct app *app)
{
	for (guint i = 0; i < app->accounts->len; i++) {
		const struct account *a = g_ptr_array_index(app->accounts, i);

		if (is_offline(a) && a->retry_at > 0)
			return true;
	}
	return false;
}
