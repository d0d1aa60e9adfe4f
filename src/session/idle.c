/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "box.h"
#include "events.h"
#include "idle.h"
#include "limits.h"
#include "link.h"
#include "wire.h"
#include "work.h"

enum { IDLE_POLL_LEAST = 10 }; /* seconds between two NOOPs */

/*
 * The server has told all it had to tell: what the answers' MODSEQ say is a
 * point to resume from (RFC 7162, 3.1.4 and 6).
 */
static void told_all(struct account *account)
{
	struct box *box = account->box;

	if (box == NULL || box->state != BOX_READY || box->news ||
	    box->todo.list || !box->row->complete || box->row->modseq == 0 ||
	    box->seen_modseq <= box->row->modseq ||
	    box->uids->len != link_exists(account->link))
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
	(void)user;
	account->checking = false;
	if (end->result == LINK_GONE)
		return; /* account_lost() tells the requests */
	if (end->result == LINK_OK)
		told_all(account);
	checks_end(account, end);
	sync_check(account);
}

bool check_step(struct account *account)
{
	if (!account->check_due || account->checking)
		return false;
	account->check_due = false;
	account->checking = true;
	link_noop(account->link, noop_done, NULL);
	return true;
}

static void poll_fired(void *user)
{
	struct account *account = user;

	account->check_due = true;
	work_pump(account);
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
	(void)user;
	if (end->result == LINK_GONE)
		return;
	if (end->result == LINK_OK)
		told_all(account);
	else
		idle_refused(account);
	sync_check(account);
}

static bool idle_is_possible(const struct account *account)
{
	return account->idle && link_offers_idle(account->link) &&
	       account->box != NULL && account->box->state == BOX_READY;
}

void idle_settle(struct account *account)
{
	int seconds = MAX(account->poll_seconds, IDLE_POLL_LEAST);

	if (link_in_flight(account->link) > 0 || link_is_idle(account->link))
		return;
	if (idle_is_possible(account)) {
		timer_stop(&account->poll_timer);
		link_idle_start(account->link, idle_ended, NULL);
	} else if (account->poll_timer.source == NULL) {
		timer_start(&account->poll_timer, (unsigned)seconds * 1000,
			    poll_fired, account);
	}
}

void idle_lost(struct account *account)
{
	timer_stop(&account->poll_timer);
	account->check_due = account->checking = false;
}
