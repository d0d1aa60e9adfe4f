/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "rows.h"

enum { ROWS_CHUNK = 64 * 1024 };

struct rows {
	GArray *messages;     /* of struct store_message */
	GStringChunk *memory; /* of their strings */
	GString *scratch;
};

struct rows *rows_new(void)
{
	struct rows *rows = g_new0(struct rows, 1);

	rows->messages = g_array_new(FALSE, TRUE, sizeof(struct store_message));
	rows->memory = g_string_chunk_new(ROWS_CHUNK);
	rows->scratch = g_string_new(NULL);
	return rows;
}

void rows_free(struct rows *rows)
{
	if (rows == NULL)
		return;
	g_array_free(rows->messages, TRUE);
	g_string_chunk_free(rows->memory);
	g_string_free(rows->scratch, TRUE);
	g_free(rows);
}

size_t rows_count(const struct rows *rows)
{
	return rows->messages->len;
}

const struct store_message *rows_messages(const struct rows *rows)
{
	return (const struct store_message *)(const void *)rows->messages->data;
}

void rows_reset(struct rows *rows)
{
	g_array_set_size(rows->messages, 0);
	g_string_chunk_clear(rows->memory);
}

static const char *keep(struct rows *rows, const char *text)
{
	return g_string_chunk_insert(rows->memory, text != NULL ? text : "");
}

/* "Name <addr>", "addr", lists by ", ". */
static const char *keep_addresses(struct rows *rows, const GPtrArray *list)
{
	GString *text = rows->scratch;

	g_string_truncate(text, 0);
	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);

		if (text->len > 0)
			g_string_append(text, ", ");
		if (*a->name == '\0')
			g_string_append(text, a->email);
		else if (*a->email == '\0')
			g_string_append(text, a->name);
		else
			g_string_append_printf(text, "%s <%s>", a->name,
					       a->email);
	}
	return keep(rows, text->str);
}

static const char *keep_first_name(struct rows *rows, const GPtrArray *list)
{
	const struct mail_address *first;

	if (list->len == 0)
		return "";
	first = g_ptr_array_index(list, 0);
	return keep(rows, *first->name != '\0' ? first->name : first->email);
}

static const char *keep_ids(struct rows *rows, const GPtrArray *list)
{
	GString *text = rows->scratch;

	g_string_truncate(text, 0);
	for (guint i = 0; i < list->len; i++) {
		if (i > 0)
			g_string_append_c(text, ' ');
		g_string_append(text, g_ptr_array_index(list, i));
	}
	return keep(rows, text->str);
}

static bool is_attached(const struct mail_part *part)
{
	return strcmp(part->disposition, "attachment") == 0 ||
	       (*part->name != '\0' && strcmp(part->type, "text") != 0 &&
		strcmp(part->type, "multipart") != 0);
}

static bool has_attachment(const struct mail_part *part)
{
	if (is_attached(part))
		return true;
	if (part->children == NULL || strcmp(part->type, "multipart") != 0)
		return false;
	for (guint i = 0; i < part->children->len; i++)
		if (has_attachment(g_ptr_array_index(part->children, i)))
			return true;
	return false;
}

static void add_structure(struct rows *rows, struct store_message *message,
			  const struct mail_part *structure)
{
	g_autofree char *text = NULL;

	if (structure == NULL)
		return;
	text = mail_part_write(structure);
	message->structure = keep(rows, text);
	if (has_attachment(structure))
		message->flags |= STORE_ATTACHMENT;
}

void rows_add(struct rows *rows, const struct row *row, const void *fields,
	      size_t length)
{
	struct mail_header *header = mail_header_read(fields, length);
	struct store_message message = {
		.uid = row->uid,
		.flags = row->flags,
		.keywords = keep(rows, row->keywords),
		.modseq = row->modseq,
		.sent = header->date != 0 ? header->date : row->received,
		.zone = header->date != 0 ? header->zone : 0,
		.received = row->received != 0 ? row->received : header->date,
		.size = row->size,
		.from = keep_addresses(rows, header->from),
		.from_name = keep_first_name(rows, header->from),
		.to = keep_addresses(rows, header->to),
		.to_name = keep_first_name(rows, header->to),
		.cc = keep_addresses(rows, header->cc),
		.subject = keep(rows, header->subject),
		.message_id = keep(rows, header->message_id),
		.in_reply_to = keep(rows, header->in_reply_to),
		.references = keep_ids(rows, header->references),
		.list_id = keep(rows, header->list_id),
	};

	add_structure(rows, &message, row->structure);
	g_array_append_val(rows->messages, message);
	mail_header_free(header);
}

bool rows_set_flags(struct rows *rows, uint32_t uid, uint32_t flags,
		    const char *keywords, uint64_t modseq)
{
	for (guint i = 0; i < rows->messages->len; i++) {
		struct store_message *message = &g_array_index(
			rows->messages, struct store_message, i);

		if (message->uid != uid)
			continue;
		message->flags = flags | (message->flags & STORE_ATTACHMENT);
		message->keywords = keep(rows, keywords);
		message->modseq = modseq;
		return true;
	}
	return false;
}
