/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "account.h"
#include "credentials.h"
#include "limits.h"
#include "smew/net.h"

struct credentials {
	/* options: copies, owned, NULL where not set */
	struct secret *configured;
	char *password_command, *token_command;

	struct secret *password, *token; /* what is used now; owned */
	bool asked;	/* and no answer yet */
	bool renewed;	/* the token, since it was last accepted */
	bool distrusted; /* configured or from the command, and refused */

	credentials_ready ready; /* NULL: nobody waits */
	void *user;

	struct stream *command; /* running; owned, or NULL */
	GByteArray *output;	/* of it */
	struct timer limit;	/* of it */
};

/* ---- the commands: their output comes as a tunnel's does ---- */

static void output_wipe(struct credentials *c)
{
	if (c->output->len > 0)
		explicit_bzero(c->output->data, c->output->len);
	g_byte_array_set_size(c->output, 0);
}

static void command_end(struct credentials *c)
{
	timer_stop(&c->limit);
	g_clear_pointer(&c->command, stream_free);
	output_wipe(c);
}

static void tell_ready(struct credentials *c, const char *problem)
{
	credentials_ready ready = c->ready;

	c->ready = NULL;
	if (ready != NULL)
		ready(problem, c->user);
}

/* The first line of what it wrote. */
static struct secret *command_secret(const struct credentials *c)
{
	const char *text = (const char *)c->output->data;
	size_t length = 0;

	while (length < c->output->len && text[length] != '\n' &&
	       text[length] != '\r')
		length++;
	return length > 0 ? secret_new(text, (gssize)length) : NULL;
}

static void command_failed(struct credentials *c, const char *why)
{
	g_autofree char *problem = g_strdup_printf(
		_("the command for the password failed: %s"), why);

	command_end(c);
	tell_ready(c, problem);
}

static void command_opened(void *user)
{
	(void)user;
}

static void command_received(const uint8_t *data, size_t length, void *user)
{
	struct credentials *c = user;

	if (c->output->len + length > LIMIT_SECRET)
		command_failed(c, _("it writes too much"));
	else
		g_byte_array_append(c->output, data, (guint)length);
}

static void command_closed(const GError *error, void *user)
{
	struct credentials *c = user;
	struct secret **place = c->token_command != NULL ? &c->token
							 : &c->password;
	struct secret *secret = command_secret(c);

	if (!g_error_matches(error, NET_ERROR, NET_ERROR_CLOSED)) {
		secret_free(secret);
		command_failed(c, error->message);
		return;
	}
	if (secret == NULL) {
		command_failed(c, _("it wrote nothing"));
		return;
	}
	secret_free(*place);
	*place = secret;
	command_end(c);
	tell_ready(c, NULL);
}

static void command_late(void *user)
{
	command_failed(user, _("it takes too long"));
}

static void command_start(struct credentials *c, const char *command)
{
	static const struct stream_handler handler = {
		.opened = command_opened,
		.received = command_received,
		.closed = command_closed,
	};

	if (c->command != NULL)
		return;
	c->command = stream_open_tunnel(command, &handler, c);
	timer_start(&c->limit, LIMIT_SECRET_COMMAND, command_late, c);
}

/* ---- asking ---- */

static void ask(struct account *account, const char *words)
{
	struct credentials *c = account->credentials;

	if (c->asked)
		return;
	c->asked = true;
	report_password(&account->report, account->user, account->host, words);
}

void credentials_answer(struct account *account, struct secret *secret)
{
	struct credentials *c = account->credentials;

	c->asked = false;
	if (secret == NULL) {
		tell_ready(c, _("no password was given"));
		return;
	}
	secret_free(c->password);
	c->password = secret;
	tell_ready(c, NULL);
}

/* ---- getting them ---- */

void credentials_get(struct account *account, credentials_ready ready,
		     void *user)
{
	struct credentials *c = account->credentials;

	c->ready = ready;
	c->user = user;
	if (c->token_command != NULL && c->token == NULL) {
		command_start(c, c->token_command);
		return;
	}
	if (c->token != NULL || c->password != NULL) {
		tell_ready(c, NULL);
		return;
	}
	if (c->configured != NULL && !c->distrusted) {
		c->password = secret_new(secret_data(c->configured, NULL), -1);
		tell_ready(c, NULL);
		return;
	}
	if (c->password_command != NULL && !c->distrusted)
		command_start(c, c->password_command);
	else
		ask(account, NULL);
}

void credentials_leave(struct account *account)
{
	struct credentials *c = account->credentials;

	c->ready = NULL;
	command_end(c);
}

bool credentials_refused(struct account *account, const char *words)
{
	struct credentials *c = account->credentials;
	bool token = c->token != NULL;

	g_clear_pointer(&c->password, secret_free);
	g_clear_pointer(&c->token, secret_free);
	if (token) {
		bool again = !c->renewed;
		c->renewed = true;
		return again;
	}
	c->distrusted = true;
	ask(account, words);
	return false;
}

void credentials_accepted(struct account *account)
{
	account->credentials->renewed = false;
	account->credentials->distrusted = false;
}

bool credentials_waiting(const struct credentials *credentials)
{
	return credentials->asked;
}

const struct secret *credentials_password(const struct credentials *credentials)
{
	return credentials->password;
}

const struct secret *credentials_token(const struct credentials *credentials)
{
	return credentials->token;
}

/* ---- life ---- */

static char *set_or_null(const char *text)
{
	return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

struct credentials *credentials_new(const struct session_config *config)
{
	struct credentials *c = g_new0(struct credentials, 1);

	if (config->password != NULL && *config->password != '\0')
		c->configured = secret_new(config->password, -1);
	c->password_command = set_or_null(config->password_command);
	c->token_command = set_or_null(config->token_command);
	c->output = g_byte_array_new();
	return c;
}

void credentials_free(struct credentials *c)
{
	if (c == NULL)
		return;
	command_end(c);
	g_byte_array_unref(c->output);
	secret_free(c->configured);
	secret_free(c->password);
	secret_free(c->token);
	g_free(c->password_command);
	g_free(c->token_command);
	g_free(c);
}
