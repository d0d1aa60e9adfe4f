/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine.h"

#include <string.h>

#include "smew/base.h"

G_DEFINE_QUARK(smew-imap-error-quark, imap_error)

const struct imap_limits imap_limits_default = {
	.line = (size_t)8 * 1024 * 1024,
	.literal = (size_t)1024 * 1024,
	.response = (size_t)32 * 1024 * 1024,
	.body = UINT64_C(2) * 1024 * 1024 * 1024,
	.nesting = 64,
	.elements = 100000,
	.messages = 20000000,
	.junk = (size_t)8 * 1024 * 1024,
};

/* How much of a foreign text an error shows. */
#define QUOTE_MAX 80

struct imap *imap_new(const struct imap_limits *limits,
		      const struct imap_handler *handler, void *user)
{
	struct imap *imap = g_new0(struct imap, 1);

	imap->limits = limits == NULL ? imap_limits_default : *limits;
	imap->handler = *handler;
	imap->user = user;
	imap->output = secret_buffer_new();
	imap->wire = g_string_new(NULL);
	imap->capability_names = g_ptr_array_new_with_free_func(g_free);
	input_init(&imap->input);
	arena_init(&imap->arena);
	capabilities_forget(imap);
	return imap;
}

void imap_free(struct imap *imap)
{
	if (imap == NULL)
		return;
	g_assert(imap->inside == 0);
	imap_closed(imap, NULL);
	input_release(&imap->input);
	arena_release(&imap->arena);
	map_release(&imap->map);
	secret_buffer_wipe(imap->output);
	g_byte_array_unref(imap->output);
	g_string_free(imap->wire, TRUE);
	g_ptr_array_free(imap->capability_names, TRUE);
	g_free(imap);
}

/* Hands out what is queued. The handler may make more, so take it first. */
static void flush(struct imap *imap)
{
	while (imap->output->len > 0) {
		GByteArray *queued = imap->output;

		imap->output = secret_buffer_new();
		imap->handler.output(queued->data, queued->len, imap->user);
		secret_buffer_wipe(queued);
		g_byte_array_unref(queued);
	}
}

void engine_enter(struct imap *imap)
{
	imap->inside++;
}

void engine_leave(struct imap *imap)
{
	queue_pump(imap);
	if (imap->inside == 1)
		flush(imap);
	imap->inside--;
}

void wire_line(struct imap *imap, enum imap_direction direction,
	       const char *line)
{
	char *cut;

	if (imap->handler.wire == NULL)
		return;
	if (strnlen(line, WIRE_MAX + 1) <= WIRE_MAX) {
		imap->handler.wire(direction, line, imap->user);
		return;
	}
	cut = g_strdup_printf("%.*s...", (int)WIRE_MAX, line);
	imap->handler.wire(direction, cut, imap->user);
	g_free(cut);
}

bool fail_with(GError **error, enum imap_error code, const char *what,
	       const char *text, size_t length)
{
	char *clean;

	if (text == NULL || length == 0) {
		g_set_error_literal(error, IMAP_ERROR, (int)code, what);
		return false;
	}
	clean = sanitise_line(text, (gssize)MIN(length, QUOTE_MAX));
	g_set_error(error, IMAP_ERROR, (int)code, "%s: %s", what, clean);
	g_free(clean);
	return false;
}

static bool feed(struct imap *imap, const char *data, size_t length,
		 size_t *at, GError **error)
{
	while (*at < length && !imap->input.stop) {
		size_t n = input_feed(imap, data + *at, length - *at, error);

		if (n == 0)
			return false;
		*at += n;
	}
	return true;
}

/* What an octet behind the OK of STARTTLS means (CVE-2011-0411 and its kin). */
static bool check_rest(struct imap *imap, size_t rest, bool wanted,
		       GError **error)
{
	bool tls = imap->input.stop && !imap->capabilities_known &&
		   imap->state == IMAP_NOT_AUTHENTICATED;

	if (rest == 0)
		return true;
	if (tls)
		return fail_with(error, IMAP_ERROR_INJECTED,
				 _("someone put plain text before the start of "
				   "TLS"),
				 NULL, 0);
	return wanted ||
	       fail_with(error, IMAP_ERROR_PROTOCOL,
			 _("the server sent more than was asked for"), NULL, 0);
}

bool imap_input(struct imap *imap, const void *data, size_t length,
		size_t *used, GError **error)
{
	size_t at = 0;
	bool ok;

	g_assert(imap->inside == 0);
	if (imap->failed || imap->closed)
		return fail_with(error, IMAP_ERROR_PROTOCOL,
				 _("the connection has ended"), NULL, 0);
	imap->input.stop = false;
	engine_enter(imap);
	ok = feed(imap, data, length, &at, error);
	ok = ok && check_rest(imap, length - at, used != NULL, error);
	imap->failed = !ok;
	engine_leave(imap);
	if (used != NULL)
		*used = at;
	return ok;
}

void imap_closed(struct imap *imap, const GError *error)
{
	if (imap->closed)
		return;
	imap->closed = true;
	engine_enter(imap);
	if (imap->input.sink && imap->handler.body_end != NULL)
		imap->handler.body_end(false, imap->user);
	imap->input.sink = false;
	state_set(imap, IMAP_LOGOUT);
	queue_drop(imap, error != NULL ? error->message :
					 _("the connection has ended"));
	imap->inside--;
}

bool imap_greeted(const struct imap *imap)
{
	return imap->greeted;
}

uint32_t imap_selection(const struct imap *imap)
{
	return imap->selection;
}

uint32_t imap_exists(const struct imap *imap)
{
	return imap->map.count;
}

uint32_t imap_uid_of(const struct imap *imap, uint32_t seq)
{
	return map_uid(&imap->map, seq);
}

uint32_t imap_seq_of(const struct imap *imap, uint32_t uid)
{
	return map_seq(&imap->map, uid);
}

bool imap_seed_uids(struct imap *imap, const uint32_t *uids, size_t n)
{
	if (n != imap->map.count)
		return false;
	for (size_t i = 0; i < n; i++)
		map_learn(&imap->map, (uint32_t)i + 1, uids[i]);
	return true;
}

bool imap_map_damaged(const struct imap *imap)
{
	return imap->map.damaged;
}
