/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every kind of stream shares: the table of functions behind the public
 * calls and the owner's handler. A kind embeds struct stream as its first
 * member; a filter (TLS, DEFLATE) is a kind whose lower side is a stream.
 */
#ifndef SMEW_NET_STREAM_H
#define SMEW_NET_STREAM_H

#include "smew/net.h"

struct stream_kind {
	void (*send)(struct stream *stream, const void *data, size_t length);
	size_t (*unsent)(const struct stream *stream);
	void (*octets)(const struct stream *stream, uint64_t *in,
		       uint64_t *out);
	void (*pause)(struct stream *stream, bool pause);
	void (*free)(struct stream *stream);
	/* NULL: it has no address of its own. */
	bool (*address_is_ours)(const struct stream *stream);
	/* A filter's lower stream; NULL where there is nothing below. */
	const struct stream *(*below)(const struct stream *stream);
	bool secure;
};

struct stream {
	const struct stream_kind *kind;
	struct stream_handler handler;
	void *user; /* the owner's */
};

#endif
