/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in to a submission server (RFC 4954). */
#include "config.h"

#include <string.h>

#include "smew/base.h"
#include "smtp-private.h"

static bool is_set(const char *text)
{
	return text != NULL && *text != '\0';
}

static bool may_speak_openly(const struct smtp *smtp)
{
	return smtp->encrypted || !smtp->server.force_tls;
}

static void find_binding(struct smtp *smtp, struct sasl_account *account)
{
	static const enum net_binding kinds[] = { NET_BINDING_EXPORTER,
						  NET_BINDING_UNIQUE };

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		size_t length = stream_channel_binding(smtp->stream, kinds[i],
						       smtp->binding);

		if (length == 0)
			continue;
		account->binding = smtp->binding;
		account->binding_length = length;
		account->binding_kind = kinds[i];
		return;
	}
}

/* The answer to 'challenge', behind 'command'; it is not logged. */
static bool answer(struct smtp *smtp, const char *command,
		   const char *challenge)
{
	g_autoptr(GError) error = NULL;
	struct secret *secret = sasl_step(smtp->sasl, challenge, &error);
	size_t length;
	const char *text;

	if (secret == NULL) {
		smtp_end(smtp, SMTP_SIGNIN, error->message);
		return false;
	}
	text = secret_data(secret, &length);
	stream_send(smtp->stream, command, strlen(command));
	/* An initial response of no octets is "=" (RFC 4954, 4). */
	if (length == 0 && *command != '\0')
		stream_send(smtp->stream, "=", 1);
	else
		stream_send(smtp->stream, text, length);
	stream_send(smtp->stream, "\r\n", 2);
	secret_free(secret);
	return true;
}

static void no_way(struct smtp *smtp)
{
	g_autofree char *list =
		g_strjoinv(" ", (char **)smtp->offers.mechanisms->pdata);
	g_autofree char *clean = sanitise_line(list, -1);
	g_autofree char *words = g_strdup_printf(
		_("no way to sign in: the server offers %s"),
		*clean != '\0' ? clean : _("nothing"));

	smtp_end(smtp, SMTP_LATER, words);
}

static void begin_with(struct smtp *smtp, const char *mechanism,
		       const struct sasl_account *account)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *command = NULL;

	smtp->sasl = sasl_new(mechanism, account, &error);
	if (smtp->sasl == NULL) {
		smtp_end(smtp, SMTP_LATER, error->message);
		return;
	}
	log_line(LOG_WIRE, "smtp", "C: AUTH %s ...", mechanism);
	smtp_enter(smtp, SMTP_AUTH);
	if (sasl_speaks_first(smtp->sasl)) {
		command = g_strdup_printf("AUTH %s ", mechanism);
		answer(smtp, command, NULL);
	} else {
		command = g_strdup_printf("AUTH %s\r\n", mechanism);
		stream_send(smtp->stream, command, strlen(command));
	}
}

void smtp_auth_begin(struct smtp *smtp)
{
	struct sasl_account account = {
		.user = smtp->server.user,
		.host = smtp->server.host,
		.service = "smtp",
		.port = smtp->server.port,
		.has_token = smtp->server.has_token,
		.password = smtp->server.password,
		.token = smtp->server.token,
		.wanted = smtp->server.authenticators,
		.secure = may_speak_openly(smtp),
	};
	const char *mechanism;

	if (!is_set(smtp->server.user)) {
		smtp_envelope_begin(smtp);
		return;
	}
	find_binding(smtp, &account);
	mechanism = sasl_choose(
		(const char *const *)smtp->offers.mechanisms->pdata, &account);
	if (mechanism == NULL)
		no_way(smtp);
	else
		begin_with(smtp, mechanism, &account);
}

/* "WORDS (401)": what the mechanism was told beside the words. */
static void refused(struct smtp *smtp, const struct reply *reply)
{
	const char *more = sasl_complaint(smtp->sasl);
	g_autofree char *words = reply_words(reply);
	g_autofree char *text = more != NULL
					? g_strdup_printf("%s (%s)", words, more)
					: g_strdup(words);

	smtp_end(smtp, reply->code < 500 ? SMTP_LATER : SMTP_SIGNIN, text);
}

void smtp_auth_reply(struct smtp *smtp, const struct reply *reply)
{
	if (reply->code == 334) {
		answer(smtp, "", g_ptr_array_index(reply->lines, 0));
	} else if (reply->code != 235) {
		refused(smtp, reply);
	} else if (!sasl_finished(smtp->sasl)) {
		smtp_end(smtp, SMTP_SIGNIN,
			 _("the server ended the sign-in before it had proved "
			   "that it knows the password"));
	} else {
		g_clear_pointer(&smtp->sasl, sasl_free);
		smtp_envelope_begin(smtp);
	}
}
