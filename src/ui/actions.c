/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "actions.h"
#include "index.h"
#include "message.h"
#include "prompt.h"

/* ---- where to ---- */

static const struct store_mailbox *by_role(const struct account *account,
					   enum store_role role)
{
	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *m =
			g_ptr_array_index(account->folders, i);

		if (m->role == role)
			return m;
	}
	return NULL;
}

/* By the name people know, with or without "=". */
static const struct store_mailbox *by_name(const struct account *account,
					   const char *text)
{
	if (*text == '=' || *text == '+')
		text++;
	for (guint i = 0; account->folders != NULL && i < account->folders->len;
	     i++) {
		const struct store_mailbox *m =
			g_ptr_array_index(account->folders, i);

		if (strcmp(m->display, text) == 0)
			return m;
	}
	return NULL;
}

/* ---- doing it ---- */

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

static void transfer(struct app *app, enum session_verb verb,
		     const struct store_mailbox *to, uint32_t add)
{
	struct account *account = may_act(app);
	const struct view_row *row = index_current(app);
	g_autofree char *named = NULL;
	struct session_act act = {
		.verb = verb,
		.mailbox = index_mailbox(app),
		.n = 1,
		.add = add,
		.target = to->name,
	};

	if (account == NULL || row == NULL)
		return;
	if (g_strcmp0(to->name, act.mailbox) == 0) {
		message_error(app, _("The message is there already."));
		return;
	}
	named = g_strdup_printf(verb == SESSION_COPY ? _("copy to %s")
						     : _("move to %s"),
				to->display);
	act.ids = &row->id;
	act.what = named;
	session_act(account->session, &act);
}

static void to_role(struct app *app, enum store_role role, uint32_t add,
		    const char *lacking)
{
	const struct account *account = index_account(app);
	const struct store_mailbox *to =
		account != NULL ? by_role(account, role) : NULL;

	if (to != NULL)
		transfer(app, SESSION_MOVE, to, add);
	else
		message_error(app, lacking);
}

static void chosen(struct app *app, const char *answer, enum session_verb verb)
{
	const struct account *account = index_account(app);
	const struct store_mailbox *to;

	if (answer == NULL || *answer == '\0' || account == NULL)
		return;
	to = by_name(account, answer);
	if (to == NULL)
		message_error(app, _("There is no such mailbox."));
	else
		transfer(app, verb, to, 0);
}

static void save_to(struct app *app, const char *answer, void *user)
{
	(void)user;
	chosen(app, answer, SESSION_MOVE);
}

static void copy_to(struct app *app, const char *answer, void *user)
{
	(void)user;
	chosen(app, answer, SESSION_COPY);
}

static void ask_where(struct app *app, bool copy)
{
	const struct prompt_line line = {
		.label = copy ? _("Copy to mailbox: ") : _("Save to mailbox: "),
		.history = HISTORY_MAILBOX,
		.done = copy ? copy_to : save_to,
	};

	if (may_act(app) != NULL && index_current(app) != NULL)
		prompt_ask(app, &line);
}

/* ---- purging ---- */

static void purge(struct app *app)
{
	struct account *account = may_act(app);
	const struct store_mailbox *trash;
	struct session_act act = { .verb = SESSION_PURGE,
				   .mailbox = index_mailbox(app),
				   .what = _("purge of deleted messages") };

	if (account == NULL)
		return;
	trash = by_role(account, STORE_ROLE_TRASH);
	if (trash != NULL && strcmp(trash->name, act.mailbox) != 0)
		act.target = trash->name;
	session_act(account->session, &act);
}

static void purge_answered(struct app *app, const char *answer, void *user)
{
	(void)user;
	if (answer != NULL && strcmp(answer, "yes") == 0)
		purge(app);
}

static void sync_mailbox(struct app *app)
{
	enum quad quad = config_quad(app->config, NULL, "delete");
	int64_t n = index_facts(app).deleted;
	g_autofree char *label = NULL;

	if (may_act(app) == NULL)
		return;
	if (n == 0) {
		message_show(app, _("Nothing is marked as deleted."));
		return;
	}
	if (quad == QUAD_NO)
		message_show(app, _("Not purging: delete is set to no."));
	if (quad == QUAD_YES)
		purge(app);
	if (quad == QUAD_NO || quad == QUAD_YES)
		return;
	label = g_strdup_printf(ngettext("Purge %u deleted message?",
					 "Purge %u deleted messages?",
					 (unsigned)n),
				(unsigned)n);
	prompt_yes_no(app, label, quad == QUAD_ASK_YES, purge_answered, NULL);
}

static void undo(struct app *app, bool redo)
{
	const struct account *account = index_account(app);

	if (account != NULL && account->session != NULL)
		session_undo(account->session, redo);
}

bool actions_run(struct app *app, enum function_op op)
{
	switch (op) {
	case OP_UNDO:
		undo(app, false);
		return true;
	case OP_REDO:
		undo(app, true);
		return true;
	case OP_ARCHIVE:
		to_role(app, STORE_ROLE_ARCHIVE, 0,
			_("The server names no mailbox for archived mail."));
		return true;
	case OP_JUNK:
		to_role(app, STORE_ROLE_JUNK, STORE_JUNK,
			_("The server names no mailbox for junk."));
		return true;
	case OP_SAVE_MESSAGE:
		ask_where(app, false);
		return true;
	case OP_COPY_MESSAGE:
		ask_where(app, true);
		return true;
	case OP_SYNC_MAILBOX:
		sync_mailbox(app);
		return true;
	default:
		return false;
	}
}
