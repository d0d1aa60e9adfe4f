/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message's mailing list offers: answers to it, and list-action. */
#include "config.h"

#include <string.h>

#include "compose-private.h"
#include "compose.h"
#include "message.h"
#include "prompt.h"
#include "smew/send.h"

/* In the order of the question. */
static const struct {
	enum mail_list_action action;
	const char *label;
	const char *letters; /* the label's, small and large */
} offers[] = {
	/* TRANSLATORS: the letters in brackets and the pairs below them must
	 * agree, and differ from one another. */
	{ MAIL_LIST_POST, N_("(p)ost"), N_("pP") },
	{ MAIL_LIST_SUBSCRIBE, N_("(s)ubscribe"), N_("sS") },
	{ MAIL_LIST_UNSUBSCRIBE, N_("(u)nsubscribe"), N_("uU") },
	{ MAIL_LIST_ARCHIVE, N_("(a)rchive"), N_("aA") },
	{ MAIL_LIST_HELP, N_("(h)elp"), N_("hH") },
	{ MAIL_LIST_OWNER, N_("(o)wner"), N_("oO") },
};

static char *url_of(const struct compose *c, enum mail_list_action action)
{
	const struct compose_original *o = c->original;
	GBytes *header = o->whole != NULL ? o->whole : o->bytes;

	return header != NULL ? mail_list_url(header, action) : NULL;
}

/* ---- where the list takes mail ---- */

bool compose_fill_list(struct compose *c)
{
	static const char *const nothing_else[] = { NULL };
	g_autofree char *url = url_of(c, MAIL_LIST_POST);
	struct mailto link = { 0 };
	bool found = url != NULL &&
		     mailto_parse(url, nothing_else, &link, NULL) &&
		     link.to != NULL;

	if (found)
		mail_draft_set(&c->draft->fields[MAIL_TO], link.to);
	mailto_clear(&link);
	return found;
}

/* ---- list-action ---- */

static void write_to(struct compose *c, const char *url)
{
	struct app *app = c->app;
	struct mail_draft *draft;
	g_autoptr(GError) error = NULL;
	struct mailto link;

	if (!mailto_parse(url, config_mailto_allow(app->config), &link,
			  &error)) {
		compose_abort(c, NULL);
		message_error(app, error->message);
	} else {
		draft = mail_draft_new();
		mailto_fill(&link, draft);
		compose_abort(c, NULL);
		compose_open(app, draft);
	}
	mailto_clear(&link);
}

/* Pages are for a browser: nothing is ever fetched. */
static void show_page(struct compose *c, const char *url)
{
	struct app *app = c->app;

	compose_abort(c, NULL);
	message_format(app, _("See %s"), url);
}

static void chosen(struct app *app, const char *answer, void *user)
{
	struct compose *c = app->compose;
	g_autofree char *url = NULL;

	if (c == NULL || GUINT_TO_POINTER(c->serial) != user)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(offers); i++)
		if (answer != NULL && *answer != '\0' &&
		    strchr(_(offers[i].letters), *answer) != NULL)
			url = url_of(c, offers[i].action);
	if (url == NULL)
		compose_abort(c, NULL);
	else if (g_ascii_strncasecmp(url, "mailto:", 7) == 0)
		write_to(c, url);
	else
		show_page(c, url);
}

void compose_ask_list(struct compose *c)
{
	g_autoptr(GString) label = g_string_new(_("List: "));
	size_t n = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(offers); i++) {
		g_autofree char *url = url_of(c, offers[i].action);

		if (url != NULL)
			g_string_append_printf(label, "%s%s",
					       n++ > 0 ? ", " : "",
					       _(offers[i].label));
	}
	if (n == 0) {
		compose_abort(c, _("This message names no list that mail "
				   "could be sent to."));
		return;
	}
	g_string_append(label, "? ");
	prompt_one_key(c->app, label->str, chosen,
		       GUINT_TO_POINTER(c->serial));
}
