/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "index.h"
#include "message.h"
#include "people.h"
#include "prompt.h"
#include "save.h"
#include "smew/query.h"

enum { ALIAS_DEPTH = 10 };

/* ---- expressions ---- */

static void free_regex(gpointer data)
{
	query_regex_free(data);
}

/* What cannot be read matches nothing; the configuration said so before. */
static GPtrArray *compile(const GPtrArray *texts)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(free_regex);

	for (guint i = 0; i < texts->len; i++) {
		struct query_regex *regex =
			query_regex_new(g_ptr_array_index(texts, i), NULL);

		if (regex != NULL)
			g_ptr_array_add(list, regex);
	}
	return list;
}

static bool matches(const GPtrArray *list, const char *email)
{
	size_t start, end;

	for (guint i = 0; i < list->len; i++)
		if (query_regex_find(g_ptr_array_index(list, i), email,
				     strlen(email), 0, &start, &end))
			return true;
	return false;
}

static bool is_me(const char *email, void *user)
{
	const struct people *p = user;

	for (guint i = 0; i < p->from->len; i++) {
		const struct mail_address *a = g_ptr_array_index(p->from, i);

		if (mail_address_same(a->email, email))
			return true;
	}
	return matches(p->me, email) && !matches(p->not_me, email);
}

static bool is_list(const char *email, void *user)
{
	const struct people *p = user;

	return matches(p->lists, email) && !matches(p->not_lists, email);
}

static bool is_subscribed(const char *email, void *user)
{
	const struct people *p = user;

	return matches(p->subscribed, email) &&
	       !matches(p->not_subscribed, email);
}

void people_init(struct people *p, const struct app *app, const char *account)
{
	const struct config *c = app->config;
	const char *from = config_string(c, account, "from");

	p->rules = (struct mail_people){ is_me, is_list, is_subscribed, p };
	p->me = compile(config_alternates(c, account, false));
	p->not_me = compile(config_alternates(c, account, true));
	p->lists = compile(config_lists(c, false, false));
	p->not_lists = compile(config_lists(c, false, true));
	p->subscribed = compile(config_lists(c, true, false));
	p->not_subscribed = compile(config_lists(c, true, true));
	p->from = mail_addresses_read(from);
}

void people_release(struct people *p)
{
	g_ptr_array_unref(p->me);
	g_ptr_array_unref(p->not_me);
	g_ptr_array_unref(p->lists);
	g_ptr_array_unref(p->not_lists);
	g_ptr_array_unref(p->subscribed);
	g_ptr_array_unref(p->not_subscribed);
	g_ptr_array_unref(p->from);
}

/* ---- oneself ---- */

static char *join(const char *name, const char *email)
{
	g_autoptr(GPtrArray) one = mail_addresses_new();

	mail_addresses_add(one, name, email);
	return mail_addresses_text(one);
}

/* Without $from, what the account signs in with may be an address. */
static char *guess_from(const struct app *app, const char *account)
{
	struct account_server server = { 0 };
	char *email = NULL;

	if (config_account_server(app->config, account, &server, NULL) &&
	    server.user != NULL && strchr(server.user, '@') != NULL)
		email = g_strdup(server.user);
	account_server_clear(&server);
	return email != NULL ? email : g_strdup("");
}

char *people_from(const struct app *app, const char *account)
{
	const char *name = config_string(app->config, account, "realname");
	g_autoptr(GPtrArray) list = mail_addresses_read(
		config_string(app->config, account, "from"));
	const struct mail_address *a =
		list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
	g_autofree char *guess = NULL;

	if (a != NULL)
		return join(*a->name != '\0' ? a->name : name, a->email);
	guess = guess_from(app, account);
	return *guess != '\0' ? join(name, guess) : g_strdup("");
}

struct account *people_account(const struct app *app, const char *from)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(from);

	for (guint i = 0; i < app->accounts->len && list->len > 0; i++) {
		struct account *account = g_ptr_array_index(app->accounts, i);
		g_autofree char *own = people_from(app, account->name);
		g_autoptr(GPtrArray) mine = mail_addresses_read(own);

		if (mine->len > 0 &&
		    mail_address_same(
			    ((struct mail_address *)g_ptr_array_index(mine, 0))
				    ->email,
			    ((struct mail_address *)g_ptr_array_index(list, 0))
				    ->email))
			return account;
	}
	return NULL;
}

/* ---- aliases ---- */

struct expansion {
	const struct app *app;
	const char *domain; /* for names without one, or "" */
	GPtrArray *out;
};

static void expand(struct expansion *e, const char *text, int depth)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(text);

	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);
		bool plain = *a->name == '\0' && strchr(a->email, '@') == NULL;
		const char *alias =
			plain ? config_alias(e->app->config, a->email) : NULL;
		g_autofree char *whole = NULL;

		if (alias != NULL && depth < ALIAS_DEPTH) {
			expand(e, alias, depth + 1);
			continue;
		}
		if (*a->email != '\0' && strchr(a->email, '@') == NULL &&
		    *e->domain != '\0')
			whole = g_strconcat(a->email, "@", e->domain, NULL);
		mail_addresses_add(e->out, a->name,
				   whole != NULL ? whole : a->email);
	}
}

static char *own_domain(const struct app *app, const char *account)
{
	const char *host = config_string(app->config, account, "hostname");
	g_autofree char *from = people_from(app, account);
	g_autoptr(GPtrArray) list = mail_addresses_read(from);
	const char *at;

	if (!config_bool(app->config, account, "use_domain"))
		return g_strdup("");
	if (*host != '\0')
		return g_strdup(host);
	at = list->len > 0
		     ? strrchr(((struct mail_address *)g_ptr_array_index(list,
									 0))
				       ->email,
			       '@')
		     : NULL;
	return g_strdup(at != NULL ? at + 1 : "");
}

char *people_expand(const struct app *app, const char *account,
		    const char *text)
{
	g_autofree char *domain = own_domain(app, account);
	g_autoptr(GPtrArray) out = mail_addresses_new();
	struct expansion e = { app, domain, out };

	expand(&e, text, 0);
	return mail_addresses_text(out);
}

/* ---- completion ---- */

/* Where the address begins that ends at the cursor: behind a comma outside of
 * quotes. */
size_t people_address_start(const char *line, size_t cursor)
{
	size_t start = 0;
	bool quoted = false;

	for (size_t i = 0; i < cursor; i++) {
		if (line[i] == '"')
			quoted = !quoted;
		else if (line[i] == ',' && !quoted)
			start = i + 1;
	}
	while (start < cursor && line[start] == ' ')
		start++;
	return start;
}

static bool begins_with(const char *text, const char *folded)
{
	g_autofree char *own = g_utf8_casefold(text, -1);

	return g_str_has_prefix(own, folded);
}

char **people_complete(struct app *app, const char *line, size_t cursor,
		       size_t *start)
{
	const GPtrArray *aliases = config_aliases(app->config);
	g_autofree char *typed = NULL, *folded = NULL;
	GPtrArray *found = g_ptr_array_new();

	*start = people_address_start(line, cursor);
	typed = g_strndup(line + *start, cursor - *start);
	folded = g_utf8_casefold(typed, -1);
	for (guint i = 0; i < aliases->len; i++) {
		const struct config_alias *alias =
			g_ptr_array_index(aliases, i);

		if (begins_with(alias->name, folded))
			g_ptr_array_add(found, g_strdup(alias->name));
	}
	/* A name that the user made is what the user means. */
	if (found->len == 0)
		people_match(app, typed, found);
	g_ptr_array_add(found, NULL);
	return (char **)g_ptr_array_free(found, FALSE);
}

/* ---- create-alias ---- */

static void alias_typed(struct app *app, const char *answer, void *user)
{
	g_autofree char *address = user;
	g_autofree char *line = NULL;
	g_autoptr(GError) error = NULL;

	if (answer == NULL || *answer == '\0')
		return;
	if (strpbrk(answer, " \t;#\"'`$\\,") != NULL) {
		message_error(app, _("The name of an alias is one plain word."));
		return;
	}
	line = g_strdup_printf("alias %s %s", answer, address);
	if (!config_run(app->config, line, &error))
		message_error(app, error->message);
	else
		save_append(app, config_string(app->config, NULL, "alias_file"),
			    g_strconcat(line, "\n", NULL));
}

/* What the language would take for something else. Owned. */
static char *for_language(const char *email, const char *name)
{
	GString *out = g_string_new(NULL);
	g_autofree char *text = join(name, email);

	for (const char *p = text; *p != '\0'; p++) {
		if (strchr("`$\\;#'", *p) != NULL)
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

void people_create_alias(struct app *app)
{
	const struct view_row *row = index_current(app);
	g_autoptr(GPtrArray) list = NULL;
	g_autofree char *guess = NULL;
	const struct mail_address *a;

	if (row == NULL) {
		message_show(app, _("There are no messages."));
		return;
	}
	list = mail_addresses_read(row->from);
	a = list->len > 0 ? g_ptr_array_index(list, 0) : NULL;
	if (a == NULL || *a->email == '\0') {
		message_show(app, _("The message names no sender."));
		return;
	}
	guess = g_strndup(a->email, strcspn(a->email, "@\"'`$\\;# "));
	const struct prompt_line line = {
		.label = _("Alias as: "),
		.text = guess,
		.history = HISTORY_NONE,
		.done = alias_typed,
		.user = for_language(a->email, a->name),
	};

	prompt_ask(app, &line);
}
