/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Index rows the cache does not have: in portions from the newest to the
 * oldest, as large as the line carries them in a fraction of a second; and new
 * mail as it comes.
 */
#include "config.h"

#include "box.h"
#include "events.h"
#include "limits.h"
#include "link.h"

/* ---- the plan ---- */

void fill_begin(struct box *box, const GArray *server)
{
	if (box->plan == NULL)
		return;
	box->total = server->len;
	box->done = server->len - plan_left(box->plan);
	pace_begin(&box->pace);
	/* What is lacking may lie anywhere now, not above the rest alone. */
	if (box->row->complete) {
		box->row->complete = false;
		box->row_changed = true;
	}
	if (box->state == BOX_READY)
		box_set_state(box, BOX_SELECTED);
	fill_progress(box);
}

static void portion_drop(gpointer portion)
{
	portion_free(portion);
}

void fill_clear(struct box *box)
{
	g_clear_pointer(&box->plan, plan_free);
	g_queue_clear_full(&box->again, portion_drop);
	box->urgent = false;
	if (box->flag_uids != NULL)
		g_clear_pointer(&box->flag_uids, g_array_unref);
}

void fill_progress(struct box *box)
{
	if (box->total <= LIMIT_WINDOW || box->state != BOX_SELECTED ||
	    !box_is_front(box))
		return;
	report_progress(&box->account->report, SESSION_WORK_HEADERS, box->name,
			_("Fetching headers"), MIN(box->done, box->total),
			box->total);
}

void fill_progress_end(struct box *box)
{
	if (box->total > 0 && box_is_front(box))
		report_progress(&box->account->report, SESSION_WORK_HEADERS,
				box->name, "", 0, 0);
	box->total = 0;
}

/* ---- a portion ---- */

struct filling {
	unsigned serial;
	struct portion *portion; /* owned */
	bool urgent;
};

static void filling_free(struct filling *filling)
{
	portion_free(filling->portion);
	g_free(filling);
}

void fill_row(struct box *box)
{
	box->done++;
	pace_row(&box->pace, g_get_monotonic_time());
	if (box->owed > 0)
		box->owed--;
}

/* One message may spoil a whole answer: it is found by halving. */
static void fill_halve(struct box *box, struct filling *filling,
		       const struct link_end *end)
{
	struct portion *newer, *older;

	if (sync_failed(box, end))
		return;
	if (portion_split(filling->portion, &newer, &older)) {
		g_queue_push_head(&box->again, older);
		g_queue_push_head(&box->again, newer);
		return;
	}
	box->skipped++;
	log_line(LOG_FAULT, "session", "%s: %s: message %s skipped",
		 box->account->name, box->name, filling->portion->set);
}

static void fill_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct filling *filling = user;
	struct box *box =
		box_of(account, GUINT_TO_POINTER(filling->serial));

	if (box != NULL && end->result != LINK_GONE) {
		box->busy--;
		pace_end(&box->pace);
		if (--box->filling == 0)
			box->owed = 0; /* whatever the server left out */
		if (end->result == LINK_OK) {
			/* The reader waits for these. */
			if (filling->urgent)
				box->told = 0;
			box_opened(box, NULL);
		} else {
			fill_halve(box, filling, end);
		}
		/* The last portion goes into the commit that says so. */
		sync_check(box);
		events_flush(box);
	}
	filling_free(filling);
}

static struct portion *fill_next(struct box *box)
{
	struct portion *portion;

	if (!g_queue_is_empty(&box->again))
		return g_queue_pop_head(&box->again);
	portion = plan_take(box->plan,
			    pace_next(&box->pace, box->owed == 0,
				      g_get_monotonic_time()));
	if (plan_left(box->plan) == 0)
		g_clear_pointer(&box->plan, plan_free);
	return portion;
}

/*
 * There is always one portion on its way behind the one that comes: by the
 * rows, for a server may give the OK of a command when it has done those behind
 * it, too (Dovecot).
 */
static bool may_ask(const struct box *box)
{
	return box->urgent ||
	       (box->filling < LIMIT_FILL_IN_FLIGHT &&
		(box->filling == 0 || box->owed <= box->pace.chunk));
}

bool fill_step(struct link *link)
{
	struct box *box = link_box(link);
	struct filling *filling;

	if (box == NULL || !box_is_selected(box) ||
	    (box->plan == NULL && g_queue_is_empty(&box->again)) ||
	    !may_ask(box))
		return false;
	filling = g_new0(struct filling, 1);
	filling->serial = box->serial;
	filling->portion = fill_next(box);
	filling->urgent = box->urgent;
	box->urgent = false;
	box->owed += filling->portion->count;
	box->filling++;
	box->busy++;
	link_fetch_rows(box->link, filling->portion->set, true, fill_done,
			filling);
	return true;
}

void fill_oldest(struct box *box)
{
	struct portion *portion;

	if (box->plan == NULL || box->urgent)
		return;
	portion = plan_take_oldest(box->plan, box->account->window);
	if (plan_left(box->plan) == 0)
		g_clear_pointer(&box->plan, plan_free);
	if (portion == NULL)
		return;
	g_queue_push_head(&box->again, portion);
	box->urgent = true;
}

/* ---- new mail ---- */

static void news_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL || end->result == LINK_GONE)
		return;
	box->busy--;
	if (end->result != LINK_OK && !sync_failed(box, end))
		box->todo.list = true;
	sync_check(box);
	events_flush(box);
}

bool news_step(struct link *link)
{
	struct box *box = link_box(link);
	g_autofree char *set = NULL;

	if (box == NULL || !box_is_selected(box) || !box->news)
		return false;
	box->news = false;
	box->asked_news = true;
	box->busy++;
	set = g_strdup_printf("%" G_GUINT32_FORMAT ":*", box_highest(box) + 1);
	link_fetch_rows(box->link, set, true, news_done,
			GUINT_TO_POINTER(box->serial));
	return true;
}
