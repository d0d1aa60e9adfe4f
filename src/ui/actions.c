/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "completion.h"
#include "hooks.h"
#include "index.h"
#include "labels.h"
#include "message.h"
#include "prompt.h"
#include "rights.h"
#include "selection.h"
#include "tags.h"

/* ---- where to ---- */

/* The name of a mailbox that people type, owned, and whose it is; NULL and the
 * reason on the screen. */
static char *read_name(struct account *here, const char *text,
		       struct account **owner)
{
	struct app *app = here->app;
	g_autofree char *name = NULL, *mailbox = NULL;
	g_autoptr(GError) error = NULL;

	if (!config_mailbox_name(app->config, here->name, text, &name,
				 &mailbox, &error)) {
		message_error(app, error->message);
		return NULL;
	}
	*owner = account_find(app, name);
	if (*owner == NULL || (*owner)->session == NULL) {
		message_format(app, _("The account %s has no server."), name);
		return NULL;
	}
	return g_steal_pointer(&mailbox);
}

/* "work:Archive" where it is not of the account that is shown. Owned. */
static char *name_in(const struct app *app, const struct account *owner,
		     const char *display)
{
	return owner == index_account(app)
		       ? g_strdup(display)
		       : g_strconcat(owner->name, ":", display, NULL);
}

/* ---- what is acted on ---- */

/* The account of what is shown, when something can be done there. */
static struct account *may_act(struct app *app)
{
	struct account *account = index_account(app);

	if (account == NULL || account->session == NULL)
		return NULL;
	if (!index_facts(app).read_only)
		return account;
	message_error(app, _("Mailbox is read-only."));
	return NULL;
}

/* The message under the cursor, or those that are tagged. */
static enum selection_kind meant(const struct app *app)
{
	return tags_are_meant(app) ? SELECT_TAGGED : SELECT_CURRENT;
}

/* What was meant when a question was asked. */
struct question {
	enum selection_kind kind;
	int64_t id; /* under the cursor then */
	const struct account *of; /* whose mailbox was shown */
	bool yes;   /* of two opposite functions */
	enum session_verb verb; /* of those that ask for a mailbox */
};

static int64_t current_id(const struct app *app)
{
	const struct view_row *row = index_current(app);

	return row != NULL ? row->id : 0;
}

static struct question *question_new(const struct app *app,
				     enum selection_kind kind, bool yes)
{
	struct question *question = g_new0(struct question, 1);

	question->kind = kind;
	question->id = current_id(app);
	question->of = index_account(app);
	question->yes = yes;
	return question;
}

/* Whether it still is what it was about: the message may have gone. */
static bool still_meant(struct app *app, const struct question *question)
{
	if (question->of == index_account(app) &&
	    (question->kind == SELECT_PATTERN ||
	     question->kind == SELECT_TAGGED ||
	     question->id == current_id(app)))
		return true;
	message_error(app, _("The message is not there any more."));
	return false;
}

/* ---- flags ---- */

static const struct deed read_deed = { .words = DEED_READ, .add = STORE_SEEN };
static const struct deed undelete_deed = { .words = DEED_UNDELETED,
					   .del = STORE_DELETED };
static const struct deed toggle_flagged = { .words = DEED_CHANGED,
					    .add = STORE_FLAGGED,
					    .has = STORE_FLAGGED };
/* Who is read or old becomes new. */
static const struct deed toggle_new = { .words = DEED_CHANGED,
					.add = STORE_SEEN,
					.has = STORE_SEEN | STORE_OLD };

/* $delete_mode: a mark, or to the trash at once; there it is marked. On Gmail
 * a mark would take the label away and nothing else. */
struct deed actions_delete_deed(struct app *app, struct account *account,
				const char *mailbox)
{
	const char *mode = config_string(app->config, NULL, "delete_mode");
	bool move = account->gmail || strcmp(mode, "trash") == 0;
	struct deed deed = {
		.words = DEED_DELETED,
		.add = STORE_DELETED,
		.then = OP_NEXT_UNDELETED,
		.untag = config_bool(app->config, NULL, "delete_untag"),
	};
	const struct store_mailbox *trash = move ? account_trash(account) : NULL;

	if (trash == NULL || strcmp(trash->name, mailbox) == 0)
		return deed;
	deed.words = DEED_MOVED;
	deed.verb = SESSION_MOVE;
	deed.add = 0;
	deed.then = OP_NULL;
	deed.target = trash->name;
	deed.display = trash->display;
	return deed;
}

static void delete_them(struct app *app, enum selection_kind kind,
			const char *pattern)
{
	struct account *account = may_act(app);
	struct deed deed;

	if (account == NULL)
		return;
	deed = actions_delete_deed(app, account, index_mailbox(app));
	selection_act(app, kind, pattern, &deed);
}

static void change(struct app *app, enum selection_kind kind,
		   const char *pattern, const struct deed *deed,
		   enum function_op then)
{
	struct deed done = *deed;

	done.then = then;
	if (may_act(app) != NULL)
		selection_act(app, kind, pattern, &done);
}

static const struct flag_letter {
	char letter;
	struct deed set, clear;
} flag_letters[] = {
	{ 'N', { .words = DEED_UNREAD, .del = STORE_SEEN },
	  { .words = DEED_READ, .add = STORE_SEEN } },
	{ 'O', { .words = DEED_CHANGED, .add = STORE_OLD, .del = STORE_SEEN },
	  { .words = DEED_READ, .add = STORE_SEEN } },
	{ 'r', { .words = DEED_CHANGED, .add = STORE_ANSWERED },
	  { .words = DEED_CHANGED, .del = STORE_ANSWERED } },
	{ 'D', { .words = DEED_DELETED, .add = STORE_DELETED },
	  { .words = DEED_UNDELETED, .del = STORE_DELETED } },
	{ '!', { .words = DEED_FLAGGED, .add = STORE_FLAGGED },
	  { .words = DEED_UNFLAGGED, .del = STORE_FLAGGED } },
};

static void flag_by_letter(struct app *app, char letter,
			   const struct question *question)
{
	if (letter == '*') {
		tags_set(app, question->kind, question->yes);
		return;
	}
	if (letter == 'D' && question->yes && index_account(app) != NULL &&
	    index_account(app)->gmail) {
		delete_them(app, question->kind, NULL);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(flag_letters); i++) {
		const struct flag_letter *l = &flag_letters[i];

		if (l->letter != letter)
			continue;
		change(app, question->kind, NULL,
		       question->yes ? &l->set : &l->clear, OP_NEXT_UNDELETED);
		return;
	}
	message_error(app, _("Invalid flag: N, O, r, D, * or !"));
}

static void flag_answered(struct app *app, const char *answer, void *user)
{
	g_autofree struct question *question = user;

	if (answer != NULL && still_meant(app, question))
		flag_by_letter(app, *answer, question);
}

static void ask_flag(struct app *app, bool set)
{
	if (may_act(app) != NULL)
		prompt_one_key(app,
			       set ? _("Set flag (N, O, r, D, *, !): ")
				   : _("Clear flag (N, O, r, D, *, !): "),
			       flag_answered,
			       question_new(app, meant(app), set));
}

/* ---- by a pattern ---- */

static void delete_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		delete_them(app, SELECT_PATTERN, answer);
}

static void undelete_typed(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && *answer != '\0')
		change(app, SELECT_PATTERN, answer, &undelete_deed, OP_NULL);
}

static void ask_pattern(struct app *app, const char *label, prompt_done done)
{
	const struct prompt_line line = {
		.label = label,
		.history = HISTORY_SEARCH,
		.done = done,
	};

	if (may_act(app) != NULL)
		prompt_ask(app, &line);
}

/* ---- to other mailboxes ---- */

static bool decodes(enum session_verb verb)
{
	return verb == SESSION_DECODE_COPY || verb == SESSION_DECODE_SAVE;
}

/* What of the header stays in the text: all, but with $copy_decode_weed. */
static void transfer_decoded(struct app *app, enum selection_kind kind,
			     enum session_verb verb,
			     const struct store_mailbox *to)
{
	g_autofree char *weeds =
		config_bool(app->config, NULL, "copy_decode_weed")
			? config_header_weeds(app->config)
			: g_strdup("");
	const struct deed deed = {
		.words = DEED_DECODED,
		.verb = verb,
		.labels = weeds,
		.target = to->name,
		.display = to->display,
		.then = verb == SESSION_DECODE_SAVE ? OP_NEXT_UNDELETED
						    : OP_NULL,
		.untag = verb == SESSION_DECODE_SAVE &&
			 config_bool(app->config, NULL, "delete_untag"),
	};

	if (may_act(app) != NULL)
		selection_act(app, kind, NULL, &deed);
}

static void transfer(struct app *app, enum selection_kind kind,
		     enum session_verb verb, const struct account *owner,
		     const struct store_mailbox *to)
{
	g_autofree char *display = name_in(app, owner, to->display);
	bool abroad = owner != index_account(app);
	const struct deed deed = {
		.words = verb == SESSION_COPY ? DEED_COPIED : DEED_MOVED,
		.verb = verb,
		.target = to->name,
		.display = display,
		.peer = abroad ? owner : NULL,
	};

	if (!abroad && g_strcmp0(to->name, index_mailbox(app)) == 0)
		message_error(app, _("The messages are there already."));
	else if (may_act(app) != NULL)
		selection_act(app, kind, NULL, &deed);
}

/* In the account that is shown, with flags added. */
static void move_here(struct app *app, const struct store_mailbox *to,
		      uint32_t add)
{
	const struct deed deed = { .words = DEED_MOVED,
				   .verb = SESSION_MOVE,
				   .add = add,
				   .target = to->name,
				   .display = to->display };

	if (g_strcmp0(to->name, index_mailbox(app)) == 0)
		message_error(app, _("The messages are there already."));
	else if (may_act(app) != NULL)
		selection_act(app, meant(app), NULL, &deed);
}

static bool is_unknown(const struct account *account)
{
	return account->folders == NULL || account->folders->len == 0;
}

static void to_role(struct app *app, enum store_role role, uint32_t add,
		    const char *lacking)
{
	const struct account *account = index_account(app);
	const struct store_mailbox *to =
		account != NULL ? account_by_role(account, role) : NULL;

	if (to != NULL)
		move_here(app, to, add);
	else if (account != NULL && is_unknown(account))
		message_error(app, _("The mailboxes are not known yet."));
	else
		message_error(app, lacking);
}

/* What $archive_by adds to the name, for strftime(); NULL: nothing. */
static const char *archive_date(const struct app *app)
{
	const char *by = config_string(app->config, NULL, "archive_by");

	return strcmp(by, "year") == 0	  ? "%Y"
	       : strcmp(by, "month") == 0 ? "%Y-%m"
					  : NULL;
}

static void archive_dated(struct app *app, enum selection_kind kind,
			  const struct store_mailbox *to, const char *dated)
{
	const struct deed deed = { .words = DEED_MOVED,
				   .verb = SESSION_MOVE,
				   .dated = dated,
				   .target = to->name,
				   .display = to->display };

	if (may_act(app) != NULL)
		selection_act(app, kind, NULL, &deed);
}

/* On Gmail all mail is in \All; what is archived loses the label of INBOX. */
static void archive(struct app *app, enum selection_kind kind)
{
	const struct account *account = index_account(app);
	const struct store_mailbox *to =
		account != NULL ? account_by_role(account, STORE_ROLE_ARCHIVE) : NULL;
	const char *dated = archive_date(app);
	bool gmail = account != NULL && account->gmail && to == NULL;

	if (to != NULL && dated != NULL)
		archive_dated(app, kind, to, dated);
	else if (gmail && g_strcmp0(index_mailbox(app), "INBOX") != 0)
		message_show(app, _("Only what is in INBOX is archived: this "
				    "mail is in the archive already."));
	else
		to_role(app, gmail ? STORE_ROLE_ALL : STORE_ROLE_ARCHIVE, 0,
			_("The server names no mailbox for archived mail."));
}

static void go_to(struct app *app, const struct question *question,
		  const struct account *owner, const struct store_mailbox *to)
{
	if (decodes(question->verb))
		transfer_decoded(app, question->kind, question->verb, to);
	else
		transfer(app, question->kind, question->verb, owner, to);
}

/* ---- where nothing is yet ---- */

/* What waits for a mailbox to be made. */
struct errand {
	struct question question;
	struct account *owner; /* of the mailbox */
	char *display;	  /* owned */
	uint32_t request; /* of the session, 0: it was made */
	bool archive;	  /* then what is meant is archived */
};

void actions_forget_errand(struct account *account)
{
	if (account->errand != NULL)
		g_free(account->errand->display);
	g_clear_pointer(&account->errand, g_free);
}

static void create_answered(struct app *app, const char *answer, void *user)
{
	struct errand *errand = user;
	struct account *owner = errand->owner;
	const struct session_folder folder = { .verb = SESSION_CREATE,
					       .name = errand->display,
					       .quiet = true };

	if (g_strcmp0(answer, "yes") != 0 || may_act(app) == NULL) {
		g_free(errand->display);
		g_free(errand);
		return;
	}
	actions_forget_errand(owner);
	owner->errand = errand;
	errand->request = session_folder(owner->session, &folder);
}

static void ask_create(const struct question *question,
		       struct account *owner, const char *name,
		       bool to_archive)
{
	struct app *app = owner->app;
	struct errand *errand = g_new0(struct errand, 1);
	g_autofree char *shown = name_in(app, owner, name);
	g_autofree char *label = g_strdup_printf(_("Create %s?"), shown);

	errand->question = *question;
	errand->owner = owner;
	errand->display = g_strdup(name);
	errand->archive = to_archive;
	if (config_bool(app->config, NULL, "confirmcreate"))
		prompt_yes_no(app, label, true, create_answered, errand);
	else
		create_answered(app, "yes", errand);
}

void actions_done(struct account *account, const struct session_done *done)
{
	struct errand *errand = account->errand;

	if (errand == NULL || errand->request != done->request)
		return;
	errand->request = 0;
	/* Below the server's prefix it has another name than was typed. */
	if (done->display != NULL) {
		g_free(errand->display);
		errand->display = g_strdup(done->display);
	}
	if (done->result != SESSION_OK)
		actions_forget_errand(account);
	if (done->result == SESSION_FAILED && done->text != NULL)
		message_error(account->app, done->text);
	/* The list may have come first. */
	actions_folders(account);
}

void actions_folders(struct account *account)
{
	struct app *app = account->app;
	struct errand *errand = account->errand;
	const struct store_mailbox *to =
		errand != NULL && errand->request == 0
			? account_by_display(account, errand->display)
			: NULL;

	if (to == NULL)
		return;
	account->errand = NULL;
	if (still_meant(app, &errand->question)) {
		if (errand->archive)
			archive(app, errand->question.kind);
		else
			go_to(app, &errand->question, account, to);
	}
	g_free(errand->display);
	g_free(errand);
}

/* ---- by date ---- */

static void part_clear(gpointer data)
{
	g_free((int64_t *)(uintptr_t)((struct session_part *)data)->ids);
}

/* The name below 'deed->display' for a date; owned. */
static char *dated_name(const struct account *account, const struct deed *deed,
			int64_t date)
{
	const struct store_mailbox *above =
		account_mailbox(account, deed->target);
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_local(date);
	g_autofree char *word =
		when != NULL ? g_date_time_format(when, deed->dated) : NULL;
	char delimiter = above != NULL && above->delimiter != '\0'
				 ? above->delimiter
				 : '/';

	return g_strdup_printf("%s%c%s", deed->display, delimiter,
			       word != NULL ? word : "");
}

static void add_part(GArray *parts, const struct store_mailbox *to,
		     const GArray *ids)
{
	struct session_part part = {
		.ids = g_memdup2(ids->data, ids->len * sizeof(int64_t)),
		.n = ids->len,
		.target = to->name,
	};

	g_array_append_val(parts, part);
}

bool actions_divide(struct app *app, enum selection_kind kind,
		    const struct deed *deed, const int64_t *ids,
		    const int64_t *dates, size_t n, GArray **parts)
{
	struct account *account = index_account(app);
	g_autoptr(GHashTable) names = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free,
		(GDestroyNotify)g_array_unref);
	GHashTableIter iter;
	gpointer name, list;

	for (size_t i = 0; i < n; i++) {
		char *to = dated_name(account, deed, dates[i]);
		GArray *same = g_hash_table_lookup(names, to);

		if (same == NULL) {
			same = g_array_new(FALSE, FALSE, sizeof(int64_t));
			g_hash_table_insert(names, g_strdup(to), same);
		}
		g_array_append_val(same, ids[i]);
		g_free(to);
	}
	*parts = g_array_new(FALSE, FALSE, sizeof(struct session_part));
	g_array_set_clear_func(*parts, part_clear);
	g_hash_table_iter_init(&iter, names);
	while (g_hash_table_iter_next(&iter, &name, &list)) {
		const struct store_mailbox *to = account_by_display(account, name);
		g_autofree struct question *question = NULL;

		if (to != NULL) {
			add_part(*parts, to, list);
			continue;
		}
		question = question_new(app, kind, false);
		ask_create(question, account, name, true);
		return false;
	}
	return true;
}

/* ---- asking where ---- */

/* What $confirmappend asks about. */
struct append {
	struct question question;
	const struct account *owner; /* of the mailbox */
	char *display; /* owned */
};

static void append_answered(struct app *app, const char *answer, void *user)
{
	g_autofree struct append *append = user;
	g_autofree char *display = append->display;
	const struct store_mailbox *to =
		account_by_display(append->owner, display);

	if (g_strcmp0(answer, "yes") == 0 && to != NULL &&
	    still_meant(app, &append->question))
		go_to(app, &append->question, append->owner, to);
}

static void ask_append(struct app *app, const struct question *question,
		       const struct account *owner,
		       const struct store_mailbox *to)
{
	g_autofree char *name = name_in(app, owner, to->display);
	g_autofree char *label =
		g_strdup_printf(_("Append messages to %s?"), name);
	struct append *append = g_new0(struct append, 1);

	append->question = *question;
	append->owner = owner;
	append->display = g_strdup(to->display);
	prompt_yes_no(app, label, true, append_answered, append);
}

static void where_answered(struct app *app, const char *answer, void *user)
{
	g_autofree struct question *question = user;
	struct account *here = index_account(app), *owner = NULL;
	g_autofree char *name = NULL;
	const struct store_mailbox *to;

	if (answer == NULL || *answer == '\0' || here == NULL ||
	    !still_meant(app, question))
		return;
	name = read_name(here, answer, &owner);
	if (name == NULL)
		return;
	to = account_by_display(owner, name);
	if (owner != here && decodes(question->verb))
		message_error(app, _("A copy as text goes to a mailbox of the "
				     "same account."));
	else if (to == NULL && is_unknown(owner))
		message_error(app, _("The mailboxes are not known yet."));
	else if (to == NULL)
		ask_create(question, owner, name, false);
	else if (config_bool(app->config, NULL, "confirmappend"))
		ask_append(app, question, owner, to);
	else
		go_to(app, question, owner, to);
}

static const char *where_label(bool tagged, enum session_verb verb)
{
	switch (verb) {
	case SESSION_COPY:
		return tagged ? _("Copy tagged messages to mailbox: ")
			      : _("Copy to mailbox: ");
	case SESSION_DECODE_COPY:
		return tagged ? _("Decode-copy tagged messages to mailbox: ")
			      : _("Decode-copy to mailbox: ");
	case SESSION_DECODE_SAVE:
		return tagged ? _("Decode-save tagged messages to mailbox: ")
			      : _("Decode-save to mailbox: ");
	default:
		return tagged ? _("Save tagged messages to mailbox: ")
			      : _("Save to mailbox: ");
	}
}

static void ask_where(struct app *app, enum session_verb verb)
{
	struct question *question = question_new(app, meant(app), false);
	struct account *account = index_account(app);
	const struct view_row *row = index_current(app);
	g_autofree char *proposed =
		row != NULL && account != NULL ? hooks_save(account, row) : NULL;
	const struct prompt_line line = {
		.label = where_label(question->kind == SELECT_TAGGED, verb),
		.text = proposed,
		.history = HISTORY_MAILBOX,
		.complete = completion_folder,
		.done = where_answered,
		.user = question,
	};

	question->verb = verb;
	if (may_act(app) != NULL && index_current(app) != NULL)
		prompt_ask(app, &line);
	else
		g_free(question);
}

/* ---- threads ---- */

/* The tagged messages become replies to the one under the cursor. */
static void link_threads(struct app *app)
{
	const struct view_row *row = index_current(app);
	struct deed deed = { .words = DEED_LINKED, .verb = SESSION_RELINK,
			     .untag = true };

	if (may_act(app) == NULL)
		return;
	if (selection_tags(app) == 0) {
		message_error(app, _("There is nothing to be linked: tag "
				     "messages first."));
	} else if (row == NULL) {
		message_show(app, _("There are no messages."));
	} else if (row->message_id == NULL || *row->message_id == '\0') {
		message_error(app, _("This message has no Message-ID: nothing "
				     "can be linked to it."));
	} else {
		deed.labels = row->message_id;
		deed.but = row->id;
		selection_act(app, SELECT_TAGGED, NULL, &deed);
	}
}

static void break_thread(struct app *app)
{
	static const struct deed deed = { .words = DEED_BROKEN,
					  .verb = SESSION_RELINK,
					  .labels = "" };

	if (may_act(app) != NULL)
		selection_act(app, SELECT_CURRENT, NULL, &deed);
}

/* ---- for good ---- */

static void expunge_answered(struct app *app, const char *answer, void *user)
{
	static const struct deed deed = { .words = DEED_PURGED,
					  .verb = SESSION_EXPUNGE };
	g_autofree struct question *question = user;

	if (g_strcmp0(answer, "yes") == 0 && still_meant(app, question) &&
	    may_act(app) != NULL)
		selection_act(app, question->kind, NULL, &deed);
}

static void ask_expunge(struct app *app, enum selection_kind kind)
{
	unsigned tags = (unsigned)selection_tags(app);
	g_autofree char *tagged = g_strdup_printf(
		ngettext("Delete %u tagged message for good?",
			 "Delete %u tagged messages for good?", tags),
		tags);
	const char *label = kind == SELECT_TAGGED ? tagged
			    : kind == SELECT_THREAD
				    ? _("Delete the whole thread for good?")
				    : _("Delete this message for good?");

	if (may_act(app) != NULL && index_current(app) != NULL)
		prompt_yes_no(app, label, false, expunge_answered,
			      question_new(app, kind, true));
}

void actions_purge(struct app *app)
{
	struct account *account = may_act(app);
	const struct store_mailbox *trash;
	unsigned n = (unsigned)index_facts(app).deleted;
	g_autofree char *what =
		g_strdup_printf(ngettext("%u deleted message purged",
					 "%u deleted messages purged", n),
				n);
	struct session_act act = { .verb = SESSION_PURGE,
				   .mailbox = index_mailbox(app),
				   .what = what };

	if (account == NULL ||
	    !rights_allow(app, &(struct deed){ .verb = SESSION_PURGE }))
		return;
	trash = account_trash(account);
	if (trash != NULL && strcmp(trash->name, act.mailbox) != 0)
		act.target = trash->name;
	app->sent.behind++;
	selection_purge(app);
	selection_expect(app, session_act(account->session, &act));
}

void actions_ask_purge(struct app *app, prompt_done done, void *user)
{
	enum quad quad = config_quad(app->config, NULL, "delete");
	unsigned n = (unsigned)index_facts(app).deleted;
	g_autofree char *label =
		g_strdup_printf(ngettext("Purge %u deleted message?",
					 "Purge %u deleted messages?", n),
				n);

	if (quad == QUAD_YES || quad == QUAD_NO)
		done(app, quad == QUAD_YES ? "yes" : "no", user);
	else
		prompt_yes_no(app, label, quad == QUAD_ASK_YES, done, user);
}

static void purge_answered(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (g_strcmp0(answer, "yes") == 0)
		actions_purge(app);
}

static void sync_mailbox(struct app *app)
{
	if (may_act(app) == NULL)
		return;
	if (index_facts(app).deleted == 0)
		message_show(app, _("Nothing is marked as deleted."));
	else if (config_quad(app->config, NULL, "delete") == QUAD_NO)
		message_show(app, _("Not purging: delete is set to no."));
	else
		actions_ask_purge(app, purge_answered, NULL);
}

/* ---- functions ---- */

static bool run_deletion(struct app *app, enum function_op op)
{
	switch (op) {
	case OP_DELETE_MESSAGE:
		delete_them(app, meant(app), NULL);
		return true;
	case OP_DELETE_THREAD:
		delete_them(app, SELECT_THREAD, NULL);
		return true;
	case OP_DELETE_SUBTHREAD:
		delete_them(app, SELECT_SUBTHREAD, NULL);
		return true;
	case OP_DELETE_PATTERN:
		ask_pattern(app, _("Delete messages matching: "),
			    delete_typed);
		return true;
	case OP_UNDELETE_MESSAGE:
		change(app, meant(app), NULL, &undelete_deed, OP_NEXT_ENTRY);
		return true;
	case OP_UNDELETE_THREAD:
		change(app, SELECT_THREAD, NULL, &undelete_deed,
		       OP_NEXT_THREAD);
		return true;
	case OP_UNDELETE_SUBTHREAD:
		change(app, SELECT_SUBTHREAD, NULL, &undelete_deed,
		       OP_NEXT_SUBTHREAD);
		return true;
	case OP_UNDELETE_PATTERN:
		ask_pattern(app, _("Undelete messages matching: "),
			    undelete_typed);
		return true;
	case OP_PURGE_MESSAGE:
		ask_expunge(app, meant(app));
		return true;
	case OP_PURGE_THREAD:
		ask_expunge(app, SELECT_THREAD);
		return true;
	default:
		return false;
	}
}

static bool run_flags(struct app *app, enum function_op op)
{
	switch (op) {
	case OP_READ_THREAD:
		change(app, SELECT_THREAD, NULL, &read_deed, OP_NEXT_THREAD);
		return true;
	case OP_READ_SUBTHREAD:
		change(app, SELECT_SUBTHREAD, NULL, &read_deed,
		       OP_NEXT_SUBTHREAD);
		return true;
	case OP_CATCHUP:
		change(app, SELECT_ALL, NULL, &read_deed, OP_NULL);
		return true;
	case OP_FLAG_MESSAGE:
		change(app, meant(app), NULL, &toggle_flagged,
		       OP_NEXT_UNDELETED);
		return true;
	case OP_TOGGLE_NEW:
		change(app, meant(app), NULL, &toggle_new, OP_NEXT_UNDELETED);
		return true;
	case OP_SET_FLAG:
		ask_flag(app, true);
		return true;
	case OP_CLEAR_FLAG:
		ask_flag(app, false);
		return true;
	case OP_EDIT_LABEL:
	case OP_MODIFY_LABELS:
		if (may_act(app) != NULL)
			labels_ask(app, meant(app), op == OP_EDIT_LABEL);
		return true;
	default:
		return false;
	}
}

static bool run_transfer(struct app *app, enum function_op op)
{
	switch (op) {
	case OP_ARCHIVE:
		archive(app, meant(app));
		return true;
	case OP_JUNK:
		to_role(app, STORE_ROLE_JUNK, STORE_JUNK,
			_("The server names no mailbox for junk."));
		return true;
	case OP_SAVE_MESSAGE:
		ask_where(app, SESSION_MOVE);
		return true;
	case OP_COPY_MESSAGE:
		ask_where(app, SESSION_COPY);
		return true;
	case OP_DECODE_SAVE:
		ask_where(app, SESSION_DECODE_SAVE);
		return true;
	case OP_DECODE_COPY:
		ask_where(app, SESSION_DECODE_COPY);
		return true;
	case OP_LINK_THREADS:
		link_threads(app);
		return true;
	case OP_BREAK_THREAD:
		break_thread(app);
		return true;
	default:
		return false;
	}
}

bool actions_run(struct app *app, enum function_op op)
{
	/* There the keys are about mailboxes. */
	if (app->focus != app->sidebar &&
	    (run_deletion(app, op) || run_flags(app, op) ||
	     run_transfer(app, op)))
		return true;
	switch (op) {
	case OP_UNDO:
		selection_undo(app, false);
		return true;
	case OP_REDO:
		selection_undo(app, true);
		return true;
	case OP_SYNC_MAILBOX:
		sync_mailbox(app);
		return true;
	case OP_TOGGLE_WRITE:
		index_toggle_write(app);
		return true;
	default:
		return false;
	}
}
