/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "credentials.h"
#include "limits.h"
#include "link-private.h"
#include "refusal.h"
#include "signin.h"

static bool may_speak_openly(const struct link *link)
{
	return link->secure || !link->account->force_tls;
}

/* ---- the exchange ---- */

static void refused(struct link *link, const struct imap_status *status)
{
	struct account *account = link->account;
	struct refusal refusal = refusal_of(status->code, status->text);
	g_autofree char *reason = g_strdup_printf(
		_("%s did not let %s in: %s"), account->host, account->user,
		status->text);

	/* What let another connection in is not wrong. */
	if (!link->extra)
		retry_at_least(&account->retry, refusal.delay);
	if (!link->extra && refusal_asks_again(refusal.kind) &&
	    credentials_refused(account, status->text))
		account->retry.failures = 0;
	link_fail(link, reason);
}

static void signed_in(const struct imap_status *status, void *user)
{
	struct link *link = user;
	bool proved = link->sasl == NULL || sasl_finished(link->sasl);

	link->in_flight--;
	if (link->state != LINK_SIGNIN)
		return;
	switch (status->condition) {
	case IMAP_OK:
		break;
	case IMAP_LOST:
		return;
	case IMAP_CANCELLED:
	case IMAP_REFUSED:
		link_fail(link, status->text);
		return;
	default:
		if (link->sasl_problem != NULL)
			link_fail(link, link->sasl_problem);
		else
			refused(link, status);
		return;
	}
	if (!proved) {
		link_fail(link, _("the server ended the sign-in before it had "
				  "proved that it knows the password"));
		return;
	}
	credentials_accepted(link->account);
	link_signed_in(link);
}

static char *step(struct link *link, const char *challenge)
{
	g_autoptr(GError) error = NULL;
	struct secret *answer = sasl_step(link->sasl, challenge, &error);

	if (answer == NULL) {
		g_free(link->sasl_problem);
		link->sasl_problem = g_strdup(error->message);
		return NULL;
	}
	char *text = g_strdup(secret_data(answer, NULL));
	secret_free(answer);
	return text;
}

static char *answer_challenge(const char *challenge, void *user)
{
	return step(user, challenge);
}

static void submit(struct link *link, struct imap_command *command,
		   GError *error)
{
	if (command == NULL) {
		link_fail(link, error->message);
		g_error_free(error);
		return;
	}
	link_watch(link);
	imap_submit(link->imap, command, signed_in, link);
}

static void authenticate(struct link *link, const char *mechanism,
			 const struct sasl_account *details)
{
	g_autoptr(GError) problem = NULL;
	GError *error = NULL;
	char *initial = NULL;

	link->sasl = sasl_new(mechanism, details, &problem);
	if (link->sasl == NULL) {
		link_fail(link, problem->message);
		return;
	}
	log_line(LOG_STATE, "session", "%s: signing in with %s",
		 link->account->name, mechanism);
	if (sasl_speaks_first(link->sasl) && link->account->sasl_ir) {
		initial = step(link, NULL);
		if (initial == NULL) {
			link_fail(link, link->sasl_problem);
			return;
		}
	}
	struct imap_command *command = imap_cmd_authenticate(
		mechanism, initial, answer_challenge, link, &error);
	if (initial != NULL)
		explicit_bzero(initial, strlen(initial));
	g_free(initial);
	submit(link, command, error);
}

static char **offered_mechanisms(const struct link *link)
{
	const char *const *all = imap_capabilities(link->imap);
	GPtrArray *names = g_ptr_array_new();

	for (; all != NULL && *all != NULL; all++) {
		if (g_ascii_strncasecmp(*all, "AUTH=", 5) == 0)
			g_ptr_array_add(names, g_strdup(*all + 5));
	}
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static bool may_login(const struct link *link)
{
	const char *wanted = link->account->authenticators;

	return credentials_password(link->account->credentials) != NULL &&
	       may_speak_openly(link) &&
	       !imap_has(link->imap, IMAP_CAP_LOGINDISABLED) &&
	       (wanted == NULL || *wanted == '\0');
}

static void sign_in(struct link *link)
{
	struct account *account = link->account;
	g_auto(GStrv) offered = offered_mechanisms(link);
	struct sasl_account details = {
		.user = account->user,
		.host = account->host,
		.service = "imap",
		.port = account->port,
		.password = credentials_password(account->credentials),
		.token = credentials_token(account->credentials),
		.wanted = account->authenticators,
		.secure = may_speak_openly(link),
	};
	GError *error = NULL;

	if (stream_channel_binding(link->stream, link->binding)) {
		details.binding = link->binding;
		details.binding_length = sizeof link->binding;
	}
	const char *mechanism =
		sasl_choose((const char *const *)offered, &details);
	if (mechanism != NULL) {
		authenticate(link, mechanism, &details);
	} else if (may_login(link)) {
		struct imap_command *command = imap_cmd_login(
			account->user, secret_data(details.password, NULL),
			&error);
		submit(link, command, error);
	} else {
		g_autofree char *list = g_strjoinv(" ", offered);
		g_autofree char *reason = g_strdup_printf(
			_("no way to sign in: the server offers %s"),
			*list ? list : _("nothing"));
		link_fail(link, reason);
	}
}

/* ---- what it takes to get there ---- */

static void have_credentials(const char *problem, void *user)
{
	struct link *link = user;

	timer_stop(&link->patience);
	link->asks = false;
	if (link->state != LINK_SIGNIN)
		return;
	if (problem != NULL)
		link_fail(link, problem);
	else
		sign_in(link);
}

static void no_answer(void *user)
{
	link_fail(user, _("waiting for the password"));
}

static void find_credentials(struct link *link)
{
	struct account *account = link->account;

	timer_start(&link->patience, LIMIT_ANSWER, no_answer, link);
	link->asks = true;
	credentials_get(account, have_credentials, link);
}

static void go_on(struct link *link);

static void capabilities_told(const struct imap_status *status, void *user)
{
	struct link *link = user;

	link->in_flight--;
	if (link->state != LINK_SIGNIN || status->condition == IMAP_LOST)
		return;
	if (status->condition == IMAP_OK)
		go_on(link);
	else
		link_fail(link, status->text);
}

static void tls_agreed(const struct imap_status *status, void *user)
{
	struct link *link = user;

	link->in_flight--;
	if (link->state != LINK_SIGNIN || status->condition == IMAP_LOST)
		return;
	if (status->condition == IMAP_OK)
		link->want_tls = true; /* when the engine has returned */
	else
		link_fail(link, status->text);
}

static bool wants_tls(const struct link *link)
{
	return !link->secure &&
	       (link->account->force_tls || link->account->starttls);
}

static void go_on(struct link *link)
{
	if (wants_tls(link) && imap_has(link->imap, IMAP_CAP_STARTTLS)) {
		link_watch(link);
		imap_submit(link->imap, imap_cmd_starttls(), tls_agreed, link);
	} else if (!may_speak_openly(link)) {
		link_fail(link, _("the server offers no TLS, and ssl_force_tls "
				  "is set: nothing was sent"));
	} else {
		find_credentials(link);
	}
}

static void ask_capabilities(struct link *link)
{
	link_watch(link);
	imap_submit(link->imap, imap_cmd_capability(), capabilities_told, link);
}

void signin_begin(struct link *link)
{
	const char *user = link->account->user;

	if (user == NULL || *user == '\0') {
		link_fail(link, _("the server wants a login, and no user name "
				  "is set: put it into the URL or imap_user"));
		return;
	}
	if (imap_capabilities_known(link->imap))
		go_on(link);
	else
		ask_capabilities(link);
}

void signin_secured(struct link *link)
{
	link->secure = true;
	ask_capabilities(link);
}

void signin_end(struct link *link)
{
	timer_stop(&link->patience);
	if (link->asks)
		credentials_leave(link->account);
	g_clear_pointer(&link->sasl, sasl_free);
	g_clear_pointer(&link->sasl_problem, g_free);
}
