/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compose: from a draft to octets. The header is ours (field-write.c), GMime
 * makes the parts and their transfer encodings and writes them in portions.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gmime/gmime.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "draft.h"
#include "field.h"
#include "smew/base.h"

enum { PORTION = 64 * 1024 };

struct composer {
	const struct mail_draft *draft;
	const struct mail_compose *how;
	bool utf8;
};

static bool fail_file(GError **error, const char *path)
{
	g_autofree char *shown = sanitise_line(path, -1);

	g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
		    _("cannot read '%s': %s"), shown, g_strerror(errno));
	return false;
}

/* ---- the header ---- */

bool field_write_date(GString *out, const char *name, int64_t when)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
					    "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
					      "May", "Jun", "Jul", "Aug",
					      "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) now =
		when != 0 ? g_date_time_new_from_unix_local(when)
			  : g_date_time_new_now_local();
	g_autofree char *rest = NULL;

	if (now == NULL)
		return false;
	rest = g_date_time_format(now, "%Y %H:%M:%S %z");
	g_string_append_printf(out, "%s: %s, %d %s %s\r\n", name,
			       days[g_date_time_get_day_of_week(now) - 1],
			       g_date_time_get_day_of_month(now),
			       months[g_date_time_get_month(now) - 1], rest);
	return true;
}

static bool write_addresses(struct composer *c, GString *out,
			    enum mail_draft_field field, GError **error)
{
	const char *name = mail_draft_field_name(field);
	const char *value = c->draft->fields[field];

	return field_check(name, value, error) &&
	       field_write_addresses(out, name, value, c->how->charsets,
				     &c->utf8, error);
}

/* RFC 5322 3.6: they are written by ourselves, once, or never. */
static bool is_ours(const char *name)
{
	static const char *const names[] = {
		"From", "Sender", "To", "Cc", "Bcc", "Reply-To",
		"Mail-Followup-To", "Subject", "Date", "Message-ID",
		"In-Reply-To", "References", "MIME-Version", "Content-Type",
		"Content-Transfer-Encoding", "Content-Disposition",
		"Content-Description", "Content-ID", "Return-Path", "Received",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool is_field_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > 76)
		return false;
	for (; *name != '\0'; name++)
		if (*name < '!' || *name > '~' || *name == ':')
			return false;
	return true;
}

static bool write_extra(struct composer *c, GString *out, const char *name,
			const char *value, GError **error)
{
	g_autofree char *shown = NULL;

	if (!is_field_name(name) || is_ours(name)) {
		shown = sanitise_line(name, -1);
		g_set_error(error, MAIL_ERROR, MAIL_ERROR_REFUSED,
			    _("'%s' cannot be a header of one's own"), shown);
		return false;
	}
	if (!field_check(name, value, error))
		return false;
	if (*value != '\0')
		field_write_text(out, name, value, c->how->charsets);
	return true;
}

/* Whether it can be a msg-id: what the other side made up is kept, but not
 * what would break our own lines. */
static bool is_id(const char *id)
{
	size_t length = strlen(id);

	if (length == 0 || length > DRAFT_LINE_MAX - 3)
		return false;
	for (; *id != '\0'; id++)
		if (*id <= ' ' || *id > '~' || *id == '<' || *id == '>')
			return false;
	return true;
}

static void write_ids(GString *out, const char *name, const GPtrArray *ids)
{
	g_autoptr(GPtrArray) good = g_ptr_array_new();

	for (guint i = 0; i < ids->len; i++)
		if (is_id(g_ptr_array_index(ids, i)))
			g_ptr_array_add(good, g_ptr_array_index(ids, i));
	if (good->len > 0)
		field_write_ids(out, name, good);
}

static void write_thread(struct composer *c, GString *out)
{
	const struct mail_draft *draft = c->draft;
	g_autoptr(GPtrArray) ids = field_ids(draft->in_reply_to,
					     strlen(draft->in_reply_to));

	write_ids(out, "In-Reply-To", ids);
	write_ids(out, "References", draft->references);
}

static bool write_people(struct composer *c, GString *out, GError **error)
{
	static const enum mail_draft_field order[] = {
		MAIL_FROM, MAIL_TO, MAIL_CC, MAIL_REPLY_TO, MAIL_FOLLOWUP_TO
	};

	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		if (!write_addresses(c, out, order[i], error))
			return false;
	/* Who gets a blind copy stays unknown, but not that nobody is named. */
	if (*c->draft->fields[MAIL_TO] == '\0' &&
	    *c->draft->fields[MAIL_CC] == '\0' && !c->how->bcc)
		g_string_append(out, "To: undisclosed-recipients:;\r\n");
	return !c->how->bcc || write_addresses(c, out, MAIL_BCC, error);
}

static bool write_notes(struct composer *c, GString *out, GError **error)
{
	const char *const *note = c->how->notes;

	for (; note != NULL && note[0] != NULL; note += 2)
		if (!write_extra(c, out, note[0], note[1], error))
			return false;
	return true;
}

static bool write_header(struct composer *c, GString *out, GError **error)
{
	const struct mail_draft *draft = c->draft;
	g_autoptr(GPtrArray) id = g_ptr_array_new();

	if (!field_write_date(out, "Date", c->how->date) || !write_people(c, out, error) ||
	    !field_check("Subject", draft->fields[MAIL_SUBJECT], error))
		return false;
	field_write_text(out, "Subject", draft->fields[MAIL_SUBJECT],
			 c->how->charsets);
	g_ptr_array_add(id, draft->message_id);
	write_ids(out, "Message-ID", id);
	write_thread(c, out);
	for (guint i = 0; i < draft->extra->len; i++) {
		const struct mail_field *field =
			g_ptr_array_index(draft->extra, i);

		if (!write_extra(c, out, field->name, field->value, error))
			return false;
	}
	if (c->how->agent != NULL)
		field_write_text(out, "User-Agent", c->how->agent,
				 c->how->charsets);
	if (!write_notes(c, out, error))
		return false;
	g_string_append(out, "MIME-Version: 1.0\r\n");
	return true;
}

char *mail_draft_bcc(const struct mail_draft *draft)
{
	GString *out = g_string_new(NULL);
	const char *value = draft->fields[MAIL_BCC];
	bool utf8 = false;

	if (!field_check("Bcc", value, NULL) ||
	    !field_write_addresses(out, "Bcc", value, NULL, &utf8, NULL))
		g_string_truncate(out, 0);
	return g_string_free(out, FALSE);
}

/* ---- what octets are like ---- */

struct nature {
	uint64_t size, high; /* octets, of them above 127 */
	size_t line, longest;
	bool nul, crlf, bare_cr, from, no_utf8;
	bool cr; /* the last octet was one */
	char tail[4];
	size_t n_tail; /* an unfinished character */
};

static void look_at_utf8(struct nature *nature, const char *data,
			 size_t length)
{
	g_autoptr(GString) all = g_string_new_len(nature->tail,
						  (gssize)nature->n_tail);
	const char *end;

	g_string_append_len(all, data, (gssize)length);
	nature->n_tail = 0;
	if (g_utf8_validate(all->str, (gssize)all->len, &end))
		return;
	nature->n_tail = (size_t)(all->str + all->len - end);
	if (nature->n_tail >= sizeof nature->tail) {
		nature->no_utf8 = true;
		nature->n_tail = 0;
	}
	memcpy(nature->tail, end, nature->n_tail);
}

static void look_at(struct nature *nature, const char *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n') {
			nature->crlf = nature->crlf || nature->cr;
			nature->line = 0;
		} else {
			nature->bare_cr = nature->bare_cr || nature->cr;
			nature->line++;
		}
		nature->cr = c == '\r';
		nature->nul = nature->nul || c == '\0';
		nature->high += c > 127;
		nature->longest = MAX(nature->longest, nature->line);
	}
	nature->size += length;
	if (!nature->no_utf8)
		look_at_utf8(nature, data, length);
}

static void look_end(struct nature *nature)
{
	nature->bare_cr = nature->bare_cr || nature->cr;
	nature->no_utf8 = nature->no_utf8 || nature->n_tail > 0;
}

static bool look_at_file(struct nature *nature, int fd, const char *path,
			 GError **error)
{
	g_autofree char *buffer = g_malloc(PORTION);
	ssize_t n;

	while ((n = read(fd, buffer, PORTION)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_file(error, path);
		look_at(nature, buffer, (size_t)n);
	}
	look_end(nature);
	if (lseek(fd, 0, SEEK_SET) != 0)
		return fail_file(error, path);
	return true;
}

/* Lines that SMTP can carry as they are. */
static bool is_plain(const struct nature *nature)
{
	return nature->high == 0 && !nature->nul && !nature->bare_cr &&
	       nature->longest <= DRAFT_LINE_MAX;
}

static GMimeContentEncoding text_encoding(const struct nature *nature)
{
	if (is_plain(nature))
		return GMIME_CONTENT_ENCODING_7BIT;
	if (nature->nul || nature->bare_cr || nature->high > nature->size / 4)
		return GMIME_CONTENT_ENCODING_BASE64;
	return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/* ---- parts ---- */

static void set_content(GMimePart *part, GMimeStream *stream,
			GMimeContentEncoding encoding)
{
	GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(
		stream, GMIME_CONTENT_ENCODING_DEFAULT);

	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, encoding);
	g_object_unref(content);
}

static bool has_from_line(const char *text)
{
	return g_str_has_prefix(text, "From ") ||
	       strstr(text, "\nFrom ") != NULL;
}

/* Text in base64 has CRLF inside of it (RFC 2045 6.8). */
static GBytes *with_crlf(GBytes *octets)
{
	gsize n;
	const char *data = g_bytes_get_data(octets, &n);
	GString *out = g_string_sized_new(n + n / 32 + 16);

	for (gsize i = 0; i < n; i++) {
		if (data[i] == '\n')
			g_string_append_c(out, '\r');
		g_string_append_c(out, data[i]);
	}
	return g_string_free_to_bytes(out);
}

static GMimeStream *memory_stream(GBytes *octets)
{
	gsize n;
	const char *data = g_bytes_get_data(octets, &n);

	return g_mime_stream_mem_new_with_buffer(n > 0 ? data : "", n);
}

/* Line ends as LF, NULs out, a line end at the end. Owned. */
static char *clean_text(const char *text, bool flowed)
{
	GString *out = g_string_sized_new(strlen(text) + 1);
	char *stuffed;

	for (; *text != '\0'; text++) {
		if (*text == '\r' && text[1] == '\n')
			continue;
		g_string_append_c(out, *text == '\r' ? '\n' : *text);
	}
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
	if (!flowed)
		return g_string_free(out, FALSE);
	stuffed = text_stuff(out->str);
	g_string_free(out, TRUE);
	return stuffed;
}

static GMimeObject *make_text(const struct composer *c)
{
	g_autofree char *text = clean_text(c->draft->text, c->how->flowed);
	g_autoptr(GBytes) octets = NULL, lines = NULL;
	g_autofree char *charset = text_charset(text, c->how->charsets,
						&octets);
	GMimePart *part = g_mime_part_new_with_type("text", "plain");
	struct nature nature = { 0 };
	GMimeContentEncoding encoding;
	GMimeStream *stream;
	gsize n;
	const char *data = g_bytes_get_data(octets, &n);

	look_at(&nature, data, n);
	look_end(&nature);
	encoding = text_encoding(&nature);
	if (encoding == GMIME_CONTENT_ENCODING_7BIT && c->how->encode_from &&
	    has_from_line(text))
		encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	lines = encoding == GMIME_CONTENT_ENCODING_BASE64
			? with_crlf(octets)
			: g_bytes_ref(octets);
	stream = memory_stream(lines);
	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset",
						 charset);
	if (c->how->flowed)
		g_mime_object_set_content_type_parameter(GMIME_OBJECT(part),
							 "format", "flowed");
	set_content(part, stream, encoding);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

static int open_attachment(const struct mail_attachment *a, GError **error)
{
	g_autofree char *path = path_expand(a->path);
	/* A FIFO would make us wait. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		fail_file(error, a->path);
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		fail_file(error, a->path);
		close(fd);
		return -1;
	}
	return fd;
}

/* A message that is not fit for 7 bits is encoded part by part: a message
 * itself may not be (RFC 2046 5.2.1). */
static GMimeObject *make_message(int fd, const char *path, GError **error)
{
	GMimeStream *stream = g_mime_stream_fs_new(fd);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	GMimeMessagePart *part = NULL;

	if (message != NULL) {
		g_mime_object_encode(GMIME_OBJECT(message),
				     GMIME_ENCODING_CONSTRAINT_7BIT);
		part = g_mime_message_part_new_with_message("rfc822", message);
		g_object_unref(message);
	} else {
		errno = EINVAL;
		fail_file(error, path);
	}
	g_object_unref(parser);
	g_object_unref(stream);
	return part != NULL ? GMIME_OBJECT(part) : NULL;
}

static GMimeContentEncoding file_encoding(const struct mail_attachment *a,
					  const struct nature *nature,
					  bool text)
{
	bool message = g_ascii_strncasecmp(a->type, "message/", 8) == 0;

	if (message && is_plain(nature))
		return GMIME_CONTENT_ENCODING_7BIT;
	/* Of other files than texts it would change line ends. */
	if (g_ascii_strcasecmp(a->encoding, "quoted-printable") == 0 && text &&
	    !nature->crlf)
		return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	if (*a->encoding != '\0')
		return GMIME_CONTENT_ENCODING_BASE64;
	/* Line ends other than LF would not come back as they were. */
	if (!text || nature->crlf)
		return GMIME_CONTENT_ENCODING_BASE64;
	return text_encoding(nature);
}

static void set_charset(GMimeObject *part, const struct mail_attachment *a,
			const struct nature *nature)
{
	const char *charset = a->charset;

	if (*charset == '\0' && nature->high == 0)
		charset = "us-ascii";
	else if (*charset == '\0' && !nature->no_utf8)
		charset = "utf-8";
	if (*charset != '\0')
		g_mime_object_set_content_type_parameter(part, "charset",
							 charset);
}

static void split_type(const char *type, char **major, char **minor)
{
	const char *slash = strchr(type, '/');
	const char *tokens = "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$&^_.+-";

	if (slash != NULL && slash != type && slash[1] != '\0' &&
	    strspn(type, tokens) == (size_t)(slash - type) &&
	    strspn(slash + 1, tokens) == strlen(slash + 1)) {
		*major = g_strndup(type, (gsize)(slash - type));
		*minor = g_strdup(slash + 1);
	} else {
		*major = g_strdup("application");
		*minor = g_strdup("octet-stream");
	}
}

static GMimeObject *make_file(int fd, const struct mail_attachment *a,
			      const struct nature *nature)
{
	g_autofree char *major = NULL, *minor = NULL;
	GMimeStream *stream = g_mime_stream_fs_new(fd);
	GMimePart *part;
	bool text;

	split_type(a->type, &major, &minor);
	part = g_mime_part_new_with_type(major, minor);
	text = g_ascii_strcasecmp(major, "text") == 0;
	set_content(part, stream, file_encoding(a, nature, text));
	g_object_unref(stream);
	if (text)
		set_charset(GMIME_OBJECT(part), a, nature);
	return GMIME_OBJECT(part);
}

/* Folded by ourselves; GMime keeps the value as it is given. */
static void describe(GMimeObject *part, const char *description,
		     const char *charsets)
{
	static const char name[] = "Content-Description";
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *value = NULL;
	GMimeHeaderList *list = g_mime_object_get_header_list(part);
	GString *lf = g_string_new(NULL);

	field_write_text(line, name, description, charsets);
	for (const char *p = line->str + strlen(name) + 1; *p != '\0'; p++)
		if (*p != '\r')
			g_string_append_c(lf, *p);
	value = g_string_free(lf, FALSE);
	g_mime_header_list_append(list, name, "", NULL);
	g_mime_header_set_raw_value(g_mime_header_list_get_header(list, name),
				    value);
}

static void name_part(const struct composer *c, GMimeObject *part,
		      const struct mail_attachment *a)
{
	g_mime_object_set_disposition(part, a->is_inline ? "inline"
							 : "attachment");
	if (*a->name != '\0')
		g_mime_object_set_content_disposition_parameter(
			part, "filename", a->name);
	if (*a->description != '\0')
		describe(part, a->description, c->how->charsets);
}

static GMimeObject *make_attachment(const struct composer *c,
				    const struct mail_attachment *a,
				    GError **error)
{
	bool message = g_ascii_strcasecmp(a->type, "message/rfc822") == 0;
	struct nature nature = { 0 };
	GMimeObject *part;
	int fd;

	if (!field_check("Content-Disposition", a->name, error) ||
	    !field_check("Content-Description", a->description, error) ||
	    !field_check("Content-Type", a->charset, error))
		return NULL;
	fd = open_attachment(a, error);
	if (fd < 0)
		return NULL;
	if (!look_at_file(&nature, fd, a->path, error)) {
		close(fd);
		return NULL;
	}
	/* The stream owns the descriptor from here on. */
	part = message && !is_plain(&nature)
		       ? make_message(fd, a->path, error)
		       : make_file(fd, a, &nature);
	if (part != NULL)
		name_part(c, part, a);
	return part;
}

static GMimeObject *make_body(const struct composer *c, GError **error)
{
	const GPtrArray *attachments = c->draft->attachments;
	GMimeObject *text = make_text(c);
	GMimeMultipart *mixed;

	if (attachments->len == 0)
		return text;
	mixed = g_mime_multipart_new_with_subtype("mixed");
	g_mime_multipart_add(mixed, text);
	g_object_unref(text);
	for (guint i = 0; i < attachments->len; i++) {
		GMimeObject *part = make_attachment(
			c, g_ptr_array_index(attachments, i), error);

		if (part == NULL) {
			g_object_unref(mixed);
			return NULL;
		}
		g_mime_multipart_add(mixed, part);
		g_object_unref(part);
	}
	return GMIME_OBJECT(mixed);
}

/* ---- writing ---- */

static GMimeFormatOptions *wire_format(void)
{
	GMimeFormatOptions *format = g_mime_format_options_new();

	g_mime_format_options_set_newline_format(format,
						 GMIME_NEWLINE_FORMAT_DOS);
	g_mime_format_options_set_param_encoding_method(
		format, GMIME_PARAM_ENCODING_METHOD_RFC2231);
	return format;
}

static bool write_all(GMimeObject *body, const GString *header, int fd,
		      GError **error)
{
	GMimeFormatOptions *format = wire_format();
	GMimeStream *stream = g_mime_stream_fs_new(fd);
	bool good;

	g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
	good = g_mime_stream_write(stream, header->str, header->len) ==
		       (ssize_t)header->len &&
	       g_mime_object_write_to_stream(body, format, stream) >= 0 &&
	       g_mime_stream_flush(stream) == 0;
	if (!good)
		g_set_error(error, MAIL_ERROR, MAIL_ERROR_FILE,
			    _("the message cannot be written: %s"),
			    g_strerror(errno));
	g_object_unref(stream);
	g_mime_format_options_free(format);
	return good;
}

bool mail_compose(const struct mail_draft *draft,
		  const struct mail_compose *how, int fd, bool *utf8,
		  GError **error)
{
	struct composer c = { .draft = draft, .how = how };
	g_autoptr(GString) header = g_string_new(NULL);
	GMimeObject *body;
	bool good;

	if (!write_header(&c, header, error))
		return false;
	body = make_body(&c, error);
	if (body == NULL)
		return false;
	good = write_all(body, header, fd, error);
	g_object_unref(body);
	if (utf8 != NULL)
		*utf8 = c.utf8;
	return good;
}
