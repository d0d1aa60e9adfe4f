/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reopen: a message that was postponed, or sent, as a draft again. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gmime/gmime.h>
#include <string.h>
#include <unistd.h>

#include "charset.h"
#include "codec.h"
#include "draft.h"
#include "field.h"
#include "header.h"
#include "smew/base.h"
#include "words.h"

enum { MAX_PARTS = 200, MAX_DEPTH = 20 };

struct reopening {
	struct mail_draft *draft;
	const char *dir;
	bool has_text;
	unsigned parts;
	GError *error; /* owned, the first */
};

/* ---- the header ---- */

/* What is made anew with every sending, or belongs to the journey. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = {
		"Date", "Message-ID", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", "Content-Disposition",
		"Content-Description", "Content-Length", "Lines", "Status",
		"X-Status", "Return-Path", "Received", "Delivered-To",
		"Sender", "User-Agent", "DKIM-Signature", "References",
		"Authentication-Results", "X-Original-To", "Envelope-To",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return true;
	return g_ascii_strncasecmp(name, "ARC-", 4) == 0 ||
	       g_ascii_strncasecmp(name, "Resent-", 7) == 0;
}

static void take_ids(struct mail_draft *draft, const struct field *field)
{
	g_autoptr(GPtrArray) ids = field_ids(field->value, field->value_length);

	for (guint i = 0; i < ids->len; i++)
		g_ptr_array_add(draft->references,
				g_strdup(g_ptr_array_index(ids, i)));
}

static void take_addresses(struct mail_draft *draft, int which,
			   const struct field *field)
{
	g_autofree char *raw = field_unfold(field);
	g_autoptr(GPtrArray) list = mail_addresses_read(raw);
	g_autoptr(GPtrArray) people = mail_addresses_new();
	g_autofree char *text = NULL;

	for (guint i = 0; i < list->len; i++) {
		const struct mail_address *a = g_ptr_array_index(list, i);

		if (*a->email != '\0')
			mail_addresses_add(people, a->name, a->email);
	}
	text = mail_addresses_text(people);
	mail_draft_set(&draft->fields[which], text);
}

static void take_field(struct mail_draft *draft, const struct field *field)
{
	g_autofree char *name = g_strndup(field->name, field->name_length);
	g_autofree char *raw = field_unfold(field);
	g_autofree char *value = words_decode(raw, strlen(raw));

	if (field_is(field, "References"))
		take_ids(draft, field);
	if (is_left_out(name))
		return;
	for (int i = 0; i < MAIL_DRAFT_FIELDS; i++) {
		if (!field_is(field, mail_draft_field_name(
					     (enum mail_draft_field)i)))
			continue;
		if (i == MAIL_SUBJECT)
			mail_draft_set(&draft->fields[i], value);
		else
			take_addresses(draft, i, field);
		return;
	}
	if (field_is(field, "In-Reply-To"))
		mail_draft_set(&draft->in_reply_to, raw);
	else if (field_is(field, "X-Smew-Fcc") || field_is(field, "X-Mutt-Fcc"))
		mail_draft_set(&draft->fcc, value);
	else
		mail_draft_add_header(draft, name, value);
}

/* ---- parts ---- */

static void fail(struct reopening *r, const char *path)
{
	if (r->error == NULL)
		g_set_error(&r->error, MAIL_ERROR, MAIL_ERROR_FILE,
			    _("cannot write '%s': %s"), path,
			    g_strerror(errno));
}

static char *part_type(GMimeObject *part)
{
	GMimeContentType *type = g_mime_object_get_content_type(part);
	g_autofree char *text = g_mime_content_type_get_mime_type(type);

	return g_ascii_strdown(text, -1);
}

static GMimeStream *new_file(struct reopening *r, char **path)
{
	int fd;

	*path = g_strdup_printf("%s/part-%u", r->dir, r->parts);
	fd = path_open_private(*path, O_WRONLY | O_CREAT | O_TRUNC,
			       r->error == NULL ? &r->error : NULL);
	return fd >= 0 ? g_mime_stream_fs_new(fd) : NULL;
}

static void describe(struct mail_attachment *a, GMimeObject *part)
{
	const char *disposition = g_mime_object_get_disposition(part);
	const char *charset =
		g_mime_object_get_content_type_parameter(part, "charset");
	const char *description =
		GMIME_IS_PART(part)
			? g_mime_part_get_content_description(GMIME_PART(part))
			: NULL;

	a->own = true;
	a->is_inline = g_strcmp0(disposition, "attachment") != 0;
	if (charset != NULL && g_str_has_prefix(a->type, "text/"))
		mail_draft_set(&a->charset, charset);
	if (description != NULL) {
		g_autofree char *clean = sanitise_line(description, -1);

		mail_draft_set(&a->description, clean);
	}
}

static bool write_part(GMimeObject *part, GMimeStream *stream)
{
	GMimeMessage *message;

	if (GMIME_IS_MESSAGE_PART(part)) {
		message = g_mime_message_part_get_message(
			GMIME_MESSAGE_PART(part));
		return message != NULL &&
		       g_mime_object_write_to_stream(GMIME_OBJECT(message),
						     NULL, stream) >= 0;
	}
	if (GMIME_IS_PART(part) &&
	    g_mime_part_get_content(GMIME_PART(part)) != NULL)
		return g_mime_data_wrapper_write_to_stream(
			       g_mime_part_get_content(GMIME_PART(part)),
			       stream) >= 0;
	return g_mime_object_write_content_to_stream(part, NULL, stream) >= 0;
}

/* Text that was sent as lines has those of the wire; what is base64 kept its
 * own. */
static bool has_wire_lines(GMimeObject *part, const char *type)
{
	return GMIME_IS_PART(part) && g_str_has_prefix(type, "text/") &&
	       g_mime_part_get_content_encoding(GMIME_PART(part)) !=
		       GMIME_CONTENT_ENCODING_BASE64;
}

static bool write_lines(GMimeObject *part, GMimeStream *stream)
{
	GMimeStream *filtered = g_mime_stream_filter_new(stream);
	GMimeFilter *filter = g_mime_filter_dos2unix_new(FALSE);
	bool good;

	g_mime_stream_filter_add(GMIME_STREAM_FILTER(filtered), filter);
	good = write_part(part, filtered) &&
	       g_mime_stream_flush(filtered) == 0;
	g_object_unref(filter);
	g_object_unref(filtered);
	return good;
}

static void take_file(struct reopening *r, GMimeObject *part)
{
	g_autofree char *path = NULL, *type = part_type(part), *name = NULL;
	const char *given = GMIME_IS_PART(part)
				    ? g_mime_part_get_filename(GMIME_PART(part))
				    : NULL;
	GMimeStream *stream = new_file(r, &path);
	struct mail_attachment *a;

	if (stream == NULL)
		return;
	name = sanitise_line(given != NULL ? given : "", -1);
	errno = EIO;
	if (!(has_wire_lines(part, type) ? write_lines(part, stream)
					 : write_part(part, stream)) ||
	    g_mime_stream_flush(stream) != 0)
		fail(r, path);
	a = mail_draft_attach(r->draft, path, name, type);
	a->size = (uint64_t)MAX(g_mime_stream_length(stream), 0);
	describe(a, part);
	g_object_unref(stream);
}

static void take_text(struct reopening *r, GMimePart *part)
{
	const char *charset = g_mime_object_get_content_type_parameter(
		GMIME_OBJECT(part), "charset");
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *stream = g_mime_stream_mem_new();
	GString *text = g_string_new(NULL);
	GByteArray *octets;

	if (content != NULL)
		g_mime_data_wrapper_write_to_stream(content, stream);
	octets = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	charset_append(text, charset, octets->data, octets->len);
	g_free(r->draft->text);
	r->draft->text = sanitise_text(text->str, (gssize)text->len);
	g_string_free(text, TRUE);
	g_object_unref(stream);
	r->has_text = true;
}

static bool is_the_text(const struct reopening *r, GMimeObject *part)
{
	g_autofree char *type = part_type(part);

	return !r->has_text && r->draft->attachments->len == 0 &&
	       strcmp(type, "text/plain") == 0 && GMIME_IS_PART(part) &&
	       g_strcmp0(g_mime_object_get_disposition(part), "attachment");
}

static void take_part(struct reopening *r, GMimeObject *part, int depth)
{
	GMimeMultipart *multipart;

	if (r->parts++ >= MAX_PARTS || part == NULL)
		return;
	if (!GMIME_IS_MULTIPART(part) || depth >= MAX_DEPTH) {
		if (is_the_text(r, part))
			take_text(r, GMIME_PART(part));
		else
			take_file(r, part);
		return;
	}
	multipart = GMIME_MULTIPART(part);
	for (int i = 0; i < g_mime_multipart_get_count(multipart); i++)
		take_part(r, g_mime_multipart_get_part(multipart, i),
			  depth + 1);
}

static void take_parts(struct reopening *r, GBytes *whole)
{
	gsize length;
	const char *data = g_bytes_get_data(whole, &length);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(
		length > 0 ? data : "", length);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (message != NULL) {
		take_part(r, g_mime_message_get_mime_part(message), 0);
		g_object_unref(message);
	}
	g_object_unref(parser);
	g_object_unref(stream);
}

struct mail_draft *mail_draft_reopen(GBytes *whole, const char *dir,
				     GError **error)
{
	struct reopening r = { .draft = mail_draft_new(), .dir = dir };
	struct field_reader reader;
	struct field field;
	gsize length;
	const char *data = g_bytes_get_data(whole, &length);

	field_reader_init(&reader, data, length);
	while (field_next(&reader, &field))
		take_field(r.draft, &field);
	take_parts(&r, whole);
	if (r.error == NULL)
		return r.draft;
	g_propagate_error(error, r.error);
	mail_draft_free(r.draft);
	return NULL;
}
