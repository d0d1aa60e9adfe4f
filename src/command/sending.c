/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an account sends, and what links may want sent. */
#include "private.h"

#include <string.h>

/* ---- the way out ---- */

static char *non_empty(const char *text)
{
	return *text != '\0' ? g_strdup(text) : NULL;
}

static void forget(char **text)
{
	if (*text != NULL)
		explicit_bzero(*text, strlen(*text));
	g_clear_pointer(text, g_free);
}

void account_sending_clear(struct account_sending *sending)
{
	g_free(sending->host);
	g_free(sending->user);
	forget(&sending->password);
	g_free(sending->password_command);
	g_free(sending->token_command);
	*sending = (struct account_sending){ 0 };
}

static bool take_url(struct account_sending *sending, const char *account,
		     const char *text, GError **error)
{
	struct url url;

	if (!url_read(text, "smtp", &url) || *url.host == '\0') {
		/* It may have a password in it. */
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("account %s: smtp_url cannot be read: it is "
			      "smtps://USER@HOST or smtp://USER@HOST"),
			    account);
		url_clear(&url);
		return false;
	}
	sending->host = g_steal_pointer(&url.host);
	sending->user = g_steal_pointer(&url.user);
	sending->password = g_steal_pointer(&url.password);
	sending->implicit_tls = url.tls;
	sending->port = url.port != 0 ? url.port : url.tls ? 465 : 587;
	url_clear(&url);
	return true;
}

/* Who reads mail as this user may send as such, with the same words. */
static void borrow(const struct config *config, const char *account,
		   struct account_sending *sending)
{
	struct account_server server;

	if (sending->user == NULL || sending->password != NULL ||
	    sending->password_command != NULL ||
	    sending->token_command != NULL ||
	    !config_account_server(config, account, &server, NULL))
		return;
	if (g_strcmp0(server.user, sending->user) == 0) {
		sending->lends = true;
		sending->password = g_steal_pointer(&server.password);
		sending->password_command = non_empty(config_string(
			config, account, "imap_pass_command"));
		sending->token_command = non_empty(config_string(
			config, account, "imap_oauth_refresh_command"));
	}
	account_server_clear(&server);
}

bool config_account_sending(const struct config *config, const char *account,
			    struct account_sending *sending, GError **error)
{
	const char *url = config_string(config, account, "smtp_url");
	const char *name = account != NULL ? account : "default";

	*sending = (struct account_sending){ 0 };
	if (*url == '\0')
		return true;
	if (!take_url(sending, name, url, error))
		return false;
	if (sending->user == NULL)
		sending->user = non_empty(
			config_string(config, account, "smtp_user"));
	if (sending->password == NULL)
		sending->password = non_empty(
			config_string(config, account, "smtp_pass"));
	sending->password_command = non_empty(
		config_string(config, account, "smtp_pass_command"));
	sending->token_command = non_empty(
		config_string(config, account, "smtp_oauth_refresh_command"));
	borrow(config, account, sending);
	return true;
}

/* ---- links ---- */

GPtrArray *sending_fields(void)
{
	static const char *const fields[] = { "body",	 "subject", "cc", "to",
					      "in-reply-to" };
	GPtrArray *list = g_ptr_array_new_null_terminated(8, g_free, TRUE);

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		g_ptr_array_add(list, g_strdup(fields[i]));
	return list;
}

const char *const *config_mailto_allow(const struct config *config)
{
	return (const char *const *)config->mailto_allow->pdata;
}

static void remove_field(GPtrArray *list, const char *name)
{
	for (guint i = list->len; i-- > 0;)
		if (strcmp(name, "*") == 0 ||
		    strcmp(list->pdata[i], name) == 0)
			g_ptr_array_remove_index(list, i);
}

bool command_mailto_allow(struct context *context, struct lexer *lexer, int un)
{
	GPtrArray *list = context->config->mailto_allow;

	while (lexer_more(lexer)) {
		g_autofree char *name = NULL;

		if (!lexer_word(lexer, 0))
			return false;
		name = g_ascii_strdown(lexer->word->str, -1);
		remove_field(list, name);
		if (!un)
			g_ptr_array_add(list, g_steal_pointer(&name));
	}
	return true;
}

/* ---- later ---- */

enum { MORNING = 8 };

/* "8:05" into hour and minute; the rest of the text must be blank. */
static bool read_clock(const char *text, int *hour, int *minute)
{
	char *end;
	guint64 h = g_ascii_strtoull(text, &end, 10), m = 0;

	if (end == text || end - text > 2 || *end != ':')
		return false;
	text = end + 1;
	m = g_ascii_strtoull(text, &end, 10);
	if (end - text != 2 || *end != '\0' || h > 23 || m > 59)
		return false;
	*hour = (int)h;
	*minute = (int)m;
	return true;
}

/* "+30m" */
static bool read_span(const char *text, int64_t now, int64_t *when)
{
	char *end;
	guint64 n = g_ascii_strtoull(text + 1, &end, 10);
	int64_t unit = *end == 'm' ? 60 : *end == 'h' ? 3600
					: *end == 'd' ? 86400
						      : 0;

	if (!g_ascii_isdigit(text[1]) || unit == 0 || end[1] != '\0' ||
	    n > 3660)
		return false;
	*when = now + (int64_t)n * unit;
	return true;
}

/* "2026-12-24" and what follows. */
static GDateTime *read_day(const char *text, int hour, int minute)
{
	g_auto(GStrv) parts = g_strsplit(text, "-", -1);
	guint64 numbers[3];

	if (g_strv_length(parts) != 3)
		return NULL;
	for (int i = 0; i < 3; i++)
		if (!g_ascii_string_to_unsigned(parts[i], 10, 1, 9999,
						&numbers[i], NULL))
			return NULL;
	return g_date_time_new_local((int)numbers[0], (int)numbers[1],
				     (int)numbers[2], hour, minute, 0);
}

/* The day of 'now' and so many days more. */
static GDateTime *day_after(int64_t now, int days, int hour, int minute)
{
	g_autoptr(GDateTime) here = g_date_time_new_from_unix_local(now);
	g_autoptr(GDateTime) day = g_date_time_add_days(here, days);

	return g_date_time_new_local(g_date_time_get_year(day),
				     g_date_time_get_month(day),
				     g_date_time_get_day_of_month(day), hour,
				     minute, 0);
}

static GDateTime *read_time(const char *text, int64_t now)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	guint n = g_strv_length(words);
	int hour = MORNING, minute = 0;

	if (n == 0 || n > 2 || (n == 2 && !read_clock(words[1], &hour,
						      &minute)))
		return NULL;
	if (strcmp(words[0], "tomorrow") == 0)
		return day_after(now, 1, hour, minute);
	if (n == 1 && read_clock(words[0], &hour, &minute)) {
		g_autoptr(GDateTime) today = day_after(now, 0, hour, minute);

		if (today != NULL && g_date_time_to_unix(today) > now)
			return g_steal_pointer(&today);
		return day_after(now, 1, hour, minute);
	}
	return read_day(words[0], hour, minute);
}

bool config_when(const char *text, int64_t now, int64_t *when)
{
	g_autofree char *clean = g_strstrip(g_strdup(text));
	g_autoptr(GDateTime) time = NULL;

	if (*clean == '+')
		return read_span(clean, now, when) && *when > now;
	time = read_time(clean, now);
	if (time == NULL)
		return false;
	*when = g_date_time_to_unix(time);
	return *when > now;
}

bool command_send_later(struct context *context, struct lexer *lexer,
			int unused)
{
	const struct command_host *host = &context->config->host;
	g_autoptr(GString) text = g_string_new(NULL);
	GError *error = NULL;
	int64_t when;

	(void)unused;
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		if (text->len > 0)
			g_string_append_c(text, ' ');
		g_string_append(text, lexer->word->str);
	}
	if (!config_when(text->str, g_get_real_time() / G_USEC_PER_SEC,
			 &when)) {
		context_error(context, COMMAND_ERROR_VALUE,
			      _("'%s' is no time to come: 18:30, +2h, tomorrow "
				"8:00, 2026-12-24"),
			      text->str);
		return false;
	}
	if (host->send_later == NULL) {
		context_error(context, COMMAND_ERROR_SCOPE,
			      _("that is for the prompt: there is no message "
				"yet"));
		return false;
	}
	if (host->send_later(host->user, when, &error))
		return true;
	context_fail(context, error);
	return false;
}
