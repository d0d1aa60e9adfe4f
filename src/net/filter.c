/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "filter.h"

void filter_init(struct filter *filter, const struct stream_kind *kind,
		 struct stream *lower, const struct stream_handler *from_lower,
		 void (*destroy)(struct filter *filter))
{
	filter->base = (struct stream){ kind, lower->handler, lower->user };
	filter->lower = lower;
	filter->destroy = destroy;
	lower->handler = *from_lower;
	lower->user = filter;
}

void filter_enter(struct filter *filter)
{
	filter->calls++;
}

void filter_leave(struct filter *filter)
{
	if (--filter->calls == 0 && filter->dead)
		filter->destroy(filter);
}

bool filter_listens(const struct filter *filter)
{
	return !filter->closed && !filter->dead;
}

void filter_close(struct filter *filter, const GError *error)
{
	if (!filter_listens(filter))
		return;
	filter->closed = true;
	stream_pause(filter->lower, true);
	filter->base.handler.closed(error, filter->base.user);
}

size_t filter_unsent(const struct stream *stream)
{
	return stream_unsent(((const struct filter *)stream)->lower);
}

void filter_octets(const struct stream *stream, uint64_t *in, uint64_t *out)
{
	stream_octets(((const struct filter *)stream)->lower, in, out);
}

const struct stream *filter_below(const struct stream *stream)
{
	return ((const struct filter *)stream)->lower;
}

void filter_pause(struct stream *stream, bool pause)
{
	stream_pause(((struct filter *)stream)->lower, pause);
}

bool filter_address_is_ours(const struct stream *stream)
{
	return stream_address_is_ours(((const struct filter *)stream)->lower);
}

void filter_free(struct stream *stream)
{
	struct filter *filter = (struct filter *)stream;

	stream_free(filter->lower);
	filter->dead = true;
	if (filter->calls == 0)
		filter->destroy(filter);
}
