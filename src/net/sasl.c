/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signing in (RFC 4422). The mechanisms are libgsasl's, but for the two OAuth
 * ones, which are a line of text each.
 */
#include "config.h"

#include <gsasl.h>
#include <string.h>

#include "smew/base.h"
#include "smew/net.h"

enum need { NOTHING, PASSWORD, TOKEN };

/*
 * Best first. What is on request is used only when the user names it: who
 * wants to be known by a certificate or a ticket says so.
 */
static const struct mechanism {
	const char *name;
	enum need need;
	bool binds;	/* needs channel binding */
	bool clear;	/* shows the secret to who can read along */
	bool on_request;
	bool server_first;
} mechanisms[] = {
	{ "OAUTHBEARER", TOKEN, false, true, false, false },
	{ "XOAUTH2", TOKEN, false, true, false, false },
	{ "SCRAM-SHA-256-PLUS", PASSWORD, true, false, false, false },
	{ "SCRAM-SHA-256", PASSWORD, false, false, false, false },
	{ "SCRAM-SHA-1-PLUS", PASSWORD, true, false, false, false },
	{ "SCRAM-SHA-1", PASSWORD, false, false, false, false },
	{ "CRAM-MD5", PASSWORD, false, false, false, true },
	{ "PLAIN", PASSWORD, false, true, false, false },
	{ "LOGIN", PASSWORD, false, true, false, true },
	{ "EXTERNAL", NOTHING, false, false, true, false },
	{ "ANONYMOUS", NOTHING, false, false, true, false },
	{ "GSSAPI", NOTHING, false, false, true, false },
	{ "NTLM", PASSWORD, false, false, true, false },
};

struct sasl {
	const struct mechanism *mechanism;
	struct sasl_account account; /* strings and secrets borrowed */
	char *binding;		     /* base64, owned, or NULL */
	char *complaint;	     /* of the server; owned, or NULL */
	Gsasl *context;		     /* NULL with the OAuth mechanisms */
	Gsasl_session *session;
	unsigned steps;
	bool finished;
};

static bool name_listed(const char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (!g_ascii_strcasecmp(*names, name))
			return true;
	}
	return false;
}

static const struct mechanism *mechanism_find(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
		if (!g_ascii_strcasecmp(mechanisms[i].name, name))
			return &mechanisms[i];
	}
	return NULL;
}

static bool mechanism_fits(const struct mechanism *mechanism,
			   const struct sasl_account *account)
{
	if (mechanism->clear && !account->secure)
		return false;
	if (mechanism->binds && !account->binding)
		return false;
	return mechanism->need == NOTHING ||
	       (mechanism->need == TOKEN) == account->has_token;
}

static const char *choose_wanted(const char *const *offered,
				 const struct sasl_account *account)
{
	g_auto(GStrv) names = g_strsplit_set(account->wanted, ": ,", -1);

	for (char **name = names; *name; name++) {
		const struct mechanism *mechanism = mechanism_find(*name);
		if (mechanism && name_listed(offered, mechanism->name) &&
		    mechanism_fits(mechanism, account))
			return mechanism->name;
	}
	return NULL;
}

const char *sasl_choose(const char *const *offered,
			const struct sasl_account *account)
{
	if (account->wanted && *account->wanted)
		return choose_wanted(offered, account);
	for (size_t i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
		const struct mechanism *mechanism = &mechanisms[i];
		if (!mechanism->on_request &&
		    name_listed(offered, mechanism->name) &&
		    mechanism_fits(mechanism, account))
			return mechanism->name;
	}
	return NULL;
}

bool sasl_needs_secret(const char *name)
{
	const struct mechanism *mechanism = mechanism_find(name);

	return mechanism && mechanism->need != NOTHING;
}

/* The other two learn it from a certificate, or need none. */
bool sasl_needs_user(const char *name)
{
	return strcmp(name, "EXTERNAL") != 0 && strcmp(name, "ANONYMOUS") != 0;
}

static void set_secret(Gsasl_session *session, Gsasl_property property,
		       const struct secret *secret)
{
	if (secret)
		gsasl_property_set(session, property,
				   secret_data(secret, NULL));
}

static int answer_binding(struct sasl *sasl, Gsasl_session *session,
			  Gsasl_property property)
{
	bool exporter = property == GSASL_CB_TLS_EXPORTER;

	if (!sasl->binding ||
	    exporter != (sasl->account.binding_kind == NET_BINDING_EXPORTER))
		return exporter ? GSASL_NO_CB_TLS_EXPORTER
				: GSASL_NO_CB_TLS_UNIQUE;
	gsasl_property_set(session, property, sasl->binding);
	return GSASL_OK;
}

/* libgsasl asks for what a mechanism needs; what is not set is an error. */
static int answer_property(Gsasl *context, Gsasl_session *session,
			   Gsasl_property property)
{
	struct sasl *sasl = gsasl_callback_hook_get(context);
	const struct sasl_account *account = &sasl->account;

	switch (property) {
	case GSASL_AUTHID:
		gsasl_property_set(session, property, account->user);
		return GSASL_OK;
	case GSASL_ANONYMOUS_TOKEN:
		gsasl_property_set(session, property, PACKAGE_NAME);
		return GSASL_OK;
	case GSASL_PASSWORD:
		if (!account->password)
			return GSASL_NO_PASSWORD;
		set_secret(session, property, account->password);
		return GSASL_OK;
	case GSASL_SERVICE:
		gsasl_property_set(session, property, account->service);
		return GSASL_OK;
	case GSASL_HOSTNAME:
		gsasl_property_set(session, property, account->host);
		return GSASL_OK;
	case GSASL_CB_TLS_EXPORTER:
	case GSASL_CB_TLS_UNIQUE:
		return answer_binding(sasl, session, property);
	default:
		return GSASL_NO_CALLBACK;
	}
}

static bool start_library(struct sasl *sasl, GError **error)
{
	int code = gsasl_init(&sasl->context);

	if (code == GSASL_OK) {
		gsasl_callback_hook_set(sasl->context, sasl);
		gsasl_callback_set(sasl->context, answer_property);
		code = gsasl_client_start(sasl->context, sasl->mechanism->name,
					  &sasl->session);
	}
	if (code == GSASL_OK)
		return true;
	g_set_error(error, NET_ERROR, NET_ERROR_AUTH,
		    _("cannot sign in with %s: %s"), sasl->mechanism->name,
		    gsasl_strerror(code));
	return false;
}

struct sasl *sasl_new(const char *name, const struct sasl_account *account,
		      GError **error)
{
	const struct mechanism *mechanism = mechanism_find(name);

	if (!mechanism) {
		g_set_error(error, NET_ERROR, NET_ERROR_AUTH,
			    _("smew does not know the mechanism %s"), name);
		return NULL;
	}
	struct sasl *sasl = g_new0(struct sasl, 1);
	sasl->mechanism = mechanism;
	sasl->account = *account;
	/* libgsasl gives up when a mechanism that does not bind has one. */
	if (mechanism->binds)
		sasl->binding = g_base64_encode(account->binding,
						account->binding_length);
	if (mechanism->need != TOKEN && !start_library(sasl, error)) {
		sasl_free(sasl);
		return NULL;
	}
	return sasl;
}

/* libgsasl frees its copies as they are. */
static void wipe_session(Gsasl_session *session)
{
	static const Gsasl_property secrets[] = {
		GSASL_PASSWORD,		 GSASL_SCRAM_SALTED_PASSWORD,
		GSASL_SCRAM_SERVERKEY,	 GSASL_SCRAM_STOREDKEY,
		GSASL_DIGEST_MD5_HASHED_PASSWORD,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(secrets); i++) {
		const char *copy = gsasl_property_fast(session, secrets[i]);
		if (copy)
			explicit_bzero((char *)copy, strlen(copy));
	}
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	if (sasl->session) {
		wipe_session(sasl->session);
		gsasl_finish(sasl->session);
	}
	if (sasl->context)
		gsasl_done(sasl->context);
	g_free(sasl->binding);
	g_free(sasl->complaint);
	g_free(sasl);
}

/* RFC 5801 4: in a GS2 header `=` and `,` are written as =3D and =2C. */
static char *gs2_name(const char *user)
{
	GString *name = g_string_new(user);

	g_string_replace(name, "=", "=3D", 0);
	g_string_replace(name, ",", "=2C", 0);
	return g_string_free(name, FALSE);
}

/* RFC 7628 3.1 and Google's older form of the same. */
static struct secret *oauth_text(const struct sasl *sasl)
{
	const struct sasl_account *account = &sasl->account;
	const char *token = secret_data(account->token, NULL);
	g_autofree char *name = gs2_name(account->user);
	char *text;

	if (!strcmp(sasl->mechanism->name, "XOAUTH2"))
		text = g_strdup_printf("user=%s\001auth=Bearer %s\001\001",
				       account->user, token);
	else
		text = g_strdup_printf("n,a=%s,\001host=%s\001port=%u\001"
				       "auth=Bearer %s\001\001",
				       name, account->host,
				       (unsigned)account->port, token);
	struct secret *secret = secret_new(text, -1);
	explicit_bzero(text, strlen(text));
	g_free(text);
	return secret;
}

/*
 * What stands behind "status" in the server's error, which is a small JSON
 * object: text without escapes, or a number. Owned; NULL when there is none.
 */
static char *error_status(const char *json)
{
	const char *place = strstr(json, "\"status\"");
	size_t length;

	if (!place)
		return NULL;
	place += strlen("\"status\"");
	place += strspn(place, " \t\r\n");
	if (*place++ != ':')
		return NULL;
	place += strspn(place, " \t\r\n\"");
	length = strcspn(place, "\",} \t\r\n");
	return length ? sanitise_line(place, (gssize)MIN(length, 80)) : NULL;
}

/*
 * The first step sends the token. A further challenge is the server's error,
 * to be acknowledged before it says NO.
 */
static struct secret *oauth_step(struct sasl *sasl, const char *challenge)
{
	if (sasl->steps++ == 0)
		return oauth_text(sasl);
	sasl->finished = true;
	if (challenge && !sasl->complaint)
		sasl->complaint = error_status(challenge);
	return secret_new(strcmp(sasl->mechanism->name, "XOAUTH2") ? "\001" : "",
			  -1);
}

/* It prepares a password in blocks that it frees as they are. */
static void wipe_traces(const struct sasl *sasl)
{
	size_t length;

	if (sasl->account.password == NULL)
		return;
	secret_data(sasl->account.password, &length);
	secret_wipe_heap(length);
}

static struct secret *library_step(struct sasl *sasl, const char *challenge,
				   size_t length, GError **error)
{
	char *out = NULL;
	size_t n = 0;
	int code = gsasl_step(sasl->session, challenge, length, &out, &n);

	wipe_traces(sasl);
	if (code != GSASL_OK && code != GSASL_NEEDS_MORE) {
		g_set_error(error, NET_ERROR, NET_ERROR_AUTH,
			    _("cannot sign in with %s: %s"),
			    sasl->mechanism->name, gsasl_strerror(code));
		return NULL;
	}
	sasl->finished = code == GSASL_OK;
	struct secret *secret = secret_new(out ? out : "", (gssize)n);
	if (out) {
		explicit_bzero(out, n);
		gsasl_free(out);
	}
	return secret;
}

/* NUL-terminated, owned; NULL for an empty one. */
static char *challenge_decode(const char *challenge, size_t *length)
{
	gsize n = 0;
	guchar *data;

	*length = 0;
	if (!challenge || !*challenge)
		return NULL;
	data = g_base64_decode(challenge, &n);
	data = g_realloc(data, n + 1);
	data[n] = '\0';
	*length = n;
	return (char *)data;
}

static struct secret *encode(struct secret *answer)
{
	size_t n;
	const char *octets = secret_data(answer, &n);
	char *text = g_base64_encode((const guchar *)octets, n);
	struct secret *encoded = secret_new(text, -1);

	explicit_bzero(text, strlen(text));
	g_free(text);
	secret_free(answer);
	return encoded;
}

struct secret *sasl_step(struct sasl *sasl, const char *challenge,
			 GError **error)
{
	size_t length;
	g_autofree char *data = challenge_decode(challenge, &length);
	struct secret *answer =
		sasl->mechanism->need == TOKEN
			? oauth_step(sasl, data)
			: library_step(sasl, data, length, error);

	return answer ? encode(answer) : NULL;
}

bool sasl_speaks_first(const struct sasl *sasl)
{
	return !sasl->mechanism->server_first;
}

bool sasl_finished(const struct sasl *sasl)
{
	return sasl->finished || sasl->mechanism->need == TOKEN;
}

const char *sasl_complaint(const struct sasl *sasl)
{
	return sasl->complaint;
}
