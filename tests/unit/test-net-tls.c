/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verification of servers, cell by cell: certificates made here, a TLS
 * server of OpenSSL's in this process, octets handed from side to side.
 */
#include "config.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/net/tls.h"

#define HOST "imap.example.org"
#define DAY (24 * 60 * 60)

enum signer { BY_CA, BY_UNKNOWN, BY_SELF, BY_LEAF, BY_CHAIN, BY_OLD_CA };
enum key { KEY_EC, KEY_RSA_1024, KEY_RSA_2048, KEY_ED25519 };

struct cell {
	const char *label;
	bool good;
	const char *host;  /* NULL: HOST */
	const char *names; /* subjectAltName, NULL: "DNS:" HOST; "": none */
	const char *common_name;
	enum signer signer;
	enum key key;
	int from, until;   /* days from now; 0, 0: -1, 30 */
	const char *usage; /* extendedKeyUsage, NULL: serverAuth */
	const char *digest;
	int version;	   /* highest of the server, 0: any */
};

static const struct cell cells[] = {
	{ .label = "valid", .good = true },
	{ .label = "valid, RSA", .good = true, .key = KEY_RSA_2048 },
	{ .label = "valid, Ed25519", .good = true, .key = KEY_ED25519 },
	{ .label = "valid, TLS 1.2", .good = true, .version = TLS1_2_VERSION },
	{ .label = "valid, intermediate", .good = true, .signer = BY_CHAIN },
	{ .label = "valid, one of many names", .good = true,
	  .names = "DNS:a.example,DNS:" HOST ",DNS:b.example" },
	{ .label = "valid, upper case", .good = true,
	  .names = "DNS:IMAP.Example.ORG" },
	{ .label = "valid, wildcard", .good = true,
	  .names = "DNS:*.example.org" },
	{ .label = "valid, address", .good = true, .host = "192.0.2.1",
	  .names = "IP:192.0.2.1" },
	{ .label = "valid, IPv6 address", .good = true, .host = "2001:db8::1",
	  .names = "IP:2001:db8::1" },
	{ .label = "valid, client and server use", .good = true,
	  .usage = "serverAuth,clientAuth" },
	{ .label = "expired", .from = -30, .until = -1 },
	{ .label = "expired long ago", .from = -4000, .until = -3000 },
	{ .label = "not yet valid", .from = 1, .until = 30 },
	{ .label = "authority expired", .signer = BY_OLD_CA },
	{ .label = "self-signed", .signer = BY_SELF },
	{ .label = "self-signed, RSA", .signer = BY_SELF, .key = KEY_RSA_2048 },
	{ .label = "unknown authority", .signer = BY_UNKNOWN },
	{ .label = "signed by a leaf", .signer = BY_LEAF },
	{ .label = "other name", .names = "DNS:imap.example.com" },
	{ .label = "parent name", .names = "DNS:example.org" },
	{ .label = "child name", .names = "DNS:a." HOST },
	{ .label = "prefix of the name", .names = "DNS:imap.example.or" },
	{ .label = "name with a suffix", .names = "DNS:" HOST ".evil.test" },
	{ .label = "no names", .names = "" },
	{ .label = "common name alone", .names = "", .common_name = HOST },
	{ .label = "common name beside another name", .common_name = HOST,
	  .names = "DNS:other.example" },
	{ .label = "common name beside an address", .common_name = HOST,
	  .names = "IP:192.0.2.1" },
	{ .label = "name as an email", .names = "email:root@" HOST },
	{ .label = "name as a URI", .names = "URI:imaps://" HOST "/" },
	{ .label = "wildcard of everything", .names = "DNS:*" },
	{ .label = "wildcard of a top level", .names = "DNS:*.org" },
	{ .label = "wildcard two levels up", .names = "DNS:*.org",
	  .host = "example.org.org" },
	{ .label = "wildcard over two labels", .names = "DNS:*.example.org",
	  .host = "a.imap.example.org" },
	{ .label = "wildcard and nothing", .names = "DNS:*.example.org",
	  .host = "example.org" },
	{ .label = "partial wildcard", .names = "DNS:im*.example.org" },
	{ .label = "partial wildcard, end", .names = "DNS:*ap.example.org" },
	{ .label = "partial wildcard, middle", .names = "DNS:i*p.example.org" },
	{ .label = "wildcard inside", .names = "DNS:imap.*.org" },
	{ .label = "two wildcards", .names = "DNS:*.*.org" },
	{ .label = "wildcard for an address", .host = "192.0.2.1",
	  .names = "DNS:*.0.2.1" },
	{ .label = "address as a name", .host = "192.0.2.1",
	  .names = "DNS:192.0.2.1" },
	{ .label = "address as a common name", .host = "192.0.2.1",
	  .names = "", .common_name = "192.0.2.1" },
	{ .label = "other address", .host = "192.0.2.1",
	  .names = "IP:192.0.2.2" },
	{ .label = "address for a name", .names = "IP:192.0.2.1" },
	{ .label = "for clients", .usage = "clientAuth" },
	{ .label = "for code", .usage = "codeSigning" },
	{ .label = "for mail", .usage = "emailProtection" },
	{ .label = "for clients, chain", .usage = "clientAuth",
	  .signer = BY_CHAIN },
	{ .label = "expired, chain", .from = -30, .until = -1,
	  .signer = BY_CHAIN },
	{ .label = "other name, chain", .names = "DNS:x.example",
	  .signer = BY_CHAIN },
	{ .label = "weak key", .key = KEY_RSA_1024 },
	{ .label = "weak digest", .key = KEY_RSA_2048, .digest = "SHA1" },
	{ .label = "broken digest", .key = KEY_RSA_2048, .digest = "MD5" },
	{ .label = "TLS 1.1", .version = TLS1_1_VERSION },
	{ .label = "TLS 1.0", .version = TLS1_VERSION },
	{ .label = "expired and self-signed", .from = -30, .until = -1,
	  .signer = BY_SELF },
	{ .label = "other name and unknown authority",
	  .names = "DNS:x.example", .signer = BY_UNKNOWN },
	{ .label = "expired, TLS 1.2", .from = -30, .until = -1,
	  .version = TLS1_2_VERSION },
	{ .label = "self-signed, TLS 1.2", .signer = BY_SELF,
	  .version = TLS1_2_VERSION },
	{ .label = "other name, TLS 1.2", .names = "DNS:x.example",
	  .version = TLS1_2_VERSION },
	{ .label = "for clients, TLS 1.2", .usage = "clientAuth",
	  .version = TLS1_2_VERSION },
};

struct identity {
	X509 *certificate;
	EVP_PKEY *key;
};

struct authorities {
	struct identity trusted, unknown, middle, leaf, old;
	char *file; /* PEM of trusted and old */
};

/* ---- making certificates ---- */

static EVP_PKEY *make_key(enum key kind)
{
	switch (kind) {
	case KEY_RSA_1024:
		return EVP_RSA_gen(1024);
	case KEY_RSA_2048:
		return EVP_RSA_gen(2048);
	case KEY_ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	default:
		return EVP_EC_gen("P-256");
	}
}

static void add_extension(X509 *x, const X509 *issuer, int nid,
			  const char *value)
{
	X509V3_CTX context;

	X509V3_set_ctx(&context, (X509 *)issuer, x, NULL, NULL, 0);
	X509_EXTENSION *extension =
		X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(x, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static X509 *begin_certificate(const char *name, EVP_PKEY *key, int from,
			       int until)
{
	static long serial = 1;
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), (long)from * DAY);
	X509_gmtime_adj(X509_getm_notAfter(x), (long)until * DAY);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
				   MBSTRING_UTF8, (const void *)name, -1, -1,
				   0);
	X509_set_pubkey(x, key);
	return x;
}

static void end_certificate(X509 *x, const struct identity *signer,
			    const char *digest)
{
	bool own = EVP_PKEY_get_base_id(signer->key) == EVP_PKEY_ED25519;

	X509_set_issuer_name(x, X509_get_subject_name(signer->certificate));
	assert_true(X509_sign(x, signer->key,
			      own ? NULL : EVP_get_digestbyname(digest)) > 0);
}

static struct identity make_authority(const char *name,
				      const struct identity *signer,
				      bool authority, int until)
{
	struct identity it = { .key = EVP_RSA_gen(2048) };

	it.certificate = begin_certificate(name, it.key, -100, until);
	const struct identity *by = signer ? signer : &it;
	add_extension(it.certificate, by->certificate, NID_basic_constraints,
		      authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
	end_certificate(it.certificate, by, "SHA256");
	return it;
}

static void identity_clear(struct identity *it)
{
	X509_free(it->certificate);
	EVP_PKEY_free(it->key);
}

static int setup(void **state)
{
	struct authorities *a = g_new0(struct authorities, 1);

	a->trusted = make_authority("Trusted", NULL, true, 300);
	a->unknown = make_authority("Unknown", NULL, true, 300);
	a->old = make_authority("Old", NULL, true, -1);
	a->middle = make_authority("Middle", &a->trusted, true, 300);
	a->leaf = make_authority("Leaf", &a->trusted, false, 300);
	int fd = g_file_open_tmp("smew-ca-XXXXXX", &a->file, NULL);
	FILE *file = fdopen(fd, "w");
	PEM_write_X509(file, a->trusted.certificate);
	PEM_write_X509(file, a->old.certificate);
	fclose(file);
	*state = a;
	return 0;
}

static int teardown(void **state)
{
	struct authorities *a = *state;

	unlink(a->file);
	g_free(a->file);
	identity_clear(&a->trusted);
	identity_clear(&a->unknown);
	identity_clear(&a->old);
	identity_clear(&a->middle);
	identity_clear(&a->leaf);
	g_free(a);
	return 0;
}

static const struct identity *signer_of(const struct authorities *a,
					const struct cell *cell,
					const struct identity *self)
{
	switch (cell->signer) {
	case BY_UNKNOWN:
		return &a->unknown;
	case BY_SELF:
		return self;
	case BY_LEAF:
		return &a->leaf;
	case BY_CHAIN:
		return &a->middle;
	case BY_OLD_CA:
		return &a->old;
	default:
		return &a->trusted;
	}
}

static struct identity make_server(const struct authorities *a,
				   const struct cell *cell)
{
	struct identity it = { .key = make_key(cell->key) };
	bool dated = cell->from || cell->until;

	it.certificate = begin_certificate(
		cell->common_name ? cell->common_name : "server", it.key,
		dated ? cell->from : -1, dated ? cell->until : 30);
	const struct identity *by = signer_of(a, cell, &it);
	const char *names = cell->names ? cell->names : "DNS:" HOST;
	if (*names)
		add_extension(it.certificate, by->certificate,
			      NID_subject_alt_name, names);
	add_extension(it.certificate, by->certificate, NID_ext_key_usage,
		      cell->usage ? cell->usage : "serverAuth");
	end_certificate(it.certificate, by,
			cell->digest ? cell->digest : "SHA256");
	return it;
}

/* ---- the two sides ---- */

static SSL *start_server(const struct authorities *a, const struct cell *cell,
			 const struct identity *it, SSL_CTX **context)
{
	*context = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(*context, 0);
	SSL_CTX_set_min_proto_version(*context, TLS1_VERSION);
	SSL_CTX_set_cipher_list(*context, "ALL:@SECLEVEL=0");
	if (cell->version)
		SSL_CTX_set_max_proto_version(*context, cell->version);
	assert_int_equal(SSL_CTX_use_certificate(*context, it->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(*context, it->key), 1);
	if (cell->signer == BY_CHAIN)
		SSL_CTX_add1_chain_cert(*context, a->middle.certificate);
	if (cell->signer == BY_LEAF)
		SSL_CTX_add1_chain_cert(*context, a->leaf.certificate);
	SSL *ssl = SSL_new(*context);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_accept_state(ssl);
	return ssl;
}

struct outcome {
	bool established;
	GError *error;
	struct net_certificate *certificate;
	char heard[64]; /* what the server decrypted */
	GByteArray *plain;
};

static void outcome_clear(struct outcome *outcome)
{
	g_clear_error(&outcome->error);
	net_certificate_free(outcome->certificate);
	g_byte_array_unref(outcome->plain);
}

/* Hands octets over, one direction after the other, until both are silent. */
static void converse(struct tls *tls, SSL *server, GByteArray *out,
		     struct outcome *outcome)
{
	char data[4096];
	bool sent = false;

	for (int turn = 0; turn < 20; turn++) {
		BIO_write(SSL_get_rbio(server), out->data, (int)out->len);
		g_byte_array_set_size(out, 0);
		if (SSL_do_handshake(server) == 1) {
			int n = SSL_read(server, outcome->heard,
					 sizeof outcome->heard - 1);
			if (n > 0)
				SSL_write(server, "* OK hello\r\n", 12);
		}
		int n;
		while ((n = BIO_read(SSL_get_wbio(server), data,
				     sizeof data)) > 0) {
			if (!tls_receive(tls, (uint8_t *)data, (size_t)n,
					 outcome->plain, out,
					 &outcome->certificate,
					 &outcome->error))
				return;
		}
		if (tls_established(tls) && !sent) {
			sent = true;
			assert_true(tls_send(tls, "a LOGIN", 7, out, NULL));
		}
	}
}

static void connect_pinned(const struct authorities *a, const struct cell *cell,
			   const struct identity *it, const char *pin,
			   const char *accepted, struct outcome *outcome)
{
	struct net_tls_options options = {
		.host = cell->host ? cell->host : HOST,
		.ca_file = a->file,
		.pin = pin,
		.accepted_key = accepted,
	};
	g_autoptr(GByteArray) out = g_byte_array_new();
	SSL_CTX *context;
	SSL *server = start_server(a, cell, it, &context);

	*outcome = (struct outcome){ .plain = g_byte_array_new() };
	struct tls *tls = tls_new(&options, out, &outcome->error);
	assert_non_null(tls);
	converse(tls, server, out, outcome);
	outcome->established = tls_established(tls);
	tls_free(tls);
	SSL_free(server);
	SSL_CTX_free(context);
}

static void check_cell(const struct authorities *a, const struct cell *cell)
{
	struct identity it = make_server(a, cell);
	struct outcome outcome;

	connect_pinned(a, cell, &it, NULL, NULL, &outcome);
	if (outcome.established != cell->good)
		fail_msg("%s: %s", cell->label,
			 outcome.error ? outcome.error->message : "accepted");
	if (cell->good) {
		assert_string_equal(outcome.heard, "a LOGIN");
		assert_memory_equal(outcome.plain->data, "* OK hello\r\n", 12);
	} else {
		assert_non_null(outcome.error);
		assert_int_equal(outcome.plain->len, 0);
		assert_string_equal(outcome.heard, "");
	}
	outcome_clear(&outcome);
	identity_clear(&it);
}

static void test_matrix(void **state)
{
	for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
		check_cell(*state, &cells[i]);
}

static void test_refusal_describes(void **state)
{
	static const struct cell cell = { .label = "self",
					  .signer = BY_SELF,
					  .common_name = "evil\033[31m" };
	struct identity it = make_server(*state, &cell);
	struct outcome outcome;

	connect_pinned(*state, &cell, &it, NULL, NULL, &outcome);
	assert_int_equal(outcome.error->code, NET_ERROR_CERTIFICATE);
	assert_non_null(outcome.certificate);
	assert_int_equal(strlen(outcome.certificate->fingerprint), 95);
	assert_int_equal(strlen(outcome.certificate->key), 95);
	assert_null(strchr(outcome.certificate->subject, '\033'));
	assert_non_null(strstr(outcome.certificate->names, HOST));
	outcome_clear(&outcome);
	identity_clear(&it);
}

static void test_once(void **state)
{
	static const struct cell cell = { .label = "self", .signer = BY_SELF };
	struct identity it = make_server(*state, &cell);
	struct identity other = make_server(*state, &cell);
	struct outcome first, second, third;

	connect_pinned(*state, &cell, &it, NULL, NULL, &first);
	assert_false(first.established);
	const char *key = first.certificate->key;
	connect_pinned(*state, &cell, &it, NULL, key, &second);
	assert_true(second.established);
	connect_pinned(*state, &cell, &other, NULL, key, &third);
	assert_false(third.established);
	outcome_clear(&second);
	outcome_clear(&third);
	outcome_clear(&first);
	identity_clear(&it);
	identity_clear(&other);
}

/* A pinned key counts alone: even a certificate that verifies is refused. */
static void test_pin(void **state)
{
	static const struct cell self = { .label = "self", .signer = BY_SELF };
	static const struct cell valid = { .label = "valid" };
	struct identity pinned = make_server(*state, &self);
	struct identity other = make_server(*state, &valid);
	struct outcome first, again, changed;

	connect_pinned(*state, &self, &pinned, NULL, NULL, &first);
	const char *key = first.certificate->key;
	connect_pinned(*state, &self, &pinned, key, NULL, &again);
	assert_true(again.established);
	connect_pinned(*state, &valid, &other, key, NULL, &changed);
	assert_false(changed.established);
	assert_string_equal(changed.certificate->pinned_key, key);
	assert_string_not_equal(changed.certificate->key, key);
	outcome_clear(&again);
	outcome_clear(&changed);
	outcome_clear(&first);
	identity_clear(&pinned);
	identity_clear(&other);
}

/* A NUL inside a name must not end it. */
static void test_nul_in_name(void **state)
{
	static const struct cell cell = { .label = "NUL" };
	static const char name[] = HOST "\0.evil.test";
	const struct authorities *a = *state;
	struct identity it = { .key = make_key(KEY_EC) };
	struct outcome outcome;

	it.certificate = begin_certificate("server", it.key, -1, 30);
	GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *one = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();
	ASN1_STRING_set(text, name, sizeof name - 1);
	GENERAL_NAME_set0_value(one, GEN_DNS, text);
	sk_GENERAL_NAME_push(names, one);
	X509_add1_ext_i2d(it.certificate, NID_subject_alt_name, names, 0, 0);
	GENERAL_NAMES_free(names);
	end_certificate(it.certificate, &a->trusted, "SHA256");

	connect_pinned(a, &cell, &it, NULL, NULL, &outcome);
	assert_false(outcome.established);
	outcome_clear(&outcome);
	identity_clear(&it);
}

/* What is not TLS at all, and octets that were changed on the way. */
static void test_garbage(void **state)
{
	static const char *const garbage[] = {
		"* OK [CAPABILITY IMAP4rev1] hello\r\n",
		"HTTP/1.1 302 Found\r\n\r\n",
		"\025\003\003\000\002\002\050",
		"\026\003\003\377\377",
	};
	const struct authorities *a = *state;

	for (size_t i = 0; i < G_N_ELEMENTS(garbage); i++) {
		struct net_tls_options options = { .host = HOST,
						   .ca_file = a->file };
		g_autoptr(GByteArray) out = g_byte_array_new();
		g_autoptr(GByteArray) plain = g_byte_array_new();
		g_autoptr(GError) error = NULL;
		struct tls *tls = tls_new(&options, out, NULL);
		uint8_t filler[40] = { 0 };

		bool good = tls_receive(tls, (const uint8_t *)garbage[i], 5,
					plain, out, NULL, &error) &&
			    tls_receive(tls, filler, sizeof filler, plain, out,
					NULL, &error) &&
			    tls_established(tls);
		assert_false(good);
		assert_int_equal(plain->len, 0);
		tls_free(tls);
	}
}

static void test_missing_file(void **state)
{
	struct net_tls_options options = { .host = HOST,
					   .ca_file = "/nonexistent/ca.pem" };
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;

	(void)state;
	assert_null(tls_new(&options, out, &error));
	assert_non_null(strstr(error->message, "/nonexistent/ca.pem"));
}

/* ---- the filters, one on the other ---- */

struct tower {
	struct stream *stream;
	unsigned opened;
	GError *reason;
};

static void tower_opened(void *user)
{
	((struct tower *)user)->opened++;
}

static void tower_received(const uint8_t *data, size_t length, void *user)
{
	(void)data;
	(void)length;
	(void)user;
}

static void tower_closed(const GError *error, void *user)
{
	((struct tower *)user)->reason = g_error_copy(error);
}

static const struct stream_handler tower_calls = {
	.opened = tower_opened,
	.received = tower_received,
	.closed = tower_closed,
};

struct listener {
	int fd;
	SSL *ssl;
};

/* Takes one connection and reads it to its end. */
static gpointer serve_once(gpointer user)
{
	const struct listener *listener = user;
	int fd = accept(listener->fd, NULL, NULL);
	char data[256];

	SSL_set_fd(listener->ssl, fd);
	if (SSL_accept(listener->ssl) == 1)
		while (SSL_read(listener->ssl, data, sizeof data) > 0)
			;
	close(fd);
	return NULL;
}

static gboolean tower_late(gpointer user)
{
	(void)user;
	fail_msg("nothing came in time");
	return G_SOURCE_REMOVE;
}

static void wait_opened(const struct tower *tower, unsigned times)
{
	guint limit = g_timeout_add_seconds(30, tower_late, NULL);

	while (tower->opened < times) {
		if (tower->reason != NULL)
			fail_msg("%s", tower->reason->message);
		g_main_context_iteration(NULL, TRUE);
	}
	g_source_remove(limit);
}

static uint16_t listen_somewhere(struct listener *listener)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener->fd, (struct sockaddr *)&address,
			      length), 0);
	assert_int_equal(listen(listener->fd, 1), 0);
	getsockname(listener->fd, (struct sockaddr *)&address, &length);
	return ntohs(address.sin_port);
}

/* What TLS knows is known on top of DEFLATE, too. */
static void test_tower(void **state)
{
	static const struct cell cell = { .label = "valid", .good = true };
	const struct authorities *a = *state;
	const struct net_tls_options options = { .host = HOST,
						 .ca_file = a->file };
	struct identity it = make_server(a, &cell);
	struct tower tower = { 0 };
	struct listener listener;
	uint8_t binding[NET_BINDING_MAX];
	SSL_CTX *context;

	listener.ssl = start_server(a, &cell, &it, &context);
	uint16_t port = listen_somewhere(&listener);
	GThread *thread = g_thread_new("server", serve_once, &listener);
	tower.stream = stream_open_tcp("127.0.0.1", port, 30, &tower_calls,
				       &tower);
	wait_opened(&tower, 1);
	assert_null(stream_tls_version(tower.stream));
	tower.stream = stream_start_tls(tower.stream, &options);
	assert_null(stream_tls_version(tower.stream));
	wait_opened(&tower, 2);
	assert_string_equal(stream_tls_version(tower.stream), "TLSv1.3");
	tower.stream = stream_start_deflate(tower.stream);
	assert_int_equal(stream_channel_binding(tower.stream,
						NET_BINDING_EXPORTER, binding),
			 32);
	assert_string_equal(stream_tls_version(tower.stream), "TLSv1.3");
	assert_true(stream_is_secure(tower.stream));
	assert_true(stream_address_is_ours(tower.stream));
	stream_free(tower.stream);
	g_thread_join(thread);
	SSL_free(listener.ssl);
	SSL_CTX_free(context);
	close(listener.fd);
	identity_clear(&it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_refusal_describes),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_nul_in_name),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_tower),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
