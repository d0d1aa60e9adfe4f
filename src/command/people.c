/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alias, alternates, lists, subscribe, my_hdr: who is who, and one's own
 * header fields. */
#include "private.h"

#include <string.h>

static void changed(struct context *context)
{
	const struct command_host *host = &context->config->host;

	if (host->refresh != NULL)
		host->refresh(host->user);
}

/* ---- alias ---- */

static void alias_free(void *data)
{
	struct config_alias *alias = data;

	g_free(alias->name);
	g_free(alias->addresses);
	g_free(alias);
}

GPtrArray *aliases_new(void)
{
	return g_ptr_array_new_with_free_func(alias_free);
}

static guint find_alias(const GPtrArray *list, const char *name)
{
	guint i = 0;

	while (i < list->len &&
	       strcmp(((struct config_alias *)list->pdata[i])->name, name) != 0)
		i++;
	return i;
}

bool command_alias(struct context *context, struct lexer *lexer, int unused)
{
	GPtrArray *list = context->config->aliases;
	g_autofree char *name = NULL;
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(g_free);
	struct config_alias *alias;
	guint at;

	(void)unused;
	if (!lexer_more(lexer) || !lexer_word(lexer, 0) ||
	    !groups_read(context, lexer, groups))
		return false;
	name = g_strdup(lexer->word->str);
	if (!lexer_more(lexer)) {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("alias: the address is missing"));
		return false;
	}
	if (!lexer_word(lexer, LEX_LINE))
		return false;
	at = find_alias(list, name);
	if (at < list->len)
		g_ptr_array_remove_index(list, at);
	alias = g_new0(struct config_alias, 1);
	alias->name = g_steal_pointer(&name);
	alias->addresses = g_strstrip(sanitise_line(lexer->word->str, -1));
	groups_addresses(context, groups, alias->addresses, false);
	g_ptr_array_add(list, alias);
	return true;
}

bool command_unalias(struct context *context, struct lexer *lexer, int unused)
{
	GPtrArray *list = context->config->aliases;

	(void)unused;
	while (lexer_more(lexer)) {
		guint at;

		if (!lexer_word(lexer, 0))
			return false;
		at = find_alias(list, lexer->word->str);
		if (strcmp(lexer->word->str, "*") == 0)
			g_ptr_array_set_size(list, 0);
		else if (at < list->len)
			g_ptr_array_remove_index(list, at);
	}
	return true;
}

const GPtrArray *config_aliases(const struct config *config)
{
	return config->aliases;
}

const char *config_alias(const struct config *config, const char *name)
{
	const GPtrArray *list = config->aliases;

	for (guint i = 0; i < list->len; i++) {
		const struct config_alias *alias = list->pdata[i];

		if (g_ascii_strcasecmp(alias->name, name) == 0)
			return alias->addresses;
	}
	return NULL;
}

/* ---- expressions: alternates, lists, subscribe ---- */

static guint find_text(const GPtrArray *list, const char *text)
{
	guint i = 0;

	while (i < list->len && strcmp(list->pdata[i], text) != 0)
		i++;
	return i;
}

static void take(GPtrArray *list, const char *text)
{
	guint at = find_text(list, text);

	if (strcmp(text, "*") == 0)
		g_ptr_array_set_size(list, 0);
	else if (at < list->len)
		g_ptr_array_remove_index(list, at);
}

static void put(GPtrArray *list, const char *text)
{
	if (find_text(list, text) == list->len)
		g_ptr_array_add(list, g_strdup(text));
}

/* The expressions for and against; `lists` and `subscribe` are global. */
static void lists_for(struct context *context, int what, GPtrArray **yes,
		      GPtrArray **no)
{
	struct config *config = context->config;

	switch (what & ~PEOPLE_UN) {
	case PEOPLE_ALTERNATES:
		*yes = context->scope->alternates;
		*no = context->scope->unalternates;
		break;
	case PEOPLE_LISTS:
		*yes = config->lists;
		*no = config->unlists;
		break;
	default:
		*yes = config->subscribed;
		*no = config->unsubscribed;
		break;
	}
}

static void change(struct context *context, int what, const char *text)
{
	GPtrArray *yes, *no;

	lists_for(context, what, &yes, &no);
	if (!(what & PEOPLE_UN)) {
		take(no, text);
		put(yes, text);
		return;
	}
	/* As in mutt: what was named goes, anything else is an exception. */
	if (strcmp(text, "*") != 0 && find_text(yes, text) == yes->len)
		put(no, text);
	take(yes, text);
	if (strcmp(text, "*") == 0)
		g_ptr_array_set_size(no, 0);
}

bool command_people(struct context *context, struct lexer *lexer, int what)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(g_free);

	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0) ||
		    !groups_read(context, lexer, groups))
			return false;
		if (lexer->word->len == 0)
			continue;
		groups_expression(context, groups, lexer->word->str,
				  (what & PEOPLE_UN) != 0);
		change(context, what, lexer->word->str);
		/* Who subscribes to a list knows it as one. */
		if ((what & ~PEOPLE_UN) == PEOPLE_SUBSCRIBE &&
		    !(what & PEOPLE_UN))
			change(context, PEOPLE_LISTS, lexer->word->str);
		else if (what == (PEOPLE_LISTS | PEOPLE_UN))
			change(context, PEOPLE_SUBSCRIBE | PEOPLE_UN,
			       lexer->word->str);
	}
	changed(context);
	return true;
}

const GPtrArray *config_alternates(const struct config *config,
				   const char *account, bool un)
{
	const struct scope *scope = config_scope(config, account);
	const struct scope *global = config_scope(config, NULL);
	const GPtrArray *own;

	/* An account that names its own does without the others'. */
	if (scope == NULL ||
	    scope->alternates->len + scope->unalternates->len == 0)
		scope = global;
	own = un ? scope->unalternates : scope->alternates;
	return own;
}

const GPtrArray *config_lists(const struct config *config, bool subscribed,
			      bool un)
{
	if (subscribed)
		return un ? config->unsubscribed : config->subscribed;
	return un ? config->unlists : config->lists;
}

/* ---- my_hdr ---- */

static bool is_header(const char *text, const char *name, size_t length)
{
	return g_ascii_strncasecmp(text, name, length) == 0 &&
	       text[length] == ':';
}

static void remove_headers(GPtrArray *list, const char *name)
{
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == ':')
		length--;
	for (guint i = list->len; i-- > 0;)
		if (strcmp(name, "*") == 0 ||
		    is_header(list->pdata[i], name, length))
			g_ptr_array_remove_index(list, i);
}

bool command_my_hdr(struct context *context, struct lexer *lexer, int unused)
{
	GPtrArray *list = context->scope->my_headers;
	g_autofree char *line = NULL, *name = NULL;
	size_t length;

	(void)unused;
	if (!lexer_more(lexer) || !lexer_word(lexer, LEX_LINE))
		return false;
	line = g_strstrip(sanitise_line(lexer->word->str, -1));
	length = strcspn(line, ": \t");
	if (length == 0 || line[length] != ':') {
		context_error(context, COMMAND_ERROR_SYNTAX,
			      _("my_hdr: '%s' is no header field"), line);
		return false;
	}
	name = g_strndup(line, length);
	remove_headers(list, name);
	g_ptr_array_add(list, g_steal_pointer(&line));
	return true;
}

bool command_unmy_hdr(struct context *context, struct lexer *lexer, int unused)
{
	(void)unused;
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		remove_headers(context->scope->my_headers, lexer->word->str);
	}
	return true;
}

GPtrArray *config_my_headers(const struct config *config, const char *account)
{
	const struct scope *scope = config_scope(config, account);
	const struct scope *global = config_scope(config, NULL);
	GPtrArray *all = g_ptr_array_new();

	for (guint i = 0; scope != NULL && scope != global &&
			  i < scope->my_headers->len; i++)
		g_ptr_array_add(all, scope->my_headers->pdata[i]);
	for (guint i = 0; i < global->my_headers->len; i++) {
		const char *line = global->my_headers->pdata[i];
		bool own = false;

		for (guint k = 0; k < all->len && !own; k++)
			own = is_header(all->pdata[k], line,
					strcspn(line, ":"));
		if (!own)
			g_ptr_array_add(all, (gpointer)line);
	}
	return all;
}
