/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal to the server: a batch at a time in each mailbox. A command
 * whose repetition could do harm is noted in the journal before it goes out;
 * when its end is not known, the server is asked before it is repeated. What
 * is moved or removed has its identity checked first (DESIGN 9, e).
 */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "box.h"
#include "limits.h"
#include "manage.h"
#include "smew/imap.h"
#include "smew/mail.h"
#include "work.h"

/* What the server says a message is. */
struct known {
	char *message_id; /* owned */
	int64_t received;
	uint64_t size;
};

/* A batch under way. */
struct run {
	struct account *account;
	struct link *link;	/* borrowed; only compared */
	unsigned serial;	/* of the box */
	int64_t mbox;
	char *mailbox;		/* owned */
	uint64_t uidvalidity;	/* of the mailbox, now */
	struct journal_batch *batch; /* owned: what is left of it */
	GArray *ids;		/* of int64_t: all of its items; owned */
	bool identifying;
	GHashTable *seen;	/* UID to struct known *, owned */
	GArray *found;		/* of uint32_t, by a search; owned, or NULL */
	unsigned commands;	/* STOREs not answered yet */
	bool trimmed;		/* some of its flags the server does not keep */
	char *refusal;		/* of a command: what it left is refused */
};

static void known_free(gpointer data)
{
	struct known *known = data;

	g_free(known->message_id);
	g_free(known);
}

static struct journal *journal_of(const struct run *run)
{
	return run->account->actions->journal;
}

static const struct journal_item *item_at(const struct run *run, guint i)
{
	return &g_array_index(run->batch->items, struct journal_item, i);
}

/* ---- life ---- */

static struct run *run_new(struct box *box, struct journal_batch *batch)
{
	struct account *account = box->account;
	struct run *run = g_new0(struct run, 1);

	run->account = account;
	run->link = box->link;
	run->serial = box->serial;
	run->mbox = box->row->id;
	run->mailbox = g_strdup(box->name);
	run->uidvalidity = box->row->uidvalidity;
	run->batch = batch;
	run->ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
	run->seen = g_hash_table_new_full(NULL, NULL, NULL, known_free);
	for (guint i = 0; i < batch->items->len; i++)
		g_array_append_val(run->ids, item_at(run, i)->id);
	for (guint i = 0; i < run->ids->len; i++)
		g_hash_table_add(account->actions->sent,
				 &g_array_index(run->ids, int64_t, i));
	g_ptr_array_add(account->actions->runs, run);
	box->acting = true;
	return run;
}

static void run_end(struct run *run)
{
	struct account *account = run->account;
	struct box *box = box_of(account, GUINT_TO_POINTER(run->serial));

	for (guint i = 0; i < run->ids->len; i++)
		g_hash_table_remove(account->actions->sent,
				    &g_array_index(run->ids, int64_t, i));
	g_ptr_array_remove(account->actions->runs, run);
	if (box != NULL)
		box->acting = false;
	journal_batch_free(run->batch);
	g_array_unref(run->ids);
	g_hash_table_unref(run->seen);
	if (run->found != NULL)
		g_array_unref(run->found);
	g_free(run->mailbox);
	g_free(run->refusal);
	g_free(run);
	actions_changed(account);
}

/* The box while the run can go on in it; NULL: another mailbox is selected
 * there by now, or the connection is gone. */
static struct box *run_box(const struct run *run)
{
	struct box *box =
		box_of(run->account, GUINT_TO_POINTER(run->serial));

	return box != NULL && box->link == run->link && box_is_selected(box) &&
			       link_state(run->link) == LINK_READY ?
		       box :
		       NULL;
}

/* Whether the command ended in a way that its run can go on from. Else what
 * was under way stays in the journal as it stands there. */
static bool goes_on(struct run *run, const struct link_end *end)
{
	if (end->result != LINK_GONE && !end->temporary)
		return true;
	run_end(run);
	return false;
}

static void fault(struct run *run, GError **error)
{
	struct box *box =
		box_of(run->account, GUINT_TO_POINTER(run->serial));

	/* To ask again and again would not help. */
	if (box != NULL)
		box_fault(box, error);
	else
		account_complain(run->account, run->mailbox, error);
}

/* ---- sets ---- */

static char *set_of(const struct run *run)
{
	struct imap_set *set = imap_set_new();
	char *text;

	for (guint i = 0; i < run->batch->items->len; i++)
		imap_set_add(set, item_at(run, i)->uid, item_at(run, i)->uid);
	imap_set_normalise(set);
	text = imap_set_format(set);
	imap_set_free(set);
	return text;
}

static void drop_item(struct run *run, guint i)
{
	g_free(g_array_index(run->batch->items, struct journal_item, i)
		       .message_id);
	g_array_remove_index(run->batch->items, i);
}

static void keep_items(struct run *run, guint n)
{
	while (run->batch->items->len > n)
		drop_item(run, run->batch->items->len - 1);
}

/* No line is longer than servers are known to take; what does not fit waits
 * for the next batch. */
static void fit(struct run *run)
{
	for (;;) {
		g_autofree char *text = set_of(run);

		if (strlen(text) <= LIMIT_SET_OCTETS ||
		    run->batch->items->len < 2)
			return;
		keep_items(run, run->batch->items->len / 2);
	}
}

/* ---- ends ---- */

static GArray *left_ids(const struct run *run)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < run->batch->items->len; i++)
		g_array_append_val(ids, item_at(run, i)->id);
	return ids;
}

static bool settle_all(struct run *run, enum journal_state state,
		       const char *reason, GError **error)
{
	g_autoptr(GArray) ids = left_ids(run);

	return journal_settle(journal_of(run),
			      (const int64_t *)(const void *)ids->data,
			      ids->len, state, reason, error);
}

static bool advance_all(struct run *run, enum journal_step step,
			GError **error)
{
	g_autoptr(GArray) ids = left_ids(run);

	return journal_advance(journal_of(run),
			       (const int64_t *)(const void *)ids->data,
			       ids->len, step, error);
}

/* The messages have left this mailbox. */
static bool expunge_all(struct run *run, GError **error)
{
	g_autofree uint32_t *uids = g_new(uint32_t, run->batch->items->len);

	for (guint i = 0; i < run->batch->items->len; i++)
		uids[i] = item_at(run, i)->uid;
	return store_expunge(run->account->store, run->mbox, uids,
			     run->batch->items->len, error);
}

static void tell(const struct run *run)
{
	report_change(&run->account->report, SESSION_MAILBOX_CHANGED,
		      run->mailbox);
	report_change(&run->account->report, SESSION_FOLDERS_CHANGED, NULL);
}

/* Cache first, then the journal: a kill in between repeats the check. */
static void finish_gone(struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (!expunge_all(run, &error) ||
	    !settle_all(run, JOURNAL_DONE, NULL, &error))
		fault(run, &error);
	tell(run);
	run_end(run);
}

/* Waits for the user from now on; the line says why. */
static void refuse_all(struct run *run, const char *reason)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *line = g_strdup_printf(
		ngettext("%u action was refused: %s",
			 "%u actions were refused: %s", run->batch->items->len),
		run->batch->items->len, reason);

	if (!settle_all(run, JOURNAL_REFUSED, reason, &error))
		fault(run, &error);
	report_notice(&run->account->report, run->mailbox, line);
	actions_show(run->account, run->mailbox);
}

static void refuse_one(struct run *run, guint i, const char *reason)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *line =
		g_strdup_printf(_("an action was refused: %s"), reason);

	if (!journal_settle(journal_of(run), &item_at(run, i)->id, 1,
			    JOURNAL_REFUSED, reason, &error))
		fault(run, &error);
	report_notice(&run->account->report, run->mailbox, line);
	drop_item(run, i);
	actions_show(run->account, run->mailbox);
}

/* ---- flags ---- */

static bool flags_in_cache(struct run *run, GError **error)
{
	struct store *store = run->account->store;
	bool ok = store_begin(store, error);

	for (guint i = 0; ok && i < run->batch->items->len; i++)
		ok = store_want_done(store, run->mbox, item_at(run, i)->uid,
				     run->batch->add, run->batch->del, error);
	if (ok)
		return store_commit(store, error);
	if (error == NULL || *error != NULL)
		store_rollback(store);
	return false;
}

static void flags_granted(struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (!flags_in_cache(run, &error) ||
	    !settle_all(run, JOURNAL_DONE, NULL, &error))
		fault(run, &error);
	if (run->trimmed)
		actions_show(run->account, run->mailbox);
	run_end(run);
}

static void flags_done(struct account *account, const struct link_end *end,
		       void *user)
{
	struct run *run = user;

	(void)account;
	run->commands--;
	/* Not answered, or later: it is repeated, which does no harm. */
	if (end->result == LINK_GONE || end->temporary)
		run->batch->step = JOURNAL_STEP_COPIED;
	else if (end->result != LINK_OK && run->refusal == NULL)
		run->refusal = g_strdup(end->text);
	if (run->commands > 0)
		return;
	if (run->batch->step == JOURNAL_STEP_COPIED) {
		run_end(run);
	} else if (run->refusal != NULL) {
		refuse_all(run, run->refusal);
		run_end(run);
	} else {
		flags_granted(run);
	}
}

/* It would say OK, and the next visit would show what was before. */
static void refuse_fleeting(struct run *run, uint32_t flags)
{
	const char *why = _("the server keeps no such flag here");
	g_autoptr(GError) error = NULL;

	if (!settle_all(run, JOURNAL_CANCELLED, why, &error))
		fault(run, &error);
	/* Reading marks a message by itself: nobody asked for that. */
	if (flags != STORE_SEEN)
		report_notice(&run->account->report, run->mailbox, why);
	actions_show(run->account, run->mailbox);
	run_end(run);
}

static void flags_start(struct run *run, struct box *box)
{
	g_autofree char *set = set_of(run);
	struct journal_batch *batch = run->batch;
	uint32_t flags = batch->add | batch->del;

	if (flags != 0 && (flags & ~box->fleeting) == 0) {
		refuse_fleeting(run, flags);
		return;
	}
	run->trimmed = (flags & box->fleeting) != 0;
	batch->add &= ~box->fleeting;
	batch->del &= ~box->fleeting;
	/* The end of one may come at once. */
	run->commands = 1;
	if (batch->add != 0) {
		run->commands++;
		if (!link_store(box->link, set, true, batch->add, flags_done,
				run))
			run->commands--;
	}
	if (batch->del != 0) {
		run->commands++;
		if (!link_store(box->link, set, false, batch->del, flags_done,
				run))
			run->commands--;
	}
	/* Where nothing of it is the server's, it is ours alone. */
	flags_done(run->account, &(struct link_end){ .result = LINK_OK }, run);
}

/* ---- looking for a message ---- */

void actions_found(void *user, GArray *uids)
{
	struct run *run = user;

	if (run->found != NULL)
		g_array_unref(run->found);
	run->found = uids;
}

static void find_next(struct run *run);

/* The newest: that is what was copied last. */
static uint32_t newest_found(const struct run *run)
{
	uint32_t newest = 0;

	for (guint i = 0; run->found != NULL && i < run->found->len; i++)
		newest = MAX(newest, g_array_index(run->found, uint32_t, i));
	return newest;
}

/* Of a copy whose command was not answered: was it made? */
static bool judge_copy(struct run *run, int64_t id, uint32_t uid,
		       GError **error)
{
	struct journal *journal = journal_of(run);

	if (uid == 0)
		return journal_advance(journal, &id, 1, JOURNAL_STEP_NONE,
				       error);
	if (!journal_landed(journal, id, uid, run->uidvalidity, error))
		return false;
	if (run->batch->kind == JOURNAL_COPY)
		return journal_settle(journal, &id, 1, JOURNAL_DONE, NULL,
				      error);
	return journal_advance(journal, &id, 1, JOURNAL_STEP_COPIED, error);
}

static void find_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct run *run = user;
	const struct journal_item *item = item_at(run, 0);
	uint32_t uid = newest_found(run);
	g_autoptr(GError) error = NULL;

	(void)account;
	if (!goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		refuse_one(run, 0, end->text);
		find_next(run);
		return;
	}
	if (run->batch->step == JOURNAL_STEP_COPYING) {
		if (!judge_copy(run, item->id, uid, &error))
			fault(run, &error);
		drop_item(run, 0);
	} else if (uid == 0) {
		refuse_one(run, 0, _("the message cannot be found any more"));
	} else {
		if (!journal_found(journal_of(run), item->id, uid,
				   run->uidvalidity, &error))
			fault(run, &error);
		drop_item(run, 0);
	}
	find_next(run);
}

static void find_next(struct run *run)
{
	struct box *box = run_box(run);
	const char *message_id;

	if (box == NULL || run->batch->items->len == 0) {
		run_end(run);
		return;
	}
	message_id = item_at(run, 0)->message_id;
	if (message_id == NULL || *message_id == '\0') {
		refuse_one(run, 0, _("the server did not say where the message "
				     "went, and it has no Message-ID"));
		find_next(run);
		return;
	}
	g_clear_pointer(&run->found, g_array_unref);
	link_find(box->link, message_id, find_done, run);
}

/* ---- removing ---- */

static void say_left(struct run *run)
{
	struct actions *actions = run->account->actions;

	if (actions->said_left)
		return;
	actions->said_left = true;
	report_notice(&run->account->report, run->mailbox,
		      _("the server cannot remove single messages: they stay "
			"there, marked deleted, and are hidden here"));
}

/* DESIGN 9 (f): a plain EXPUNGE would remove what others have marked. */
static void leave_marked(struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (!settle_all(run, JOURNAL_LEFT, NULL, &error))
		fault(run, &error);
	say_left(run);
	run_end(run);
}

static void expunged(struct account *account, const struct link_end *end,
		     void *user)
{
	struct run *run = user;

	if (!goes_on(run, end))
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

	if (!goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		refuse_all(run, end->text);
		run_end(run);
	} else if (box == NULL) {
		run_end(run);
	} else if (!link_offers_uidplus(box->link) ||
		   account->actions->no_expunge) {
		leave_marked(run);
	} else {
		set = set_of(run);
		link_expunge(box->link, set, expunged, run);
	}
}

static void remove_all(struct run *run, struct box *box)
{
	g_autofree char *set = set_of(run);
	g_autoptr(GError) error = NULL;

	if (!advance_all(run, JOURNAL_STEP_COPIED, &error)) {
		fault(run, &error);
		run_end(run);
		return;
	}
	link_store(box->link, set, true, STORE_DELETED, marked, run);
}

/* ---- copying and moving ---- */

static void identify(struct run *run, struct box *box);

/* UIDs of a set in its order; NULL when there is none. Owned. */
static GArray *expand(const struct imap_set *set)
{
	GArray *uids;
	const struct imap_range *ranges;
	size_t n = 0;

	if (set == NULL || imap_set_count(set) > 100 * LIMIT_STORE_SET)
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
	struct journal *journal = journal_of(run);
	bool ok = journal_begin(journal, error);

	if (!ok)
		return false;
	for (guint i = 0; ok && map != NULL && i < run->batch->items->len;
	     i++) {
		uint32_t uid = landed_at(map, item_at(run, i)->uid);

		if (uid != 0)
			ok = journal_landed(journal, item_at(run, i)->id, uid,
					    uidvalidity, error);
	}
	ok = ok && (done ? settle_all(run, JOURNAL_DONE, NULL, error) :
			   advance_all(run, JOURNAL_STEP_COPIED, error));
	if (ok)
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

static void moved(struct account *account, const struct link_end *end,
		  void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	g_autoptr(GHashTable) map = NULL;
	g_autoptr(GError) error = NULL;

	(void)account;
	if (!goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		/* Some of them may have been moved. */
		run->refusal = g_strdup(end->text);
		if (box != NULL)
			identify(run, box);
		else
			run_end(run);
		return;
	}
	map = landing(end);
	if (!expunge_all(run, &error) ||
	    !note_landing(run, map, end->uidvalidity, true, &error))
		fault(run, &error);
	tell(run);
	run_end(run);
}

/* What the server says it copied is all that may be removed here. */
static void drop_uncopied(struct run *run, GHashTable *map)
{
	for (guint i = run->batch->items->len; map != NULL && i-- > 0;)
		if (landed_at(map, item_at(run, i)->uid) == 0)
			refuse_one(run, i, _("the server did not copy it"));
}

static void copy_refused(struct run *run, const char *reason)
{
	/* It copies all or nothing (RFC 3501, 6.4.7). */
	refuse_all(run, reason);
	run_end(run);
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
	    !advance_all(run, JOURNAL_STEP_NONE, &error))
		fault(run, &error);
	if (!goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		copy_refused(run, end->text);
		return;
	}
	map = landing(end);
	drop_uncopied(run, map);
	if (!note_landing(run, map, end->uidvalidity, done, &error))
		fault(run, &error);
	if (done || box == NULL || run->batch->items->len == 0)
		run_end(run);
	else
		remove_all(run, box);
}

/* Flags go before the message does: they come along. */
static void prepare_flags(struct run *run, struct box *box, const char *set)
{
	const struct journal_batch *batch = run->batch;

	if (batch->add != 0)
		link_store(box->link, set, true, batch->add, NULL, NULL);
	if (batch->del != 0)
		link_store(box->link, set, false, batch->del, NULL, NULL);
}

static void copy_all(struct run *run, struct box *box)
{
	bool move = run->batch->kind == JOURNAL_MOVE &&
		    link_offers_move(box->link);
	g_autofree char *set = set_of(run);
	g_autoptr(GError) error = NULL;

	if (!advance_all(run, move ? JOURNAL_STEP_MOVING : JOURNAL_STEP_COPYING,
			 &error)) {
		fault(run, &error);
		run_end(run);
		return;
	}
	prepare_flags(run, box, set);
	link_copy(box->link, set, run->batch->target, move,
		  move ? moved : copied, run);
}

/* ---- which messages they are ---- */

void actions_fetched(struct link *link, const struct events_fetch *fetch)
{
	struct actions *actions = link_account(link)->actions;

	for (guint i = 0; actions != NULL && i < actions->runs->len; i++) {
		struct run *run = g_ptr_array_index(actions->runs, i);
		struct mail_header *header;
		struct known *known;

		if (run->link != link || !run->identifying || fetch->n == 0 ||
		    fetch->sections[0].data == NULL)
			continue;
		header = mail_header_read(fetch->sections[0].data,
					  fetch->sections[0].length);
		known = g_new0(struct known, 1);
		known->message_id = g_strdup(header->message_id);
		known->received = fetch->received;
		known->size = fetch->size;
		mail_header_free(header);
		g_hash_table_replace(run->seen, GUINT_TO_POINTER(fetch->uid),
				     known);
	}
}

/* Its Message-ID, else when it arrived and its size (imap-traps 16). */
static bool is_same(const struct journal_item *item, const struct known *known)
{
	if (item->message_id != NULL && *item->message_id != '\0')
		return g_strcmp0(item->message_id, known->message_id) == 0;
	return item->received == known->received && item->size == known->size;
}

/* It is not there any more: moved by the command that was not answered, or
 * removed by somebody else. */
static void judge_missing(struct run *run, guint i)
{
	bool ours = run->batch->step != JOURNAL_STEP_NONE ||
		    run->refusal != NULL;
	uint32_t uid = item_at(run, i)->uid;
	g_autoptr(GError) error = NULL;

	if (!store_expunge(run->account->store, run->mbox, &uid, 1, &error)) {
		fault(run, &error);
	} else if (!ours) {
		refuse_one(run, i, _("the message is gone from the server"));
		return;
	} else if (!journal_settle(journal_of(run), &item_at(run, i)->id, 1,
				   JOURNAL_DONE, NULL, &error)) {
		fault(run, &error);
	}
	drop_item(run, i);
	tell(run);
}

static void judge_all(struct run *run)
{
	for (guint i = run->batch->items->len; i-- > 0;) {
		const struct journal_item *item = item_at(run, i);
		const struct known *known = g_hash_table_lookup(
			run->seen, GUINT_TO_POINTER(item->uid));

		if (known == NULL)
			judge_missing(run, i);
		else if (!is_same(item, known))
			refuse_one(run, i, _("the server gives its number to "
					     "another message"));
	}
}

static void identified(struct account *account, const struct link_end *end,
		       void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);

	(void)account;
	run->identifying = false;
	if (!goes_on(run, end))
		return;
	/* One that is gone makes some refuse all (imap-traps 83). */
	if (end->result != LINK_OK && run->batch->items->len > 1 &&
	    box != NULL) {
		keep_items(run, run->batch->items->len / 2);
		identify(run, box);
		return;
	}
	judge_all(run);
	if (run->batch->items->len > 0 && run->refusal != NULL)
		refuse_all(run, run->refusal);
	if (box == NULL || run->batch->items->len == 0 || run->refusal != NULL)
		run_end(run);
	else if (run->batch->kind == JOURNAL_EXPUNGE ||
		 run->batch->step == JOURNAL_STEP_COPIED)
		remove_all(run, box);
	else
		copy_all(run, box);
}

static void identify(struct run *run, struct box *box)
{
	g_autofree char *set = set_of(run);

	g_hash_table_remove_all(run->seen);
	run->identifying = true;
	link_identify(box->link, set, identified, run);
}

/* ---- the step ---- */

static void start(struct run *run, struct box *box)
{
	const struct journal_batch *batch = run->batch;
	const char *no = NULL;

	if (box->read_only)
		no = _("the mailbox is read-only");
	else if (item_at(run, 0)->uid != 0 &&
		 batch->step != JOURNAL_STEP_COPYING &&
		 batch->uidvalidity != run->uidvalidity)
		no = _("the server has renumbered the mailbox: which message "
		       "was meant is not known");
	if (no != NULL) {
		refuse_all(run, no);
		run_end(run);
	} else if (item_at(run, 0)->uid == 0 ||
		   batch->step == JOURNAL_STEP_COPYING) {
		find_next(run);
	} else if (batch->kind == JOURNAL_FLAGS) {
		fit(run);
		flags_start(run, box);
	} else {
		fit(run);
		identify(run, box);
	}
}

/* One batch at a time: what the journal has left says what is next. */
bool actions_step(struct link *link)
{
	struct box *box = link_box(link);
	struct account *account = link_account(link);
	struct journal_batch *batch;
	g_autoptr(GError) error = NULL;

	if (box == NULL || box->acting || !box_is_selected(box) ||
	    !actions_wait(account, box->name) || !account->actions->executes ||
	    account->read_only || manage_stops_actions(account))
		return false;
	batch = journal_next(account->actions->journal, box->name,
			     LIMIT_STORE_SET, &error);
	if (batch == NULL) {
		account_complain(account, box->name, &error);
		actions_changed(account);
		return false;
	}
	start(run_new(box, batch), box);
	return true;
}
