/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stream over TCP. GIO resolves the name and races the address families
 * (RFC 8305) in this thread's context; the octets go through a pump.
 */
#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "address.h"
#include "pump.h"
#include "smew/base.h"
#include "stream.h"

enum {
	/* A line that went dead while nothing is sent (faults: half-open). */
	TCP_KEEPALIVE_IDLE_S = 60,
	TCP_KEEPALIVE_STEP_S = 10,
	TCP_KEEPALIVE_STEPS = 3,
	/* ... and while something is. */
	TCP_UNANSWERED_LIMIT_MS = 30000,
};

struct tcp {
	struct stream base;
	char *host;
	uint16_t port;
	unsigned connect_seconds; /* 0: no limit */
	GSocketClient *client;
	GCancellable *cancel;
	GSocketConnection *connection; /* NULL until connected */
	struct pump *pump;	       /* NULL until connected */
	GSource *limit;
	bool paused, closed;
};

static void tcp_closed(struct tcp *tcp, GError *error)
{
	bool again = tcp->closed;

	tcp->closed = true;
	if (!again) {
		pump_pause(tcp->pump, true);
		tcp->base.handler.closed(error, tcp->base.user);
	}
	g_error_free(error);
}

static void tcp_received(const uint8_t *data, size_t length, void *user)
{
	struct tcp *tcp = user;

	tcp->base.handler.received(data, length, tcp->base.user);
}

static void tcp_drained(void *user)
{
	struct tcp *tcp = user;

	if (tcp->base.handler.drained != NULL)
		tcp->base.handler.drained(tcp->base.user);
}

static void tcp_ended(int code, void *user)
{
	struct tcp *tcp = user;

	if (code == 0)
		tcp_closed(tcp, g_error_new(NET_ERROR, NET_ERROR_CLOSED,
					    _("%s closed the connection"),
					    tcp->host));
	else
		tcp_closed(tcp, g_error_new(NET_ERROR, NET_ERROR_CLOSED,
					    _("the connection to %s was lost: "
					      "%s"),
					    tcp->host, g_strerror(code)));
}

static const struct pump_handler pump_calls = {
	.received = tcp_received,
	.drained = tcp_drained,
	.read_ended = tcp_ended,
	.write_ended = tcp_ended,
};

static void tcp_tune(GSocket *socket)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPALIVE_IDLE_S },
		{ IPPROTO_TCP, TCP_KEEPINTVL, TCP_KEEPALIVE_STEP_S },
		{ IPPROTO_TCP, TCP_KEEPCNT, TCP_KEEPALIVE_STEPS },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_UNANSWERED_LIMIT_MS },
	};

	g_socket_set_keepalive(socket, TRUE);
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		g_socket_set_option(socket, options[i].level,
				    options[i].option, options[i].value, NULL);
}

static void limit_end(struct tcp *tcp)
{
	if (tcp->limit == NULL)
		return;
	g_source_destroy(tcp->limit);
	g_source_unref(tcp->limit);
	tcp->limit = NULL;
}

/* GIO's text begins with what failed; the row for it is short. */
static const char *connect_cause(const GError *error)
{
	static const struct {
		int code, number;
	} known[] = {
		{ G_IO_ERROR_CONNECTION_REFUSED, ECONNREFUSED },
		{ G_IO_ERROR_HOST_UNREACHABLE, EHOSTUNREACH },
		{ G_IO_ERROR_NETWORK_UNREACHABLE, ENETUNREACH },
		{ G_IO_ERROR_TIMED_OUT, ETIMEDOUT },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
		if (g_error_matches(error, G_IO_ERROR, known[i].code))
			return g_strerror(known[i].number);
	return error->message;
}

static GError *connect_error(const struct tcp *tcp, const GError *cause)
{
	if (cause->domain == G_RESOLVER_ERROR)
		return g_error_new(NET_ERROR, NET_ERROR_RESOLVE,
				   _("cannot find the server %s: %s"),
				   tcp->host, cause->message);
	/* TRANSLATORS: why no connection came to be (to which server). */
	return g_error_new(NET_ERROR, NET_ERROR_CONNECT, _("%s (%s port %u)"),
			   connect_cause(cause), tcp->host,
			   (unsigned)tcp->port);
}

static void tcp_connected(GObject *source, GAsyncResult *result, gpointer user)
{
	g_autoptr(GError) error = NULL;
	GSocketConnection *connection = g_socket_client_connect_to_host_finish(
		G_SOCKET_CLIENT(source), result, &error);
	struct tcp *tcp = user;

	/* Cancelled: the stream is gone. */
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	limit_end(tcp);
	if (connection == NULL) {
		GError *told = connect_error(tcp, error);
		tcp->base.handler.closed(told, tcp->base.user);
		g_error_free(told);
		return;
	}
	tcp->connection = connection;
	GSocket *socket = g_socket_connection_get_socket(connection);
	tcp_tune(socket);
	g_socket_set_blocking(socket, FALSE);
	int fd = g_socket_get_fd(socket);
	tcp->pump = pump_new(fd, fd, &pump_calls, tcp);
	pump_pause(tcp->pump, tcp->paused);
	tcp->base.handler.opened(tcp->base.user);
}

static gboolean tcp_too_late(gpointer user)
{
	struct tcp *tcp = user;

	limit_end(tcp);
	g_cancellable_cancel(tcp->cancel);
	GError *error = g_error_new(
		NET_ERROR, NET_ERROR_TIMEOUT,
		ngettext("no answer within %u second (%s port %u)",
			 "no answer within %u seconds (%s port %u)",
			 tcp->connect_seconds),
		tcp->connect_seconds, tcp->host, (unsigned)tcp->port);
	tcp->base.handler.closed(error, tcp->base.user);
	g_error_free(error);
	return G_SOURCE_REMOVE;
}

static void tcp_send(struct stream *stream, const void *data, size_t length)
{
	struct tcp *tcp = (struct tcp *)stream;

	if (tcp->pump != NULL)
		pump_send(tcp->pump, data, length);
}

static size_t tcp_unsent(const struct stream *stream)
{
	const struct tcp *tcp = (const struct tcp *)stream;

	return tcp->pump != NULL ? pump_unsent(tcp->pump) : 0;
}

static void tcp_octets(const struct stream *stream, uint64_t *in, uint64_t *out)
{
	const struct tcp *tcp = (const struct tcp *)stream;

	*in = *out = 0;
	if (tcp->pump != NULL)
		pump_octets(tcp->pump, in, out);
}

static void tcp_pause(struct stream *stream, bool pause)
{
	struct tcp *tcp = (struct tcp *)stream;

	tcp->paused = pause;
	if (tcp->pump != NULL)
		pump_pause(tcp->pump, pause);
}

static void tcp_free(struct stream *stream)
{
	struct tcp *tcp = (struct tcp *)stream;

	limit_end(tcp);
	g_cancellable_cancel(tcp->cancel);
	pump_free(tcp->pump);
	g_clear_object(&tcp->connection);
	g_object_unref(tcp->cancel);
	g_object_unref(tcp->client);
	g_free(tcp->host);
	g_free(tcp);
}

static bool tcp_address_is_ours(const struct stream *stream)
{
	const struct tcp *tcp = (const struct tcp *)stream;

	return tcp->connection == NULL ||
	       address_of_socket_is_ours(g_socket_get_fd(
		       g_socket_connection_get_socket(tcp->connection)));
}

static const struct stream_kind tcp_kind = {
	.send = tcp_send,
	.unsent = tcp_unsent,
	.octets = tcp_octets,
	.pause = tcp_pause,
	.free = tcp_free,
	.address_is_ours = tcp_address_is_ours,
	.secure = false,
};

static void limit_start(struct tcp *tcp)
{
	if (tcp->connect_seconds == 0)
		return;
	tcp->limit = g_timeout_source_new_seconds(tcp->connect_seconds);
	g_source_set_callback(tcp->limit, tcp_too_late, tcp, NULL);
	g_source_attach(tcp->limit, g_main_context_get_thread_default());
}

struct stream *stream_open_tcp(const char *host, uint16_t port,
			       unsigned connect_seconds,
			       const struct stream_handler *handler,
			       void *user)
{
	struct tcp *tcp = g_new0(struct tcp, 1);

	tcp->base = (struct stream){ &tcp_kind, *handler, user };
	tcp->host = g_strdup(host);
	tcp->port = port;
	tcp->cancel = g_cancellable_new();
	tcp->client = g_socket_client_new();
	/* The look-up of a proxy scans GIO's modules, for nothing here. */
	g_socket_client_set_enable_proxy(tcp->client, FALSE);
	tcp->connect_seconds = connect_seconds;
	limit_start(tcp);
	g_socket_client_connect_to_host_async(tcp->client, host, port,
					      tcp->cancel, tcp_connected, tcp);
	return &tcp->base;
}
