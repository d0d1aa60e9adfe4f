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

void fill_begin(struct account *account, const GArray *server)
{
	struct box *box = account->box;

	if (box->plan == NULL)
		return;
	box->total = server->len;
	box->done = server->len - plan_left(box->plan);
	if (box->chunk == 0)
		box->chunk = LIMIT_CHUNK_FIRST;
	/* What is lacking may lie anywhere now, not above the rest alone. */
	if (box->row->complete) {
		box->row->complete = false;
		box->row_changed = true;
	}
	if (box->state == BOX_READY)
		box_set_state(account, BOX_SELECTED);
	fill_progress(account);
}

static void portion_drop(gpointer portion)
{
	portion_free(portion);
}

void fill_clear(struct box *box)
{
	g_clear_pointer(&box->plan, plan_free);
	g_queue_clear_full(&box->again, portion_drop);
	if (box->flag_uids != NULL)
		g_clear_pointer(&box->flag_uids, g_array_unref);
}

void fill_progress(struct account *account)
{
	struct box *box = account->box;

	if (box->total <= LIMIT_WINDOW || box->state != BOX_SELECTED)
		return;
	report_progress(&account->report, box->name, _("Fetching headers"),
			MIN(box->done, box->total), box->total);
}

/* ---- a portion ---- */

struct filling {
	unsigned serial;
	struct portion *portion; /* owned */
	int64_t began;
};

static void filling_free(struct filling *filling)
{
	portion_free(filling->portion);
	g_free(filling);
}

/* The next portion should take LIMIT_CHUNK_MS; it never doubles at once. */
static void fill_measure(struct box *box, const struct filling *filling)
{
	int64_t ms = (g_get_monotonic_time() - filling->began) / 1000;
	uint64_t fits = filling->portion->count * (uint64_t)LIMIT_CHUNK_MS /
			(uint64_t)MAX(ms, 1);
	uint64_t most = MIN(2 * (uint64_t)box->chunk, LIMIT_CHUNK_MOST);

	box->chunk = (unsigned)CLAMP(fits, LIMIT_CHUNK_LEAST,
				     MAX(most, LIMIT_CHUNK_LEAST));
}

/* One message may spoil a whole answer: it is found by halving. */
static void fill_halve(struct account *account, struct filling *filling,
		       const struct link_end *end)
{
	struct box *box = account->box;
	struct portion *newer, *older;

	if (sync_failed(account, end))
		return;
	if (portion_split(filling->portion, &newer, &older)) {
		g_queue_push_head(&box->again, older);
		g_queue_push_head(&box->again, newer);
		return;
	}
	box->skipped++;
	log_line(LOG_FAULT, "session", "%s: %s: message %s skipped",
		 account->name, box->name, filling->portion->set);
}

static void fill_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct filling *filling = user;
	struct box *box =
		box_of(account, GUINT_TO_POINTER(filling->serial));

	if (box != NULL && end->result != LINK_GONE) {
		box->busy--;
		if (end->result == LINK_OK) {
			fill_measure(box, filling);
			box_opened(account, NULL);
		} else {
			fill_halve(account, filling, end);
		}
		/* The last portion goes into the commit that says so. */
		sync_check(account);
		events_flush(account);
	}
	filling_free(filling);
}

static struct portion *fill_next(struct box *box)
{
	struct portion *portion;

	if (!g_queue_is_empty(&box->again))
		return g_queue_pop_head(&box->again);
	portion = plan_take(box->plan, box->chunk);
	if (plan_left(box->plan) == 0)
		g_clear_pointer(&box->plan, plan_free);
	return portion;
}

bool fill_step(struct account *account)
{
	struct box *box = account->box;
	struct filling *filling;

	if (box == NULL || !box_is_selected(box) ||
	    (box->plan == NULL && g_queue_is_empty(&box->again)))
		return false;
	filling = g_new0(struct filling, 1);
	filling->serial = box->serial;
	filling->portion = fill_next(box);
	filling->began = g_get_monotonic_time();
	box->busy++;
	link_fetch_rows(account->link, filling->portion->set, true, fill_done,
			filling);
	return true;
}

/* ---- new mail ---- */

static void news_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL || end->result == LINK_GONE)
		return;
	box->busy--;
	if (end->result != LINK_OK && !sync_failed(account, end))
		box->todo.list = true;
	sync_check(account);
	events_flush(account);
}

bool news_step(struct account *account)
{
	struct box *box = account->box;
	g_autofree char *set = NULL;

	if (box == NULL || !box_is_selected(box) || !box->news)
		return false;
	box->news = false;
	box->asked_news = true;
	box->busy++;
	set = g_strdup_printf("%" G_GUINT32_FORMAT ":*", box_highest(box) + 1);
	link_fetch_rows(account->link, set, true, news_done,
			GUINT_TO_POINTER(box->serial));
	return true;
}
