/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration: its scopes, and what other modules ask of it. */
#include "private.h"

#include <string.h>

static void scope_free(void *data)
{
	struct scope *scope = data;

	g_free(scope->name);
	g_hash_table_unref(scope->values);
	g_hash_table_unref(scope->my);
	g_ptr_array_unref(scope->mailboxes);
	g_ptr_array_unref(scope->pins);
	g_ptr_array_unref(scope->alternates);
	g_ptr_array_unref(scope->unalternates);
	g_ptr_array_unref(scope->my_headers);
	g_free(scope);
}

static GHashTable *values_new(void)
{
	return g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL,
				     (GDestroyNotify)value_free);
}

static struct scope *scope_new(const char *name)
{
	struct scope *scope = g_new0(struct scope, 1);

	scope->name = g_strdup(name);
	scope->values = values_new();
	scope->my = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					  g_free);
	scope->mailboxes = g_ptr_array_new_with_free_func(g_free);
	scope->pins = g_ptr_array_new_with_free_func(g_free);
	scope->alternates = g_ptr_array_new_with_free_func(g_free);
	scope->unalternates = g_ptr_array_new_with_free_func(g_free);
	scope->my_headers = g_ptr_array_new_with_free_func(g_free);
	return scope;
}

struct scope *config_scope(const struct config *config, const char *name)
{
	if (name == NULL)
		return config->scopes->pdata[0];
	for (guint i = 1; i < config->scopes->len; i++) {
		struct scope *scope = config->scopes->pdata[i];

		if (strcmp(scope->name, name) == 0)
			return scope;
	}
	return NULL;
}

struct scope *config_scope_make(struct config *config, const char *name)
{
	struct scope *scope = config_scope(config, name);

	if (scope == NULL) {
		scope = scope_new(name);
		g_ptr_array_add(config->scopes, scope);
	}
	return scope;
}

static void fill_defaults(struct config *config)
{
	const struct option_row *row = NULL;

	while ((row = option_next(row)) != NULL) {
		struct option_value *value = g_new0(struct option_value, 1);

		/* A default that its own row refuses is our mistake. */
		if (!value_parse(row, row->initial, value, NULL))
			g_error("default of %s", row->name);
		g_hash_table_insert(config->defaults, (gpointer)row, value);
	}
}

struct config *config_new(void)
{
	struct config *config = g_new0(struct config, 1);
	struct context context = { .config = config };

	config->shell = true;
	config->scopes = g_ptr_array_new_with_free_func(scope_free);
	g_ptr_array_add(config->scopes, scope_new(NULL));
	config->defaults = values_new();
	for (int i = 0; i < MAP_COUNT; i++)
		config->maps[i] = g_ptr_array_new_with_free_func(
			(GDestroyNotify)key_binding_free);
	config->colors = g_ptr_array_new_with_free_func(
		(GDestroyNotify)color_rule_free);
	config->mono = g_ptr_array_new_with_free_func(
		(GDestroyNotify)color_rule_free);
	config->ignore = g_ptr_array_new_with_free_func(g_free);
	config->unignore = g_ptr_array_new_with_free_func(g_free);
	config->mailto_allow = sending_fields();
	config->hdr_order = g_ptr_array_new_with_free_func(g_free);
	config->no_mailboxes = g_ptr_array_new();
	config->aliases = aliases_new();
	config->groups = groups_new();
	config->hooks = hooks_new();
	config->lists = g_ptr_array_new_with_free_func(g_free);
	config->unlists = g_ptr_array_new_with_free_func(g_free);
	config->subscribed = g_ptr_array_new_with_free_func(g_free);
	config->unsubscribed = g_ptr_array_new_with_free_func(g_free);
	fill_defaults(config);
	context.scope = config_scope(config, NULL);
	run_text(&context, default_configuration(), "defaults");
	if (context.first != NULL)
		g_error("default configuration: %s", context.first->message);
	return config;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	g_ptr_array_unref(config->scopes);
	g_hash_table_unref(config->defaults);
	for (int i = 0; i < MAP_COUNT; i++)
		g_ptr_array_unref(config->maps[i]);
	g_ptr_array_unref(config->colors);
	g_ptr_array_unref(config->mono);
	g_ptr_array_unref(config->ignore);
	g_ptr_array_unref(config->unignore);
	g_ptr_array_unref(config->mailto_allow);
	g_ptr_array_unref(config->hdr_order);
	g_ptr_array_unref(config->no_mailboxes);
	g_ptr_array_unref(config->aliases);
	g_hash_table_unref(config->groups);
	g_ptr_array_unref(config->hooks);
	g_ptr_array_unref(config->lists);
	g_ptr_array_unref(config->unlists);
	g_ptr_array_unref(config->subscribed);
	g_ptr_array_unref(config->unsubscribed);
	g_free(config);
}

void config_set_host(struct config *config, const struct command_host *host)
{
	if (host != NULL)
		config->host = *host;
	else
		config->host = (struct command_host){ 0 };
}

void config_set_shell(struct config *config, bool allowed)
{
	config->shell = allowed;
}

/* ---- values by name ---- */

static const struct option_value *get(const struct config *config,
				      const char *account, const char *name,
				      const struct option_row **row)
{
	struct scope *scope = config_scope(config, account);

	*row = option_find(name);
	if (*row == NULL)
		g_error("no option '%s'", name);
	/* An account that only a URL names has the global values but for
	 * those that never are inherited. */
	if (scope == NULL && ((*row)->flags & OPTION_OWN) &&
	    strcmp(account, "default") != 0)
		return g_hash_table_lookup(config->defaults, *row);
	return value_get(config, scope, *row);
}

bool config_bool(const struct config *config, const char *account,
		 const char *name)
{
	const struct option_row *row;
	const struct option_value *value = get(config, account, name, &row);

	g_assert(row->type == OPTION_BOOL);
	return value->number != 0;
}

int64_t config_number(const struct config *config, const char *account,
		      const char *name)
{
	const struct option_row *row;
	const struct option_value *value = get(config, account, name, &row);

	g_assert(row->type == OPTION_NUMBER);
	return value->number;
}

enum quad config_quad(const struct config *config, const char *account,
		      const char *name)
{
	const struct option_row *row;
	const struct option_value *value = get(config, account, name, &row);

	g_assert(row->type == OPTION_QUAD);
	return (enum quad)value->number;
}

const char *config_string(const struct config *config, const char *account,
			  const char *name)
{
	const struct option_row *row;
	const struct option_value *value = get(config, account, name, &row);
	size_t length;

	g_assert(row->type != OPTION_BOOL && row->type != OPTION_NUMBER &&
		 row->type != OPTION_QUAD);
	if (value->secret != NULL)
		return secret_data(value->secret, &length);
	return value->expanded != NULL ? value->expanded : value->text;
}

bool config_is_set(const struct config *config, const char *account,
		   const char *name)
{
	const struct option_row *row;
	const struct option_value *value = get(config, account, name, &row);

	return value != g_hash_table_lookup(config->defaults, row);
}

/* ---- printing ---- */

static char *query_my(const struct config *config, const struct scope *scope,
		      const char *name)
{
	const struct scope *global = config_scope(config, NULL);
	const char *value = NULL;
	g_autofree char *quoted = NULL;

	if (scope != NULL)
		value = g_hash_table_lookup(scope->my, name);
	if (value == NULL)
		value = g_hash_table_lookup(global->my, name);
	if (value == NULL)
		return NULL;
	quoted = quote_word(value);
	return g_strdup_printf("%s=%s", name, quoted);
}

static void set_near(GError **error, const char *near)
{
	g_autofree char *text = (*error)->message;

	(*error)->message =
		g_strdup_printf(_("%s (did you mean '%s'?)"), text, near);
}

char *config_query(const struct config *config, const char *account,
		   const char *name, GError **error)
{
	const struct option_row *row = option_find(name);
	const struct scope *scope = config_scope(config, account);
	const char *near;
	char *line;

	if (row != NULL)
		return value_line(config, scope, row);
	line = query_my(config, scope, name);
	if (line != NULL)
		return line;
	near = nearest_option(name);
	g_set_error(error, COMMAND_ERROR, COMMAND_ERROR_UNKNOWN,
		    _("unknown option '%s'"), name);
	if (near != NULL && error != NULL)
		set_near(error, near);
	return NULL;
}

static void dump_my(GString *out, const struct scope *scope,
		    const char *indent)
{
	GList *names = g_list_sort(g_hash_table_get_keys(scope->my),
				   (GCompareFunc)strcmp);

	for (GList *n = names; n != NULL; n = n->next) {
		g_autofree char *quoted = quote_word(
			g_hash_table_lookup(scope->my, n->data));

		g_string_append_printf(out, "%s%s=%s\n", indent,
				       (char *)n->data, quoted);
	}
	g_list_free(names);
}

static void dump_account(GString *out, const struct config *config,
			 const struct scope *scope)
{
	const struct option_row *row = NULL;

	g_string_append_printf(out, "account %s {\n", scope->name);
	while ((row = option_next(row)) != NULL) {
		g_autofree char *line = NULL;

		if (!g_hash_table_contains(scope->values, row))
			continue;
		line = value_line(config, scope, row);
		g_string_append_printf(out, "\t%s\n", line);
	}
	dump_my(out, scope, "\t");
	g_string_append(out, "}\n");
}

char *config_dump(const struct config *config)
{
	GString *out = g_string_new(NULL);
	const struct option_row *row = NULL;

	while ((row = option_next(row)) != NULL) {
		g_autofree char *line = value_line(config, NULL, row);

		g_string_append_printf(out, "%s\n", line);
	}
	dump_my(out, config_scope(config, NULL), "");
	for (guint i = 1; i < config->scopes->len; i++)
		dump_account(out, config, config->scopes->pdata[i]);
	return g_string_free(out, FALSE);
}

/* ---- header lists ---- */

/* mutt's rule: a name covers all fields that begin with it; with a colon at
 * its end only the field itself. */
static bool covers(const char *name, const char *field)
{
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == ':' &&
	    strlen(field) != length - 1)
		return false;
	if (length > 0 && name[length - 1] == ':')
		length--;
	return g_ascii_strncasecmp(name, field, length) == 0;
}

static bool matches(const GPtrArray *list, const char *field)
{
	for (guint i = 0; i < list->len; i++) {
		const char *name = list->pdata[i];

		if (strcmp(name, "*") == 0 || covers(name, field))
			return true;
	}
	return false;
}

bool config_header_ignored(const struct config *config, const char *field)
{
	return matches(config->ignore, field) &&
	       !matches(config->unignore, field);
}

static void add_words(GString *out, char sign, const GPtrArray *names)
{
	for (guint i = 0; i < names->len; i++)
		g_string_append_printf(out, "%s%c%s", out->len > 0 ? " " : "",
				       sign,
				       (const char *)names->pdata[i]);
}

char *config_header_weeds(const struct config *config)
{
	GString *out = g_string_new(NULL);

	add_words(out, '-', config->ignore);
	add_words(out, '+', config->unignore);
	return g_string_free(out, FALSE);
}

int config_header_rank(const struct config *config, const char *field)
{
	for (guint i = 0; i < config->hdr_order->len; i++)
		if (covers(config->hdr_order->pdata[i], field))
			return (int)i;
	return G_MAXINT;
}

const GPtrArray *config_mailboxes(const struct config *config,
				  const char *account)
{
	const struct scope *scope = config_scope(config, account);

	/* What was named outside of blocks belongs to `default`. */
	if (scope == NULL || scope->mailboxes->len == 0)
		if (account == NULL || strcmp(account, "default") == 0)
			scope = config_scope(config, NULL);
	return scope != NULL ? scope->mailboxes : config->no_mailboxes;
}

const GPtrArray *config_pins(const struct config *config, const char *account)
{
	const struct scope *scope = config_scope(config, account);

	if ((scope == NULL || scope->pins->len == 0) &&
	    (account == NULL || strcmp(account, "default") == 0))
		scope = config_scope(config, NULL);
	return scope != NULL ? scope->pins : config->no_mailboxes;
}
