/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an account's session and its sender are told of its options. */
#include "config.h"

#include <string.h>

#include "smew/session.h"
#include "smew/ui.h"

/* A session asks nobody: what mutt would ask about is done. */
static bool wants_starttls(const struct config *c, const char *name)
{
	return config_quad(c, name, "ssl_starttls") != QUAD_NO;
}

/* mutt's negative number is "never". */
static unsigned connect_seconds(const struct config *c, const char *name)
{
	return (unsigned)MAX(config_number(c, name, "connect_timeout"), 0);
}

static enum session_keeps keeps_sent(const struct config *c, const char *name)
{
	const char *keeps = config_string(c, name, "server_keeps_sent");

	return strcmp(keeps, "yes") == 0  ? SESSION_KEEPS_YES
	       : strcmp(keeps, "no") == 0 ? SESSION_KEEPS_NO
					  : SESSION_KEEPS_AUTO;
}

static struct session *start_session(const struct config *c, const char *name,
				     const struct account_server *server,
				     const struct sender_config *sending,
				     bool read_only, unsigned rows,
				     struct postbox *box)
{
	g_autofree char *cache_dir = path_cache_dir(name);
	g_autofree char *state_dir = path_state_dir(name);
	const char *tunnel = server->tunnel;
	const struct session_config config = {
		.account = name,
		.cache_dir = cache_dir,
		.state_dir = state_dir,
		.tunnel = tunnel != NULL && *tunnel != '\0' ? tunnel : NULL,
		.user = server->user,
		.host = server->host,
		.port = server->port,
		.implicit_tls = server->implicit_tls,
		.check_subscribed =
			config_bool(c, name, "imap_check_subscribed"),
		.idle = config_bool(c, name, "imap_idle"),
		.condstore = config_bool(c, name, "imap_condstore"),
		.qresync = config_bool(c, name, "imap_qresync"),
		.deflate = config_bool(c, name, "imap_deflate"),
		.read_only = read_only,
		.connections = (unsigned)config_number(c, name,
						       "imap_connections"),
		.screen_rows = rows,
		.mark_old = config_bool(c, name, "mark_old"),
		.send_id = config_bool(c, name, "imap_send_id"),
		.poll_seconds = (int)config_number(c, name,
						   "imap_poll_timeout"),
		.keepalive_seconds = (unsigned)config_number(c, name,
							     "imap_keepalive"),
		.force_tls = config_bool(c, name, "ssl_force_tls"),
		.starttls = wants_starttls(c, name),
		.connect_seconds = connect_seconds(c, name),
		.tunnel_is_secure = config_bool(c, name, "tunnel_is_secure"),
		.sasl_ir = config_bool(c, name, "imap_sasl_ir"),
		.password = server->password,
		.password_command = config_string(c, name,
						  "imap_pass_command"),
		.token_command = config_string(c, name,
					       "imap_oauth_refresh_command"),
		.authenticators = config_string(c, name,
						"imap_authenticators"),
		.ca_file = config_string(c, name, "ssl_ca_certificates_file"),
		.client_certificate = config_string(c, name,
						    "ssl_client_cert"),
		.first_mailbox = NULL,
		.sending = sending,
		.keeps_sent = keeps_sent(c, name),
	};

	return session_new(&config, box);
}

static struct sender_config sending_config(const struct config *c,
					   const char *name,
					   const char *state_dir,
					   const struct account_sending *way)
{
	return (struct sender_config){
		.account = name,
		.state_dir = state_dir,
		.host = way->host,
		.user = way->user,
		.port = way->port,
		.implicit_tls = way->implicit_tls,
		.force_tls = config_bool(c, name, "ssl_force_tls"),
		.starttls = wants_starttls(c, name),
		.connect_seconds = connect_seconds(c, name),
		.password = way->password,
		.password_command = way->password_command,
		.token_command = way->token_command,
		.lends = way->lends,
		.authenticators = config_string(c, name,
						"smtp_authenticators"),
		.ca_file = config_string(c, name, "ssl_ca_certificates_file"),
		.client_certificate = config_string(c, name,
						    "ssl_client_cert"),
		.name = config_string(c, name, "hostname"),
		.sendmail = way->host == NULL
				    ? config_string(c, name, "sendmail")
				    : NULL,
		.envelope_from = config_bool(c, name, "use_envelope_from"),
	};
}

struct sender *ui_sender_new(const struct config *c, const char *name,
			     GError **error)
{
	g_autofree char *state_dir = path_state_dir(name);
	struct account_sending way;
	struct sender_config config;
	struct sender *sender;

	if (!config_account_sending(c, name, &way, error))
		return NULL;
	config = sending_config(c, name, state_dir, &way);
	sender = sender_new(&config);
	account_sending_clear(&way);
	return sender;
}

struct session *ui_session_new(const struct config *c, const char *name,
			       bool read_only, unsigned rows,
			       struct postbox *box, GError **error)
{
	g_autofree char *state_dir = path_state_dir(name);
	struct account_server server = { 0 };
	struct account_sending way = { 0 };
	struct sender_config sending;
	struct session *session = NULL;

	if (config_account_server(c, name, &server, error)) {
		bool can = config_account_sending(c, name, &way, NULL);

		sending = sending_config(c, name, state_dir, &way);
		session = start_session(c, name, &server,
					can ? &sending : NULL, read_only, rows,
					box);
	}
	account_server_clear(&server);
	account_sending_clear(&way);
	return session;
}
