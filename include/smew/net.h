/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * net: byte streams to a server, whatever is below: a tunnel command, TCP,
 * and on top of them TLS and DEFLATE as filters. A stream belongs to the
 * thread that opened it and works in that thread's default GMainContext; no
 * call blocks.
 */
#ifndef SMEW_NET_H
#define SMEW_NET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_ERROR (net_error_quark())
GQuark net_error_quark(void);

enum net_error {
	NET_ERROR_RESOLVE,
	NET_ERROR_CONNECT,
	NET_ERROR_TLS,
	NET_ERROR_CERTIFICATE,
	NET_ERROR_TIMEOUT,
	NET_ERROR_CLOSED,  /* the other side ended the connection */
	NET_ERROR_TUNNEL,  /* the command failed; its last words in the text */
	NET_ERROR_AUTH,
};

struct stream;

/* Called in the owner's thread, never from inside a call of the owner's. */
struct stream_handler {
	/* Connected (tunnel started). */
	void (*opened)(void *user);
	/* Octets arrived; borrowed during the call. */
	void (*received)(const uint8_t *data, size_t length, void *user);
	/* All that was queued has been handed to the system; may be NULL. */
	void (*drained)(void *user);
	/* Ended: the last call. 'error' is borrowed and never NULL (an orderly
	 * end is NET_ERROR_CLOSED). The owner frees the stream. */
	void (*closed)(const GError *error, void *user);
};

/*
 * Runs 'command' through the shell and speaks through its standard input and
 * output. The last line of its standard error is the reason in `closed`.
 */
struct stream *stream_open_tunnel(const char *command,
				  const struct stream_handler *handler,
				  void *user);

/*
 * Connects to 'host' (a name or an address), both address families raced, in
 * at most 'connect_seconds' (0: no limit), the look-up of the name included.
 * `closed` comes with NET_ERROR_RESOLVE, _CONNECT or _TIMEOUT when it fails.
 * A connection that went dead is noticed within 90 seconds.
 */
struct stream *stream_open_tcp(const char *host, uint16_t port,
			       unsigned connect_seconds,
			       const struct stream_handler *handler,
			       void *user);

/* What TLS needs to know; strings are borrowed during the call. */
struct net_tls_options {
	const char *host;     /* the name that is verified, and SNI */
	const char *ca_file;  /* trusted beside the system's, or NULL */
	const char *client_certificate; /* PEM, chain and key, or NULL */
	const char *pin;      /* the key "always" accepted for this host and
				 port (net_certificate.key), or NULL: then it
				 alone counts */
	const char *accepted_key; /* accepted "once" for this run, or NULL */
};

/*
 * Puts TLS 1.2 or later on top of a connected stream and takes it over: the
 * result replaces it, has its owner's handler, and frees it. `opened` comes
 * when the handshake is done and everything was verified: chain, dates,
 * purpose and name (RFC 9525). Nothing is sent before. Handshake limit 20 s.
 */
struct stream *stream_start_tls(struct stream *lower,
				const struct net_tls_options *options);

/* A certificate that was refused; all strings sanitised. */
struct net_certificate {
	char *reason;		/* for the reader */
	char *subject, *issuer;
	char *names;		/* alternative names, ", " between */
	char *not_before, *not_after;
	char *fingerprint;	/* SHA-256 of the certificate, AB:CD:... */
	char *key;		/* SHA-256 of its public key: what a pin is */
	char *pinned_key;	/* the pin it should have had, or NULL */
};
void net_certificate_free(struct net_certificate *certificate);

/* After `closed` with NET_ERROR_CERTIFICATE: what was refused, borrowed until
 * stream_free(). NULL otherwise. */
const struct net_certificate *stream_certificate(const struct stream *stream);

/*
 * The keys of servers that the user accepted for good: a line "host:port KEY"
 * each, in the file `pins` of an account's state directory. The key is owned
 * by the caller; NULL when none was accepted. A file that is there and cannot
 * be read is an error: it must not count as no pin.
 */
bool pins_find(const char *dir, const char *host, uint16_t port, char **key,
	       GError **error);
/* Puts 'key' in the place of what was accepted before, on disk. */
bool pins_set(const char *dir, const char *host, uint16_t port,
	      const char *key, GError **error);

/* What ties a sign-in to one TLS connection (RFC 5056). */
enum net_binding {
	NET_BINDING_EXPORTER, /* tls-exporter (RFC 9266), TLS 1.3 */
	/* tls-unique (RFC 5929), TLS 1.2. Servers that do not know the other
	 * one bind to it over TLS 1.3 too, where it is as unique. */
	NET_BINDING_UNIQUE,
};
#define NET_BINDING_MAX 64
/* Of an established TLS stream: its length, 0 where it has none. */
size_t stream_channel_binding(const struct stream *stream,
			      enum net_binding kind,
			      uint8_t binding[NET_BINDING_MAX]);
/* "TLSv1.3" and "TLS_AES_256_GCM_SHA384" of the TLS of a stream, whatever
 * stands on it; borrowed, NULL without TLS. */
const char *stream_tls_version(const struct stream *stream);
const char *stream_tls_cipher(const struct stream *stream);

/*
 * Puts DEFLATE on top of a stream after the OK of COMPRESS (RFC 4978) and
 * takes it over as stream_start_tls() does; no `opened`. A stream that inflates
 * like a bomb is closed.
 */
struct stream *stream_start_deflate(struct stream *lower);
/* What came behind that OK, compressed already (copied): delivered from the
 * loop, before anything newer. */
void stream_inflate_rest(struct stream *stream, const void *rest,
			 size_t length);

/* Queues octets (copied). Ignored after `closed`. */
void stream_send(struct stream *stream, const void *data, size_t length);
/* Octets queued and not yet handed to the system. */
size_t stream_unsent(const struct stream *stream);
/* Octets that came and went so far, as they were on the wire: below TLS and
 * DEFLATE. */
void stream_octets(const struct stream *stream, uint64_t *in, uint64_t *out);
/* Pauses and resumes `received` (backpressure). */
void stream_pause(struct stream *stream, bool pause);
/* Whether what is sent cannot be read on the way (TLS, a secure tunnel). */
bool stream_is_secure(const struct stream *stream);
/* Whether the local address of a TCP connection still belongs to an interface
 * of this machine; when not, it is dead. True for what has no address. */
bool stream_address_is_ours(const struct stream *stream);
/* Ends at once, without `closed`; a tunnel's command gets SIGTERM, and SIGKILL
 * when it has not ended a second later. Safe from inside a handler. */
void stream_free(struct stream *stream);

/* ---- what happens to the machine ---- */

enum net_change {
	NET_RESUMED,	       /* it was suspended and goes on */
	NET_ADDRESSES_CHANGED, /* so did its addresses or routes, or may have */
};

struct net_watch;

/*
 * Tells what changes from now on, in the calling thread's default context,
 * which sleeps meanwhile: the kernel wakes it. A burst of changes of addresses
 * is told once, half a second after its last. Where the kernel does not tell
 * (no netlink), nothing comes but a line in the log. 'changed' may free the
 * watch.
 */
struct net_watch *net_watch_new(void (*changed)(enum net_change what,
						void *user),
				void *user);
/* Compares the clocks now, for instance after SIGCONT; `changed` is called
 * from inside. Free of cost. */
void net_watch_check(struct net_watch *watch);
void net_watch_free(struct net_watch *watch);

/* ---- signing in (SASL, RFC 4422); any one thread ---- */

struct secret;

struct sasl_account {
	const char *user, *host, *service; /* borrowed while in use */
	uint16_t port;
	bool has_token;	    /* a token is or will be there, not a password */
	const struct secret *password; /* borrowed; NULL: none */
	const struct secret *token;    /* OAuth 2 access token, or NULL */
	const uint8_t *binding;	       /* stream_channel_binding(), or NULL */
	size_t binding_length;
	enum net_binding binding_kind;
	const char *wanted; /* imap_authenticators: names by `:`, in order of
			       preference; or NULL */
	bool secure;	    /* secrets may be sent as they are */
};

struct sasl;

/*
 * The best mechanism of those the server offers (NULL-terminated) that the
 * account can use and the user wants; NULL when there is none. Needs neither
 * password nor token yet.
 */
const char *sasl_choose(const char *const *offered,
			const struct sasl_account *account);
/* What it needs to be known before it begins. */
bool sasl_needs_secret(const char *mechanism);
bool sasl_needs_user(const char *mechanism);
struct sasl *sasl_new(const char *mechanism, const struct sasl_account *account,
		      GError **error);
/*
 * One step: the server's challenge in base64 (NULL for the initial response)
 * to the answer in base64, owned by the caller. NULL with NET_ERROR_AUTH when
 * the exchange must be given up, for instance because the server could not
 * prove that it knows the password.
 */
struct secret *sasl_step(struct sasl *sasl, const char *challenge,
			 GError **error);
/* Whether the client begins: an initial response may go with the command. */
bool sasl_speaks_first(const struct sasl *sasl);
/* After the server's OK: whether the exchange was complete. With a mechanism
 * by which the server proves itself, an early OK is not to be believed. */
bool sasl_finished(const struct sasl *sasl);
/* What the server said with its refusal beside the text of it, sanitised; NULL
 * when nothing. Borrowed. */
const char *sasl_complaint(const struct sasl *sasl);
void sasl_free(struct sasl *sasl);

#endif
