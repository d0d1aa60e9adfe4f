/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS between two byte queues (memory BIOs): no socket, no loop, so that it
 * stacks on whatever carries the octets.
 */
#ifndef SMEW_NET_TLS_H
#define SMEW_NET_TLS_H

#include "smew/net.h"

struct tls;

/* A client's side towards the host in 'options'; its first flight goes to
 * 'out'. NULL when the library or a configured file fails. */
struct tls *tls_new(const struct net_tls_options *options, GByteArray *out,
		    GError **error);
void tls_free(struct tls *tls);

/*
 * Takes what came from the network; appends what it says to 'plain' and what
 * has to be sent to 'out'. False ends the connection: 'out' may still hold
 * the alert, 'certificate' (may be NULL) gets the peer's certificate when it
 * was the reason; owned by the caller.
 */
bool tls_receive(struct tls *tls, const uint8_t *data, size_t length,
		 GByteArray *plain, GByteArray *out,
		 struct net_certificate **certificate, GError **error);
/* Encrypts; only after the handshake. */
bool tls_send(struct tls *tls, const void *data, size_t length,
	      GByteArray *out, GError **error);
/* Says close_notify. */
void tls_shutdown(struct tls *tls, GByteArray *out);

bool tls_established(const struct tls *tls);
/* "TLSv1.3", "TLS_AES_256_GCM_SHA384"; borrowed. */
const char *tls_version(const struct tls *tls);
const char *tls_cipher(const struct tls *tls);
/* As stream_channel_binding(). */
size_t tls_channel_binding(const struct tls *tls, enum net_binding kind,
			   uint8_t binding[NET_BINDING_MAX]);

#endif
