/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server tells unasked: NOTIFY and IDLE. */
#include "config.h"

#include "calls.h"
#include "folders.h"
#include "limits.h"

/* ---- NOTIFY ---- */

static void notified(struct account *account, const struct link_end *end,
		     void *user)
{
	struct link *link = user;

	link->notified = end->result == LINK_OK;
	if (end->result != LINK_GONE)
		folders_notify(account);
	if (end->result == LINK_NO || end->result == LINK_BAD) {
		account->no_notify = true;
		wire_learn(account,
			   _("NOTIFY was refused: counts are asked for "
			     "now and then instead"));
	}
}

bool link_notify(struct link *link)
{
	if (!imap_has(link->imap, IMAP_CAP_NOTIFY))
		return false;
	link->notified = true;
	call_send(link, imap_cmd_notify(true), NULL, notified, link);
	return true;
}

bool link_has_notified(const struct link *link)
{
	return link->notified;
}

/* It sends nothing by itself any more (RFC 5465, 5.8): of the selected mailbox
 * it shall go on. */
void link_notify_overflow(struct link *link)
{
	link->notified = false;
	link->account->no_notify = true;
	wire_learn(link->account, _("NOTIFY is too much for it: counts are "
				    "asked for now and then instead"));
	call_send(link, imap_cmd_notify(false), NULL, NULL, NULL);
	folders_notify(link->account);
}

/* ---- IDLE ---- */

/* A server that hangs in IDLE is polled from the next connection on. */
static void idle_stuck(void *user)
{
	struct link *link = user;

	link->account->idle = false;
	wire_learn(link->account, _("IDLE hangs: it is asked for news now and "
				    "then instead"));
	link_fail(link, _("the server does not answer in IDLE"));
}

static void idle_renew(void *user)
{
	struct link *link = user;

	link->renewing = true;
	link_idle_stop(link);
}

/*
 * What comes in the instant that an IDLE begins some servers forget to tell
 * (Dovecot with maildir): the next one brings it. So the first one, which
 * something else went before, is short.
 */
static unsigned idle_time(const struct link *link)
{
	unsigned seconds = link->account->keepalive_seconds;
	unsigned ms = seconds > 0 ? MIN(seconds * 1000, LIMIT_IDLE)
				  : LIMIT_IDLE;

	return link->calm ? ms
			  : MIN(ms / LIMIT_IDLE_FRESH_SHARE, LIMIT_IDLE_FRESH);
}

void link_idle_heard(struct link *link)
{
	if (link->state != LINK_READY || !link->idling || link->stopping ||
	    link->confirmed || !imap_is_idling(link->imap))
		return;
	link->confirmed = true;
	timer_start(&link->idle, idle_time(link), idle_renew, link);
}

static void idle_done(const struct imap_status *status, void *user)
{
	struct call *call = user;
	struct link *link = call->link;
	struct link_end end = {.result = call_result(status->condition),
			       .text = status->text};

	timer_stop(&link->idle);
	/* A server that ends it unasked at once would be asked in a circle. */
	if (end.result == LINK_OK && !link->stopping &&
	    g_get_monotonic_time() - link->idle_since <
		    LIMIT_IDLE_STEP * INT64_C(1000))
		end.result = LINK_NO;
	link->idling = link->stopping = false;
	call->ended(link->account, &end, call->user);
	g_free(call);
}

void link_idle_start(struct link *link, link_ended ended, void *user)
{
	link->idling = true;
	link->confirmed = false;
	link->calm = link->renewing;
	link->renewing = false;
	link->idle_since = g_get_monotonic_time();
	timer_start(&link->idle, LIMIT_IDLE_STEP, idle_stuck, link);
	imap_submit(link->imap, imap_cmd_idle(), idle_done,
		    call_new(link, ended, user));
}

void link_idle_stop(struct link *link)
{
	if (!link->idling || link->stopping)
		return;
	link->stopping = true;
	timer_start(&link->idle, LIMIT_IDLE_STEP, idle_stuck, link);
	imap_idle_done(link->imap);
}

bool link_is_idle(const struct link *link)
{
	return link->idling;
}
