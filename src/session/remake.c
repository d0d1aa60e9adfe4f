/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies that are not the same as the message, or go to another account: it is
 * fetched whole, made anew, and uploaded. What is written down before the upload says how to tell
 * the copy: when its end is not known, it is looked for in the target first.
 */
#include "config.h"

#include <string.h>

#include "execute-private.h"
#include "limits.h"
#include "smew/imap.h"
#include "smew/mail.h"

struct remaking {
	uint32_t uid;
	bool fetching;
	uint32_t asked;	 /* octets of the piece under way; 0: all */
	guint before;	 /* octets that were there before it */
	bool foreign;	 /* what came is another piece: all at once then */
	bool ended;	 /* what was asked for came, and nothing is left */
	GByteArray *got; /* owned */
	GBytes *made;	 /* owned, or NULL */
	gsize given;	 /* of it */
};

bool run_remakes(const struct run *run)
{
	return run->batch->kind == JOURNAL_DECODE ||
	       run->batch->kind == JOURNAL_RELINK || run_carries(run);
}

void remaking_free(struct remaking *remaking)
{
	if (remaking == NULL)
		return;
	g_byte_array_unref(remaking->got);
	if (remaking->made != NULL)
		g_bytes_unref(remaking->made);
	g_free(remaking);
}

/* ---- uploading ---- */

static ssize_t give(char *buffer, size_t size, void *user)
{
	struct remaking *r = ((struct run *)user)->remaking;
	gsize length;
	const char *data = g_bytes_get_data(r->made, &length);

	size = MIN(size, length - r->given);
	memcpy(buffer, data + r->given, size);
	r->given += size;
	return (ssize_t)size;
}

/* Where the copy is, as the server says; else 0: it has it all the same. */
static uint32_t copy_of(const struct link_end *end)
{
	size_t n = 0;

	return end->uids != NULL && imap_set_count(end->uids) == 1
		       ? (uint32_t)imap_set_ranges(end->uids, &n)[0].first
		       : 0;
}

static bool note_copy(struct run *run, const struct link_end *end,
		      GError **error)
{
	struct journal *journal = run_journal(run);
	uint32_t uid = copy_of(end);
	bool ok = journal_begin(journal, error);

	if (!ok)
		return false;
	if (uid != 0)
		ok = journal_landed(journal, run_item(run, 0)->id, uid,
				    end->uidvalidity, error);
	ok = ok && run_settle(run, JOURNAL_DONE, NULL, error);
	if (ok)
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

static void uploaded(struct account *account, const struct link_end *end,
		     void *user)
{
	struct run *run = user;
	struct box *box = run_box(run);
	g_autoptr(GError) error = NULL;

	(void)account;
	if (end->result != LINK_GONE && end->temporary &&
	    !run_advance(run, JOURNAL_STEP_NONE, &error))
		run_fault(run, &error);
	if (!run_goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		run_refused(run, end);
		return;
	}
	run_succeeded(run);
	/* The message goes when its copy was seen. */
	if (run->batch->kind == JOURNAL_RELINK && box != NULL) {
		confirm(run, box, copy_of(end));
		return;
	}
	if (run->batch->kind != JOURNAL_RELINK &&
	    !note_copy(run, end, &error))
		run_fault(run, &error);
	run_tell(run);
	run_end(run);
}

/* What goes out; NULL and the reason. */
static GBytes *make(struct run *run, GBytes *whole, GError **error)
{
	const char *detail = run->batch->detail;
	g_autofree char *kept = NULL;
	GBytes *made;

	if (run->batch->kind == JOURNAL_DECODE)
		return mail_decoded(whole, detail);
	made = mail_relinked(whole, detail, &kept);
	if (journal_keep(run_journal(run), run_item(run, 0)->id, kept, error))
		return made;
	g_bytes_unref(made);
	return NULL;
}

/* Of the target before the copy: where the server does not say, what the cache
 * knows of this mailbox. */
static uint32_t floor_of(const struct run *run, const struct box *box)
{
	uint32_t told = link_told_uidnext(box->link, run->batch->target);

	return told != 0 || strcmp(run->batch->target, run->mailbox) != 0
		       ? told
		       : (uint32_t)box->row->uidnext;
}

static void make_and_upload(struct run *run, struct box *box, GBytes *whole)
{
	struct remaking *r = run->remaking;
	struct journal_item *item = run_item(run, 0);
	g_autoptr(GError) error = NULL;
	uint32_t masked = run->batch->kind == JOURNAL_DECODE ? STORE_DELETED
							     : 0;
	struct link_message message = {
		.mailbox = run->batch->target,
		.received = run_received(run, r->uid),
		.flags = run->marks & ~masked,
		.keywords = run->keywords,
		.acts = true,
	};

	r->made = make(run, whole, &error);
	if (r->made == NULL) {
		run_fault(run, &error);
		run_end(run);
		return;
	}
	item->made = message.size = g_bytes_get_size(r->made);
	item->floor = floor_of(run, box);
	if (run_claim(run, JOURNAL_STEP_COPYING))
		link_append(box->link, &message, give, uploaded, run);
}

static void upload(struct run *run, struct box *box, GBytes *whole)
{
	/* What waits behind it for the same message does not count yet; and
	 * the row of what has just come may still lack in the cache. */
	if (run->keywords == NULL) {
		run_refuse_all(run, _("the server did not tell its flags"));
		run_end(run);
	} else if (run_carries(run)) {
		carry_message(run, whole);
	} else {
		make_and_upload(run, box, whole);
	}
}

/* ---- fetching ---- */

static void take(struct remaking *r, const struct events_section *section)
{
	if (*section->name != '\0' || section->data == NULL)
		return;
	/* All of it though a piece was asked for, or another piece: some do
	 * (imap-traps 57). */
	if (section->origin != r->got->len ||
	    (r->asked != 0 && section->length > r->asked)) {
		r->foreign = true;
		return;
	}
	g_byte_array_append(r->got, section->data, (guint)section->length);
	r->ended = r->asked == 0 || section->length < r->asked;
}

void actions_octets(struct link *link, const struct events_fetch *fetch)
{
	struct actions *actions = link_account(link)->actions;

	for (guint i = 0; actions != NULL && i < actions->runs->len; i++) {
		const struct run *run = g_ptr_array_index(actions->runs, i);
		struct remaking *r = run->remaking;

		if (run->link != link || r == NULL || !r->fetching ||
		    r->uid != fetch->uid)
			continue;
		for (size_t k = 0; k < fetch->n; k++)
			take(r, &fetch->sections[k]);
	}
}

void actions_flags(struct link *link, const struct events_fetch *fetch)
{
	const struct actions *actions = link_account(link)->actions;

	for (guint i = 0; actions != NULL && i < actions->runs->len; i++) {
		struct run *run = g_ptr_array_index(actions->runs, i);

		if (run->link != link || !run_remakes(run) ||
		    run->batch->items->len == 0 ||
		    run_item(run, 0)->uid != fetch->uid)
			continue;
		run->marks = fetch->flags;
		g_free(run->keywords);
		run->keywords = g_strdup(fetch->keywords);
	}
}

static void fetch(struct run *run, struct box *box);

static void refuse_large(struct run *run)
{
	g_autofree char *limit = g_format_size(LIMIT_BODY);
	g_autofree char *line = g_strdup_printf(
		_("the message is above the limit of %s"), limit);

	run_refuse_all(run, line);
	run_end(run);
}

/* Whether more has to be asked for: the next piece, or all at once. */
static bool goes_on(const struct run *run)
{
	const struct remaking *r = run->remaking;

	if (r->asked == 0 || r->ended)
		return false;
	return r->foreign || r->got->len > r->before;
}

static bool is_whole(const struct run *run)
{
	const struct remaking *r = run->remaking;

	return r->got->len > 0 && !r->foreign &&
	       (r->ended || r->got->len >= run_size(run, r->uid));
}

static void fetched_all(struct run *run, struct box *box)
{
	struct account *account = run->account;
	struct remaking *r = run->remaking;
	g_autoptr(GBytes) whole = g_bytes_new(r->got->data, r->got->len);
	g_autoptr(GError) error = NULL;

	if (!store_put_body(account->store, run->mbox, r->uid, "", whole,
			    &error))
		account_complain(account, run->mailbox, &error);
	upload(run, box, whole);
}

static void fetched(struct account *account, const struct link_end *end,
		    void *user)
{
	struct run *run = user;
	struct remaking *r = run->remaking;
	struct box *box = run_box(run);

	(void)account;
	r->fetching = false;
	if (!run_goes_on(run, end))
		return;
	if (end->result != LINK_OK) {
		run_refused(run, end);
	} else if (box == NULL) {
		run_end(run);
	} else if (r->got->len > LIMIT_BODY) {
		refuse_large(run);
	} else if (!link_has(box->link, r->uid)) {
		/* It went meanwhile: to be judged as what was gone before. */
		identify(run, box);
	} else if (goes_on(run)) {
		fetch(run, box);
	} else if (is_whole(run)) {
		fetched_all(run, box);
	} else {
		run_refuse_all(run, _("the server did not give the message"));
		run_end(run);
	}
}

/* A large one in pieces: what is more urgent goes in between. */
static void fetch(struct run *run, struct box *box)
{
	static const char *const all[] = { "" };
	struct remaking *r = run->remaking;
	bool pieces = !r->foreign && run_size(run, r->uid) > LIMIT_PIECE_FIRST;

	r->asked = pieces ? LIMIT_PIECE_FIRST : 0;
	if (!pieces)
		g_byte_array_set_size(r->got, 0);
	r->before = r->got->len;
	r->fetching = true;
	r->ended = r->foreign = false;
	if (pieces)
		link_fetch_piece(box->link, r->uid, "", r->got->len, r->asked,
				 fetched, run);
	else
		link_fetch_body(box->link, r->uid, false, all, 1, fetched,
				run);
}

void remake(struct run *run, struct box *box)
{
	struct remaking *r = g_new0(struct remaking, 1);
	g_autoptr(GBytes) whole = NULL;

	remaking_free(run->remaking);
	run->remaking = r;
	if (strcmp(run->batch->detail, JOURNAL_UNKNOWN) == 0) {
		r->got = g_byte_array_new();
		run_refuse_all(run, _("what it was a reply to is not known "
				      "any more"));
		run_end(run);
		return;
	}
	r->uid = run_item(run, 0)->uid;
	r->got = g_byte_array_new();
	whole = store_body(run->account->store, run->mbox, r->uid, "");
	if (whole != NULL && g_bytes_get_size(whole) > 0)
		upload(run, box, whole);
	else if (run_size(run, r->uid) > LIMIT_BODY)
		refuse_large(run);
	else
		fetch(run, box);
}
