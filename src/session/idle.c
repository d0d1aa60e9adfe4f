/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "box.h"
#include "events.h"
#include "idle.h"
#include "limits.h"
#include "link-private.h"
#include "links.h"
#include "wire.h"
#include "work.h"

enum { IDLE_POLL_LEAST = 10 }; /* seconds between two NOOPs */

/*
 * The server has told all it had to tell: what the answers' MODSEQ say is a
 * point to resume from (RFC 7162, 3.1.4 and 6).
 */
static void told_all(struct box *box)
{
	if (box == NULL || box->state != BOX_READY || box->news ||
	    box->todo.list || !box->row->complete || box->row->modseq == 0 ||
	    box->seen_modseq <= box->row->modseq ||
	    box->uids->len != link_exists(box->link))
		return;
	box->row->modseq = box->seen_modseq;
	box->row_changed = true;
}

/* ---- NOOP ---- */

static void checks_end(struct account *account, const struct link_end *end)
{
	struct request *request;
	bool ok = end->result == LINK_OK;

	while ((request = g_queue_pop_head(&account->checks)) != NULL)
		account_done(account, request, ok ? SESSION_OK : SESSION_FAILED,
			     ok ? NULL : end->text);
}

static void noop_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct link *link = user;

	link->checking = false;
	if (end->result == LINK_GONE)
		return; /* account_lost() tells the requests */
	if (end->result == LINK_OK)
		told_all(link->box);
	if (links_main(account) == link)
		checks_end(account, end);
	if (link->box != NULL)
		sync_check(link->box);
}

bool check_step(struct link *link)
{
	if (!link->check_due || link->checking)
		return false;
	link->check_due = false;
	link->checking = true;
	link_noop(link, noop_done, link);
	return true;
}

void idle_check(struct link *link)
{
	link->check_due = true;
}

static void poll_fired(void *user)
{
	struct link *link = user;

	link->check_due = true;
	work_pump(link->account);
}

/* ---- NOTIFY: the other mailboxes ---- */

bool notify_step(struct link *link)
{
	const struct account *account = link->account;

	if (!account->idle || account->no_notify || link->box == NULL ||
	    link->box->state != BOX_READY)
		return false;
	for (guint i = 0; i < account->links->len; i++)
		if (link_has_notified(g_ptr_array_index(account->links, i)))
			return false;
	return link_notify(link);
}

/* ---- IDLE ---- */

/* It says it can, but will not. */
static void idle_refused(struct account *account)
{
	account->idle = false;
	wire_learn(account, _("IDLE was refused: it is asked for news now and "
			      "then instead"));
}

static void idle_ended(struct account *account, const struct link_end *end,
		       void *user)
{
	struct link *link = user;

	if (end->result == LINK_GONE)
		return;
	if (end->result == LINK_OK)
		told_all(link->box);
	else
		idle_refused(account);
	if (link->box != NULL)
		sync_check(link->box);
}

static bool idle_is_possible(const struct link *link)
{
	return link->account->idle && link_offers_idle(link) &&
	       link->box->state == BOX_READY;
}

void idle_settle(struct link *link)
{
	int seconds = MAX(link->account->poll_seconds, IDLE_POLL_LEAST);

	if (link->box == NULL || link_in_flight(link) > 0 ||
	    link_is_idle(link))
		return;
	if (idle_is_possible(link)) {
		timer_stop(&link->poll);
		link_idle_start(link, idle_ended, link);
	} else if (link->poll.source == NULL) {
		timer_start(&link->poll, (unsigned)seconds * 1000, poll_fired,
			    link);
	}
}
