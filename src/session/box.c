/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "box.h"
#include "events.h"
#include "links.h"
#include "smew/imap.h"

static const char *const state_names[] = {
	[BOX_CLOSED] = "closed",     [BOX_SELECTING] = "selecting",
	[BOX_SELECTED] = "selected", [BOX_READY] = "ready",
	[BOX_REFUSED] = "refused",
};

void box_set_state(struct box *box, enum box_state state)
{
	if (box->state == state)
		return;
	log_line(LOG_STATE, "session", "%s: mailbox %s: %s -> %s",
		 box->account->name, box->name, state_names[box->state],
		 state_names[state]);
	box->state = state;
}

/* ---- requests that wait for it ---- */

static void opening_end(struct box *box, enum session_result result,
			const char *text)
{
	struct request *request;

	while ((request = g_queue_pop_head(&box->opening)) != NULL) {
		if (request->id != 0)
			account_done(box->account, request, result, text);
		else
			request_free(request);
	}
}

void box_opened(struct box *box, const char *text)
{
	box->shown = true;
	opening_end(box, text == NULL ? SESSION_OK : SESSION_FAILED, text);
}

static bool cancel_in(struct box *box, uint32_t id)
{
	for (GList *l = box != NULL ? box->opening.head : NULL; l != NULL;
	     l = l->next) {
		struct request *request = l->data;

		if (request->id != id)
			continue;
		g_queue_delete_link(&box->opening, l);
		account_done(box->account, request, SESSION_CANCELLED, NULL);
		return true;
	}
	return false;
}

void box_cancel(struct account *account, uint32_t id)
{
	if (!cancel_in(account->box, id))
		cancel_in(account->errand, id);
}

/* ---- life ---- */

static void flags_clear(gpointer item)
{
	struct box_flags *flags = item;

	g_free(flags->keywords);
}

static void box_read_row(struct box *box)
{
	struct account *account = box->account;
	g_autoptr(GError) error = NULL;

	box->row = store_mailbox_get(account->store, box->name, &error);
	if (box->row != NULL)
		box->known_uidnext = box->row->complete ? box->row->uidnext : 0;
	else if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_NONE))
		account_complain(account, box->name, &error);
}

static struct box *box_new(struct account *account, const char *name)
{
	struct box *box = g_new0(struct box, 1);

	box->account = account;
	box->name = g_strdup(name);
	box->serial = ++account->openings;
	g_queue_init(&box->opening);
	g_queue_init(&box->again);
	box->rows = rows_new();
	box->flags = g_array_new(FALSE, TRUE, sizeof(struct box_flags));
	g_array_set_clear_func(box->flags, flags_clear);
	box->gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	box->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	box_read_row(box);
	return box;
}

static void box_free(struct box *box)
{
	if (box->link != NULL) {
		link_set_box(box->link, NULL);
		if (box->busy > 0)
			link_drain(box->link);
	}
	timer_stop(&box->telling);
	fill_progress_end(box);
	opening_end(box, SESSION_CANCELLED, NULL);
	fill_clear(box);
	rows_free(box->rows);
	g_array_free(box->flags, TRUE);
	g_array_free(box->gone, TRUE);
	g_array_free(box->uids, TRUE);
	store_mailbox_free(box->row);
	g_free(box->name);
	g_free(box->keywords);
	g_free(box);
}

static void box_mark_old(struct box *box)
{
	struct account *account = box->account;
	g_autoptr(GError) error = NULL;

	if (!account->mark_old || box->row == NULL)
		return;
	if (store_mark_old(account->store, box->row->id, &error))
		report_change(&account->report, SESSION_MAILBOX_CHANGED,
			      box->name);
	else
		account_complain(account, box->name, &error);
}

void box_close_all(struct account *account)
{
	if (account->box != NULL)
		box_free(account->box);
	if (account->inbox != NULL)
		box_free(account->inbox);
	if (account->errand != NULL)
		box_free(account->errand);
	account->box = account->inbox = account->errand = NULL;
}

void box_close_behind(struct account *account)
{
	box_free(g_steal_pointer(&account->inbox));
}

void box_open_errand(struct account *account, const char *mailbox, bool looks)
{
	account->errand = box_new(account, mailbox);
	account->errand->errand = !looks;
}

void box_close_errand(struct account *account)
{
	events_flush(account->errand);
	box_free(g_steal_pointer(&account->errand));
}

void box_lend(struct box *box)
{
	events_flush(box);
	link_set_box(box->link, NULL);
	box_lost(box);
}

void box_drop(struct account *account)
{
	body_left(account);
	box_free(g_steal_pointer(&account->box));
}

void box_rename(struct box *box, const char *name)
{
	g_free(box->name);
	box->name = g_strdup(name);
	g_clear_pointer(&box->row, store_mailbox_free);
	box_read_row(box);
	if (box->state == BOX_REFUSED)
		box_set_state(box, BOX_CLOSED);
}

/* INBOX stays on its connection when the next mailbox has another. */
static bool box_can_stay(const struct box *box)
{
	return strcmp(box->name, "INBOX") == 0 && box->state == BOX_READY &&
	       links_spare(box->account) != NULL;
}

static void box_leave(struct account *account)
{
	struct box *box = account->box;

	if (box == NULL)
		return;
	body_left(account);
	events_flush(box);
	box_mark_old(box);
	fill_progress_end(box);
	opening_end(box, SESSION_CANCELLED, NULL);
	account->box = NULL;
	if (box_can_stay(box))
		account->inbox = box;
	else
		box_free(box);
}

static bool is_looked_into(const struct account *account, const char *name)
{
	return account->errand != NULL && !account->errand->errand &&
	       account->errand->state != BOX_REFUSED &&
	       strcmp(account->errand->name, name) == 0;
}

/* The one behind becomes the open one, or a new one does. */
static void box_enter(struct account *account, const char *name)
{
	if (strcmp(name, "INBOX") == 0 && account->inbox != NULL)
		account->box = g_steal_pointer(&account->inbox);
	else if (is_looked_into(account, name))
		account->box = g_steal_pointer(&account->errand);
	else
		account->box = box_new(account, name);
	account->box->opened_at = g_get_monotonic_time();
}

void box_open_behind(struct account *account)
{
	account->inbox = box_new(account, "INBOX");
}

static bool box_waits(const struct box *box)
{
	return box->state == BOX_CLOSED || box->state == BOX_SELECTING ||
	       box->state == BOX_SELECTED;
}

void box_open(struct account *account, struct request *request)
{
	struct box *box = account->box;

	if (box == NULL || strcmp(box->name, request->mailbox) != 0) {
		box_leave(account);
		box_enter(account, request->mailbox);
		box = account->box;
		account_say_state(account);
	} else if (box->state == BOX_REFUSED) {
		/* The list may know it better by now. */
		g_clear_pointer(&box->row, store_mailbox_free);
		box_read_row(box);
		box_set_state(box, BOX_CLOSED);
	}
	g_queue_push_tail(&box->opening, request);
	if (account->phase == SESSION_OFFLINE && request->id != 0) {
		g_autofree char *text = account_offline_text(account);

		box_opened(box, text);
	} else if (!box_waits(box) ||
		   (box->state == BOX_SELECTED && box->shown)) {
		box_opened(box, NULL);
	}
}

void box_lost(struct box *box)
{
	g_autofree char *text = account_offline_text(box->account);

	box->link = NULL;
	box_set_state(box, BOX_CLOSED);
	fill_progress_end(box);
	fill_clear(box);
	rows_reset(box->rows);
	g_array_set_size(box->flags, 0);
	g_array_set_size(box->gone, 0);
	box->busy = box->filling = 0;
	box->owed = 0;
	box->acting = false;
	box->row_changed = false;
	/* What the cache has is read anew: it may lag behind 'row'. */
	g_clear_pointer(&box->row, store_mailbox_free);
	box_read_row(box);
	box_opened(box, text);
}

void box_quit(struct account *account)
{
	if (account->box != NULL) {
		opening_end(account->box, SESSION_CANCELLED, NULL);
		events_flush(account->box);
		box_mark_old(account->box);
	}
	if (account->inbox != NULL)
		events_flush(account->inbox);
}

void box_fault(struct box *box, GError **error)
{
	if (box->link == NULL) {
		account_complain(box->account, box->name, error);
		return;
	}
	link_fail(box->link, (*error)->message);
	g_clear_error(error);
}

/* ---- what is known of it ---- */

bool box_is_selected(const struct box *box)
{
	return box->state == BOX_SELECTED || box->state == BOX_READY;
}

bool box_is_front(const struct box *box)
{
	return box->account->box == box;
}

static bool box_serves(const struct box *box, const char *mailbox)
{
	return box != NULL && box_is_selected(box) &&
	       strcmp(box->name, mailbox) == 0;
}

struct box *box_selected_as(const struct account *account,
			    const char *mailbox)
{
	if (box_serves(account->box, mailbox))
		return account->box;
	if (box_serves(account->inbox, mailbox))
		return account->inbox;
	return NULL;
}

struct box *box_of(const struct account *account, const void *serial)
{
	unsigned wanted = GPOINTER_TO_UINT(serial);

	if (account->box != NULL && account->box->serial == wanted)
		return account->box;
	if (account->inbox != NULL && account->inbox->serial == wanted)
		return account->inbox;
	if (account->errand != NULL && account->errand->serial == wanted)
		return account->errand;
	return NULL;
}

uint32_t box_highest(const struct box *box)
{
	return box->uids->len == 0 ? 0 :
				     g_array_index(box->uids, uint32_t,
						   box->uids->len - 1);
}

static int compare_uids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

bool box_was_told(const struct box *box, uint32_t uid)
{
	return uid < box->uidnext ||
	       (box->uids->len > 0 &&
		bsearch(&uid, box->uids->data, box->uids->len, sizeof(uid),
			compare_uids) != NULL);
}

void box_add_uid(struct box *box, uint32_t uid)
{
	if (uid > box_highest(box))
		g_array_append_val(box->uids, uid);
}
