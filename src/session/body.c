/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "body.h"
#include "box.h"
#include "limits.h"
#include "link.h"
#include "smew/mail.h"

enum { BODY_ATTEMPTS = 2 };

struct body_job {
	struct request *request; /* owned; NULL when it was cancelled */
	int64_t mbox;
	uint32_t uid;
	unsigned serial;	 /* tells jobs apart */
	GPtrArray *needed;	 /* of char *: sections to be fetched; owned */
	bool structure;		 /* the BODYSTRUCTURE is needed first */
	bool whole;		 /* parts did not come: all in one piece */
	bool in_flight;
	bool too_large;
	unsigned attempts;
};

static void job_end(struct account *account, struct body_job *job,
		    enum session_result result, const char *text)
{
	g_queue_remove(&account->fetches, job);
	if (job->request != NULL)
		account_done(account, job->request, result, text);
	g_ptr_array_unref(job->needed);
	g_free(job);
}

static void job_fail(struct account *account, struct body_job *job,
		     GError *error)
{
	job_end(account, job, SESSION_FAILED, error->message);
	g_error_free(error);
}

/* ---- what a message needs ---- */

static void need(struct account *account, struct body_job *job,
		 const char *section)
{
	if (!store_has_body(account->store, job->mbox, job->uid, section))
		g_ptr_array_add(job->needed, g_strdup(section));
}

static const struct mail_part *find_part(const struct mail_part *part,
					 const char *section)
{
	const struct mail_part *found = NULL;

	if (strcmp(part->section, section) == 0)
		return part;
	for (guint i = 0;
	     part->children != NULL && i < part->children->len && !found; i++)
		found = find_part(g_ptr_array_index(part->children, i),
				  section);
	return found;
}

static void need_parts(struct account *account, struct body_job *job,
		       const struct mail_part *root)
{
	GPtrArray *shown = mail_part_shown(root);

	need(account, job, "HEADER");
	for (guint i = 0; i < MIN(shown->len, LIMIT_SECTIONS); i++) {
		const char *section = g_ptr_array_index(shown, i);
		const struct mail_part *part = find_part(root, section);

		if (part != NULL && part->size > LIMIT_BODY)
			job->too_large = true;
		else
			need(account, job, section);
	}
	g_ptr_array_unref(shown);
}

static void need_all(struct account *account, struct body_job *job,
		     uint64_t size)
{
	if (size > LIMIT_BODY)
		job->too_large = true;
	else
		need(account, job, "");
}

/* Decides anew from what the cache has by now. */
static void job_plan(struct account *account, struct body_job *job)
{
	uint64_t size = 0;
	g_autofree char *text = store_structure(account->store, job->mbox,
						job->uid, &size);
	struct mail_part *root =
		text != NULL ? mail_part_read(text, NULL) : NULL;
	bool asked = job->structure;

	g_ptr_array_set_size(job->needed, 0);
	job->structure = false;
	if (store_has_body(account->store, job->mbox, job->uid, ""))
		;
	else if (job->whole ||
		 size <= (root != NULL ? LIMIT_WHOLE : LIMIT_WHOLE_UNKNOWN))
		need_all(account, job, size);
	else if (root != NULL)
		need_parts(account, job, root);
	else if (asked)
		need_all(account, job, size);
	else
		job->structure = true;
	if (job->structure)
		need(account, job, "HEADER");
	if (root != NULL)
		mail_part_free(root);
}

static bool job_is_served(const struct body_job *job)
{
	return job->needed->len == 0 && !job->structure && !job->too_large;
}

static void job_too_large(struct account *account, struct body_job *job)
{
	g_autofree char *limit = g_format_size(LIMIT_BODY);
	g_autofree char *line = g_strdup_printf(
		_("the message is above the limit of %s"), limit);

	job_end(account, job, SESSION_FAILED, line);
}

/* ---- the request ---- */

static struct body_job *job_new(struct account *account,
				struct request *request, int64_t mbox,
				uint32_t uid)
{
	struct body_job *job = g_new0(struct body_job, 1);

	job->request = request;
	job->mbox = mbox;
	job->uid = uid;
	job->serial = ++account->jobs;
	job->needed = g_ptr_array_new_with_free_func(g_free);
	g_queue_push_tail(&account->fetches, job);
	return job;
}

/* The cache's id of a mailbox, or 0. */
static int64_t mailbox_id(struct account *account, const char *name)
{
	const struct box *box = account->box;
	struct store_mailbox *row;
	int64_t id;

	if (box != NULL && box->row != NULL && strcmp(box->name, name) == 0)
		return box->row->id;
	row = store_mailbox_get(account->store, name, NULL);
	id = row != NULL ? row->id : 0;
	store_mailbox_free(row);
	return id;
}

void body_request(struct account *account, struct request *request)
{
	struct body_job *job;
	int64_t mbox = 0;
	uint32_t uid = 0;

	if (account->store != NULL)
		mbox = mailbox_id(account, request->mailbox);
	if (mbox != 0)
		uid = store_uid_of(account->store, mbox, request->ids[0]);
	if (uid == 0) {
		account_done(account, request, SESSION_FAILED,
			     _("the message is not there any more"));
		return;
	}
	job = job_new(account, request, mbox, uid);
	job_plan(account, job);
	if (job_is_served(job)) {
		job_end(account, job, SESSION_OK, NULL);
	} else if (job->too_large && job->needed->len == 0) {
		job_too_large(account, job);
	} else if (account->phase == SESSION_OFFLINE) {
		g_autofree char *text = account_offline_text(account);

		job_end(account, job, SESSION_FAILED, text);
	} else if (account->box == NULL ||
		   strcmp(account->box->name, request->mailbox) != 0) {
		job_end(account, job, SESSION_FAILED,
			_("the mailbox of the message is not open"));
	}
}

bool body_cancel(struct account *account, uint32_t id)
{
	for (GList *l = account->fetches.head; l != NULL; l = l->next) {
		struct body_job *job = l->data;

		if (job->request == NULL || job->request->id != id)
			continue;
		account_done(account, job->request, SESSION_CANCELLED, NULL);
		job->request = NULL;
		if (!job->in_flight)
			job_end(account, job, SESSION_CANCELLED, NULL);
		return true;
	}
	return false;
}

static void end_all(struct account *account, enum session_result result,
		    const char *text)
{
	while (!g_queue_is_empty(&account->fetches))
		job_end(account, g_queue_peek_head(&account->fetches), result,
			text);
}

/* After a connection that had worked, the next is given a chance. */
void body_lost(struct account *account)
{
	g_autofree char *text = account_offline_text(account);
	bool first = account->retry.online_since != 0;
	GList *next;

	for (GList *l = account->fetches.head; l != NULL; l = next) {
		struct body_job *job = l->data;

		next = l->next;
		job->in_flight = false;
		if (!first || job->attempts >= BODY_ATTEMPTS ||
		    job->request == NULL)
			job_end(account, job, SESSION_FAILED, text);
	}
}

void body_left(struct account *account)
{
	end_all(account, SESSION_CANCELLED, NULL);
}

void body_quit(struct account *account)
{
	end_all(account, SESSION_CANCELLED, NULL);
}

/* ---- fetching ---- */

static struct body_job *job_of(struct account *account, unsigned serial)
{
	for (GList *l = account->fetches.head; l != NULL; l = l->next) {
		struct body_job *job = l->data;

		if (job->serial == serial)
			return job;
	}
	return NULL;
}

/*
 * The command is done. What it did not bring although it succeeded is asked
 * for in one piece (imap-traps 45, 55, 58), and then no more (54).
 */
static void job_fetched(struct account *account, struct body_job *job)
{
	bool lacking = job->needed->len > 0 || job->too_large;
	bool asked = job->structure;

	if (job->too_large) {
		job_too_large(account, job);
		return;
	}
	if (lacking && !asked) {
		if (job->whole) {
			job_end(account, job, SESSION_FAILED,
				_("the server did not give the message"));
			return;
		}
		job->whole = true;
	}
	job_plan(account, job);
	if (job_is_served(job))
		job_end(account, job, SESSION_OK, NULL);
	else if (job->too_large && job->needed->len == 0)
		job_too_large(account, job);
}

static void body_done(struct account *account, const struct link_end *end,
		      void *user)
{
	struct body_job *job = job_of(account, GPOINTER_TO_UINT(user));

	if (job == NULL)
		return;
	job->in_flight = false;
	if (end->result == LINK_GONE)
		return; /* body_lost() decides */
	if (end->result == LINK_OK)
		job_fetched(account, job);
	else
		job_end(account, job, SESSION_FAILED, end->text);
}

static void job_start(struct account *account, struct body_job *job)
{
	job->in_flight = true;
	job->attempts++;
	link_fetch_body(account->link, job->uid, job->structure,
			(const char *const *)job->needed->pdata,
			job->needed->len, body_done,
			GUINT_TO_POINTER(job->serial));
}

static struct body_job *job_waiting(struct account *account)
{
	for (GList *l = account->fetches.head; l != NULL; l = l->next) {
		struct body_job *job = l->data;

		if (!job->in_flight)
			return job;
	}
	return NULL;
}

bool body_step(struct account *account)
{
	struct body_job *job = job_waiting(account);

	if (job == NULL || account->box == NULL ||
	    !box_is_selected(account->box))
		return false;
	/* Another job may have brought it meanwhile. */
	if (!job->structure && job->attempts == 0)
		job_plan(account, job);
	if (job_is_served(job))
		job_end(account, job, SESSION_OK, NULL);
	else
		job_start(account, job);
	return true;
}

/* ---- what comes ---- */

static bool job_take(struct account *account, struct body_job *job,
		     const struct events_section *section, GError **error)
{
	for (guint i = 0; i < job->needed->len; i++) {
		const char *name = g_ptr_array_index(job->needed, i);
		g_autoptr(GBytes) data = NULL;

		if (g_ascii_strcasecmp(name, section->name) != 0)
			continue;
		job->too_large = job->too_large || section->too_large;
		if (section->data == NULL)
			return true;
		data = g_bytes_new(section->data, section->length);
		if (!store_put_body(account->store, job->mbox, job->uid, name,
				    data, error))
			return false;
		g_ptr_array_remove_index(job->needed, i);
		return true;
	}
	return true;
}

static bool job_take_all(struct account *account, struct body_job *job,
			 const struct events_fetch *fetch, GError **error)
{
	g_autofree char *structure = NULL;

	if (job->structure && fetch->structure != NULL) {
		structure = mail_part_write(fetch->structure);
		if (!store_set_structure(account->store, job->mbox, job->uid,
					 structure, error))
			return false;
	}
	for (size_t i = 0; i < fetch->n; i++)
		if (!job_take(account, job, &fetch->sections[i], error))
			return false;
	return true;
}

void body_fetched(struct account *account, const struct events_fetch *fetch)
{
	GError *error = NULL;
	GList *next;

	for (GList *l = account->fetches.head; l != NULL; l = next) {
		struct body_job *job = l->data;

		next = l->next;
		if (!job->in_flight || job->uid != fetch->uid)
			continue;
		if (!job_take_all(account, job, fetch, &error))
			job_fail(account, job, error);
		return;
	}
}
