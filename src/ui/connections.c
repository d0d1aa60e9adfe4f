/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>
#include <time.h>

#include "connections.h"
#include "viewer.h"

enum {
	TICK_MS = 1000,
	LABEL_CELLS = 14, /* of the column of labels, with its margin */
};

struct connections {
	struct app *app;
	struct pane *pane;	/* borrowed: the viewer's */
	GHashTable *answers;	/* account to struct session_connections */
	GSource *tick;
};

/* ---- words ---- */

/* "0.35 ms", "340 ms", "12 s", "3 min 20 s", "2 h 5 min": what is to be told apart. */
static char *duration_text(int64_t microseconds)
{
	int64_t ms = MAX(microseconds, 0) / 1000, s = ms / 1000;

	if (ms < 10)
		return g_strdup_printf(_("%.2f ms"),
				       (double)MAX(microseconds, 0) / 1000);
	if (s < 1)
		return g_strdup_printf(_("%d ms"), (int)ms);
	if (s < 60)
		return g_strdup_printf(_("%d s"), (int)s);
	if (s < 3600)
		return g_strdup_printf(_("%d min %d s"), (int)(s / 60),
				       (int)(s % 60));
	return g_strdup_printf(_("%ld h %d min"), (long)(s / 3600),
			       (int)(s / 60 % 60));
}

static void add_row(struct text *text, const char *label, const char *value)
{
	int pad = LABEL_CELLS - text_width(label, -1);
	g_autofree char *line = g_strdup_printf("  %s%*s%s", label,
						MAX(pad, 1), "", value);

	text_append(text, TEXT_PLAIN, line);
}

static void add_row_format(struct text *text, const char *label,
			   const char *format, ...) G_GNUC_PRINTF(3, 4);

static void add_row_format(struct text *text, const char *label,
			   const char *format, ...)
{
	g_autofree char *value = NULL;
	va_list arguments;

	va_start(arguments, format);
	value = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	add_row(text, label, value);
}

/* ---- one connection ---- */

static void add_head(struct text *text, const struct session_connection *c)
{
	GString *head = g_string_new(NULL);

	g_string_append_printf(head, _("Connection %u: %s"), c->number,
			       c->state);
	if (c->mailbox != NULL)
		g_string_append_printf(head, " %s", c->mailbox);
	if (c->idle)
		g_string_append(head, _(", is told of news (IDLE)"));
	text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_TITLE, head->str);
	g_string_free(head, TRUE);
}

static void add_since(struct text *text, const struct session_connection *c)
{
	g_autofree char *age = duration_text(g_get_real_time() - c->since);
	time_t seconds = (time_t)(c->since / G_USEC_PER_SEC);
	struct tm parts;
	char clock[32] = "";

	if (localtime_r(&seconds, &parts) != NULL)
		strftime(clock, sizeof clock, "%F %H:%M:%S", &parts);
	add_row_format(text, _("since"), "%s (%s)", clock, age);
}

static void add_work(struct text *text, const struct session_connection *c)
{
	const char *label = _("does");

	for (size_t i = 0; i < c->n_commands; i++) {
		g_autofree char *age = duration_text(c->commands[i].age);

		add_row_format(text, label, _("%s, for %s"),
			       c->commands[i].text, age);
		label = "";
	}
	if (c->n_commands == 0)
		add_row(text, label, _("nothing"));
	if (c->waiting == 0)
		return;
	if (c->waits_for != NULL)
		add_row_format(text, _("waiting"),
			       ngettext("%u command, for %s",
					"%u commands, for %s", c->waiting),
			       c->waiting, _(c->waits_for));
	else
		add_row_format(text, _("waiting"),
			       ngettext("%u command", "%u commands",
					c->waiting),
			       c->waiting);
}

static void add_figures(struct text *text, const struct session_connection *c)
{
	g_autofree char *last = duration_text(c->last_answer);
	g_autofree char *least = duration_text(c->least_answer);

	add_row_format(text, _("octets"), _("%'llu in, %'llu out"),
		       (unsigned long long)c->octets_in,
		       (unsigned long long)c->octets_out);
	if (c->last_answer >= 0)
		add_row_format(text, _("answers"),
			       _("the last after %s, the quickest after %s"),
			       last, least);
}

static void add_security(struct text *text, const struct session_connection *c)
{
	if (c->tls != NULL)
		add_row_format(text, "TLS", "%s, %s", c->tls, c->cipher);
	else if (c->tunnel)
		add_row(text, "TLS",
			c->secure ? _("none; the tunnel is secure")
				  : _("none, through the tunnel"));
	else
		add_row(text, "TLS", _("none: what is sent can be read"));
	if (c->mechanism != NULL)
		add_row(text, _("signed in"),
			*c->mechanism != '\0' ? c->mechanism
					      : _("by the tunnel (PREAUTH)"));
}

static void add_connection(struct text *text,
			   const struct session_connection *c)
{
	add_head(text, c);
	add_since(text, c);
	add_work(text, c);
	add_figures(text, c);
	add_security(text, c);
	if (*c->in_use != '\0')
		add_row(text, _("in use"), c->in_use);
	if (c->offered != NULL)
		add_row(text, _("offered"), c->offered);
}

/* ---- an account ---- */

static const char *phase_text(const struct account *account)
{
	if (account->session == NULL)
		return _("its settings are wrong");
	switch (account->phase) {
	case SESSION_OFFLINE:
		return _("offline");
	case SESSION_CONNECTING:
		return _("connecting");
	case SESSION_ONLINE:
		break;
	}
	return _("online");
}

static void add_account(struct text *text, const struct account *account,
			const struct session_connections *answer)
{
	g_autofree char *head = g_strdup_printf(
		"%s: %s%s%s", account->name, phase_text(account),
		answer != NULL && answer->where != NULL ? ", " : "",
		answer != NULL && answer->where != NULL ? answer->where : "");

	if (text_lines(text) > 0)
		text_append(text, TEXT_PLAIN, "");
	text_append(text, TEXT_TITLE, head);
	if (account->phase == SESSION_OFFLINE && account->reason != NULL)
		add_row(text, _("reason"), account->reason);
	if (answer == NULL)
		return;
	if (answer->server != NULL)
		add_row(text, _("server"), answer->server);
	for (char **learned = answer->learned; *learned != NULL; learned++)
		add_row(text, learned == answer->learned ? _("learned") : "",
			*learned);
	if (answer->n == 0)
		add_row(text, "", _("There is no connection."));
	for (size_t i = 0; i < answer->n; i++)
		add_connection(text, &answer->list[i]);
}

static struct text *describe(const struct connections *c)
{
	const GPtrArray *accounts = c->app->accounts;
	struct text *text = text_new();

	for (guint i = 0; i < accounts->len; i++) {
		const struct account *account = g_ptr_array_index(accounts, i);

		add_account(text, account,
			    g_hash_table_lookup(c->answers, account->name));
	}
	return text;
}

/* ---- the pane ---- */

static void ask(const struct connections *c)
{
	for (guint i = 0; i < c->app->accounts->len; i++) {
		struct account *account =
			g_ptr_array_index(c->app->accounts, i);

		if (account->session != NULL)
			session_ask_connections(account->session);
	}
}

static gboolean tick(gpointer user)
{
	ask(user);
	return G_SOURCE_CONTINUE;
}

static void closed(void *user)
{
	struct connections *c = user;

	c->app->connections = NULL;
	g_source_destroy(c->tick);
	g_source_unref(c->tick);
	g_hash_table_unref(c->answers);
	g_free(c);
}

static void answer_free(gpointer answer)
{
	post_free(answer);
}

void connections_take(struct app *app, struct session_connections *answer)
{
	struct connections *c = app->connections;

	if (c == NULL) {
		post_free(&answer->post);
		return;
	}
	g_hash_table_replace(c->answers, answer->account, answer);
	viewer_replace(c->pane, describe(c));
}

void connections_open(struct app *app)
{
	struct connections *c = app->connections;

	if (c != NULL) {
		viewer_raise(app, c->pane);
		return;
	}
	c = g_new0(struct connections, 1);
	c->app = app;
	c->answers = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
					   answer_free);
	c->tick = g_timeout_source_new(TICK_MS);
	g_source_set_callback(c->tick, tick, c, NULL);
	g_source_attach(c->tick, NULL);
	app->connections = c;
	c->pane = viewer_open(app, _("Connections"), describe(c));
	viewer_set_indent(c->pane, LABEL_CELLS + 2);
	viewer_on_close(c->pane, closed, c);
	ask(c);
}
