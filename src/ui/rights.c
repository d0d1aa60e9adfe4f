/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "index.h"
#include "message.h"
#include "rights.h"

/* What is known comes after the mailbox was opened: nothing is forbidden
 * before. */
void rights_got(struct account *account, const char *mailbox,
		const char *letters)
{
	g_free(account->rights_of);
	g_free(account->rights);
	account->rights_of = g_strdup(mailbox);
	account->rights = g_strdup(letters);
	app_dirty(account->app);
}

void rights_got_quota(struct account *account,
		      const struct session_quota *quota)
{
	struct account_quota *q = &account->quota;

	g_free(q->mailbox);
	q->mailbox = g_strdup(quota->mailbox);
	q->used = quota->used;
	q->limit = quota->limit;
	q->percent = quota->percent;
	q->messages = quota->messages;
	app_dirty(account->app);
}

void rights_release(struct account *account)
{
	g_free(account->rights_of);
	g_free(account->rights);
	g_free(account->quota.mailbox);
}

const struct account_quota *rights_quota(const struct app *app)
{
	const struct account *account = index_account(app);

	if (account == NULL || account->quota.limit == 0 ||
	    g_strcmp0(account->quota.mailbox, index_mailbox(app)) != 0)
		return NULL;
	return &account->quota;
}

/* The letters of the open mailbox; NULL: not known. */
static const char *letters(const struct app *app)
{
	const struct account *account = index_account(app);

	if (account == NULL ||
	    g_strcmp0(account->rights_of, index_mailbox(app)) != 0)
		return NULL;
	return account->rights;
}

/* The older `d` of RFC 2086 stands for both of today's. */
static bool has(const struct app *app, char right)
{
	const char *all = letters(app);

	return all == NULL || strchr(all, right) != NULL ||
	       ((right == 't' || right == 'e') && strchr(all, 'd') != NULL);
}

static void add(GString *text, bool lacking, const char *words)
{
	if (!lacking)
		return;
	if (text->len > 0)
		g_string_append(text, ", ");
	g_string_append(text, words);
}

char *rights_text(const struct app *app)
{
	GString *text = g_string_new(NULL);
	bool removes = has(app, 't') && has(app, 'e');

	if (index_facts(app).read_only ||
	    (!has(app, 's') && !has(app, 'w') && !has(app, 't'))) {
		g_string_append(text, _("read-only"));
		return g_string_free(text, FALSE);
	}
	add(text, !removes, _("no deleting"));
	add(text, !has(app, 'w'), _("no flags"));
	add(text, !has(app, 's'), _("stays unread"));
	add(text, !has(app, 'i'), _("no adding"));
	return g_string_free(text, FALSE);
}

/* What a deed needs and the reader does not have, in words; or NULL. */
static const char *lacking(const struct app *app, const struct deed *deed)
{
	uint32_t flags = deed->add | deed->del;

	if ((deed->verb == SESSION_MOVE || deed->verb == SESSION_EXPUNGE ||
	     deed->verb == SESSION_PURGE || deed->verb == SESSION_RELINK) &&
	    !(has(app, 't') && has(app, 'e')))
		return _("You have no right to remove messages from here.");
	if (deed->verb == SESSION_RELINK && !has(app, 'i'))
		return _("You have no right to add messages here.");
	if (deed->verb == SESSION_DECODE_SAVE && !has(app, 't'))
		return _("You have no right to delete messages here.");
	if (deed->verb != SESSION_FLAG || deed->tag != VIEW_MARK_NONE)
		return NULL;
	if ((flags & STORE_DELETED) && !has(app, 't'))
		return _("You have no right to delete messages here.");
	if ((flags & STORE_SEEN) && !has(app, 's'))
		return _("You have no right to mark messages as read here.");
	if ((flags & ~(uint32_t)(STORE_DELETED | STORE_SEEN | STORE_OLD)) &&
	    !has(app, 'w'))
		return _("You have no right to change flags here.");
	return NULL;
}

bool rights_allow(struct app *app, const struct deed *deed)
{
	const char *why = lacking(app, deed);

	if (why != NULL && !deed->quiet)
		message_error(app, why);
	return why == NULL;
}
