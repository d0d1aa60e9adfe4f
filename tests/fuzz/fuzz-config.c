/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets as a configuration: as a file, a format, keys, a prompt. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../src/command/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool expand(GString *out, char expando, const char *argument,
		   void *user)
{
	(void)user;
	g_string_append_c(out, expando);
	if (argument != NULL)
		g_string_append(out, argument);
	return (expando & 1) != 0;
}

static void read_as_file(struct config *config, const char *text)
{
	struct config_report report = {
		.lines = g_ptr_array_new_with_free_func(g_free),
	};
	struct context context = {
		.config = config,
		.scope = config_scope(config, NULL),
		.report = &report,
	};

	run_text(&context, text, "fuzz");
	g_clear_error(&context.first);
	for (guint i = 0; i < report.lines->len; i++)
		g_assert(g_utf8_validate(report.lines->pdata[i], -1, NULL));
	g_ptr_array_unref(report.lines);
}

static void ask(struct config *config)
{
	g_auto(GStrv) accounts = config_accounts(config);
	char *dump = config_dump(config);

	g_free(dump);
	for (char **account = accounts; *account != NULL; account++) {
		struct account_server server;

		if (config_account_server(config, *account, &server, NULL))
			account_server_clear(&server);
	}
	for (int map = 0; map < MAP_COUNT; map++)
		g_ptr_array_unref(keymap_list(config, (enum keymap)map));
}

static void read_as_prompt(struct config *config, const char *text)
{
	size_t start;
	GArray *keys = keys_parse(text, NULL);
	g_autofree char *account = NULL;
	g_autofree char *name = NULL;

	if (keys != NULL) {
		g_autofree char *shown =
			keys_name((const int *)keys->data, keys->len);

		g_assert(g_utf8_validate(shown, -1, NULL));
		g_array_unref(keys);
	}
	config_mailbox_name(config, NULL, text, &account, &name, NULL);
	g_strfreev(config_complete(config, text, strlen(text), &start));
	g_assert(start <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = config_new();
	g_autofree char *text = g_strndup((const char *)data, size);
	g_autofree char *shown = format_string(text, 80, expand, NULL);

	g_assert(text_width(shown, -1) <= 80);
	config_set_shell(config, false);
	read_as_file(config, text);
	ask(config);
	if (g_utf8_validate(text, -1, NULL)) {
		g_array_unref(keys_typed(text));
		read_as_prompt(config, text);
	}
	config_free(config);
	return 0;
}
