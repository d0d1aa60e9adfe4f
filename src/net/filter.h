/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the filters have in common: a stream on top of a stream it owns. A
 * filter embeds struct filter as its first member.
 */
#ifndef SMEW_NET_FILTER_H
#define SMEW_NET_FILTER_H

#include "stream.h"

struct filter {
	struct stream base;
	struct stream *lower; /* owned */
	void (*destroy)(struct filter *filter); /* frees all but 'lower' */
	unsigned calls;	      /* of the owner, under way */
	bool closed, dead;    /* `closed` was called; stream_free() was */
};

/* Takes 'lower' over: its owner becomes the filter's. */
void filter_init(struct filter *filter, const struct stream_kind *kind,
		 struct stream *lower, const struct stream_handler *from_lower,
		 void (*destroy)(struct filter *filter));
/* Around calls of the owner, who may free the stream in each of them. */
void filter_enter(struct filter *filter);
void filter_leave(struct filter *filter);
/* Whether the owner still wants to hear. */
bool filter_listens(const struct filter *filter);
/* Tells the owner the end, once. */
void filter_close(struct filter *filter, const GError *error);

/* Functions for a struct stream_kind. */
size_t filter_unsent(const struct stream *stream);
void filter_octets(const struct stream *stream, uint64_t *in, uint64_t *out);
const struct stream *filter_below(const struct stream *stream);
void filter_pause(struct stream *stream, bool pause);
void filter_free(struct stream *stream);
bool filter_address_is_ours(const struct stream *stream);

#endif
