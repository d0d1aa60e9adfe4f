/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks: commands that run when a mailbox is opened or a message written. */
#include "private.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned kinds;
} names[] = {
	{ "folder-hook", HOOK_FOLDER },
	{ "reply-hook", HOOK_REPLY },
	{ "send-hook", HOOK_SEND },
	{ "send2-hook", HOOK_SEND2 },
	{ "fcc-hook", HOOK_FCC },
	{ "save-hook", HOOK_SAVE },
	{ "fcc-save-hook", HOOK_FCC | HOOK_SAVE },
};

static void hook_free(void *data)
{
	struct config_hook *hook = data;

	g_free(hook->account);
	g_free(hook->pattern);
	g_free(hook->command);
	g_free(hook);
}

GPtrArray *hooks_new(void)
{
	return g_ptr_array_new_with_free_func(hook_free);
}

/* Whether it names a mailbox rather than a command. */
static bool is_mailbox(unsigned which)
{
	return (which & (HOOK_FCC | HOOK_SAVE)) != 0;
}

static bool is_same(const struct config_hook *a, const struct config_hook *b)
{
	return a->kinds == b->kinds && a->not == b->not &&
	       g_strcmp0(a->account, b->account) == 0 &&
	       strcmp(a->pattern, b->pattern) == 0 &&
	       (is_mailbox(a->kinds) || strcmp(a->command, b->command) == 0);
}

/* The same one a second time counts once; of mailboxes the last counts. */
static void add(GPtrArray *hooks, struct config_hook *hook)
{
	for (guint i = hooks->len; i-- > 0;)
		if (is_same(hooks->pdata[i], hook))
			g_ptr_array_remove_index(hooks, i);
	g_ptr_array_add(hooks, hook);
}

bool command_hook(struct context *context, struct lexer *lexer, int which)
{
	g_autofree char *pattern = NULL;
	struct config_hook *hook;
	bool not = false;

	if (!lexer_more(lexer) || !lexer_word(lexer, 0))
		goto missing;
	/* "! .", as well as "!." */
	if (strcmp(lexer->word->str, "!") == 0) {
		not = true;
		if (!lexer_more(lexer) || !lexer_word(lexer, 0))
			goto missing;
	}
	pattern = g_strdup(lexer->word->str);
	if (!lexer_more(lexer))
		goto missing;
	if (!lexer_word(lexer, is_mailbox((unsigned)which) ? 0
								  : LEX_BLANKS))
		return false;
	hook = g_new0(struct config_hook, 1);
	hook->kinds = (unsigned)which;
	/* Of a pattern of messages `!` is a part. */
	if (which == HOOK_FOLDER && !not && *pattern == '!' &&
	    pattern[1] != '\0') {
		not = true;
		hook->pattern = g_strdup(pattern + 1);
	} else {
		hook->pattern = g_steal_pointer(&pattern);
	}
	hook->not = not;
	hook->account = g_strdup(context->scope->name);
	hook->command = g_strstrip(g_strdup(lexer->word->str));
	add(context->config->hooks, hook);
	return true;
missing:
	context_error(context, COMMAND_ERROR_SYNTAX,
		      _("a hook needs a pattern and what it is to do"));
	return false;
}

static void take(GPtrArray *hooks, const char *name)
{
	for (guint i = hooks->len; i-- > 0;) {
		const struct config_hook *hook = hooks->pdata[i];
		bool meant = strcmp(name, "*") == 0;

		for (size_t k = 0; k < G_N_ELEMENTS(names); k++)
			meant = meant || (names[k].kinds == hook->kinds &&
					  strcmp(names[k].name, name) == 0);
		if (meant)
			g_ptr_array_remove_index(hooks, i);
	}
}

bool command_unhook(struct context *context, struct lexer *lexer, int unused)
{
	(void)unused;
	while (lexer_more(lexer)) {
		if (!lexer_word(lexer, 0))
			return false;
		take(context->config->hooks, lexer->word->str);
	}
	return true;
}

GPtrArray *config_hooks(const struct config *config, const char *account,
			enum hook_kind kind)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < config->hooks->len; i++) {
		struct config_hook *hook = config->hooks->pdata[i];

		if ((hook->kinds & kind) != 0 &&
		    (hook->account == NULL ||
		     g_strcmp0(hook->account, account) == 0))
			g_ptr_array_add(found, hook);
	}
	return found;
}
