/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "body.h"
#include "box.h"
#include "limits.h"
#include "links.h"
#include "smew/mail.h"
#include "work.h"

enum { BODY_ATTEMPTS = 2 };

/* To be fetched: "", "HEADER", "1.2". */
struct section {
	char *name;    /* owned */
	uint64_t size; /* as the server says it; 0: not known, small */
	bool asked;    /* by the command in flight */
};

struct body_job {
	struct request *request; /* owned; NULL when it was cancelled */
	char *mailbox;		 /* wire name; owned */
	int64_t mbox;
	uint32_t uid;
	unsigned serial;	 /* tells jobs apart */
	GPtrArray *needed;	 /* of struct section; owned */
	bool structure;		 /* the BODYSTRUCTURE is needed first */
	bool whole;		 /* parts did not come: all in one piece */
	bool no_visit;		 /* the spare connection cannot open it */
	bool in_flight;
	struct link *link;	 /* that it is in flight on; borrowed */
	bool too_large;
	bool started;
	unsigned lost;		 /* connections that broke meanwhile */

	/* the large section that comes in pieces */
	GByteArray *got;	 /* owned, or NULL */
	uint32_t piece;		 /* octets asked for */
	int64_t asked;		 /* when, monotonic */
	bool no_pieces;		 /* the server does not understand them */
};

static void section_free(gpointer data)
{
	struct section *section = data;

	g_free(section->name);
	g_free(section);
}

static bool is_large(const struct section *section)
{
	return section->size > LIMIT_PIECE_FIRST;
}

/* The first one that is large, or not. */
static struct section *first_that(const struct body_job *job, bool large)
{
	for (guint i = 0; i < job->needed->len; i++) {
		struct section *section = g_ptr_array_index(job->needed, i);

		if (is_large(section) == large)
			return section;
	}
	return NULL;
}

static void pieces_drop(struct body_job *job)
{
	if (job->got != NULL)
		g_byte_array_unref(job->got);
	job->got = NULL;
}

static void body_progress(struct account *account, const struct body_job *job,
			  bool ended)
{
	const struct section *section = first_that(job, true);
	uint64_t total = MAX(section != NULL ? section->size : 1,
			     (uint64_t)job->got->len);

	report_progress(&account->report, SESSION_WORK_MESSAGE, job->mailbox,
			_("Fetching message"), job->got->len,
			ended ? 0 : total);
}

static void job_end(struct account *account, struct body_job *job,
		    enum session_result result, const char *text)
{
	g_queue_remove(&account->fetches, job);
	if (job->got != NULL)
		body_progress(account, job, true);
	if (job->request != NULL)
		account_done(account, job->request, result, text);
	pieces_drop(job);
	g_ptr_array_unref(job->needed);
	g_free(job->mailbox);
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
		 const char *section, uint64_t size)
{
	struct section *wanted;

	if (store_has_body(account->store, job->mbox, job->uid, section))
		return;
	wanted = g_new0(struct section, 1);
	wanted->name = g_strdup(section);
	wanted->size = size;
	g_ptr_array_add(job->needed, wanted);
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

	need(account, job, "HEADER", 0);
	for (guint i = 0; i < MIN(shown->len, LIMIT_SECTIONS); i++) {
		const char *section = g_ptr_array_index(shown, i);
		const struct mail_part *part = find_part(root, section);

		if (part != NULL && part->size > LIMIT_BODY)
			job->too_large = true;
		else
			need(account, job, section, part != NULL ? part->size : 0);
	}
	g_ptr_array_unref(shown);
}

static void need_all(struct account *account, struct body_job *job,
		     uint64_t size)
{
	if (size > LIMIT_BODY)
		job->too_large = true;
	else
		need(account, job, "", size);
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
		need(account, job, "HEADER", 0);
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
	job->mailbox = g_strdup(request->mailbox);
	job->mbox = mbox;
	job->uid = uid;
	job->serial = ++account->jobs;
	job->needed = g_ptr_array_new_with_free_func(section_free);
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

static bool is_of(const struct body_job *job, const struct box *box)
{
	return box != NULL && strcmp(box->name, job->mailbox) == 0;
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
	job->whole = request->n > 1;
	job_plan(account, job);
	if (job_is_served(job)) {
		job_end(account, job, SESSION_OK, NULL);
	} else if (job->too_large && job->needed->len == 0) {
		job_too_large(account, job);
	} else if (account->phase == SESSION_OFFLINE) {
		g_autofree char *text = account_offline_text(account);

		job_end(account, job, SESSION_FAILED, text);
	} else if (!job->whole && !is_of(job, account->box)) {
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

/* Of this mailbox, or (NULL) of all. */
static void end_all(struct account *account, const char *mailbox,
		    enum session_result result, const char *text)
{
	GList *next;

	for (GList *l = account->fetches.head; l != NULL; l = next) {
		struct body_job *job = l->data;

		next = l->next;
		if (mailbox == NULL || strcmp(job->mailbox, mailbox) == 0)
			job_end(account, job, result, text);
	}
}

static void job_lost(struct account *account, struct body_job *job,
		     const char *text)
{
	job->lost += job->in_flight;
	job->in_flight = job->started = false;
	job->link = NULL;
	pieces_drop(job);
	if (text != NULL || job->lost >= BODY_ATTEMPTS || job->request == NULL)
		job_end(account, job, SESSION_FAILED,
			text != NULL ? text : _("the connection broke"));
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
		job_lost(account, job,
			 first && job->lost + job->in_flight < BODY_ATTEMPTS ?
				 NULL :
				 text);
	}
}

void body_link_lost(struct account *account, const struct link *link)
{
	GList *next;

	for (GList *l = account->fetches.head; l != NULL; l = next) {
		struct body_job *job = l->data;

		next = l->next;
		if (job->link == link)
			job_lost(account, job, NULL);
	}
}

void body_left(struct account *account)
{
	end_all(account, account->box->name, SESSION_CANCELLED, NULL);
}

void body_refused(struct account *account, const char *mailbox,
		  const char *text)
{
	end_all(account, mailbox, SESSION_FAILED, text);
}

bool body_waits(const struct account *account, const char *mailbox)
{
	for (GList *l = account->fetches.head; l != NULL; l = l->next)
		if (strcmp(((struct body_job *)l->data)->mailbox, mailbox) == 0)
			return true;
	return false;
}

const char *body_errand(const struct account *account)
{
	for (GList *l = account->fetches.head; l != NULL; l = l->next) {
		const struct body_job *job = l->data;

		if (!is_of(job, account->box) && !is_of(job, account->inbox))
			return job->mailbox;
	}
	return NULL;
}

void body_quit(struct account *account)
{
	end_all(account, NULL, SESSION_CANCELLED, NULL);
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

static bool lacks_asked(const struct body_job *job)
{
	for (guint i = 0; i < job->needed->len; i++) {
		const struct section *section =
			g_ptr_array_index(job->needed, i);

		if (section->asked)
			return true;
	}
	return false;
}

/*
 * The command is done. What it did not bring although it succeeded is asked
 * for in one piece (imap-traps 45, 55, 58), and then no more (54).
 */
static void job_fetched(struct account *account, struct body_job *job)
{
	bool lacking = lacks_asked(job) || job->too_large;
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

	if (job == NULL || end->result == LINK_GONE)
		return; /* body_lost() and body_link_lost() decide */
	job->in_flight = false;
	job->link = NULL;
	if (job->request == NULL)
		job_end(account, job, SESSION_CANCELLED, NULL);
	else if (end->result != LINK_OK)
		job_end(account, job, SESSION_FAILED, end->text);
	else if (job->got != NULL)
		body_progress(account, job, false);
	else
		job_fetched(account, job);
}

/* ---- in pieces: so that they can be cancelled and overtaken ---- */

/* The last one should have taken LIMIT_CHUNK_MS. */
static uint32_t next_piece(const struct body_job *job)
{
	int64_t ms = (g_get_monotonic_time() - job->asked) / 1000;
	uint64_t fits;

	if (job->piece == 0)
		return LIMIT_PIECE_FIRST;
	fits = (uint64_t)job->piece * LIMIT_CHUNK_MS / (uint64_t)MAX(ms, 1);
	return (uint32_t)CLAMP(fits, LIMIT_PIECE_FIRST / 4,
			       MIN(2 * (uint64_t)job->piece,
				   LIMIT_PIECE_MOST));
}

static void piece_start(struct body_job *job, const struct section *section,
			struct link *link)
{
	if (job->got == NULL) {
		job->got = g_byte_array_new();
		job->piece = 0;
	}
	job->piece = next_piece(job);
	job->asked = g_get_monotonic_time();
	link_fetch_piece(link, job->uid, section->name, job->got->len,
			 job->piece, body_done, GUINT_TO_POINTER(job->serial));
}

/* The small ones, or all, in one command. */
static void whole_start(struct body_job *job, struct link *link, bool all)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < job->needed->len; i++) {
		struct section *section = g_ptr_array_index(job->needed, i);

		section->asked = all || !is_large(section);
		if (section->asked)
			g_ptr_array_add(names, section->name);
	}
	link_fetch_body(link, job->uid, job->structure,
			(const char *const *)names->pdata, names->len,
			body_done, GUINT_TO_POINTER(job->serial));
}

static void job_start(struct body_job *job, struct link *link)
{
	struct section *large = first_that(job, true);

	job->in_flight = job->started = true;
	job->link = link;
	if (large == NULL || job->no_pieces || job->structure)
		whole_start(job, link, true);
	else if (first_that(job, false) != NULL)
		whole_start(job, link, false);
	else
		piece_start(job, large, link);
}

/* ---- on which connection ---- */

/* A mailbox that is being filled, and a large body, keep others waiting. */
static bool job_wants_spare(const struct body_job *job, const struct box *box)
{
	return !job->no_visit &&
	       (first_that(job, true) != NULL || box == NULL ||
		box->state != BOX_READY);
}

/* By the connection that has the mailbox open. */
static bool box_takes(struct account *account, struct body_job *job,
		      struct link *link)
{
	const struct box *box = link_box(link);

	if (box->row == NULL || box->row->id != job->mbox ||
	    !box_is_selected(box))
		return false;
	if (!job_wants_spare(job, box))
		return true;
	if (links_spare(account) != NULL)
		return false;
	/* A small one does not wait until there is another connection. */
	if (first_that(job, true) != NULL && job->got == NULL)
		return !links_want_spare(account);
	return !work_is_full(link);
}

static bool job_waits(const struct body_job *job)
{
	return !job->in_flight && job->request != NULL;
}

/* By one that no mailbox needs. */
static bool spare_takes(struct account *account, const struct body_job *job,
			const struct link *link)
{
	return link_in_flight(link) == 0 &&
	       job_wants_spare(job, box_selected_as(account, job->mailbox));
}

static struct body_job *job_for(struct account *account, struct link *link)
{
	bool spare = link_box(link) == NULL;

	for (GList *l = account->fetches.head; l != NULL; l = l->next) {
		struct body_job *job = l->data;

		if (!job_waits(job))
			continue;
		/* Another job may have brought it meanwhile. */
		if (!job->structure && !job->started)
			job_plan(account, job);
		if (job_is_served(job) ||
		    (spare ? spare_takes(account, job, link) :
			     box_takes(account, job, link)))
			return job;
	}
	return NULL;
}

/* ---- visiting: the spare connection opens the mailbox ---- */

static void visited(struct account *account, const struct link_end *end,
		    void *user)
{
	struct body_job *job = job_of(account, GPOINTER_TO_UINT(user));

	if (job == NULL || end->result == LINK_GONE)
		return;
	job->in_flight = false;
	if (end->result == LINK_OK)
		link_set_visited(job->link, job->mbox);
	else
		job->no_visit = true;
	job->link = NULL;
	if (job->request == NULL)
		job_end(account, job, SESSION_CANCELLED, NULL);
}

/* False: the mailbox is not known well enough to be recognised. */
static bool visit(struct account *account, struct body_job *job,
		  struct link *link)
{
	g_autoptr(GError) error = NULL;
	struct store_mailbox *row =
		store_mailbox_get(account->store, job->mailbox, &error);

	job->no_visit = row == NULL || row->uidvalidity == 0 ||
			row->uidvalidity > UINT32_MAX;
	if (!job->no_visit) {
		job->in_flight = true;
		job->link = link;
		link_visit(link, job->mailbox, row->uidvalidity, visited,
			   GUINT_TO_POINTER(job->serial));
	}
	store_mailbox_free(row);
	return !job->no_visit;
}

bool body_step(struct link *link)
{
	struct account *account = link_account(link);
	struct body_job *job = job_for(account, link);

	if (job == NULL)
		return false;
	if (job_is_served(job))
		job_end(account, job, SESSION_OK, NULL);
	else if (link_box(link) == NULL && link_visited(link) != job->mbox)
		visit(account, job, link);
	else
		job_start(job, link);
	return true;
}

/* ---- what comes ---- */

static bool job_store(struct account *account, struct body_job *job,
		      struct section *section, GBytes *data, GError **error)
{
	if (!store_put_body(account->store, job->mbox, job->uid, section->name,
			    data, error))
		return false;
	g_ptr_array_remove(job->needed, section);
	return true;
}

/* The section has ended when a piece is empty, or when it is shorter than what
 * was asked for and the sum is what the server had announced. */
static bool pieces_end(const struct body_job *job, size_t length)
{
	const struct section *section = first_that(job, true);

	return length == 0 ||
	       (length < job->piece && job->got->len >= section->size);
}

/* A server that gives the whole although a piece was asked for, or another
 * piece, is not asked for pieces of this message any more (imap-traps 57). */
static bool job_take_piece(struct account *account, struct body_job *job,
			   struct section *wanted,
			   const struct events_section *section,
			   GError **error)
{
	g_autoptr(GBytes) data = NULL;

	if (section->data != NULL && section->length > job->piece &&
	    section->origin == 0) {
		pieces_drop(job);
		data = g_bytes_new(section->data, section->length);
		return job_store(account, job, wanted, data, error);
	}
	if (section->length > 0 && section->origin != job->got->len) {
		pieces_drop(job);
		job->no_pieces = true;
		return true;
	}
	if (section->data != NULL)
		g_byte_array_append(job->got, section->data,
				    (guint)section->length);
	if (job->got->len > LIMIT_BODY) {
		job->too_large = true;
		pieces_drop(job);
		return true;
	}
	if (!pieces_end(job, section->data != NULL ? section->length : 0))
		return true;
	body_progress(account, job, true);
	data = g_byte_array_free_to_bytes(g_steal_pointer(&job->got));
	return job_store(account, job, wanted, data, error);
}

static bool job_take(struct account *account, struct body_job *job,
		     const struct events_section *section, GError **error)
{
	for (guint i = 0; i < job->needed->len; i++) {
		struct section *wanted = g_ptr_array_index(job->needed, i);
		g_autoptr(GBytes) data = NULL;

		if (g_ascii_strcasecmp(wanted->name, section->name) != 0)
			continue;
		job->too_large = job->too_large || section->too_large;
		if (job->got != NULL)
			return job_take_piece(account, job, wanted, section,
					      error);
		if (section->data == NULL || section->origin != 0)
			return true;
		data = g_bytes_new(section->data, section->length);
		return job_store(account, job, wanted, data, error);
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

void body_fetched(struct link *link, const struct events_fetch *fetch)
{
	struct account *account = link_account(link);
	GError *error = NULL;
	GList *next;

	for (GList *l = account->fetches.head; l != NULL; l = next) {
		struct body_job *job = l->data;

		next = l->next;
		if (!job->in_flight || job->link != link ||
		    job->uid != fetch->uid)
			continue;
		if (!job_take_all(account, job, fetch, &error))
			job_fail(account, job, error);
		return;
	}
}
