/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "account.h"
#include "credentials.h"
#include "limits.h"
#include "smew/net.h"

struct waiter {
	credentials_ready ready;
	void *user;
};

struct credentials {
	/* options: copies, owned, NULL where not set */
	struct secret *configured;
	char *password_command, *token_command;

	struct secret *password, *token; /* what is used now; owned */
	unsigned serial;    /* of these */
	int64_t token_born; /* monotonic */
	bool asked;	/* and no answer yet */
	bool renewed;	/* the token, since it was last accepted */
	bool distrusted; /* configured or from the command, and refused */

	GArray *waiting; /* of struct waiter; owned */

	struct stream *command; /* running; owned, or NULL */
	GByteArray *output;	/* of it */
	struct timer limit;	/* of it */
};

/* ---- the commands: their output comes as a tunnel's does ---- */

static void command_end(struct credentials *c)
{
	timer_stop(&c->limit);
	g_clear_pointer(&c->command, stream_free);
	secret_buffer_wipe(c->output);
}

/* Who is told may leave, take others along, or ask anew and wait again. */
static void tell_ready(struct credentials *c, const char *problem)
{
	for (guint n = c->waiting->len; n > 0 && c->waiting->len > 0; n--) {
		struct waiter waiter =
			g_array_index(c->waiting, struct waiter, 0);

		g_array_remove_index(c->waiting, 0);
		waiter.ready(problem, waiter.user);
	}
}

static void have_secret(struct credentials *c, struct secret **place,
			struct secret *secret)
{
	secret_free(*place);
	*place = secret;
	c->serial++;
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
		c->token_command != NULL ?
			_("imap_oauth_refresh_command failed: %s") :
			_("the command for the password failed: %s"),
		why);

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
		secret_buffer_append(&c->output, data, length);
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
	have_secret(c, place, secret);
	c->token_born = g_get_monotonic_time();
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
	report_password(&account->report, account->user, account->host, words,
			false);
}

void credentials_answer(struct account *account, struct secret *secret)
{
	struct credentials *c = account->credentials;

	c->asked = false;
	if (secret == NULL) {
		tell_ready(c, _("no password was given"));
		return;
	}
	have_secret(c, &c->password, secret);
	tell_ready(c, NULL);
}

/* ---- getting them ---- */

/*
 * A token ends by itself, and the server may say so in the middle of a session
 * by just hanging up: what is not fresh is not tried again.
 */
static bool token_is_fresh(const struct credentials *c)
{
	return c->token != NULL &&
	       g_get_monotonic_time() - c->token_born <
		       LIMIT_TOKEN_FRESH * (int64_t)1000;
}

/* False: they will come later. */
static bool get_now(struct account *account)
{
	struct credentials *c = account->credentials;

	if (c->token_command != NULL) {
		if (!token_is_fresh(c))
			command_start(c, c->token_command);
		return c->command == NULL;
	}
	if (c->password != NULL)
		return true;
	if (c->configured != NULL && !c->distrusted) {
		have_secret(c, &c->password,
			    secret_new(secret_data(c->configured, NULL), -1));
		return true;
	}
	if (c->password_command != NULL && !c->distrusted)
		command_start(c, c->password_command);
	else
		ask(account, NULL);
	return false;
}

void credentials_get(struct account *account, credentials_ready ready,
		     void *user)
{
	struct waiter waiter = { ready, user };

	g_array_append_val(account->credentials->waiting, waiter);
	if (get_now(account))
		tell_ready(account->credentials, NULL);
}

void credentials_leave(struct account *account, void *user)
{
	struct credentials *c = account->credentials;

	for (guint i = c->waiting->len; i-- > 0;)
		if (g_array_index(c->waiting, struct waiter, i).user == user)
			g_array_remove_index(c->waiting, i);
	if (c->waiting->len == 0)
		command_end(c);
}

static bool token_refused(struct account *account)
{
	struct credentials *c = account->credentials;
	bool again = !c->renewed;

	g_clear_pointer(&c->token, secret_free);
	c->renewed = true;
	/* A new one did not help: that is no matter of seconds. */
	if (!again)
		retry_at_least(&account->retry, LIMIT_BACKOFF_LONG);
	return again;
}

bool credentials_refused(struct account *account, unsigned serial,
			 const char *words)
{
	struct credentials *c = account->credentials;

	if (serial != c->serial)
		return true;
	if (c->token_command != NULL)
		return token_refused(account);
	g_clear_pointer(&c->password, secret_free);
	c->distrusted = true;
	ask(account, words);
	return false;
}

void credentials_accepted(struct account *account)
{
	account->credentials->renewed = false;
	account->credentials->distrusted = false;
}

bool credentials_use_token(const struct credentials *credentials)
{
	return credentials->token_command != NULL;
}

unsigned credentials_serial(const struct credentials *credentials)
{
	return credentials->serial;
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
	c->output = secret_buffer_new();
	c->waiting = g_array_new(FALSE, FALSE, sizeof(struct waiter));
	return c;
}

void credentials_free(struct credentials *c)
{
	if (c == NULL)
		return;
	command_end(c);
	g_byte_array_unref(c->output);
	g_array_unref(c->waiting);
	secret_free(c->configured);
	secret_free(c->password);
	secret_free(c->token);
	g_free(c->password_command);
	g_free(c->token_command);
	g_free(c);
}
