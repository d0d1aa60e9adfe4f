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

/* Queues octets (copied). Ignored after `closed`. */
void stream_send(struct stream *stream, const void *data, size_t length);
/* Octets queued and not yet handed to the system. */
size_t stream_unsent(const struct stream *stream);
/* Pauses and resumes `received` (backpressure). */
void stream_pause(struct stream *stream, bool pause);
/* Whether what is sent cannot be read on the way (TLS, a secure tunnel). */
bool stream_is_secure(const struct stream *stream);
/* Ends at once, without `closed`; a tunnel's command gets SIGTERM, and SIGKILL
 * when it has not ended a second later. Safe from inside a handler. */
void stream_free(struct stream *stream);

#endif
