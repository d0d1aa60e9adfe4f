/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "folders.h"
#include "index.h"
#include "message.h"
#include "prompt.h"
#include "sidebar.h"

enum {
	QUESTION_CELLS = 52, /* of a question beside the name it is about */
	LEAST_NAME = 10,
};

/* What the user wants done with a mailbox. */
struct chore {
	struct account *account; /* borrowed: accounts live as long as app */
	enum session_folder_verb verb;
	char *mailbox; /* wire name; owned, or NULL */
	char *display; /* owned, or NULL */
	bool parent;   /* others are below it */
	bool confirmed; /* the question is being asked, or was */
	uint32_t count, own;
	bool any;	  /* number of messages */
	bool unknown;	  /* the server does not say how many there are */
	uint32_t request; /* under way; 0: none */
};

static struct chore *chore_new(struct account *account,
			     enum session_folder_verb verb,
			     const struct store_mailbox *mailbox)
{
	struct chore *chore = g_new0(struct chore, 1);

	chore->account = account;
	chore->verb = verb;
	if (mailbox != NULL) {
		chore->mailbox = g_strdup(mailbox->name);
		chore->display = g_strdup(mailbox->display);
		chore->parent =
			(mailbox->attributes & STORE_HASCHILDREN) != 0;
	}
	return chore;
}

static void chore_free(gpointer data)
{
	struct chore *chore = data;

	g_free(chore->mailbox);
	g_free(chore->display);
	g_free(chore);
}

void folders_release(struct app *app)
{
	g_clear_pointer(&app->chores, g_ptr_array_unref);
}

/* ---- asking the session ---- */

/* Takes the chore. */
static void ask(struct app *app, struct chore *chore,
		enum session_folder_verb verb, const char *name, uint32_t role)
{
	const struct session_folder folder = {
		.verb = verb,
		.mailbox = chore->mailbox,
		.name = name,
		.role = role,
		.count = chore->any ? UINT32_MAX : chore->count,
	};

	if (chore->account->session == NULL) {
		chore_free(chore);
		return;
	}
	if (app->chores == NULL)
		app->chores = g_ptr_array_new_with_free_func(chore_free);
	chore->request = session_folder(chore->account->session, &folder);
	g_ptr_array_add(app->chores, chore);
}

static void do_it(struct app *app, struct chore *chore)
{
	ask(app, chore, chore->verb, NULL, 0);
}

/* ---- names ---- */

/* "=Work", with several accounts "home:Work". Owned. */
static char *name_of(const struct app *app, const struct account *account,
		     const char *display)
{
	return app->accounts->len > 1 ?
		       g_strconcat(account->name, ":", display, NULL) :
		       g_strconcat("=", display, NULL);
}

/* The same for a question, which has some words beside it: of a long name the
 * end. Owned. */
static char *short_name_of(const struct app *app,
			   const struct account *account, const char *display)
{
	g_autofree char *name = name_of(app, account, display);
	int room = MAX(app->cols - QUESTION_CELLS, LEAST_NAME);
	const char *tail = name;

	if (text_width(name, -1) <= room)
		return g_steal_pointer(&name);
	while (text_width(tail, -1) > room - 1)
		tail = g_utf8_next_char(tail);
	return g_strconcat("\u2026", tail, NULL);
}

/* What was typed to an account and a name there, both known or NULL. */
static struct account *parse(struct app *app, const char *text, char **name,
			     GError **error)
{
	const struct account *current = index_account(app);
	g_autofree char *account = NULL;
	struct account *found;

	if (!config_mailbox_name(app->config,
				 current != NULL ? current->name : NULL, text,
				 &account, name, error))
		return NULL;
	found = account_find(app, account);
	if (found == NULL) {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("there is no account %s"), account);
		g_clear_pointer(name, g_free);
	}
	return found;
}

/* An existing one. */
static const struct store_mailbox *parse_known(struct app *app,
					       const char *text,
					       struct account **account,
					       GError **error)
{
	g_autofree char *name = NULL;
	const struct store_mailbox *mailbox;

	*account = parse(app, text, &name, error);
	if (*account == NULL)
		return NULL;
	mailbox = account_by_display(*account, name);
	if (mailbox == NULL)
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("there is no mailbox %s"), name);
	return mailbox;
}

/* ---- creating and renaming ---- */

static bool create(struct app *app, const char *text, uint32_t role,
		   GError **error)
{
	g_autofree char *name = NULL;
	struct account *account = parse(app, text, &name, error);

	if (account == NULL)
		return false;
	ask(app, chore_new(account, SESSION_CREATE, NULL), SESSION_CREATE, name,
	    role);
	return true;
}

static void create_typed(struct app *app, const char *answer, void *user)
{
	g_autoptr(GError) error = NULL;

	(void)user;
	if (answer != NULL && *answer != '\0' &&
	    !create(app, answer, 0, &error))
		message_error(app, error->message);
}

/* What stands above the one under the cursor. Owned. */
static char *level_of(const struct store_mailbox *mailbox)
{
	const char *end = mailbox != NULL && mailbox->delimiter != '\0' ?
				  strrchr(mailbox->display,
					  mailbox->delimiter) :
				  NULL;

	return end != NULL ?
		       g_strndup(mailbox->display,
				 (size_t)(end - mailbox->display) + 1) :
		       g_strdup("");
}

static void ask_create(struct app *app)
{
	struct account *account = index_account(app);
	const struct store_mailbox *here =
		app_target(app) == app->sidebar ?
			sidebar_current(app, &account) :
			NULL;
	g_autofree char *level = level_of(here);
	g_autofree char *text =
		account != NULL ? name_of(app, account, level) : NULL;
	const struct prompt_line line = {
		.label = _("Create mailbox: "),
		.text = text,
		.history = HISTORY_MAILBOX,
		.done = create_typed,
	};

	prompt_ask(app, &line);
}

/* Takes the chore. */
static bool rename_to(struct app *app, struct chore *chore, const char *text,
		      GError **error)
{
	g_autofree char *name = NULL;
	const struct account *account = parse(app, text, &name, error);

	if (account == chore->account) {
		ask(app, chore, SESSION_RENAME, name, 0);
		return true;
	}
	if (account != NULL)
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("a mailbox cannot go to another account"));
	chore_free(chore);
	return false;
}

static void rename_typed(struct app *app, const char *answer, void *user)
{
	struct chore *chore = user;
	g_autoptr(GError) error = NULL;

	if (answer == NULL || *answer == '\0')
		chore_free(chore);
	else if (!rename_to(app, chore, answer, &error))
		message_error(app, error->message);
}

static void ask_rename(struct app *app, struct chore *chore)
{
	g_autofree char *name = name_of(app, chore->account, chore->display);
	g_autofree char *brief =
		short_name_of(app, chore->account, chore->display);
	g_autofree char *label = g_strdup_printf(_("Rename %s to: "), brief);
	const struct prompt_line line = {
		.label = label,
		.text = name,
		.history = HISTORY_MAILBOX,
		.done = rename_typed,
		.user = chore,
	};

	prompt_ask(app, &line);
}

/* ---- deleting and emptying: first the number, then the question ---- */

static void answered(struct app *app, const char *answer, void *user)
{
	struct chore *chore = user;

	if (g_strcmp0(answer, "yes") == 0)
		do_it(app, chore);
	else
		chore_free(chore);
}

/* "Delete =Old with 1,204 messages", owned. */
static char *delete_words(const struct chore *chore, const char *name)
{
	if (chore->unknown)
		return g_strdup_printf(_("Delete %s with all that it has"),
				       name);
	if (chore->count == 0)
		return g_strdup_printf(_("Delete %s, which has no messages"),
				       name);
	return g_strdup_printf(ngettext("Delete %s with %'u message",
					"Delete %s with %'u messages",
					chore->count),
			       name, chore->count);
}

static char *delete_question(const struct chore *chore, const char *name)
{
	g_autofree char *what = delete_words(chore, name);

	return chore->parent ?
		       g_strdup_printf(_("%s, keep those below?"), what) :
		       g_strconcat(what, "?", NULL);
}

/* What smew could not remove, and whatever else is marked. */
static char *expunge_question(const struct chore *chore, const char *name)
{
	uint32_t others = chore->count - MIN(chore->own, chore->count);

	if (chore->own == 0)
		return g_strdup_printf(
			ngettext("Remove the %'u message marked deleted in %s "
				 "for good?",
				 "Remove the %'u messages marked deleted in %s "
				 "for good?",
				 others),
			others, name);
	return g_strdup_printf(
		ngettext("Remove the %'u marked message of %s for good (%'u "
			 "that smew left, %'u marked by others)?",
			 "Remove the %'u marked messages of %s for good (%'u "
			 "that smew left, %'u marked by others)?",
			 chore->count),
		chore->count, name, chore->own, others);
}

/* Takes the chore. */
static void confirm(struct app *app, struct chore *chore)
{
	g_autofree char *name =
		short_name_of(app, chore->account, chore->display);
	g_autofree char *question = NULL;

	chore->confirmed = true;
	if (chore->verb == SESSION_EMPTY && chore->count == 0) {
		message_format(app, _("There are no messages in %s."), name);
		chore_free(chore);
		return;
	}
	if (chore->verb == SESSION_EXPUNGE_MARKED && chore->count == 0) {
		message_format(app, _("No message of %s is marked deleted."),
			       name);
		chore_free(chore);
		return;
	}
	if (chore->verb == SESSION_DELETE)
		question = delete_question(chore, name);
	else if (chore->verb == SESSION_EXPUNGE_MARKED)
		question = expunge_question(chore, name);
	else
		question = g_strdup_printf(
			ngettext("Remove the %'u message of %s for good?",
				 "Remove all %'u messages of %s for good?",
				 chore->count),
			chore->count, name);
	prompt_yes_no(app, question, false, answered, chore);
}

/* A name that only stands above others has none to be counted. */
static void count_first(struct app *app, struct chore *chore,
			const struct store_mailbox *mailbox)
{
	if (mailbox->attributes & (STORE_NOSELECT | STORE_NONEXISTENT)) {
		chore->any = true;
		confirm(app, chore);
	} else
		ask(app, chore, SESSION_COUNT, NULL, 0);
}

static bool delete(struct app *app, struct account *account,
		   const struct store_mailbox *mailbox, GError **error)
{
	if (mailbox->role == STORE_ROLE_INBOX) {
		g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
			    _("INBOX cannot be deleted"));
		return false;
	}
	count_first(app, chore_new(account, SESSION_DELETE, mailbox), mailbox);
	return true;
}

/* Gmail's \All is everything (imap-traps 70), a slip must not cost a mailbox:
 * only what is there to be thrown away is emptied. */
static bool empty(struct app *app, struct account *account,
		  const struct store_mailbox *mailbox, GError **error)
{
	const char *why = NULL;

	if (mailbox == NULL)
		why = _("the server names no mailbox for the trash, and trash "
			"is not set");
	else if (mailbox->role != STORE_ROLE_TRASH &&
		 mailbox->role != STORE_ROLE_JUNK &&
		 mailbox != account_trash(account))
		why = _("only the trash and junk are emptied");
	else if (mailbox->role == STORE_ROLE_ALL ||
		 mailbox->role == STORE_ROLE_INBOX)
		why = _("that one is never emptied");
	if (why != NULL) {
		g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
				    why);
		return false;
	}
	ask(app, chore_new(account, SESSION_EMPTY, mailbox), SESSION_COUNT,
	    NULL, 0);
	return true;
}

/* On Gmail that archives (imap-traps 70), and its \All is not a mailbox. */
static bool expunge(struct app *app, struct account *account,
		    const struct store_mailbox *mailbox, GError **error)
{
	if (mailbox == NULL || mailbox->role == STORE_ROLE_ALL) {
		g_set_error_literal(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
				    mailbox == NULL ?
					    _("no mailbox is open") :
					    _("that one is never emptied"));
		return false;
	}
	ask(app, chore_new(account, SESSION_EXPUNGE_MARKED, mailbox),
	    SESSION_COUNT_MARKED, NULL, 0);
	return true;
}

/* ---- the end ---- */

/* Who may not look into a mailbox may have the right to delete it. Takes the
 * chore. */
static void end(struct app *app, struct chore *chore,
		const struct session_done *done)
{
	bool counts = !chore->confirmed &&
		      (chore->verb == SESSION_DELETE ||
		       chore->verb == SESSION_EMPTY ||
		       chore->verb == SESSION_EXPUNGE_MARKED);

	if (counts && chore->verb == SESSION_DELETE &&
	    done->result == SESSION_FAILED &&
	    chore->account->phase == SESSION_ONLINE)
		chore->any = chore->unknown = true;
	else if (done->result == SESSION_FAILED && done->text != NULL)
		message_error(app, done->text);
	if (counts && (done->result == SESSION_OK || chore->unknown)) {
		chore->count = done->count;
		chore->own = done->own;
		confirm(app, chore);
	} else {
		chore_free(chore);
	}
}

bool folders_done(struct app *app, const struct account *account,
		  const struct session_done *done)
{
	for (guint i = 0; app->chores != NULL && i < app->chores->len; i++) {
		struct chore *chore = g_ptr_array_index(app->chores, i);

		if (chore->account != account ||
		    chore->request != done->request)
			continue;
		g_ptr_array_steal_index(app->chores, i);
		end(app, chore, done);
		return true;
	}
	return false;
}

void folders_renamed(struct app *app, const struct account *account,
		     const struct session_renamed *renamed)
{
	sidebar_renamed(app, account, renamed->mailbox, renamed->name);
	index_renamed(app, account, renamed->mailbox, renamed->name,
		      renamed->display);
}

void folders_deleted(struct app *app, struct account *account,
		     const char *mailbox)
{
	if (index_account(app) == account &&
	    g_strcmp0(index_mailbox(app), mailbox) == 0)
		account_enter(account, "INBOX", "INBOX");
}

bool folders_cancel(struct app *app)
{
	for (guint i = 0; app->chores != NULL && i < app->chores->len; i++) {
		const struct chore *chore = g_ptr_array_index(app->chores, i);

		if ((chore->verb != SESSION_EMPTY &&
		     chore->verb != SESSION_EXPUNGE_MARKED) ||
		    !chore->confirmed)
			continue;
		session_cancel(chore->account->session, chore->request);
		return true;
	}
	return false;
}

/* ---- commands and functions ---- */

static bool role_named(const char *name, uint32_t *role, GError **error)
{
	static const struct {
		const char *name;
		enum store_role role;
	} roles[] = {
		{ "archive", STORE_ROLE_ARCHIVE },
		{ "drafts", STORE_ROLE_DRAFTS },
		{ "junk", STORE_ROLE_JUNK },
		{ "sent", STORE_ROLE_SENT },
		{ "trash", STORE_ROLE_TRASH },
	};

	*role = 0;
	for (size_t i = 0; name != NULL && i < G_N_ELEMENTS(roles); i++)
		if (strcmp(roles[i].name, name) == 0)
			*role = roles[i].role;
	if (name == NULL || *role != 0)
		return true;
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_VALUE,
		    _("'%s' is none of archive, drafts, junk, sent, trash"),
		    name);
	return false;
}

/* The list may have subscribed ones alone: of others only the name is known. */
static bool subscribe(struct app *app, bool yes, const char *text,
		      GError **error)
{
	enum session_folder_verb verb =
		yes ? SESSION_SUBSCRIBE : SESSION_UNSUBSCRIBE;
	g_autofree char *name = NULL;
	struct account *account = parse(app, text, &name, error);
	const struct store_mailbox *mailbox;

	if (account == NULL)
		return false;
	mailbox = account_by_display(account, name);
	ask(app, chore_new(account, verb, mailbox), verb,
	    mailbox == NULL ? name : NULL, 0);
	return true;
}

static bool on_known(struct app *app, enum command_folder what,
		     const char *text, const char *name, GError **error)
{
	struct account *account;
	const struct store_mailbox *mailbox;

	if (what == COMMAND_FOLDER_SUBSCRIBE ||
	    what == COMMAND_FOLDER_UNSUBSCRIBE)
		return subscribe(app, what == COMMAND_FOLDER_SUBSCRIBE, text,
				 error);
	mailbox = parse_known(app, text, &account, error);
	if (mailbox == NULL)
		return false;
	switch (what) {
	case COMMAND_FOLDER_RENAME:
		return rename_to(app,
				 chore_new(account, SESSION_RENAME, mailbox),
				 name, error);
	case COMMAND_FOLDER_DELETE:
		return delete(app, account, mailbox, error);
	case COMMAND_FOLDER_EXPUNGE:
		return expunge(app, account, mailbox, error);
	default:
		return empty(app, account, mailbox, error);
	}
}

bool folders_command(void *user, enum command_folder what, const char *mailbox,
		     const char *name, GError **error)
{
	struct app *app = user;
	struct account *account = index_account(app);
	uint32_t role;

	if (what == COMMAND_FOLDER_CREATE)
		return role_named(name, &role, error) &&
		       create(app, mailbox, role, error);
	if (mailbox != NULL)
		return on_known(app, what, mailbox, name, error);
	if (what == COMMAND_FOLDER_EXPUNGE)
		return expunge(app, account,
			       account != NULL && index_mailbox(app) != NULL ?
				       account_mailbox(account,
						       index_mailbox(app)) :
				       NULL,
			       error);
	return account != NULL &&
	       empty(app, account, account_trash(account), error);
}

static void on_current(struct app *app, enum function_op op)
{
	struct account *account = NULL;
	const struct store_mailbox *mailbox = sidebar_current(app, &account);
	g_autoptr(GError) error = NULL;

	if (mailbox == NULL) {
		message_show(app, _("There is no mailbox on this line."));
		return;
	}
	if (op == OP_RENAME_MAILBOX)
		ask_rename(app, chore_new(account, SESSION_RENAME, mailbox));
	else if (op == OP_SUBSCRIBE)
		do_it(app, chore_new(account, SESSION_SUBSCRIBE, mailbox));
	else if (op == OP_UNSUBSCRIBE)
		do_it(app, chore_new(account, SESSION_UNSUBSCRIBE, mailbox));
	else if (!delete(app, account, mailbox, &error))
		message_error(app, error->message);
}

/* Of the account that the keys are about. */
static void empty_here(struct app *app)
{
	struct account *account = index_account(app);
	g_autoptr(GError) error = NULL;

	if (app_target(app) == app->sidebar)
		sidebar_current(app, &account);
	if (account != NULL &&
	    !empty(app, account, account_trash(account), &error))
		message_error(app, error->message);
}

static void toggle_subscribed(struct app *app)
{
	bool only = config_bool(app->config, NULL, "imap_list_subscribed");

	config_run(app->config, "toggle imap_list_subscribed", NULL);
	sidebar_refresh(app);
	message_show(app, only ? _("All mailboxes are shown.") :
				 _("Mailboxes that are subscribed to are "
				   "shown."));
}

static void order_chosen(struct app *app, const char *answer, void *user)
{
	static const struct {
		char key;
		const char *order;
	} orders[] = {
		{ 'a', "alpha" }, { 'c', "count" },	    { 'f', "flagged" },
		{ 'u', "unread" }, { 'm', "mailbox-order" },
	};
	bool reverse = answer != NULL && g_ascii_isupper(*answer);

	(void)user;
	for (size_t i = 0; answer != NULL && i < G_N_ELEMENTS(orders); i++) {
		g_autofree char *line = g_strdup_printf(
			"set sidebar_sort_method=%s%s",
			reverse ? "reverse-" : "", orders[i].order);

		if (orders[i].key == g_ascii_tolower(*answer))
			config_run(app->config, line, NULL);
	}
	sidebar_refresh(app);
}

bool folders_run(struct app *app, enum function_op op)
{
	switch (op) {
	case OP_CREATE_MAILBOX:
		ask_create(app);
		return true;
	case OP_RENAME_MAILBOX:
	case OP_DELETE_MAILBOX:
	case OP_SUBSCRIBE:
	case OP_UNSUBSCRIBE:
		on_current(app, op);
		return true;
	case OP_SORT_FOLDERS:
		prompt_one_key(app,
			       _("Sort (a)lphabet/(c)ount/(f)lagged/(u)nread/"
				 "(m)ailboxes, capital: in reverse?: "),
			       order_chosen, NULL);
		return true;
	case OP_EMPTY_TRASH:
		empty_here(app);
		return true;
	case OP_TOGGLE_SUBSCRIBED:
		toggle_subscribed(app);
		return true;
	default:
		return false;
	}
}
