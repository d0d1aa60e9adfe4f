/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "body.h"
#include "box.h"
#include "events.h"
#include "limits.h"
#include "smew/imap.h"

static const char *const state_names[] = {
	[BOX_CLOSED] = "closed",     [BOX_SELECTING] = "selecting",
	[BOX_SELECTED] = "selected", [BOX_READY] = "ready",
	[BOX_REFUSED] = "refused",
};

void box_set_state(struct account *account, enum box_state state)
{
	struct box *box = account->box;

	if (box->state == state)
		return;
	log_line(LOG_STATE, "session", "%s: mailbox %s: %s -> %s",
		 account->name, box->name, state_names[box->state],
		 state_names[state]);
	box->state = state;
}

/* ---- requests that wait for it ---- */

static void opening_end(struct account *account, struct box *box,
			enum session_result result, const char *text)
{
	struct request *request;

	while ((request = g_queue_pop_head(&box->opening)) != NULL) {
		if (request->id != 0)
			account_done(account, request, result, text);
		else
			request_free(request);
	}
}

void box_opened(struct account *account, const char *text)
{
	account->box->shown = true;
	opening_end(account, account->box,
		    text == NULL ? SESSION_OK : SESSION_FAILED, text);
}

void box_cancel(struct account *account, uint32_t id)
{
	struct box *box = account->box;

	for (GList *l = box != NULL ? box->opening.head : NULL; l != NULL;
	     l = l->next) {
		struct request *request = l->data;

		if (request->id != id)
			continue;
		g_queue_delete_link(&box->opening, l);
		account_done(account, request, SESSION_CANCELLED, NULL);
		return;
	}
}

/* ---- life ---- */

static void flags_clear(gpointer item)
{
	struct box_flags *flags = item;

	g_free(flags->keywords);
}

static struct box *box_new(const char *name, unsigned serial)
{
	struct box *box = g_new0(struct box, 1);

	box->name = g_strdup(name);
	box->serial = serial;
	g_queue_init(&box->opening);
	g_queue_init(&box->again);
	box->rows = rows_new();
	box->flags = g_array_new(FALSE, TRUE, sizeof(struct box_flags));
	g_array_set_clear_func(box->flags, flags_clear);
	box->gone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	box->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return box;
}

static void box_free(struct box *box)
{
	fill_clear(box);
	rows_free(box->rows);
	g_array_free(box->flags, TRUE);
	g_array_free(box->gone, TRUE);
	g_array_free(box->uids, TRUE);
	store_mailbox_free(box->row);
	g_free(box->name);
	g_free(box);
}

static void box_mark_old(struct account *account)
{
	g_autoptr(GError) error = NULL;

	if (!account->mark_old || account->box->row == NULL)
		return;
	if (store_mark_old(account->store, account->box->row->id, &error))
		report_change(&account->report, SESSION_MAILBOX_CHANGED,
			      account->box->name);
	else
		account_complain(account, account->box->name, &error);
}

void box_close(struct account *account)
{
	struct box *box = account->box;

	if (box == NULL)
		return;
	if (box->total > 0)
		report_progress(&account->report, box->name, "", 0, 0);
	opening_end(account, box, SESSION_CANCELLED, NULL);
	account->box = NULL;
	box_free(box);
}

static void box_leave(struct account *account)
{
	if (account->box == NULL)
		return;
	body_left(account);
	events_flush(account);
	box_mark_old(account);
	box_close(account);
}

static void box_read_row(struct account *account)
{
	struct box *box = account->box;
	g_autoptr(GError) error = NULL;

	box->row = store_mailbox_get(account->store, box->name, &error);
	if (box->row != NULL)
		box->known_uidnext = box->row->complete ? box->row->uidnext : 0;
	else if (!g_error_matches(error, STORE_ERROR, STORE_ERROR_NONE))
		account_complain(account, box->name, &error);
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
		account->box = box_new(request->mailbox, ++account->openings);
		box_read_row(account);
		box = account->box;
	} else if (box->state == BOX_REFUSED) {
		box_set_state(account, BOX_CLOSED);
	}
	g_queue_push_tail(&box->opening, request);
	if (account->phase == SESSION_OFFLINE && request->id != 0) {
		g_autofree char *text = account_offline_text(account);

		box_opened(account, text);
	} else if (!box_waits(box)) {
		box_opened(account, NULL);
	}
}

void box_lost(struct account *account)
{
	struct box *box = account->box;
	g_autofree char *text = NULL;

	if (box == NULL)
		return;
	box_set_state(account, BOX_CLOSED);
	if (box->total > 0)
		report_progress(&account->report, box->name, "", 0, 0);
	fill_clear(box);
	rows_reset(box->rows);
	g_array_set_size(box->flags, 0);
	g_array_set_size(box->gone, 0);
	box->busy = 0;
	box->row_changed = false;
	/* What the cache has is read anew: it may lag behind 'row'. */
	g_clear_pointer(&box->row, store_mailbox_free);
	box_read_row(account);
	text = account_offline_text(account);
	box_opened(account, text);
}

void box_quit(struct account *account)
{
	if (account->box == NULL)
		return;
	opening_end(account, account->box, SESSION_CANCELLED, NULL);
	events_flush(account);
	box_mark_old(account);
}

/* ---- what is known of it ---- */

bool box_is_selected(const struct box *box)
{
	return box->state == BOX_SELECTED || box->state == BOX_READY;
}

bool box_is_open(const struct account *account, const char *mailbox)
{
	const struct box *box = account->box;

	return box != NULL && strcmp(box->name, mailbox) == 0 &&
	       box_is_selected(box);
}

struct box *box_of(struct account *account, const void *serial)
{
	struct box *box = account->box;

	return box != NULL && box->serial == GPOINTER_TO_UINT(serial) ? box :
									NULL;
}

uint32_t box_highest(const struct box *box)
{
	return box->uids->len == 0 ? 0 :
				     g_array_index(box->uids, uint32_t,
						   box->uids->len - 1);
}

void box_add_uid(struct box *box, uint32_t uid)
{
	if (uid > box_highest(box))
		g_array_append_val(box->uids, uid);
}
