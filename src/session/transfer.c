/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying, moving, removing. Without MOVE it is COPY, then \Deleted and UID
 * EXPUNGE, and each of them is in the journal before the next (imap-traps 68).
 */
#include "config.h"

#include <string.h>

#include "execute-private.h"
#include "limits.h"
#include "smew/imap.h"

/* ---- removing ---- */

/* The messages have left this mailbox. */
static bool expunge_all(struct run *run, GError **error)
{
	g_autofree uint32_t *uids = g_new(uint32_t, run->batch->items->len);

	for (guint i = 0; i < run->batch->items->len; i++)
		uids[i] = run_item(run, i)->uid;
	return store_expunge(run->account->store, run->mbox, uids,
			     run->batch->items->len, error);
}

/* Cache first, then the journal: a kill in between repeats the check. */
static void finish_gone(struct run *run)
{
	g_autoptr(GError) error = NULL;

	run_succeeded(run);
	if (!expunge_all(run, &error) ||
	    !run_settle(run, JOURNAL_DONE, NULL, &error))
		run_fault(run, &error);
	run_tell(run);
	run_end(run);
}

static void say_left(struct run *run)
{
	struct actions *actions = run->account->actions;

	if (actions->said_left)
		return;
	actions->said_left = true;
	report_notice(&run->account->report, run->mailbox,
		      _("the server cannot remove single messages: they stay "
			"there, marked deleted and hidden here, until "
			":expunge-marked"));
}

/* DESIGN 9 (f): a plain EXPUNGE would remove what others have marked. */
static void leave_marked(struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (!run_settle(run, JOURNAL_LEFT, NULL, &error))
		run_fault(run, &error);
	say_left(run);
	run_end(run);
}

static void expunged(struct account *account, const struct link_end *end,
		     void *user)
{
	struct run *run = user;

	if (!run_goes_on(run, end))
		return;
	if (end->result == LINK_OK) {
		finish_gone(run);
		return;
	}
	/* Some announce it and refuse it (imap-traps 65). */
	account->actions->no_expunge = true;
	leave_marked(run);
}

static void marked(struct account *account, const struct link_end *end,
		   void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	g_autofree char *set = NULL;

	if (!run_goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		run_refuse_all(run, end->text);
		run_end(run);
	} else if (box == NULL) {
		run_end(run);
	} else if (!link_offers_uidplus(box->link) ||
		   account->actions->no_expunge) {
		leave_marked(run);
	} else {
		set = run_set(run);
		link_expunge(box->link, set, expunged, run);
	}
}

static void remove_all(struct run *run, struct box *box)
{
	g_autofree char *set = NULL;

	if (!run_claim(run, JOURNAL_STEP_COPIED))
		return;
	set = run_set(run);
	link_store(box->link, set, true, STORE_DELETED, marked, run);
}

/* ---- where they are now ---- */

/* UIDs of a set in its order; NULL when there is none. Owned. */
static GArray *expand(const struct imap_set *set)
{
	GArray *uids;
	const struct imap_range *ranges;
	size_t n = 0;

	if (set == NULL || imap_set_count(set) == 0 ||
	    imap_set_count(set) > 100 * LIMIT_STORE_SET)
		return NULL;
	uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	ranges = imap_set_ranges(set, &n);
	for (size_t i = 0; i < n; i++)
		for (uint64_t uid = ranges[i].first; uid <= ranges[i].last;
		     uid++) {
			uint32_t one = (uint32_t)uid;

			g_array_append_val(uids, one);
		}
	return uids;
}

/* From UID here to UID there; NULL: the server did not say. Owned. */
static GHashTable *landing(const struct link_end *end)
{
	GArray *from = expand(end->source), *to = expand(end->uids);
	GHashTable *map = NULL;

	if (from != NULL && to != NULL && from->len == to->len) {
		map = g_hash_table_new(NULL, NULL);
		for (guint i = 0; i < from->len; i++)
			g_hash_table_insert(
				map,
				GUINT_TO_POINTER(
					g_array_index(from, uint32_t, i)),
				GUINT_TO_POINTER(
					g_array_index(to, uint32_t, i)));
	}
	if (from != NULL)
		g_array_unref(from);
	if (to != NULL)
		g_array_unref(to);
	return map;
}

static uint32_t landed_at(GHashTable *map, uint32_t uid)
{
	return map == NULL ? 0 :
			     GPOINTER_TO_UINT(g_hash_table_lookup(
				     map, GUINT_TO_POINTER(uid)));
}

/* Notes where the messages are now and that they have come to 'step', or, with
 * 'done', that this was all: at once, for the journal. */
static bool note_landing(struct run *run, GHashTable *map,
			 uint64_t uidvalidity, bool done, GError **error)
{
	struct journal *journal = run_journal(run);
	bool ok = journal_begin(journal, error);

	if (!ok)
		return false;
	for (guint i = 0; ok && map != NULL && i < run->batch->items->len;
	     i++) {
		uint32_t uid = landed_at(map, run_item(run, i)->uid);

		if (uid != 0)
			ok = journal_landed(journal, run_item(run, i)->id, uid,
					    uidvalidity, error);
	}
	ok = ok && (done ? run_settle(run, JOURNAL_DONE, NULL, error) :
			   run_advance(run, JOURNAL_STEP_COPIED, error));
	if (ok)
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

/* ---- copying and moving ---- */

static void moved(struct account *account, const struct link_end *end,
		  void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	g_autoptr(GHashTable) map = NULL;
	g_autoptr(GError) error = NULL;

	(void)account;
	if (!run_goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		/* Some of them may have been moved. */
		run_note_refusal(run, end);
		if (box != NULL)
			identify(run, box);
		else
			run_end(run);
		return;
	}
	map = landing(end);
	run_succeeded(run);
	if (!expunge_all(run, &error) ||
	    !note_landing(run, map, end->uidvalidity, true, &error))
		run_fault(run, &error);
	run_tell(run);
	run_end(run);
}

/* What the server says it copied is all that may be removed here. */
static void drop_uncopied(struct run *run, GHashTable *map)
{
	for (guint i = run->batch->items->len; map != NULL && i-- > 0;)
		if (landed_at(map, run_item(run, i)->uid) == 0)
			run_refuse_one(run, i,
				       _("the server did not copy it"));
}

static void copied(struct account *account, const struct link_end *end,
		   void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	bool done = run->batch->kind == JOURNAL_COPY;
	g_autoptr(GHashTable) map = NULL;
	g_autoptr(GError) error = NULL;

	(void)account;
	if (end->result != LINK_GONE && end->temporary &&
	    !run_advance(run, JOURNAL_STEP_NONE, &error))
		run_fault(run, &error);
	if (!run_goes_on(run, end))
		return;
	/* It copies all or nothing (RFC 3501, 6.4.7). */
	if (end->result != LINK_OK) {
		run_refused(run, end);
		return;
	}
	map = landing(end);
	run_succeeded(run);
	drop_uncopied(run, map);
	if (!note_landing(run, map, end->uidvalidity, done, &error))
		run_fault(run, &error);
	if (done || box == NULL || run->batch->items->len == 0)
		run_end(run);
	else
		remove_all(run, box);
}

/* Flags go before the message does: they come along, where they can be kept. */
static void prepare_flags(struct run *run, struct box *box, const char *set)
{
	uint32_t add = run->batch->add & ~box->fleeting;
	uint32_t del = run->batch->del & ~box->fleeting;

	if (add != 0)
		link_store(box->link, set, true, add, NULL, NULL);
	if (del != 0)
		link_store(box->link, set, false, del, NULL, NULL);
}

static void copy_all(struct run *run, struct box *box)
{
	bool move = run->batch->kind == JOURNAL_MOVE &&
		    link_offers_move(box->link);
	uint32_t floor = link_told_uidnext(box->link, run->batch->target);
	g_autofree char *set = NULL;

	for (guint i = 0; i < run->batch->items->len; i++) {
		struct journal_item *item = run_item(run, i);

		item->floor = floor;
		/* It may have been made anew since the user chose it. */
		item->made = run_size(run, item->uid);
	}
	if (!run_claim(run,
		       move ? JOURNAL_STEP_MOVING : JOURNAL_STEP_COPYING))
		return;
	set = run_set(run);
	prepare_flags(run, box, set);
	link_copy(box->link, set, run->batch->target, move,
		  move ? moved : copied, run);
}

void transfer(struct run *run, struct box *box)
{
	const struct journal_batch *batch = run->batch;

	if (batch->kind == JOURNAL_EXPUNGE ||
	    batch->step == JOURNAL_STEP_COPIED)
		remove_all(run, box);
	else if (run_remakes(run))
		remake(run, box);
	else
		copy_all(run, box);
}
