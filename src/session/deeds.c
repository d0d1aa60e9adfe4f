/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "box.h"
#include "deeds.h"
#include "folders.h"
#include "limits.h"
#include "names.h"
#include "retry.h"
#include "work.h"

static struct journal *journal_of(const struct account *account)
{
	return account->actions != NULL ? account->actions->journal : NULL;
}

/* ---- what readers see ---- */

static void add_wish(GArray *wishes, GPtrArray *texts,
		     const struct journal_deed *deed, char delimiter)
{
	const char *name =
		deed->kind == JOURNAL_RENAME ? deed->target : deed->mailbox;
	struct store_wish wish = {
		.kind = deed->kind == JOURNAL_CREATE ? STORE_WISH_MADE
			: deed->kind == JOURNAL_RENAME ? STORE_WISH_RENAMED
			: deed->kind == JOURNAL_DELETE ? STORE_WISH_GONE
			: deed->add != 0 ? STORE_WISH_SUBSCRIBED
					 : STORE_WISH_UNSUBSCRIBED,
		.name = deed->mailbox,
		.to = deed->target,
		.display = job_display(name),
		.delimiter = delimiter,
	};

	g_ptr_array_add(texts, (char *)(uintptr_t)wish.display);
	g_array_append_val(wishes, wish);
}

static void tell_names(struct account *account, const GPtrArray *changed)
{
	for (guint i = 0; i < changed->len; i++) {
		const struct store_mailbox *row = g_ptr_array_index(changed, i);

		report_renamed(&account->report, row->name, row->name,
			       row->display);
	}
}

/* What was to be made and will not be, is not there any more. */
static void drop_unmade(struct account *account, const GPtrArray *unmade)
{
	for (guint i = 0; i < unmade->len; i++) {
		const char *name = g_ptr_array_index(unmade, i);

		if (!journal_created(journal_of(account), name))
			manage_forget(account, name);
	}
}

static void show(struct account *account)
{
	g_autoptr(GArray) wishes =
		g_array_new(FALSE, FALSE, sizeof(struct store_wish));
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	GPtrArray *changed, *unmade;
	g_autoptr(GError) error = NULL;
	struct name_rules rules;
	bool known;

	folders_rules(account, &rules, &known);
	for (guint i = 0; i < account->deeds->len; i++)
		add_wish(wishes, texts, g_ptr_array_index(account->deeds, i),
			 rules.delimiter);
	if (store_set_mailbox_wishes(
		    account->store,
		    (const struct store_wish *)(const void *)wishes->data,
		    wishes->len, &changed, &unmade, &error)) {
		tell_names(account, changed);
		drop_unmade(account, unmade);
		report_change(&account->report, SESSION_FOLDERS_CHANGED, NULL);
	}
	account_complain(account, NULL, &error);
	g_ptr_array_unref(changed);
	g_ptr_array_unref(unmade);
}

/* The first time shows what is not there any more, too. */
void deeds_changed(struct account *account)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *deeds = journal_deeds(journal_of(account), &error);
	bool any;

	if (deeds == NULL) {
		account_complain(account, NULL, &error);
		return;
	}
	any = account->deeds == NULL || account->deeds->len > 0 ||
	      deeds->len > 0;
	if (account->deeds != NULL)
		g_ptr_array_unref(account->deeds);
	account->deeds = deeds;
	if (any && account->store != NULL)
		show(account);
}

/* ---- whose turn it is ---- */

static bool concern(const char *a, const char *b, char delimiter)
{
	return *a != '\0' && *b != '\0' &&
	       (name_is_within(a, b, delimiter) ||
		name_is_within(b, a, delimiter));
}

/* Names that both are about: they follow one another. */
static bool overlap(const struct journal_deed *a, const struct journal_deed *b,
		    char delimiter)
{
	return concern(a->mailbox, b->mailbox, delimiter) ||
	       concern(a->mailbox, b->target, delimiter) ||
	       concern(a->target, b->mailbox, delimiter) ||
	       concern(a->target, b->target, delimiter);
}

static bool is_next(const struct account *account, guint at, char delimiter)
{
	const struct journal_deed *deed = g_ptr_array_index(account->deeds, at);

	if (deed->blocked ||
	    deed->hold > g_get_real_time() / G_USEC_PER_SEC)
		return false;
	for (guint i = 0; i < at; i++)
		if (overlap(g_ptr_array_index(account->deeds, i), deed,
			    delimiter))
			return false;
	return true;
}

static int verb_of(const struct journal_deed *deed)
{
	switch (deed->kind) {
	case JOURNAL_CREATE:
		return SESSION_CREATE;
	case JOURNAL_RENAME:
		return SESSION_RENAME;
	case JOURNAL_DELETE:
		return SESSION_DELETE;
	default:
		return deed->add != 0 ? SESSION_SUBSCRIBE : SESSION_UNSUBSCRIBE;
	}
}

/* What may have gone out before is asked about first. */
static struct job *job_for(struct account *account,
			   const struct journal_deed *deed,
			   const struct name_rules *rules, bool named)
{
	struct job *job = g_new0(struct job, 1);
	bool creates = deed->kind == JOURNAL_CREATE;

	job->account = account;
	job->deed = deed->item;
	job->tries = deed->tries;
	job->quiet = deed->quiet;
	job->verb = verb_of(deed);
	job->name = creates ? NULL : g_strdup(deed->mailbox);
	job->to = creates ? g_strdup(deed->mailbox)
		  : deed->kind == JOURNAL_RENAME ? g_strdup(deed->target)
						 : NULL;
	job->role = deed->add;
	job->most = deed->del;
	job->named = named;
	job->delimiter = rules->delimiter;
	job->doubt = deed->step != JOURNAL_STEP_NONE;
	job->losses = job->doubt;
	return job;
}

struct job *deeds_next(struct account *account)
{
	struct name_rules rules;
	bool named;

	if (account->deeds == NULL || account->deeds->len == 0 ||
	    account->read_only || !account->actions->executes)
		return NULL;
	folders_rules(account, &rules, &named);
	for (guint i = 0; i < account->deeds->len; i++)
		if (is_next(account, i, rules.delimiter))
			return job_for(account,
				       g_ptr_array_index(account->deeds, i),
				       &rules, named);
	return NULL;
}

bool deeds_claim(const struct job *job)
{
	g_autoptr(GError) error = NULL;
	bool claimed = false;

	journal_claim_deed(journal_of(job->account), job->deed, &claimed,
			   &error);
	account_complain(job->account, NULL, &error);
	return claimed;
}

bool deeds_makes(const struct account *account, const char *mailbox)
{
	for (guint i = 0; account->deeds != NULL && i < account->deeds->len;
	     i++) {
		const struct journal_deed *deed =
			g_ptr_array_index(account->deeds, i);

		if (deed->kind == JOURNAL_CREATE &&
		    strcmp(deed->mailbox, mailbox) == 0)
			return true;
	}
	return false;
}

/* ---- its end ---- */

static bool settle(const struct job *job, const char *from, const char *to,
		   GError **error)
{
	struct journal *journal = journal_of(job->account);
	bool ok = journal_begin(journal, error);

	if (!ok)
		return false;
	ok = journal_settle(journal, &job->deed, 1, JOURNAL_DONE, NULL,
			    error) &&
	     (from == NULL || journal_rename(journal, from, to, job->delimiter,
					     error));
	if (ok)
		return journal_commit(journal, error);
	journal_rollback(journal);
	return false;
}

/* ---- names that a reader may not have heard of yet ---- */

struct deeds_rename {
	char *from, *to;
	char delimiter;
};

static void rename_free(gpointer data)
{
	struct deeds_rename *rename = data;

	g_free(rename->from);
	g_free(rename->to);
	g_free(rename);
}

static void note_rename(struct account *account, const char *from,
			const char *to, char delimiter)
{
	struct deeds_rename *rename = g_new(struct deeds_rename, 1);

	*rename = (struct deeds_rename){ g_strdup(from), g_strdup(to),
					 delimiter };
	if (account->renames == NULL)
		account->renames =
			g_ptr_array_new_with_free_func(rename_free);
	g_ptr_array_add(account->renames, rename);
	if (account->renames->len > LIMIT_RENAMES)
		g_ptr_array_remove_index(account->renames, 0);
}

static bool is_known(struct account *account, const char *name)
{
	struct store_mailbox *row =
		store_mailbox_get(account->store, name, NULL);
	bool known = row != NULL;

	store_mailbox_free(row);
	return known;
}

static void follow(struct account *account, char **name)
{
	if (*name == NULL || account->renames == NULL ||
	    account->store == NULL || is_known(account, *name))
		return;
	for (guint i = 0; i < account->renames->len; i++) {
		const struct deeds_rename *rename =
			g_ptr_array_index(account->renames, i);
		char *to;

		if (!name_is_within(*name, rename->from, rename->delimiter))
			continue;
		to = g_strconcat(rename->to, *name + strlen(rename->from),
				 NULL);
		g_free(*name);
		*name = to;
	}
}

void deeds_follow(struct account *account, struct request *request)
{
	follow(account, &request->mailbox);
	if (request->post.kind != REQUEST_ACT)
		return;
	follow(account, &request->target);
	for (size_t i = 0; i < request->n_parts; i++)
		follow(account, &request->parts[i].target);
}

void deeds_done(struct job *job, const char *from, const char *to)
{
	g_autoptr(GError) error = NULL;

	if (from != NULL)
		note_rename(job->account, from, to, job->delimiter);
	settle(job, from, to, &error);
	account_complain(job->account, job->name, &error);
	actions_changed(job->account);
}

void deeds_refused(const struct job *job, const char *reason)
{
	g_autoptr(GError) error = NULL;

	journal_settle(journal_of(job->account), &job->deed, 1,
		       JOURNAL_REFUSED, reason, &error);
	account_complain(job->account, job->name, &error);
	actions_replaced(job->account);
	actions_changed(job->account);
}

void deeds_put_off(const struct job *job, const struct link_end *end)
{
	struct journal *journal = journal_of(job->account);
	unsigned ms = retry_hold(job->tries, end->delay);
	g_autoptr(GError) error = NULL;

	journal_advance(journal, &job->deed, 1, JOURNAL_STEP_NONE, &error);
	if (end->holds && error == NULL)
		journal_hold(journal, &job->deed, 1,
			     g_get_real_time() / G_USEC_PER_SEC +
				     (ms + 999) / 1000,
			     end->text, &error);
	account_complain(job->account, job->name, &error);
	actions_changed(job->account);
}

/* ---- what the user does ---- */

static bool fail(GError **error, const char *why)
{
	g_set_error_literal(error, STORE_ERROR, STORE_ERROR_NONE, why);
	return false;
}

/* What gets another name keeps that of the server until it is its turn; what
 * is created has none but the new one. */
static bool is_free(struct account *account, const char *name, bool creates,
		    GError **error)
{
	enum store_name taken = store_mailbox_taken(account->store, name);

	if (taken == STORE_NAME_TAKEN)
		return fail(error, _("a mailbox of that name exists"));
	return taken == STORE_NAME_FREE || !creates ||
	       fail(error, _("that name is in use until what waits is done"));
}

static bool may_be_below(struct account *account, const char *name,
			 char delimiter, GError **error)
{
	g_autofree char *parent = name_parent(name, delimiter);
	struct store_mailbox *row =
		parent != NULL
			? store_mailbox_get(account->store, parent, NULL)
			: NULL;
	bool none = row != NULL && (row->attributes & STORE_NOINFERIORS) != 0;

	store_mailbox_free(row);
	return !none ||
	       fail(error, _("there can be no mailboxes below that one"));
}

/* What was typed, as a wire name; owned; NULL when there can be none. */
static char *typed_name(struct account *account, const char *typed,
			const struct name_rules *rules, GError **error)
{
	const char *why = NULL;
	char *name;

	if (!folders_names_known(account)) {
		g_autofree char *offline = account_offline_text(account);

		fail(error, offline);
		return NULL;
	}
	name = name_make(rules, typed, &why);
	if (name == NULL)
		fail(error, why);
	return name;
}

static bool may_rename(struct account *account, const char *name,
		       const char *to, char delimiter, GError **error)
{
	if (strcmp(name, to) == 0)
		return fail(error, _("that is its name"));
	if (name_is_within(to, name, delimiter))
		return fail(error, _("it cannot be moved below itself"));
	return may_be_below(account, to, delimiter, error) &&
	       is_free(account, to, false, error);
}

/* A deed before it is one. Strings owned. */
struct plan {
	char *name, *to;
	struct journal_entry entry;
	char *what;
};

static void plan_clear(struct plan *plan)
{
	g_free(plan->name);
	g_free(plan->to);
	g_free(plan->what);
}

/* The names that it is about: as they will be when it is its turn. */
static bool plan_names(struct account *account, const struct request *request,
		       struct plan *plan, GError **error)
{
	struct name_rules rules;
	bool named;

	folders_rules(account, &rules, &named);
	if (request->mailbox != NULL)
		plan->name =
			store_wished_name(account->store, request->mailbox);
	if (request->target != NULL) {
		plan->to = typed_name(account, request->target, &rules, error);
		if (plan->to == NULL)
			return false;
	}
	/* One that is not on the list can be subscribed to, too. */
	if (plan->name == NULL) {
		plan->name = g_steal_pointer(&plan->to);
		return request->verb != SESSION_CREATE ||
		       (may_be_below(account, plan->name, rules.delimiter,
				     error) &&
			is_free(account, plan->name, true, error));
	}
	return request->verb != SESSION_RENAME ||
	       may_rename(account, plan->name, plan->to, rules.delimiter,
			  error);
}

static void plan_deed(const struct request *request, struct plan *plan)
{
	g_autofree char *shown = job_display(plan->name);
	g_autofree char *to = plan->to != NULL ? job_display(plan->to) : NULL;
	struct journal_entry *entry = &plan->entry;

	entry->mailbox = plan->name;
	entry->target = plan->to;
	switch ((enum session_folder_verb)request->verb) {
	case SESSION_CREATE:
		entry->kind = JOURNAL_CREATE;
		entry->detail = request->quiet ? JOURNAL_QUIET : NULL;
		entry->add = request->add;
		plan->what = g_strdup_printf(_("mailbox %s created"), shown);
		break;
	case SESSION_RENAME:
		entry->kind = JOURNAL_RENAME;
		plan->what = g_strdup_printf(_("mailbox %s renamed to %s"),
					     shown, to);
		break;
	case SESSION_DELETE:
		entry->kind = JOURNAL_DELETE;
		entry->del = request->del;
		plan->what = g_strdup_printf(_("mailbox %s deleted"), shown);
		break;
	default:
		entry->kind = JOURNAL_SUBSCRIBE;
		entry->add = request->verb == SESSION_SUBSCRIBE;
		plan->what = g_strdup_printf(
			entry->add ? _("subscription to %s")
				   : _("end of the subscription to %s"),
			shown);
	}
}

static const struct journal_deed *last_deed(const struct account *account)
{
	return account->deeds != NULL && account->deeds->len > 0
		       ? g_ptr_array_index(account->deeds,
					   account->deeds->len - 1)
		       : NULL;
}

/* What is not done at once. */
static void say_waits(struct account *account, const struct plan *plan)
{
	const struct journal_deed *deed = last_deed(account);
	g_autofree char *shown = job_display(plan->name);
	g_autofree char *line = NULL;

	if (account->phase != SESSION_ONLINE)
		line = g_strdup_printf(_("Offline, waits for the server: %s"),
				       plan->what);
	else if (deed != NULL && deed->blocked)
		line = g_strdup_printf(_("Mailbox %s goes as soon as what "
					 "waits in it is done."), shown);
	if (line != NULL)
		report_notice(&account->report, NULL, line);
}

static bool put(struct account *account, const struct plan *plan,
		GError **error)
{
	static const struct journal_item none;
	struct journal_entry entry = plan->entry;

	entry.items = &none;
	entry.n = 1;
	if (journal_append(journal_of(account), plan->what, &entry, 1,
			   error) == 0)
		return false;
	actions_changed(account);
	return true;
}

/* The reader goes elsewhere at once. */
static void leave(struct account *account, const struct request *request)
{
	if (request->verb == SESSION_DELETE)
		report_change(&account->report, SESSION_MAILBOX_DELETED,
			      request->mailbox);
}

static const char *no_journal(const struct account *account)
{
	if (account->store == NULL)
		return account->reason;
	if (journal_of(account) == NULL)
		return account->actions != NULL
			       ? account->actions->failure
			       : _("there is no place for the journal");
	return NULL;
}

void deeds_request(struct account *account, struct request *request)
{
	struct plan plan = { 0 };
	const char *none = no_journal(account);
	g_autoptr(GError) error = NULL;
	bool ok = none == NULL && plan_names(account, request, &plan, &error);

	if (ok) {
		plan_deed(request, &plan);
		ok = put(account, &plan, &error);
	}
	if (ok) {
		g_autofree char *made = request->verb == SESSION_CREATE
						? job_display(plan.name)
						: NULL;

		if (!request->quiet)
			say_waits(account, &plan);
		leave(account, request);
		report_managed(&account->report, request->id, SESSION_OK, NULL,
			       0, made);
	} else {
		manage_fail(account, request, plan.name,
			    error != NULL ? error->message : none);
	}
	plan_clear(&plan);
	request_free(request);
	work_pump(account);
}

/* ---- emptying without a server ---- */

/* It is removing each of them. Takes the request. */
static void remove_all(struct account *account, struct request *request,
		       const struct store_mailbox *row, GArray *ids)
{
	request->post.kind = REQUEST_ACT;
	request->verb = SESSION_EXPUNGE;
	request->add = request->del = 0;
	request->what = g_strdup_printf(_("mailbox %s emptied"), row->display);
	request->n = ids->len;
	g_free(request->ids);
	request->ids = (int64_t *)(void *)g_array_free(ids, FALSE);
	actions_request(account, request);
}

void deeds_empty(struct account *account, struct request *request)
{
	g_autoptr(GError) error = NULL;
	struct store_mailbox *row =
		store_mailbox_get(account->store, request->mailbox, &error);
	GArray *ids = row != NULL ? store_shown(account->store, row->id, &error)
				  : NULL;

	if (ids != NULL && ids->len > 0) {
		remove_all(account, request, row, ids);
	} else {
		manage_fail(account, request, request->mailbox,
			    error != NULL ? error->message
					  : _("nothing is known of what it "
					      "has"));
		request_free(request);
		if (ids != NULL)
			g_array_unref(ids);
	}
	store_mailbox_free(row);
}
