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
