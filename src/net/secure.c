/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS as a filter: a stream whose lower side is a stream. */
#include "config.h"

#include "filter.h"
#include "smew/base.h"
#include "tls.h"

enum { HANDSHAKE_LIMIT_S = 20 };

struct secure {
	struct filter filter;
	struct tls *tls;      /* NULL: it could not be started */
	struct net_certificate *certificate; /* refused, or NULL */
	GError *failure;      /* of the start */
	GSource *limit;	      /* of the handshake */
	char *host;
	bool told; /* `opened` was called */
};

static void limit_end(struct secure *s)
{
	if (s->limit == NULL)
		return;
	g_source_destroy(s->limit);
	g_source_unref(s->limit);
	s->limit = NULL;
}

static void secure_destroy(struct filter *filter)
{
	struct secure *s = (struct secure *)filter;

	tls_free(s->tls);
	net_certificate_free(s->certificate);
	g_clear_error(&s->failure);
	g_free(s->host);
	g_free(s);
}

static void secure_closed(struct secure *s, const GError *error)
{
	limit_end(s);
	filter_close(&s->filter, error);
}

static void lower_opened(void *user)
{
	(void)user;
}

static void deliver(struct secure *s, const GByteArray *plain)
{
	struct stream *base = &s->filter.base;

	if (!s->told && tls_established(s->tls)) {
		s->told = true;
		limit_end(s);
		log_line(LOG_STATE, "net", "%s: %s, %s", s->host,
			 tls_version(s->tls), tls_cipher(s->tls));
		base->handler.opened(base->user);
	}
	if (plain->len > 0 && filter_listens(&s->filter))
		base->handler.received(plain->data, plain->len, base->user);
}

static void lower_received(const uint8_t *data, size_t length, void *user)
{
	struct secure *s = user;
	g_autoptr(GByteArray) plain = g_byte_array_new();
	g_autoptr(GByteArray) out = g_byte_array_new();
	g_autoptr(GError) error = NULL;

	if (s->tls == NULL || !filter_listens(&s->filter))
		return;
	filter_enter(&s->filter);
	bool good = tls_receive(s->tls, data, length, plain, out,
				&s->certificate, &error);
	stream_send(s->filter.lower, out->data, out->len);
	deliver(s, plain);
	if (!good)
		secure_closed(s, error);
	filter_leave(&s->filter);
}

static void lower_drained(void *user)
{
	struct secure *s = user;

	filter_enter(&s->filter);
	if (s->told && s->filter.base.handler.drained != NULL)
		s->filter.base.handler.drained(s->filter.base.user);
	filter_leave(&s->filter);
}

static void lower_closed(const GError *error, void *user)
{
	struct secure *s = user;

	filter_enter(&s->filter);
	if (s->told) {
		secure_closed(s, error);
	} else {
		g_autoptr(GError) early = g_error_new(
			NET_ERROR, NET_ERROR_TLS,
			_("the connection ended while TLS with %s began: %s"),
			s->host, error->message);
		secure_closed(s, early);
	}
	filter_leave(&s->filter);
}

static const struct stream_handler lower_calls = {
	.opened = lower_opened,
	.received = lower_received,
	.drained = lower_drained,
	.closed = lower_closed,
};

static gboolean too_late(gpointer user)
{
	struct secure *s = user;
	g_autoptr(GError) error = NULL;

	limit_end(s);
	filter_enter(&s->filter);
	if (s->failure != NULL)
		error = g_error_copy(s->failure);
	else
		error = g_error_new(NET_ERROR, NET_ERROR_TIMEOUT,
				    _("TLS with %s did not begin within %d "
				      "seconds"),
				    s->host, HANDSHAKE_LIMIT_S);
	secure_closed(s, error);
	filter_leave(&s->filter);
	return G_SOURCE_REMOVE;
}

static void secure_send(struct stream *stream, const void *data, size_t length)
{
	struct secure *s = (struct secure *)stream;
	g_autoptr(GByteArray) out = g_byte_array_new();

	/* A failure to encrypt shows at the next read of this connection. */
	if (s->told && tls_send(s->tls, data, length, out, NULL))
		stream_send(s->filter.lower, out->data, out->len);
}

static void secure_free(struct stream *stream)
{
	struct secure *s = (struct secure *)stream;

	limit_end(s);
	if (s->tls != NULL && !s->filter.closed) {
		g_autoptr(GByteArray) out = g_byte_array_new();
		tls_shutdown(s->tls, out);
		stream_send(s->filter.lower, out->data, out->len);
	}
	filter_free(stream);
}

static const struct stream_kind secure_kind = {
	.send = secure_send,
	.unsent = filter_unsent,
	.octets = filter_octets,
	.below = filter_below,
	.pause = filter_pause,
	.free = secure_free,
	.address_is_ours = filter_address_is_ours,
	.secure = true,
};

static void start_limit(struct secure *s, guint milliseconds)
{
	s->limit = g_timeout_source_new(milliseconds);
	g_source_set_callback(s->limit, too_late, s, NULL);
	g_source_attach(s->limit, g_main_context_get_thread_default());
}

struct stream *stream_start_tls(struct stream *lower,
				const struct net_tls_options *options)
{
	struct secure *s = g_new0(struct secure, 1);
	g_autoptr(GByteArray) out = g_byte_array_new();

	filter_init(&s->filter, &secure_kind, lower, &lower_calls,
		    secure_destroy);
	s->host = g_strdup(options->host);
	s->tls = tls_new(options, out, &s->failure);
	/* A start that failed is told from the loop, as every end is. */
	start_limit(s, s->tls != NULL ? HANDSHAKE_LIMIT_S * 1000 : 0);
	stream_send(lower, out->data, out->len);
	return &s->filter.base;
}

/* The TLS of a stream, whatever stands on it; NULL when there is none. */
static const struct secure *as_secure(const struct stream *stream)
{
	while (stream->kind != &secure_kind && stream->kind->below != NULL)
		stream = stream->kind->below(stream);
	return stream->kind == &secure_kind ? (const struct secure *)stream
					    : NULL;
}

const struct net_certificate *stream_certificate(const struct stream *stream)
{
	const struct secure *s = as_secure(stream);

	return s != NULL ? s->certificate : NULL;
}

size_t stream_channel_binding(const struct stream *stream,
			      enum net_binding kind,
			      uint8_t binding[NET_BINDING_MAX])
{
	const struct secure *s = as_secure(stream);

	return s != NULL && s->tls != NULL
		       ? tls_channel_binding(s->tls, kind, binding)
		       : 0;
}

const char *stream_tls_version(const struct stream *stream)
{
	const struct secure *s = as_secure(stream);

	return s != NULL && s->told ? tls_version(s->tls) : NULL;
}

const char *stream_tls_cipher(const struct stream *stream)
{
	const struct secure *s = as_secure(stream);

	return s != NULL && s->told ? tls_cipher(s->tls) : NULL;
}
