/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "credentials.h"
#include "limits.h"
#include "link-private.h"
#include "refusal.h"
#include "signin.h"

static bool is_set(const char *option)
{
	return option != NULL && *option != '\0';
}

static bool may_speak_openly(const struct link *link)
{
	return link->secure || !link->account->force_tls;
}

/* ---- the exchange ---- */

/* "WORDS (401)": what the mechanism was told beside the words. */
static char *refusal_words(const struct link *link,
			   const struct imap_status *status)
{
	const char *more =
		link->sasl != NULL ? sasl_complaint(link->sasl) : NULL;

	return more != NULL ?
		       g_strdup_printf("%s (%s)", status->text, more) :
		       g_strdup(status->text);
}

/* For the reader; owned. */
static char *refusal_reason(const struct link *link, const char *words)
{
	const struct account *account = link->account;

	return g_strdup_printf(_("%s did not let %s in: %s"),
			       is_set(account->host) ? account->host
						     : _("the server"),
			       is_set(account->user) ? account->user : _("you"),
			       words);
}

static void sign_in(struct link *link);

/* Remembered with the cache: finding it out takes three seconds each time. */
static const char binding_note[] = "binding";

static enum net_binding learned_binding(const struct account *account)
{
	g_autofree char *note = store_note(account->store, binding_note);

	return g_strcmp0(note, "unique") == 0 ? NET_BINDING_UNIQUE
					      : NET_BINDING_EXPORTER;
}

static void learn_binding(struct account *account)
{
	g_autoptr(GError) error = NULL;

	wire_learn(account, _("it binds the sign-in to TLS in the older way"));
	if (!store_set_note(account->store, binding_note, "unique", &error))
		account_complain(account, NULL, &error);
}

/*
 * Cyrus up to 3.8 binds to tls-unique over TLS 1.3 too. What binds no longer
 * at all would be open to who sits between: that is not tried.
 */
static bool binds_otherwise(struct link *link, enum refusal_kind kind)
{
	if (kind != REFUSAL_BINDING || link->binding_length == 0 ||
	    link->rebound ||
	    learned_binding(link->account) == NET_BINDING_UNIQUE)
		return false;
	learn_binding(link->account);
	link->rebound = true;
	sign_in(link);
	return true;
}

/* What let another connection in is not wrong: that one stays. */
static void wait_at_least(struct link *link, unsigned delay)
{
	if (!link->extra)
		retry_at_least(&link->account->retry, delay);
}

/* A certificate or a ticket is not to be asked for. */
static void identity_refused(struct link *link, const char *words)
{
	struct account *account = link->account;

	if (!link->used_secret)
		wait_at_least(link, LIMIT_BACKOFF_LONG);
	else if (link->extra && !credentials_use_token(account->credentials))
		return;
	else if (credentials_refused(account, link->serial, words))
		account->retry.failures = 0;
}

static void refused(struct link *link, const struct imap_status *status)
{
	struct refusal refusal = refusal_of(status->code, status->text);
	g_autofree char *words = refusal_words(link, status);
	g_autofree char *reason = refusal_reason(link, words);

	if (binds_otherwise(link, refusal.kind))
		return;
	wait_at_least(link, refusal.delay);
	if (refusal_asks_again(refusal.kind))
		identity_refused(link, words);
	link_fail(link, reason);
}

/* From the loop, as near to the top of the stack as it gets. */
static void wipe_traces(void *user)
{
	struct link *link = user;

	g_clear_pointer(&link->sasl, sasl_free);
	secret_wipe_stack();
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
	timer_start(&link->patience, 0, wipe_traces, link);
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
	return !credentials_use_token(link->account->credentials) &&
	       may_speak_openly(link) &&
	       !imap_has(link->imap, IMAP_CAP_LOGINDISABLED) &&
	       !is_set(link->account->authenticators);
}

/* TLS 1.2 has no exporter that servers bind to. */
static void find_binding(struct link *link, struct sasl_account *details)
{
	enum net_binding kind = learned_binding(link->account);
	size_t length =
		stream_channel_binding(link->stream, kind, link->binding);

	if (length == 0) {
		kind = NET_BINDING_UNIQUE;
		length = stream_channel_binding(link->stream, kind,
						link->binding);
	}
	link->binding_length = length;
	details->binding = length > 0 ? link->binding : NULL;
	details->binding_length = length;
	details->binding_kind = kind;
}

/* All but the mechanism to use; NULL: LOGIN, or none. */
static const char *find_mechanism(struct link *link,
				  struct sasl_account *details)
{
	struct account *account = link->account;
	struct credentials *credentials = account->credentials;
	g_auto(GStrv) offered = offered_mechanisms(link);

	*details = (struct sasl_account){
		.user = account->user != NULL ? account->user : "",
		.host = account->host != NULL ? account->host : "localhost",
		.service = "imap",
		.port = account->port,
		.has_token = credentials_use_token(credentials),
		.password = credentials_password(credentials),
		.token = credentials_token(credentials),
		.wanted = account->authenticators,
		.secure = may_speak_openly(link),
	};
	find_binding(link, details);
	return sasl_choose((const char *const *)offered, details);
}

static void login(struct link *link)
{
	struct account *account = link->account;
	GError *error = NULL;
	const struct secret *password =
		credentials_password(account->credentials);
	struct imap_command *command = imap_cmd_login(
		account->user, secret_data(password, NULL), &error);

	submit(link, command, error);
}

/* What it takes is there. */
static void sign_in(struct link *link)
{
	struct sasl_account details;
	const char *mechanism = find_mechanism(link, &details);

	g_clear_pointer(&link->sasl, sasl_free);
	link->serial = credentials_serial(link->account->credentials);
	if (mechanism != NULL)
		authenticate(link, mechanism, &details);
	else
		login(link);
}

/* ---- what it takes to get there ---- */

static void have_credentials(const char *problem, void *user)
{
	struct link *link = user;

	timer_stop(&link->patience);
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

/* 'mechanism' NULL: LOGIN. */
static bool knows_user(struct link *link, const char *mechanism)
{
	if (is_set(link->account->user) ||
	    (mechanism != NULL && !sasl_needs_user(mechanism)))
		return true;
	link_fail(link, _("the server wants a login, and no user name is set: "
			  "put it into the URL or imap_user"));
	return false;
}

static void no_way(struct link *link)
{
	g_auto(GStrv) offered = offered_mechanisms(link);
	g_autofree char *list = g_strjoinv(" ", offered);
	g_autofree char *clean = sanitise_line(list, -1);
	g_autofree char *reason = g_strdup_printf(
		_("no way to sign in: the server offers %s"),
		*clean ? clean : _("nothing"));

	link_fail(link, reason);
}

static void find_credentials(struct link *link)
{
	struct account *account = link->account;
	struct sasl_account details;
	const char *mechanism = find_mechanism(link, &details);

	if (mechanism == NULL && !may_login(link)) {
		no_way(link);
		return;
	}
	if (!knows_user(link, mechanism))
		return;
	link->used_secret = mechanism == NULL || sasl_needs_secret(mechanism);
	if (!link->used_secret) {
		sign_in(link);
		return;
	}
	timer_start(&link->patience, LIMIT_ANSWER, no_answer, link);
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
	/* Only what must be asked for by name does without. */
	if (!is_set(link->account->authenticators) && !knows_user(link, NULL))
		return;
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

void signin_judge(struct link *link, const struct imap_status *status)
{
	struct refusal refusal;
	g_autofree char *reason = NULL;

	if (status->condition != IMAP_NO && status->condition != IMAP_BAD)
		return;
	refusal = refusal_of(status->code, status->text);
	if (refusal.kind != REFUSAL_NO_MAILBOX &&
	    refusal.kind != REFUSAL_EXPIRED)
		return;
	reason = refusal_reason(link, status->text);
	wait_at_least(link, refusal.delay);
	if (refusal.kind == REFUSAL_EXPIRED)
		identity_refused(link, status->text);
	link_fail(link, reason);
}

void signin_parted(struct link *link, const char *words)
{
	wait_at_least(link, refusal_of(IMAP_CODE_NONE, words).delay);
}

void signin_end(struct link *link)
{
	timer_stop(&link->patience);
	credentials_leave(link->account, link);
	g_clear_pointer(&link->sasl, sasl_free);
	g_clear_pointer(&link->sasl_problem, g_free);
}
