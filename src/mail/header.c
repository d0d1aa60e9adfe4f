/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "address.h"
#include "date.h"
#include "field.h"
#include "header.h"
#include "smew/base.h"
#include "words.h"

/* What is kept of one field, and how many fields of one header are shown. */
#define VALUE_LIMIT (1 << 20)
#define FIELD_LIMIT 10000
/* Of a list of recipients that many are shown (all are kept for replies). */
#define SHOWN_ADDRESSES 200

char *mail_decode(const char *raw, gssize length)
{
	if (raw == NULL)
		return g_strdup("");
	if (length < 0)
		length = (gssize)strlen(raw);
	return words_decode(raw, MIN((size_t)length, VALUE_LIMIT));
}

static char *decode_value(const struct field *field)
{
	return mail_decode(field->value, (gssize)field->value_length);
}

/* Takes the value if nothing was there: of duplicates the first counts. */
static void take_text(char **slot, const struct field *field)
{
	if (*slot == NULL)
		*slot = decode_value(field);
}

static void take_id(char **slot, const struct field *field)
{
	if (*slot == NULL)
		*slot = field_in_brackets(field->value, field->value_length);
}

static void take_reply(char **slot, const struct field *field)
{
	g_autoptr(GPtrArray) ids = NULL;
	const char *value = field->value;
	size_t length = field->value_length;

	if (*slot != NULL)
		return;
	ids = field_ids(value, length);
	for (guint i = 0; i < ids->len && *slot == NULL; i++) {
		g_autofree char *whole = g_strconcat(
			"<", g_ptr_array_index(ids, i), ">", NULL);

		/* "Anna <anna@x>'s message of ... <id>" has two of them;
		 * an id without brackets counts only where none has any. */
		if (memmem(value, length, whole, strlen(whole)) != NULL)
			*slot = g_strdup(g_ptr_array_index(ids, i));
	}
	if (*slot == NULL && ids->len > 0)
		*slot = g_strdup(g_ptr_array_index(ids, 0));
}

static void take_addresses(GPtrArray *list, const struct field *field)
{
	address_read(list, field->value, field->value_length);
}

static void take_from(struct mail_header *header, const struct field *field)
{
	if (header->from->len == 0)
		take_addresses(header->from, field);
}

static void take_date(struct mail_header *header, const struct field *field,
		      bool *seen)
{
	if (*seen)
		return;
	*seen = true;
	header->date = date_read(field->value, field->value_length,
				 &header->zone);
}

static void take_references(struct mail_header *header,
			    const struct field *field)
{
	if (header->references->len > 0)
		return;
	g_ptr_array_unref(header->references);
	header->references = field_ids(field->value, field->value_length);
}

static void take_field(struct mail_header *header, const struct field *field,
		       bool *dated)
{
	if (field_is(field, "From"))
		take_from(header, field);
	else if (field_is(field, "To"))
		take_addresses(header->to, field);
	else if (field_is(field, "Cc"))
		take_addresses(header->cc, field);
	else if (field_is(field, "Reply-To"))
		take_addresses(header->reply_to, field);
	else if (field_is(field, "Mail-Followup-To"))
		take_addresses(header->followup_to, field);
	else if (field_is(field, "X-Original-To"))
		take_addresses(header->original_to, field);
	else if (field_is(field, "Subject"))
		take_text(&header->subject, field);
	else if (field_is(field, "Message-ID"))
		take_id(&header->message_id, field);
	else if (field_is(field, "In-Reply-To"))
		take_reply(&header->in_reply_to, field);
	else if (field_is(field, "References"))
		take_references(header, field);
	else if (field_is(field, "List-Id"))
		take_id(&header->list_id, field);
	else if (field_is(field, "Date"))
		take_date(header, field, dated);
}

static void fill_empty(char **slot)
{
	if (*slot == NULL)
		*slot = g_strdup("");
}

struct mail_header *mail_header_read(const void *data, size_t length)
{
	struct mail_header *header = g_new0(struct mail_header, 1);
	struct field_reader reader;
	struct field field;
	bool dated = false;

	header->from = address_list_new();
	header->to = address_list_new();
	header->cc = address_list_new();
	header->reply_to = address_list_new();
	header->followup_to = address_list_new();
	header->original_to = address_list_new();
	header->references = g_ptr_array_new_with_free_func(g_free);
	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field))
		take_field(header, &field, &dated);
	fill_empty(&header->subject);
	fill_empty(&header->message_id);
	fill_empty(&header->in_reply_to);
	fill_empty(&header->list_id);
	return header;
}

void mail_header_free(struct mail_header *header)
{
	if (header == NULL)
		return;
	g_ptr_array_unref(header->from);
	g_ptr_array_unref(header->to);
	g_ptr_array_unref(header->cc);
	g_ptr_array_unref(header->reply_to);
	g_ptr_array_unref(header->followup_to);
	g_ptr_array_unref(header->original_to);
	g_ptr_array_unref(header->references);
	g_free(header->subject);
	g_free(header->message_id);
	g_free(header->in_reply_to);
	g_free(header->list_id);
	g_free(header);
}

static void free_field(void *data)
{
	struct mail_field *field = data;

	g_free(field->name);
	g_free(field->value);
	g_free(field);
}

/*
 * Addresses are shown as they were understood, not as text decoded at large:
 * an encoded word must not be able to look like the address it stands beside.
 */
static char *show_value(const struct field *field)
{
	static const char *const lists[] = {"From", "To", "Cc", "Bcc",
					    "Reply-To", "Sender",
					    "Resent-From", "Resent-To",
					    "Resent-Cc", "Mail-Followup-To"};

	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autoptr(GPtrArray) list = NULL;

		if (!field_is(field, lists[i]))
			continue;
		list = address_list_new();
		take_addresses(list, field);
		return address_show(list, SHOWN_ADDRESSES);
	}
	return decode_value(field);
}

GPtrArray *header_fields(const char *data, size_t length)
{
	GPtrArray *fields = g_ptr_array_new_with_free_func(free_field);
	struct field_reader reader;
	struct field field;

	field_reader_init(&reader, data, length);
	while (fields->len < FIELD_LIMIT && field_next(&reader, &field)) {
		struct mail_field *shown = g_new0(struct mail_field, 1);

		shown->name = g_strndup(field.name, field.name_length);
		shown->value = show_value(&field);
		g_ptr_array_add(fields, shown);
	}
	return fields;
}
