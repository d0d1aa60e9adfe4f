/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which messages the UIDs of a batch are now (DESIGN 9, e; imap-traps 16), and
 * what became of those whose command was not answered.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "execute-private.h"
#include "identify.h"
#include "limits.h"
#include "smew/imap.h"
#include "smew/mail.h"

/* ---- what is known ---- */

static void known_free(gpointer data)
{
	struct known *known = data;

	g_free(known->message_id);
	g_free(known);
}

GHashTable *known_table_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, known_free);
}

static const struct known *known_of(const struct run *run, uint32_t uid)
{
	return g_hash_table_lookup(run->seen, GUINT_TO_POINTER(uid));
}

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

static bool has_message_id(const struct journal_item *item)
{
	return item->message_id != NULL && *item->message_id != '\0';
}

/* Its Message-ID, else when it arrived and its size (imap-traps 16). */
static bool is_same(const struct journal_item *item, const struct known *known)
{
	if (has_message_id(item))
		return g_strcmp0(item->message_id, known->message_id) == 0;
	return item->received == known->received && item->size == known->size;
}

/* Elsewhere more than one message may have that Message-ID. */
static bool is_copy(const struct journal_item *item, const struct known *known)
{
	struct journal_item copy = *item;

	if (item->made != 0)
		copy.size = item->made;
	return is_same(&copy, known) &&
	       (copy.size == 0 || known->size == 0 ||
		copy.size == known->size);
}

int64_t run_received(const struct run *run, uint32_t uid)
{
	const struct known *known = known_of(run, uid);

	return known != NULL ? known->received : 0;
}

uint64_t run_size(const struct run *run, uint32_t uid)
{
	const struct known *known = known_of(run, uid);

	return known != NULL ? known->size : 0;
}

/* ---- messages that should be here ---- */

/* The target is looked into: a server that died over it may have copied and
 * not removed it; and where it is now must be known to who takes it back. */
static bool doubt(struct run *run, guint i, GError **error)
{
	return journal_advance(run_journal(run), &run_item(run, i)->id, 1,
			       JOURNAL_STEP_COPYING, error);
}

static void doubt_move(struct run *run, guint i)
{
	g_autoptr(GError) error = NULL;

	if (!doubt(run, i, &error))
		run_fault(run, &error);
	run_drop(run, i);
}

/* In the target of a move that may have happened. */
static bool can_be_located(const struct run *run, guint i)
{
	const struct journal_item *item = run_item(run, i);

	return run->batch->step == JOURNAL_STEP_MOVING &&
	       (item->floor != 0 || has_message_id(item));
}

/* It is not there any more: moved by the command that was not answered, or
 * removed by somebody else. */
static void judge_missing(struct run *run, guint i)
{
	bool ours = run->batch->step != JOURNAL_STEP_NONE ||
		    run->refusal != NULL;
	uint32_t uid = run_item(run, i)->uid;
	g_autoptr(GError) error = NULL;

	if (!store_expunge(run->account->store, run->mbox, &uid, 1, &error)) {
		run_fault(run, &error);
	} else if (!ours) {
		run_refuse_one(run, i,
			       _("the message is gone from the server"));
		return;
	} else if (!(can_be_located(run, i) ?
			     doubt(run, i, &error) :
			     journal_settle(run_journal(run),
					    &run_item(run, i)->id, 1,
					    JOURNAL_DONE, NULL, &error))) {
		run_fault(run, &error);
	}
	run_drop(run, i);
	run_tell(run);
}

static void judge_all(struct run *run)
{
	bool moving = run->batch->step == JOURNAL_STEP_MOVING &&
		      run->refusal == NULL;
	unsigned ms = 0;

	for (guint i = run->batch->items->len; i-- > 0;) {
		const struct journal_item *item = run_item(run, i);
		const struct known *known = known_of(run, item->uid);

		if (known == NULL)
			judge_missing(run, i);
		else if (!is_same(item, known))
			run_refuse_one(run, i,
				       _("the server gives its number to "
					 "another message"));
		else if (moving && run_may_be_under_way(run, &ms))
			run_hold_one(run, i, ms);
		else if (moving)
			doubt_move(run, i);
	}
}

static bool lacks_any(const struct run *run)
{
	for (guint i = 0; i < run->batch->items->len; i++)
		if (known_of(run, run_item(run, i)->uid) == NULL)
			return true;
	return false;
}

static void looked_again(struct account *account, const struct link_end *end,
			 void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);

	(void)account;
	if (!run_goes_on(run, end))
		return;
	run->looked = true;
	if (box == NULL)
		run_end(run);
	else
		identify(run, box);
}

static void identified(struct account *account, const struct link_end *end,
		       void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);

	(void)account;
	run->identifying = false;
	if (!run_goes_on(run, end))
		return;
	if (box == NULL) {
		run_end(run);
		return;
	}
	/* One that is gone makes some refuse all (imap-traps 83). */
	if (end->result != LINK_OK && run->batch->items->len > 1) {
		run_keep(run, run->batch->items->len / 2);
		identify(run, box);
		return;
	}
	/* What another connection brought here may not be seen on this one
	 * before it was told of it (imap-traps 84). */
	if (!run->looked && lacks_any(run)) {
		link_noop(box->link, looked_again, run);
		return;
	}
	judge_all(run);
	if (run->refusal != NULL)
		run_refused_as_noted(run);
	else if (run->batch->items->len == 0)
		run_end(run);
	else
		transfer(run, box);
}

void identify(struct run *run, struct box *box)
{
	g_autofree char *set = run_set(run);

	/* What the target has before: a copy in doubt is none of that. */
	if (run->batch->step == JOURNAL_STEP_NONE &&
	    *run->batch->target != '\0' && !run_carries(run))
		link_ask_uidnext(box->link, run->batch->target, NULL, NULL);
	/* Not along with the rest: that would look like a new row. */
	if (run->batch->step == JOURNAL_STEP_NONE && run_remakes(run))
		link_fetch_flags(box->link, set, 0, NULL, NULL);
	g_hash_table_remove_all(run->seen);
	run->identifying = true;
	link_identify(box->link, set, identified, run);
}

/* ---- messages whose place is not known ---- */

void actions_found(void *user, GArray *uids)
{
	struct run *run = user;

	if (run->found != NULL)
		g_array_unref(run->found);
	run->found = uids;
}

/* The copy is at 'uid'; where the message is to go, that is what is left. */
static bool note_copy(struct run *run, int64_t id, uint32_t uid,
		      GError **error)
{
	struct journal *journal = run_journal(run);
	enum journal_kind kind = run->batch->kind;
	bool removes = kind == JOURNAL_MOVE || kind == JOURNAL_RELINK;

	return journal_landed(journal, id, uid, run->uidvalidity, error) &&
	       (kind != JOURNAL_RELINK ||
		journal_relinked(journal, id, error)) &&
	       (removes ? journal_advance(journal, &id, 1, JOURNAL_STEP_COPIED,
					  error)
			: journal_settle(journal, &id, 1, JOURNAL_DONE, NULL,
					 error));
}

static bool note_copy_at_once(struct run *run, int64_t id, uint32_t uid,
			      GError **error)
{
	struct journal *journal = run_journal(run);

	if (!journal_begin(journal, error))
		return false;
	if (note_copy(run, id, uid, error))
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

/* Of a copy whose command was not answered: was it made? */
static void judge_copy(struct run *run, guint i, uint32_t uid)
{
	struct journal *journal = run_journal(run);
	int64_t id = run_item(run, i)->id;
	unsigned ms;
	bool ok;
	g_autoptr(GError) error = NULL;

	if (uid == 0 && run_may_be_under_way(run, &ms)) {
		run_hold_one(run, i, ms);
		return;
	}
	if (uid == 0)
		ok = journal_advance(journal, &id, 1, JOURNAL_STEP_NONE,
				     &error);
	else
		ok = note_copy_at_once(run, id, uid, &error);
	if (!ok)
		run_fault(run, &error);
	run_drop(run, i);
	if (run->batch->kind == JOURNAL_RELINK)
		actions_show(run->account, run->mailbox);
}

static void judge_place(struct run *run, guint i, uint32_t uid)
{
	g_autoptr(GError) error = NULL;

	if (uid == 0) {
		run_refuse_one(run, i,
			       _("the message cannot be found any more"));
		return;
	}
	if (!journal_found(run_journal(run), run_item(run, i)->id, uid,
			   run->uidvalidity, &error))
		run_fault(run, &error);
	run_drop(run, i);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* UIDs of run->seen, ascending; owned. */
static GArray *seen_uids(const struct run *run)
{
	GArray *uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, run->seen);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		uint32_t uid = GPOINTER_TO_UINT(key);

		g_array_append_val(uids, uid);
	}
	g_array_sort(uids, by_value);
	return uids;
}

/* The newest that it may be, and that nothing else is: taken from then on. */
static uint32_t pick(const struct run *run, const GArray *uids, guint i,
		     GHashTable *taken)
{
	const struct journal_item *item = run_item(run, i);

	for (guint u = uids->len; u-- > 0;) {
		uint32_t uid = g_array_index(uids, uint32_t, u);

		if (uid < item->floor ||
		    g_hash_table_contains(taken, GUINT_TO_POINTER(uid)) ||
		    !is_copy(item, known_of(run, uid)))
			continue;
		g_hash_table_add(taken, GUINT_TO_POINTER(uid));
		return uid;
	}
	return 0;
}

/* Judges 'n' items by what was seen; the last one first, as it was copied
 * last. */
static void judge_seen(struct run *run, guint n)
{
	g_autoptr(GArray) uids = seen_uids(run);
	g_autoptr(GError) error = NULL;
	g_autoptr(GHashTable) taken =
		journal_taken(run_journal(run), run->mailbox,
			      run->uidvalidity, run_item(run, 0)->floor,
			      &error);

	if (taken == NULL) {
		run_fault(run, &error);
		run_keep(run, 0);
		return;
	}
	while (n-- > 0) {
		uint32_t uid = pick(run, uids, n, taken);

		if (run->batch->step == JOURNAL_STEP_COPYING)
			judge_copy(run, n, uid);
		else
			judge_place(run, n, uid);
	}
}

static void locate_next(struct run *run);

/* What is not in an answer is not there: but not when the mailbox was left
 * meanwhile and nothing of the answer counted. */
static bool tells_all(struct run *run, const struct link_end *end)
{
	run->identifying = false;
	if (!run_goes_on(run, end))
		return false;
	if (run_box(run) != NULL)
		return true;
	run_end(run);
	return false;
}

static void candidates_told(struct account *account,
			    const struct link_end *end, void *user)
{
	struct run *run = user;

	(void)account;
	if (!tells_all(run, end))
		return;
	if (end->result != LINK_OK)
		run_refuse_one(run, 0, end->text);
	else
		judge_seen(run, 1);
	locate_next(run);
}

static void ask_candidates(struct run *run, struct box *box)
{
	struct imap_set *set = imap_set_new();
	g_autofree char *text = NULL;

	for (guint i = 0; i < run->found->len; i++) {
		uint32_t uid = g_array_index(run->found, uint32_t, i);

		imap_set_add(set, uid, uid);
	}
	imap_set_normalise(set);
	text = imap_set_format(set);
	imap_set_free(set);
	run->identifying = true;
	link_identify(box->link, text, candidates_told, run);
}

static void searched(struct account *account, const struct link_end *end,
		     void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);

	(void)account;
	if (!run_goes_on(run, end))
		return;
	if (box == NULL) {
		run_end(run);
	} else if (end->result != LINK_OK) {
		run_refuse_one(run, 0, end->text);
		locate_next(run);
	} else if (run->found == NULL || run->found->len == 0) {
		judge_seen(run, 1);
		locate_next(run);
	} else {
		ask_candidates(run, box);
	}
}

/* One after the other, by a search. */
static void locate_next(struct run *run)
{
	struct box *box = run_box(run);

	if (box == NULL || run->batch->items->len == 0) {
		run_end(run);
		return;
	}
	g_hash_table_remove_all(run->seen);
	if (!has_message_id(run_item(run, 0))) {
		run_refuse_one(run, 0,
			       _("the server did not say where the message "
				 "went, and it has no Message-ID"));
		locate_next(run);
		return;
	}
	g_clear_pointer(&run->found, g_array_unref);
	link_find(box->link, run_item(run, 0)->message_id, searched, run);
}

static void news_told(struct account *account, const struct link_end *end,
		      void *user)
{
	struct run *run = user;

	(void)account;
	if (!tells_all(run, end))
		return;
	if (end->result != LINK_OK)
		run_refuse_all(run, end->text);
	else
		judge_seen(run, run->batch->items->len);
	run_end(run);
}

/* Where it is known what was there before, all that came since is looked at:
 * one command tells of all copies. */
void locate(struct run *run, struct box *box)
{
	g_autofree char *set = NULL;
	uint32_t floor = run_item(run, 0)->floor;

	if (run->batch->step != JOURNAL_STEP_COPYING || floor == 0) {
		locate_next(run);
		return;
	}
	set = g_strdup_printf("%" G_GUINT32_FORMAT ":*", floor);
	g_hash_table_remove_all(run->seen);
	run->identifying = true;
	link_identify(box->link, set, news_told, run);
}

/* ---- copies here that the server says it took ---- */

/* 0: there is none. */
static uint32_t confirmed(const struct run *run)
{
	g_autoptr(GArray) uids = seen_uids(run);
	g_autoptr(GHashTable) taken = journal_taken(
		run_journal(run), run->mailbox, run->uidvalidity,
		run_item(run, 0)->floor, NULL);

	return taken != NULL ? pick(run, uids, 0, taken) : 0;
}

static void copy_told(struct account *account, const struct link_end *end,
		      void *user)
{
	struct run *run = user;
	uint32_t uid;

	(void)account;
	if (!tells_all(run, end))
		return;
	uid = end->result == LINK_OK ? confirmed(run) : 0;
	if (uid != 0)
		judge_copy(run, 0, uid);
	else
		run_refuse_all(run, _("the server's copy cannot be found: "
				      "nothing is removed"));
	run_tell(run);
	run_end(run);
}

static void copy_is_visible(struct account *account,
			    const struct link_end *end, void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	g_autofree char *set = NULL;

	(void)account;
	if (!run_goes_on(run, end))
		return;
	if (box == NULL) {
		run_end(run);
		return;
	}
	set = run->copy != 0
		      ? g_strdup_printf("%" G_GUINT32_FORMAT, run->copy)
		      : g_strdup_printf("%" G_GUINT32_FORMAT ":*",
					run_item(run, 0)->floor);
	g_hash_table_remove_all(run->seen);
	run->identifying = true;
	link_identify(box->link, set, copy_told, run);
}

void confirm(struct run *run, struct box *box, uint32_t uid)
{
	run->copy = uid;
	link_noop(box->link, copy_is_visible, run);
}
