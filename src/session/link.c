/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a connection: stream, greeting, watchdogs, end. */
#include "config.h"

#include "box.h"
#include "events.h"
#include "limits.h"
#include "link-private.h"
#include "signin.h"
#include "work.h"

/* ---- state ---- */

static const char *const state_names[] = {
	[LINK_OPENING] = "opening", [LINK_GREETING] = "greeting",
	[LINK_SIGNIN] = "sign-in",  [LINK_SETUP] = "setup",
	[LINK_READY] = "ready",	    [LINK_LEAVING] = "leaving",
	[LINK_DEAD] = "dead",
};

void link_set_state(struct link *link, enum link_state state)
{
	log_line(LOG_STATE, "session", "%s: link %u: %s -> %s",
		 link->account->name, link->wire.number, state_names[link->state],
		 state_names[state]);
	link->state = state;
}

enum link_state link_state(const struct link *link)
{
	return link->state;
}

enum session_security link_security(const struct link *link)
{
	if (stream_tls_version(link->stream) != NULL)
		return SESSION_TLS;
	return link->secure ? SESSION_TUNNEL : SESSION_CLEAR;
}

static void link_bury(void *user)
{
	struct link *link = user;
	g_autofree char *reason = g_strdup(link->reason);

	account_lost(link, reason);
}

/* The link cannot go while its own functions are on the stack. */
void link_fail(struct link *link, const char *reason)
{
	if (link->state == LINK_DEAD)
		return;
	log_line(LOG_FAULT, "session", "%s: %s", link->account->name, reason);
	link->reason = g_strdup(reason);
	link_set_state(link, LINK_DEAD);
	wire_note(link, _("lost: %s"), reason);
	timer_stop(&link->greeting);
	timer_stop(&link->silence);
	timer_stop(&link->idle);
	timer_stop(&link->patience);
	timer_stop(&link->spare);
	timer_stop(&link->poll);
	timer_stop(&link->probe);
	stream_pause(link->stream, true);
	timer_start(&link->ending, 0, link_bury, link);
}

/* ---- watchdogs ---- */

static void link_greeting_late(void *user)
{
	link_fail(user, _("the server did not greet in time"));
}

static void link_silent(void *user)
{
	struct link *link = user;
	int64_t quiet = (g_get_monotonic_time() - link->progress) / 1000;

	if (link->in_flight == 0)
		return;
	if (quiet >= LIMIT_SILENCE)
		link_fail(link, _("the server does not answer any more"));
	else
		timer_start(&link->silence, (unsigned)(LIMIT_SILENCE - quiet),
			    link_silent, link);
}

void link_watch(struct link *link)
{
	if (link->in_flight++ == 0)
		link->progress = g_get_monotonic_time();
	if (link->silence.source == NULL)
		timer_start(&link->silence, LIMIT_SILENCE, link_silent, link);
}

/* What was under way may come first: as long as anything comes. */
static void probe_late(void *user)
{
	struct link *link = user;
	int64_t quiet = (g_get_monotonic_time() - link->progress) / 1000;

	if (quiet < LIMIT_PROBE)
		timer_start(&link->probe, (unsigned)(LIMIT_PROBE - quiet),
			    probe_late, link);
	else
		link_fail(link, _("the way to the server is gone"));
}

static void probe_answered(struct account *account,
			   const struct link_end *end, void *user)
{
	struct link *link = user;

	(void)account;
	(void)end;
	timer_stop(&link->probe);
}

void link_probe(struct link *link)
{
	if (link->state != LINK_READY || link->probe.source != NULL)
		return;
	if (!stream_address_is_ours(link->stream)) {
		link_fail(link, _("the network has changed"));
		return;
	}
	timer_start(&link->probe, LIMIT_PROBE, probe_late, link);
	link_noop(link, probe_answered, link);
}

/* ---- the stream's calls ---- */

static void link_start_tls(struct link *link)
{
	struct account *account = link->account;
	g_autofree char *pin = NULL;
	g_autoptr(GError) error = NULL;
	struct net_tls_options options = {
		.host = account->host,
		.ca_file = account->ca_file,
		.client_certificate = account->client_certificate,
		.accepted_key = account->accepted_key,
	};

	link->want_tls = false;
	if (account->host == NULL) {
		link_fail(link, _("TLS needs the name of the server: put it "
				  "into the URL of folder"));
		return;
	}
	if (!pins_find(account->state_dir, account->host, account->port, &pin,
		       &error)) {
		link_fail(link, error->message);
		return;
	}
	options.pin = pin;
	link->stream = stream_start_tls(link->stream, &options);
}

/* Comes once for the connection and once more when TLS stands on it. */
static void link_opened(void *user)
{
	struct link *link = user;

	wire_opened(link);
	if (link->state == LINK_SIGNIN) {
		signin_secured(link);
		return;
	}
	if (link->account->tunnel == NULL)
		link->secure = stream_is_secure(link->stream);
	if (link->account->tunnel == NULL && link->account->implicit_tls &&
	    !link->secure) {
		link_start_tls(link);
		return;
	}
	link_set_state(link, LINK_GREETING);
	timer_start(&link->greeting, LIMIT_GREETING, link_greeting_late, link);
}

static void link_received(const uint8_t *data, size_t length, void *user)
{
	struct link *link = user;
	struct account *account = link->account;
	g_autoptr(GError) error = NULL;
	bool before = link->compressed;
	size_t used;

	link->progress = g_get_monotonic_time();
	if (!imap_input(link->imap, data, length, &used, &error)) {
		if (g_error_matches(error, IMAP_ERROR, IMAP_ERROR_BYE))
			signin_parted(link, error->message);
		link_fail(link, error->message);
	}
	if (link->compressed && !before && used < length)
		stream_inflate_rest(link->stream, data + used, length - used);
	if (link->want_tls && link->state == LINK_SIGNIN)
		link_start_tls(link);
	link_idle_heard(link);
	if (link->box != NULL)
		events_settle(link->box);
	if (link->state != LINK_READY)
		return;
	if (link->box != NULL)
		sync_check(link->box);
	if (link->box != NULL)
		events_settle(link->box);
	work_pump(account);
}

static void link_closed(const GError *error, void *user)
{
	struct link *link = user;
	const struct net_certificate *refused =
		stream_certificate(link->stream);

	if (refused != NULL && !link->extra)
		account_distrust(link->account, refused);
	link_fail(link, error->message);
}

/* A message goes out in pieces; that it does counts as progress. */
static void link_drained(void *user)
{
	struct link *link = user;

	if (link->state == LINK_DEAD || !imap_streams(link->imap))
		return;
	link->progress = g_get_monotonic_time();
	if (!imap_more(link->imap))
		link_fail(link, _("a message could not be handed over to its "
				  "end"));
}

static const struct stream_handler stream_handler = {
	.opened = link_opened,
	.received = link_received,
	.drained = link_drained,
	.closed = link_closed,
};

/* ---- the engine's calls ---- */

static void link_output(const uint8_t *data, size_t length, void *user)
{
	struct link *link = user;

	if (link->state != LINK_DEAD)
		stream_send(link->stream, data, length);
}

static void link_greeted(struct link *link)
{
	timer_stop(&link->greeting);
	if (imap_state(link->imap) != IMAP_AUTHENTICATED) {
		link_set_state(link, LINK_SIGNIN);
		signin_begin(link);
	} else if (!link->secure && link->account->force_tls) {
		/* Nothing could be encrypted any more (RFC 9051 11.1). */
		link_fail(link, _("the server signs in without TLS, and "
				  "ssl_force_tls is set: nothing was sent"));
	} else {
		link_signed_in(link);
	}
}

void link_signed_in(struct link *link)
{
	if (!account_owns_cache(link->account)) {
		link_fail(link, _("this is another server than the one the "
				  "cache is of"));
		return;
	}
	link_set_state(link, LINK_SETUP);
	link_setup_begin(link);
}

static void link_engine_state(enum imap_state old, enum imap_state now,
			      void *user)
{
	struct link *link = user;

	log_line(LOG_STATE, "imap", "%s: %s -> %s", link->account->name,
		 imap_state_name(old), imap_state_name(now));
	wire_state(link, old, now);
	if ((link->state == LINK_GREETING || link->state == LINK_OPENING) &&
	    now != IMAP_LOGOUT && imap_greeted(link->imap))
		link_greeted(link);
}

static void link_wire(enum imap_direction direction, const char *line,
		      void *user)
{
	wire_said(user, direction, line);
}

static struct imap *link_engine(struct link *link)
{
	struct imap_limits limits = imap_limits_default;
	struct imap_handler handler = {
		.output = link_output,
		.untagged = link_untagged,
		.body_begin = link_body_begin,
		.body_data = link_body_data,
		.body_end = link_body_end,
		.state = link_engine_state,
		.wire = link_wire,
	};

	limits.body = LIMIT_BODY;
	return imap_new(&limits, &handler, link);
}

/* ---- beginning and end ---- */

static void streamed_free(gpointer data)
{
	if (data != NULL)
		g_byte_array_unref(data);
}

struct link *link_open(struct account *account, bool extra)
{
	struct link *link = g_new0(struct link, 1);

	link->account = account;
	link->extra = extra;
	link->no_qresync = !account->qresync;
	link->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	link->streamed = g_ptr_array_new_with_free_func(streamed_free);
	link->imap = link_engine(link);
	wire_begin(link);
	if (account->tunnel != NULL) {
		link->stream = stream_open_tunnel(account->tunnel,
						  &stream_handler, link);
		link->secure = account->tunnel_is_secure;
	} else {
		link->stream = stream_open_tcp(account->host, account->port,
					       account->connect_seconds,
					       &stream_handler, link);
	}
	return link;
}

void link_free(struct link *link)
{
	if (link == NULL)
		return;
	if (link->state != LINK_DEAD)
		link_set_state(link, LINK_DEAD);
	/* Commands end now, while their mailbox still knows this link. */
	imap_free(link->imap);
	if (link->box != NULL)
		link->box->link = NULL;
	signin_end(link);
	stream_free(link->stream);
	wire_end(link);
	timer_stop(&link->greeting);
	timer_stop(&link->silence);
	timer_stop(&link->idle);
	timer_stop(&link->ending);
	timer_stop(&link->spare);
	timer_stop(&link->poll);
	timer_stop(&link->probe);
	g_array_free(link->uids, TRUE);
	link_forget_copied(link);
	g_free(link->asked_uidnext);
	g_ptr_array_unref(link->streamed);
	g_free(link->reason);
	g_free(link);
}

struct account *link_account(const struct link *link)
{
	return link->account;
}

bool link_is_extra(const struct link *link)
{
	return link->extra;
}

bool link_was_ready(const struct link *link)
{
	return link->was_ready;
}

bool link_is_slow(const struct link *link)
{
	int64_t now = g_get_monotonic_time() / 1000;

	return (link_drains(link) &&
		now - link->drain_since / 1000 >= LIMIT_DRAIN) ||
	       (link->in_flight > 0 &&
		now - link->progress / 1000 > LIMIT_QUIET);
}

void link_drain(struct link *link)
{
	link->draining = link->in_flight > 0;
	link->drain_since = g_get_monotonic_time();
}

bool link_drains(const struct link *link)
{
	return link->draining && link->in_flight > 0;
}

int64_t link_visited(const struct link *link)
{
	return link->visit;
}

void link_set_visited(struct link *link, int64_t mbox)
{
	link->visit = mbox;
}

struct timer *link_spare_timer(struct link *link)
{
	return &link->spare;
}

unsigned link_number(const struct link *link)
{
	return link->wire.number;
}

struct box *link_box(const struct link *link)
{
	return link->box;
}

void link_set_box(struct link *link, struct box *box)
{
	link->box = box;
	link->visit = 0;
	link->draining = false;
	timer_stop(&link->spare);
	timer_stop(&link->poll);
}

static void link_left(const struct imap_status *status, void *user)
{
	(void)status;
	link_fail(user, _("signed out"));
}

bool link_logout(struct link *link)
{
	if (link->state != LINK_READY && link->state != LINK_SETUP)
		return false;
	link_set_state(link, LINK_LEAVING);
	imap_submit(link->imap, imap_cmd_logout(), link_left, link);
	return true;
}
