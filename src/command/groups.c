/* SPDX-License-Identifier: GPL-3.0-or-later */
/* group, ungroup: addresses and expressions under a name, for patterns. */
#include "private.h"

#include <string.h>

#include "smew/mail.h"
#include "smew/query.h"

static void free_members(void *data)
{
	g_ptr_array_unref(data);
}

GHashTable *groups_new(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
				     free_members);
}

static GPtrArray *members(struct config *config, const char *name)
{
	GPtrArray *list = g_hash_table_lookup(config->groups, name);

	if (list == NULL) {
		list = g_ptr_array_new_with_free_func(g_free);
		g_hash_table_insert(config->groups, g_strdup(name), list);
	}
	return list;
}

static guint find(const GPtrArray *list, const char *member)
{
	guint i = 0;

	while (i < list->len &&
	       g_ascii_strcasecmp(list->pdata[i], member) != 0)
		i++;
	return i;
}

static void change(struct context *context, const GPtrArray *names,
		   const char *member, bool un)
{
	for (guint i = 0; i < names->len; i++) {
		GPtrArray *list = members(context->config, names->pdata[i]);
		guint at = find(list, member);

		if (un && at < list->len)
			g_ptr_array_remove_index(list, at);
		else if (!un && at == list->len)
			g_ptr_array_add(list, g_strdup(member));
	}
}

void groups_expression(struct context *context, const GPtrArray *names,
		       const char *expression, bool un)
{
	g_autofree char *member =
		g_strdup_printf("%c%s", GROUP_EXPRESSION, expression);

	change(context, names, member, un);
}

void groups_addresses(struct context *context, const GPtrArray *names,
		      const char *text, bool un)
{
	g_autoptr(GPtrArray) list = mail_addresses_read(text);

	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = list->pdata[i];
		g_autofree char *member =
			g_strdup_printf("%c%s", GROUP_ADDRESS, a->email);

		if (*a->email != '\0')
			change(context, names, member, un);
	}
}

bool groups_read(struct context *context, struct lexer *lexer,
		 GPtrArray *names)
{
	while (strcmp(lexer->word->str, "-group") == 0) {
		if (!lexer_more(lexer) || !lexer_word(lexer, 0)) {
			context_error(context, COMMAND_ERROR_SYNTAX,
				      _("-group needs a name"));
			return false;
		}
		g_ptr_array_add(names, g_strdup(lexer->word->str));
		members(context->config, lexer->word->str);
		if (!lexer_more(lexer) || !lexer_word(lexer, 0)) {
			context_error(context, COMMAND_ERROR_SYNTAX,
				      _("-group NAME: what belongs to it is "
					"missing"));
			return false;
		}
	}
	return true;
}

/* Everything: of the groups named, or, without one, of all. */
static void empty(struct context *context, const GPtrArray *names)
{
	for (guint i = 0; i < names->len; i++)
		g_hash_table_remove(context->config->groups, names->pdata[i]);
	if (names->len == 0)
		g_hash_table_remove_all(context->config->groups);
}

static bool incomplete(struct context *context)
{
	context_error(context, COMMAND_ERROR_SYNTAX,
		      _("a group needs -group NAME, and -rx or -addr"));
	return false;
}

bool command_group(struct context *context, struct lexer *lexer, int un)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	enum { NOTHING, EXPRESSIONS, ADDRESSES } mode = NOTHING;

	if (!lexer_more(lexer))
		return incomplete(context);
	if (!lexer_word(lexer, 0) || !groups_read(context, lexer, names))
		return false;
	do {
		const char *word = lexer->word->str;

		if (strcmp(word, "-rx") == 0) {
			mode = EXPRESSIONS;
		} else if (strcmp(word, "-addr") == 0) {
			mode = ADDRESSES;
		} else if (un && strcmp(word, "*") == 0) {
			empty(context, names);
		} else if (mode == NOTHING || names->len == 0) {
			return incomplete(context);
		} else if (mode == EXPRESSIONS) {
			groups_expression(context, names, word, un != 0);
		} else {
			groups_addresses(context, names, word, un != 0);
		}
	} while (lexer_more(lexer) && lexer_word(lexer, 0));
	return true;
}

char **config_group(const char *name, const void *config)
{
	const GPtrArray *list = g_hash_table_lookup(
		((const struct config *)config)->groups, name);
	GPtrArray *copy;

	if (list == NULL)
		return NULL;
	copy = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++)
		g_ptr_array_add(copy, g_strdup(list->pdata[i]));
	g_ptr_array_add(copy, NULL);
	return (char **)g_ptr_array_free(copy, FALSE);
}
