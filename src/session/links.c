/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "arrival.h"
#include "body.h"
#include "box.h"
#include "folders.h"
#include "limits.h"
#include "links.h"
#include "look.h"
#include "manage.h"
#include "outgoing.h"
#include "refusal.h"
#include "wire.h"
#include "work.h"

static bool is_ready(const struct link *link)
{
	return link_state(link) == LINK_READY;
}

static bool is_free(const struct link *link)
{
	return is_ready(link) && link_box(link) == NULL &&
	       link_in_flight(link) == 0;
}

static struct link *nth(const struct account *account, guint i)
{
	return g_ptr_array_index(account->links, i);
}

struct link *links_spare(const struct account *account)
{
	for (guint i = 0; i < account->links->len; i++)
		if (is_free(nth(account, i)))
			return nth(account, i);
	return NULL;
}

struct link *links_main(const struct account *account)
{
	if (account->box != NULL && account->box->link != NULL &&
	    is_ready(account->box->link))
		return account->box->link;
	for (guint i = 0; i < account->links->len; i++)
		if (is_ready(nth(account, i)))
			return nth(account, i);
	return NULL;
}

/* Somebody on the way may have taken STARTTLS from one alone. */
enum session_security links_security(const struct account *account)
{
	enum session_security worst = SESSION_UNCONNECTED;

	for (guint i = 0; i < account->links->len; i++) {
		const struct link *link = nth(account, i);

		if (is_ready(link) && (worst == SESSION_UNCONNECTED ||
				       link_security(link) < worst))
			worst = link_security(link);
	}
	return worst;
}

struct link *links_for_chores(const struct account *account)
{
	struct link *spare = links_spare(account);
	const struct box *inbox = account->inbox;

	if (spare != NULL)
		return spare;
	if (inbox != NULL && inbox->link != NULL && inbox->state == BOX_READY)
		return inbox->link;
	return links_main(account);
}

/* ---- more of them ---- */

/* One at a time: what the first says of the limit counts for the next. */
static bool may_open(const struct account *account)
{
	if (account->links->len == 0 ||
	    account->links->len >= account->most_links ||
	    g_get_monotonic_time() < account->extra_after)
		return false;
	for (guint i = 0; i < account->links->len; i++)
		if (link_state(nth(account, i)) < LINK_READY)
			return false;
	return true;
}

static bool is_opening(const struct account *account)
{
	for (guint i = 0; i < account->links->len; i++)
		if (link_is_extra(nth(account, i)) &&
		    link_state(nth(account, i)) < LINK_READY)
			return true;
	return false;
}

static bool open_extra(struct account *account)
{
	if (!may_open(account))
		return false;
	g_ptr_array_add(account->links, link_open(account, true));
	return true;
}

bool links_want_spare(struct account *account)
{
	return links_spare(account) != NULL || is_opening(account) ||
	       open_extra(account);
}

/* One without a mailbox, so that nothing urgent waits behind a large message;
 * where there will be none, the main one. */
bool links_for_upload(const struct link *link)
{
	struct account *account = link_account(link);

	if (links_spare(account) != NULL)
		return link == links_spare(account);
	return !links_want_spare(account) && link == links_main(account);
}

void links_connect(struct account *account)
{
	g_ptr_array_add(account->links, link_open(account, false));
}

/* ---- mailboxes ---- */

/* The one with the least to wait for. */
static struct link *best_for_box(const struct account *account)
{
	struct link *best = NULL;

	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = nth(account, i);

		if (is_ready(link) && link_box(link) == NULL &&
		    !filing_looks_on(link) && !arrival_looks_on(link) &&
		    (best == NULL ||
		     link_in_flight(link) < link_in_flight(best)))
			best = link;
	}
	return best;
}

static bool give(struct box *box, struct link *link)
{
	box->link = link;
	link_set_box(link, box);
	return true;
}

/* INBOX behind the open mailbox gives its connection up when that one would
 * have none: a server may not let us have two any more. */
static void make_room(struct account *account)
{
	struct box *inbox = account->inbox;

	if (inbox == NULL || inbox->link == NULL || is_opening(account) ||
	    may_open(account))
		return;
	box_close_behind(account);
}

static void settle_again(void *user)
{
	work_pump(user);
}

static bool serve_front(struct account *account)
{
	struct box *box = account->box;
	struct link *link;

	if (box == NULL || box->link != NULL || box->state != BOX_CLOSED ||
	    manage_holds(account, box->name))
		return false;
	link = best_for_box(account);
	if (link == NULL) {
		make_room(account);
		link = best_for_box(account);
	}
	if (link == NULL)
		return false;
	/* What it is busy with may take long: another may be ready first. */
	if (link_is_slow(link) && (is_opening(account) || open_extra(account)))
		return false;
	if (link_drains(link) && (is_opening(account) || may_open(account))) {
		timer_start(&account->drain_timer, LIMIT_DRAIN, settle_again,
			    account);
		return false;
	}
	return give(box, link);
}

/* Passing over mailboxes starts nothing: the reader must have settled. */
static bool has_settled(struct account *account)
{
	const struct box *box = account->box;
	int64_t waits;

	if (box == NULL || (box->state != BOX_READY &&
			    box->state != BOX_REFUSED))
		return false;
	waits = box->opened_at / 1000 + LIMIT_SETTLE -
		g_get_monotonic_time() / 1000;
	if (waits <= 0)
		return true;
	if (account->settle_timer.source == NULL)
		timer_start(&account->settle_timer, (unsigned)waits,
			    settle_again, account);
	return false;
}

static bool is_errand(const struct account *account, const char *mailbox)
{
	return account->errand != NULL &&
	       strcmp(account->errand->name, mailbox) == 0;
}

static bool inbox_is_wanted(struct account *account)
{
	return account->inbox == NULL && account->idle &&
	       account->box != NULL &&
	       strcmp(account->box->name, "INBOX") != 0 &&
	       !is_errand(account, "INBOX") &&
	       has_settled(account) &&
	       (links_spare(account) != NULL || may_open(account));
}

static bool serve_inbox(struct account *account)
{
	struct link *link;

	if (inbox_is_wanted(account))
		box_open_behind(account);
	if (account->inbox == NULL || account->inbox->link != NULL ||
	    account->inbox->state != BOX_CLOSED)
		return false;
	link = best_for_box(account);
	if (link != NULL && !link_is_slow(link))
		return give(account->inbox, link);
	if (!is_opening(account))
		open_extra(account);
	return false;
}

/* ---- actions elsewhere ---- */

struct link *links_borrow(struct account *account)
{
	struct box *box = account->box;
	struct link *link;

	if (box == NULL || box->link == NULL || box->state != BOX_READY ||
	    box->acting || box->busy > 0 ||
	    actions_wait(account, box->name) ||
	    link_in_flight(box->link) > 0 || body_waits(account, box->name))
		return NULL;
	link = box->link;
	box_lend(box);
	return link;
}

/* Somebody waits for what it brings; or it is on the way to be up to date, and
 * no action waits for its connection. */
static bool is_looked_into(const struct account *account)
{
	const struct box *errand = account->errand;

	if (errand->errand)
		return false;
	return errand->opening.length > 0 ||
	       body_waits(account, errand->name) ||
	       (errand->state == BOX_SELECTED &&
		actions_errand(account) == NULL);
}

static bool errand_is_over(const struct account *account)
{
	const struct box *errand = account->errand;

	return errand->state == BOX_REFUSED ||
	       (!errand->acting && errand->busy == 0 &&
		!actions_wait(account, errand->name) &&
		!is_looked_into(account) &&
		g_strcmp0(manage_errand(account), errand->name) != 0);
}

static bool is_open(const struct account *account, const char *mailbox)
{
	return account->box != NULL &&
	       strcmp(account->box->name, mailbox) == 0;
}

/* What waits there goes before it is emptied. */
static void begin_errand(struct account *account)
{
	const char *act = actions_errand(account);
	const char *empty = manage_errand(account);
	const char *look = look_errand(account);

	if (look == NULL)
		look = body_errand(account);
	if (act != NULL)
		box_open_errand(account, act, false);
	else if (look != NULL)
		box_open_errand(account, look, true);
	else if (empty != NULL && !is_open(account, empty))
		box_open_errand(account, empty, false);
}

static bool serve_errand(struct account *account)
{
	struct link *link;

	if (account->errand != NULL && errand_is_over(account)) {
		box_close_errand(account);
		return true;
	}
	if (account->errand == NULL)
		begin_errand(account);
	if (account->errand != NULL && !account->errand->errand)
		look_take(account, account->errand);
	if (account->errand == NULL || account->errand->link != NULL ||
	    account->errand->state != BOX_CLOSED ||
	    manage_holds(account, account->errand->name))
		return false;
	link = best_for_box(account);
	if (link != NULL && !link_is_slow(link))
		return give(account->errand, link);
	if (is_opening(account) || open_extra(account))
		return false;
	link = links_borrow(account);
	return link != NULL && give(account->errand, link);
}

/* ---- fewer of them ---- */

static void spare_unused(void *user)
{
	link_logout(user);
}

static void watch_spare(struct account *account)
{
	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = nth(account, i);
		struct timer *timer = link_spare_timer(link);

		if (!is_free(link) || account->box == NULL ||
		    account->box->link == NULL)
			timer_stop(timer);
		else if (timer->source == NULL)
			timer_start(timer, LIMIT_SPARE, spare_unused, link);
	}
}

bool links_settle(struct account *account)
{
	bool changed = serve_front(account);

	changed = serve_errand(account) || changed;
	changed = serve_inbox(account) || changed;
	watch_spare(account);
	return changed;
}

static bool others_work(const struct account *account, const struct link *link)
{
	for (guint i = 0; i < account->links->len; i++)
		if (nth(account, i) != link && is_ready(nth(account, i)))
			return true;
	return false;
}

/* The next one waits, longer each time; what the server refused for its number
 * is not tried again. */
static void learn(struct account *account, const struct link *link,
		  const char *reason)
{
	unsigned seconds = MAX(account->extra_wait, LIMIT_EXTRA_FIRST);

	if (refusal_of(IMAP_CODE_NONE, reason).kind == REFUSAL_CONNECTIONS) {
		account->most_links = MAX(account->links->len - 1, 1);
		wire_learn(account, _("It refused a further connection: there "
				      "will be no more than now"));
	}
	if (link_was_ready(link))
		return;
	account->extra_wait = MIN(2 * seconds, LIMIT_EXTRA_LAST);
	account->extra_after = g_get_monotonic_time() +
			       (int64_t)seconds * G_USEC_PER_SEC;
}

bool links_lose(struct account *account, struct link *link,
		const char *reason)
{
	struct box *box = link_box(link);

	if (!others_work(account, link) || (box != NULL && box_is_front(box)))
		return false;
	log_line(LOG_STATE, "session", "%s: link %u ended: %s", account->name,
		 link_number(link), reason);
	learn(account, link, reason);
	g_ptr_array_remove(account->links, link);
	/* Its commands end first: they look at what they were for. */
	link_free(link);
	if (box != NULL)
		box_lost(box);
	body_link_lost(account, link);
	folders_link_lost(account, link);
	return true;
}

void links_free_all(struct account *account)
{
	g_autoptr(GPtrArray) links = account->links;

	timer_stop(&account->settle_timer);
	timer_stop(&account->drain_timer);
	account->links = g_ptr_array_new();
	for (guint i = 0; i < links->len; i++)
		link_free(g_ptr_array_index(links, i));
}

bool links_logout(struct account *account)
{
	bool any = false;

	for (guint i = 0; i < account->links->len; i++)
		any = link_logout(nth(account, i)) || any;
	return any;
}

void links_probe(struct account *account)
{
	for (guint i = 0; i < account->links->len; i++)
		link_probe(nth(account, i));
}
