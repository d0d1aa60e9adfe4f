/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailboxes, ignore, hdr_order, echo, and what is only accepted. */
#include "private.h"

#include <string.h>

/* ---- mailboxes ---- */

static void refresh(struct context *context)
{
	const struct command_host *host = &context->config->host;

	if (host->refresh != NULL)
		host->refresh(host->user);
}

/* The place of 'name' in the list, or its length. */
static guint find(const GPtrArray *list, const char *name)
{
	guint i = 0;

	while (i < list->len && strcmp(list->pdata[i], name) != 0)
		i++;
	return i;
}

/* The account that a mailbox named here belongs to, and its name in there. */
static struct scope *mailbox_scope(struct context *context, const char *text,
				   char **name)
{
	struct scope *here = context->scope;
	const char *current = here->name != NULL ? here->name : "default";
	g_autofree char *account = NULL;
	g_autoptr(GError) error = NULL;
	struct scope *scope;

	if (!config_mailbox_name(context->config, current, text, &account,
				 name, &error)) {
		context_error(context, COMMAND_ERROR_VALUE, "%s",
			      error->message);
		return NULL;
	}
	scope = config_scope(context->config, account);
	if (here->name == NULL && strcmp(account, "default") == 0)
		scope = context->config->scopes->pdata[0];
	return scope != NULL ? scope : here;
}

static GPtrArray *mailbox_list(struct context *context, const char *text,
			       char **name)
{
	const struct scope *scope = mailbox_scope(context, text, name);

	return scope != NULL ? scope->mailboxes : NULL;
}

/* mutt's mailboxes in files, and those of other protocols. */
static bool is_foreign(const char *text)
{
	return *text == '/' || *text == '~' ||
	       (strstr(text, "://") != NULL &&
		g_ascii_strncasecmp(text, "imap", 4) != 0);
}

static void add_mailbox(struct context *context, const char *text)
{
	g_autofree char *name = NULL;
	GPtrArray *list;

	if (is_foreign(text)) {
		context_note(context, _("%s has no effect in smew"), text);
		return;
	}
	list = mailbox_list(context, text, &name);

	/* A lone `=` (from `mailboxes = +X`) names the root: no mailbox. */
	if (list != NULL && *name != '\0' && find(list, name) == list->len)
		g_ptr_array_add(list, g_steal_pointer(&name));
}

/* mutt's options before a name; sets whether a word is to be skipped. */
static bool is_mailbox_option(const char *word, bool *skip_next)
{
	static const char *const options[] = {
		"-notify", "-nonotify", "-poll", "-nopoll", "-nolabel",
	};

	*skip_next = strcmp(word, "-label") == 0;
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		if (strcmp(word, options[i]) == 0)
			return true;
	return *skip_next;
}

bool command_mailboxes(struct context *context, struct lexer *lexer, int named)
{
	bool skip = named != 0, skip_next;

	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		if (skip)
			skip = false;
		else if (is_mailbox_option(lexer->word->str, &skip_next))
			skip = skip_next;
		else {
			if (lexer->word->len > 0)
				add_mailbox(context, lexer->word->str);
			skip = named != 0;
		}
	}
	refresh(context);
	return true;
}

bool command_unmailboxes(struct context *context, struct lexer *lexer,
			 int unused)
{
	(void)unused;
	while (lexer_more(lexer)) {
		g_autofree char *name = NULL;
		GPtrArray *list;

		if (!lexer_word(lexer, 0))
			return false;
		if (strcmp(lexer->word->str, "*") == 0) {
			g_ptr_array_set_size(context->scope->mailboxes, 0);
			continue;
		}
		list = mailbox_list(context, lexer->word->str, &name);
		if (list != NULL && find(list, name) < list->len)
			g_ptr_array_remove_index(list, find(list, name));
	}
	refresh(context);
	return true;
}

/* ---- what the folder pane shows first ---- */

static void pin(struct context *context, const char *text, bool un)
{
	g_autofree char *name = NULL;
	const struct scope *scope = mailbox_scope(context, text, &name);
	guint place;

	if (scope == NULL || *name == '\0')
		return;
	place = find(scope->pins, name);
	if (un && place < scope->pins->len)
		g_ptr_array_remove_index(scope->pins, place);
	else if (!un && place == scope->pins->len)
		g_ptr_array_add(scope->pins, g_steal_pointer(&name));
}

bool command_pin(struct context *context, struct lexer *lexer, int un)
{
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		if (un && strcmp(lexer->word->str, "*") == 0)
			g_ptr_array_set_size(context->scope->pins, 0);
		else
			pin(context, lexer->word->str, un != 0);
	}
	refresh(context);
	return true;
}

/* ---- header lists ---- */

static void remove_name(GPtrArray *list, const char *name)
{
	for (guint i = list->len; i-- > 0;)
		if (strcmp(name, "*") == 0 ||
		    g_ascii_strcasecmp(list->pdata[i], name) == 0)
			g_ptr_array_remove_index(list, i);
}

static void add_name(GPtrArray *list, const char *name)
{
	for (guint i = 0; i < list->len; i++)
		if (g_ascii_strcasecmp(list->pdata[i], name) == 0)
			return;
	g_ptr_array_add(list, g_strdup(name));
}

bool command_ignore(struct context *context, struct lexer *lexer, int un)
{
	struct config *config = context->config;

	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		remove_name(un ? config->ignore : config->unignore,
			    lexer->word->str);
		/* `unignore *` leaves nothing to be excepted. */
		if (!un || strcmp(lexer->word->str, "*") != 0)
			add_name(un ? config->unignore : config->ignore,
				 lexer->word->str);
	}
	refresh(context);
	return true;
}

bool command_hdr_order(struct context *context, struct lexer *lexer, int un)
{
	GPtrArray *list = context->config->hdr_order;

	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		if (un)
			remove_name(list, lexer->word->str);
		else
			add_name(list, lexer->word->str);
	}
	refresh(context);
	return true;
}

/* ---- the rest ---- */

bool command_echo(struct context *context, struct lexer *lexer, int unused)
{
	GString *text = g_string_new(NULL);
	bool good = true;

	(void)unused;
	while (good && lexer_more(lexer)) {
		good = lexer_word(lexer, 0);
		if (text->len > 0)
			g_string_append_c(text, ' ');
		g_string_append(text, lexer->word->str);
	}
	if (good)
		context_echo(context, text->str);
	g_string_free(text, TRUE);
	return good;
}

/* A command that only is known: its words are read, a note says so. Not
 * all of its words are the language's (patterns, MIME types), so that a
 * backquote in them is not run for nothing. */
bool command_accept(struct context *context, struct lexer *lexer, int later)
{
	g_autofree char *name = g_strdup(lexer->word->str);

	if (later)
		context_note(context, _("%s has no effect in smew yet"), name);
	else
		context_note(context, _("%s has no effect in smew"), name);
	lexer_skip_command(lexer);
	return true;
}
