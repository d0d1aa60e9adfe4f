/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "carry.h"
#include "execute-private.h"
#include "limits.h"
#include "parcel.h"
#include "work.h"

/* What is done at a place abroad. */
struct abroad {
	char *place;		     /* as journal_abroad() has it; owned */
	struct journal_batch *batch; /* of one item; owned */
	unsigned serial;	     /* of the parcel under way */
};

bool run_carries(const struct run *run)
{
	return run->batch->kind == JOURNAL_CARRY ||
	       run->batch->kind == JOURNAL_CARRY_COPY;
}

/* ---- parcels ---- */

static void send(struct account *account, struct session_parcel *parcel)
{
	postbox_push(account->report.ui, &parcel->post);
}

/* About 'item', for the mailbox that 'place' names. */
static struct session_parcel *pack(struct account *account,
				   enum parcel_kind kind, const char *place,
				   const struct journal_batch *batch)
{
	const struct journal_item *item =
		&g_array_index(batch->items, struct journal_item, 0);
	g_autofree char *to = NULL;
	const char *mailbox = journal_split(place, &to);
	struct session_parcel *parcel = parcel_new(kind, account->name, to);

	parcel->serial = ++account->actions->parcels;
	parcel->identity = g_strdup(batch->detail);
	parcel->mailbox = g_strdup(mailbox);
	parcel->floor = item->floor;
	parcel->message_id = g_strdup(
		item->message_id != NULL ? item->message_id : "");
	parcel->received = item->received;
	parcel->size = item->made != 0 ? item->made : item->size;
	return parcel;
}

/* Why not, with the name of the account. Owned. */
static char *reason_of(const struct session_parcel *parcel)
{
	return g_strdup_printf("%s: %s", parcel->from,
			       parcel->text != NULL ? parcel->text
						    : _("no connection"));
}

static int64_t seconds_from_now(unsigned ms)
{
	return g_get_real_time() / G_USEC_PER_SEC + (ms + 999) / 1000;
}

/* Where the copy is: the newest that is none of another item's; 0: nowhere. */
static uint32_t pick(struct account *account, const char *place,
		     const struct session_parcel *parcel, GError **error)
{
	GHashTable *taken = journal_taken(account->actions->journal, place,
					  parcel->uidvalidity, 1, error);
	uint32_t uid = 0;

	for (guint i = parcel->uids != NULL ? parcel->uids->len : 0;
	     taken != NULL && uid == 0 && i-- > 0;) {
		uint32_t one = g_array_index(parcel->uids, uint32_t, i);

		if (!g_hash_table_contains(taken, GUINT_TO_POINTER(one)))
			uid = one;
	}
	if (taken != NULL)
		g_hash_table_unref(taken);
	return uid;
}

/* The copy is there: what is left is to remove the message, or nothing. */
static bool note_copy(struct account *account,
		      const struct journal_batch *batch, uint32_t uid,
		      uint64_t uidvalidity, GError **error)
{
	struct journal *journal = account->actions->journal;
	int64_t id = g_array_index(batch->items, struct journal_item, 0).id;
	bool ok = journal_begin(journal, error);

	if (!ok)
		return false;
	ok = journal_landed(journal, id, uid, uidvalidity, error) &&
	     (batch->kind == JOURNAL_CARRY
		      ? journal_advance(journal, &id, 1, JOURNAL_STEP_COPIED,
					error)
		      : journal_settle(journal, &id, 1, JOURNAL_DONE, NULL,
				       error));
	if (ok)
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

/* ---- a message on its way ---- */

/* They wait for the account, not for the server: no line each time. */
static void wait_for(struct run *run, const struct session_parcel *parcel)
{
	const struct journal_item *item = run_item(run, 0);
	g_autofree char *reason = reason_of(parcel);
	g_autofree char *line = g_strdup_printf(
		_("1 action waits for the account %s"), reason);
	g_autoptr(GError) error = NULL;

	if (item->tries == 0)
		report_notice(&run->account->report, run->mailbox, line);
	if (!journal_hold(run_journal(run), &item->id, 1,
			  seconds_from_now(LIMIT_AWAY), reason, &error))
		run_fault(run, &error);
}

/* It did not get there, and surely is not. */
static void turned_down(struct run *run, const struct session_parcel *parcel)
{
	g_autofree char *reason = reason_of(parcel);
	g_autoptr(GError) error = NULL;

	if (run->batch->step != JOURNAL_STEP_NONE &&
	    !run_advance(run, JOURNAL_STEP_NONE, &error))
		run_fault(run, &error);
	else if (parcel->result == PARCEL_AWAY)
		wait_for(run, parcel);
	else if (parcel->result == PARCEL_LATER)
		run_hold_all(run, parcel->delay, reason);
	else
		run_refuse_all(run, reason);
	run_end(run);
}

static void asked(struct run *run, const struct session_parcel *parcel)
{
	struct box *box = run_box(run);

	run_item(run, 0)->floor = parcel->floor;
	if (box == NULL) {
		run_end(run);
		return;
	}
	identify(run, box);
}

static void stored(struct run *run, const struct session_parcel *parcel)
{
	g_autoptr(GError) error = NULL;
	uint32_t uid = pick(run->account, run->batch->target, parcel, &error);
	struct box *box = run_box(run);

	if (error != NULL) {
		run_fault(run, &error);
	} else if (uid == 0) {
		run_refuse_all(run, _("the server's copy cannot be found: "
				      "nothing is removed"));
	} else if (!note_copy(run->account, run->batch, uid,
			      parcel->uidvalidity, &error)) {
		run_fault(run, &error);
	} else if (run->batch->kind == JOURNAL_CARRY && box != NULL) {
		run->batch->step = JOURNAL_STEP_COPIED;
		run_item(run, 0)->floor = 0;
		transfer(run, box);
		return;
	}
	run_end(run);
}

static void take(struct run *run, const struct session_parcel *parcel)
{
	run->parcel = 0;
	if (parcel->result == PARCEL_LOST) {
		/* It is looked for over there. */
		actions_lost(run->account);
		run_end(run);
	} else if (parcel->result != PARCEL_DONE) {
		turned_down(run, parcel);
	} else if (parcel->kind == PARCEL_ASK) {
		asked(run, parcel);
	} else {
		stored(run, parcel);
	}
}

void carry_ask(struct run *run)
{
	struct session_parcel *parcel = pack(run->account, PARCEL_ASK,
					     run->batch->target, run->batch);

	run->parcel = parcel->serial;
	send(run->account, parcel);
}

void carry_message(struct run *run, GBytes *whole)
{
	struct journal_item *item = run_item(run, 0);
	struct session_parcel *parcel;

	item->made = g_bytes_get_size(whole);
	if (!run_claim(run, JOURNAL_STEP_COPYING))
		return;
	parcel = pack(run->account, PARCEL_STORE, run->batch->target,
		      run->batch);
	parcel->received = run_received(run, item->uid);
	parcel->octets = g_bytes_ref(whole);
	parcel->flags = run->marks & ~(uint32_t)STORE_DELETED;
	parcel->keywords = g_strdup(run->keywords);
	run->parcel = parcel->serial;
	send(run->account, parcel);
}

/* ---- at a place abroad ---- */

static struct journal_item *item_of(const struct abroad *abroad)
{
	return &g_array_index(abroad->batch->items, struct journal_item, 0);
}

static void abroad_free(struct abroad *abroad)
{
	if (abroad == NULL)
		return;
	journal_batch_free(abroad->batch);
	g_free(abroad->place);
	g_free(abroad);
}

static bool looks(const struct abroad *abroad)
{
	return abroad->batch->step == JOURNAL_STEP_COPYING;
}

/* The mailbox here that the message is to leave, or to come to. */
static void show(struct account *account, const struct abroad *abroad)
{
	if (*abroad->batch->target != '\0')
		actions_show(account, abroad->batch->target);
}

static bool hold(struct account *account, const struct abroad *abroad,
		 unsigned ms, const char *reason, GError **error)
{
	return journal_hold(account->actions->journal, &item_of(abroad)->id, 1,
			    seconds_from_now(ms), reason, error);
}

static bool settle(struct account *account, const struct abroad *abroad,
		   enum journal_state state, const char *reason, GError **error)
{
	return journal_settle(account->actions->journal,
			      &item_of(abroad)->id, 1, state, reason, error);
}

static bool refuse(struct account *account, const struct abroad *abroad,
		   const char *reason, GError **error)
{
	g_autofree char *line =
		g_strdup_printf(_("an action was refused: %s"), reason);

	report_notice(&account->report, NULL, line);
	return settle(account, abroad, JOURNAL_REFUSED, reason, error);
}

/* Was the copy made? While the server may be at it a "no" says nothing. */
static bool looked(struct account *account, const struct abroad *abroad,
		   const struct session_parcel *parcel, GError **error)
{
	int64_t left = account->actions->doubt_until - g_get_monotonic_time();
	uint32_t uid = pick(account, abroad->place, parcel, error);

	if (*error != NULL)
		return false;
	if (uid != 0)
		return note_copy(account, abroad->batch, uid,
				 parcel->uidvalidity, error);
	if (left > 0)
		return hold(account, abroad, (unsigned)(left / 1000), NULL,
			    error);
	return journal_advance(account->actions->journal, &item_of(abroad)->id,
			       1, JOURNAL_STEP_NONE, error);
}

static bool judge(struct account *account, const struct abroad *abroad,
		  const struct session_parcel *parcel, GError **error)
{
	g_autofree char *reason = NULL;

	if (parcel->result == PARCEL_DONE)
		return looks(abroad) ? looked(account, abroad, parcel, error)
				     : settle(account, abroad, JOURNAL_DONE,
					      NULL, error);
	reason = reason_of(parcel);
	if (parcel->result == PARCEL_REFUSED)
		return refuse(account, abroad, reason, error);
	return hold(account, abroad, MAX(parcel->delay, LIMIT_AWAY), reason,
		    error);
}

static void take_abroad(struct account *account,
			const struct session_parcel *parcel)
{
	struct actions *actions = account->actions;
	struct abroad *abroad = g_steal_pointer(&actions->abroad);
	g_autoptr(GError) error = NULL;

	if (!judge(account, abroad, parcel, &error)) {
		/* To ask again and again would not help. */
		actions->no_abroad = true;
		account_complain(account, NULL, &error);
	}
	show(account, abroad);
	abroad_free(abroad);
	actions_changed(account);
}

/* What that account is to do is in its own journal from then on. */
static struct session_parcel *order(struct account *account,
				    const struct abroad *abroad)
{
	const struct journal_batch *batch = abroad->batch;
	struct session_parcel *parcel =
		pack(account, PARCEL_ORDER, abroad->place, batch);

	parcel->order = batch->kind;
	parcel->uid = item_of(abroad)->uid;
	parcel->uidvalidity = item_of(abroad)->uidvalidity;
	parcel->size = item_of(abroad)->size;
	parcel->target = g_strdup(batch->target);
	parcel->whose = actions_identity(account);
	parcel->what = g_strdup_printf(_("taken back by the account %s"),
				       account->name);
	return parcel;
}

static bool begin(struct account *account, struct abroad *abroad,
		  GError **error)
{
	struct actions *actions = account->actions;
	struct session_parcel *parcel;

	if (!looks(abroad) && item_of(abroad)->uid == 0)
		return refuse(account, abroad,
			      _("it is not known where the message is now"),
			      error);
	if (!looks(abroad) &&
	    !journal_claim(actions->journal, abroad->batch,
			   JOURNAL_STEP_MOVING, error))
		return false;
	if (abroad->batch->items->len == 0)
		return true;
	parcel = looks(abroad) ? pack(account, PARCEL_LOOK, abroad->place,
				      abroad->batch)
			       : order(account, abroad);
	abroad->serial = parcel->serial;
	actions->abroad = abroad;
	send(account, parcel);
	return true;
}

/* False: there is nothing at that place. */
static bool start_at(struct account *account, const char *place,
		     GError **error)
{
	struct actions *actions = account->actions;
	struct journal_batch *batch =
		journal_next(actions->journal, place, 1, actions->sent, error);
	struct abroad *abroad;

	if (batch == NULL)
		return false;
	abroad = g_new0(struct abroad, 1);
	abroad->batch = batch;
	abroad->place = g_strdup(place);
	if (!begin(account, abroad, error))
		actions->no_abroad = true;
	if (actions->abroad == NULL)
		abroad_free(abroad);
	return true;
}

void carry_step(struct account *account)
{
	struct actions *actions = account->actions;
	bool began = false;
	g_autoptr(GError) error = NULL;

	if (actions->abroad != NULL || actions->no_abroad ||
	    !actions->executes || account->read_only || account->quitting)
		return;
	for (guint i = 0; i < actions->places->len && !began && error == NULL;
	     i++) {
		const char *place = g_ptr_array_index(actions->places, i);

		began = journal_split(place, NULL) != NULL &&
			start_at(account, place, &error);
	}
	account_complain(account, NULL, &error);
	/* What was begun has ended at once: there may be more. */
	if (began && actions->abroad == NULL && !actions->no_abroad)
		actions_changed(account);
}

/* ---- answers ---- */

static struct run *find_run(const struct actions *actions, unsigned serial)
{
	for (guint i = 0; i < actions->runs->len; i++) {
		struct run *run = g_ptr_array_index(actions->runs, i);

		if (run->parcel == serial)
			return run;
	}
	return NULL;
}

static void is_online(struct account *account, const char *peer)
{
	g_autoptr(GError) error = NULL;

	if (!journal_release(account->actions->journal, peer, &error))
		account_complain(account, NULL, &error);
	actions_changed(account);
}

void carry_parcel(struct account *account, struct session_parcel *parcel)
{
	struct actions *actions = account->actions;
	struct run *run;

	if (actions != NULL && actions->journal != NULL) {
		run = find_run(actions, parcel->serial);
		if (parcel->kind == PARCEL_ONLINE)
			is_online(account, parcel->from);
		else if (run != NULL)
			take(run, parcel);
		else if (actions->abroad != NULL &&
			 actions->abroad->serial == parcel->serial)
			take_abroad(account, parcel);
	}
	parcel_free(parcel);
}

void carry_close(struct account *account)
{
	struct actions *actions = account->actions;

	if (actions == NULL)
		return;
	g_clear_pointer(&actions->abroad, abroad_free);
	for (guint i = actions->runs->len; i-- > 0;) {
		struct run *run = g_ptr_array_index(actions->runs, i);

		if (run->parcel != 0)
			run_end(run);
	}
}
