/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "box.h"
#include "look.h"

static void fail(struct account *account, struct request *request)
{
	g_autofree char *text = account_offline_text(account);

	account_done(account, request, SESSION_FAILED, text);
}

static bool is_open(const struct account *account, const char *mailbox)
{
	return account->box != NULL &&
	       strcmp(account->box->name, mailbox) == 0;
}

/* INBOX behind the open mailbox. */
static bool is_kept(const struct account *account, const char *mailbox)
{
	const struct box *box = box_selected_as(account, mailbox);

	return box != NULL && box->state == BOX_READY;
}

void look_request(struct account *account, struct request *request)
{
	if (account->store == NULL || account->phase == SESSION_OFFLINE)
		fail(account, request);
	else if (is_open(account, request->mailbox))
		box_open(account, request);
	else if (is_kept(account, request->mailbox))
		account_done(account, request, SESSION_OK, NULL);
	else
		g_queue_push_tail(&account->looks, request);
}

bool look_cancel(struct account *account, uint32_t id)
{
	for (GList *l = account->looks.head; l != NULL; l = l->next) {
		struct request *request = l->data;

		if (request->id != id)
			continue;
		g_queue_delete_link(&account->looks, l);
		account_done(account, request, SESSION_CANCELLED, NULL);
		return true;
	}
	return false;
}

void look_fail(struct account *account)
{
	struct request *request;

	while ((request = g_queue_pop_head(&account->looks)) != NULL)
		fail(account, request);
}

const char *look_errand(struct account *account)
{
	const struct request *first;

	/* It may have been opened meanwhile. */
	while ((first = g_queue_peek_head(&account->looks)) != NULL &&
	       is_open(account, first->mailbox))
		box_open(account, g_queue_pop_head(&account->looks));
	return first != NULL ? first->mailbox : NULL;
}

void look_take(struct account *account, struct box *box)
{
	bool any = false;
	GList *next;

	for (GList *l = account->looks.head; l != NULL; l = next) {
		struct request *request = l->data;

		next = l->next;
		if (strcmp(request->mailbox, box->name) != 0)
			continue;
		g_queue_delete_link(&account->looks, l);
		g_queue_push_tail(&box->opening, request);
		any = true;
	}
	if (any && box->state == BOX_READY)
		box_opened(box, NULL);
}
