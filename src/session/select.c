/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SELECT, in the best form the server understands. */
#include "config.h"

#include "actions.h"
#include "body.h"
#include "box.h"
#include "events.h"
#include "link.h"
#include "manage.h"
#include "smew/imap.h"
#include "work.h"

static enum box_select select_best(const struct box *box)
{
	const struct store_mailbox *row = box->row;

	if (row != NULL && !box->errand && row->complete && row->modseq > 0 &&
	    row->uidvalidity > 0 && row->uidvalidity <= UINT32_MAX &&
	    link_offers_qresync(box->link))
		return SELECT_QUICK;
	return link_offers_condstore(box->link) ? SELECT_CONDSTORE :
						      SELECT_PLAIN;
}

static void select_refused(struct box *box, const char *text)
{
	g_autofree char *display = imap_mailbox_decode(box->name);
	g_autofree char *name = sanitise_line(display, -1);
	g_autofree char *line =
		g_strdup_printf(_("cannot open mailbox %s: %s"), name, text);

	box_set_state(box, BOX_REFUSED);
	actions_refused(box->account, box->name, line);
	manage_refused(box->account, box->name, line);
	if (box_is_front(box))
		report_notice(&box->account->report, box->name, line);
	body_refused(box->account, box->name, line);
	box_opened(box, line);
}

/* Said once; the requests that wait for it do not wait on. */
static void select_later(struct box *box, const char *text)
{
	g_autofree char *display = imap_mailbox_decode(box->name);
	g_autofree char *name = sanitise_line(display, -1);
	g_autofree char *line = g_strdup_printf(
		_("cannot open mailbox %s now, it is tried again: %s"), name,
		text);

	box_set_state(box, BOX_CLOSED);
	if (box->failures++ == 0 && box_is_front(box))
		report_notice(&box->account->report, box->name, line);
	box_opened(box, line);
}

static bool select_make_row(struct box *box)
{
	struct account *account = box->account;
	g_autofree char *display = imap_mailbox_decode(box->name);
	g_autofree char *name = sanitise_line(display, -1);
	g_autoptr(GError) error = NULL;

	if (box->row != NULL)
		return true;
	box->row = store_mailbox_make(account->store, box->name, name, &error);
	if (box->row == NULL) {
		box_fault(box, &error);
		return false;
	}
	report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	return true;
}

/*
 * A changed UIDVALIDITY makes every UID of the cache mean another message. A
 * missing one serves for this session: the value made up for it is above 32
 * bits and never the same again.
 */
static void select_validity(struct box *box)
{
	struct store_mailbox *row = box->row;
	uint64_t value = box->uidvalidity;
	g_autofree char *line = NULL;

	if (value == 0)
		value = (uint64_t)g_get_real_time();
	if (row->uidvalidity == value)
		return;
	if (row->uidvalidity != 0 && row->uidvalidity <= UINT32_MAX) {
		line = g_strdup_printf(_("%s was renumbered by the server: it "
					 "is fetched anew"),
				       row->display);
		report_notice(&box->account->report, box->name, line);
	}
	row->uidvalidity = value;
	row->uidnext = row->modseq = 0;
	row->complete = false;
	box->row_changed = true;
	box->known_uidnext = 0;
	box->quick = false;
	events_flush(box);
	g_array_set_size(box->uids, 0);
}

static void select_done(struct account *account, const struct link_end *end,
			void *user)
{
	struct box *box = box_of(account, user);

	if (box == NULL || end->result == LINK_GONE)
		return;
	if (end->result == LINK_BAD && box->how != SELECT_PLAIN) {
		if (box->how == SELECT_QUICK)
			link_forget_qresync(box->link);
		box->least = box->how + 1;
		box_set_state(box, BOX_CLOSED);
		return;
	}
	if (end->result != LINK_OK && end->temporary) {
		select_later(box, end->text);
		return;
	}
	if (end->result != LINK_OK) {
		select_refused(box, end->text);
		return;
	}
	if (!select_make_row(box))
		return;
	events_flush(box);
	box->failures = 0;
	box_set_state(box, BOX_SELECTED);
	select_validity(box);
	account_say_state(account);
	sync_begin(box);
}

/* What the cache has: VANISHED ranges are held against it. */
static bool select_read_uids(struct box *box)
{
	g_autoptr(GError) error = NULL;
	GArray *uids;

	if (box->row == NULL) {
		g_array_set_size(box->uids, 0);
		return true;
	}
	uids = store_uids(box->account->store, box->row->id, &error);
	if (uids == NULL) {
		box_fault(box, &error);
		return false;
	}
	g_array_free(box->uids, TRUE);
	box->uids = uids;
	return true;
}

static void select_start(struct box *box)
{
	enum box_select best = select_best(box);

	box->how = MAX(box->least, best);
	box->quick = box->how == SELECT_QUICK;
	box->stopped = box->counts = false;
	box->uidvalidity = box->uidnext = box->modseq = box->seen_modseq = 0;
	box->fleeting = 0;
	g_clear_pointer(&box->keywords, g_free);
	box->awaited = 0;
	box->listed = box->asked_news = box->news = false;
	box->skipped = 0;
	box->todo = (struct box_todo){ false, false, false, false };
	if (!select_read_uids(box))
		return;
	box_set_state(box, BOX_SELECTING);
	link_select(box->link, box->name, box->quick ? box->row->uidvalidity : 0,
		    box->quick ? box->row->modseq : 0,
		    box->how != SELECT_PLAIN, select_done,
		    GUINT_TO_POINTER(box->serial));
}

/* A name that only stands above others (imap-traps 35). */
static bool select_is_possible(const struct box *box)
{
	return box->row == NULL || (box->row->attributes &
				    (STORE_NOSELECT | STORE_NONEXISTENT)) == 0;
}

bool select_step(struct link *link)
{
	struct box *box = link_box(link);

	if (box == NULL || box->state != BOX_CLOSED)
		return false;
	if (select_is_possible(box))
		select_start(box);
	else
		select_refused(box, _("it can have no messages"));
	return true;
}
