/* SPDX-License-Identifier: GPL-3.0-or-later */
/* COMPRESS=DEFLATE (RFC 4978) as a filter: raw DEFLATE both ways. */
#include "config.h"

#include <string.h>
#include <zlib.h>

#include "filter.h"
#include "smew/base.h"

enum {
	DEFLATE_CHUNK = 64 * 1024,
	/*
	 * IMAP's answers shrink to a twentieth or so, a bomb to a thousandth:
	 * above this ratio, once there was enough to tell, it is one.
	 */
	DEFLATE_RATIO_MAX = 250,
	DEFLATE_RATIO_FROM = 4 * 1024 * 1024,
};

struct deflater {
	struct filter filter;
	z_stream out, in;
	uint64_t taken, given; /* compressed octets in, plain octets out */
	GByteArray *rest;      /* arrived before the filter did */
	GSource *start;
};

static void start_end(struct deflater *d)
{
	if (d->start == NULL)
		return;
	g_source_destroy(d->start);
	g_source_unref(d->start);
	d->start = NULL;
}

static void deflate_destroy(struct filter *filter)
{
	struct deflater *d = (struct deflater *)filter;

	start_end(d);
	deflateEnd(&d->out);
	inflateEnd(&d->in);
	g_byte_array_unref(d->rest);
	g_free(d);
}

static void deflate_fail(struct deflater *d, const char *why)
{
	g_autoptr(GError) error = g_error_new(
		NET_ERROR, NET_ERROR_CLOSED,
		_("what the server compressed cannot be read: %s"), why);

	filter_close(&d->filter, error);
}

static bool is_bomb(const struct deflater *d)
{
	return d->given > DEFLATE_RATIO_FROM &&
	       d->given / DEFLATE_RATIO_MAX > d->taken;
}

/* One chunk further; false when there is nothing more to do now. */
static bool inflate_chunk(struct deflater *d)
{
	uint8_t plain[DEFLATE_CHUNK];
	uInt before = d->in.avail_in;

	d->in.next_out = plain;
	d->in.avail_out = sizeof plain;
	int code = inflate(&d->in, Z_SYNC_FLUSH);
	size_t n = sizeof plain - d->in.avail_out;
	d->taken += before - d->in.avail_in;
	d->given += n;
	if (is_bomb(d)) {
		deflate_fail(d, _("it grows beyond all measure"));
		return false;
	}
	if (n > 0)
		d->filter.base.handler.received(plain, n,
						d->filter.base.user);
	if (!filter_listens(&d->filter))
		return false;
	if (code == Z_OK)
		return n == sizeof plain || d->in.avail_in > 0;
	if (code != Z_BUF_ERROR)
		deflate_fail(d, code == Z_STREAM_END
					? _("it ended")
					: _("it is damaged"));
	return false;
}

static void lower_received(const uint8_t *data, size_t length, void *user)
{
	struct deflater *d = user;

	if (!filter_listens(&d->filter))
		return;
	filter_enter(&d->filter);
	d->in.next_in = (Bytef *)data;
	d->in.avail_in = (uInt)length;
	while (inflate_chunk(d))
		;
	filter_leave(&d->filter);
}

static void lower_opened(void *user)
{
	(void)user;
}

static void lower_drained(void *user)
{
	struct deflater *d = user;

	if (d->filter.base.handler.drained != NULL)
		d->filter.base.handler.drained(d->filter.base.user);
}

static void lower_closed(const GError *error, void *user)
{
	struct deflater *d = user;

	filter_enter(&d->filter);
	filter_close(&d->filter, error);
	filter_leave(&d->filter);
}

static const struct stream_handler lower_calls = {
	.opened = lower_opened,
	.received = lower_received,
	.drained = lower_drained,
	.closed = lower_closed,
};

/* Every call is flushed: a command must not wait for the next one. */
static void deflate_send(struct stream *stream, const void *data, size_t length)
{
	struct deflater *d = (struct deflater *)stream;
	uint8_t packed[DEFLATE_CHUNK];

	if (length == 0)
		return;
	d->out.next_in = (Bytef *)data;
	d->out.avail_in = (uInt)length;
	do {
		d->out.next_out = packed;
		d->out.avail_out = sizeof packed;
		deflate(&d->out, Z_SYNC_FLUSH);
		stream_send(d->filter.lower, packed,
			    sizeof packed - d->out.avail_out);
	} while (d->out.avail_out == 0);
}

static const struct stream_kind plain_kind = {
	.send = deflate_send,
	.unsent = filter_unsent,
	.octets = filter_octets,
	.below = filter_below,
	.pause = filter_pause,
	.free = filter_free,
	.address_is_ours = filter_address_is_ours,
	.secure = false,
};

static const struct stream_kind secure_kind = {
	.send = deflate_send,
	.unsent = filter_unsent,
	.octets = filter_octets,
	.below = filter_below,
	.pause = filter_pause,
	.free = filter_free,
	.address_is_ours = filter_address_is_ours,
	.secure = true,
};

static gboolean deliver_rest(gpointer user)
{
	struct deflater *d = user;
	g_autoptr(GByteArray) rest = g_steal_pointer(&d->rest);

	start_end(d);
	d->rest = g_byte_array_new();
	stream_pause(d->filter.lower, false);
	lower_received(rest->data, rest->len, d);
	return G_SOURCE_REMOVE;
}

struct stream *stream_start_deflate(struct stream *lower)
{
	struct deflater *d = g_new0(struct deflater, 1);

	filter_init(&d->filter,
		    stream_is_secure(lower) ? &secure_kind : &plain_kind,
		    lower, &lower_calls, deflate_destroy);
	deflateInit2(&d->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS,
		     MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
	inflateInit2(&d->in, -MAX_WBITS);
	d->rest = g_byte_array_new();
	return &d->filter.base;
}

void stream_inflate_rest(struct stream *stream, const void *rest,
			 size_t length)
{
	struct deflater *d = (struct deflater *)stream;

	if (length == 0)
		return;
	g_byte_array_append(d->rest, rest, (guint)length);
	stream_pause(d->filter.lower, true);
	d->start = g_idle_source_new();
	g_source_set_callback(d->start, deliver_rest, d, NULL);
	g_source_attach(d->start, g_main_context_get_thread_default());
}
