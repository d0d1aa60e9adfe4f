/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "smew/base.h"
#include "tls.h"

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;	     /* owned by ssl */
	char *host;	     /* as configured: the name that is verified */
	char *pin;	     /* accepted key from an earlier "always", or NULL */
	char *once;	     /* accepted key of this run, or NULL */
	struct net_certificate *refused; /* why the handshake was ended */
	bool established;
};

/* ---- certificates ---- */

void net_certificate_free(struct net_certificate *certificate)
{
	if (!certificate)
		return;
	g_free(certificate->reason);
	g_free(certificate->subject);
	g_free(certificate->issuer);
	g_free(certificate->names);
	g_free(certificate->not_before);
	g_free(certificate->not_after);
	g_free(certificate->fingerprint);
	g_free(certificate->key);
	g_free(certificate->pinned_key);
	g_free(certificate);
}

static char *hex_of(const unsigned char *digest, unsigned length)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < length; i++)
		g_string_append_printf(text, "%s%02X", i ? ":" : "", digest[i]);
	return g_string_free(text, FALSE);
}

static char *certificate_digest(const X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!X509_digest(certificate, EVP_sha256(), digest, &length))
		return g_strdup("");
	return hex_of(digest, length);
}

/* SHA-256 of the SubjectPublicKeyInfo: what a pin holds (RFC 7469 2.4). */
static char *key_digest(X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	if (n <= 0 || !EVP_Digest(der, (size_t)n, digest, &length, EVP_sha256(),
				  NULL)) {
		OPENSSL_free(der);
		return g_strdup("");
	}
	OPENSSL_free(der);
	return hex_of(digest, length);
}

static char *bio_text(BIO *bio)
{
	char *data = NULL;
	long length = BIO_get_mem_data(bio, &data);
	char *text = sanitise_line(data ? data : "", length > 0 ? length : 0);

	BIO_free(bio);
	return text;
}

static char *name_text(const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());

	X509_NAME_print_ex(bio, name, 0,
			   XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	return bio_text(bio);
}

static char *time_text(const ASN1_TIME *when)
{
	BIO *bio = BIO_new(BIO_s_mem());

	ASN1_TIME_print(bio, when);
	return bio_text(bio);
}

static char *alternative_names(X509 *certificate)
{
	GString *text = g_string_new(NULL);
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate,
						NID_subject_alt_name, NULL,
						NULL);

	for (int i = 0; names && i < sk_GENERAL_NAME_num(names); i++) {
		BIO *bio = BIO_new(BIO_s_mem());
		GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names, i));
		g_autofree char *name = bio_text(bio);
		g_string_append_printf(text, "%s%s", text->len ? ", " : "",
				       name);
	}
	GENERAL_NAMES_free(names);
	return g_string_free(text, FALSE);
}

static struct net_certificate *describe(X509 *certificate, const char *reason)
{
	struct net_certificate *result = g_new0(struct net_certificate, 1);

	result->reason = g_strdup(reason);
	result->subject = name_text(X509_get_subject_name(certificate));
	result->issuer = name_text(X509_get_issuer_name(certificate));
	result->names = alternative_names(certificate);
	result->not_before = time_text(X509_get0_notBefore(certificate));
	result->not_after = time_text(X509_get0_notAfter(certificate));
	result->fingerprint = certificate_digest(certificate);
	result->key = key_digest(certificate);
	return result;
}

static const char *verify_reason(int code)
{
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return _("the certificate has expired");
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return _("the certificate is not valid yet");
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return _("the certificate is for another name");
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		return _("the certificate is signed by itself, not by an "
			 "authority this system trusts");
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return _("the certificate is signed by an authority this "
			 "system does not know");
	case X509_V_ERR_INVALID_PURPOSE:
		return _("the certificate is not meant for a server");
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return _("the certificate uses a key or a digest that is too "
			 "weak");
	default:
		return X509_verify_cert_error_string(code);
	}
}

static void refuse(struct tls *tls, X509 *leaf, const char *reason)
{
	net_certificate_free(tls->refused);
	tls->refused = describe(leaf, reason);
	tls->refused->pinned_key = g_strdup(tls->pin);
}

/*
 * All of the verification: a key the user pinned to this host and port counts
 * alone, whatever an authority says; without one the chain, the dates, the
 * purpose and the name must hold, or the user must have accepted this very
 * key for this run.
 */
static int verify(X509_STORE_CTX *store, void *argument)
{
	struct tls *tls = argument;
	X509 *leaf = X509_STORE_CTX_get0_cert(store);

	if (!leaf)
		return 0;
	g_autofree char *key = key_digest(leaf);
	if (tls->pin && *key && !strcmp(tls->pin, key)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	if (tls->pin) {
		refuse(tls, leaf, _("the key is not the one accepted before"));
		X509_STORE_CTX_set_error(store,
					 X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	if (X509_verify_cert(store) == 1)
		return 1;
	if (tls->once && *key && !strcmp(tls->once, key)) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	refuse(tls, leaf, verify_reason(X509_STORE_CTX_get_error(store)));
	return 0;
}

/* ---- the context ---- */

/* The text of OpenSSL's newest error; clears the queue. */
static const char *library_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *text = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return text ? text : _("unknown error");
}

static bool directory_is_hashed(const char *path)
{
	GDir *dir = g_dir_open(path, 0, NULL);
	bool found = false;
	const char *name;

	while (dir && !found && (name = g_dir_read_name(dir)))
		found = g_str_has_suffix(name, ".0");
	if (dir)
		g_dir_close(dir);
	return found;
}

/* The hashed directory costs 0.1 ms, the bundle 15 (measured). */
static void trust_system(SSL_CTX *context)
{
	const char *dir = g_getenv(X509_get_default_cert_dir_env());

	if (!dir)
		dir = X509_get_default_cert_dir();
	if (directory_is_hashed(dir))
		SSL_CTX_set_default_verify_dir(context);
	else
		SSL_CTX_set_default_verify_paths(context);
	ERR_clear_error();
}

static bool load_file(bool loaded, const char *what, const char *path,
		      GError **error)
{
	if (loaded)
		return true;
	g_set_error(error, NET_ERROR, NET_ERROR_TLS, _("cannot use %s '%s': %s"),
		    what, path, library_reason());
	return false;
}

static bool load_files(SSL_CTX *context, const struct net_tls_options *options,
		       GError **error)
{
	const char *path = options->ca_file;

	if (path && *path &&
	    !load_file(SSL_CTX_load_verify_file(context, path),
		       "ssl_ca_certificates_file", path, error))
		return false;
	path = options->client_certificate;
	if (path && *path &&
	    !load_file(SSL_CTX_use_certificate_chain_file(context, path) == 1 &&
			       SSL_CTX_use_PrivateKey_file(
				       context, path, SSL_FILETYPE_PEM) == 1,
		       "ssl_client_cert", path, error))
		return false;
	return true;
}

static SSL_CTX *make_context(struct tls *tls,
			     const struct net_tls_options *options,
			     GError **error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context) {
		g_set_error(error, NET_ERROR, NET_ERROR_TLS,
			    _("cannot start TLS: %s"), library_reason());
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_security_level(context, 2);
	SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION |
					     SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(context, verify, tls);
	trust_system(context);
	if (!load_files(context, options, error)) {
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}

/* The name is verified by DNS names or addresses alone (RFC 9525). */
static bool set_name(struct tls *tls)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);

	X509_VERIFY_PARAM_set_hostflags(
		param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
			       X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (g_hostname_is_ip_address(tls->host))
		return X509_VERIFY_PARAM_set1_ip_asc(param, tls->host) == 1;
	return X509_VERIFY_PARAM_set1_host(param, tls->host, 0) == 1 &&
	       SSL_set_tlsext_host_name(tls->ssl, tls->host) == 1;
}

/* ---- octets ---- */

static void take_output(struct tls *tls, GByteArray *out)
{
	guint8 buffer[16384];
	int n;

	while ((n = BIO_read(tls->out, buffer, sizeof buffer)) > 0)
		g_byte_array_append(out, buffer, (guint)n);
}

static bool fail(struct tls *tls, struct net_certificate **certificate,
		 GError **error)
{
	if (tls->refused) {
		g_set_error(error, NET_ERROR, NET_ERROR_CERTIFICATE,
			    _("the certificate of %s was refused: %s"),
			    tls->host, tls->refused->reason);
		ERR_clear_error();
		if (certificate)
			*certificate = g_steal_pointer(&tls->refused);
		return false;
	}
	g_set_error(error, NET_ERROR, NET_ERROR_TLS,
		    _("TLS with %s failed: %s"), tls->host, library_reason());
	return false;
}

static bool go_on(struct tls *tls, int result,
		  struct net_certificate **certificate, GError **error)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return true;
	case SSL_ERROR_ZERO_RETURN:
		g_set_error(error, NET_ERROR, NET_ERROR_CLOSED,
			    _("%s ended the connection"), tls->host);
		return false;
	default:
		return fail(tls, certificate, error);
	}
}

static bool handshake(struct tls *tls, struct net_certificate **certificate,
		      GError **error)
{
	ERR_clear_error();
	int result = SSL_do_handshake(tls->ssl);

	if (result == 1) {
		tls->established = true;
		return true;
	}
	return go_on(tls, result, certificate, error);
}

static bool decrypt(struct tls *tls, GByteArray *plain, GError **error)
{
	guint8 buffer[16384];

	for (;;) {
		ERR_clear_error();
		int n = SSL_read(tls->ssl, buffer, sizeof buffer);
		if (n <= 0)
			return go_on(tls, n, NULL, error);
		g_byte_array_append(plain, buffer, (guint)n);
	}
}

bool tls_receive(struct tls *tls, const uint8_t *data, size_t length,
		 GByteArray *plain, GByteArray *out,
		 struct net_certificate **certificate, GError **error)
{
	bool good = true;

	while (good && length) {
		int chunk = (int)MIN(length, (size_t)1 << 20);
		int n = BIO_write(tls->in, data, chunk);
		if (n <= 0)
			return fail(tls, NULL, error);
		data += n;
		length -= (size_t)n;
		if (!tls->established)
			good = handshake(tls, certificate, error);
		if (good && tls->established)
			good = decrypt(tls, plain, error);
		take_output(tls, out);
	}
	return good;
}

bool tls_send(struct tls *tls, const void *data, size_t length,
	      GByteArray *out, GError **error)
{
	size_t written = 0;

	if (!length)
		return true;
	ERR_clear_error();
	if (SSL_write_ex(tls->ssl, data, length, &written) != 1 ||
	    written != length)
		return fail(tls, NULL, error);
	take_output(tls, out);
	return true;
}

void tls_shutdown(struct tls *tls, GByteArray *out)
{
	if (tls->established)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
	take_output(tls, out);
}

struct tls *tls_new(const struct net_tls_options *options, GByteArray *out,
		    GError **error)
{
	struct tls *tls = g_new0(struct tls, 1);

	tls->host = g_strdup(options->host);
	tls->pin = g_strdup(options->pin);
	tls->once = g_strdup(options->accepted_key);
	tls->context = make_context(tls, options, error);
	if (!tls->context) {
		tls_free(tls);
		return NULL;
	}
	tls->ssl = SSL_new(tls->context);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(tls->in, -1);
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	if (!set_name(tls)) {
		g_set_error(error, NET_ERROR, NET_ERROR_TLS,
			    _("'%s' is not a name a certificate can be for"),
			    tls->host);
		tls_free(tls);
		return NULL;
	}
	if (!handshake(tls, NULL, error)) {
		tls_free(tls);
		return NULL;
	}
	take_output(tls, out);
	return tls;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	net_certificate_free(tls->refused);
	g_free(tls->host);
	g_free(tls->pin);
	g_free(tls->once);
	g_free(tls);
}

bool tls_established(const struct tls *tls)
{
	return tls->established;
}

const char *tls_version(const struct tls *tls)
{
	return SSL_get_version(tls->ssl);
}

const char *tls_cipher(const struct tls *tls)
{
	return SSL_get_cipher_name(tls->ssl);
}

static size_t exporter_binding(SSL *ssl, uint8_t binding[NET_BINDING_MAX])
{
	static const char label[] = "EXPORTER-Channel-Binding";

	if (SSL_version(ssl) != TLS1_3_VERSION ||
	    SSL_export_keying_material(ssl, binding, 32, label, strlen(label),
				       NULL, 0, 0) != 1)
		return 0;
	return 32;
}

/*
 * Our Finished is the first of the handshake, as no session is resumed. In
 * TLS 1.2 it is unique only with the extended master secret (RFC 7627).
 */
static size_t unique_binding(SSL *ssl, uint8_t binding[NET_BINDING_MAX])
{
	size_t length;

	if (SSL_session_reused(ssl) || (SSL_version(ssl) < TLS1_3_VERSION &&
					SSL_get_extms_support(ssl) != 1))
		return 0;
	length = SSL_get_finished(ssl, binding, NET_BINDING_MAX);
	return length <= NET_BINDING_MAX ? length : 0;
}

size_t tls_channel_binding(const struct tls *tls, enum net_binding kind,
			   uint8_t binding[NET_BINDING_MAX])
{
	if (!tls->established)
		return 0;
	return kind == NET_BINDING_EXPORTER ? exporter_binding(tls->ssl, binding)
					    : unique_binding(tls->ssl, binding);
}
