/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A message in, its header and its lines out: nothing that leaves may be
 * other than clean UTF-8, and its structure survives the cache.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "smew/mail.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	mail_init();
	return 0;
}

static void check(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		abort();
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			abort();
}

static void check_structure(const struct mail_part *part)
{
	char *text = mail_part_write(part), *again;
	struct mail_part *read = mail_part_read(text, NULL);
	GPtrArray *shown = mail_part_shown(part);

	if (read == NULL)
		abort();
	again = mail_part_write(read);
	if (strcmp(text, again) != 0)
		abort();
	check(part->name);
	check(part->description);
	mail_part_free(read);
	g_ptr_array_unref(shown);
	g_free(text);
	g_free(again);
}

static void check_document(const struct mail_document *document)
{
	for (guint i = 0; i < document->lines->len; i++)
		check(g_array_index(document->lines, struct mail_line, i).text);
	for (guint i = 0; i < document->fields->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(document->fields, i);

		check(field->name);
		check(field->value);
	}
	check(document->header->subject);
	check(document->header->message_id);
	check_structure(document->structure);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GBytes *whole = g_bytes_new(data, size);
	struct mail_source source = {.whole = whole};
	struct mail_document *document = mail_render(&source);

	check_document(document);
	mail_document_free(document);
	g_bytes_unref(whole);
	return 0;
}
