/* SPDX-License-Identifier: GPL-3.0-or-later */
/* remake: messages that are made of others: decoded, or as another's reply. */
#include "config.h"

#include <gmime/gmime.h>
#include <string.h>

#include "field.h"
#include "smew/mail.h"

/* RFC 5322 2.1.1: what a line may have, without its end. */
enum { LINE_OCTETS = 998 };

/* ---- the header ---- */

/* 'text' with CRLF at all line ends, NULs left out. */
static void append_lines(GString *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\r' && i + 1 < length && text[i + 1] == '\n')
			continue;
		if (text[i] == '\n' || text[i] == '\r')
			g_string_append(out, "\r\n");
		else if (text[i] != '\0')
			g_string_append_c(out, text[i]);
	}
	if (length > 0 && text[length - 1] != '\n' && text[length - 1] != '\r')
		g_string_append(out, "\r\n");
}

static void append_field(GString *out, const struct field *field)
{
	const char *end = field->value + field->value_length;

	append_lines(out, field->name, (size_t)(end - field->name));
}

/* It is about the body as it was. */
static bool is_of_body(const struct field *field)
{
	return (field->name_length >= 8 &&
		g_ascii_strncasecmp(field->name, "Content-", 8) == 0) ||
	       field_is(field, "MIME-Version") || field_is(field, "Lines");
}

static bool begins(const struct field *field, const char *word)
{
	size_t length = strlen(word);

	return strcmp(word, "*") == 0 ||
	       (length <= field->name_length &&
		g_ascii_strncasecmp(field->name, word, length) == 0);
}

/* Its Message-ID stays: without it nobody could tell the copy again. */
static bool is_weeded(const struct field *field, const char *weed)
{
	g_auto(GStrv) words = g_strsplit(weed != NULL ? weed : "", " ", -1);
	bool ignored = false, excepted = field_is(field, "Message-ID");

	for (char **word = words; *word != NULL; word++) {
		if (**word == '-' && begins(field, *word + 1))
			ignored = true;
		else if (**word == '+' && begins(field, *word + 1))
			excepted = true;
	}
	return ignored && !excepted;
}

static void append_header(GString *out, GBytes *whole, const char *weed)
{
	struct field_reader reader;
	struct field field;
	gsize length;
	const char *data = g_bytes_get_data(whole, &length);

	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field))
		if (!is_of_body(&field) && !is_weeded(&field, weed))
			append_field(out, &field);
}

/* ---- the text ---- */

/* What a reader of the message sees, LF at line ends. */
static GString *text_of(GBytes *whole)
{
	const struct mail_source source = { .whole = whole };
	struct mail_document *document = mail_render(&source);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < document->lines->len; i++) {
		const struct mail_line *line = &g_array_index(
			document->lines, struct mail_line, i);

		g_string_append(text, line->text);
		g_string_append_c(text, '\n');
	}
	mail_document_free(document);
	return text;
}

static bool has_long_line(const GString *text)
{
	for (const char *line = text->str; *line != '\0';) {
		size_t length = strcspn(line, "\n");

		if (length > LINE_OCTETS)
			return true;
		line += length + (line[length] == '\n');
	}
	return false;
}

static GString *encode(const GString *text)
{
	GMimeEncoding encoding;
	GString *out = g_string_new(NULL);
	size_t length;

	g_mime_encoding_init_encode(&encoding,
				    GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_string_set_size(out, g_mime_encoding_outlen(&encoding, text->len));
	length = g_mime_encoding_flush(&encoding, text->str, text->len,
				       out->str);
	g_string_set_size(out, length);
	return out;
}

GBytes *mail_decoded(GBytes *whole, const char *weed)
{
	GString *out = g_string_new(NULL), *text = text_of(whole);
	bool ascii = g_str_is_ascii(text->str), folds = has_long_line(text);

	append_header(out, whole, weed);
	g_string_append_printf(
		out,
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=%s\r\n"
		"Content-Transfer-Encoding: %s\r\n\r\n",
		ascii ? "us-ascii" : "utf-8",
		folds ? "quoted-printable" : ascii ? "7bit" : "8bit");
	if (folds) {
		GString *encoded = encode(text);

		g_string_free(text, TRUE);
		text = encoded;
	}
	append_lines(out, text->str, text->len);
	g_string_free(text, TRUE);
	return g_string_free_to_bytes(out);
}

/* ---- what it is a reply to ---- */

static void end_line(GString *text)
{
	if (text->len > 0 && text->str[text->len - 1] != '\n')
		g_string_append(text, "\r\n");
}

static void insert_lines(GString *text, gsize at, const char *lines)
{
	bool inside = at > 0 && text->str[at - 1] != '\n';

	g_string_insert(text, (gssize)at, lines);
	if (inside && *lines != '\0')
		g_string_insert(text, (gssize)at, "\r\n");
}

GBytes *mail_relinked(GBytes *whole, const char *fields, char **kept)
{
	GString *out = g_string_new(NULL), *old = g_string_new(NULL);
	struct field_reader reader;
	struct field field;
	gsize length, place = 0;
	const char *data = g_bytes_get_data(whole, &length), *from = data;
	bool placed = false;

	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field)) {
		const char *end = field.value + field.value_length;
		bool links = field_is(&field, "In-Reply-To") ||
			     field_is(&field, "References");

		g_string_append_len(out, from,
				    (links ? field.name : end) - from);
		if (links)
			g_string_append_len(old, field.name, end - field.name);
		if (!placed)
			place = out->len;
		placed = placed || links;
		from = end;
	}
	if (length > 0)
		g_string_append_len(out, from,
				    (gssize)length - (from - data));
	insert_lines(out, place, fields);
	end_line(old);
	*kept = g_string_free(old, FALSE);
	return g_string_free_to_bytes(out);
}

char *mail_reply_fields(const char *message_id)
{
	size_t length = strlen(message_id);

	if (length == 0 || length > LINE_OCTETS - strlen("In-Reply-To: <>") ||
	    strcspn(message_id, "<> \t\r\n") < length)
		return NULL;
	return g_strdup_printf("In-Reply-To: <%s>\r\nReferences: <%s>\r\n",
			       message_id, message_id);
}
