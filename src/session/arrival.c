/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "arrival.h"
#include "deeds.h"
#include "folders.h"
#include "limits.h"
#include "link.h"
#include "links.h"
#include "parcel.h"
#include "smew/imap.h"
#include "smew/mail.h"
#include "work.h"

/* One parcel under way. */
struct arrival {
	struct account *account;
	struct session_parcel *parcel; /* owned */
	struct link *link;   /* borrowed; only while a command is out */
	gsize given;	     /* of its octets */
	bool bare;	     /* without keywords: with them it was refused */
	bool stored;	     /* the server says that it has it */
	bool looking;	     /* the link is another mailbox's meanwhile */
	bool telling;	     /* what there is is being told */
};

struct arrivals {
	GQueue waiting;	     /* of struct session_parcel; owned */
	struct arrival *now; /* owned, or NULL */
	GHashTable *knocked; /* of char *: accounts that were told that there
				is no connection; owned */
	GHashTable *brought; /* of char *: Message-IDs; owned */
	struct timer later;  /* a connection may be free then */
};

struct arrivals *arrivals_new(void)
{
	struct arrivals *arrivals = g_new0(struct arrivals, 1);

	g_queue_init(&arrivals->waiting);
	arrivals->knocked = g_hash_table_new_full(g_str_hash, g_str_equal,
						  g_free, NULL);
	arrivals->brought = g_hash_table_new_full(g_str_hash, g_str_equal,
						  g_free, NULL);
	return arrivals;
}

void arrivals_free(struct arrivals *arrivals)
{
	struct session_parcel *parcel;

	if (arrivals == NULL)
		return;
	timer_stop(&arrivals->later);
	while ((parcel = g_queue_pop_head(&arrivals->waiting)) != NULL)
		parcel_free(parcel);
	if (arrivals->now != NULL)
		parcel_free(arrivals->now->parcel);
	g_free(arrivals->now);
	g_hash_table_unref(arrivals->knocked);
	g_hash_table_unref(arrivals->brought);
	g_free(arrivals);
}

/* ---- answers ---- */

static void answer(struct account *account, struct session_parcel *parcel,
		   enum parcel_result result, const char *text)
{
	if (result == PARCEL_AWAY)
		g_hash_table_add(account->arrivals->knocked,
				 g_strdup(parcel->from));
	parcel_answer(parcel, result, text);
	postbox_push(account->report.ui, &parcel->post);
}

static void answer_away(struct account *account, struct session_parcel *parcel)
{
	g_autofree char *text = account->phase == SESSION_CONNECTING
					? g_strdup(_("connecting"))
					: account_offline_text(account);

	answer(account, parcel, PARCEL_AWAY, text);
}

/* Gives the parcel that was under way back. */
static struct session_parcel *arrival_end(struct arrival *arrival)
{
	struct session_parcel *parcel = arrival->parcel;

	arrival->account->arrivals->now = NULL;
	g_free(arrival);
	return parcel;
}

static void finish(struct arrival *arrival, enum parcel_result result,
		   const char *text)
{
	struct account *account = arrival->account;

	answer(account, arrival_end(arrival), result, text);
}

/* The connection is gone before the server knew of a message: another one may
 * do, or arrivals_lost() follows. */
static void begin_anew(struct arrival *arrival)
{
	struct arrivals *arrivals = arrival->account->arrivals;

	g_queue_push_head(&arrivals->waiting, arrival_end(arrival));
}

static void turn_down(struct arrival *arrival, const struct link_end *end)
{
	arrival->parcel->delay = end->delay;
	finish(arrival, end->temporary ? PARCEL_LATER : PARCEL_REFUSED,
	       end->text);
}

/* ---- whether it is there ---- */

static void try_later(void *user)
{
	work_pump(user);
}

static bool is_it(const struct session_parcel *parcel,
		  const struct events_fetch *fetch)
{
	struct mail_header *header;
	bool same;

	if (fetch->uid < parcel->floor ||
	    (parcel->size != 0 && fetch->size != parcel->size))
		return false;
	if (*parcel->message_id == '\0')
		return fetch->received == parcel->received;
	if (fetch->n == 0 || fetch->sections[0].data == NULL)
		return false;
	header = mail_header_read(fetch->sections[0].data,
				  fetch->sections[0].length);
	same = g_strcmp0(parcel->message_id, header->message_id) == 0;
	mail_header_free(header);
	return same;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void arrival_fetched(struct link *link, const struct events_fetch *fetch)
{
	const struct arrivals *arrivals = link_account(link)->arrivals;
	const struct arrival *arrival = arrivals->now;

	if (arrival != NULL && arrival->link == link && arrival->telling &&
	    is_it(arrival->parcel, fetch))
		g_array_append_val(arrival->parcel->uids, fetch->uid);
}

static void told(struct account *account, const struct link_end *end,
		 void *user)
{
	struct arrival *arrival = user;
	struct session_parcel *parcel = arrival->parcel;
	struct link *link = arrival->link;

	(void)account;
	arrival->looking = arrival->telling = false;
	parcel->uidvalidity = link_visit_validity(link);
	arrival->link = NULL;
	/* STATUS is for mailboxes that are not selected. */
	if (end->result == LINK_OK)
		link_leave(link, NULL, NULL);
	if (end->result == LINK_GONE) {
		g_clear_pointer(&parcel->uids, g_array_unref);
		if (arrival->stored)
			finish(arrival, PARCEL_LOST, end->text);
		else
			begin_anew(arrival);
	} else if (end->result != LINK_OK) {
		g_clear_pointer(&parcel->uids, g_array_unref);
		turn_down(arrival, end);
	} else {
		g_array_sort(parcel->uids, by_value);
		finish(arrival, PARCEL_DONE, NULL);
	}
}

static void visited(struct account *account, const struct link_end *end,
		    void *user)
{
	struct arrival *arrival = user;
	g_autofree char *set = NULL;

	if (end->result != LINK_OK) {
		told(account, end, arrival);
		return;
	}
	set = g_strdup_printf("%" G_GUINT32_FORMAT ":*",
			      MAX(arrival->parcel->floor, 1));
	arrival->telling = true;
	link_identify(arrival->link, set, told, arrival);
}

/* Where the open mailbox has the one connection, it lends it, when nothing is
 * under way there. */
static void look(struct arrival *arrival, struct link *link)
{
	struct account *account = arrival->account;

	if (link_box(link) != NULL &&
	    (link != links_main(account) || links_borrow(account) == NULL)) {
		timer_start(&account->arrivals->later,
			    LIMIT_FILING_SOON * 1000, try_later, account);
		return;
	}
	g_clear_pointer(&arrival->parcel->uids, g_array_unref);
	arrival->parcel->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	arrival->looking = true;
	arrival->link = link;
	/* What it showed before is not what is selected now. */
	link_set_visited(link, 0);
	link_visit(link, arrival->parcel->mailbox, 0, visited, arrival);
}

/* ---- whether it can come ---- */

static void asked(struct account *account, const struct link_end *end,
		  void *user)
{
	struct arrival *arrival = user;
	struct session_parcel *parcel = arrival->parcel;
	struct link *link = arrival->link;

	(void)account;
	arrival->link = NULL;
	if (end->result == LINK_GONE) {
		begin_anew(arrival);
	} else if (end->result != LINK_OK) {
		turn_down(arrival, end);
	} else {
		parcel->floor = link_told_uidnext(link, parcel->mailbox);
		if (parcel->floor != 0)
			finish(arrival, PARCEL_DONE, NULL);
		else
			finish(arrival, PARCEL_REFUSED,
			       _("the server does not say what is new in the "
				 "mailbox: nothing could be verified there"));
	}
}

static void ask(struct arrival *arrival, struct link *link)
{
	arrival->link = link;
	link_ask_uidnext(link, arrival->parcel->mailbox, asked, arrival);
}

/* ---- it comes ---- */

static ssize_t give(char *buffer, size_t size, void *user)
{
	struct arrival *arrival = user;
	gsize length;
	const char *data = g_bytes_get_data(arrival->parcel->octets, &length);

	size = MIN(size, length - arrival->given);
	memcpy(buffer, data + arrival->given, size);
	arrival->given += size;
	return (ssize_t)size;
}

static void note_brought(struct account *account, const char *message_id)
{
	GHashTable *brought = account->arrivals->brought;

	if (g_hash_table_size(brought) >= LIMIT_BROUGHT)
		g_hash_table_remove_all(brought);
	if (*message_id != '\0')
		g_hash_table_add(brought, g_strdup(message_id));
}

/* Where the server does not say what it has become, it is looked for. */
static void came(struct arrival *arrival, const struct link_end *end)
{
	struct account *account = arrival->account;
	struct session_parcel *parcel = arrival->parcel;
	uint32_t uid;
	size_t n = 0;

	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	folders_check(account);
	if (end->uids == NULL || imap_set_count(end->uids) != 1) {
		arrival->stored = true;
		work_pump(account);
		return;
	}
	uid = (uint32_t)imap_set_ranges(end->uids, &n)[0].first;
	parcel->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	g_array_append_val(parcel->uids, uid);
	parcel->uidvalidity = end->uidvalidity;
	finish(arrival, PARCEL_DONE, NULL);
}

static bool has_keywords(const struct arrival *arrival)
{
	const struct session_parcel *parcel = arrival->parcel;

	return !arrival->bare &&
	       ((parcel->keywords != NULL && *parcel->keywords != '\0') ||
		(parcel->flags & (STORE_FORWARDED | STORE_JUNK)) != 0);
}

static void appended(struct account *account, const struct link_end *end,
		     void *user)
{
	struct arrival *arrival = user;

	arrival->link = NULL;
	if (end->result == LINK_OK) {
		came(arrival, end);
	} else if (end->result == LINK_GONE) {
		finish(arrival, PARCEL_LOST, end->text);
	} else if (!end->temporary && !end->try_create &&
		   has_keywords(arrival)) {
		/* They may not be permitted there. */
		arrival->bare = true;
		work_pump(account);
	} else {
		turn_down(arrival, end);
	}
}

static void append(struct arrival *arrival, struct link *link)
{
	const struct session_parcel *parcel = arrival->parcel;
	const uint32_t words = STORE_FORWARDED | STORE_JUNK;
	struct link_message message = {
		.mailbox = parcel->mailbox,
		.flags = parcel->flags & (arrival->bare ? ~words : ~0u),
		.keywords = arrival->bare ? NULL : parcel->keywords,
		.received = parcel->received,
		.size = parcel->size,
		.acts = true,
	};

	arrival->given = 0;
	arrival->link = link;
	note_brought(arrival->account, parcel->message_id);
	link_append(link, &message, give, appended, arrival);
}

/* ---- the step ---- */

static struct arrival *next(struct account *account)
{
	struct arrivals *arrivals = account->arrivals;

	if (arrivals->now == NULL && arrivals->waiting.length > 0) {
		arrivals->now = g_new0(struct arrival, 1);
		arrivals->now->account = account;
		arrivals->now->parcel = g_queue_pop_head(&arrivals->waiting);
	}
	return arrivals->now;
}

bool arrival_step(struct link *link)
{
	struct account *account = link_account(link);
	struct arrivals *arrivals = account->arrivals;
	struct arrival *arrival;

	if ((arrivals->now == NULL && arrivals->waiting.length == 0) ||
	    (arrivals->now != NULL && arrivals->now->link != NULL) ||
	    arrivals->later.source != NULL || !links_for_upload(link))
		return false;
	arrival = next(account);
	if (arrival->parcel->kind == PARCEL_ASK)
		ask(arrival, link);
	else if (arrival->parcel->kind == PARCEL_STORE && !arrival->stored)
		append(arrival, link);
	else
		look(arrival, link);
	return true;
}

bool arrival_looks_on(const struct link *link)
{
	const struct arrival *now = link_account(link)->arrivals->now;

	return now != NULL && now->looking && now->link == link;
}

/* ---- for the journal here ---- */

/* Where what is removed would stay in All Mail a copy goes to the trash. */
static bool order_here(struct account *account,
		       const struct session_parcel *parcel,
		       struct journal_entry *entries, GError **error)
{
	struct store_mailbox *row =
		store_mailbox_get(account->store, parcel->mailbox, NULL);
	enum store_role role = row != NULL ? row->role : STORE_ROLE_NONE;
	g_autofree char *trash = NULL;
	size_t n = 1;

	store_mailbox_free(row);
	if (account->gmail && parcel->order == JOURNAL_EXPUNGE) {
		trash = store_find_name(account->store, STORE_ROLE_TRASH, NULL);
		entries[0].kind = trash != NULL ? JOURNAL_MOVE
						: JOURNAL_EXPUNGE;
		entries[0].target = trash;
	}
	return actions_throw_away(account, role, entries, &n, &trash, error) &&
	       journal_order(account->actions->journal, parcel->what, entries,
			     n, error);
}

static bool order(struct account *account, const struct session_parcel *parcel,
		  GError **error)
{
	struct actions *actions = account->actions;
	g_autofree char *target =
		parcel->order == JOURNAL_CARRY
			? journal_abroad(parcel->from, parcel->target)
			: NULL;
	const struct journal_item item = {
		.uid = parcel->uid,
		.uidvalidity = parcel->uidvalidity,
		.message_id = parcel->message_id,
		.received = parcel->received,
		.size = parcel->size,
	};
	struct journal_entry entries[2] = { {
		.kind = parcel->order,
		.mailbox = parcel->mailbox,
		.target = target,
		.detail = target != NULL ? parcel->whose : NULL,
		.items = &item,
		.n = 1,
	} };

	if (actions == NULL || actions->journal == NULL ||
	    account->store == NULL) {
		g_set_error_literal(error, STORE_ERROR, STORE_ERROR_IO,
				    _("there is no place for the journal"));
		return false;
	}
	if (!order_here(account, parcel, entries, error))
		return false;
	actions_show(account, parcel->mailbox);
	actions_changed(account);
	return true;
}

static void take_order(struct account *account, struct session_parcel *parcel)
{
	g_autoptr(GError) error = NULL;

	if (order(account, parcel, &error))
		answer(account, parcel, PARCEL_DONE, NULL);
	else
		answer(account, parcel, PARCEL_REFUSED, error->message);
}

/* ---- parcels ---- */

void arrival_take(struct account *account, struct session_parcel *parcel)
{
	g_autofree char *identity = actions_identity(account);

	if (g_strcmp0(parcel->identity, identity) != 0)
		answer(account, parcel, PARCEL_REFUSED,
		       _("the account is at another server now"));
	else if (parcel->kind == PARCEL_ORDER)
		take_order(account, parcel);
	else if (account->read_only)
		answer(account, parcel, PARCEL_REFUSED,
		       _("the account is read-only"));
	else if (account->phase != SESSION_ONLINE || account->quitting)
		answer_away(account, parcel);
	else if (deeds_makes(account, parcel->mailbox))
		answer(account, parcel, PARCEL_AWAY,
		       _("the mailbox has yet to be made"));
	else
		g_queue_push_tail(&account->arrivals->waiting, parcel);
}

void arrivals_lost(struct account *account)
{
	struct arrivals *arrivals = account->arrivals;
	struct arrival *now = arrivals->now;
	struct session_parcel *parcel;

	timer_stop(&arrivals->later);
	/* It waits for a connection to be verified on. */
	if (now != NULL && now->stored)
		finish(now, PARCEL_LOST, NULL);
	else if (now != NULL)
		begin_anew(now);
	while ((parcel = g_queue_pop_head(&arrivals->waiting)) != NULL)
		answer_away(account, parcel);
}

void arrivals_ready(struct account *account)
{
	GHashTableIter iter;
	gpointer name;

	if (account->phase != SESSION_ONLINE)
		return;
	g_hash_table_iter_init(&iter, account->arrivals->knocked);
	while (g_hash_table_iter_next(&iter, &name, NULL)) {
		struct session_parcel *parcel =
			parcel_new(PARCEL_ONLINE, account->name, name);

		postbox_push(account->report.ui, &parcel->post);
	}
	g_hash_table_remove_all(account->arrivals->knocked);
}

bool arrival_brought(const struct account *account, const char *message_id)
{
	return g_hash_table_contains(account->arrivals->brought, message_id);
}
