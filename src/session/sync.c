/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From SELECT to a cache that is as the server (DESIGN 9). With QRESYNC the
 * answer of SELECT is all; else the list of UIDs says what is gone and what
 * is lacking, and flags are fetched by CHANGEDSINCE, or all of them.
 */
#include "config.h"

#include "box.h"
#include "events.h"
#include "limits.h"
#include "link.h"

enum { SYNC_FAILURES = 64 };

/* ---- the order of things ---- */

/* A MODSEQ that went back is another history: the server was restored from a
 * copy (imap-traps 44). */
static bool sync_can_resume(const struct box *box)
{
	return box->row->modseq > 0 && box->modseq >= box->row->modseq;
}

/* Else what it says of messages would pass for old. */
static void forget_history(struct box *box)
{
	g_autoptr(GError) error = NULL;

	if (box->modseq == 0 || box->modseq >= box->row->modseq)
		return;
	if (!store_forget_modseqs(box->account->store, box->row->id, &error))
		account_complain(box->account, box->name, &error);
}

void sync_begin(struct box *box)
{
	uint32_t exists = link_exists(box->link);

	events_flush(box);
	if (box->errand)
		return;
	box->done = box->total = 0;
	box->quick = box->quick && sync_can_resume(box);
	if (box->quick) {
		log_line(LOG_DETAIL, "session", "%s: %s: quick resync",
			 box->account->name, box->name);
	} else if (box->uids->len == 0) {
		box->todo.window = exists > 0;
		box->todo.list = exists > LIMIT_WINDOW;
		box->total = exists;
	} else {
		forget_history(box);
		box->todo.list = true;
		box->todo.changes = sync_can_resume(box);
		box->todo.flags = !box->todo.changes;
	}
	sync_check(box);
}

static bool sync_idle(struct box *box)
{
	const struct box_todo *todo = &box->todo;

	return !todo->window && !todo->list && !todo->changes && !todo->flags &&
	       !box->news && box->busy == 0 && box->plan == NULL &&
	       g_queue_is_empty(&box->again) && box->flag_uids == NULL;
}

/* The cache is as the server: only now may it say so (DESIGN 9, a). */
static void sync_end(struct box *box)
{
	struct store_mailbox *row = box->row;

	if (box->state == BOX_READY)
		return;
	box_set_state(box, BOX_READY);
	if (box->skipped > 0) {
		g_autofree char *line = g_strdup_printf(
			ngettext("the server did not give %u message of %s",
				 "the server did not give %u messages of %s",
				 box->skipped),
			box->skipped, row->display);

		report_notice(&box->account->report, box->name, line);
		box->skipped = 0;
	}
	row->complete = true;
	row->modseq = box->modseq;
	row->uidnext = MAX(box->uidnext, (uint64_t)box_highest(box) + 1);
	box->known_uidnext = row->uidnext;
	box->row_changed = true;
	events_flush(box);
	fill_progress_end(box);
	link_seed_uids(box->link, box->uids);
	box_opened(box, NULL);
	store_rest(box->account->store);
}

/*
 * Messages that the server counts and the cache does not have are new ones;
 * when those do not explain the difference, or it counts less, all UIDs are
 * compared, once until the next doubt.
 */
static bool sync_counts_agree(struct box *box)
{
	uint32_t exists = link_exists(box->link);

	if (exists == box->uids->len || box->listed)
		return true;
	if (exists > box->uids->len && !box->asked_news &&
	    exists - box->uids->len <= LIMIT_CHUNK_FIRST)
		box->news = true;
	else
		box->todo.list = true;
	return false;
}

void sync_check(struct box *box)
{
	if (!box_is_selected(box) || box->errand || box->link == NULL ||
	    link_state(box->link) != LINK_READY || !sync_idle(box))
		return;
	if (box->gone->len > 0)
		events_flush(box);
	if (sync_counts_agree(box))
		sync_end(box);
}

/* "Ready" keeps what there is up to date; it is not complete. */
static void sync_give_up(struct box *box)
{
	fill_clear(box);
	fill_progress_end(box);
	box->todo = (struct box_todo){ false, false, false, false };
	box->news = false;
	box->listed = true;
	box_set_state(box, BOX_READY);
}

bool sync_stop(struct box *box)
{
	if (box->state != BOX_SELECTED)
		return false;
	sync_give_up(box);
	box->stopped = true;
	box->known_uidnext =
		MAX(box->uidnext, (uint64_t)box_highest(box) + 1);
	box_opened(box, NULL);
	return true;
}

void sync_go_on(struct box *box)
{
	if (!box->stopped || !box_is_selected(box))
		return;
	box->stopped = false;
	box->todo.list = true;
	box_set_state(box, BOX_SELECTED);
}

bool sync_failed(struct box *box, const struct link_end *end)
{
	if (end->result == LINK_GONE)
		return true;
	log_line(LOG_FAULT, "session", "%s: %s: %s", box->account->name,
		 box->name, end->text);
	if (++box->failures < SYNC_FAILURES)
		return false;
	sync_give_up(box);
	report_notice(&box->account->report, box->name, end->text);
	box_opened(box, end->text);
	return true;
}

/* ---- the cold window ---- */

static void window_done(struct account *account, const struct link_end *end,
			void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL)
		return;
	box->busy--;
	box->awaited = 0;
	if (end->result == LINK_OK) {
		events_flush(box);
		box_opened(box, NULL);
	} else if (!sync_failed(box, end)) {
		box->todo.list = true;
	}
	sync_check(box);
}

/* A screen; or all, where that spares the flights of a second step. */
static uint32_t window_rows(const struct box *box, uint32_t exists)
{
	return exists > LIMIT_WINDOW ? box->account->window : exists;
}

static void window_start(struct box *box)
{
	uint32_t last = link_exists(box->link);
	uint32_t first = last - window_rows(box, last) + 1;
	g_autofree char *set = g_strdup_printf(
		"%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT, first, last);

	box->todo.window = false;
	if (last == 0)
		return;
	box->busy++;
	box->awaited = last - first + 1;
	link_fetch_rows(box->link, set, false, window_done,
			GUINT_TO_POINTER(box->serial));
}

/* ---- the list of UIDs ---- */

static int compare_uids(gconstpointer a, gconstpointer b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* False: there were some twice, or 0. */
static bool sort_uids(GArray *uids)
{
	uint32_t *data = (uint32_t *)(void *)uids->data;
	guint kept = 0, all = uids->len;

	g_array_sort(uids, compare_uids);
	for (guint i = 0; i < all; i++)
		if (data[i] != 0 && (kept == 0 || data[kept - 1] != data[i]))
			data[kept++] = data[i];
	g_array_set_size(uids, kept);
	return kept == all;
}

/* What is changed might be another message (imap-traps 17). */
static void list_is_damaged(struct box *box)
{
	g_autofree char *line = NULL;

	if (box->read_only)
		return;
	line = g_strdup_printf(_("the server gives messages of %s the same "
				 "number: nothing is changed there"),
			       box->row->display);
	report_notice(&box->account->report, box->name, line);
	box->read_only = true;
	account_say_state(box->account);
}

/*
 * Some servers search but the newest messages, or answer with nothing. What
 * such a list lacks is not gone (imap-traps 78 and 79): it is asked for in the
 * other way, by FETCH, and if that does not bring it either it stays.
 */
static bool list_is_short(const struct box *box, const GArray *uids)
{
	return uids->len < MIN(box->list_exists, link_exists(box->link));
}

void sync_listed(struct box *box, GArray *uids)
{
	g_autoptr(GError) error = NULL;
	GArray *cache, *gone;
	bool is_short;

	if (!sort_uids(uids))
		list_is_damaged(box);
	is_short = list_is_short(box, uids);
	if (is_short && !box->list_by_fetch) {
		box->list_by_fetch = box->todo.list = true;
		g_array_free(uids, TRUE);
		return;
	}
	events_flush(box);
	cache = store_uids(box->account->store, box->row->id, &error);
	if (cache == NULL) {
		box_fault(box, &error);
		g_array_free(uids, TRUE);
		return;
	}
	if (is_short) {
		g_array_append_vals(uids, cache->data, cache->len);
		sort_uids(uids);
	}
	gone = plan_gone(uids, cache);
	g_array_append_vals(box->gone, gone->data, gone->len);
	fill_clear(box);
	box->plan = plan_new(uids, cache);
	if (box->todo.flags)
		box->flag_uids = g_array_ref(cache);
	box->todo.flags = false;
	box->listed = true;
	g_array_free(gone, TRUE);
	g_array_unref(cache);
	events_flush(box);
	g_array_free(box->uids, TRUE);
	box->uids = uids;
	box->counts = !is_short;
	/* What comes while the rest is fetched is new. */
	if (box->known_uidnext == 0)
		box->known_uidnext = (uint64_t)box_highest(box) + 1;
	fill_begin(box, uids);
}

static void list_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL)
		return;
	box->busy--;
	/* There is no third way. */
	if (end->result != LINK_OK && box->list_by_fetch)
		box->failures = SYNC_FAILURES;
	if (end->result != LINK_OK && !sync_failed(box, end))
		box->todo.list = box->list_by_fetch = true;
	sync_check(box);
}

static void fetched_list_done(struct account *account,
			      const struct link_end *end, void *user)
{
	struct box *box = box_of(account, user);

	if (box != NULL && end->result == LINK_OK)
		sync_listed(box, link_known_uids(box->link));
	list_done(account, end, user);
}

static void list_start(struct box *box)
{
	box->todo.list = false;
	box->busy++;
	box->list_exists = link_exists(box->link);
	if (box->list_by_fetch)
		link_fetch_flags(box->link, "1:*", 0, fetched_list_done,
				 GUINT_TO_POINTER(box->serial));
	else
		link_list_uids(box->link, list_done,
			       GUINT_TO_POINTER(box->serial));
}

/* ---- flags ---- */

static void changes_done(struct account *account, const struct link_end *end,
			 void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL)
		return;
	box->busy--;
	if (end->result != LINK_OK && !sync_failed(box, end)) {
		box->row->modseq = 0;
		box->todo.list = box->todo.flags = true;
	}
	sync_check(box);
}

static void changes_start(struct box *box)
{
	box->todo.changes = false;
	box->busy++;
	link_fetch_flags(box->link, "1:*", box->row->modseq, changes_done,
			 GUINT_TO_POINTER(box->serial));
}

static void flags_done(struct account *account, const struct link_end *end,
		       void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL)
		return;
	box->busy--;
	if (end->result != LINK_OK)
		sync_failed(box, end);
	sync_check(box);
}

/* Newest first: that is where the reader looks. */
static void flags_start(struct box *box)
{
	GArray *uids = box->flag_uids;
	guint from = uids->len > LIMIT_FLAGS_CHUNK ?
			     uids->len - LIMIT_FLAGS_CHUNK :
			     0;
	g_autofree char *set = NULL;

	if (uids->len > 0) {
		set = g_strdup_printf(
			"%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT,
			g_array_index(uids, uint32_t, from),
			g_array_index(uids, uint32_t, uids->len - 1));
		g_array_set_size(uids, from);
		box->busy++;
		link_fetch_flags(box->link, set, 0, flags_done,
				 GUINT_TO_POINTER(box->serial));
	}
	/* The callback may have dropped it already. */
	if (box->flag_uids != NULL && box->flag_uids->len == 0)
		g_clear_pointer(&box->flag_uids, g_array_unref);
}

/* ---- the step ---- */

static void (*sync_next(const struct box *box))(struct box *box)
{
	if (box->todo.window)
		return window_start;
	if (box->todo.list)
		return list_start;
	if (box->todo.changes)
		return changes_start;
	if (box->flag_uids != NULL)
		return flags_start;
	return NULL;
}

bool sync_step(struct link *link)
{
	struct box *box = link_box(link);
	void (*next)(struct box *box);

	if (box == NULL || !box_is_selected(box) || box->errand)
		return false;
	next = sync_next(box);
	if (next == NULL)
		return false;
	next(box);
	/* It may have had nothing to ask for after all. */
	sync_check(box);
	return true;
}
