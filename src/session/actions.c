/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "arrival.h"
#include "box.h"
#include "carry.h"
#include "deeds.h"
#include "filewatch.h"
#include "limits.h"
#include "outgoing.h"
#include "smew/mail.h"
#include "work.h"

/* ---- what the cache shows ---- */

/* Fields of a header, as the cache has what a message is a reply to. */
static void read_fields(GPtrArray *texts, const char *fields,
			struct store_intent *intent)
{
	struct mail_header *header = mail_header_read(fields, strlen(fields));
	char *in_reply_to = g_strdup(header->in_reply_to), *references;

	g_ptr_array_add(header->references, NULL);
	references = g_strjoinv(" ", (char **)header->references->pdata);
	g_ptr_array_remove_index(header->references,
				 header->references->len - 1);
	g_ptr_array_add(texts, in_reply_to);
	g_ptr_array_add(texts, references);
	intent->in_reply_to = in_reply_to;
	intent->references = references;
	mail_header_free(header);
}

/* What the journal says of 'row', under the UIDVALIDITY that the cache has. */
static bool merge(struct account *account, const struct store_mailbox *row,
		  GError **error)
{
	GArray *all = journal_intents(account->actions->journal, row->name,
				      error);
	g_autoptr(GArray) intents =
		g_array_new(FALSE, FALSE, sizeof(struct store_intent));
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	bool ok;

	if (all == NULL)
		return false;
	for (guint i = 0; i < all->len; i++) {
		const struct journal_intent *from =
			&g_array_index(all, struct journal_intent, i);
		struct store_intent intent = {
			.uid = from->uid,
			.add = from->add,
			.del = from->del,
			.gone = from->gone,
			.labels = from->labels,
		};

		if (from->fields != NULL)
			read_fields(texts, from->fields, &intent);
		if (from->uidvalidity == row->uidvalidity)
			g_array_append_val(intents, intent);
	}
	ok = store_set_intents(
		account->store, row->id,
		(const struct store_intent *)(const void *)intents->data,
		intents->len, error);
	g_array_unref(all);
	return ok;
}

bool actions_merge(struct account *account, const struct store_mailbox *row,
		   GError **error)
{
	return !actions_wait(account, row->name) || merge(account, row, error);
}

static void tell_mailbox(struct account *account, const char *mailbox)
{
	report_change(&account->report, SESSION_MAILBOX_CHANGED, mailbox);
	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
}

void actions_show(struct account *account, const char *mailbox)
{
	g_autoptr(GError) error = NULL;
	struct store_mailbox *row;

	if (account->store == NULL)
		return;
	row = store_mailbox_get(account->store, mailbox, NULL);
	if (row == NULL)
		return;
	if (merge(account, row, &error))
		tell_mailbox(account, mailbox);
	else
		account_complain(account, mailbox, &error);
	store_mailbox_free(row);
}

static void add_name(GPtrArray *names, const char *name)
{
	if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
		g_ptr_array_add(names, g_strdup(name));
}

/* Every mailbox of which the cache or the journal says something. */
static void show_all(struct account *account)
{
	g_autoptr(GError) error = NULL;
	GArray *intents = NULL;
	GPtrArray *names = store_wishful(account->store, &error);

	if (names != NULL)
		intents = journal_intents(account->actions->journal, NULL,
					  &error);
	for (guint i = 0; intents != NULL && i < intents->len; i++)
		add_name(names, g_array_index(intents, struct journal_intent, i)
					.mailbox);
	for (guint i = 0; intents != NULL && i < names->len; i++)
		actions_show(account, g_ptr_array_index(names, i));
	account_complain(account, NULL, &error);
	if (intents != NULL)
		g_array_unref(intents);
	if (names != NULL)
		g_ptr_array_unref(names);
}

/* ---- what waits where ---- */

static void tell_counts(struct account *account)
{
	struct journal_counts counts;
	g_autoptr(GError) error = NULL;

	if (journal_count(account->actions->journal, &counts, &error))
		report_actions(&account->report, counts.waiting, counts.refused,
			       counts.foreign);
	else
		account_complain(account, NULL, &error);
}

static void hold_over(void *user)
{
	struct account *account = user;

	actions_changed(account);
	work_pump(account);
}

/* The clock may be set: it is looked at again within the hour. */
static void watch_holds(struct account *account)
{
	struct actions *actions = account->actions;
	int64_t now = g_get_real_time() / G_USEC_PER_SEC, until = 0;

	timer_stop(&actions->held);
	if (journal_holds_until(actions->journal, &until, NULL) && until > now)
		timer_start(&actions->held,
			    (unsigned)MIN(until - now, 3600) * 1000, hold_over,
			    account);
}

void actions_changed(struct account *account)
{
	struct actions *actions = account->actions;
	g_autoptr(GError) error = NULL;
	GPtrArray *places = journal_places(actions->journal, &error);

	if (places == NULL) {
		account_complain(account, NULL, &error);
		return;
	}
	watch_holds(account);
	g_ptr_array_unref(actions->places);
	actions->places = places;
	deeds_changed(account);
	tell_counts(account);
	arrivals_ready(account);
	carry_step(account);
}

bool actions_wait(const struct account *account, const char *mailbox)
{
	const struct actions *actions = account->actions;

	return actions != NULL && actions->journal != NULL &&
	       g_ptr_array_find_with_equal_func(actions->places, mailbox,
						g_str_equal, NULL);
}

static unsigned count_brought(const struct account *account,
			      const struct store_message *messages, size_t n,
			      GHashTable *taken, GHashTable *expected)
{
	unsigned brought = 0;

	for (size_t i = 0; i < n; i++) {
		const struct store_message *m = &messages[i];
		const char *id = m->message_id != NULL ? m->message_id : "";

		if (!(m->flags & STORE_SEEN) &&
		    (g_hash_table_contains(taken, GUINT_TO_POINTER(m->uid)) ||
		     g_hash_table_contains(expected, id) ||
		     arrival_brought(account, id)))
			brought++;
	}
	return brought;
}

unsigned actions_brought(struct account *account,
			 const struct store_mailbox *row,
			 const struct store_message *messages, size_t n)
{
	struct actions *actions = account->actions;
	GHashTable *taken, *expected;
	unsigned brought = 0;

	if (actions == NULL || actions->journal == NULL || n == 0)
		return 0;
	taken = journal_taken(actions->journal, row->name, row->uidvalidity, 1,
			      NULL);
	expected = journal_expected(actions->journal, row->name, NULL);
	if (taken != NULL && expected != NULL)
		brought = count_brought(account, messages, n, taken, expected);
	g_clear_pointer(&taken, g_hash_table_unref);
	g_clear_pointer(&expected, g_hash_table_unref);
	return brought;
}

static bool serves(const struct box *box, const char *mailbox)
{
	return box != NULL && box->state != BOX_REFUSED &&
	       strcmp(box->name, mailbox) == 0;
}

const char *actions_errand(const struct account *account)
{
	const struct actions *actions = account->actions;

	if (actions == NULL || actions->journal == NULL ||
	    !actions->executes || account->read_only)
		return NULL;
	for (guint i = 0; i < actions->places->len; i++) {
		const char *name = g_ptr_array_index(actions->places, i);

		if (!serves(account->box, name) &&
		    !serves(account->inbox, name) &&
		    journal_split(name, NULL) == NULL)
			return name;
	}
	return NULL;
}

void actions_refused(struct account *account, const char *mailbox,
		     const char *text)
{
	g_autoptr(GError) error = NULL;

	if (!actions_wait(account, mailbox) || !account->actions->executes)
		return;
	if (!journal_refuse(account->actions->journal, mailbox, text, &error))
		account_complain(account, mailbox, &error);
	else
		report_notice(&account->report, mailbox, text);
	actions_show(account, mailbox);
	actions_changed(account);
}

static void doubt(struct actions *actions)
{
	actions->doubt_until =
		g_get_monotonic_time() + LIMIT_DOUBT * INT64_C(1000);
}

void actions_lost(struct account *account)
{
	if (account->actions != NULL)
		doubt(account->actions);
}

/* ---- other processes ---- */

/* That other accounts could not be reached was true for another process. */
static void release(struct account *account)
{
	g_autoptr(GError) error = NULL;

	if (!journal_release(account->actions->journal, NULL, &error))
		account_complain(account, NULL, &error);
}

static void take_over(struct account *account)
{
	doubt(account->actions);
	release(account);
}

static void look(void *user);

/* What is appended is told of; that the executor has ended is not. */
static void look_later(struct account *account)
{
	struct actions *actions = account->actions;

	if (actions->watch == NULL || !actions->executes)
		timer_start(&actions->look, LIMIT_JOURNAL_LOOK, look, account);
}

static void look(void *user)
{
	struct account *account = user;
	struct actions *actions = account->actions;
	bool changed = journal_changed(actions->journal);
	bool executes = journal_executes(actions->journal);

	timer_stop(&actions->look);
	outgoing_look(account);
	if (account->store == NULL ||
	    (!changed && executes == actions->executes)) {
		look_later(account);
		return;
	}
	if (executes && !actions->executes)
		take_over(account);
	actions->executes = executes;
	look_later(account);
	show_all(account);
	actions_changed(account);
	work_pump(account);
}

/* A transaction is written before the disk has it, and seen by others after
 * that: what was told of may be seen later only. */
static void told(void *user)
{
	struct account *account = user;
	struct timer *timer = &account->actions->look;

	look(account);
	if (timer->source == NULL)
		timer_start(timer, LIMIT_JOURNAL_LOOK, look, account);
}

/* ---- life ---- */

char *actions_identity(const struct account *account)
{
	return session_identity(account->user, account->host, account->port,
				account->tunnel);
}

static void begin(struct account *account)
{
	struct actions *actions = account->actions;
	struct journal_counts counts;

	actions->executes = journal_executes(actions->journal);
	if (actions->executes)
		release(account);
	if (journal_in_doubt(actions->journal))
		doubt(actions);
	journal_changed(actions->journal);
	show_all(account);
	actions_changed(account);
	if (journal_count(actions->journal, &counts, NULL) &&
	    counts.foreign > 0) {
		g_autofree char *line = g_strdup_printf(
			ngettext("%u action waits for another server and is "
				 "not carried out on this one",
				 "%u actions wait for another server and are "
				 "not carried out on this one",
				 counts.foreign),
			counts.foreign);

		report_notice(&account->report, NULL, line);
	}
	actions->watch = filewatch_new(account->state_dir, "journal.db", told,
				       account);
	look_later(account);
}

void actions_open(struct account *account)
{
	struct actions *actions = g_new0(struct actions, 1);
	g_autofree char *whose = actions_identity(account);
	g_autofree char *notice = NULL;
	g_autoptr(GError) error = NULL;

	account->actions = actions;
	actions->places = g_ptr_array_new_with_free_func(g_free);
	actions->runs = g_ptr_array_new();
	actions->most = LIMIT_STORE_SET;
	actions->sent = g_hash_table_new(g_int64_hash, g_int64_equal);
	if (account->state_dir != NULL)
		actions->journal = journal_open(account->state_dir, whose,
						&notice, &error);
	if (notice != NULL)
		report_notice(&account->report, NULL, notice);
	if (actions->journal != NULL) {
		begin(account);
		return;
	}
	actions->failure = g_strdup(error != NULL ? error->message
						  : _("there is no place for "
						      "the journal"));
	account_complain(account, NULL, &error);
}

void actions_replaced(struct account *account)
{
	if (account->actions != NULL && account->actions->journal != NULL)
		show_all(account);
}

void actions_close(struct account *account)
{
	struct actions *actions = account->actions;

	if (actions == NULL)
		return;
	carry_close(account);
	timer_stop(&actions->look);
	filewatch_free(actions->watch);
	timer_stop(&actions->held);
	journal_close(actions->journal);
	g_ptr_array_unref(actions->places);
	g_clear_pointer(&account->deeds, g_ptr_array_unref);
	g_ptr_array_unref(actions->runs);
	g_hash_table_unref(actions->sent);
	g_free(actions->failure);
	g_clear_pointer(&account->actions, g_free);
}

/* ---- acting ---- */

/* The messages of a request, as the journal keeps them. */
struct chosen {
	GArray *items;	/* of struct journal_item; owned */
	GPtrArray *ids; /* of char *: their Message-IDs; owned */
	bool replies;	/* others are left out */
};

static bool choose(struct account *account, const struct store_mailbox *row,
		   const int64_t *ids, size_t n, struct chosen *chosen,
		   GError **error)
{
	for (size_t i = 0; i < n; i++) {
		struct store_identity known;
		struct journal_item item;

		if (!store_identify(account->store, row->id, ids[i], &known,
				    error))
			return false;
		if (known.uid == 0)
			continue;
		if (chosen->replies && !known.answers) {
			g_free(known.keywords);
			g_free(known.message_id);
			continue;
		}
		item = (struct journal_item){
			.uid = known.uid,
			.uidvalidity = row->uidvalidity,
			.old = known.flags,
			.message_id = known.message_id,
			.received = known.received,
			.size = known.size,
		};
		g_free(known.keywords);
		g_ptr_array_add(chosen->ids, known.message_id);
		g_array_append_val(chosen->items, item);
	}
	return true;
}

/* The cache shows at once what the journal has got. */
static bool show_entry(struct account *account, const struct store_mailbox *row,
		       const struct journal_entry *entry, GError **error)
{
	g_autofree uint32_t *uids = g_new(uint32_t, entry->n);
	g_autofree char *change =
		entry->kind == JOURNAL_LABEL
			? g_strconcat(entry->add != 0 ? "+" : "-",
				      JOURNAL_WORD(entry->target), NULL)
			: NULL;
	bool ok = true;

	for (size_t i = 0; ok && i < entry->n; i++) {
		uids[i] = entry->items[i].uid;
		if (entry->kind == JOURNAL_FLAGS)
			ok = store_want_flags(account->store, row->id, uids[i],
					      entry->add, entry->del, error);
		else if (entry->kind == JOURNAL_LABEL)
			ok = store_want_label(account->store, row->id, uids[i],
					      change, error);
	}
	if (entry->kind == JOURNAL_MOVE || entry->kind == JOURNAL_EXPUNGE ||
	    entry->kind == JOURNAL_CARRY)
		ok = store_hide(account->store, row->id, uids, entry->n, error);
	return ok;
}

static void show_in_cache(struct account *account,
			  const struct store_mailbox *row,
			  const struct journal_entry *entry)
{
	g_autoptr(GError) error = NULL;

	if (store_begin(account->store, &error)) {
		if (show_entry(account, row, entry, &error) &&
		    store_commit(account->store, &error))
			return;
		store_rollback(account->store);
	}
	account_complain(account, row->name, &error);
}

static enum journal_kind kind_of(const struct request *request)
{
	bool abroad = request->key != NULL;

	switch (request->verb) {
	case SESSION_MOVE:
		return abroad ? JOURNAL_CARRY : JOURNAL_MOVE;
	case SESSION_COPY:
		return abroad ? JOURNAL_CARRY_COPY : JOURNAL_COPY;
	case SESSION_DECODE_COPY:
	case SESSION_DECODE_SAVE:
		return JOURNAL_DECODE;
	case SESSION_RELINK:
		return JOURNAL_RELINK;
	case SESSION_EXPUNGE:
		return JOURNAL_EXPUNGE;
	case SESSION_PURGE:
		return request->target != NULL ? JOURNAL_MOVE
					       : JOURNAL_EXPUNGE;
	default:
		return JOURNAL_FLAGS;
	}
}

/* What goes to the trash is not marked deleted there. */
static struct journal_entry entry_for(const struct request *request,
				      const struct store_mailbox *row,
				      const struct chosen *chosen,
				      bool opposite)
{
	uint32_t del = request->verb == SESSION_PURGE ? STORE_DELETED
						      : request->del;

	return (struct journal_entry){
		.kind = kind_of(request),
		.mailbox = row->name,
		.target = request->target,
		.detail = kind_of(request) == JOURNAL_DECODE ? request->labels
							     : request->key,
		.add = opposite ? del : request->add,
		.del = opposite ? request->add : del,
		.items = (const struct journal_item *)(const void *)
				 chosen->items->data,
		.n = chosen->items->len,
	};
}

/* As in mutt the original of a text that was saved is marked as deleted: what
 * the text lacks is not lost before somebody purges it. */
static struct journal_entry mark_saved(const struct journal_entry *saved)
{
	return (struct journal_entry){
		.kind = JOURNAL_FLAGS,
		.mailbox = saved->mailbox,
		.add = STORE_DELETED,
		.needs = true,
		.items = saved->items,
		.n = saved->n,
	};
}

bool actions_throw_away(struct account *account, enum store_role role,
			struct journal_entry *entries, size_t *n, char **trash,
			GError **error)
{
	if (!account->gmail || entries[0].kind != JOURNAL_CARRY ||
	    role == STORE_ROLE_TRASH || role == STORE_ROLE_JUNK)
		return true;
	*trash = store_find_name(account->store, STORE_ROLE_TRASH, NULL);
	if (*trash == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("it would stay here, and there is no "
				      "trash to move it to"));
		return false;
	}
	entries[0].kind = JOURNAL_CARRY_COPY;
	entries[1] = (struct journal_entry){
		.kind = JOURNAL_MOVE,
		.mailbox = entries[0].mailbox,
		.target = *trash,
		.needs = true,
		.items = entries[0].items,
		.n = entries[0].n,
	};
	*n = 2;
	return true;
}

bool actions_append(struct account *account, const struct store_mailbox *row,
		    const char *what, const struct journal_entry *entries,
		    size_t n, GError **error)
{
	if (n == 0)
		return true;
	if (journal_append(account->actions->journal, what, entries, n,
			   error) == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (entries[i].kind == JOURNAL_RELINK)
			actions_show(account, row->name);
		else
			show_in_cache(account, row, &entries[i]);
	tell_mailbox(account, row->name);
	actions_changed(account);
	return true;
}

static bool append(struct account *account, const struct request *request,
		   const struct store_mailbox *row,
		   const struct chosen *chosen, GError **error)
{
	struct journal_entry entries[3];
	g_autofree char *trash = NULL;
	size_t n = 0;

	for (int i = 0; i < 2; i++)
		if (chosen[i].items->len > 0)
			entries[n++] = entry_for(request, row, &chosen[i], i);
	if (n == 0 && request->n + request->n_opposite > 0) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("The message is not there any more."));
		return false;
	}
	if (request->verb == SESSION_DECODE_SAVE && n > 0)
		entries[n++] = mark_saved(&entries[0]);
	if (n == 1 && !actions_throw_away(account, row->role, entries, &n,
					  &trash, error))
		return false;
	return actions_append(account, row, request->what, entries, n, error);
}

static void chosen_init(struct chosen *chosen)
{
	chosen->items =
		g_array_new(FALSE, FALSE, sizeof(struct journal_item));
	chosen->ids = g_ptr_array_new_with_free_func(g_free);
	chosen->replies = false;
}

static void chosen_clear(struct chosen *chosen)
{
	g_array_unref(chosen->items);
	g_ptr_array_unref(chosen->ids);
}

static bool act_on(struct account *account, const struct request *request,
		   const struct store_mailbox *row, GError **error)
{
	struct chosen chosen[2];
	GArray *deleted = NULL;
	const int64_t *ids = request->ids;
	size_t n = request->n;
	bool ok = true;

	chosen_init(&chosen[0]);
	chosen_init(&chosen[1]);
	if (request->verb == SESSION_PURGE) {
		deleted = store_deleted(account->store, row->id, error);
		ok = deleted != NULL;
		ids = ok ? (const int64_t *)(const void *)deleted->data : NULL;
		n = ok ? deleted->len : 0;
	}
	ok = ok && choose(account, row, ids, n, &chosen[0], error) &&
	     choose(account, row, request->opposite, request->n_opposite,
		    &chosen[1], error) &&
	     append(account, request, row, chosen, error);
	if (deleted != NULL)
		g_array_unref(deleted);
	chosen_clear(&chosen[0]);
	chosen_clear(&chosen[1]);
	return ok;
}

/* The messages become replies to that of 'labels', or to none. */
static bool relink(struct account *account, const struct request *request,
		   const struct store_mailbox *row, GError **error)
{
	bool breaks = request->labels == NULL || *request->labels == '\0';
	g_autofree char *fields =
		breaks ? g_strdup("") : mail_reply_fields(request->labels);
	struct chosen chosen;
	struct journal_entry entry;
	bool ok;

	if (fields == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("nothing can name the message by its "
				      "Message-ID"));
		return false;
	}
	chosen_init(&chosen);
	chosen.replies = breaks;
	ok = choose(account, row, request->ids, request->n, &chosen, error);
	entry = entry_for(request, row, &chosen, false);
	entry.target = row->name;
	entry.detail = fields;
	if (ok && entry.n == 0) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("The message is no reply: there is "
				      "nothing to break."));
		ok = false;
	}
	ok = ok && actions_append(account, row, request->what, &entry, 1,
				  error);
	chosen_clear(&chosen);
	return ok;
}

/* Gmail takes a label away, the message stays (imap-traps 70); often at once,
 * when it is marked. */
static bool only_unlabels(const struct account *account,
			  const struct request *request,
			  const struct store_mailbox *row)
{
	bool removes = request->verb == SESSION_EXPUNGE ||
		       (request->verb == SESSION_PURGE &&
			request->target == NULL) ||
		       request->verb == SESSION_DECODE_SAVE ||
		       (request->verb == SESSION_FLAG &&
			(request->add & STORE_DELETED) != 0);

	return account->gmail && removes && row->role != STORE_ROLE_TRASH &&
	       row->role != STORE_ROLE_JUNK;
}

/* One step, though each part goes to a mailbox of its own. */
static bool act_on_parts(struct account *account,
			 const struct request *request,
			 const struct store_mailbox *row, GError **error)
{
	size_t n = request->n_parts, used = 0;
	g_autofree struct chosen *chosen = g_new0(struct chosen, n);
	g_autofree struct journal_entry *entries =
		g_new0(struct journal_entry, n);
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		chosen_init(&chosen[i]);
	for (size_t i = 0; ok && i < n; i++) {
		const struct request_part *part = &request->parts[i];

		ok = choose(account, row, part->ids, part->n, &chosen[i],
			    error);
		if (!ok || chosen[i].items->len == 0 ||
		    strcmp(part->target, row->name) == 0)
			continue;
		entries[used] = entry_for(request, row, &chosen[i], false);
		entries[used++].target = part->target;
	}
	ok = ok && actions_append(account, row, request->what, entries, used,
				  error);
	for (size_t i = 0; i < n; i++)
		chosen_clear(&chosen[i]);
	return ok;
}

/* What was to be made may have been refused meanwhile. */
static bool is_there(struct account *account, const struct request *request,
		     GError **error)
{
	struct store_mailbox *row;

	if (request->target == NULL || request->key != NULL)
		return true;
	row = store_mailbox_get(account->store, request->target, NULL);
	if (row == NULL) {
		g_autofree char *shown = job_display(request->target);

		g_set_error(error, STORE_ERROR, STORE_ERROR_NONE,
			    _("there is no mailbox %s"), shown);
		return false;
	}
	store_mailbox_free(row);
	return true;
}

static bool act(struct account *account, const struct request *request,
		GError **error)
{
	struct store_mailbox *row = store_mailbox_get(
		account->store, request->mailbox, error);
	bool ok;

	if (row == NULL)
		return false;
	if (!is_there(account, request, error)) {
		store_mailbox_free(row);
		return false;
	}
	if (only_unlabels(account, request, row)) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("here that would only archive it: it "
				      "has to go to the trash"));
		store_mailbox_free(row);
		return false;
	}
	if (request->verb == SESSION_RELINK && account->gmail) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE,
				    _("this server would keep the message as "
				      "it was, too"));
		store_mailbox_free(row);
		return false;
	}
	/* They are there already. */
	ok = (request->target != NULL && kind_of(request) != JOURNAL_DECODE &&
	      strcmp(request->target, request->mailbox) == 0) ||
	     (request->verb == SESSION_LABEL
		      ? labelling_act(account, request, row, error)
	      : request->verb == SESSION_RELINK
		      ? relink(account, request, row, error)
	      : request->n_parts > 0
		      ? act_on_parts(account, request, row, error)
		      : act_on(account, request, row, error));
	store_mailbox_free(row);
	return ok;
}

/* ---- undo, and the list ---- */

/* Without a server failures are expected, but not this one. */
static void fail(struct account *account, struct request *request,
		 const char *text)
{
	if (account->phase != SESSION_ONLINE)
		report_notice(&account->report, NULL, text);
	account_done(account, request, SESSION_FAILED, text);
}

static bool take_back(struct account *account, const struct request *request,
		      bool *redo, char **what, GError **error)
{
	struct actions *actions = account->actions;

	if (request->post.kind == REQUEST_UNDO_STEP)
		return journal_undo_step(actions->journal, request->ids[0],
					 actions->sent, redo, what, error);
	*redo = request->n != 0;
	return journal_undo(actions->journal, *redo, actions->sent, what,
			    error);
}

static void undo(struct account *account, struct request *request)
{
	bool redo = false;
	g_autofree char *what = NULL;
	g_autofree char *line = NULL;
	g_autoptr(GError) error = NULL;

	if (!take_back(account, request, &redo, &what, &error)) {
		fail(account, request, error->message);
		return;
	}
	if (what == NULL) {
		fail(account, request,
		     redo ? _("There is nothing to be redone.")
			  : _("There is nothing to be undone."));
		return;
	}
	show_all(account);
	actions_changed(account);
	line = g_strdup_printf(redo ? _("Redone: %s") : _("Undone: %s"), what);
	report_notice(&account->report, NULL, line);
	account_done(account, request, SESSION_OK, NULL);
}

static void halt(struct account *account, struct request *request)
{
	struct actions *actions = account->actions;
	g_autofree char *line = NULL;
	g_autoptr(GError) error = NULL;
	unsigned n;

	if (!journal_stop(actions->journal, actions->sent, &n, &error)) {
		account_done(account, request, SESSION_FAILED, error->message);
		return;
	}
	if (n == 0) {
		account_done(account, request, SESSION_FAILED,
			     _("There is nothing to be stopped."));
		return;
	}
	show_all(account);
	actions_changed(account);
	line = g_strdup_printf(ngettext("Stopped: %u message stays as it was",
					"Stopped: %u messages stay as they were",
					n),
			       n);
	report_notice(&account->report, NULL, line);
	account_done(account, request, SESSION_OK, NULL);
}

static bool change_entry(struct account *account, const struct request *request,
			 GError **error)
{
	struct journal *journal = account->actions->journal;
	int64_t entry = request->ids[0];

	return request->add != 0 ? journal_drop(journal, entry, error) :
				   journal_again(journal, entry, error);
}

static void again(struct account *account, struct request *request)
{
	g_autoptr(GError) error = NULL;
	bool ok = change_entry(account, request, &error);

	if (ok) {
		show_all(account);
		actions_changed(account);
	}
	if (ok)
		account_done(account, request, SESSION_OK, NULL);
	else
		fail(account, request, error->message);
}

static void list(struct account *account, struct request *request)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *lines = journal_lines(account->actions->journal,
					 LIMIT_JOURNAL_LINES, &error);

	if (lines == NULL) {
		account_done(account, request, SESSION_FAILED, error->message);
		return;
	}
	report_action_list(&account->report, lines);
	g_ptr_array_unref(lines);
	account_done(account, request, SESSION_OK, NULL);
}

void actions_request(struct account *account, struct request *request)
{
	struct actions *actions = account->actions;
	g_autoptr(GError) error = NULL;
	bool ok;

	if (account->store == NULL || actions == NULL ||
	    actions->journal == NULL) {
		account_done(account, request, SESSION_FAILED,
			     actions != NULL && actions->failure != NULL
				     ? actions->failure
				     : account->reason);
		return;
	}
	switch ((enum request_kind)request->post.kind) {
	case REQUEST_UNDO:
	case REQUEST_UNDO_STEP:
		undo(account, request);
		return;
	case REQUEST_HALT:
		halt(account, request);
		return;
	case REQUEST_AGAIN:
		again(account, request);
		return;
	case REQUEST_ACTIONS:
		list(account, request);
		return;
	default:
		ok = act(account, request, &error);
		account_done(account, request,
			     ok ? SESSION_OK : SESSION_FAILED,
			     ok ? NULL : error->message);
	}
}
