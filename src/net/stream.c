/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "stream.h"

G_DEFINE_QUARK(smew-net-error, net_error)

void stream_send(struct stream *stream, const void *data, size_t length)
{
	stream->kind->send(stream, data, length);
}

size_t stream_unsent(const struct stream *stream)
{
	return stream->kind->unsent(stream);
}

void stream_octets(const struct stream *stream, uint64_t *in, uint64_t *out)
{
	stream->kind->octets(stream, in, out);
}

void stream_pause(struct stream *stream, bool pause)
{
	stream->kind->pause(stream, pause);
}

bool stream_is_secure(const struct stream *stream)
{
	return stream->kind->secure;
}

bool stream_address_is_ours(const struct stream *stream)
{
	return stream->kind->address_is_ours == NULL ||
	       stream->kind->address_is_ours(stream);
}

void stream_free(struct stream *stream)
{
	if (stream != NULL)
		stream->kind->free(stream);
}
