/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include "actions.h"
#include "body.h"
#include "box.h"
#include "deeds.h"
#include "folders.h"
#include "links.h"
#include "manage.h"
#include "names.h"
#include "smew/imap.h"
#include "work.h"

struct manage {
	GQueue jobs; /* of struct job, the first may be running; owned */
	GQueue early; /* of struct request: names are not known yet; owned */
};

/* So often a connection may end over the same command. */
enum { LOSSES = 3 };

/* ---- jobs ---- */

static void job_free(gpointer data)
{
	struct job *job = data;

	request_free(job->request);
	g_free(job->name);
	g_free(job->to);
	g_free(job->refusal);
	if (job->subscribed != NULL)
		g_ptr_array_unref(job->subscribed);
	if (job->uids != NULL)
		g_array_unref(job->uids);
	g_free(job);
}

struct manage *manage_new(void)
{
	struct manage *manage = g_new0(struct manage, 1);

	g_queue_init(&manage->jobs);
	g_queue_init(&manage->early);
	return manage;
}

void manage_free(struct manage *manage)
{
	if (manage == NULL)
		return;
	g_queue_clear_full(&manage->jobs, job_free);
	g_queue_clear_full(&manage->early, (GDestroyNotify)request_free);
	g_free(manage);
}

static struct job *first(const struct account *account)
{
	return g_queue_peek_head(&account->manage->jobs);
}

static void answer(const struct job *job, enum session_result result,
		   const char *text)
{
	const struct reporter *report = &job->account->report;

	if (job->request == NULL)
		return;
	if (job->verb == SESSION_COUNT_MARKED && result == SESSION_OK)
		report_marked(report, job->request->id, job->count, job->own);
	else
		report_managed(report, job->request->id, result, text,
			       job->count, NULL);
}

void job_end(struct job *job, enum session_result result, const char *text)
{
	g_queue_remove(&job->account->manage->jobs, job);
	answer(job, result, text);
	job_free(job);
}

char *job_display(const char *wire)
{
	g_autofree char *display = imap_mailbox_decode(wire);

	return sanitise_line(display, -1);
}

void job_say(struct job *job, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	report_notice(&job->account->report, NULL, text);
}

/* "cannot rename mailbox Work: no", owned. */
static char *failure(int verb, const char *name, const char *reason)
{
	static const char *const lines[] = {
		[SESSION_CREATE] = N_("cannot create mailbox %s: %s"),
		[SESSION_RENAME] = N_("cannot rename mailbox %s: %s"),
		[SESSION_DELETE] = N_("cannot delete mailbox %s: %s"),
		[SESSION_SUBSCRIBE] = N_("cannot subscribe to mailbox %s: %s"),
		[SESSION_UNSUBSCRIBE] =
			N_("cannot unsubscribe from mailbox %s: %s"),
		[SESSION_COUNT] = N_("cannot look into mailbox %s: %s"),
		[SESSION_EMPTY] = N_("cannot empty mailbox %s: %s"),
		[SESSION_COUNT_MARKED] = N_("cannot look into mailbox %s: %s"),
		[SESSION_EXPUNGE_MARKED] =
			N_("cannot expunge mailbox %s: %s"),
	};
	g_autofree char *shown = job_display(name);
	/* The table's formats take two strings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	return g_strdup_printf(_(lines[verb]), shown, reason);
#pragma GCC diagnostic pop
}

static void job_fail(struct job *job, const char *reason)
{
	g_autofree char *text = failure(
		job->verb, job->name != NULL ? job->name : job->to, reason);

	if (job->deed != 0) {
		deeds_refused(job, reason);
		job_say(job, "%s", text);
	}
	job_end(job, SESSION_FAILED, text);
}

/* What may work later waits for that in the journal. */
static void job_refused(struct job *job, const struct link_end *end)
{
	g_autofree char *line = NULL;

	if (job->deed == 0 || !end->temporary) {
		job_fail(job, end->text);
		return;
	}
	deeds_put_off(job, end);
	line = failure(job->verb, job->name != NULL ? job->name : job->to,
		       end->text);
	if (end->holds)
		job_say(job, _("%s; it is tried again later"), line);
	job_end(job, SESSION_FAILED, NULL);
}

void manage_fail(struct account *account, const struct request *request,
		 const char *name, const char *reason)
{
	g_autofree char *typed = NULL;
	g_autofree char *text = NULL;

	if (name == NULL)
		name = typed = imap_mailbox_encode(request->target);
	text = failure(request->verb, name, reason);
	report_managed(&account->report, request->id, SESSION_FAILED, text, 0,
		       NULL);
}

/* ---- what others must know ---- */

/* It works in the mailbox, which has to be selected for it. */
static bool is_inside(const struct job *job)
{
	return job != NULL && (job->verb == SESSION_EMPTY ||
			       job->verb == SESSION_COUNT_MARKED ||
			       job->verb == SESSION_EXPUNGE_MARKED);
}

bool manage_runs(const struct account *account)
{
	const struct job *job = first(account);

	return job != NULL && (job->running || job->doubt) &&
	       !is_inside(job) && job->verb != SESSION_COUNT;
}

static bool moves(const struct job *job)
{
	return job != NULL &&
	       (job->verb == SESSION_RENAME || job->verb == SESSION_DELETE);
}

/* Deleting takes one alone, renaming what is below too. */
static bool concerns(const struct job *job, const char *mailbox)
{
	return name_is_within(mailbox, job->name,
			      job->verb == SESSION_RENAME ? job->delimiter :
							    '\0');
}

bool manage_holds(const struct account *account, const char *mailbox)
{
	const struct job *job = first(account);

	return (moves(job) && (job->leaving || job->running || job->doubt) &&
		concerns(job, mailbox)) ||
	       deeds_makes(account, mailbox);
}

bool manage_stops_actions(const struct account *account)
{
	const struct job *job = first(account);

	return job != NULL && job->verb == SESSION_RENAME;
}

static bool is_visiting(const struct job *job, const struct link *link)
{
	struct store_mailbox *row;
	bool found;

	if (link_visited(link) == 0)
		return false;
	row = store_mailbox_get(job->account->store, job->name, NULL);
	found = row != NULL && row->id == link_visited(link);
	store_mailbox_free(row);
	return found || job->verb == SESSION_RENAME;
}

static bool must_leave(const struct job *job, const struct link *link)
{
	const struct box *box = link_box(link);

	return box != NULL ? concerns(job, box->name) : is_visiting(job, link);
}

bool manage_drains(const struct link *link)
{
	const struct job *job = first(link_account(link));

	return moves(job) && job->leaving &&
	       (link_box(link) == NULL || must_leave(job, link));
}

const char *manage_errand(const struct account *account)
{
	const struct job *job = first(account);

	return is_inside(job) ? job->name : NULL;
}

void manage_refused(struct account *account, const char *mailbox,
		    const char *text)
{
	struct job *job = first(account);

	if (is_inside(job) && strcmp(job->name, mailbox) == 0)
		job_end(job, SESSION_FAILED, text);
}

/* ---- making way ---- */

static bool is_busy(const struct box *box)
{
	return box != NULL && box->acting;
}

/* What waits in a mailbox that goes is done first; while one is renamed no
 * command may name it. */
static bool actions_are_done(const struct job *job)
{
	const struct account *account = job->account;

	if (job->verb == SESSION_DELETE)
		return !actions_wait(account, job->name);
	return !is_busy(account->box) && !is_busy(account->inbox) &&
	       !is_busy(account->errand);
}

static bool is_at_rest(const struct link *link)
{
	const struct box *box = link_box(link);

	return link_in_flight(link) == 0 &&
	       (box == NULL || (box->state != BOX_SELECTING && box->busy == 0 &&
				!box->acting));
}

static void left(struct account *account, const struct link_end *end,
		 void *user)
{
	struct job *job = first(account);

	(void)user;
	(void)end;
	if (job != NULL && job->open > 0)
		job->open--;
}

/* False: it was given a mailbox that it had not selected yet. */
static bool leave(struct job *job, struct link *link)
{
	struct box *box = link_box(link);

	if (box != NULL && box == job->account->errand)
		box_close_errand(job->account);
	else if (box != NULL)
		box_lend(box);
	link_set_visited(link, 0);
	if (!link_leave(link, left, NULL))
		return false;
	job->open++;
	return true;
}

/* Whether it is selected nowhere any more; else begins to leave it. */
static bool make_way(struct job *job)
{
	const struct account *account = job->account;
	bool clear = true;

	if (!actions_are_done(job))
		return false;
	job->leaving = true;
	for (guint i = 0; i < account->links->len; i++) {
		struct link *link = g_ptr_array_index(account->links, i);

		if (!must_leave(job, link))
			continue;
		if (link_state(link) != LINK_READY || !is_at_rest(link) ||
		    leave(job, link))
			clear = false;
	}
	return clear && job->open == 0;
}

/* ---- the ends ---- */

static void refresh(struct job *job)
{
	report_change(&job->account->report, SESSION_FOLDERS_CHANGED, NULL);
	folders_check(job->account);
}

/* Whatever comes of it. */
static void subscribe(struct job *job, struct link *link, const char *name,
		      bool yes)
{
	(void)job;
	link_subscribe(link, name, yes, NULL, NULL);
}

/* What is open is known better than STATUS says. */
static uint32_t count_now(struct account *account, const char *name)
{
	const struct box *box = box_selected_as(account, name);
	struct store_mailbox *row;
	uint32_t count;

	if (box != NULL)
		return link_exists(box->link);
	row = store_mailbox_get(account->store, name, NULL);
	count = row != NULL ? row->exists : 0;
	store_mailbox_free(row);
	return count;
}

/* Without what the user has sent elsewhere and the server still has. */
static uint32_t count_staying(const struct account *account, const char *name,
			      uint32_t count)
{
	const struct actions *actions = account->actions;
	uint32_t leaving = actions != NULL && actions->journal != NULL
				   ? journal_leaving(actions->journal, name)
				   : 0;

	return count - MIN(leaving, count);
}

/* The server cannot be asked: as far as the cache knows. */
static void count_alone(struct job *job)
{
	job->count = store_mailbox_count(job->account->store, job->name);
	job_end(job, SESSION_OK, NULL);
}

/*
 * Whether its command was not answered, or one that was repeated for that was
 * refused, as it is when the first one was carried out after all: then the
 * server is asked what has come of it.
 */
static bool gone(struct job *job, const struct link_end *end)
{
	bool refused = end->result != LINK_OK && job->losses > 0 &&
		       job->refusal == NULL;

	if (end->result != LINK_GONE && !refused)
		return false;
	if (job->verb == SESSION_COUNT) {
		count_alone(job);
		return true;
	}
	if (end->result != LINK_GONE)
		job->refusal = g_strdup(end->text);
	else
		job->losses++;
	job->doubt = true;
	job->running = job->leaving = false;
	job->open = 0;
	return true;
}

static void created(struct account *account, const struct link_end *end,
		    void *user);

/*
 * Who cannot be asked for NAMESPACE may want all names below INBOX
 * (imap-traps 30): once more, there.
 */
static bool try_below_inbox(struct job *job)
{
	struct link *link = links_for_chores(job->account);
	char *to;

	if (job->named || link == NULL ||
	    !folders_below_inbox(job->account) ||
	    name_is_within(job->to, "INBOX", job->delimiter))
		return false;
	job->named = true;
	to = g_strdup_printf("INBOX%c%s", job->delimiter, job->to);
	job->name = job->to;
	job->to = to;
	link_create(link, job->to, (enum store_role)job->role, created, job);
	return true;
}

/* Old name to new; owned. NULL: it is not concerned. */
static char *renamed_to(const struct job *job, const char *name)
{
	return concerns(job, name) ?
		       g_strconcat(job->to, name + strlen(job->name), NULL) :
		       NULL;
}

static void rename_box(struct job *job, struct box *box)
{
	g_autofree char *to =
		box != NULL ? renamed_to(job, box->name) : NULL;
	g_autofree char *shown = to != NULL ? job_display(to) : NULL;

	if (to == NULL)
		return;
	report_renamed(&job->account->report, box->name, to, shown);
	box_rename(box, to);
}

/* The server calls 'name' and what is below it 'to' now. */
static void take_name(struct job *job)
{
	struct account *account = job->account;
	g_autofree char *shown = job_display(job->to);
	g_autoptr(GError) error = NULL;

	if (!store_mailbox_rename(account->store, job->name, job->to, shown,
				  job->delimiter, &error) &&
	    !g_error_matches(error, STORE_ERROR, STORE_ERROR_NONE))
		account_complain(account, job->name, &error);
	deeds_done(job, job->name, job->to);
	report_renamed(&account->report, job->name, job->to, shown);
	rename_box(job, account->box);
	if (account->errand != NULL && concerns(job, account->errand->name))
		box_close_errand(account);
}

static void created(struct account *account, const struct link_end *end,
		    void *user)
{
	struct job *job = user;
	struct link *link = links_for_chores(account);
	g_autofree char *shown = NULL;

	if (gone(job, end))
		return;
	/* Somebody else was faster: what is wanted is there. */
	if (end->result != LINK_OK && !end->exists) {
		if (!end->temporary && end->result == LINK_NO &&
		    try_below_inbox(job))
			return;
		job_refused(job, end);
		return;
	}
	if (account->check_subscribed && link != NULL)
		subscribe(job, link, job->to, true);
	shown = job_display(job->to);
	if (job->name != NULL)
		take_name(job);
	else
		deeds_done(job, NULL, NULL);
	if (!job->quiet)
		job_say(job, _("Mailbox %s is there."), shown);
	refresh(job);
	job_end(job, SESSION_OK, NULL);
}

/* The server keeps a list of names apart (RFC 9051, 6.3.6): it is not told. */
static void rename_subscriptions(struct job *job)
{
	struct link *link = links_for_chores(job->account);

	for (guint i = 0; link != NULL && i < job->subscribed->len; i++) {
		const char *name = g_ptr_array_index(job->subscribed, i);
		g_autofree char *to = renamed_to(job, name);

		if (to == NULL)
			continue;
		subscribe(job, link, to, true);
		subscribe(job, link, name, false);
	}
}

static void renamed(struct account *account, const struct link_end *end,
		    void *user)
{
	struct job *job = user;
	g_autofree char *from = job_display(job->name);
	g_autofree char *to = job_display(job->to);

	(void)account;
	if (gone(job, end))
		return;
	if (end->result != LINK_OK) {
		job_refused(job, end);
		return;
	}
	take_name(job);
	rename_subscriptions(job);
	job_say(job, _("Mailbox %s is called %s now."), from, to);
	refresh(job);
	job_end(job, SESSION_OK, NULL);
}

void manage_forget(struct account *account, const char *name)
{
	g_autoptr(GError) error = NULL;

	if (account->box != NULL && strcmp(account->box->name, name) == 0)
		box_drop(account);
	if (account->errand != NULL && strcmp(account->errand->name, name) == 0)
		box_close_errand(account);
	if (!store_mailbox_remove(account->store, name, &error))
		account_complain(account, name, &error);
	report_change(&account->report, SESSION_MAILBOX_DELETED, name);
}

static void deleted(struct account *account, const struct link_end *end,
		    void *user)
{
	struct job *job = user;
	struct link *link = links_for_chores(account);
	g_autofree char *shown = job_display(job->name);

	if (gone(job, end))
		return;
	if (end->result != LINK_OK) {
		job_refused(job, end);
		return;
	}
	manage_forget(account, job->name);
	if (job->subscribed->len > 0 && link != NULL)
		subscribe(job, link, job->name, false);
	deeds_done(job, NULL, NULL);
	job_say(job, _("Mailbox %s was deleted."), shown);
	refresh(job);
	job_end(job, SESSION_OK, NULL);
}

static void subscribed(struct account *account, const struct link_end *end,
		       void *user)
{
	struct job *job = user;
	g_autofree char *shown = job_display(job->name);

	(void)account;
	if (gone(job, end))
		return;
	if (end->result != LINK_OK) {
		job_refused(job, end);
		return;
	}
	deeds_done(job, NULL, NULL);
	job_say(job, job->verb == SESSION_SUBSCRIBE ?
			     _("Subscribed to %s.") :
			     _("Not subscribed to %s any more."),
		shown);
	refresh(job);
	job_end(job, SESSION_OK, NULL);
}

/* ---- what was not answered ---- */

void manage_listed(struct account *account,
		   const struct store_mailbox *mailbox)
{
	struct job *job = first(account);
	/* Names that are kept for what is below, or for subscriptions. */
	uint32_t none = STORE_NONEXISTENT |
			(job != NULL && job->verb == SESSION_DELETE ?
				 STORE_NOSELECT :
				 0);

	if (job == NULL || !job->doubt || (mailbox->attributes & none) != 0)
		return;
	if (g_strcmp0(job->name, mailbox->name) == 0)
		job->has_name = true;
	if (g_strcmp0(job->to, mailbox->name) == 0)
		job->has_to = true;
}

static bool was_done(const struct job *job)
{
	switch ((enum session_folder_verb)job->verb) {
	case SESSION_CREATE:
		return job->has_to;
	case SESSION_RENAME:
		return job->has_to && !job->has_name;
	case SESSION_DELETE:
		return !job->has_name;
	default:
		return false;
	}
}

/* As if it had been answered; else it begins anew. */
static void judge(struct job *job)
{
	struct account *account = job->account;
	const struct link_end ok = { .result = LINK_OK };

	job->doubt = job->running = false;
	if (was_done(job)) {
		job->losses = 0;
		if (job->verb == SESSION_CREATE)
			created(account, &ok, job);
		else if (job->verb == SESSION_RENAME)
			renamed(account, &ok, job);
		else
			deleted(account, &ok, job);
	} else if (job->refusal != NULL) {
		job_fail(job, job->refusal);
	} else if (job->verb == SESSION_RENAME && !job->has_name) {
		job_fail(job, _("it is not there any more"));
	} else if (job->losses > LOSSES) {
		job_fail(job, _("the connection ended each time before the "
				"server answered"));
	}
}

static void looked(struct account *account, const struct link_end *end,
		   void *user)
{
	struct job *job = user;

	(void)account;
	job->lost = job->lost || end->result == LINK_GONE;
	if (--job->open > 0)
		return;
	if (job->lost)
		gone(job, &(struct link_end){ .result = LINK_GONE });
	else if (end->result != LINK_OK)
		job_fail(job, end->text);
	else
		judge(job);
}

/* Subscriptions are just repeated. */
static void look(struct job *job, struct link *link)
{
	job->running = true;
	job->lost = job->has_name = job->has_to = false;
	if (job->verb == SESSION_SUBSCRIBE ||
	    job->verb == SESSION_UNSUBSCRIBE) {
		judge(job);
		return;
	}
	job->open = (job->name != NULL) + (job->to != NULL);
	if (job->name != NULL)
		link_list_one(link, job->name, looked, job);
	if (job->to != NULL)
		link_list_one(link, job->to, looked, job);
}

static void counted(struct account *account, const struct link_end *end,
		    void *user)
{
	struct job *job = user;

	if (gone(job, end))
		return;
	if (end->result != LINK_OK) {
		job_fail(job, end->text);
		return;
	}
	job->count = count_staying(account, job->name,
				   count_now(account, job->name));
	job_end(job, SESSION_OK, NULL);
}

/* What the user was told may have changed while they thought about it. */
static void delete_counted(struct account *account, const struct link_end *end,
			   void *user)
{
	struct job *job = user;
	uint32_t now = count_now(account, job->name);
	uint32_t most = job->most;
	g_autofree char *line = NULL;

	if (gone(job, end))
		return;
	if (end->result == LINK_OK && now <= most) {
		link_delete(job->link, job->name, deleted, job);
		return;
	}
	if (end->result != LINK_OK) {
		job_refused(job, end);
		return;
	}
	line = g_strdup_printf(_("there are %u messages by now, not %u"), now,
			       most);
	job_fail(job, line);
}

/* ---- the beginning ---- */

static bool count_start(struct job *job, struct link *link)
{
	struct account *account = job->account;

	/* What was done a moment ago is counted, too. */
	if (box_selected_as(account, job->name) != NULL)
		link_noop(link, counted, job);
	else
		link_status(link, job->name, counted, job);
	return true;
}

static void delete_start(struct job *job, struct link *link)
{
	job->link = link;
	if (job->most == UINT32_MAX)
		link_delete(link, job->name, deleted, job);
	else
		link_status(link, job->name, delete_counted, job);
}

static bool job_start(struct job *job, struct link *link)
{
	switch ((enum session_folder_verb)job->verb) {
	case SESSION_CREATE:
		link_create(link, job->to, (enum store_role)job->role,
			    created, job);
		break;
	case SESSION_RENAME:
		link_rename(link, job->name, job->to, renamed, job);
		break;
	case SESSION_DELETE:
		delete_start(job, link);
		break;
	case SESSION_SUBSCRIBE:
	case SESSION_UNSUBSCRIBE:
		link_subscribe(link, job->name,
			       job->verb == SESSION_SUBSCRIBE, subscribed, job);
		break;
	case SESSION_COUNT:
		return count_start(job, link);
	case SESSION_EMPTY:
	case SESSION_COUNT_MARKED:
	case SESSION_EXPUNGE_MARKED:
		break;
	}
	return true;
}

/* What was asked goes before what can wait. */
static struct job *first_or_next(struct account *account)
{
	struct job *job = first(account);

	if (job != NULL)
		return job;
	job = deeds_next(account);
	if (job != NULL)
		g_queue_push_tail(&account->manage->jobs, job);
	return job;
}

bool manage_step(struct link *link)
{
	struct account *account = link_account(link);
	struct job *job = first_or_next(account);

	if (job == NULL)
		return false;
	if (is_inside(job))
		return empty_step(job, link);
	if (job->running || folders_listing(account) ||
	    links_for_chores(account) != link)
		return false;
	if (moves(job) && job->subscribed == NULL)
		job->subscribed = folders_subscribed(account, job->name);
	if (job->doubt) {
		look(job, link);
		return true;
	}
	if (moves(job) && !make_way(job))
		return false;
	if (job->deed != 0 && !deeds_claim(job)) {
		job_end(job, SESSION_CANCELLED, NULL);
		return true;
	}
	job->running = true;
	return job_start(job, link);
}

/* ---- requests ---- */

/* What is refused without asking the server; NULL: nothing. */
static const char *forbidden(const struct account *account,
			     const struct request *request)
{
	bool inbox = g_strcmp0(request->mailbox, "INBOX") == 0;

	if (account->read_only)
		return _("smew was started to change nothing (-R)");
	if (inbox && request->verb == SESSION_DELETE)
		return _("INBOX cannot be deleted");
	if (inbox && request->verb == SESSION_RENAME)
		return _("INBOX stays: its messages would go to the new name");
	if (inbox && request->verb == SESSION_EMPTY)
		return _("INBOX is never emptied");
	return NULL;
}

static void refuse(struct account *account, struct request *request,
		   const char *why)
{
	manage_fail(account, request, request->mailbox, why);
	request_free(request);
}

static struct job *queue_job(struct account *account, struct request *request)
{
	struct job *job = g_new0(struct job, 1);

	job->account = account;
	job->request = request;
	job->verb = request->verb;
	job->name = g_strdup(request->mailbox);
	g_queue_push_tail(&account->manage->jobs, job);
	return job;
}

/* How a name is made is known when the first list has come. */
static void begin_deed(struct account *account, struct request *request)
{
	if (request->target != NULL && !folders_names_known(account) &&
	    account->phase != SESSION_OFFLINE)
		g_queue_push_tail(&account->manage->early, request);
	else
		deeds_request(account, request);
}

void manage_names_known(struct account *account)
{
	struct request *request;

	while ((request = g_queue_pop_head(&account->manage->early)) != NULL)
		deeds_request(account, request);
}

void manage_request(struct account *account, struct request *request)
{
	g_autofree char *offline = account_offline_text(account);
	bool away = account->phase == SESSION_OFFLINE;
	const char *why = forbidden(account, request);

	if (why == NULL && account->store == NULL)
		why = offline;
	if (why != NULL) {
		refuse(account, request, why);
		return;
	}
	switch ((enum session_folder_verb)request->verb) {
	case SESSION_CREATE:
	case SESSION_RENAME:
	case SESSION_DELETE:
	case SESSION_SUBSCRIBE:
	case SESSION_UNSUBSCRIBE:
		begin_deed(account, request);
		return;
	case SESSION_COUNT:
		/* One that is not made yet has nothing. */
		if (away || deeds_makes(account, request->mailbox))
			count_alone(queue_job(account, request));
		else
			queue_job(account, request);
		return;
	case SESSION_EMPTY:
		if (away)
			deeds_empty(account, request);
		else
			queue_job(account, request);
		return;
	case SESSION_COUNT_MARKED:
	case SESSION_EXPUNGE_MARKED:
		break;
	}
	if (away)
		refuse(account, request, offline);
	else
		queue_job(account, request);
}

void manage_lost(struct account *account)
{
	g_autofree char *offline = account_offline_text(account);
	struct request *request;
	GList *next;

	while ((request = g_queue_pop_head(&account->manage->early)) != NULL)
		refuse(account, request, offline);
	for (GList *l = account->manage->jobs.head; l != NULL; l = next) {
		struct job *job = l->data;

		next = l->next;
		if (job->doubt)
			continue; /* it is asked later what has come of it */
		if (job->deed != 0)
			job_end(job, SESSION_CANCELLED, NULL);
		else if (job->verb == SESSION_COUNT)
			count_alone(job);
		else
			job_fail(job, offline);
	}
}

void manage_quit(struct account *account)
{
	struct request *request;
	GList *next;

	while ((request = g_queue_pop_head(&account->manage->early)) != NULL)
		account_done(account, request, SESSION_CANCELLED, NULL);
	for (GList *l = account->manage->jobs.head; l != NULL; l = next) {
		struct job *job = l->data;

		next = l->next;
		/* What runs ends with its connection. */
		if (!job->running && !job->leaving)
			job_end(job, SESSION_CANCELLED, NULL);
	}
}

bool manage_cancel(struct account *account, uint32_t request)
{
	for (GList *l = account->manage->jobs.head; l != NULL; l = l->next) {
		struct job *job = l->data;

		if (job->request == NULL || job->request->id != request)
			continue;
		if (job->running || job->leaving)
			job->stopped = true;
		else
			job_end(job, SESSION_CANCELLED, NULL);
		return true;
	}
	return false;
}
