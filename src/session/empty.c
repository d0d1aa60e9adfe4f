/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A mailbox is emptied: what a search finds is marked and expunged by UID, in
 * portions, so that it can be stopped and nothing that arrives meanwhile goes
 * along (DESIGN 9, f). What is marked deleted is removed in the same way; a
 * server that cannot remove single messages is sent EXPUNGE, for the user has
 * agreed that whatever is marked goes.
 */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "box.h"
#include "folders.h"
#include "limits.h"
#include "manage.h"
#include "smew/imap.h"
#include "standing.h"

static int by_number(gconstpointer a, gconstpointer b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Its box, when it is selected. */
static struct box *box_for(const struct job *job)
{
	struct account *account = job->account;
	struct box *box = box_selected_as(account, job->name);

	if (box == NULL && account->errand != NULL &&
	    strcmp(account->errand->name, job->name) == 0 &&
	    box_is_selected(account->errand))
		box = account->errand;
	return box;
}

/* The same box on the same link; NULL: it was left. */
static struct box *same_box(const struct job *job)
{
	struct box *box = box_of(job->account, GUINT_TO_POINTER(job->serial));

	return box != NULL && box->link == job->link && box_is_selected(box) ?
		       box :
		       NULL;
}

static bool is_about_marks(const struct job *job)
{
	return job->verb != SESSION_EMPTY;
}

static void tell(struct job *job)
{
	g_autofree char *shown = job_display(job->name);
	g_autofree char *what = g_strdup_printf(
		is_about_marks(job) ? _("Expunging %s") : _("Emptying %s"),
		shown);

	report_progress(&job->account->report, SESSION_WORK_MAILBOX, job->name,
			what, job->done, job->uids->len);
}

/* What smew left marked is gone, or somebody took the mark away. */
static void settle_left(struct job *job)
{
	struct account *account = job->account;
	g_autoptr(GError) error = NULL;

	if (account->actions == NULL || account->actions->journal == NULL)
		return;
	if (!journal_left_gone(account->actions->journal, job->name, &error))
		account_complain(account, job->name, &error);
	actions_show(account, job->name);
}

static void end(struct job *job, enum session_result result, const char *text)
{
	struct account *account = job->account;

	if (job->verb == SESSION_EXPUNGE_MARKED && result == SESSION_OK)
		settle_left(job);
	if (job->uids != NULL)
		report_progress(&account->report, SESSION_WORK_MAILBOX,
				job->name, "", 0, 0);
	folders_told(account, job->name);
	standing_changed(account);
	job_end(job, result, text);
}

static void finish(struct job *job)
{
	g_autofree char *shown = job_display(job->name);

	if (job->marked)
		job_say(job, _("The server cannot remove single messages: "
			       "those of %s are marked deleted."), shown);
	else if (job->done < job->uids->len)
		job_say(job, _("Stopped: %u of %u messages of %s are gone."),
			job->done, job->uids->len, shown);
	else
		job_say(job, ngettext("%u message of %s is gone.",
				      "%u messages of %s are gone.", job->done),
			job->done, shown);
	end(job, job->done < job->uids->len ? SESSION_CANCELLED : SESSION_OK,
	    NULL);
}

static void fail(struct job *job, const char *reason)
{
	g_autofree char *shown = job_display(job->name);
	g_autofree char *what = g_strdup_printf(
		is_about_marks(job) ? _("cannot expunge mailbox %s") :
				      _("cannot empty mailbox %s"),
		shown);
	g_autofree char *text =
		job->done > 0 ?
			g_strdup_printf(_("%s, %u of its messages are gone: "
					  "%s"),
					what, job->done, reason) :
			g_strdup_printf("%s: %s", what, reason);

	end(job, SESSION_FAILED, text);
}

/* ---- portions ---- */

/* The next ones, as many as one line takes. */
static char *next_set(struct job *job)
{
	struct imap_set *set = imap_set_new();
	char *text = NULL;

	job->chunk = 0;
	while (job->done + job->chunk < job->uids->len &&
	       job->chunk < LIMIT_STORE_SET) {
		uint32_t uid = g_array_index(job->uids, uint32_t,
					     job->done + job->chunk);

		imap_set_add(set, uid, uid);
		job->chunk++;
		if (job->chunk % 50 != 0)
			continue;
		g_free(text);
		text = imap_set_format(set);
		if (strlen(text) > LIMIT_SET_OCTETS / 2)
			break;
	}
	g_free(text);
	text = imap_set_format(set);
	imap_set_free(set);
	return text;
}

static void next(struct job *job);

/* In the cache of a mailbox that is not kept up to date as well. */
static void portion_done(struct job *job)
{
	struct account *account = job->account;
	struct box *box = same_box(job);
	g_autoptr(GError) error = NULL;

	if (box != NULL && box->row != NULL &&
	    !store_expunge(account->store, box->row->id,
			   &g_array_index(job->uids, uint32_t, job->done),
			   job->chunk, &error))
		account_complain(account, job->name, &error);
	report_change(&account->report, SESSION_MAILBOX_CHANGED, job->name);
	job->done += job->chunk;
	next(job);
}

static bool removes_single(const struct job *job, const struct box *box)
{
	return link_offers_uidplus(box->link) &&
	       (job->account->actions == NULL ||
		!job->account->actions->no_expunge);
}

static void expunged(struct account *account, const struct link_end *result,
		     void *user)
{
	struct job *job = user;

	if (result->result == LINK_OK) {
		portion_done(job);
	} else if (result->result == LINK_GONE) {
		fail(job, _("the connection ended"));
	} else {
		if (account->actions != NULL && !result->temporary)
			account->actions->no_expunge = true;
		fail(job, result->text);
	}
}

static void all_expunged(struct account *account,
			 const struct link_end *result, void *user)
{
	struct job *job = user;

	(void)account;
	if (result->result == LINK_OK)
		portion_done(job);
	else if (result->result == LINK_GONE)
		fail(job, _("the connection ended"));
	else
		fail(job, result->text);
}

static void marked(struct account *account, const struct link_end *result,
		   void *user)
{
	struct job *job = user;
	struct box *box = same_box(job);
	g_autofree char *set = NULL;

	(void)account;
	if (result->result == LINK_GONE || box == NULL) {
		fail(job, _("the connection ended"));
	} else if (result->result != LINK_OK) {
		fail(job, result->text);
	} else if (!removes_single(job, box)) {
		job->marked = true;
		job->done += job->chunk;
		next(job);
	} else {
		set = next_set(job);
		link_expunge(box->link, set, expunged, job);
	}
}

static void next(struct job *job)
{
	struct box *box = same_box(job);
	g_autofree char *set = NULL;

	tell(job);
	if (job->stopped || job->done == job->uids->len) {
		finish(job);
	} else if (box == NULL) {
		fail(job, _("the mailbox was left"));
	} else if (is_about_marks(job) && !removes_single(job, box)) {
		job->chunk = job->uids->len - job->done;
		link_expunge_marked(job->link, all_expunged, job);
	} else if (is_about_marks(job)) {
		set = next_set(job);
		link_expunge(box->link, set, expunged, job);
	} else {
		set = next_set(job);
		link_store(box->link, set, true, STORE_DELETED, marked, job);
	}
}

/* What smew left there, and others. */
static void count(struct job *job)
{
	struct account *account = job->account;
	struct box *box = same_box(job);
	g_autoptr(GHashTable) left = NULL;

	if (box != NULL && box->row != NULL && account->actions != NULL &&
	    account->actions->journal != NULL)
		left = journal_left(account->actions->journal, job->name,
				    box->row->uidvalidity, NULL);
	for (guint i = 0; left != NULL && i < job->uids->len; i++)
		job->own += g_hash_table_contains(
			left, GUINT_TO_POINTER(
				      g_array_index(job->uids, uint32_t, i)));
	job->count = job->uids->len;
	end(job, SESSION_OK, NULL);
}

static void found(struct account *account, const struct link_end *result,
		  void *user)
{
	struct job *job = user;
	uint32_t most = job->request->del;
	g_autofree char *line = NULL;

	(void)account;
	if (result->result == LINK_GONE) {
		fail(job, _("the connection ended"));
	} else if (result->result != LINK_OK) {
		fail(job, result->text);
	} else if (job->verb == SESSION_COUNT_MARKED) {
		count(job);
	} else if (job->uids->len > most) {
		line = g_strdup_printf(_("there are %u messages by now, not "
					 "%u: nothing was removed"),
				       job->uids->len, most);
		fail(job, line);
	} else {
		g_array_sort(job->uids, by_number);
		next(job);
	}
}

bool empty_step(struct job *job, struct link *link)
{
	struct account *account = job->account;
	struct box *box = box_for(job);

	if (job->running || box == NULL || box->link != link || box->acting ||
	    actions_wait(account, job->name))
		return false;
	/* A label of Gmail's that stands for all there is. */
	if (box->row != NULL && box->row->role == STORE_ROLE_ALL &&
	    !is_about_marks(job)) {
		fail(job, _("it holds all mail there is"));
		return true;
	}
	if (box->read_only) {
		fail(job, _("the mailbox is read-only"));
		return true;
	}
	job->running = true;
	job->link = link;
	job->serial = box->serial;
	link_search_key(link, is_about_marks(job) ? "DELETED" : "ALL",
			&job->uids, found, job);
	return true;
}
