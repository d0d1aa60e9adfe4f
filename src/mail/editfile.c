/* SPDX-License-Identifier: GPL-3.0-or-later */
/* editfile: a draft as the file that the user's editor gets, and back. */
#include "config.h"

#include <string.h>

#include "charset.h"
#include "draft.h"
#include "field.h"
#include "smew/base.h"

/* As mutt shows them, empty ones too: they are there to be filled in. */
static const enum mail_draft_field shown[] = {
	MAIL_FROM, MAIL_TO, MAIL_CC, MAIL_BCC, MAIL_SUBJECT, MAIL_REPLY_TO
};

static void append_field(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "%s: %s\n", name, value);
}

char *mail_draft_edit(const struct mail_draft *draft, bool headers)
{
	GString *out = g_string_new(NULL);

	for (size_t i = 0; headers && i < G_N_ELEMENTS(shown); i++)
		append_field(out, mail_draft_field_name(shown[i]),
			     draft->fields[shown[i]]);
	if (headers && *draft->fields[MAIL_FOLLOWUP_TO] != '\0')
		append_field(out, "Mail-Followup-To",
			     draft->fields[MAIL_FOLLOWUP_TO]);
	if (headers && *draft->in_reply_to != '\0')
		append_field(out, "In-Reply-To", draft->in_reply_to);
	for (guint i = 0; headers && i < draft->extra->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(draft->extra, i);

		append_field(out, field->name, field->value);
	}
	if (headers)
		g_string_append_c(out, '\n');
	g_string_append(out, draft->text);
	return g_string_free(out, FALSE);
}

/* What the editor wrote, as valid UTF-8. Owned. */
static char *as_utf8(const char *data, size_t length)
{
	GString *text = g_string_sized_new(length + 1);
	char *clean;

	charset_append(text, "utf-8", data, length);
	/* A NUL would end the text where it is kept as a string. */
	for (gsize i = 0; i < text->len; i++)
		if (text->str[i] == '\0')
			text->str[i] = ' ';
	clean = g_string_free(text, FALSE);
	return clean;
}

/* "FILE DESCRIPTION"; a backslash takes the next character as it is. */
static void attach(struct mail_draft *draft, const char *value)
{
	g_autoptr(GString) path = g_string_new(NULL);
	struct mail_attachment *a;
	g_autofree char *name = NULL;

	for (; *value != '\0' && *value != ' ' && *value != '\t'; value++) {
		if (*value == '\\' && value[1] != '\0')
			value++;
		g_string_append_c(path, *value);
	}
	if (path->len == 0)
		return;
	name = g_path_get_basename(path->str);
	/* The type is found out where the file can be read. */
	a = mail_draft_attach(draft, path->str, name, "");
	mail_draft_set(&a->description, value + strspn(value, " \t"));
}

static bool take_known(struct mail_draft *draft, const struct field *field,
		       const char *value)
{
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++)
		if (field_is(field, mail_draft_field_name(
					    (enum mail_draft_field)i))) {
			mail_draft_set(&draft->fields[i], value);
			return true;
		}
	if (field_is(field, "In-Reply-To"))
		mail_draft_set(&draft->in_reply_to, value);
	else if (field_is(field, "Fcc"))
		mail_draft_set(&draft->fcc, value);
	else if (field_is(field, "Attach"))
		attach(draft, value);
	else
		return false;
	return true;
}

static void take_field(struct mail_draft *draft, const struct field *field)
{
	g_autofree char *raw = field_unfold(field);
	g_autofree char *value = sanitise_line(raw, -1);
	g_autofree char *name = g_strndup(field->name, field->name_length);

	if (!take_known(draft, field, value) && *value != '\0')
		mail_draft_add_header(draft, name, value);
}

static void take_headers(struct mail_draft *draft, struct field_reader *reader)
{
	g_autofree char *reply_to = g_strdup(draft->in_reply_to);
	struct field field;

	for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
		mail_draft_set(&draft->fields[shown[i]], "");
	mail_draft_set(&draft->fields[MAIL_FOLLOWUP_TO], "");
	mail_draft_set(&draft->in_reply_to, "");
	g_ptr_array_set_size(draft->extra, 0);
	while (field_next(reader, &field))
		take_field(draft, &field);
	/* As in mutt: without it the message begins a thread of its own. */
	if (*draft->in_reply_to == '\0' && *reply_to != '\0')
		g_ptr_array_set_size(draft->references, 0);
}

void mail_draft_edited(struct mail_draft *draft, const char *text,
		       size_t length, bool headers)
{
	g_autofree char *clean = as_utf8(text, length);
	struct field_reader reader;

	if (!headers) {
		mail_draft_set(&draft->text, clean);
		return;
	}
	field_reader_init(&reader, clean, strlen(clean));
	take_headers(draft, &reader);
	mail_draft_set(&draft->text, reader.at);
}
