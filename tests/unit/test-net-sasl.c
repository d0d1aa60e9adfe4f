/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in, against the server side of libgsasl. */
#include "config.h"

#include <gsasl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "smew/base.h"
#include "smew/net.h"

struct server {
	const char *user, *password;
	const char *binding; /* base64, or NULL */
	bool validated;
};

static const uint8_t binding[32] = { 1, 2, 3 };

static int server_property(Gsasl *context, Gsasl_session *session,
			   Gsasl_property property)
{
	struct server *server = gsasl_callback_hook_get(context);

	switch (property) {
	case GSASL_PASSWORD:
		gsasl_property_set(session, property, server->password);
		return GSASL_OK;
	case GSASL_CB_TLS_EXPORTER:
		if (!server->binding)
			return GSASL_NO_CB_TLS_EXPORTER;
		gsasl_property_set(session, property, server->binding);
		return GSASL_OK;
	case GSASL_VALIDATE_SIMPLE:
		server->validated =
			!g_strcmp0(gsasl_property_fast(session, GSASL_AUTHID),
				   server->user) &&
			!g_strcmp0(gsasl_property_fast(session, GSASL_PASSWORD),
				   server->password);
		return server->validated ? GSASL_OK
					 : GSASL_AUTHENTICATION_ERROR;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* Runs both sides; returns whether both are content. */
static bool converse(struct sasl *sasl, Gsasl_session *session,
		     bool client_first, GError **error)
{
	char *said = NULL;
	int code = GSASL_NEEDS_MORE;
	bool first = true;

	while (code == GSASL_NEEDS_MORE) {
		struct secret *answer = NULL;
		if (!first || client_first) {
			answer = sasl_step(sasl, first ? NULL : said, error);
			if (!answer) {
				gsasl_free(said);
				return false;
			}
		}
		first = false;
		gsasl_free(said);
		said = NULL;
		code = gsasl_step64(session,
				    answer ? secret_data(answer, NULL) : "",
				    &said);
		secret_free(answer);
	}
	bool good = code == GSASL_OK;
	if (good && said && *said && !sasl_finished(sasl)) {
		struct secret *answer = sasl_step(sasl, said, error);
		good = answer != NULL;
		secret_free(answer);
	}
	gsasl_free(said);
	return good && sasl_finished(sasl);
}

static bool sign_in(const char *mechanism, const char *password,
		    struct server *server, bool bound, GError **error)
{
	struct secret *secret = secret_new(password, -1);
	struct sasl_account account = {
		.user = "anna",
		.host = "imap.example.org",
		.service = "imap",
		.port = 993,
		.password = secret,
		.binding = bound ? binding : NULL,
		.binding_length = sizeof binding,
		.secure = true,
	};
	Gsasl *context;
	Gsasl_session *session;
	bool client_first = strcmp(mechanism, "LOGIN") != 0 &&
			    strcmp(mechanism, "CRAM-MD5") != 0;

	assert_int_equal(gsasl_init(&context), GSASL_OK);
	gsasl_callback_hook_set(context, server);
	gsasl_callback_set(context, server_property);
	assert_int_equal(gsasl_server_start(context, mechanism, &session),
			 GSASL_OK);
	struct sasl *sasl = sasl_new(mechanism, &account, error);
	assert_non_null(sasl);
	bool good = converse(sasl, session, client_first, error);
	sasl_free(sasl);
	gsasl_finish(session);
	gsasl_done(context);
	secret_free(secret);
	return good;
}

static const char *const mechanisms[] = {
	"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
	"SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN",
};

static void test_every_mechanism(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(mechanisms); i++) {
		const char *mechanism = mechanisms[i];
		bool plus = g_str_has_suffix(mechanism, "-PLUS");
		g_autofree char *encoded =
			g_base64_encode(binding, sizeof binding);
		struct server server = { "anna", "gehéim, =geheim",
					 plus ? encoded : NULL, false };
		g_autoptr(GError) error = NULL;

		if (!sign_in(mechanism, "gehéim, =geheim", &server, plus,
			     &error))
			fail_msg("%s: %s", mechanism,
				 error ? error->message : "refused");
		/* A binding that the mechanism does not use. */
		if (!sign_in(mechanism, "gehéim, =geheim", &server, true,
			     NULL))
			fail_msg("%s fails over TLS 1.3", mechanism);
		if (sign_in(mechanism, "wrong", &server, plus, NULL))
			fail_msg("%s takes a wrong password", mechanism);
	}
}

/* Somebody between the two has another TLS connection to each. */
static void test_binding_differs(void **state)
{
	static const uint8_t other[32] = { 9 };
	g_autofree char *encoded = g_base64_encode(other, sizeof other);
	struct server server = { "anna", "secret", encoded, false };

	(void)state;
	assert_false(sign_in("SCRAM-SHA-256-PLUS", "secret", &server, true,
			     NULL));
}

static const char *choose(const char *offered, struct sasl_account *account)
{
	g_auto(GStrv) names = g_strsplit(offered, " ", -1);

	return sasl_choose((const char *const *)names, account);
}

static void test_choice(void **state)
{
	struct secret *secret = secret_new("x", -1);
	struct sasl_account a = { .user = "anna", .password = secret,
				  .secure = true };
	const char *all = "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 "
			  "SCRAM-SHA-256-PLUS XOAUTH2 GSSAPI ANONYMOUS";

	(void)state;
	assert_string_equal(choose(all, &a), "SCRAM-SHA-256");
	a.binding = binding;
	assert_string_equal(choose(all, &a), "SCRAM-SHA-256-PLUS");
	assert_string_equal(choose("plain login", &a), "PLAIN");
	assert_null(choose("XOAUTH2 GSSAPI ANONYMOUS", &a));
	a.wanted = "login";
	assert_string_equal(choose(all, &a), "LOGIN");
	a.wanted = "anonymous";
	assert_string_equal(choose(all, &a), "ANONYMOUS");
	a.wanted = NULL;
	a.secure = false;
	assert_null(choose("PLAIN LOGIN", &a));
	assert_string_equal(choose("PLAIN CRAM-MD5", &a), "CRAM-MD5");
	a.secure = true;
	/* the user's order, not ours */
	a.wanted = "plain:scram-sha-256";
	assert_string_equal(choose(all, &a), "PLAIN");
	a.wanted = "external:nonsense:cram-md5";
	assert_string_equal(choose(all, &a), "CRAM-MD5");
	assert_string_equal(choose("EXTERNAL CRAM-MD5", &a), "EXTERNAL");
	a.wanted = "xoauth2";
	assert_null(choose(all, &a));
	a.wanted = NULL;
	assert_null(choose("EXTERNAL ANONYMOUS GSSAPI NTLM", &a));
	a.password = NULL; /* not known yet */
	assert_string_equal(choose("PLAIN", &a), "PLAIN");
	a.has_token = true;
	assert_string_equal(choose(all, &a), "XOAUTH2");
	assert_string_equal(choose("OAUTHBEARER XOAUTH2", &a), "OAUTHBEARER");
	assert_null(choose("PLAIN LOGIN", &a));
	secret_free(secret);
}

static void test_needs(void **state)
{
	(void)state;
	assert_true(sasl_needs_secret("PLAIN"));
	assert_true(sasl_needs_secret("XOAUTH2"));
	assert_true(sasl_needs_secret("NTLM"));
	assert_false(sasl_needs_secret("EXTERNAL"));
	assert_false(sasl_needs_secret("ANONYMOUS"));
	assert_false(sasl_needs_secret("GSSAPI"));
	assert_true(sasl_needs_user("GSSAPI"));
	assert_false(sasl_needs_user("ANONYMOUS"));
	assert_false(sasl_needs_user("EXTERNAL"));
}

/* The first answer of a mechanism, decoded; owned. */
static char *first_answer(const char *mechanism, struct sasl_account *account)
{
	g_autoptr(GError) error = NULL;
	struct sasl *sasl = sasl_new(mechanism, account, &error);
	struct secret *answer;
	gsize length;
	g_autofree guchar *text = NULL;

	assert_null(error);
	answer = sasl_step(sasl, NULL, &error);
	assert_null(error);
	text = g_base64_decode(secret_data(answer, NULL), &length);
	secret_free(answer);
	sasl_free(sasl);
	return g_strndup((const char *)text, length);
}

static void test_on_request(void **state)
{
	struct secret *secret = secret_new("x", -1);
	struct sasl_account account = { .user = "anna", .password = secret,
					.host = "h", .service = "imap" };
	g_autofree char *external = first_answer("EXTERNAL", &account);
	g_autofree char *anonymous = first_answer("ANONYMOUS", &account);
	g_autofree char *ntlm = first_answer("NTLM", &account);

	(void)state;
	assert_string_equal(external, "");
	assert_string_equal(anonymous, "smew");
	assert_string_equal(ntlm, "NTLMSSP");
	secret_free(secret);
}

static void check_complaint(const char *mechanism, const char *json,
			    const char *answer, const char *complaint)
{
	struct secret *token = secret_new("t0ken", -1);
	struct sasl_account account = { .user = "a", .host = "h",
					.has_token = true, .token = token,
					.secure = true };
	struct sasl *sasl = sasl_new(mechanism, &account, NULL);
	g_autofree char *challenge =
		g_base64_encode((const guchar *)json, strlen(json));
	struct secret *said;

	secret_free(sasl_step(sasl, NULL, NULL));
	assert_null(sasl_complaint(sasl));
	said = sasl_step(sasl, challenge, NULL);
	assert_string_equal(secret_data(said, NULL), answer);
	secret_free(said);
	if (complaint != NULL)
		assert_string_equal(sasl_complaint(sasl), complaint);
	else
		assert_null(sasl_complaint(sasl));
	sasl_free(sasl);
	secret_free(token);
}

/* The server's error must be answered before it says NO. */
static void test_token_refused(void **state)
{
	(void)state;
	check_complaint("XOAUTH2",
			"{\"status\":\"400\",\"schemes\":\"Bearer\"}", "",
			"400");
	check_complaint("OAUTHBEARER", "{ \"scope\":\"x\", \"status\" : "
				       "\"invalid_token\" }",
			"AQ==", "invalid_token");
	check_complaint("XOAUTH2", "{\"status\":401}", "", "401");
	check_complaint("XOAUTH2", "{\"status\":\"a\x1b[2Jb\"}", "",
			"a\xe2\x90\x9b[2Jb");
	check_complaint("XOAUTH2", "{\"status\"", "", NULL);
	check_complaint("XOAUTH2", "{\"status\":\"\"}", "", NULL);
	check_complaint("XOAUTH2", "", "", NULL);
	check_complaint("OAUTHBEARER", "nonsense", "AQ==", NULL);
}

static void check_token(const char *mechanism, const char *expected)
{
	struct secret *token = secret_new("t0ken", -1);
	struct sasl_account account = { .user = "a=n,na", .host = "h",
					.has_token = true,
					.port = 143, .token = token,
					.secure = true };
	struct sasl *sasl = sasl_new(mechanism, &account, NULL);
	struct secret *answer = sasl_step(sasl, NULL, NULL);
	gsize length;
	g_autofree guchar *text =
		g_base64_decode(secret_data(answer, NULL), &length);

	assert_int_equal(length, strlen(expected));
	assert_memory_equal(text, expected, length);
	secret_free(answer);
	sasl_free(sasl);
	secret_free(token);
}

static void test_tokens(void **state)
{
	(void)state;
	check_token("XOAUTH2", "user=a=n,na\001auth=Bearer t0ken\001\001");
	check_token("OAUTHBEARER", "n,a=a=3Dn=2Cna,\001host=h\001port=143\001"
				   "auth=Bearer t0ken\001\001");
}

static void test_garbage_challenge(void **state)
{
	struct secret *secret = secret_new("x", -1);
	struct sasl_account account = { .user = "anna", .password = secret,
					.secure = true };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;
		struct sasl *sasl = sasl_new("SCRAM-SHA-256", &account, NULL);
		secret_free(sasl_step(sasl, NULL, NULL));
		assert_null(sasl_step(sasl, i ? "!!!!" : "cj1hYmM=", &error));
		assert_int_equal(error->code, NET_ERROR_AUTH);
		assert_false(sasl_finished(sasl));
		sasl_free(sasl);
	}
	secret_free(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_mechanism),
		cmocka_unit_test(test_binding_differs),
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_on_request),
		cmocka_unit_test(test_token_refused),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_garbage_challenge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
