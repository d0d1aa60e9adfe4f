/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The journal to the server: a batch at a time in each mailbox. It is claimed
 * in the journal before a command for it goes out; when the end of that is not
 * known, the server is asked before it is repeated. What is moved or removed
 * has its identity checked first (DESIGN 9, e).
 */
#include "config.h"

#include <string.h>

#include "events.h"
#include "execute-private.h"
#include "identify.h"
#include "limits.h"
#include "manage.h"
#include "smew/imap.h"
#include "work.h"

struct journal *run_journal(const struct run *run)
{
	return run->account->actions->journal;
}

struct journal_item *run_item(const struct run *run, guint i)
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
	run->seen = known_table_new();
	for (guint i = 0; i < batch->items->len; i++)
		g_array_append_val(run->ids, run_item(run, i)->id);
	for (guint i = 0; i < run->ids->len; i++)
		g_hash_table_add(account->actions->sent,
				 &g_array_index(run->ids, int64_t, i));
	g_ptr_array_add(account->actions->runs, run);
	box->acting = true;
	return run;
}

void run_end(struct run *run)
{
	struct account *account = run->account;
	struct box *box = box_of(account, GUINT_TO_POINTER(run->serial));

	for (guint i = 0; i < run->ids->len; i++)
		g_hash_table_remove(account->actions->sent,
				    &g_array_index(run->ids, int64_t, i));
	g_ptr_array_remove(account->actions->runs, run);
	/* One that waits for another account may be over after its connection
	 * was: what acts on the next one goes on. */
	if (box != NULL && box->link == run->link)
		box->acting = false;
	journal_batch_free(run->batch);
	g_array_unref(run->ids);
	g_hash_table_unref(run->seen);
	if (run->found != NULL)
		g_array_unref(run->found);
	g_free(run->mailbox);
	g_free(run->refusal);
	g_free(run->keywords);
	remaking_free(run->remaking);
	g_free(run);
	actions_changed(account);
}

struct box *run_box(const struct run *run)
{
	struct box *box =
		box_of(run->account, GUINT_TO_POINTER(run->serial));

	return box != NULL && box->link == run->link && box_is_selected(box) &&
			       link_state(run->link) == LINK_READY ?
		       box :
		       NULL;
}

void run_fault(struct run *run, GError **error)
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

char *run_set(const struct run *run)
{
	struct imap_set *set = imap_set_new();
	char *text;

	for (guint i = 0; i < run->batch->items->len; i++)
		imap_set_add(set, run_item(run, i)->uid, run_item(run, i)->uid);
	imap_set_normalise(set);
	text = imap_set_format(set);
	imap_set_free(set);
	return text;
}

void run_drop(struct run *run, guint i)
{
	g_free(run_item(run, i)->message_id);
	g_array_remove_index(run->batch->items, i);
}

void run_keep(struct run *run, guint n)
{
	while (run->batch->items->len > n)
		run_drop(run, run->batch->items->len - 1);
}

/* No line is longer than servers are known to take; what does not fit waits
 * for the next batch. */
static void fit(struct run *run)
{
	for (;;) {
		g_autofree char *text = run_set(run);

		if (strlen(text) <= LIMIT_SET_OCTETS ||
		    run->batch->items->len < 2)
			return;
		run_keep(run, run->batch->items->len / 2);
	}
}

/* ---- the journal ---- */

static GArray *left_ids(const struct run *run)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));

	for (guint i = 0; i < run->batch->items->len; i++)
		g_array_append_val(ids, run_item(run, i)->id);
	return ids;
}

bool run_settle(struct run *run, enum journal_state state, const char *reason,
		GError **error)
{
	g_autoptr(GArray) ids = left_ids(run);

	return journal_settle(run_journal(run),
			      (const int64_t *)(const void *)ids->data,
			      ids->len, state, reason, error);
}

bool run_advance(struct run *run, enum journal_step step, GError **error)
{
	g_autoptr(GArray) ids = left_ids(run);

	return journal_advance(run_journal(run),
			       (const int64_t *)(const void *)ids->data,
			       ids->len, step, error);
}

bool run_claim(struct run *run, enum journal_step step)
{
	g_autoptr(GError) error = NULL;

	if (!journal_claim(run_journal(run), run->batch, step, &error))
		run_fault(run, &error);
	else if (run->batch->items->len > 0)
		return true;
	run_end(run);
	return false;
}

void run_tell(const struct run *run)
{
	report_change(&run->account->report, SESSION_MAILBOX_CHANGED,
		      run->mailbox);
	report_change(&run->account->report, SESSION_FOLDERS_CHANGED, NULL);
}

/* ---- refusals ---- */

/* While a copy is in doubt the run is where it should be. */
static void show_refused(const struct run *run)
{
	actions_show(run->account, run->mailbox);
	if (run->batch->step == JOURNAL_STEP_COPYING &&
	    *run->batch->target != '\0')
		actions_show(run->account, run->batch->target);
}

void run_refuse_all(struct run *run, const char *reason)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *line = g_strdup_printf(
		ngettext("%u action was refused: %s",
			 "%u actions were refused: %s", run->batch->items->len),
		run->batch->items->len, reason);

	if (!run_settle(run, JOURNAL_REFUSED, reason, &error))
		run_fault(run, &error);
	report_notice(&run->account->report, run->mailbox, line);
	show_refused(run);
}

void run_refuse_one(struct run *run, guint i, const char *reason)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *line =
		g_strdup_printf(_("an action was refused: %s"), reason);

	if (!journal_settle(run_journal(run), &run_item(run, i)->id, 1,
			    JOURNAL_REFUSED, reason, &error))
		run_fault(run, &error);
	report_notice(&run->account->report, run->mailbox, line);
	run_drop(run, i);
	show_refused(run);
}

static int64_t seconds_from_now(unsigned ms)
{
	return g_get_real_time() / G_USEC_PER_SEC + (ms + 999) / 1000;
}

void run_hold_one(struct run *run, guint i, unsigned ms)
{
	g_autoptr(GError) error = NULL;

	if (!journal_hold(run_journal(run), &run_item(run, i)->id, 1,
			  seconds_from_now(ms), NULL, &error))
		run_fault(run, &error);
	run_drop(run, i);
}

static unsigned patience(const struct run *run, unsigned least)
{
	return retry_hold(run->batch->items->len > 0 ? run_item(run, 0)->tries
						     : 0,
			  least);
}

/* The rest of the queue goes on. */
void run_hold_all(struct run *run, unsigned least, const char *why)
{
	unsigned ms = patience(run, least);
	g_autoptr(GArray) ids = left_ids(run);
	g_autoptr(GError) error = NULL;
	g_autofree char *line = g_strdup_printf(
		ngettext("%u action waits, and is tried again in %u s: %s",
			 "%u actions wait, and are tried again in %u s: %s",
			 ids->len),
		ids->len, (ms + 999) / 1000, why);

	if (ids->len == 0)
		return;
	if (!journal_hold(run_journal(run),
			  (const int64_t *)(const void *)ids->data, ids->len,
			  seconds_from_now(ms), why, &error))
		run_fault(run, &error);
	report_notice(&run->account->report, run->mailbox, line);
}

bool run_goes_on(struct run *run, const struct link_end *end)
{
	if (end->result != LINK_GONE && !end->temporary)
		return true;
	if (end->result != LINK_GONE && end->holds)
		run_hold_all(run, end->delay, end->text);
	run_end(run);
	return false;
}

void run_note_refusal(struct run *run, const struct link_end *end)
{
	if (run->refusal != NULL)
		return;
	run->refusal = g_strdup(end->text);
	run->too_many = end->too_many;
}

/*
 * One message may be to blame, or their number: half of them is asked for
 * next. A server that refuses everything is not asked for each.
 */
static bool try_half(struct run *run)
{
	struct actions *actions = run->account->actions;
	guint n = run->batch->items->len;

	if (n < 2 || (!run->too_many &&
		      ++actions->halvings > LIMIT_ACTION_HALVINGS))
		return false;
	actions->most = n / 2;
	return true;
}

void run_refused_as_noted(struct run *run)
{
	g_autoptr(GError) error = NULL;

	if (run->batch->items->len > 0 && !try_half(run))
		run_refuse_all(run, run->refusal);
	else if (!run_advance(run, JOURNAL_STEP_NONE, &error))
		run_fault(run, &error);
	run_end(run);
}

void run_refused(struct run *run, const struct link_end *end)
{
	run_note_refusal(run, end);
	run_refused_as_noted(run);
}

void run_succeeded(struct run *run)
{
	struct actions *actions = run->account->actions;

	actions->most = MIN(actions->most * 2, (guint)LIMIT_STORE_SET);
	if (actions->most == LIMIT_STORE_SET)
		actions->halvings = 0;
}

bool run_may_be_under_way(const struct run *run, unsigned *ms)
{
	int64_t left = run->account->actions->doubt_until -
		       g_get_monotonic_time();

	*ms = left > 0 ? (unsigned)(left / 1000) : 0;
	return left > 0;
}

/* ---- flags ---- */

/* "+word" or "-word"; NULL: it is not about a label. Owned. */
static char *label_change(const struct journal_batch *batch)
{
	return batch->kind == JOURNAL_LABEL
		       ? g_strconcat(batch->add != 0 ? "+" : "-",
				     JOURNAL_WORD(batch->target), NULL)
		       : NULL;
}

static bool flags_in_cache(struct run *run, GError **error)
{
	struct store *store = run->account->store;
	g_autofree char *change = label_change(run->batch);
	bool ok = store_begin(store, error);

	if (!ok)
		return false;
	for (guint i = 0; ok && i < run->batch->items->len; i++) {
		uint32_t uid = run_item(run, i)->uid;

		ok = change != NULL
			     ? store_label_done(store, run->mbox, uid, change,
						error)
			     : store_want_done(store, run->mbox, uid,
					       run->batch->add,
					       run->batch->del, error);
	}
	if (ok)
		return store_commit(store, error);
	store_rollback(store);
	return false;
}

static void flags_granted(struct run *run)
{
	struct box *box = run_box(run);
	g_autoptr(GError) error = NULL;

	run_succeeded(run);
	/* What the server said before that is older. */
	if (box != NULL)
		events_flush(box);
	if (!flags_in_cache(run, &error) ||
	    !run_settle(run, JOURNAL_DONE, NULL, &error))
		run_fault(run, &error);
	/* Labels are counted anew over what the server has. */
	if (run->trimmed || run->batch->kind == JOURNAL_LABEL)
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
	if (end->result == LINK_GONE)
		run->lost = true;
	else if (end->result != LINK_OK)
		run_note_refusal(run, end);
	if (end->temporary) {
		run->later = true;
		run->lost = run->lost || !end->holds;
		run->delay = MAX(run->delay, end->delay);
	}
	if (run->commands > 0)
		return;
	if (run->lost || run->later) {
		if (!run->lost)
			run_hold_all(run, run->delay, run->refusal);
		run_end(run);
	} else if (run->refusal != NULL) {
		run_refused_as_noted(run);
	} else {
		flags_granted(run);
	}
}

/* It would say OK, and the next visit would show what was before. */
static void refuse_fleeting(struct run *run, uint32_t flags, const char *why)
{
	g_autoptr(GError) error = NULL;

	if (!run_settle(run, JOURNAL_CANCELLED, why, &error))
		run_fault(run, &error);
	/* Reading marks a message by itself: nobody asked for that. */
	if (flags != STORE_SEEN)
		report_notice(&run->account->report, run->mailbox, why);
	actions_show(run->account, run->mailbox);
	run_end(run);
}

static void flags_start(struct run *run, struct box *box)
{
	struct journal_batch *batch = run->batch;
	uint32_t flags = batch->add | batch->del;
	g_autofree char *set = NULL;

	if (flags != 0 && (flags & ~box->fleeting) == 0) {
		refuse_fleeting(run, flags,
				_("the server keeps no such flag here"));
		return;
	}
	if (!run_claim(run, JOURNAL_STEP_MOVING))
		return;
	set = run_set(run);
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

static void label_start(struct run *run, struct box *box)
{
	struct journal_batch *batch = run->batch;
	const char *word = JOURNAL_WORD(batch->target);
	g_autofree char *set = NULL;

	if (batch->add != 0 && box->keywords != NULL &&
	    !label_has(box->keywords, word)) {
		g_autofree char *why = g_strdup_printf(
			_("the server keeps no label %s here"), word);

		refuse_fleeting(run, 0, why);
		return;
	}
	if (!run_claim(run, JOURNAL_STEP_MOVING))
		return;
	set = run_set(run);
	run->commands = 1;
	link_label(box->link, set, batch->add != 0, word, flags_done, run);
}

/* ---- the step ---- */

static void start(struct run *run, struct box *box)
{
	const struct journal_batch *batch = run->batch;
	const char *no = NULL;

	if (box->read_only)
		no = _("the mailbox is read-only");
	else if (run_item(run, 0)->uid != 0 &&
		 batch->step != JOURNAL_STEP_COPYING &&
		 batch->uidvalidity != run->uidvalidity)
		no = _("the server has renumbered the mailbox: which message "
		       "was meant is not known");
	if (no != NULL) {
		run_refuse_all(run, no);
		run_end(run);
	} else if (run_item(run, 0)->uid == 0 ||
		   batch->step == JOURNAL_STEP_COPYING) {
		locate(run, box);
	} else if (run_carries(run) && batch->step == JOURNAL_STEP_NONE) {
		carry_ask(run);
	} else if (batch->kind == JOURNAL_FLAGS) {
		fit(run);
		flags_start(run, box);
	} else if (batch->kind == JOURNAL_LABEL) {
		fit(run);
		label_start(run, box);
	} else {
		if (run_remakes(run))
			run_keep(run, 1);
		fit(run);
		identify(run, box);
	}
}

static void looked(struct account *account, const struct link_end *end,
		   void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);

	(void)account;
	run->looked = true;
	if (!run_goes_on(run, end))
		return;
	if (box == NULL)
		run_end(run);
	else
		start(run, box);
}

/* What has landed here since the mailbox was selected may not be part of it
 * yet. */
static bool must_look(const struct run *run, const struct box *box)
{
	if (run->batch->step == JOURNAL_STEP_COPYING)
		return true;
	for (guint i = 0; i < run->batch->items->len; i++) {
		uint32_t uid = run_item(run, i)->uid;

		if (uid == 0 || !box_was_told(box, uid))
			return true;
	}
	return false;
}

/* One batch at a time: what the journal has left says what is next. */
bool actions_step(struct link *link)
{
	struct box *box = link_box(link);
	struct account *account = link_account(link);
	struct journal_batch *batch;
	struct run *run;
	g_autoptr(GError) error = NULL;

	if (box == NULL || box->acting || !box_is_selected(box) ||
	    !actions_wait(account, box->name) || !account->actions->executes ||
	    account->read_only || manage_stops_actions(account))
		return false;
	batch = journal_next(account->actions->journal, box->name,
			     account->actions->most, account->actions->sent,
			     &error);
	if (batch == NULL) {
		account_complain(account, box->name, &error);
		actions_changed(account);
		return false;
	}
	run = run_new(box, batch);
	if (must_look(run, box))
		link_noop(box->link, looked, run);
	else
		start(run, box);
	return true;
}
