/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "box.h"
#include "flags.h"
#include "limits.h"
#include "link.h"

/* ---- the request ---- */

static bool want_all(struct account *account, int64_t mbox,
		     const struct request *request, GError **error)
{
	for (size_t i = 0; i < request->n; i++) {
		uint32_t uid = store_uid_of(account->store, mbox,
					    request->ids[i]);

		if (uid != 0 &&
		    !store_want_flags(account->store, mbox, uid, request->add,
				      request->del, error))
			return false;
	}
	return true;
}

static bool want(struct account *account, const struct request *request,
		 GError **error)
{
	struct store_mailbox *row = store_mailbox_get(
		account->store, request->mailbox, error);
	bool ok = row != NULL && store_begin(account->store, error);

	if (ok) {
		ok = want_all(account, row->id, request, error) &&
		     store_commit(account->store, error);
		if (!ok)
			store_rollback(account->store);
	}
	store_mailbox_free(row);
	return ok;
}

void flags_request(struct account *account, struct request *request)
{
	struct box *box;
	g_autoptr(GError) error = NULL;

	if (account->store == NULL) {
		account_done(account, request, SESSION_FAILED,
			     account->reason);
		return;
	}
	/* Rows of the same dispatch come first. */
	if (!want(account, request, &error)) {
		account_done(account, request, SESSION_FAILED, error->message);
		return;
	}
	box = box_selected_as(account, request->mailbox);
	if (box != NULL)
		box->wants = true;
	report_change(&account->report, SESSION_MAILBOX_CHANGED,
		      request->mailbox);
	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	account_done(account, request, SESSION_OK, NULL);
}

void flags_selected(struct box *box)
{
	box->wants = true;
	box->storing = 0;
}

/* ---- STORE ---- */

/* One command: the same wish for many messages. */
struct storing {
	unsigned serial; /* of the box */
	int64_t mbox;
	GArray *uids;	 /* of uint32_t; owned */
	bool add;
	uint32_t flags;
};

static void storing_free(struct storing *s)
{
	g_array_unref(s->uids);
	g_free(s);
}

static bool settle(struct account *account, const struct storing *s,
		   bool granted, GError **error)
{
	uint32_t add = s->add ? s->flags : 0, del = s->add ? 0 : s->flags;

	for (guint i = 0; i < s->uids->len; i++) {
		uint32_t uid = g_array_index(s->uids, uint32_t, i);

		if (!(granted ? store_want_done : store_want_drop)(
			    account->store, s->mbox, uid, add, del, error))
			return false;
	}
	return true;
}

/* The wish becomes what the server has, or is taken back. */
static void stored(struct account *account, struct box *box,
		   const struct storing *s, bool granted)
{
	g_autoptr(GError) error = NULL;

	if (store_begin(account->store, &error)) {
		if (settle(account, s, granted, &error) &&
		    store_commit(account->store, &error))
			return;
		store_rollback(account->store);
	}
	/* Asking again and again would not help. */
	if (box != NULL)
		box_fault(box, &error);
	else
		account_complain(account, NULL, &error);
}

static void store_done(struct account *account, const struct link_end *end,
		       void *user)
{
	struct storing *s = user;
	struct box *box = box_of(account, GUINT_TO_POINTER(s->serial));
	g_autofree char *line = NULL;

	/* Not answered: the wish stays and is repeated, which is harmless. */
	if (end->result != LINK_GONE) {
		stored(account, box, s, end->result == LINK_OK);
		if (box != NULL) {
			box->storing--;
			box->wants = true;
		}
	}
	if (end->result == LINK_NO || end->result == LINK_BAD) {
		line = g_strdup_printf(
			_("the server did not change the flags: %s"),
			end->text);
		report_notice(&account->report, NULL, line);
		if (box != NULL)
			report_change(&account->report,
				      SESSION_MAILBOX_CHANGED, box->name);
	}
	storing_free(s);
}

static void set_add(GString *set, uint32_t uid)
{
	if (set->len > 0)
		g_string_append_c(set, ',');
	g_string_append_printf(set, "%" G_GUINT32_FORMAT, uid);
}

/* All wishes that are the same as the first one's. */
static struct storing *gather(const struct box *box, const GArray *wants,
			      GString *set)
{
	const struct store_want *first =
		&g_array_index(wants, struct store_want, 0);
	struct storing *s = g_new0(struct storing, 1);

	s->serial = box->serial;
	s->mbox = box->row->id;
	s->add = first->add != 0;
	s->flags = s->add ? first->add : first->del;
	s->uids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	for (guint i = 0; i < wants->len && s->uids->len < LIMIT_STORE_SET;
	     i++) {
		const struct store_want *w =
			&g_array_index(wants, struct store_want, i);

		if ((s->add ? w->add : w->del) != s->flags)
			continue;
		g_array_append_val(s->uids, w->uid);
		set_add(set, w->uid);
	}
	return s;
}

/* It would say OK, and the next visit would show what was before. The rest of
 * the wish comes up again. */
static void refuse_fleeting(struct box *box, struct storing *s)
{
	s->flags &= box->fleeting;
	stored(box->account, box, s, false);
	/* Reading marks a message by itself: nobody asked for that. */
	if (s->flags != STORE_SEEN)
		report_notice(&box->account->report, box->name,
			      _("the server keeps no such flag here"));
	report_change(&box->account->report, SESSION_MAILBOX_CHANGED,
		      box->name);
	box->wants = true;
	storing_free(s);
}

static void store_first(struct box *box, const GArray *wants)
{
	GString *set = g_string_new(NULL);
	struct storing *s = gather(box, wants, set);

	if (s->flags & box->fleeting) {
		refuse_fleeting(box, s);
		g_string_free(set, TRUE);
		return;
	}

	box->storing++;
	if (!link_store(box->link, set->str, s->add, s->flags, store_done,
			s)) {
		/* Nothing of it is the server's: it is ours alone. */
		box->storing--;
		box->wants = true;
		stored(box->account, box, s, true);
		storing_free(s);
	}
	g_string_free(set, TRUE);
}

/* One STORE at a time: the wishes that are left say what is next. */
bool flags_step(struct link *link)
{
	struct box *box = link_box(link);
	g_autoptr(GError) error = NULL;
	GArray *wants;

	if (box == NULL || !box->wants || box->storing > 0 ||
	    !box_is_selected(box))
		return false;
	box->wants = false;
	if (box->read_only)
		return true;
	wants = store_wants(box->account->store, box->row->id, &error);
	if (wants == NULL) {
		account_complain(box->account, box->name, &error);
		return true;
	}
	if (wants->len > 0)
		store_first(box, wants);
	g_array_unref(wants);
	return true;
}
