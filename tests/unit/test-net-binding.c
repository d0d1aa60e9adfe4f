/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SCRAM bound to TLS, whole: our stream over loopback to a thread with
 * OpenSSL's server side and libgsasl's, both their own. In between, where a
 * test wants it, somebody whose certificate is trusted.
 */
#include "config.h"

#include <arpa/inet.h>
#include <gsasl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "smew/base.h"
#include "smew/net.h"

#define LIMIT_S 30
#define PASSWORD "gehéim"
#define LABEL "EXPORTER-Channel-Binding"

/* ---- who they are ---- */

struct identity {
	EVP_PKEY *key, *authority_key;
	X509 *certificate, *authority;
	char *file; /* PEM of the authority */
};

static X509 *make_certificate(const char *name, EVP_PKEY *key, X509 *issuer,
			      EVP_PKEY *issuer_key, const char *const *more)
{
	X509 *x = X509_new();
	X509V3_CTX context;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), issuer != NULL ? 2 : 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
				   MBSTRING_UTF8, (const void *)name, -1, -1,
				   0);
	X509_set_pubkey(x, key);
	X509_set_issuer_name(x,
			     X509_get_subject_name(issuer != NULL ? issuer : x));
	X509V3_set_ctx(&context, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
	for (; *more != NULL; more += 2) {
		X509_EXTENSION *extension = X509V3_EXT_conf(
			NULL, &context, more[0], more[1]);

		assert_non_null(extension);
		X509_add_ext(x, extension, -1);
		X509_EXTENSION_free(extension);
	}
	assert_true(X509_sign(x, issuer_key, EVP_sha256()) > 0);
	return x;
}

static int setup(void **state)
{
	static const char *const authority[] = { "basicConstraints",
						 "critical,CA:TRUE", NULL };
	static const char *const server[] = { "subjectAltName", "IP:127.0.0.1",
					      "extendedKeyUsage", "serverAuth",
					      NULL };
	struct identity *it = g_new0(struct identity, 1);
	FILE *file;

	it->authority_key = EVP_EC_gen("P-256");
	it->key = EVP_EC_gen("P-256");
	it->authority = make_certificate("Authority", it->authority_key, NULL,
					 it->authority_key, authority);
	it->certificate = make_certificate("server", it->key, it->authority,
					   it->authority_key, server);
	file = fdopen(g_file_open_tmp("smew-ca-XXXXXX", &it->file, NULL), "w");
	PEM_write_X509(file, it->authority);
	fclose(file);
	*state = it;
	return 0;
}

static int teardown(void **state)
{
	struct identity *it = *state;

	unlink(it->file);
	g_free(it->file);
	X509_free(it->authority);
	X509_free(it->certificate);
	EVP_PKEY_free(it->authority_key);
	EVP_PKEY_free(it->key);
	g_free(it);
	return 0;
}

/* ---- lines over TLS, blocking ---- */

static int listen_here(uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	getsockname(fd, (void *)&address, &length);
	*port = ntohs(address.sin_port);
	return fd;
}

static void patience(int fd)
{
	struct timeval limit = { .tv_sec = LIMIT_S };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/* NULL when the handshake fails. */
static SSL *accept_tls(int listener, const struct identity *it, int version)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	int fd = accept(listener, NULL, NULL);
	SSL *ssl;

	patience(fd);
	SSL_CTX_set_max_proto_version(context, version);
	SSL_CTX_use_certificate(context, it->certificate);
	SSL_CTX_use_PrivateKey(context, it->key);
	ssl = SSL_new(context);
	SSL_CTX_free(context);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static SSL *connect_tls(uint16_t port, int version)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port) };
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	SSL *ssl;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	patience(fd);
	if (connect(fd, (void *)&address, sizeof(address)) != 0)
		abort();
	SSL_CTX_set_max_proto_version(context, version);
	ssl = SSL_new(context);
	SSL_CTX_free(context);
	SSL_set_fd(ssl, fd);
	if (SSL_connect(ssl) != 1)
		abort();
	return ssl;
}

static void end_tls(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

/* Without its end; NULL at the end of the connection. Owned. */
static char *read_line(SSL *ssl)
{
	GString *line = g_string_new(NULL);
	char c;

	while (SSL_read(ssl, &c, 1) == 1) {
		if (c == '\n')
			return g_string_free(line, FALSE);
		g_string_append_c(line, c);
	}
	g_string_free(line, TRUE);
	return NULL;
}

static void write_line(SSL *ssl, const char *text)
{
	g_autofree char *line = g_strconcat(text, "\n", NULL);

	SSL_write(ssl, line, (int)strlen(line));
}

static bool is_end(const char *line)
{
	return strcmp(line, "+OK") == 0 || strcmp(line, "-NO") == 0;
}

/* ---- the server ---- */

struct server {
	const struct identity *it; /* borrowed */
	const char *mechanism;
	int listener, version;
	bool unique; /* all it knows is tls-unique */
	SSL *ssl;
};

static int give_binding(Gsasl_session *session, Gsasl_property property,
			SSL *ssl)
{
	uint8_t octets[64];
	size_t length = 32;
	char *text;

	if (property == GSASL_CB_TLS_UNIQUE)
		length = SSL_get_peer_finished(ssl, octets, sizeof(octets));
	else if (SSL_export_keying_material(ssl, octets, 32, LABEL,
					    strlen(LABEL), NULL, 0, 0) != 1)
		return GSASL_NO_CB_TLS_EXPORTER;
	text = g_base64_encode(octets, length);
	gsasl_property_set(session, property, text);
	g_free(text);
	return GSASL_OK;
}

static int server_property(Gsasl *context, Gsasl_session *session,
			   Gsasl_property property)
{
	const struct server *server = gsasl_callback_hook_get(context);

	switch (property) {
	case GSASL_PASSWORD:
		gsasl_property_set(session, property, PASSWORD);
		return GSASL_OK;
	case GSASL_CB_TLS_EXPORTER:
		return server->unique ? GSASL_NO_CB_TLS_EXPORTER
				      : give_binding(session, property,
						     server->ssl);
	case GSASL_CB_TLS_UNIQUE:
		return server->unique ? give_binding(session, property,
						     server->ssl)
				      : GSASL_NO_CB_TLS_UNIQUE;
	default:
		return GSASL_NO_CALLBACK;
	}
}

static void serve(struct server *server, Gsasl_session *session)
{
	int code = GSASL_NEEDS_MORE;

	while (code == GSASL_NEEDS_MORE) {
		g_autofree char *line = read_line(server->ssl);
		char *answer = NULL;

		if (line == NULL)
			return;
		code = gsasl_step64(session, line, &answer);
		if (code == GSASL_NEEDS_MORE ||
		    (code == GSASL_OK && answer != NULL && *answer != '\0'))
			write_line(server->ssl, answer);
		gsasl_free(answer);
	}
	write_line(server->ssl, code == GSASL_OK ? "+OK" : "-NO");
}

static gpointer server_thread(gpointer user)
{
	struct server *server = user;
	Gsasl *context;
	Gsasl_session *session;

	server->ssl = accept_tls(server->listener, server->it, server->version);
	if (server->ssl == NULL)
		return NULL;
	gsasl_init(&context);
	gsasl_callback_hook_set(context, server);
	gsasl_callback_set(context, server_property);
	if (gsasl_server_start(context, server->mechanism, &session) ==
	    GSASL_OK) {
		serve(server, session);
		gsasl_finish(session);
	}
	gsasl_done(context);
	end_tls(server->ssl);
	return NULL;
}

/* ---- who sits between, with a certificate that is trusted ---- */

struct between {
	const struct identity *it; /* borrowed */
	int listener, version;
	uint16_t server;
};

static gpointer between_thread(gpointer user)
{
	struct between *between = user;
	SSL *client = accept_tls(between->listener, between->it,
				 between->version);
	SSL *server = connect_tls(between->server, between->version);
	bool ended = client == NULL;

	while (!ended) {
		g_autofree char *said = read_line(client);
		g_autofree char *answer = NULL;

		if (said == NULL)
			break;
		write_line(server, said);
		answer = read_line(server);
		ended = answer == NULL || is_end(answer);
		write_line(client, answer != NULL ? answer : "-NO");
	}
	end_tls(server);
	if (client != NULL)
		end_tls(client);
	return NULL;
}

/* ---- the client ---- */

struct client {
	const struct identity *it; /* borrowed */
	const char *mechanism;
	enum net_binding kind;
	struct stream *stream;
	struct sasl *sasl;
	struct secret *password;
	uint8_t binding[NET_BINDING_MAX];
	GString *line;
	char *version; /* of TLS */
	bool secured, ended, good;
};

static void client_answer(struct client *client, const char *challenge)
{
	g_autoptr(GError) error = NULL;
	struct secret *answer = sasl_step(client->sasl, challenge, &error);

	if (answer == NULL) {
		client->ended = true;
		return;
	}
	stream_send(client->stream, secret_data(answer, NULL),
		    strlen(secret_data(answer, NULL)));
	stream_send(client->stream, "\n", 1);
	secret_free(answer);
}

static void client_begin(struct client *client)
{
	size_t length = stream_channel_binding(client->stream, client->kind,
					       client->binding);
	struct sasl_account account = {
		.user = "anna",
		.password = client->password,
		.binding = client->binding,
		.binding_length = length,
		.binding_kind = client->kind,
		.secure = true,
	};

	assert_true(length >= 12);
	client->version = g_strdup(stream_tls_version(client->stream));
	client->sasl = sasl_new(client->mechanism, &account, NULL);
	client_answer(client, NULL);
}

static void client_opened(void *user)
{
	struct client *client = user;
	struct net_tls_options options = { .host = "127.0.0.1",
					   .ca_file = client->it->file };

	if (client->secured) {
		client_begin(client);
		return;
	}
	client->secured = true;
	client->stream = stream_start_tls(client->stream, &options);
}

static void client_line(struct client *client)
{
	if (!is_end(client->line->str)) {
		/* The last one only proves that the server knows it, too. */
		client_answer(client, client->line->str);
		return;
	}
	client->good = client->line->str[0] == '+' &&
		       sasl_finished(client->sasl);
	client->ended = true;
}

static void client_received(const uint8_t *data, size_t length, void *user)
{
	struct client *client = user;

	for (size_t i = 0; i < length && !client->ended; i++) {
		if (data[i] != '\n') {
			g_string_append_c(client->line, (char)data[i]);
			continue;
		}
		client_line(client);
		g_string_truncate(client->line, 0);
	}
}

static void client_closed(const GError *error, void *user)
{
	struct client *client = user;

	(void)error;
	client->ended = true;
}

static gboolean too_late(gpointer user)
{
	(void)user;
	fail_msg("it takes more than %d s", LIMIT_S);
	return G_SOURCE_REMOVE;
}

static void client_run(struct client *client, uint16_t port)
{
	static const struct stream_handler handler = {
		.opened = client_opened,
		.received = client_received,
		.closed = client_closed,
	};
	guint late = g_timeout_add_seconds(LIMIT_S, too_late, NULL);

	client->line = g_string_new(NULL);
	client->stream = stream_open_tcp("127.0.0.1", port, LIMIT_S, &handler,
					 client);
	while (!client->ended)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(late);
	stream_free(client->stream);
	sasl_free(client->sasl);
	g_string_free(client->line, TRUE);
}

/* ---- tests ---- */

struct trial {
	const char *mechanism;
	int version;
	enum net_binding client; /* what it binds to */
	bool unique;		 /* all the server knows is tls-unique */
	bool between;		 /* somebody is */
	const char *password;
};

/* Whether both sides are content. */
static bool try_sign_in(const struct identity *it, const struct trial *trial)
{
	uint16_t port, own_port;
	struct server server = { .it = it,
				 .mechanism = trial->mechanism,
				 .version = trial->version,
				 .unique = trial->unique };
	struct between between = { .it = it, .version = trial->version };
	struct client client = { .it = it,
				 .mechanism = trial->mechanism,
				 .kind = trial->client };
	GThread *first, *second = NULL;

	server.listener = listen_here(&port);
	first = g_thread_new("server", server_thread, &server);
	if (trial->between) {
		between.server = port;
		between.listener = listen_here(&own_port);
		second = g_thread_new("between", between_thread, &between);
	}
	client.password = secret_new(trial->password, -1);
	client_run(&client, trial->between ? own_port : port);
	g_thread_join(first);
	if (second != NULL) {
		g_thread_join(second);
		close(between.listener);
	}
	close(server.listener);
	assert_string_equal(client.version, trial->version == TLS1_3_VERSION
						    ? "TLSv1.3"
						    : "TLSv1.2");
	g_free(client.version);
	secret_free(client.password);
	return client.good;
}

static const struct trial trials[] = {
	{ "SCRAM-SHA-256-PLUS", TLS1_3_VERSION, NET_BINDING_EXPORTER, false,
	  false, PASSWORD },
	{ "SCRAM-SHA-1-PLUS", TLS1_3_VERSION, NET_BINDING_EXPORTER, false,
	  false, PASSWORD },
	/* as Cyrus does */
	{ "SCRAM-SHA-256-PLUS", TLS1_3_VERSION, NET_BINDING_UNIQUE, true, false,
	  PASSWORD },
	{ "SCRAM-SHA-256-PLUS", TLS1_2_VERSION, NET_BINDING_UNIQUE, true, false,
	  PASSWORD },
};

static void test_both_are_content(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(trials); i++)
		if (!try_sign_in(*state, &trials[i]))
			fail_msg("trial %zu is refused", i);
}

static void test_wrong_password(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(trials); i++) {
		struct trial trial = trials[i];

		trial.password = "geheim";
		if (try_sign_in(*state, &trial))
			fail_msg("trial %zu takes a wrong password", i);
	}
}

/* Two TLS connections have two bindings, and so the sign-in fails. */
static void test_somebody_between(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(trials); i++) {
		struct trial trial = trials[i];

		trial.between = true;
		if (try_sign_in(*state, &trial))
			fail_msg("trial %zu goes through others' hands", i);
	}
}

/* That only the binding stops them: what does not bind goes through. */
static void test_unbound_goes_through(void **state)
{
	const struct trial trial = { "SCRAM-SHA-256", TLS1_3_VERSION,
				     NET_BINDING_EXPORTER, false, true,
				     PASSWORD };

	assert_true(try_sign_in(*state, &trial));
}

/* The server's sort of binding is not ours: refused, not unbound. */
static void test_other_sort(void **state)
{
	const struct trial trial = { "SCRAM-SHA-256-PLUS", TLS1_3_VERSION,
				     NET_BINDING_EXPORTER, true, false,
				     PASSWORD };

	assert_false(try_sign_in(*state, &trial));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_are_content),
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_somebody_between),
		cmocka_unit_test(test_unbound_goes_through),
		cmocka_unit_test(test_other_sort),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
