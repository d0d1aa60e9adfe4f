/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "key.h"
#include "smew/net.h"

enum {
	OUTPUT_MAX = 64 * 1024,
	COMMAND_SECONDS = 60,
	FRESH_SECONDS = 5 * 60, /* of a token: gotten anew after */
};

struct key {
	struct key_host host;
	void *user;
	struct secret *configured; /* owned, or NULL */
	char *password_command, *token_command; /* owned, or NULL */

	struct secret *secret;	/* what is used; owned, or NULL */
	int64_t born;		/* monotonic */
	bool distrusted;	/* what is configured was refused */
	bool renewed;		/* the token, since it was last accepted */
	bool asked;		/* the user, and no answer yet */

	struct stream *command; /* running; owned, or NULL */
	GByteArray *output;	/* of it */
	GSource *limit;		/* of it; owned, or NULL */
};

static char *copy(const char *text)
{
	return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

struct key *key_new(const char *password, const char *password_command,
		    const char *token_command, const struct key_host *host,
		    void *user)
{
	struct key *key = g_new0(struct key, 1);

	key->host = *host;
	key->user = user;
	if (password != NULL && *password != '\0')
		key->configured = secret_new(password, -1);
	key->password_command = copy(password_command);
	key->token_command = copy(token_command);
	key->output = secret_buffer_new();
	return key;
}

static void command_end(struct key *key)
{
	if (key->limit != NULL) {
		g_source_destroy(key->limit);
		g_clear_pointer(&key->limit, g_source_unref);
	}
	g_clear_pointer(&key->command, stream_free);
	secret_buffer_wipe(key->output);
}

void key_free(struct key *key)
{
	if (key == NULL)
		return;
	command_end(key);
	g_byte_array_unref(key->output);
	secret_free(key->configured);
	secret_free(key->secret);
	g_free(key->password_command);
	g_free(key->token_command);
	g_free(key);
}

static void take(struct key *key, struct secret *secret)
{
	secret_free(key->secret);
	key->secret = secret;
	key->born = g_get_monotonic_time();
}

/* ---- the commands ---- */

static void command_failed(struct key *key, const char *why)
{
	g_autofree char *problem = g_strdup_printf(
		key->token_command != NULL
			? _("smtp_oauth_refresh_command failed: %s")
			: _("the command for the password failed: %s"),
		why);

	command_end(key);
	key->host.changed(problem, key->user);
}

static void command_opened(void *user)
{
	(void)user;
}

static void command_received(const uint8_t *data, size_t length, void *user)
{
	struct key *key = user;

	if (key->output->len + length > OUTPUT_MAX)
		command_failed(key, _("it writes too much"));
	else
		secret_buffer_append(&key->output, data, length);
}

static void command_closed(const GError *error, void *user)
{
	struct key *key = user;
	const char *text = (const char *)key->output->data;
	size_t length = 0;

	if (!g_error_matches(error, NET_ERROR, NET_ERROR_CLOSED)) {
		command_failed(key, error->message);
		return;
	}
	while (length < key->output->len && text[length] != '\n' &&
	       text[length] != '\r')
		length++;
	if (length == 0) {
		command_failed(key, _("it wrote nothing"));
		return;
	}
	take(key, secret_new(text, (gssize)length));
	command_end(key);
	key->host.changed(NULL, key->user);
}

static gboolean command_late(gpointer data)
{
	command_failed(data, _("it takes too long"));
	return G_SOURCE_REMOVE;
}

static void command_start(struct key *key, const char *command)
{
	static const struct stream_handler handler = {
		.opened = command_opened,
		.received = command_received,
		.closed = command_closed,
	};

	if (key->command != NULL)
		return;
	key->command = stream_open_tunnel(command, &handler, key);
	key->limit = g_timeout_source_new_seconds(COMMAND_SECONDS);
	g_source_set_callback(key->limit, command_late, key, NULL);
	g_source_attach(key->limit, g_main_context_get_thread_default());
}

/* ---- getting it ---- */

static bool token_ready(struct key *key)
{
	if (key->secret != NULL &&
	    g_get_monotonic_time() - key->born <
		    FRESH_SECONDS * (int64_t)G_USEC_PER_SEC)
		return true;
	command_start(key, key->token_command);
	return false;
}

static void ask(struct key *key, const char *words)
{
	if (key->asked)
		return;
	key->asked = key->host.ask(words, key->user);
	if (key->asked)
		return;
	key->host.changed(words != NULL ? words
					: _("no password is set: set "
					    "smtp_pass_command"),
			  key->user);
}

static bool lent(struct key *key)
{
	const struct secret *secret =
		key->host.lend != NULL && !key->distrusted
			? key->host.lend(key->user)
			: NULL;
	size_t length;
	const char *data;

	if (secret == NULL)
		return false;
	data = secret_data(secret, &length);
	take(key, secret_new(data, (gssize)length));
	return true;
}

bool key_ready(struct key *key)
{
	if (key->token_command != NULL)
		return token_ready(key);
	if (key->secret != NULL)
		return true;
	if (key->configured != NULL && !key->distrusted) {
		size_t length;
		const char *data = secret_data(key->configured, &length);

		take(key, secret_new(data, (gssize)length));
		return true;
	}
	if (key->password_command != NULL && !key->distrusted) {
		command_start(key, key->password_command);
		return false;
	}
	if (lent(key))
		return true;
	ask(key, NULL);
	return false;
}

bool key_asks(const struct key *key)
{
	return key->asked;
}

bool key_is_token(const struct key *key)
{
	return key->token_command != NULL;
}

const struct secret *key_password(const struct key *key)
{
	return key->token_command == NULL ? key->secret : NULL;
}

const struct secret *key_token(const struct key *key)
{
	return key->token_command != NULL ? key->secret : NULL;
}

bool key_refused(struct key *key, const char *words)
{
	bool again = key->token_command != NULL && !key->renewed;

	g_clear_pointer(&key->secret, secret_free);
	key->renewed = true;
	if (key->token_command != NULL)
		return again;
	key->distrusted = true;
	ask(key, words);
	return false;
}

void key_accepted(struct key *key)
{
	key->renewed = false;
	key->distrusted = false;
}

void key_answer(struct key *key, struct secret *secret)
{
	key->asked = false;
	if (secret != NULL)
		take(key, secret);
	key->host.changed(secret == NULL ? _("no password was given") : NULL,
			  key->user);
}
