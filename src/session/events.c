/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "box.h"
#include "events.h"
#include "limits.h"
#include "link.h"

/* ---- numbers ---- */

/* Something changed: whether the counts agree is to be looked at anew. */
static void doubt(struct box *box)
{
	box->listed = box->asked_news = false;
}

void events_exists(struct box *box)
{
	doubt(box);
	box->row_changed = true;
	/* New mail does not wait until a long fill has come to its end. */
	if (box->state == BOX_SELECTED && box->counts &&
	    link_exists(box->link) + box->gone->len > box->uids->len)
		box->news = true;
}

void events_suspect(struct box *box)
{
	doubt(box);
	box->todo.list = true;
}

void events_gone(struct box *box, uint32_t uid)
{
	doubt(box);
	box->row_changed = true;
	if (uid != 0)
		g_array_append_val(box->gone, uid);
	else
		box->todo.list = true;
}

/* Where 'uid' is, or would be. */
static guint uids_find(const GArray *uids, uint32_t uid)
{
	guint low = 0, high = uids->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;

		if (g_array_index(uids, uint32_t, middle) < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void events_vanished(struct box *box, uint32_t low, uint32_t high)
{
	guint from, to;

	doubt(box);
	box->row_changed = true;
	/* The same range again and again must not pile up. */
	if (box->gone->len > box->uids->len)
		events_flush(box);
	from = uids_find(box->uids, low);
	to = high == UINT32_MAX ? box->uids->len :
				  uids_find(box->uids, high + 1);
	if (from < to)
		g_array_append_vals(box->gone,
				    &g_array_index(box->uids, uint32_t, from),
				    to - from);
}

void events_uidvalidity(struct box *box, uint64_t value)
{
	box->uidvalidity = value;
}

void events_uidnext(struct box *box, uint64_t value)
{
	box->uidnext = value;
}

void events_highestmodseq(struct box *box, uint64_t value)
{
	if (box->state == BOX_SELECTING)
		box->modseq = value;
}

void events_fleeting(struct box *box, uint32_t flags)
{
	box->fleeting = flags;
}

void events_keywords(struct box *box, char *keywords)
{
	g_free(box->keywords);
	box->keywords = keywords;
}

void events_read_only(struct box *box, bool read_only)
{
	box->read_only = read_only;
}

void events_alert(struct account *account, const char *text)
{
	log_line(LOG_STATE, "session", "%s: alert: %s", account->name, text);
	if (++account->alerts > LIMIT_ALERTS)
		return;
	report_notice(&account->report, NULL, text);
}

void events_uids(struct box *box, GArray *uids)
{
	if (box_is_selected(box))
		sync_listed(box, uids);
	else
		g_array_free(uids, TRUE);
}

/* ---- FETCH ---- */

static const struct events_section *
find_fields(const struct events_fetch *fetch)
{
	for (size_t i = 0; i < fetch->n; i++)
		if (g_str_has_prefix(fetch->sections[i].name, "HEADER.FIELDS"))
			return &fetch->sections[i];
	return NULL;
}

/* The first screen is shown as soon as it is there: the OK of its FETCH may
 * come after what else was asked for in that flight. */
static bool is_full(struct box *box)
{
	return (box->awaited > 0 && --box->awaited == 0) ||
	       rows_count(box->rows) >= LIMIT_BATCH;
}

static void add_row(struct box *box, const struct events_fetch *fetch,
		    const struct events_section *fields)
{
	struct row row = {
		.uid = fetch->uid,
		.flags = fetch->flags,
		.keywords = fetch->keywords,
		.modseq = fetch->modseq,
		.size = fetch->size,
		.received = fetch->received,
		.structure = fetch->structure,
	};
	const uint8_t *data = fields->data != NULL ? fields->data :
						     (const uint8_t *)"";

	rows_add(box->rows, &row, data,
		 MIN(fields->length, LIMIT_HEADER_FIELDS));
	box_add_uid(box, fetch->uid);
	fill_row(box);
	if (box->known_uidnext > 0 && fetch->uid >= box->known_uidnext) {
		box->known_uidnext = (uint64_t)fetch->uid + 1;
		box->fresh += !(fetch->flags & STORE_SEEN);
	}
	if (is_full(box))
		events_flush(box);
}

/* Rows of the same batch are not in the cache yet. */
static void add_flags(struct box *box, const struct events_fetch *fetch)
{
	struct box_flags flags = {
		.uid = fetch->uid,
		.flags = fetch->flags,
		.modseq = fetch->modseq,
	};

	if (fetch->has_flags &&
	    rows_set_flags(box->rows, fetch->uid, fetch->flags,
			   fetch->keywords, fetch->modseq))
		return;
	if (fetch->has_flags)
		flags.keywords = g_strdup(fetch->keywords);
	g_array_append_val(box->flags, flags);
}

void events_fetch(struct box *box, const struct events_fetch *fetch)
{
	const struct events_section *fields = find_fields(fetch);

	box->seen_modseq = MAX(box->seen_modseq, fetch->modseq);
	if (fields != NULL) {
		if (fetch->own_uid && fetch->has_flags)
			add_row(box, fetch, fields);
	} else if (fetch->has_flags || fetch->modseq > 0) {
		add_flags(box, fetch);
	}
}

/* ---- writing ---- */

static int compare_uids(gconstpointer a, gconstpointer b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Takes 'gone' (ascending) out of 'uids' in one pass. */
static void uids_remove(GArray *uids, const GArray *gone)
{
	uint32_t *data = (uint32_t *)(void *)uids->data;
	guint kept = 0, g = 0;

	if (gone->len == 0)
		return;
	for (guint i = 0; i < uids->len; i++) {
		while (g < gone->len &&
		       g_array_index(gone, uint32_t, g) < data[i])
			g++;
		if (g == gone->len || g_array_index(gone, uint32_t, g) != data[i])
			data[kept++] = data[i];
	}
	g_array_set_size(uids, kept);
}

static bool write_flags(struct box *box, bool *changed, GError **error)
{
	struct store *store = box->account->store;

	for (guint i = 0; i < box->flags->len; i++) {
		const struct box_flags *f =
			&g_array_index(box->flags, struct box_flags, i);
		bool one = false;
		/* The answer to a STORE that is silent. */
		bool ok = f->keywords == NULL ?
				  store_set_modseq(store, box->row->id, f->uid,
						   f->modseq, error) :
				  store_set_flags(store, box->row->id, f->uid,
						  f->flags, f->keywords,
						  f->modseq, &one, error);

		if (!ok)
			return false;
		*changed = *changed || one;
	}
	return true;
}

static bool write_box(struct box *box, bool *changed, GError **error)
{
	struct store *store = box->account->store;

	*changed = rows_count(box->rows) > 0 || box->gone->len > 0;
	if (box->row_changed &&
	    !store_mailbox_update(store, box->row, error))
		return false;
	return write_flags(box, changed, error) &&
	       (rows_count(box->rows) == 0 ||
		(store_add(store, box->row->id, rows_messages(box->rows),
			   rows_count(box->rows), error) &&
		 actions_merge(box->account, box->row, error))) &&
	       (box->gone->len == 0 ||
		store_expunge(store, box->row->id,
			      (const uint32_t *)(const void *)box->gone->data,
			      box->gone->len, error));
}

static void tell_now(void *user)
{
	struct box *box = user;

	timer_stop(&box->telling);
	box->told = g_get_monotonic_time();
	report_change(&box->account->report, SESSION_MAILBOX_CHANGED,
		      box->name);
	fill_progress(box);
}

/*
 * Older rows that a fill brings are looked at now and then: each look makes
 * the order of the whole mailbox anew.
 */
static void tell_change(struct box *box)
{
	int64_t waits =
		box->told / 1000 + LIMIT_TELL_MS - g_get_monotonic_time() / 1000;

	if (waits <= 0 || box->state != BOX_SELECTED || !box->shown ||
	    box->fresh > 0 || box->gone->len > 0 || box->flags->len > 0)
		tell_now(box);
	else if (box->telling.source == NULL)
		timer_start(&box->telling, (unsigned)waits, tell_now, box);
}

static void tell(struct box *box, bool changed)
{
	struct account *account = box->account;

	if (changed || box->row_changed) {
		tell_change(box);
		if (box->state == BOX_READY)
			report_change(&account->report,
				      SESSION_FOLDERS_CHANGED, NULL);
	}
	if (box->fresh > 0)
		box->fresh -= MIN(box->fresh,
				  actions_brought(account, box->row,
						  rows_messages(box->rows),
						  rows_count(box->rows)));
	if (box->fresh > 0)
		report_new_mail(&account->report, box->name, box->fresh);
	box->fresh = 0;
}

static void forget(struct box *box)
{
	rows_reset(box->rows);
	g_array_set_size(box->flags, 0);
	g_array_set_size(box->gone, 0);
	box->row_changed = false;
}

static void flushed(struct box *box, bool changed)
{
	tell(box, changed);
	uids_remove(box->uids, box->gone);
	forget(box);
}

/*
 * While SELECT runs its data count only under the UIDVALIDITY of the cache; a
 * mailbox that the cache does not know has nothing they could be about. They
 * must not pile up either.
 */
static bool may_write(struct box *box)
{
	if (box->row != NULL &&
	    (box->state != BOX_SELECTING ||
	     box->uidvalidity == box->row->uidvalidity))
		return true;
	/* A count alone can wait. */
	if (rows_count(box->rows) == 0 && box->flags->len == 0 &&
	    box->gone->len == 0)
		return false;
	box->quick = false;
	forget(box);
	return false;
}

static bool nothing_to_write(const struct box *box)
{
	return rows_count(box->rows) == 0 && box->flags->len == 0 &&
	       box->gone->len == 0 && !box->row_changed;
}

void events_flush(struct box *box)
{
	struct store *store = box->account->store;
	g_autoptr(GError) error = NULL;
	bool changed = false;

	if (nothing_to_write(box) || !may_write(box))
		return;
	if (box_is_selected(box) && box->link != NULL)
		box->row->exists = link_exists(box->link);
	g_array_sort(box->gone, compare_uids);
	if (store_begin(store, &error)) {
		if (write_box(box, &changed, &error) &&
		    store_commit(store, &error)) {
			flushed(box, changed);
			return;
		}
		store_rollback(store);
	}
	/* Without a cache that takes it there is no use in going on. */
	box_fault(box, &error);
}

void events_settle(struct box *box)
{
	if (box->busy > 0 && box->flags->len == 0 && box->gone->len == 0 &&
	    !box->row_changed)
		return;
	events_flush(box);
}
